//! Names that come from outside, checked once.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Why a name was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a stream name.
    #[error(
        "stream name {0:?} is refused: expected 1 to {max} of A-Z a-z 0-9 _ - . and no leading dot",
        max = StreamName::MAX_LEN
    )]
    Stream(String),
    /// Not a series name.
    #[error(
        "series name {0:?} is refused: expected 1 to {max} bytes of UTF-8 without control characters",
        max = SeriesName::MAX_LEN
    )]
    Series(String),
}

/// What a refused name looks like in a message: short, whatever came.
fn excerpt(name: &str) -> String {
    const MAX_CHARS: usize = 80;
    match name.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// Name of a stream: 1 to 64 of `A-Z a-z 0-9 _ - .`, no leading dot. Safe in a URL and as a file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(std::sync::Arc<str>);

impl StreamName {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 64;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a file without its folder and extension, with `_` for what a stream's name may not hold. `None`:
    /// it holds no letter and no digit.
    pub fn of_file(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_string_lossy();
        let stem = stem.trim_start_matches('.').chars().take(Self::MAX_LEN);
        let name: String = stem.map(|c| if Self::allows(c) { c } else { '_' }).collect();
        name.contains(|c: char| c.is_ascii_alphanumeric())
            .then(|| Self(name.into()))
    }

    fn allows(c: char) -> bool {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
    }
}

impl FromStr for StreamName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        if (1..=Self::MAX_LEN).contains(&name.len())
            && name.chars().all(Self::allows)
            && !name.starts_with('.')
        {
            Ok(Self(name.into()))
        } else {
            Err(NameError::Stream(excerpt(name)))
        }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Name of a series within its stream: 1 to 128 bytes of UTF-8 without control characters, such as `ΔF/F`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesName(std::sync::Arc<str>);

impl SeriesName {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 128;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SeriesName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        if (1..=Self::MAX_LEN).contains(&name.len()) && !name.chars().any(char::is_control) {
            Ok(Self(name.into()))
        } else {
            Err(NameError::Series(excerpt(name)))
        }
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_names_are_safe_in_urls_and_paths() {
        for good in ["camera", "a", "two_photon.raw-1", &"x".repeat(64)] {
            assert!(good.parse::<StreamName>().is_ok(), "{good:?}");
        }
        let long = "x".repeat(300);
        for bad in [
            "", ".", "..", ".hidden", "a/b", "../etc", "a b", "caméra", "a\0", "a%2f", &long,
        ] {
            assert!(bad.parse::<StreamName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_name_made_of_a_file_is_a_stream_name() {
        let long = format!("{}.npy", "x".repeat(300));
        for (path, expected) in [
            ("/data/two photon.tif", Some("two_photon")),
            ("/dev/video0", Some("video0")),
            ("souris éveillée.npy", Some("souris__veill_e")),
            (".hidden", Some("hidden")),
            ("a.b.csv", Some("a.b")),
            (&long, Some(&long[..64])),
            ("_.csv", None),
            ("...", None),
            ("/", None),
            ("", None),
        ] {
            let name = StreamName::of_file(Path::new(path));
            assert_eq!(name.as_ref().map(StreamName::as_str), expected, "{path}");
            assert!(name.is_none_or(|name| name.as_str().parse::<StreamName>().is_ok()));
        }
    }

    #[test]
    fn a_refused_name_is_quoted_short() {
        let error = "x".repeat(10_000).parse::<StreamName>().unwrap_err().to_string();
        assert!(error.len() < 250, "{error}");
    }

    #[test]
    fn series_names_may_be_any_printable_text() {
        assert!("ΔF/F (cell 3)".parse::<SeriesName>().is_ok());
        for bad in ["", "a\nb", "a\u{7f}", &"é".repeat(65)] {
            assert!(bad.parse::<SeriesName>().is_err(), "{bad:?}");
        }
    }
}
