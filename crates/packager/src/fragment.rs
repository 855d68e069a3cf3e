//! One frame for live viewers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use protocol::Stamp;

use crate::movie_fragment::{self, Sample};
use crate::{AccessUnit, Error, Init, MediaTime};

/// Version of the message's header.
const VERSION: u8 = 1;
/// Bytes of the message before the boxes.
const HEADER_BYTES: u16 = 40;
/// Bytes of the boxes before the access unit, and a little more.
const BOXES_BYTES: usize = 128;
/// Shortest duration that a fragment claims, see [`claimed_us`].
const MIN_CLAIMED: Duration = Duration::from_millis(1_250);

/// One encoded frame as a movie fragment of its own, packed once for all viewers.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// +1 per encoded frame of the stream, from 0.
    pub number: u64,
    /// What it is decoded with.
    pub init: Arc<Init>,
    /// Stamp of the frame.
    pub stamp: Stamp,
    /// When it is shown.
    pub media: MediaTime,
    /// Whether decoding can start here.
    pub key: bool,
    /// A header of 40 bytes, little-endian, then `moof` and `mdat`. The header: `u8` version (1), `u8` flags (bit 0:
    /// key frame), `u16` its own length (40), `u32` life, `u64` number, `u64` seq, `i64` capture time in ns since the
    /// Unix epoch, `u64` media time in us. The access unit is all of `mdat`.
    pub message: Bytes,
    /// Where in the message the access unit begins.
    data_start: usize,
}

impl Fragment {
    pub(crate) fn new(number: u64, init: Arc<Init>, unit: &AccessUnit) -> Result<Self, Error> {
        let mut message = Vec::with_capacity(usize::from(HEADER_BYTES) + BOXES_BYTES + unit.data.len());
        message.extend([VERSION, u8::from(unit.key)]);
        message.extend(HEADER_BYTES.to_le_bytes());
        message.extend((init.life as u32).to_le_bytes());
        message.extend(number.to_le_bytes());
        message.extend(unit.stamp.seq.to_le_bytes());
        message.extend(unit.stamp.t.as_ns().to_le_bytes());
        message.extend(unit.media.as_us().to_le_bytes());
        let sample = Sample {
            duration_us: claimed_us(unit.period),
            bytes: unit.data.len() as u32,
            key: unit.key,
        };
        movie_fragment::write(&mut message, number + 1, unit.media, &[sample])?;
        let data_start = message.len();
        message.extend_from_slice(&unit.data);
        Ok(Self {
            number,
            init,
            stamp: unit.stamp,
            media: unit.media,
            key: unit.key,
            message: message.into(),
            data_start,
        })
    }

    /// The access unit; shares memory with the message.
    pub(crate) fn data(&self) -> Bytes {
        self.message.slice(self.data_start..)
    }
}

/// How long the frame claims to be shown. The next one ends it, whatever it claims; but Media Source Extensions
/// (section 3.5.8, step 6) drop everything up to the next key frame when decode times are further apart than twice
/// the last duration, and a source may pause for 2 s or 3 periods within a life.
fn claimed_us(period: Duration) -> u32 {
    u32::try_from((period * 2).max(MIN_CLAIMED).as_micros()).unwrap_or(u32::MAX)
}
