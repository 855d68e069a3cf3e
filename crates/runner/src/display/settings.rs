//! What somebody asked for: how the values of a stream are to be shown (docs/protocol.md, section 5).

use pixels::{Auto, Colormap, Gamma, Highlight, Ignore, Percentiles, View, Window};
use protocol::frame::Format;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::fields::Fields;
use crate::memory::Remember;
use crate::roi::RoiName;

/// The display settings of one stream, always valid.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// Which values are black and white.
    pub window: Levels,
    /// Exponent of the display curve.
    #[serde(serialize_with = "exponent")]
    pub gamma: Gamma,
    /// Colours of grey levels.
    #[serde(serialize_with = "name")]
    pub colormap: Colormap,
    /// Black is white.
    pub invert: bool,
    /// Zero and saturated pixels are marked.
    pub highlight: bool,
}

fn exponent<S: Serializer>(gamma: &Gamma, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(gamma.get())
}

fn name<S: Serializer>(colormap: &Colormap, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(colormap.name())
}

/// Where the window comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Levels {
    /// Who sets it.
    pub mode: Mode,
    /// Shown as black if it is fixed; kept in other modes.
    pub min: Option<f64>,
    /// Shown as white if it is fixed; above `min`.
    pub max: Option<f64>,
    /// Where an automatic window begins and ends, in percent of the values.
    pub percentiles: [f64; 2],
    /// Whether it leaves zeros out.
    pub ignore_zero: bool,
    /// Whether it leaves saturated values out.
    pub ignore_saturated: bool,
    /// The region that it looks at; all of the frame without one, or where that region is not.
    pub roi: Option<RoiName>,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            mode: Mode::Default,
            min: None,
            max: None,
            percentiles: [0.1, 99.9],
            ignore_zero: false,
            ignore_saturated: false,
            roi: None,
        }
    }
}

/// Who sets the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The producer's range; else of 8 bits all that they hold, and of more what the stream's first second showed.
    Default,
    /// All that the dtype holds; of floats, which have no such range, as [`Mode::Default`].
    Full,
    /// `min` and `max`.
    Fixed,
    /// The stream itself, from frame to frame.
    Auto,
}

impl Mode {
    const NAMES: [(&str, Self); 4] = [
        ("default", Self::Default),
        ("full", Self::Full),
        ("fixed", Self::Fixed),
        ("auto", Self::Auto),
    ];
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::default().with(&json).map_err(D::Error::custom)
    }
}

impl Remember for Settings {
    const WHAT: &'static str = "display settings";
    const MAX_BYTES: u64 = 4 << 20;

    fn bytes(&self) -> u64 {
        // Two names of 64 letters and some numbers.
        1 << 10
    }
}

impl Settings {
    /// These with what `json` says otherwise, as a browser or a file sent it.
    ///
    /// # Errors
    /// Names the field, what was expected and what came.
    pub fn with(mut self, json: &Value) -> Result<Self, String> {
        // What is shown is an answer; whoever sends an answer back need not take it out.
        let known = ["window", "gamma", "colormap", "invert", "highlight", "shown"];
        let fields = Fields::of("", json, &known)?;
        if let Some(window) = fields.get("window") {
            self.window = self.window.with(window)?;
        }
        if let Some(gamma) = fields.number("gamma")? {
            self.gamma = Gamma::new(gamma).map_err(|error| error.to_string())?;
        }
        if let Some(name) = fields.text("colormap", || Colormap::ALL.map(Colormap::name).join(", "))? {
            self.colormap = name.parse().map_err(|error: pixels::Error| error.to_string())?;
        }
        fields.flag("invert", &mut self.invert)?;
        fields.flag("highlight", &mut self.highlight)?;
        Ok(self)
    }

    /// With a window that stays as it is.
    pub fn fixed_at(mut self, window: Window) -> Self {
        self.window = Levels {
            mode: Mode::Fixed,
            min: Some(window.black()),
            max: Some(window.white()),
            ..self.window
        };
        self
    }

    /// How frames of `format` are looked at through `window`.
    pub fn view(&self, window: Window, format: &Format) -> View {
        View {
            window,
            gamma: self.gamma,
            colormap: self.colormap,
            invert: self.invert,
            highlight: self.highlight.then(|| limits(format)),
        }
    }
}

