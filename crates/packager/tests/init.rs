//! What a decoder is told before the first frame.

mod common;

use bytes::Bytes;
use common::boxes::{boxes, only, u16_at, u32_at, u64_at};
use common::{AVCC, Camera, start};
use packager::{Config, Error, Init, Packager, Start};

fn init(start: Start) -> Result<Init, Error> {
    let mut camera = Camera::new(start.session, 30.0);
    let packager = Packager::new(Config::new("r"));
    packager.begin(start)?;
    packager.push(camera.unit())?;
    let next = packager.next(None, false).expect("a fragment");
    Ok((*next.fragment.init).clone())
}

#[test]
fn the_init_segment_says_that_the_stream_is_live_and_how_to_decode_it() {
    let init = init(Start {
        width: 1_920,
        height: 1_080,
        ..start(7, 0xABCD)
    })
    .expect("a good start");
    assert_eq!(
        (init.life, init.session, init.codec.as_str()),
        (7, 0xABCD, "avc1.42c01e")
    );
    assert_eq!((init.width, init.height, &*init.avcc), (1_920, 1_080, AVCC));

    let top = boxes(&init.segment);
    assert_eq!(top[0].kind, "ftyp");
    let moov = only(&top, "moov");
    // Version 1: two times of 64 bits, timescale, duration of 64 bits.
    let mvhd = moov.child("mvhd").body;
    assert_eq!((mvhd[0], u32_at(mvhd, 20), u64_at(mvhd, 24)), (1, 1_000_000, 0));
    let mvex = moov.child("mvex").children();
    assert_eq!(mvex.len(), 1, "no mehd: {mvex:?}");
    let trex = only(&mvex, "trex").body;
    assert_eq!(
        (u32_at(trex, 4), u32_at(trex, 8)),
        (1, 1),
        "track and sample description"
    );

    let trak = moov.child("trak");
    let tkhd = trak.child("tkhd").body;
    assert_eq!(
        (tkhd[0], tkhd[3] & 3),
        (1, 3),
        "version 1, enabled and in the movie"
    );
    assert_eq!((u32_at(tkhd, 20), u64_at(tkhd, 28)), (1, 0), "track and duration");
    assert_eq!((u32_at(tkhd, 88), u32_at(tkhd, 92)), (1_920 << 16, 1_080 << 16));
    let mdia = trak.child("mdia");
    let mdhd = mdia.child("mdhd").body;
    assert_eq!((mdhd[0], u32_at(mdhd, 20), u64_at(mdhd, 24)), (1, 1_000_000, 0));
    assert_eq!(&mdia.child("hdlr").body[8..12], b"vide");

    let stbl = mdia.child("minf").child("stbl");
    for empty in ["stts", "stsc", "stco"] {
        assert_eq!(u32_at(stbl.child(empty).body, 4), 0, "{empty}");
    }
    assert_eq!(u32_at(stbl.child("stsz").body, 8), 0);
    let entries = boxes(&stbl.child("stsd").body[8..]);
    let avc1 = only(&entries, "avc1").body;
    assert_eq!((u16_at(avc1, 24), u16_at(avc1, 26)), (1_920, 1_080));
    let inside = boxes(&avc1[78..]);
    assert_eq!(only(&inside, "avcC").body, AVCC);
    assert_eq!(
        only(&inside, "colr").body,
        b"nclx\0\x01\0\x01\0\x01\x80",
        "BT.709, full range"
    );
}

#[test]
fn a_configuration_that_does_not_parse_is_refused() {
    let mut no_sps = AVCC.to_vec();
    no_sps.splice(5..12, [0xE0]);
    let mut trailing = AVCC.to_vec();
    trailing.extend([1, 2, 3, 4, 5]);
    for bad in [&[][..], &AVCC[..9], &[2; 30], &no_sps, &trailing] {
        let start = Start {
            avcc: Bytes::copy_from_slice(bad),
            ..start(0, 1)
        };
        assert!(
            matches!(init(start), Err(Error::Avcc { bytes, .. }) if bytes == bad.len()),
            "{bad:?}"
        );
    }
}

#[test]
fn a_size_that_does_not_fit_is_refused() {
    for (width, height) in [(0, 10), (10, 0), (65_536, 10), (10, 65_536)] {
        let start = Start {
            width,
            height,
            ..start(0, 1)
        };
        assert!(
            matches!(init(start), Err(Error::Size { .. })),
            "{width} x {height}"
        );
    }
}
