//! Whether packing pixels is quicker than sending them as they are.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::write::DeflateEncoder;

/// Smaller messages are gone before they are packed.
const MIN_BYTES: usize = 16 << 10;
/// How long a result stands for frames like it. It is then tried once more, for pictures change.
const STANDS: Duration = Duration::from_secs(5);

/// What packing has done to one viewer's frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compression {
    last: Option<Result>,
}

#[derive(Clone, Copy, Debug)]
struct Result {
    at: Instant,
    /// Seconds per byte before packing.
    s_per_byte: f64,
    /// Bytes after packing, per byte before.
    ratio: f64,
}

impl Compression {
    /// Whether to pack the next `bytes`, for a link of `bytes_per_s`: as long as neither is known, it is tried.
    pub fn pays(&self, bytes: usize, bytes_per_s: Option<f64>, now: Instant) -> bool {
        if bytes < MIN_BYTES {
            return false;
        }
        match (self.last, bytes_per_s) {
            (Some(last), Some(bytes_per_s)) if now.saturating_duration_since(last.at) < STANDS => {
                last.s_per_byte + last.ratio / bytes_per_s < 1.0 / bytes_per_s
            }
            _ => true,
        }
    }

    /// So many bytes became so many, and it took so long.
    pub fn measured(&mut self, before: usize, after: usize, took: Duration, at: Instant) {
        let before = before.max(1) as f64;
        self.last = Some(Result {
            at,
            s_per_byte: took.as_secs_f64() / before,
            ratio: after as f64 / before,
        });
    }
}

/// Packs as DEFLATE (RFC 1951) at its fastest; `None` where that does not make it smaller.
pub fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let room = Vec::with_capacity(bytes.len() / 2);
    let mut encoder = DeflateEncoder::new(room, flate2::Compression::fast());
    // Writing to memory does not fail.
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then_some(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn it_pays_where_packing_and_sending_is_quicker_than_sending() {
        let start = Instant::now();
        let mut compression = Compression::default();
        assert!(compression.pays(1 << 20, None, start), "it is tried");
        assert!(compression.pays(1 << 20, Some(1e9), start), "it is tried");
        // 100 MB/s, to a half.
        let took = Duration::from_secs_f64((1 << 20) as f64 / 100e6);
        compression.measured(1 << 20, 1 << 19, took, start);
        assert!(compression.pays(1 << 20, Some(49e6), start));
        assert!(!compression.pays(1 << 20, Some(51e6), start));
        assert!(
            !compression.pays(1 << 10, Some(1e3), start),
            "too small to matter"
        );
        assert!(
            compression.pays(1 << 20, Some(51e6), start + STANDS),
            "it is tried again"
        );
        // Noise: never smaller.
        compression.measured(1 << 20, 1 << 20, took, start);
        assert!(!compression.pays(1 << 20, Some(1.0), start));
    }

    #[test]
    fn what_was_packed_comes_out_again_and_noise_is_left_alone() {
        let smooth: Vec<u8> = (0..100_000_u32).map(|index| (index / 300) as u8).collect();
        let packed = deflate(&smooth).unwrap();
        assert!(packed.len() < smooth.len() / 10);
        let mut unpacked = Vec::new();
        flate2::read::DeflateDecoder::new(&packed[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, smooth);
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            // xorshift64, Marsaglia 2003.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .take(100_000)
        .collect();
        assert_eq!(deflate(&noise), None);
    }
}
