//! Regions as requests and files spell them (docs/protocol.md, section 6).

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use pixels::Roi;
use pixels::roi::{Bounds, MAX_VERTICES};
use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RoiName;
use crate::memory::Remember;

/// Most regions of a stream.
pub const MAX_REGIONS: usize = 1_000;

/// A region and its name. Cloning shares the corners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with name and shape")]
pub struct Region {
    /// Unlike those of the others.
    pub name: RoiName,
    /// Which pixels, in any frame that it fits in.
    #[serde(rename = "shape", serialize_with = "outline", deserialize_with = "shared")]
    pub roi: Arc<Roi>,
}

impl Region {
    /// How many corners have to be remembered.
    pub fn vertices(&self) -> usize {
        match &*self.roi {
            Roi::Rectangle(_) | Roi::Ellipse(_) => 2,
            Roi::Polygon(vertices) => vertices.len(),
        }
    }
}

/// All regions of a stream, in the order in which they were asked for; no two of one name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Region>")]
pub struct Regions(Vec<Region>);

impl Regions {
    /// Of regions whose names have been compared.
    pub const fn from_distinct(regions: Vec<Region>) -> Self {
        Self(regions)
    }
}

impl From<Regions> for Vec<Region> {
    fn from(regions: Regions) -> Self {
        regions.0
    }
}

impl TryFrom<Vec<Region>> for Regions {
    type Error = String;

    fn try_from(regions: Vec<Region>) -> Result<Self, String> {
        let names: HashSet<&RoiName> = regions.iter().map(|region| &region.name).collect();
        match regions.len() {
            count if count > MAX_REGIONS => Err(format!("{count} regions: expected at most {MAX_REGIONS}")),
            count if names.len() < count => Err("two regions have one name".into()),
            _ => Ok(Self(regions)),
        }
    }
}

impl Remember for Regions {
    const WHAT: &'static str = "regions of interest";
    const MAX_BYTES: u64 = 64 << 20;

    fn bytes(&self) -> u64 {
        // Names of 64 letters, and numbers of up to 24.
        let of = |region: &Region| 256 + 64 * region.vertices() as u64;
        256 + self.0.iter().map(of).sum::<u64>()
    }
}

/// What is wanted for all regions of a stream. What else an answer has is taken and ignored, so that one can be sent
/// back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with rois")]
pub struct Wanted {
    /// At most [`MAX_REGIONS`], names not yet compared.
    #[serde(deserialize_with = "regions")]
    pub rois: Vec<Region>,
    #[serde(rename = "run")]
    _run: Option<IgnoredAny>,
    #[serde(rename = "stream")]
    _stream: Option<IgnoredAny>,
    #[serde(rename = "revision")]
    _revision: Option<IgnoredAny>,
}

/// What is wanted for one region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with shape and name")]
pub struct Change {
    /// Another name than it has.
    pub name: Option<RoiName>,
    /// Other pixels than it has.
    #[serde(default, rename = "shape", deserialize_with = "maybe_shared")]
    pub roi: Option<Arc<Roi>>,
}

/// A region as JSON spells it.
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with type and its sides or points"
)]
struct Outline {
    #[serde(rename = "type")]
    kind: Kind,
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    #[serde(default, deserialize_with = "vertices")]
    points: Option<Vec<[f64; 2]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Rectangle,
    Ellipse,
    Polygon,
}

impl TryFrom<Outline> for Roi {
    type Error = String;

    fn try_from(outline: Outline) -> Result<Self, String> {
        let sides = [
            ("x", outline.x),
            ("y", outline.y),
            ("width", outline.width),
            ("height", outline.height),
        ];
        if outline.kind == Kind::Polygon {
            if let Some((field, _)) = sides.iter().find(|(_, side)| side.is_some()) {
                return Err(format!("{field} is given: expected only points of a polygon"));
            }
            let points = outline.points;
            return points
                .map(Self::Polygon)
                .ok_or_else(|| "points is missing: expected a list of [x, y]".into());
        }
        if outline.points.is_some() {
            return Err("points is given: expected only x, y, width and height".into());
        }
        let [x, y, width, height] = sides.map(|(field, side)| {
            side.ok_or_else(|| format!("{field} is missing: expected a number of pixels"))
        });
        let bounds = Bounds {
            x: x?,
            y: y?,
            width: width?,
            height: height?,
        };
        match outline.kind {
            Kind::Ellipse => Ok(Self::Ellipse(bounds)),
            _ => Ok(Self::Rectangle(bounds)),
        }
    }
}

fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Roi>, D::Error> {
    let outline = Outline::deserialize(deserializer)?;
    outline.try_into().map(Arc::new).map_err(D::Error::custom)
}

fn maybe_shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arc<Roi>>, D::Error> {
    shared(deserializer).map(Some)
}

fn outline<S: Serializer>(roi: &Roi, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Spelled<'a> {
        Rectangle { x: f64, y: f64, width: f64, height: f64 },
        Ellipse { x: f64, y: f64, width: f64, height: f64 },
        Polygon { points: &'a [[f64; 2]] },
    }
    let spelled = match roi {
        &Roi::Rectangle(Bounds { x, y, width, height }) => Spelled::Rectangle { x, y, width, height },
        &Roi::Ellipse(Bounds { x, y, width, height }) => Spelled::Ellipse { x, y, width, height },
        Roi::Polygon(points) => Spelled::Polygon { points },
    };
    spelled.serialize(serializer)
}

/// A list that is never longer in memory than it may be: the rest is counted.
struct Bounded<T> {
    max: usize,
    what: &'static str,
    expected: &'static str,
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.max {
            match list.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
        let mut count = items.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        match count {
            _ if count == self.max => Ok(items),
            _ => Err(A::Error::custom(format!(
                "{count} {}: expected at most {}",
                self.what, self.max
            ))),
        }
    }
}

fn vertices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<[f64; 2]>>, D::Error> {
    let bounded = Bounded {
        max: MAX_VERTICES,
        what: "vertices",
        expected: "a list of [x, y]",
        item: PhantomData,
    };
    deserializer.deserialize_seq(bounded).map(Some)
}

/// At most [`MAX_REGIONS`].
pub fn regions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Region>, D::Error> {
    deserializer.deserialize_seq(Bounded {
        max: MAX_REGIONS,
        what: "regions",
        expected: "a list of regions",
        item: PhantomData,
    })
}

#[cfg(test)]
#[path = "region_tests.rs"]
mod tests;
