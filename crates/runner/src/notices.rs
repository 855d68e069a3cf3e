//! What was refused or failed, counted, for the log and the page.

use std::collections::VecDeque;

use protocol::WallTime;
use serde::Serialize;

/// Different notices kept; the oldest goes first.
const MAX_KEPT: usize = 64;

/// One kind of trouble from one source.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// Who caused it: a peer, a stream, a node.
    pub source: String,
    /// What was wrong, in the words of its latest occurrence.
    pub text: String,
    /// How often.
    pub count: u64,
    /// Latest occurrence.
    pub t_ms: f64,
    #[serde(skip)]
    reason: &'static str,
    #[serde(skip)]
    unsent: bool,
}

/// The latest troubles, one entry per source and reason.
#[derive(Debug, Default)]
pub struct Notices {
    kept: VecDeque<Notice>,
}

impl Notices {
    /// Counts one occurrence. The first of its kind is logged; `reason` is a short stable label.
    pub fn add(&mut self, source: &str, reason: &'static str, text: String, now: WallTime) {
        let known = self
            .kept
            .iter_mut()
            .find(|notice| notice.reason == reason && notice.source == source);
        if let Some(notice) = known {
            notice.text = text;
            notice.count += 1;
            notice.t_ms = now.as_ms_f64();
            notice.unsent = true;
            return;
        }
        tracing::warn!(source, reason, "{text}; more of this kind is only counted");
        if self.kept.len() == MAX_KEPT {
            self.kept.pop_front();
        }
        let t_ms = now.as_ms_f64();
        self.kept.push_back(Notice {
            source: source.to_owned(),
            text,
            count: 1,
            t_ms,
            reason,
            unsent: true,
        });
    }

    /// All that are kept, oldest kind first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.kept.iter()
    }

    /// Those that are new or have changed since the last call.
    pub fn take_unsent(&mut self) -> Vec<Notice> {
        let mut unsent = Vec::new();
        for notice in &mut self.kept {
            if std::mem::take(&mut notice.unsent) {
                unsent.push(notice.clone());
            }
        }
        unsent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_again_only_raises_its_count() {
        let mut notices = Notices::default();
        notices.add("peer", "payload", "short by 1".into(), WallTime::from_ns(1));
        notices.add("peer", "payload", "short by 2".into(), WallTime::from_ns(2));
        notices.add("peer", "version", "v is 9".into(), WallTime::from_ns(3));
        let sent = notices.take_unsent();
        assert_eq!(
            sent.iter()
                .map(|n| (n.text.as_str(), n.count))
                .collect::<Vec<_>>(),
            [("short by 2", 2), ("v is 9", 1)]
        );
        assert!(notices.take_unsent().is_empty());
        assert_eq!(notices.all().count(), 2);
    }

    #[test]
    fn a_flood_of_different_troubles_is_bounded() {
        let mut notices = Notices::default();
        for peer in 0..10_000 {
            notices.add(
                &format!("peer {peer}"),
                "payload",
                "bad".into(),
                WallTime::default(),
            );
        }
        assert_eq!(notices.all().count(), MAX_KEPT);
    }
}
