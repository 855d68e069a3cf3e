use bytes::Bytes;
use protocol::Dtype;
use protocol::frame::{Format, Shape};

use super::*;
use crate::source::Reader;

#[derive(Default)]
struct Log {
    frames: Vec<Frame>,
    metrics: Vec<Metric>,
    events: Vec<Event>,
    /// Cancelled after so many frames.
    stop_after: Option<(usize, CancellationToken)>,
}

impl Link for Log {
    fn frame(&mut self, frame: Frame) {
        self.frames.push(frame);
        if let Some((count, token)) = &self.stop_after
            && self.frames.len() == *count
        {
            token.cancel();
        }
    }

    fn metric(&mut self, metric: Metric) {
        self.metrics.push(metric);
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn summary(&self) -> String {
        String::new()
    }
}

/// `count` pictures, then the end, or an error.
struct Pictures {
    count: u8,
    next: u8,
    broken: bool,
}

impl Reader for Pictures {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        if self.next == self.count {
            return if self.broken {
                Err(Error::format("pictures", "torn"))
            } else {
                Ok(None)
            };
        }
        self.next += 1;
        Ok(Some(Picture {
            format: Format::new(Shape::new(1, 1, 1).unwrap(), Dtype::U8),
            payload: Bytes::copy_from_slice(&[self.next]),
            captured: None,
        }))
    }

    fn rewind(&mut self) -> Result<(), Error> {
        self.next = 0;
        Ok(())
    }
}

fn node(link: &mut Log) -> Node<'_, Log> {
    Node {
        session: 42,
        stream: "s".parse().unwrap(),
        frames: u64::MAX,
        looping: false,
        range: None,
        unit: None,
        pixel_size: None,
        times: None,
        faults: Faults::new(0.0, Duration::ZERO, 0),
        number_series: None,
        lost: 0,
        link,
    }
}

fn pictures(count: u8, broken: bool, rate: Rate) -> Opened {
    let reader = Pictures {
        count,
        next: 0,
        broken,
    };
    Opened {
        source: Source::Reader(Box::new(reader)),
        rate,
    }
}

#[test]
fn frames_are_numbered_stamped_in_order_and_followed_by_the_end() {
    let mut log = Log::default();
    let count = node(&mut log)
        .publish(pictures(5, false, Rate::Fps(1000.0)), &CancellationToken::new())
        .unwrap();
    assert_eq!(count, 5);
    let seqs: Vec<u64> = log.frames.iter().map(|frame| frame.stamp.seq).collect();
    assert_eq!(seqs, [0, 1, 2, 3, 4]);
    assert!(log.frames.is_sorted_by_key(|frame| frame.stamp.t));
    assert!(
        log.frames
            .iter()
            .all(|frame| frame.stamp.session == 42 && frame.format.fps == Some(1000.0))
    );
    let [end] = &log.events[..] else {
        panic!("{:?}", log.events);
    };
    assert!(end.end && end.stamp.session == 42 && end.text == "end");
}

/// Opens slowly, as ffmpeg may.
struct Slow(Pictures);

impl Reader for Slow {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        if self.0.next == 0 {
            std::thread::sleep(Duration::from_millis(300));
        }
        self.0.read()
    }

    fn rewind(&mut self) -> Result<(), Error> {
        self.0.rewind()
    }
}

#[test]
fn a_source_that_opens_slowly_keeps_its_pace_from_its_first_picture_on() {
    let mut log = Log::default();
    let pictures = Pictures {
        count: 4,
        next: 0,
        broken: false,
    };
    let opened = Opened {
        source: Source::Reader(Box::new(Slow(pictures))),
        rate: Rate::Fps(20.0),
    };
    node(&mut log).publish(opened, &CancellationToken::new()).unwrap();
    let times: Vec<_> = log.frames.iter().map(|frame| frame.stamp.t).collect();
    // 50 ms apart: neither the wait for the first nor a burst after it.
    for pair in times.windows(2) {
        let apart = pair[1].since(pair[0]).unwrap();
        assert!((25..150).contains(&apart.as_millis()), "{apart:?}");
    }
}

#[test]
fn a_loop_goes_on_numbering_and_ends_after_the_frames_asked_for() {
    let mut log = Log::default();
    let mut node = node(&mut log);
    (node.looping, node.frames) = (true, 7);
    node.publish(pictures(3, false, Rate::Max), &CancellationToken::new())
        .unwrap();
    let sent: Vec<(u64, u8)> = log
        .frames
        .iter()
        .map(|frame| (frame.stamp.seq, frame.payload[0]))
        .collect();
    assert_eq!(sent, [(0, 1), (1, 2), (2, 3), (3, 1), (4, 2), (5, 3), (6, 1)]);
}

