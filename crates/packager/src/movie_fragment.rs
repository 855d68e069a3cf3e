//! `moof` and `mdat`: samples with their times (ISO/IEC 14496-12, 8.8).

use mp4_atom::{Encode, FourCC, Header, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};

use crate::{Error, MediaTime};

/// Ticks per second of every track, which makes media time in microseconds decode time.
pub(crate) const TIMESCALE: u32 = 1_000_000;
/// The only track of every file.
pub(crate) const TRACK_ID: u32 = 1;

/// Sample flags (8.8.3.1): depends on no other sample.
const KEY_FLAGS: u32 = 0x0200_0000;
/// Sample flags: depends on others, and is no sync sample.
const DELTA_FLAGS: u32 = 0x0101_0000;

/// One sample's row in the `trun` box.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) duration_us: u32,
    pub(crate) bytes: u32,
    pub(crate) key: bool,
}

/// Appends a `moof` box and the header of its `mdat` box; the samples' data has to follow.
///
/// `sequence` rises from fragment to fragment of a file, `start` is the time of the first sample.
pub(crate) fn write(
    out: &mut Vec<u8>,
    sequence: u64,
    start: MediaTime,
    samples: &[Sample],
) -> Result<(), Error> {
    let entries: Vec<_> = samples.iter().map(entry).collect();
    let mut moof = Moof {
        mfhd: Mfhd {
            // 32 bits by the standard; readers only look whether it changes.
            sequence_number: sequence as u32,
        },
        traf: vec![Traf {
            tfhd: Tfhd {
                track_id: TRACK_ID,
                default_base_is_moof: true,
                ..Tfhd::default()
            },
            tfdt: Some(Tfdt {
                base_media_decode_time: start.as_us(),
            }),
            trun: vec![Trun {
                data_offset: Some(0),
                samples: entries.into(),
            }],
            ..Traf::default()
        }],
    };
    let moof_start = out.len();
    moof.encode(out)?;
    // The offset counts from the start of the moof box, whose size does not depend on it.
    let offset = out.len() - moof_start + MDAT_HEADER_BYTES;
    out.truncate(moof_start);
    moof.traf[0].trun[0].data_offset = Some(offset as i32);
    moof.encode(out)?;
    let size = samples.iter().map(|sample| sample.bytes as usize).sum();
    let header = Header {
        kind: FourCC::new(b"mdat"),
        size: Some(size),
    };
    header.encode(out)?;
    Ok(())
}

/// Size and kind: no media data here needs 64 bits of size.
const MDAT_HEADER_BYTES: usize = 8;

fn entry(sample: &Sample) -> TrunEntry {
    TrunEntry {
        duration: Some(sample.duration_us),
        size: Some(sample.bytes),
        flags: Some(if sample.key { KEY_FLAGS } else { DELTA_FLAGS }),
        cts: None,
    }
}
