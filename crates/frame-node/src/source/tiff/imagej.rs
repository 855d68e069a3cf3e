//! What ImageJ notes in a stack's `ImageDescription`, as `key=value` lines.

/// What is used of it.
#[derive(Debug, Default, PartialEq)]
pub struct ImageJ {
    /// Pages of the stack.
    pub images: Option<u64>,
    /// Frames/s.
    pub fps: Option<f64>,
    /// Display range.
    pub range: Option<[f64; 2]>,
    /// Unit of length, of which the resolution tags count the pixels in one.
    pub unit: Option<String>,
}

impl ImageJ {
    /// Of a description; nothing is used of those that other programs wrote.
    pub fn parse(text: &str) -> Self {
        if !text.starts_with("ImageJ=") {
            return Self::default();
        }
        let value = |key: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            pairs
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim())
        };
        let number = |key| value(key).and_then(|value| value.parse::<f64>().ok());
        let seconds = value("tunit").is_none_or(|unit| matches!(unit, "s" | "sec"));
        let from_interval = number("finterval")
            .filter(|_| seconds)
            .map(|interval| 1.0 / interval);
        let sensible = |fps: &f64| (0.001..=1000.0).contains(fps);
        Self {
            images: value("images").and_then(|value| value.parse().ok()),
            fps: from_interval.filter(sensible).or(number("fps").filter(sensible)),
            range: match (number("min"), number("max")) {
                (Some(min), Some(max)) if min < max && min.is_finite() && max.is_finite() => Some([min, max]),
                _ => None,
            },
            unit: match (value("unit"), value("yunit")) {
                (Some(unit), None) => length(unit),
                (Some(x), Some(y)) if x == y => length(x),
                _ => None,
            },
        }
    }
}

/// A unit as ImageJ writes it, which knows several words for the micrometre, and escapes what is not ASCII. Pixels are
/// no length, and inches are what a picture that nobody has calibrated is printed in.
fn length(unit: &str) -> Option<String> {
    match unit {
        "" | "pixel" | "pixels" | "inch" => None,
        "micron" | "microns" | r"\u00B5m" | r"\u03BCm" => Some("um".to_owned()),
        other => Some(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_read_where_imagej_wrote_them() {
        let check = |text: &str, images, fps, range| {
            let expected = ImageJ {
                images,
                fps,
                range,
                unit: None,
            };
            assert_eq!(ImageJ::parse(text), expected, "{text:?}");
        };
        check(
            "ImageJ=1.48v\nmin=0.0\nmax=4094.0\n",
            None,
            None,
            Some([0.0, 4094.0]),
        );
        check("ImageJ=1.5\nimages=20\nfps=7.5", Some(20), Some(7.5), None);
        check("ImageJ=1.5\nfinterval=0.1\nfps=7", None, Some(10.0), None);
        check("ImageJ=1.5\nfinterval=0.1\ntunit=min", None, None, None);
        check(
            "ImageJ=1.5\nfinterval=0\nimages=x\nmin=5\nmax=5",
            None,
            None,
            None,
        );
        check("images=20\nmin=0\nmax=9\nunit=um", None, None, None);
    }

    #[test]
    fn units_of_length_are_those_of_a_calibrated_picture() {
        for (lines, unit) in [
            ("unit=um", Some("um")),
            ("unit=micron", Some("um")),
            (r"unit=\u00B5m", Some("um")),
            ("unit=nm\nloop=false", Some("nm")),
            ("unit=mm\nyunit=mm", Some("mm")),
            ("unit=mm\nyunit=sec", None),
            ("unit=pixel", None),
            ("unit=inch", None),
            ("unit=", None),
        ] {
            let read = ImageJ::parse(&format!("ImageJ=1.54f\n{lines}\n"));
            assert_eq!(read.unit.as_deref(), unit, "{lines:?}");
        }
    }
}
