//! What an encoder gives.

use std::time::Duration;

use bytes::Bytes;
use protocol::Stamp;

use crate::{Error, MediaTime};

/// The start of an encoder life: from here on another init segment is needed.
#[derive(Clone, Debug)]
pub struct Start {
    /// Number of the life in its stream: rises, and fits 32 bits.
    pub life: u64,
    /// Session of the producer whose frames it encodes.
    pub session: u64,
    /// Pixels in a row of the coded picture.
    pub width: u32,
    /// Rows of the coded picture.
    pub height: u32,
    /// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1): what FLV calls the AVC sequence header.
    pub avcc: Bytes,
}

/// One encoded frame, in decoding order, which is presentation order: there are no B-frames.
#[derive(Clone, Debug)]
pub struct AccessUnit {
    /// Stamp of the frame that it encodes.
    pub stamp: Stamp,
    /// When it is shown; rises strictly.
    pub media: MediaTime,
    /// How far apart frames are, as far as is known; a guess is good enough.
    pub period: Duration,
    /// Whether decoding can start here.
    pub key: bool,
    /// NAL units, each after its length in as many bytes as [`Start::avcc`] says.
    pub data: Bytes,
}

impl AccessUnit {
    /// Whether the lengths in the data, of `length_size` bytes each (1 to 4), add up.
    pub(crate) fn check_nals(&self, length_size: usize) -> Result<(), Error> {
        let mut at = 0;
        loop {
            let fault = Error::Nal {
                bytes: self.data.len(),
                at,
            };
            let Some(length) = self.data.get(at..at + length_size) else {
                return Err(fault);
            };
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            at += length_size + length;
            if length == 0 || at > self.data.len() {
                return Err(fault);
            }
            if at == self.data.len() {
                return Ok(());
            }
        }
    }
}
