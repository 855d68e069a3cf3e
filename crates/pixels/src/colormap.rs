//! Colours for grey levels.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// How a grey level, 0 to 255, is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colormap {
    /// As it is.
    #[default]
    Gray,
    /// Perceptually uniform; matplotlib's default.
    Viridis,
    /// Perceptually uniform, black to white.
    Magma,
    /// Perceptually uniform, black to yellow.
    Inferno,
    /// Perceptually uniform, blue to yellow.
    Plasma,
    /// Reads the same with and without red-green blindness.
    Cividis,
    /// A smooth rainbow.
    Turbo,
    /// Black to green, as a fluorophore is shown.
    Green,
    /// Black to red, as a fluorophore is shown.
    Red,
    /// Black, red, yellow, white: a glowing body.
    Hot,
}

/// Red, green and blue, each 0 to 255, of every grey level.
pub type Palette = [[u8; 3]; 256];

impl Colormap {
    /// Every colormap.
    pub const ALL: [Self; 10] = [
        Self::Gray,
        Self::Viridis,
        Self::Magma,
        Self::Inferno,
        Self::Plasma,
        Self::Cividis,
        Self::Turbo,
        Self::Green,
        Self::Red,
        Self::Hot,
    ];

    /// What settings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray => "gray",
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Inferno => "inferno",
            Self::Plasma => "plasma",
            Self::Cividis => "cividis",
            Self::Turbo => "turbo",
            Self::Green => "green",
            Self::Red => "red",
            Self::Hot => "hot",
        }
    }

    /// Its colours. Cividis and turbo are the polynomial fits of d3-scale-chromatic: of the tables that they were fitted
    /// to they are off by 3 and 6 levels in the mean, by 19 and 32 at most, at the ends.
    pub fn palette(self) -> Palette {
        match self {
            Self::Gray => by_level(|level| [level; 3]),
            Self::Green => by_level(|level| [0, level, 0]),
            Self::Red => by_level(|level| [level, 0, 0]),
            Self::Hot => by_level(hot),
            Self::Viridis => published(colorous::VIRIDIS),
            Self::Magma => published(colorous::MAGMA),
            Self::Inferno => published(colorous::INFERNO),
            Self::Plasma => published(colorous::PLASMA),
            Self::Cividis => published(colorous::CIVIDIS),
            Self::Turbo => published(colorous::TURBO),
        }
    }
}

fn by_level(colour: impl Fn(u8) -> [u8; 3]) -> Palette {
    std::array::from_fn(|level| colour(level as u8))
}

fn published(gradient: colorous::Gradient) -> Palette {
    std::array::from_fn(|level| gradient.eval_rational(level, 256).as_array())
}

/// As matplotlib's `hot`: red, green and blue rise one after the other, each a straight line.
fn hot(level: u8) -> [u8; 3] {
    /// Where red is full and green begins, and where green is full and blue begins.
    const RED: f64 = 0.365079;
    const GREEN: f64 = 0.746032;
    /// Red at black.
    const FIRST_RED: f64 = 0.0416;
    let x = f64::from(level) / 255.0;
    let rise = |from: f64, to: f64| ((x - from) / (to - from)).clamp(0.0, 1.0);
    [
        FIRST_RED + (1.0 - FIRST_RED) * rise(0.0, RED),
        rise(RED, GREEN),
        rise(GREEN, 1.0),
    ]
    .map(|channel| (channel * 255.0).round() as u8)
}

impl fmt::Display for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Colormap {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|colormap| colormap.name() == name)
            .ok_or_else(|| Error::Colormap(name.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_colormaps_and_others_to_the_list() {
        for colormap in Colormap::ALL {
            assert_eq!(colormap.to_string().parse(), Ok(colormap));
        }
        let error = "jet".parse::<Colormap>().unwrap_err().to_string();
        assert_eq!(
            error,
            "colormap is \"jet\": expected one of gray, viridis, magma, inferno, plasma, cividis, turbo, green, red, hot"
        );
    }

    #[test]
    fn colours_are_those_that_were_published() {
        // First, middle and last colour of matplotlib's tables (`_cm_listed.py`, `_cm.py`), times 255.
        for (colormap, expected) in [
            (Colormap::Gray, [[0, 0, 0], [128, 128, 128], [255, 255, 255]]),
            (Colormap::Viridis, [[68, 1, 84], [33, 145, 140], [253, 231, 37]]),
            (Colormap::Magma, [[0, 0, 4], [183, 55, 121], [252, 253, 191]]),
            (Colormap::Inferno, [[0, 0, 4], [188, 55, 84], [252, 255, 164]]),
            (Colormap::Plasma, [[13, 8, 135], [204, 71, 120], [240, 249, 33]]),
            (Colormap::Hot, [[11, 0, 0], [255, 91, 0], [255, 255, 255]]),
        ] {
            let palette = colormap.palette();
            for (got, expected) in [palette[0], palette[128], palette[255]].iter().zip(expected) {
                let close = got.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= 1);
                assert!(close, "{colormap}: {got:?}, expected {expected:?}");
            }
        }
    }

    #[test]
    fn uniform_colormaps_brighten_from_level_to_level() {
        for colormap in [
            Colormap::Viridis,
            Colormap::Magma,
            Colormap::Inferno,
            Colormap::Plasma,
            Colormap::Cividis,
            Colormap::Hot,
        ] {
            let luma =
                |[r, g, b]: [u8; 3]| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
            let palette = colormap.palette();
            for (level, pair) in palette.windows(2).enumerate() {
                assert!(
                    luma(pair[1]) > luma(pair[0]) - 1.0,
                    "{colormap} at {level}: {pair:?}"
                );
            }
        }
    }
}
