//! The FLV that ffmpeg writes to its standard output: one H.264 track, one tag per access unit, nothing held back.
//! Layout after Adobe's Flash Video File Format Specification 10.1, annex E. Pure.
//!
//! What comes through the pipe is believed only as far as it can be checked: every size is compared with a limit
//! before memory is taken for it, and whatever is not understood is a [`Fault`].

use std::io::{self, BufRead, Read};

use bytes::Bytes;

/// Time stamps have 32 bits of which ffmpeg leaves the sign 0: they start again after 24.8 days.
pub(crate) const WRAP_MS: u64 = 1 << 31;

/// File header: signature, version, flags, its own length, and the size of the tag before the first one, 0.
const HEADER_BYTES: usize = 13;
const TAG_HEADER_BYTES: usize = 11;
/// Frame type and codec, packet type, composition time.
const VIDEO_HEADER_BYTES: usize = 5;
const VIDEO_TAG: u8 = 9;
const SCRIPT_TAG: u8 = 18;
const KEY_FRAME: u8 = 1;
const INTER_FRAME: u8 = 2;
const CODEC_AVC: u8 = 7;
/// Most bytes of a tag that is passed over or describes the stream; ffmpeg's have a few hundred.
const MAX_INFO_BYTES: usize = 64 << 10;

/// What a tag holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    /// The AVC decoder configuration record (ISO/IEC 14496-15, `avcC`), before the first unit.
    Config(Bytes),
    Unit(Unit),
    /// The encoder is done.
    End,
}

/// An access unit: one coded picture.
#[derive(Debug, PartialEq)]
pub(crate) struct Unit {
    /// Presentation time in ms, modulo [`WRAP_MS`].
    pub(crate) time_ms: u64,
    pub(crate) key: bool,
    /// NAL units, each after its length. Not looked into.
    pub(crate) data: Bytes,
}

/// Why the stream cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("{0} is cut short")]
    CutShort(&'static str),
    #[error("it is not FLV: it begins with {0:02x?}")]
    Signature(Vec<u8>),
    #[error("a tag has {got} bytes: expected {least} to {most}")]
    TagBytes { got: usize, least: usize, most: usize },
    #[error("a tag of {expected} bytes is followed by the size {got}")]
    TrailingSize { got: usize, expected: usize },
    #[error("a tag has the type {0}: expected {VIDEO_TAG} (video) or {SCRIPT_TAG} (script)")]
    TagType(u8),
    #[error("a picture has the codec and frame type {0:#04x}: expected 0x17 or 0x27 (AVC)")]
    Codec(u8),
    #[error("a packet has the type {0}: expected 0 (configuration), 1 (unit) or 2 (end)")]
    PacketType(u8),
    #[error("a picture is shown {0} ms after it is decoded: expected 0, without reordering")]
    CompositionTime(i32),
    #[error("a unit comes before the avcC record")]
    NoConfig,
    #[error("a second avcC record")]
    SecondConfig,
    #[error("the end of the sequence is missing")]
    NoEnd,
}

impl Fault {
    /// Whether it is no more than an end that came too early, as when ffmpeg was killed.
    pub(crate) fn is_early_end(&self) -> bool {
        matches!(self, Self::CutShort(_) | Self::NoEnd)
    }
}

/// Reads tags one after the other, however the bytes arrive.
pub(crate) struct Demuxer<R> {
    input: R,
    /// Most bytes of one tag with a unit.
    max_bytes: usize,
    place: Place,
}

/// How far a stream was read.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Start,
    Header,
    Config,
}

impl<R: BufRead> Demuxer<R> {
    /// `max_unit_bytes`: more in a unit is a fault. (A tag has at most 16 MiB anyway.)
    pub(crate) fn new(input: R, max_unit_bytes: usize) -> Self {
        Self {
            input,
            max_bytes: VIDEO_HEADER_BYTES + max_unit_bytes,
            place: Place::Start,
        }
    }

    /// The next item, waiting for it. Nothing is to be expected after [`Item::End`].
    ///
    /// # Errors
    /// A [`Fault`]; nothing after it makes sense.
    pub(crate) fn next(&mut self) -> Result<Item, Fault> {
        if self.place == Place::Start {
            self.read_file_header()?;
            self.place = Place::Header;
        }
        loop {
            if self.is_at_end()? {
                return Err(Fault::NoEnd);
            }
            let Some(item) = self.read_tag()? else { continue };
            match (&item, self.place) {
                (Item::Config(_), Place::Header) => self.place = Place::Config,
                (Item::Config(_), _) => return Err(Fault::SecondConfig),
                (Item::Unit(_), Place::Header) => return Err(Fault::NoConfig),
                _ => {}
            }
            return Ok(item);
        }
    }

