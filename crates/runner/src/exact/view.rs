//! What a viewer asks for.

use pixels::{Reduction, Region};
use protocol::Dtype;
use protocol::frame::Shape;
use serde_json::{Map, Value};

/// Pixels of one message, in bytes before compression; more are sent as a reduction. 4096 x 4096 of 16 bits.
pub const MAX_BYTES: usize = 32 << 20;

/// A message from a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// It has taken the frame of this number. As JavaScript has numbers: above 2^53 only nearly that number.
    Ack(f64),
    /// What it wants to see from now on.
    View(View),
}

/// What of a stream's frames a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// `None`: all of it.
    pub region: Option<Region>,
    /// Most pixels that are of use to it.
    pub max_pixels: u64,
    /// Whether it can inflate.
    pub compress: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            region: None,
            max_pixels: 4 << 20,
            compress: false,
        }
    }
}

impl Asked {
    /// Reads a message.
    ///
    /// # Errors
    /// A sentence that names the field, what was expected and what came.
    pub fn parse(text: &str) -> Result<Self, String> {
        let message: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("message is not a JSON object: {error}"))?;
        match message.get("type").and_then(Value::as_str) {
            Some("ack") => match message.get("seq").and_then(Value::as_f64) {
                Some(seq) => Ok(Self::Ack(seq)),
                None => Err(wrong("seq", "the number of a frame", message.get("seq"))),
            },
            Some("view") => View::parse(&message).map(Self::View),
            _ => Err(wrong("type", "ack or view", message.get("type"))),
        }
    }
}

impl View {
    fn parse(message: &Map<String, Value>) -> Result<Self, String> {
        let absent = Self::default();
        let region = match message.get("region") {
            None | Some(Value::Null) => absent.region,
            Some(value) => Some(
                region(value)
                    .ok_or_else(|| wrong("region", "null or [x, y, w, h] in whole pixels", Some(value)))?,
            ),
        };
        let max_pixels = match message.get("max_pixels") {
            None => absent.max_pixels,
            Some(value) => value
                .as_u64()
                .filter(|&pixels| pixels > 0)
                .ok_or_else(|| wrong("max_pixels", "a whole number of at least 1", Some(value)))?,
        };
        let compress = match message.get("compress") {
            None => absent.compress,
            Some(Value::Bool(compress)) => *compress,
            Some(value) => return Err(wrong("compress", "true or false", Some(value))),
        };
        Ok(Self {
            region,
            max_pixels,
            compress,
        })
    }

    /// Whether its region lies within frames of this shape.
    ///
    /// # Errors
    /// A sentence that names the region and the frame.
    pub fn check(&self, shape: Shape) -> Result<(), String> {
        match self.region {
            Some(region) if region.within(shape) != Some(region) => {
                let Region { x, y, width, height } = region;
                Err(format!(
                    "region is [{x}, {y}, {width}, {height}]: expected it within the frame of {} x {} pixels",
                    shape.width(),
                    shape.height()
                ))
            }
            _ => Ok(()),
        }
    }

    /// What is sent of frames of this shape and dtype. A region that was asked for when frames were larger is cut at
    /// their edge; where nothing of it is left, it is all of the frame.
    pub fn reduction(&self, shape: Shape, dtype: Dtype) -> Reduction {
        let region = self.region.and_then(|region| region.within(shape));
        let room = MAX_BYTES / (shape.channels() * dtype.size());
        Reduction::to_fit(
            region.unwrap_or(Region::whole(shape)),
            self.max_pixels.min(room as u64),
        )
    }
}

fn region(value: &Value) -> Option<Region> {
    let side = |index: usize| u32::try_from(value.get(index)?.as_u64()?).ok();
    let is_four = value.as_array().is_some_and(|sides| sides.len() == 4);
    let region = Region {
        x: side(0)?,
        y: side(1)?,
        width: side(2)?,
        height: side(3)?,
    };
    (is_four && region.width > 0 && region.height > 0).then_some(region)
}

