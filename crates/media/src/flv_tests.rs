use std::io::BufReader;

use super::*;

const AVCC: [u8; 8] = [1, 66, 192, 30, 0xFF, 0xE1, 0, 0];

/// Gives one byte at a time, as a pipe may.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.0.len()).min(1);
        let (now, later) = self.0.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

fn tag(kind: u8, time_ms: u32, body: &[u8]) -> Vec<u8> {
    let [_, s @ ..] = (body.len() as u32).to_be_bytes();
    let [t3, t @ ..] = time_ms.to_be_bytes();
    let size = (TAG_HEADER_BYTES + body.len()) as u32;
    [&[kind][..], &s, &t, &[t3, 0, 0, 0], body, &size.to_be_bytes()].concat()
}

fn video(what: u8, packet: u8, time_ms: u32, data: &[u8]) -> Vec<u8> {
    tag(VIDEO_TAG, time_ms, &[&[what, packet, 0, 0, 0], data].concat())
}

fn nal(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn config() -> Vec<u8> {
    video(0x17, 0, 0, &AVCC)
}

fn stream(tags: &[Vec<u8>]) -> Vec<u8> {
    [&b"FLV\x01\x01\0\0\0\x09\0\0\0\0"[..], &tags.concat()].concat()
}

fn usual() -> Vec<u8> {
    stream(&[
        tag(SCRIPT_TAG, 0, b"onMetaData"),
        config(),
        video(0x17, 1, 0x7F00_0001, &[nal(b"sei"), nal(b"idr")].concat()),
        video(0x27, 1, 0x8000_0002, &nal(b"slice")),
        video(0x17, 2, 40, &[]),
    ])
}

fn read(input: impl Read, max_unit_bytes: usize) -> Result<Vec<Item>, Fault> {
    let mut demuxer = Demuxer::new(BufReader::new(input), max_unit_bytes);
    let mut items = Vec::new();
    while items.last() != Some(&Item::End) {
        items.push(demuxer.next()?);
    }
    Ok(items)
}

fn check_fault(bytes: &[u8], expected: &str) {
    assert_eq!(read(bytes, 1_000).unwrap_err().to_string(), expected);
}

#[test]
fn units_come_out_whole_with_their_times_however_the_bytes_arrive() {
    let expected = [
        Item::Config(Bytes::copy_from_slice(&AVCC)),
        Item::Unit(Unit {
            time_ms: 0x7F00_0001,
            key: true,
            data: [nal(b"sei"), nal(b"idr")].concat().into(),
        }),
        Item::Unit(Unit {
            time_ms: 2,
            key: false,
            data: nal(b"slice").into(),
        }),
        Item::End,
    ];
    let bytes = usual();
    assert_eq!(read(bytes.as_slice(), 1_000).unwrap(), expected);
    assert_eq!(read(Drip(&bytes), 1_000).unwrap(), expected);
}

#[test]
fn an_end_anywhere_but_at_the_end_is_a_fault() {
    let bytes = usual();
    for length in 0..bytes.len() {
        let fault = read(&bytes[..length], 1_000).unwrap_err();
        assert!(fault.is_early_end(), "{length}: {fault}");
    }
}

#[test]
fn any_changed_byte_is_read_or_refused_and_takes_no_more_memory_than_allowed() {
    let bytes = usual();
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut broken = bytes.clone();
            broken[at] = value;
            for item in read(broken.as_slice(), 100).into_iter().flatten() {
                let Item::Unit(unit) = item else { continue };
                assert!(unit.data.len() <= 100);
            }
        }
    }
}

#[test]
fn what_is_wrong_is_named() {
    check_fault(b"", "the file header is cut short");
    check_fault(b"hello", "it is not FLV: it begins with [68, 65, 6c, 6c, 6f]");
    check_fault(
        &stream(&[video(0x17, 1, 0, &nal(&[0; 1_000]))]),
        "a tag has 1009 bytes: expected 5 to 1005",
    );
    check_fault(
        &stream(&[tag(VIDEO_TAG, 0, &[0x17])]),
        "a tag has 1 bytes: expected 5 to 1005",
    );
    check_fault(
        &stream(&[tag(SCRIPT_TAG, 0, &[0; MAX_INFO_BYTES + 1])]),
        "a tag has 65537 bytes: expected 0 to 65536",
    );
    check_fault(
        &stream(&[tag(8, 0, b"sound")]),
        "a tag has the type 8: expected 9 (video) or 18 (script)",
    );
    check_fault(
        &stream(&[video(0x12, 0, 0, &AVCC)]),
        "a picture has the codec and frame type 0x12: expected 0x17 or 0x27 (AVC)",
    );
    check_fault(
        &stream(&[video(0x17, 3, 0, &[])]),
        "a packet has the type 3: expected 0 (configuration), 1 (unit) or 2 (end)",
    );
    check_fault(
        &stream(&[tag(VIDEO_TAG, 0, &[0x27, 1, 0xFF, 0xFF, 0xFE])]),
        "a picture is shown -2 ms after it is decoded: expected 0, without reordering",
    );
    check_fault(
        &stream(&[video(0x27, 1, 0, &nal(b"slice"))]),
        "a unit comes before the avcC record",
    );
    check_fault(&stream(&[config(), config()]), "a second avcC record");
    let mut bytes = stream(&[video(0x17, 2, 0, &[])]);
    *bytes.last_mut().unwrap() += 1;
    check_fault(&bytes, "a tag of 16 bytes is followed by the size 17");
}