    /// Whether the input is over; waits until that is known.
    fn is_at_end(&mut self) -> Result<bool, Fault> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.is_empty()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn read_file_header(&mut self) -> Result<(), Fault> {
        // As much as there is: what is not FLV may well be shorter.
        let mut header = Vec::with_capacity(HEADER_BYTES);
        self.input
            .by_ref()
            .take(HEADER_BYTES as u64)
            .read_to_end(&mut header)?;
        match header.as_slice() {
            [b'F', b'L', b'V', 1, _, 0, 0, 0, 9, 0, 0, 0, 0] => Ok(()),
            start if b"FLV\x01".starts_with(&start[..start.len().min(4)]) && start.len() < HEADER_BYTES => {
                Err(Fault::CutShort("the file header"))
            }
            _ => Err(Fault::Signature(header)),
        }
    }

    /// What a tag holds, if that is of any use.
    fn read_tag(&mut self) -> Result<Option<Item>, Fault> {
        let head: [u8; TAG_HEADER_BYTES] = self.read_array("a tag header")?;
        let [kind, s0, s1, s2, t0, t1, t2, t3, ..] = head;
        let bytes = u32::from_be_bytes([0, s0, s1, s2]) as usize;
        // The highest byte comes last.
        let time_ms = u64::from(u32::from_be_bytes([t3, t0, t1, t2])) % WRAP_MS;
        let item = match kind {
            VIDEO_TAG => Some(self.read_video(bytes, time_ms)?),
            SCRIPT_TAG => {
                check_bytes(bytes, 0, MAX_INFO_BYTES)?;
                self.read_body(bytes, "a script tag")?;
                None
            }
            _ => return Err(Fault::TagType(kind)),
        };
        let got = u32::from_be_bytes(self.read_array("the size of a tag")?) as usize;
        let expected = TAG_HEADER_BYTES + bytes;
        match got == expected {
            true => Ok(item),
            false => Err(Fault::TrailingSize { got, expected }),
        }
    }

    fn read_video(&mut self, bytes: usize, time_ms: u64) -> Result<Item, Fault> {
        check_bytes(bytes, VIDEO_HEADER_BYTES, self.max_bytes)?;
        let head: [u8; VIDEO_HEADER_BYTES] = self.read_array("a video header")?;
        let [what, packet, c0, c1, c2] = head;
        let key = match (what >> 4, what & 15) {
            (KEY_FRAME, CODEC_AVC) => true,
            (INTER_FRAME, CODEC_AVC) => false,
            _ => return Err(Fault::Codec(what)),
        };
        let body_bytes = bytes - VIDEO_HEADER_BYTES;
        match packet {
            0 => {
                check_bytes(bytes, VIDEO_HEADER_BYTES, MAX_INFO_BYTES)?;
                let record = self.read_body(body_bytes, "an avcC record")?;
                Ok(Item::Config(record))
            }
            1 => {
                // 24 bits with a sign.
                let composition_ms = i32::from_be_bytes([c0, c1, c2, 0]) >> 8;
                if composition_ms != 0 {
                    return Err(Fault::CompositionTime(composition_ms));
                }
                let data = self.read_body(body_bytes, "a unit")?;
                Ok(Item::Unit(Unit { time_ms, key, data }))
            }
            2 => {
                check_bytes(bytes, VIDEO_HEADER_BYTES, VIDEO_HEADER_BYTES)?;
                Ok(Item::End)
            }
            other => Err(Fault::PacketType(other)),
        }
    }

    fn read_array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Fault> {
        let mut array = [0; N];
        self.input
            .read_exact(&mut array)
            .map_err(|error| cut_short(error, what))?;
        Ok(array)
    }

    /// `bytes` are checked already.
    fn read_body(&mut self, bytes: usize, what: &'static str) -> Result<Bytes, Fault> {
        let mut body = vec![0; bytes];
        self.input
            .read_exact(&mut body)
            .map_err(|error| cut_short(error, what))?;
        Ok(body.into())
    }
}

fn cut_short(error: io::Error, what: &'static str) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::CutShort(what),
        _ => error.into(),
    }
}

fn check_bytes(got: usize, least: usize, most: usize) -> Result<(), Fault> {
    match (least..=most).contains(&got) {
        true => Ok(()),
        false => Err(Fault::TagBytes { got, least, most }),
    }
}

#[cfg(test)]
#[path = "flv_tests.rs"]
mod tests;
