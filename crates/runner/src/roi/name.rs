//! Names of regions.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

/// What the series of the whole frame begin with.
pub const FRAME: &str = "frame";
/// Longest name, in bytes.
const MAX_LEN: usize = 64;

/// Name of a region, of which a stream has one at most: 1 to 64 of `A-Z a-z 0-9 _ -`, and not `frame`. The names of its
/// series begin with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RoiName(Arc<str>);

impl RoiName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that a region gets if nobody gives it one: `roi` and a number.
    pub fn numbered(number: usize) -> Self {
        Self(format!("roi{number}").into())
    }
}

impl FromStr for RoiName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let allows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name == FRAME {
            Err(format!(
                "name is {FRAME:?}: expected another one, for that is the whole frame's"
            ))
        } else if (1..=MAX_LEN).contains(&name.len()) && name.chars().all(allows) {
            Ok(Self(name.into()))
        } else {
            let short: String = name.chars().take(MAX_LEN).collect();
            let more = if short.len() < name.len() { "…" } else { "" };
            Err(format!(
                "name is {short:?}{more}: expected 1 to {MAX_LEN} of A-Z a-z 0-9 _ -"
            ))
        }
    }
}

impl TryFrom<String> for RoiName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl Serialize for RoiName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for RoiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_beginning_of_a_series_name_and_of_no_other_one() {
        for good in ["soma1", "a", "Cell_07-b", &"x".repeat(64), "frames"] {
            assert_eq!(good.parse::<RoiName>().unwrap().as_str(), good);
        }
        for bad in ["", "a.b", "a b", "ΔF", "a/b", "frame", "a\n"] {
            let error = bad.parse::<RoiName>().unwrap_err();
            assert!(error.contains(&format!("{bad:?}")), "{error}");
        }
        let error = "x".repeat(10_000).parse::<RoiName>().unwrap_err();
        assert!(error.len() < 200 && error.contains("1 to 64"), "{error}");
    }
}
