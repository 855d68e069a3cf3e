//! Access units to package: real ones of x264, and made-up ones where only their order matters.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod boxes;
pub mod flv;
pub mod player;
pub mod playlist;
pub mod probe;

use std::time::Duration;

use bytes::Bytes;
use packager::{AccessUnit, Config, MediaTime, Packager, Start};
use protocol::{Stamp, WallTime};

/// Some moment of 2025, in ns since the Unix epoch.
pub const T0_NS: i64 = 1_760_000_000_123_456_789;

/// A small decoder configuration: baseline, level 3.0, parameter sets that no decoder ever sees.
pub const AVCC: &[u8] = &[
    1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, 4, 0x67, 0x42, 0xC0, 0x1E, 1, 0, 2, 0x68, 0xCE,
];

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn start(life: u64, session: u64) -> Start {
    Start {
        life,
        session,
        width: 64,
        height: 48,
        avcc: Bytes::from_static(AVCC),
    }
}

/// A NAL unit of `bytes` bytes after its length; `fill` tells it from others.
pub fn nal(bytes: usize, fill: u8) -> Bytes {
    let mut data = vec![fill; bytes + 4];
    data[..4].copy_from_slice(&(bytes as u32).to_be_bytes());
    data.into()
}

/// Frames of one producer on the way into a packager.
#[derive(Clone, Debug)]
pub struct Camera {
    pub session: u64,
    pub seq: u64,
    pub media_us: u64,
    pub period: Duration,
    pub unit_bytes: usize,
    /// A key frame at the first frame of each such stretch of media time.
    pub gop: Duration,
    next_key_us: u64,
}

impl Camera {
    pub fn new(session: u64, fps: f64) -> Self {
        Self {
            session,
            seq: 0,
            media_us: 0,
            period: Duration::from_secs_f64(1.0 / fps),
            unit_bytes: 100,
            gop: Duration::from_secs(1),
            next_key_us: 0,
        }
    }

    /// The next frame, at the camera's media time.
    pub fn unit(&mut self) -> AccessUnit {
        let key = self.media_us >= self.next_key_us;
        if key {
            self.next_key_us = self.media_us + self.gop.as_micros() as u64;
        }
        let unit = AccessUnit {
            stamp: Stamp {
                session: self.session,
                seq: self.seq,
                t: WallTime::from_ns(T0_NS + self.media_us as i64 * 1_000),
            },
            media: MediaTime::from_us(self.media_us),
            period: self.period,
            key,
            data: nal(self.unit_bytes, self.seq as u8),
        };
        self.seq += 1;
        self.media_us += self.period.as_micros() as u64;
        unit
    }

    /// Another producer, whose first frame is due when the next one of this was.
    pub fn successor(&self, session: u64) -> Self {
        Self {
            session,
            seq: 0,
            next_key_us: 0,
            ..self.clone()
        }
    }

    /// The next frame is a key frame, as at the start of a life.
    pub fn restart(&mut self) {
        self.next_key_us = 0;
    }

    pub fn film(&mut self, packager: &Packager, frames: u64) {
        for _ in 0..frames {
            packager.push(self.unit()).expect("a good frame");
        }
    }
}

/// A packager with one running life, number 0, of session 1.
pub fn running(config: Config) -> Packager {
    let packager = Packager::new(config);
    packager.begin(start(0, 1)).expect("a good start");
    packager
}
