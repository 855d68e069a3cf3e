//! Whether an ffmpeg can do what is needed.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use ffmpeg_sidecar::version::ffmpeg_version_with_path;

use crate::Error;

/// Oldest ffmpeg that knows every option in use (`-fps_mode` came last).
pub const MIN_VERSION: (u32, u32) = (5, 1);

/// Version of an ffmpeg, as it prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `major.minor`; `None` for a build from the development branch, which has a date or hash instead.
    number: Option<(u32, u32)>,
    text: String,
}

impl Version {
    /// From text such as `5.1.9-0+deb12u1`, `n7.0` or `N-112233-gabcdef`.
    fn parse(text: &str) -> Self {
        let mut parts = text.trim_start_matches('n').split(|c: char| !c.is_ascii_digit());
        let mut next = || parts.next().and_then(|part| part.parse().ok());
        Self {
            number: next().map(|major| (major, next().unwrap_or(0))),
            text: text.to_owned(),
        }
    }

    /// Whether it is at least `(major, minor)`; builds from the development branch are taken as new.
    fn is_at_least(&self, version: (u32, u32)) -> bool {
        self.number.is_none_or(|number| number >= version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Runs `ffmpeg` a few times (some 0.2 s) to learn its version and whether it has what encoding needs.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Run`], [`Error::NotFfmpeg`], [`Error::TooOld`] or [`Error::Lacks`].
pub fn probe(ffmpeg: &Path) -> Result<Version, Error> {
    let path = || ffmpeg.to_path_buf();
    let text = ffmpeg_version_with_path(ffmpeg).map_err(|error| match error.downcast::<io::Error>() {
        Ok(source) => run_error(ffmpeg, source),
        Err(other) => Error::NotFfmpeg {
            path: path(),
            answer: other.to_string(),
        },
    })?;
    let version = Version::parse(&text);
    if !version.is_at_least(MIN_VERSION) {
        let (major, minor) = MIN_VERSION;
        return Err(Error::TooOld {
            path: path(),
            needs: Version::parse(&format!("{major}.{minor}")),
            has: version,
        });
    }
    for (topic, answer, part) in [
        ("encoder=libx264", "Encoder libx264", "the encoder libx264"),
        ("muxer=tee", "Muxer tee", "the tee muxer"),
        ("muxer=hls", "Muxer hls", "the HLS muxer"),
        ("muxer=flv", "Muxer flv", "the FLV muxer"),
        ("demuxer=matroska", "Demuxer matroska", "the Matroska demuxer"),
    ] {
        let output = Command::new(ffmpeg)
            .args(["-hide_banner", "-h", topic])
            .stdin(Stdio::null())
            .output()
            .map_err(|source| run_error(ffmpeg, source))?;
        // The exit code is 0 either way.
        if !output.stdout.starts_with(answer.as_bytes()) {
            return Err(Error::Lacks { path: path(), part });
        }
    }
    Ok(version)
}

/// The error of a program that did not start.
pub(crate) fn run_error(ffmpeg: &Path, source: io::Error) -> Error {
    let path = ffmpeg.to_path_buf();
    match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound(path),
        _ => Error::Run { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number_and_unknown_ones_are_taken_as_new() {
        for (text, enough) in [
            ("5.1.9-0+deb12u1", true),
            ("n6.0", true),
            ("7", true),
            ("10.0", true),
            ("N-112233-gabcdef", true),
            ("5.0.1", false),
            ("4.4.2-0ubuntu0.22.04.1", false),
        ] {
            assert_eq!(Version::parse(text).is_at_least(MIN_VERSION), enough, "{text}");
        }
    }
}
