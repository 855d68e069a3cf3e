use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use protocol::frame::Shape;
use protocol::{Dtype, Stamp, WallTime};

use super::*;
use crate::raw::Which;

const STREAMS: usize = 300;

/// A hub whose encoders never start.
fn hub(dir: &std::path::Path) -> Hub {
    let mut media = media::Config::new(dir, "run");
    media.ffmpeg = dir.join("no-ffmpeg");
    let config = Config {
        media,
        series_bytes: 1 << 20,
        history: Duration::from_secs(10),
        raw: raw::Limits {
            bytes: 1 << 20,
            window: Duration::from_secs(10),
        },
        max_streams: STREAMS,
        state: None,
    };
    Hub::new("run".into(), config)
}

fn first_frame(stream: &str) -> Frame {
    Frame {
        stream: stream.parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq: 0,
            t: WallTime::from_ns(0),
        },
        format: protocol::frame::Format::new(Shape::new(2, 3, 1).unwrap(), Dtype::U8),
        payload: vec![0; 6].into(),
    }
}

#[test]
fn a_stream_is_found_with_its_first_frame_counted_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let hub = hub(dir.path());
    let name = |number| format!("camera-{number}");
    let all_came = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..STREAMS {
                // Asked for again and again until it is there, as by somebody who waits for it.
                let stream = loop {
                    let is_last_look = all_came.load(Ordering::Acquire);
                    if let Some(stream) = hub.frame_stream(&name(number)) {
                        break stream;
                    }
                    assert!(!is_last_look, "{} came to nothing", name(number));
                };
                assert_eq!(stream.read(|facts| facts.sequence.received()), 1);
                assert!(
                    hub.raw
                        .get(&name(number).parse().unwrap(), None, Which::Latest)
                        .is_ok()
                );
            }
        });
        for number in 0..STREAMS {
            hub.frame(first_frame(&name(number)));
        }
        all_came.store(true, Ordering::Release);
    });
}
