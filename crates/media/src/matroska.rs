//! Just enough Matroska (RFC 9559) to hand raw pictures with microsecond times to a demuxer: one track, one cluster
//! per frame, no index. Pure.

/// Bytes before the first frame: EBML header, an endless segment, and one track of I420 pictures.
///
/// `frame_ns` is the nominal distance of frames in nanoseconds. It is no time of any frame, but without it x264 has no
/// idea of the frame rate and its rate control fails.
pub(crate) fn header(width: u32, height: u32, frame_ns: u64) -> Vec<u8> {
    let ebml = [
        uint(&[0x42, 0x86], 1), // EBMLVersion
        uint(&[0x42, 0xF7], 1), // EBMLReadVersion
        uint(&[0x42, 0xF2], 4), // EBMLMaxIDLength
        uint(&[0x42, 0xF3], 8), // EBMLMaxSizeLength
        element(&[0x42, 0x82], b"matroska"),
        uint(&[0x42, 0x87], 4), // DocTypeVersion
        uint(&[0x42, 0x85], 2), // DocTypeReadVersion
    ];
    let info = [
        uint(&[0x2A, 0xD7, 0xB1], 1_000), // TimestampScale: timestamps are microseconds
        element(&[0x4D, 0x80], b"streamview"), // MuxingApp
        element(&[0x57, 0x41], b"streamview"), // WritingApp
    ];
    let colour = [
        uint(&[0x55, 0xB1], 1), // MatrixCoefficients: BT.709
        uint(&[0x55, 0xB9], 2), // Range: full
        uint(&[0x55, 0xBA], 1), // TransferCharacteristics: BT.709
        uint(&[0x55, 0xBB], 1), // Primaries: BT.709
    ];
    let video = [
        uint(&[0xB0], u64::from(width)),
        uint(&[0xBA], u64::from(height)),
        element(&[0x2E, 0xB5, 0x24], b"I420"), // UncompressedFourCC
        element(&[0x55, 0xB0], &colour.concat()),
    ];
    let track = [
        uint(&[0xD7], 1),                           // TrackNumber
        uint(&[0x73, 0xC5], 1),                     // TrackUID
        uint(&[0x83], 1),                           // TrackType: video
        uint(&[0x9C], 0),                           // FlagLacing
        uint(&[0x23, 0xE3, 0x83], frame_ns.max(1)), // DefaultDuration
        element(&[0x86], b"V_UNCOMPRESSED"),
        element(&[0xE0], &video.concat()),
    ];
    [
        element(&[0x1A, 0x45, 0xDF, 0xA3], &ebml.concat()),
        vec![
            0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ], // Segment of unknown size
        element(&[0x15, 0x49, 0xA9, 0x66], &info.concat()),
        element(&[0x16, 0x54, 0xAE, 0x6B], &element(&[0xAE], &track.concat())),
    ]
    .concat()
}

/// Bytes before the `picture_bytes` bytes of a frame at `pts_us` microseconds.
pub(crate) fn cluster(pts_us: u64, picture_bytes: usize) -> Vec<u8> {
    const BLOCK_HEAD: [u8; 4] = [0x81, 0, 0, 0x80]; // track 1, 0 us after the cluster, key frame
    let mut body = uint(&[0xE7], pts_us); // Timestamp
    body.push(0xA3); // SimpleBlock
    body.extend(size(BLOCK_HEAD.len() + picture_bytes));
    body.extend(BLOCK_HEAD);
    let mut cluster = vec![0x1F, 0x43, 0xB6, 0x75];
    cluster.extend(size(body.len() + picture_bytes));
    cluster.extend(body);
    cluster
}

/// A size in the eight-byte form.
fn size(bytes: usize) -> [u8; 8] {
    ((1 << 56) | bytes as u64).to_be_bytes()
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id, &size(body.len()), body].concat()
}

fn uint(id: &[u8], value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_states_its_time_and_the_sizes_that_follow() {
        assert_eq!(
            cluster(1_000_000, 6),
            [
                &[0x1F, 0x43, 0xB6, 0x75, 1, 0, 0, 0, 0, 0, 0, 17 + 9 + 4 + 6][..],
                &[0xE7, 1, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40],
                &[0xA3, 1, 0, 0, 0, 0, 0, 0, 10, 0x81, 0, 0, 0x80],
            ]
            .concat()
        );
    }

    #[test]
    fn the_header_ends_where_the_first_cluster_may_begin() {
        let bytes = header(4, 2, 33_333_333);
        let tracks = bytes
            .windows(4)
            .position(|id| id == [0x16, 0x54, 0xAE, 0x6B])
            .expect("tracks");
        let length =
            u64::from_be_bytes(bytes[tracks + 4..tracks + 12].try_into().expect("8 bytes")) & !(1 << 56);
        assert_eq!(tracks + 12 + length as usize, bytes.len());
    }
}
