//! What ffprobe knows about an input.

use std::process::{Command, Stdio};

use protocol::Dtype;
use protocol::frame::{Format, Shape};
use serde::Deserialize;

use super::{Config, ProbeError};

/// How an input's pictures are asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Probe {
    /// Format of the raw frames.
    pub(super) format: Format,
    /// ffmpeg's name of it.
    pub(super) pix_fmt: &'static str,
    /// The matrix to assume where the input names none.
    pub(super) matrix: &'static str,
}

#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    width: u64,
    #[serde(default)]
    height: u64,
    #[serde(default)]
    pix_fmt: String,
    #[serde(default)]
    avg_frame_rate: String,
    #[serde(default)]
    r_frame_rate: String,
    color_space: Option<String>,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

/// Asks ffprobe.
pub(super) fn probe(config: &Config) -> Result<Probe, ProbeError> {
    let program = config.ffprobe();
    let output = Command::new(&program)
        .args(["-hide_banner", "-loglevel", "error", "-of", "json"])
        .args(["-show_streams", "-select_streams", "v:0"])
        .args(config.input_args())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| ProbeError::Start {
            program: program.display().to_string(),
            error,
        })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().rev().map(str::trim).find(|line| !line.is_empty());
        return Err(ProbeError::Refused(match last {
            Some(line) => line.to_owned(),
            None => format!("ffprobe: {}", output.status),
        }));
    }
    parse(&output.stdout).map_err(ProbeError::Refused)
}

/// From ffprobe's JSON.
fn parse(json: &[u8]) -> Result<Probe, String> {
    let output: Output = serde_json::from_slice(json)
        .map_err(|error| format!("ffprobe's answer is no JSON of streams: {error}"))?;
    let stream = output.streams.first().ok_or("there is no video in it")?;
    // ffmpeg turns pictures upright by itself.
    let quarter_turn = stream
        .side_data_list
        .iter()
        .filter_map(|side| side.rotation)
        .any(|degrees| (degrees / 90.0).round() as i64 % 2 != 0);
    let (height, width) = if quarter_turn {
        (stream.width, stream.height)
    } else {
        (stream.height, stream.width)
    };
    let (pix_fmt, channels, dtype, white) = raw_format(&stream.pix_fmt);
    let shape = Shape::new(height, width, channels).map_err(|_| {
        format!(
            "{width}x{height} pixels: expected sides of 1 to {}",
            Shape::MAX_SIDE
        )
    })?;
    let tagged = stream
        .color_space
        .as_deref()
        .is_some_and(|space| !matches!(space, "unknown" | "unspecified" | "reserved"));
    Ok(Probe {
        format: Format {
            fps: ratio(&stream.avg_frame_rate).or_else(|| ratio(&stream.r_frame_rate)),
            range: white.map(|white| [0.0, white]),
            ..Format::new(shape, dtype)
        },
        pix_fmt,
        // What players do: high definition is BT.709 unless it says otherwise, the rest BT.601.
        matrix: if !tagged && stream.height >= 720 {
            "bt709"
        } else {
            "auto"
        },
    })
}

/// Raw format for pictures of `pix_fmt`: name, channels, dtype, and white where it is not the dtype's maximum.
/// Grey keeps its values, everything else becomes RGB.
fn raw_format(pix_fmt: &str) -> (&'static str, u64, Dtype, Option<f64>) {
    match pix_fmt {
        "gray" | "monow" | "monob" => ("gray", 1, Dtype::U8, None),
        "gray9le" | "gray9be" => ("gray9le", 1, Dtype::U16, Some(511.0)),
        "gray10le" | "gray10be" => ("gray10le", 1, Dtype::U16, Some(1023.0)),
        "gray12le" | "gray12be" => ("gray12le", 1, Dtype::U16, Some(4095.0)),
        "gray14le" | "gray14be" => ("gray14le", 1, Dtype::U16, Some(16383.0)),
        "gray16le" | "gray16be" => ("gray16le", 1, Dtype::U16, None),
        "grayf32le" | "grayf32be" => ("grayf32le", 1, Dtype::F32, Some(1.0)),
        _ => ("rgb24", 3, Dtype::U8, None),
    }
}

/// `30000/1001` as a rate, if it is a sensible one.
fn ratio(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let fps = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    // Beyond that it is a clock's resolution, not a rate.
    (fps.is_finite() && (0.001..=2000.0).contains(&fps)).then_some(fps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(fields: &str) -> Result<Probe, String> {
        parse(format!(r#"{{"streams": [{{{fields}}}]}}"#).as_bytes())
    }

    #[test]
    fn colour_becomes_rgb_at_the_files_own_rate() {
        let probe = stream(
            r#""width": 176, "height": 144, "pix_fmt": "yuv420p", "avg_frame_rate": "30000/1001",
               "r_frame_rate": "30/1", "extra": {}"#,
        )
        .unwrap();
        assert_eq!(probe.format.shape.dims(), [144, 176, 3]);
        assert_eq!(probe.format.fps, Some(30_000.0 / 1001.0));
        assert_eq!((probe.pix_fmt, probe.matrix), ("rgb24", "auto"));
    }

    #[test]
    fn untagged_high_definition_is_bt709() {
        let matrix = |fields: &str| stream(&format!(r#""width": 9, {fields}"#)).unwrap().matrix;
        assert_eq!(matrix(r#""height": 720"#), "bt709");
        assert_eq!(matrix(r#""height": 1080, "color_space": "unknown""#), "bt709");
        assert_eq!(matrix(r#""height": 1080, "color_space": "smpte170m""#), "auto");
        assert_eq!(matrix(r#""height": 576"#), "auto");
    }

    #[test]
    fn grey_keeps_its_bits_and_its_white() {
        let grey = |pix_fmt: &str| {
            let probe = stream(&format!(r#""width": 4, "height": 4, "pix_fmt": "{pix_fmt}""#)).unwrap();
            (probe.pix_fmt, probe.format.dtype, probe.format.range)
        };
        assert_eq!(grey("gray"), ("gray", Dtype::U8, None));
        assert_eq!(grey("gray12be"), ("gray12le", Dtype::U16, Some([0.0, 4095.0])));
        assert_eq!(grey("gray16le"), ("gray16le", Dtype::U16, None));
    }

    #[test]
    fn a_phones_upright_picture_is_higher_than_wide() {
        let probe = stream(
            r#""width": 1920, "height": 1080, "side_data_list": [{"side_data_type": "x"}, {"rotation": -90}]"#,
        );
        assert_eq!(probe.unwrap().format.shape.dims(), [1920, 1080, 3]);
    }

    #[test]
    fn nonsense_is_refused_and_nonsense_rates_are_ignored() {
        assert!(parse(b"{}").unwrap_err().contains("no video"));
        assert!(parse(b"!").unwrap_err().contains("JSON"));
        assert!(stream(r#""width": 0, "height": 4"#).unwrap_err().contains("0x4"));
        assert!(stream(r#""width": 99999, "height": 4"#).is_err());
        for rate in ["0/0", "90000/1", "1/0", "-1/1", "x"] {
            assert_eq!(ratio(rate), None, "{rate}");
        }
    }
}
