//! Restarts and losses, read off the stamps.

use protocol::Stamp;

/// Sessions remembered as over, so that a second producer of the same name cannot take turns with the first.
const MAX_RETIRED: usize = 16;

/// Follows one producer topic from session to session.
#[derive(Debug, Default)]
pub struct Sequence {
    current: Option<Current>,
    retired: Vec<u64>,
    lost: u64,
    received: u64,
}

#[derive(Debug)]
struct Current {
    session: u64,
    next_seq: u64,
}

/// What the stamp of a message says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The next message, or one after a gap that has been counted.
    Fresh,
    /// The first message of a new session.
    NewSession,
    /// Of a session that another one has replaced: there are two producers of one name.
    Replaced,
    /// A sequence number that has already been.
    Repeated,
}

impl Sequence {
    /// Takes note of one message.
    pub fn note(&mut self, stamp: Stamp) -> Verdict {
        let next_seq = stamp.seq.saturating_add(1);
        let verdict = match &mut self.current {
            Some(current) if current.session == stamp.session => {
                if stamp.seq < current.next_seq {
                    return Verdict::Repeated;
                }
                self.lost += stamp.seq - current.next_seq;
                current.next_seq = next_seq;
                Verdict::Fresh
            }
            _ if self.retired.contains(&stamp.session) => return Verdict::Replaced,
            current => {
                if let Some(old) = current.replace(Current {
                    session: stamp.session,
                    next_seq,
                }) {
                    if self.retired.len() == MAX_RETIRED {
                        self.retired.remove(0);
                    }
                    self.retired.push(old.session);
                }
                Verdict::NewSession
            }
        };
        self.received += 1;
        verdict
    }

    /// Takes note of what was made of a message that is fresh: where that one was lost, this one is not.
    pub fn follow(&mut self, stamp: Stamp) {
        let next_seq = stamp.seq.saturating_add(1);
        self.current = Some(Current {
            session: stamp.session,
            next_seq,
        });
        self.received += 1;
    }

    /// The session heard last.
    pub fn session(&self) -> Option<u64> {
        self.current.as_ref().map(|current| current.session)
    }

    /// Messages taken.
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Sequence numbers that never came, from the first message heard of each session on.
    pub const fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;

    use super::*;

    fn stamp(session: u64, seq: u64) -> Stamp {
        Stamp {
            session,
            seq,
            t: WallTime::default(),
        }
    }

    #[test]
    fn gaps_are_losses_and_a_late_start_is_none() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.note(stamp(1, 40)), Verdict::NewSession);
        assert_eq!(sequence.note(stamp(1, 41)), Verdict::Fresh);
        assert_eq!(sequence.note(stamp(1, 45)), Verdict::Fresh);
        assert_eq!((sequence.lost(), sequence.received()), (3, 3));
    }

    #[test]
    fn the_newer_of_two_producers_stays() {
        let mut sequence = Sequence::default();
        sequence.note(stamp(1, 0));
        assert_eq!(sequence.note(stamp(2, 0)), Verdict::NewSession);
        assert_eq!(sequence.note(stamp(1, 1)), Verdict::Replaced);
        assert_eq!(sequence.note(stamp(2, 1)), Verdict::Fresh);
        assert_eq!((sequence.lost(), sequence.session()), (0, Some(2)));
    }

    #[test]
    fn what_follows_another_loses_nothing_itself() {
        let mut sequence = Sequence::default();
        for (session, seq) in [(1, 40), (1, 45), (2, 0)] {
            sequence.follow(stamp(session, seq));
        }
        assert_eq!(
            (sequence.lost(), sequence.received(), sequence.session()),
            (0, 3, Some(2))
        );
    }

    #[test]
    fn a_number_that_has_been_is_not_taken_again() {
        let mut sequence = Sequence::default();
        sequence.note(stamp(1, 7));
        assert_eq!(sequence.note(stamp(1, 7)), Verdict::Repeated);
        assert_eq!(sequence.received(), 1);
    }
}
