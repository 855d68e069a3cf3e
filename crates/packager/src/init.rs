//! The init segment of an encoder life: `ftyp` and `moov` (ISO/IEC 14496-12 and 14496-15).

use bytes::Bytes;
use mp4_atom::{
    Atom, Avc1, Avcc, Codec, Colr, Compressor, Dinf, Dref, DrefEntry, Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia,
    Minf, Moov, Mvex, Mvhd, Stbl, Stco, Stsd, Tkhd, Trak, Trex, Url, Visual, Vmhd,
};

use crate::movie_fragment::{TIMESCALE, TRACK_ID};
use crate::{Error, Start};

/// What a decoder has to know before the first frame of a life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// Number of the life in its stream.
    pub life: u64,
    /// Session of the producer.
    pub session: u64,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// As browsers name it (RFC 6381): `avc1.` and profile, constraints and level in hexadecimal.
    pub codec: String,
    /// `ftyp` and `moov`. No duration anywhere: a browser takes the stream for a live one.
    pub segment: Bytes,
    /// The decoder configuration record, as it came.
    pub avcc: Bytes,
    /// Bytes of the length before each NAL unit, 1 to 4.
    pub(crate) length_size: usize,
}

impl Init {
    pub(crate) fn new(start: &Start) -> Result<Self, Error> {
        let (Ok(width), Ok(height)) = (side(start.width), side(start.height)) else {
            return Err(Error::Size {
                width: start.width,
                height: start.height,
            });
        };
        let avcc = parse(&start.avcc)?;
        let codec = format!(
            "avc1.{:02x}{:02x}{:02x}",
            avcc.avc_profile_indication, avcc.profile_compatibility, avcc.avc_level_indication
        );
        let length_size = usize::from(avcc.length_size);
        let mut segment = Vec::with_capacity(1_024);
        brands().encode(&mut segment)?;
        movie(width, height, avcc).encode(&mut segment)?;
        Ok(Self {
            life: start.life,
            session: start.session,
            width: start.width,
            height: start.height,
            codec,
            segment: segment.into(),
            avcc: start.avcc.clone(),
            length_size,
        })
    }
}

/// A side in pixels that the boxes can hold.
fn side(pixels: u32) -> Result<u16, ()> {
    u16::try_from(pixels).ok().filter(|side| *side > 0).ok_or(())
}

fn parse(record: &Bytes) -> Result<Avcc, Error> {
    let fault = |reason: String| Error::Avcc {
        bytes: record.len(),
        reason,
    };
    let avcc = Avcc::decode_body(&mut record.as_ref()).map_err(|error| fault(error.to_string()))?;
    if avcc.sequence_parameter_sets.is_empty() || avcc.picture_parameter_sets.is_empty() {
        return Err(fault("expected at least one parameter set of each kind".into()));
    }
    // What is not understood would be lost on the way into the box.
    let mut again = Vec::with_capacity(record.len());
    avcc.encode_body(&mut again)?;
    if again != *record {
        return Err(fault("expected nothing but parameter sets".into()));
    }
    Ok(avcc)
}

fn brands() -> Ftyp {
    Ftyp {
        major_brand: FourCC::new(b"iso6"),
        minor_version: 0,
        compatible_brands: [b"iso6", b"avc1", b"mp41"].map(FourCC::new).to_vec(),
    }
}

fn movie(width: u16, height: u16, avcc: Avcc) -> Moov {
    Moov {
        mvhd: Mvhd {
            timescale: TIMESCALE,
            duration: 0,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: TRACK_ID + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex {
            // A box with a duration would say that this is a recording.
            mehd: None,
            trex: vec![Trex {
                track_id: TRACK_ID,
                default_sample_description_index: 1,
                ..Trex::default()
            }],
        }),
        trak: vec![Trak {
            tkhd: Tkhd {
                track_id: TRACK_ID,
                duration: 0,
                enabled: true,
                in_movie: true,
                width: width.into(),
                height: height.into(),
                ..Tkhd::default()
            },
            mdia: Mdia {
                mdhd: Mdhd {
                    timescale: TIMESCALE,
                    duration: 0,
                    language: "und".into(),
                    ..Mdhd::default()
                },
                hdlr: Hdlr {
                    handler: FourCC::new(b"vide"),
                    name: "video".into(),
                },
                minf: Minf {
                    vmhd: Some(Vmhd::default()),
                    dinf: Dinf {
                        dref: Dref {
                            entries: vec![DrefEntry::Url(Url::default())],
                        },
                    },
                    stbl: Stbl {
                        stsd: Stsd {
                            codecs: vec![Codec::Avc1(sample_entry(width, height, avcc))],
                        },
                        // No samples, but the box that says where they are is not optional.
                        stco: Some(Stco::default()),
                        ..Stbl::default()
                    },
                    ..Minf::default()
                },
            },
            ..Trak::default()
        }],
        ..Moov::default()
    }
}

fn sample_entry(width: u16, height: u16, avcc: Avcc) -> Avc1 {
    Avc1 {
        visual: Visual {
            data_reference_index: 1,
            width,
            height,
            compressor: Compressor::default(),
            ..Visual::default()
        },
        avcc,
        // What the display stage makes: BT.709 in full range.
        colr: Some(Colr::Nclx {
            colour_primaries: 1,
            transfer_characteristics: 1,
            matrix_coefficients: 1,
            full_range_flag: true,
        }),
        ..Avc1::default()
    }
}
