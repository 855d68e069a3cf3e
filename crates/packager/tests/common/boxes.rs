//! Reads boxes byte by byte (ISO/IEC 14496-12), with nothing of what wrote them.

/// One box: its kind and its payload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box<'a> {
    pub kind: &'a str,
    pub body: &'a [u8],
}

/// The boxes that `bytes` is made of, to the last byte.
pub fn boxes(mut bytes: &[u8]) -> Vec<Box<'_>> {
    let mut boxes = Vec::new();
    while !bytes.is_empty() {
        let size = u32_at(bytes, 0) as usize;
        let kind = std::str::from_utf8(&bytes[4..8]).expect("a four-character code");
        boxes.push(Box {
            kind,
            body: &bytes[8..size],
        });
        bytes = &bytes[size..];
    }
    boxes
}

impl<'a> Box<'a> {
    pub fn children(&self) -> Vec<Box<'a>> {
        boxes(self.body)
    }

    /// The only child of a kind.
    pub fn child(&self, kind: &str) -> Box<'a> {
        only(&self.children(), kind)
    }
}

/// The only box of a kind.
pub fn only<'a>(boxes: &[Box<'a>], kind: &str) -> Box<'a> {
    let mut found = boxes.iter().filter(|found| found.kind == kind);
    let only = *found.next().unwrap_or_else(|| panic!("no {kind} in {boxes:?}"));
    assert!(found.next().is_none(), "more than one {kind}");
    only
}

pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(bytes[at..at + 2].try_into().expect("two bytes"))
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// A sample of a movie fragment: where it says it is, and what is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    pub time_us: u64,
    pub duration_us: u64,
    pub key: bool,
    pub data: &'a [u8],
}

/// All samples of `moof` and `mdat` pairs.
pub fn samples(bytes: &[u8]) -> Vec<Sample<'_>> {
    let mut rest = bytes;
    let mut samples = Vec::new();
    while !rest.is_empty() {
        let moof_bytes = u32_at(rest, 0) as usize;
        let [moof, mdat] = boxes(rest)[..2] else {
            panic!("expected moof and mdat")
        };
        assert_eq!((moof.kind, mdat.kind), ("moof", "mdat"));
        let traf = moof.child("traf");
        let tfhd = traf.child("tfhd").body;
        // Version 0, default-base-is-moof and nothing else, track 1.
        assert_eq!((u32_at(tfhd, 0), u32_at(tfhd, 4), tfhd.len()), (0x02_0000, 1, 8));
        let tfdt = traf.child("tfdt").body;
        assert_eq!(tfdt[0], 1, "64 bits");
        let mut time_us = u64_at(tfdt, 4);
        let trun = traf.child("trun").body;
        // Data offset; duration and size of every sample; flags of every one, or of the first and only one.
        let all_flags = match u32_at(trun, 0) & 0xFF_FFFF {
            0x701 => true,
            0x305 if u32_at(trun, 4) == 1 => false,
            other => panic!("trun flags {other:06x}"),
        };
        let mut at = u32_at(trun, 8) as usize;
        assert_eq!(at, moof_bytes + 8, "the data begins with the payload of mdat");
        let rows: Vec<&[u8]> = if all_flags {
            trun[12..].chunks_exact(12).collect()
        } else {
            vec![&trun[12..24]]
        };
        assert_eq!(rows.len(), u32_at(trun, 4) as usize);
        for row in rows {
            let [duration, size, flags] = if all_flags { [0, 4, 8] } else { [4, 8, 0] };
            let (duration_us, size) = (u64::from(u32_at(row, duration)), u32_at(row, size) as usize);
            samples.push(Sample {
                time_us,
                duration_us,
                key: match u32_at(row, flags) {
                    0x0200_0000 => true,
                    0x0101_0000 => false,
                    other => panic!("flags {other:08x}"),
                },
                data: &rest[at..at + size],
            });
            time_us += duration_us;
            at += size;
        }
        let end = moof_bytes + 8 + mdat.body.len();
        assert_eq!(at, end, "the data ends with mdat");
        rest = &rest[end..];
    }
    samples
}
