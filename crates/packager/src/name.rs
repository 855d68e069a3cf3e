//! Names of the files that players ask for. They never mean anything else later.

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Init segment of a life.
    Init { life: u64 },
    /// A whole segment.
    Segment { msn: u64 },
    /// A part of a segment, counted from 0.
    Part { msn: u64, part: u64 },
}

impl Name {
    pub(crate) fn text(self, stem: &str) -> String {
        match self {
            Self::Init { life } => format!("{stem}_{life}_init.mp4"),
            Self::Segment { msn } => format!("{stem}_{msn}.m4s"),
            Self::Part { msn, part } => format!("{stem}_{msn}.{part}.m4s"),
        }
    }

    /// The name, if `text` is one of ours to the letter.
    pub(crate) fn parse(stem: &str, text: &str) -> Option<Self> {
        let rest = text.strip_prefix(stem)?.strip_prefix('_')?;
        let name = if let Some(life) = rest.strip_suffix("_init.mp4") {
            Self::Init {
                life: life.parse().ok()?,
            }
        } else {
            let numbers = rest.strip_suffix(".m4s")?;
            match numbers.split_once('.') {
                None => Self::Segment {
                    msn: numbers.parse().ok()?,
                },
                Some((msn, part)) => Self::Part {
                    msn: msn.parse().ok()?,
                    part: part.parse().ok()?,
                },
            }
        };
        // Numbers can be written in more than one way, files cannot.
        (name.text(stem) == text).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_what_it_was_written_for() {
        for name in [
            Name::Init { life: 3 },
            Name::Segment { msn: 0 },
            Name::Part {
                msn: u64::MAX,
                part: 12,
            },
        ] {
            assert_eq!(Name::parse("run.cam_1", &name.text("run.cam_1")), Some(name));
        }
    }

    #[test]
    fn only_our_own_spelling_names_a_file() {
        for text in [
            "",
            "r",
            "r_",
            "r_1",
            "r_01.m4s",
            "r_+1.m4s",
            "r_1.2.3.m4s",
            "r_1..m4s",
            "r_init.mp4",
            "r_1_init.m4s",
            "q_1.m4s",
            "../r_1.m4s",
            "r_18446744073709551616.m4s",
        ] {
            assert_eq!(Name::parse("r", text), None, "{text:?}");
        }
    }
}