impl Levels {
    fn with(mut self, json: &Value) -> Result<Self, String> {
        let known = [
            "mode",
            "min",
            "max",
            "percentiles",
            "ignore_zero",
            "ignore_saturated",
            "roi",
        ];
        let fields = Fields::of("window.", json, &known)?;
        let modes = || Mode::NAMES.map(|(name, _)| name).join(", ");
        if let Some(name) = fields.text("mode", modes)? {
            let mode = Mode::NAMES.iter().find(|(known, _)| *known == name);
            self.mode = mode.ok_or_else(|| fields.wrong("mode", &modes()))?.1;
        }
        fields.limit("min", &mut self.min)?;
        fields.limit("max", &mut self.max)?;
        if let Some(percentiles) = fields.pair("percentiles")? {
            let [low, high] = percentiles;
            Percentiles::new(low, high).map_err(|error| format!("window.{error}"))?;
            self.percentiles = percentiles;
        }
        fields.flag("ignore_zero", &mut self.ignore_zero)?;
        fields.flag("ignore_saturated", &mut self.ignore_saturated)?;
        match fields.get("roi") {
            None => {}
            Some(Value::Null) => self.roi = None,
            Some(Value::String(name)) => {
                let name = name
                    .parse()
                    .map_err(|_| fields.wrong("roi", "the name of a region, or null"))?;
                self.roi = Some(name);
            }
            Some(_) => return Err(fields.wrong("roi", "the name of a region, or null")),
        }
        match (self.min, self.max) {
            (Some(min), Some(max)) => {
                Window::try_from([min, max]).map_err(|error| format!("window.{error}"))?;
            }
            (min, _) if self.mode == Mode::Fixed => {
                let missing = if min.is_none() { "min" } else { "max" };
                return Err(format!(
                    "window.{missing} is missing: expected a finite number, for window.mode is \"fixed\""
                ));
            }
            _ => {}
        }
        Ok(self)
    }

    /// The window of every frame of `format`; `None` where it depends on the frames.
    pub fn of(&self, format: &Format) -> Option<Window> {
        let full = Window::full_range(format.dtype);
        let given = format.range.and_then(|[black, white]| Window::new(black, white));
        match self.mode {
            // More bits are seldom filled: of a camera with 12 in 16, all that they hold would be a black picture.
            Mode::Default => given.or(full.filter(|_| format.dtype.size() == 1)),
            Mode::Full => full.or(given),
            Mode::Fixed => Window::new(self.min?, self.max?),
            Mode::Auto => None,
        }
    }

    /// What an automatic window of frames of `format` goes by.
    pub fn auto(&self, format: &Format) -> Auto {
        let [low, high] = self.percentiles;
        // A float has no end of its own, only one that its producer gave it.
        let ends = !format.dtype.is_float() || format.range.is_some();
        let saturated = (self.ignore_saturated && ends).then(|| limits(format).saturated());
        Auto {
            percentiles: Percentiles::new(low, high).unwrap_or_default(),
            ignore: Ignore {
                zero: self.ignore_zero,
                saturated,
            },
        }
    }
}

/// Where light begins and where a detector is full. A range that ends at 2^n - 1 is that of a detector of n bits, in
/// whatever dtype, and so is one that ends at 2^n - 2, n at least 8: twice the 2^(n-1) - 1 at which a bipolar converter
/// clips. Any other is a producer's taste, and says nothing of a detector. Floats have nothing else.
fn limits(format: &Format) -> Highlight {
    let of_dtype = Highlight::of(format.dtype);
    let given = format.range.and_then(|[min, max]| {
        if format.dtype.is_float() {
            return Highlight::new(min, max).ok();
        }
        let is_power = |number: f64| number.log2().fract() == 0.0;
        let is_of_bits = (max >= 1.0 && is_power(max + 1.0)) || (max >= 254.0 && is_power(max + 2.0));
        let within = max < of_dtype.saturated();
        Highlight::new(of_dtype.zero(), max)
            .ok()
            .filter(|_| is_of_bits && within)
    });
    given.unwrap_or(of_dtype)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
