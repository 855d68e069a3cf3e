//! The newest fragments, shared by all live viewers: nobody has a queue.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Fragment;

/// Groups of pictures that stay: the one being made, and the one before for who is a little late.
const MAX_GOPS: usize = 2;

/// What a live viewer gets next.
#[derive(Clone, Debug)]
pub struct Next {
    /// The fragment to send.
    pub fragment: Arc<Fragment>,
    /// How many frames between the viewer's last one and this one it will never get.
    pub missed: u64,
}

/// Fragments with consecutive numbers. Overflow policy: the oldest go, whoever still wanted them.
#[derive(Debug)]
pub(crate) struct Ring {
    fragments: VecDeque<Arc<Fragment>>,
    /// Numbers of the key frames among them.
    keys: VecDeque<u64>,
    bytes: usize,
    limit_bytes: usize,
}

impl Ring {
    pub(crate) const fn new(limit_bytes: usize) -> Self {
        Self {
            fragments: VecDeque::new(),
            keys: VecDeque::new(),
            bytes: 0,
            limit_bytes,
        }
    }

    pub(crate) fn push(&mut self, fragment: Arc<Fragment>) {
        if fragment.key {
            self.keys.push_back(fragment.number);
        }
        self.bytes += cost(&fragment);
        self.fragments.push_back(fragment);
        let surplus = self.keys.len().saturating_sub(MAX_GOPS);
        let oldest = self.keys.get(surplus).copied().filter(|_| surplus > 0);
        while self.fragments.len() > 1
            && let Some(front) = self.fragments.front()
            && (self.bytes > self.limit_bytes || Some(front.number) < oldest)
        {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(fragment) = self.fragments.pop_front() {
            self.bytes -= cost(&fragment);
            if fragment.key {
                self.keys.pop_front();
            }
        }
    }

    /// Number of the newest fragment.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.fragments.back().map(|fragment| fragment.number)
    }

    /// Number of the newest key frame that is still held.
    pub(crate) fn newest_key(&self) -> Option<u64> {
        self.keys.back().copied()
    }

    /// See [`crate::Packager::next`].
    pub(crate) fn next(&self, after: Option<u64>, skip: bool) -> Option<Next> {
        let Some(after) = after else {
            return self.get(self.newest_key()?, 0);
        };
        let wanted = after.saturating_add(1);
        let ahead = self.newest_key().filter(|key| *key >= wanted);
        match ahead {
            Some(key) if skip || self.position(wanted).is_none() => self.get(key, key - wanted),
            _ => self.get(wanted, 0),
        }
    }

    fn get(&self, number: u64, missed: u64) -> Option<Next> {
        let fragment = Arc::clone(self.fragments.get(self.position(number)?)?);
        Some(Next { fragment, missed })
    }

    /// Where the fragment is, if it is held.
    fn position(&self, number: u64) -> Option<usize> {
        let first = self.fragments.front()?.number;
        let position = usize::try_from(number.checked_sub(first)?).ok()?;
        (position < self.fragments.len()).then_some(position)
    }
}

/// Memory that a fragment takes.
fn cost(fragment: &Fragment) -> usize {
    fragment.message.len() + size_of::<Fragment>()
}