#[test]
fn range_and_unit_of_the_command_line_replace_the_sources() {
    let mut log = Log::default();
    let mut node = node(&mut log);
    node.range = Some(Range { min: -1.0, max: 1.0 });
    node.unit = Some("mV".into());
    node.publish(pictures(1, false, Rate::Max), &CancellationToken::new())
        .unwrap();
    let format = &log.frames[0].format;
    assert_eq!(
        (format.range, format.unit.as_deref()),
        (Some([-1.0, 1.0]), Some("mV"))
    );
}

#[test]
fn a_broken_source_ends_the_stream_before_it_is_reported() {
    let mut log = Log::default();
    let error = node(&mut log)
        .publish(pictures(2, true, Rate::Max), &CancellationToken::new())
        .unwrap_err();
    assert_eq!(error.to_string(), "pictures: torn");
    assert_eq!((log.frames.len(), log.events.len()), (2, 1));
}

#[test]
fn a_stop_ends_a_stream_in_good_order() {
    let token = CancellationToken::new();
    let mut log = Log {
        stop_after: Some((3, token.clone())),
        ..Log::default()
    };
    let mut node = node(&mut log);
    node.looping = true;
    assert_eq!(node.publish(pictures(9, false, Rate::Max), &token).unwrap(), 3);
    assert!(log.events[0].end);
}

#[test]
fn the_log_of_times_has_a_line_per_frame() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut log = Log::default();
    let mut node = node(&mut log);
    node.times = Some(Times::create(file.path()).unwrap());
    node.publish(pictures(3, false, Rate::Max), &CancellationToken::new())
        .unwrap();
    let expected: String = log
        .frames
        .iter()
        .map(|frame| format!("{},{}\n", frame.stamp.seq, frame.stamp.t.as_ns()))
        .collect();
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(text, format!("seq,t_ns\n{expected}"));
}

#[test]
fn frames_lost_on_purpose_leave_a_gap_in_the_frames_and_none_in_the_number_series() {
    let mut log = Log::default();
    let mut node = node(&mut log);
    node.faults = Faults::new(0.3, Duration::ZERO, 5);
    node.number_series = Some(number_series());
    let count = node
        .publish(pictures(100, false, Rate::Max), &CancellationToken::new())
        .unwrap();
    let lost = node.lost as usize;
    assert_eq!((count, log.frames.len() + lost), (100, 100));
    assert!((15..=45).contains(&lost), "{lost} lost");
    for frame in &log.frames {
        // The pictures count from 1.
        assert_eq!(u64::from(frame.payload[0]), frame.stamp.seq + 1);
        let metric = &log.metrics[frame.stamp.seq as usize];
        assert_eq!(
            metric.stamp, frame.stamp,
            "the moment of the picture is the moment of its number"
        );
    }
    for (seq, metric) in log.metrics.iter().enumerate() {
        assert_eq!((metric.stamp.seq, metric.frame), (seq as u64, Some(seq as u64)));
        assert_eq!(metric.data, Data::Values(vec![(number_series(), seq as f64)]));
    }
    assert_eq!(log.metrics.len(), 100);
}

#[test]
fn jitter_makes_times_irregular_and_keeps_the_pace() {
    let mut log = Log::default();
    let mut node = node(&mut log);
    node.faults = Faults::new(0.0, Duration::from_millis(40), 3);
    node.publish(pictures(25, false, Rate::Fps(20.0)), &CancellationToken::new())
        .unwrap();
    let mut expected = Faults::new(0.0, Duration::from_millis(40), 3);
    let first = log.frames[0].stamp.t;
    expected.delay();
    for (index, frame) in log.frames.iter().enumerate().skip(1) {
        // From the first picture on: on the grid of 50 ms, plus the delay of this frame and a late wake-up.
        let due = Duration::from_millis(50) * index as u32 + expected.delay();
        let late = frame.stamp.t.since(first).unwrap().saturating_sub(due);
        assert!(
            frame.stamp.t.since(first).unwrap() + Duration::from_millis(1) >= due,
            "frame {index} is early"
        );
        assert!(
            late < Duration::from_millis(400),
            "frame {index} is {late:?} late"
        );
    }
}