fn wrong(field: &str, expected: &str, came: Option<&Value>) -> String {
    /// Of what came, so that the answer is never longer than a glance.
    const MAX_CHARS: usize = 80;
    match came {
        None => format!("{field} is missing: expected {expected}"),
        Some(came) => {
            let came: String = came.to_string().chars().take(MAX_CHARS).collect();
            format!("{field} is {came}: expected {expected}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str) -> View {
        match Asked::parse(text) {
            Ok(Asked::View(view)) => view,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_view_that_leaves_something_out_means_the_usual() {
        assert_eq!(view(r#"{"type":"view"}"#), View::default());
        let text = r#"{"type":"view","region":[1,2,3,4],"max_pixels":5,"compress":true,"later":[]}"#;
        let region = Region {
            x: 1,
            y: 2,
            width: 3,
            height: 4,
        };
        let expected = View {
            region: Some(region),
            max_pixels: 5,
            compress: true,
        };
        assert_eq!(view(text), expected);
        assert_eq!(view(r#"{"type":"view","region":null}"#), View::default());
    }

    #[test]
    fn an_ack_names_a_frame() {
        assert_eq!(Asked::parse(r#"{"type":"ack","seq":7}"#), Ok(Asked::Ack(7.0)));
        let large = Asked::parse(r#"{"type":"ack","seq":18446744073709551615}"#);
        assert_eq!(large, Ok(Asked::Ack(u64::MAX as f64)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, word) in [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("7", "not a JSON object"),
            (r#"{"seq":1}"#, "type is missing"),
            (r#"{"type":"zoom"}"#, r#"type is "zoom""#),
            (r#"{"type":["view"]}"#, "type is"),
            (r#"{"type":"ack"}"#, "seq is missing"),
            (r#"{"type":"ack","seq":"7"}"#, "seq is"),
            (r#"{"type":"view","region":"all"}"#, "region is"),
            (r#"{"type":"view","region":[]}"#, "region is"),
            (r#"{"type":"view","region":[0,0,1]}"#, "region is"),
            (r#"{"type":"view","region":[0,0,1,1,1]}"#, "region is"),
            (r#"{"type":"view","region":[0,0,0,1]}"#, "region is"),
            (r#"{"type":"view","region":[0,0,1,0]}"#, "region is"),
            (r#"{"type":"view","region":[-1,0,1,1]}"#, "region is"),
            (r#"{"type":"view","region":[0.5,0,1,1]}"#, "region is"),
            (r#"{"type":"view","region":[0,0,4294967296,1]}"#, "region is"),
            (
                r#"{"type":"view","region":{"0":0,"1":0,"2":1,"3":1}}"#,
                "region is",
            ),
            (r#"{"type":"view","max_pixels":0}"#, "max_pixels is 0"),
            (r#"{"type":"view","max_pixels":-4}"#, "max_pixels is -4"),
            (r#"{"type":"view","max_pixels":1e400}"#, "not a JSON object"),
            (r#"{"type":"view","max_pixels":null}"#, "max_pixels is null"),
            (r#"{"type":"view","compress":"yes"}"#, "compress is"),
        ] {
            let error = Asked::parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
        let long = format!(r#"{{"type":"{}"}}"#, "é".repeat(1_000));
        assert!(Asked::parse(&long).unwrap_err().chars().count() < 150);
    }

    #[test]
    fn a_region_lies_within_the_frame_or_is_cut_to_it() {
        let large = Shape::new(100, 200, 1).unwrap();
        let small = Shape::new(50, 60, 1).unwrap();
        let asked = view(r#"{"type":"view","region":[40,30,160,70]}"#);
        assert_eq!(asked.check(large), Ok(()));
        let error = asked.check(small).unwrap_err();
        assert!(
            error.contains("region is [40, 30, 160, 70]") && error.contains("60 x 50"),
            "{error}"
        );
        let region = |shape| asked.reduction(shape, Dtype::U8).region();
        assert_eq!(region(large), asked.region.unwrap());
        let cut = Region {
            x: 40,
            y: 30,
            width: 20,
            height: 20,
        };
        assert_eq!(region(small), cut);
        let tiny = Shape::new(8, 8, 1).unwrap();
        assert_eq!(region(tiny), Region::whole(tiny));
        assert_eq!(View::default().check(tiny), Ok(()));
    }

    #[test]
    fn a_message_has_a_largest_size_whatever_is_asked_for() {
        let asked = view(r#"{"type":"view","max_pixels":18446744073709551615}"#);
        let shape = Shape::new(16_384, 16_384, 4).unwrap();
        for dtype in Dtype::ALL {
            let reduction = asked.reduction(shape, dtype);
            let bytes = reduction.height() * reduction.width() * 4 * dtype.size();
            assert!(bytes <= MAX_BYTES, "{dtype}: {bytes}");
            assert!(4 * bytes > MAX_BYTES, "{dtype}: {bytes}");
        }
        let fits = Shape::new(4096, 4096, 1).unwrap();
        assert_eq!(asked.reduction(fits, Dtype::U16).factor(), 1);
    }
}
