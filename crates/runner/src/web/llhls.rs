//! Low-Latency HLS (RFC 8216bis): answers that wait for what they are asked for.

use std::time::Duration;

use packager::{File, Packager};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// Segments that a request may be ahead of the newest complete one.
const MAX_SEGMENTS_AHEAD: u64 = 2;
/// Parts that a request may be ahead of the newest one, in time.
const MAX_PARTS_AHEAD: Duration = Duration::from_secs(3);
/// Target durations that a request waits at most.
const MAX_WAIT_TARGETS: u32 = 3;

/// The delivery directives of a playlist request; as text, so that whatever does not parse can be named.
#[derive(Debug, Default, Deserialize)]
pub struct Directives {
    #[serde(rename = "_HLS_msn")]
    msn: Option<String>,
    #[serde(rename = "_HLS_part")]
    part: Option<String>,
}

/// What a playlist has to hold before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Media sequence number of a segment.
    msn: u64,
    /// Part of it; the whole segment if none.
    part: Option<u64>,
}

impl Directives {
    /// What is asked for; `None` for whatever there is.
    ///
    /// # Errors
    /// A sentence that names the directive.
    pub fn asked(&self) -> Result<Option<Asked>, String> {
        let part = number("_HLS_part", self.part.as_deref())?;
        match number("_HLS_msn", self.msn.as_deref())? {
            Some(msn) => Ok(Some(Asked { msn, part })),
            None if part.is_some() => Err("_HLS_part without _HLS_msn".into()),
            None => Ok(None),
        }
    }
}

fn number(key: &str, text: Option<&str>) -> Result<Option<u64>, String> {
    let refused = |text| format!("{key} is {text:?}: expected a whole number");
    text.map(|text| text.parse().map_err(|_| refused(text)))
        .transpose()
}

impl Asked {
    /// Whether a playlist that ends in segment `msn`, of which `parts` parts are listed, is far enough.
    fn is_there(self, (msn, parts): (u64, u64)) -> bool {
        match self.part {
            Some(part) => msn > self.msn || (msn == self.msn && parts > part),
            None => msn > self.msn,
        }
    }

    /// Whether no player that has seen a playlist of this stream would ask for it.
    fn is_too_far(self, (msn, parts): (u64, u64), part_length: Duration) -> bool {
        let ahead = (MAX_PARTS_AHEAD.as_micros() / part_length.as_micros().max(1)) as u64;
        self.msn > msn.saturating_add(MAX_SEGMENTS_AHEAD - 1)
            || (self.msn == msn && self.part.is_some_and(|part| part >= parts.saturating_add(ahead)))
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is too far ahead.
    TooFar,
    /// It did not come in time, or the runner stops.
    TooLate,
}

/// Who waits, and for how long at most.
pub struct Waiting<'a> {
    /// What is waited on.
    pub packager: &'a Packager,
    /// As configured.
    pub segment: Duration,
    /// As configured.
    pub part: Duration,
    /// Ends every wait.
    pub stop: &'a CancellationToken,
}

impl Waiting<'_> {
    /// The playlist, once it holds what is asked for.
    ///
    /// # Errors
    /// See [`Refused`].
    pub async fn playlist(&self, asked: Asked) -> Result<String, Refused> {
        if asked.is_too_far(self.packager.progress(), self.part) {
            return Err(Refused::TooFar);
        }
        self.until(|| {
            asked
                .is_there(self.packager.progress())
                .then(|| self.packager.playlist())
                .flatten()
        })
        .await
    }

    /// A file that was hinted at, once it is whole; [`File::Unknown`] if it was not or is gone.
    ///
    /// # Errors
    /// See [`Refused`].
    pub async fn file(&self, name: &str) -> Result<File, Refused> {
        self.until(|| match self.packager.file(name) {
            File::Hinted => None,
            file => Some(file),
        })
        .await
    }

    async fn until<T>(&self, mut ready: impl FnMut() -> Option<T>) -> Result<T, Refused> {
        let target = Duration::from_secs(self.segment.as_secs_f64().round().max(1.0) as u64);
        let deadline = Instant::now() + target * MAX_WAIT_TARGETS;
        let mut changes = self.packager.changes();
        loop {
            changes.mark_unchanged();
            if let Some(ready) = ready() {
                return Ok(ready);
            }
            let changed = tokio::select! {
                changed = timeout_at(deadline, changes.changed()) => matches!(changed, Ok(Ok(()))),
                () = self.stop.cancelled() => false,
            };
            if !changed {
                return Err(Refused::TooLate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: Duration = Duration::from_millis(100);

    fn asked(msn: &str, part: Option<&str>) -> Result<Option<Asked>, String> {
        Directives {
            msn: Some(msn.into()).filter(|msn: &String| !msn.is_empty()),
            part: part.map(Into::into),
        }
        .asked()
    }

    #[test]
    fn directives_are_whole_numbers_and_a_part_has_a_segment() {
        assert_eq!(Directives::default().asked(), Ok(None));
        assert_eq!(
            asked("7", Some("3")),
            Ok(Some(Asked {
                msn: 7,
                part: Some(3)
            }))
        );
        assert_eq!(asked("", Some("3")).unwrap_err(), "_HLS_part without _HLS_msn");
        for text in ["-1", "1.5", "x", "99999999999999999999", " 1"] {
            let error = asked(text, None).unwrap_err();
            assert!(error.contains("_HLS_msn") && error.contains(text), "{error}");
            assert!(asked("1", Some(text)).unwrap_err().contains("_HLS_part"));
        }
    }

    #[test]
    fn a_playlist_is_there_when_it_has_the_part_or_the_whole_segment() {
        let part = |msn, part| Asked {
            msn,
            part: Some(part),
        };
        let whole = |msn| Asked { msn, part: None };
        let open = (7, 3);
        for (asked, is_there) in [
            (part(7, 2), true),
            (part(7, 3), false),
            (part(6, 50), true),
            (part(8, 0), false),
            (whole(6), true),
            (whole(7), false),
        ] {
            assert_eq!(asked.is_there(open), is_there, "{asked:?}");
        }
    }

    #[test]
    fn nobody_waits_for_what_no_playlist_announced() {
        let is_too_far = |msn, part, open| Asked { msn, part }.is_too_far(open, PART);
        for (msn, part, too_far) in [
            (8, None, false),
            (8, Some(0), false),
            (9, None, true),
            (9, Some(0), true),
            (7, Some(32), false),
            (7, Some(33), true),
            (u64::MAX, Some(u64::MAX), true),
            (0, None, false),
        ] {
            assert_eq!(is_too_far(msn, part, (7, 3)), too_far, "{msn} {part:?}");
        }
        // Before the first segment.
        assert!(!is_too_far(1, None, (0, 0)));
        assert!(is_too_far(2, None, (0, 0)));
    }
}
