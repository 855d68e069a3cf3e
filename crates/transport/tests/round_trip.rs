//! Messages between a publisher and an ingest over real sockets.

#![allow(clippy::unwrap_used)]

mod common;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::messages::{event, frame, metric, sized};
use common::{Runner, any_port, eventually, publisher};
use protocol::{Event, Message};
use transport::ingest::{Config, Limits};
use transport::publisher::Link;
use transport::{Ingest, Received};

#[test]
fn messages_arrive_as_they_were_sent() {
    let runner = Runner::start();
    let publisher = publisher(runner.addr);
    // From a single row to more than any socket buffer.
    let frames = [
        frame("a", 1, 1),
        sized("b", 2, 100, 163),
        sized("c", 3, 4096, 4097),
    ];
    for frame in &frames {
        publisher.frame(frame.clone());
    }
    publisher.metric(metric("m", 1));
    publisher.event(event("m", 2, "stimulus on"));

    let mut expected: Vec<Message> = frames.into_iter().map(Message::Frame).collect();
    expected.push(Message::Metric(metric("m", 1)));
    expected.push(Message::Event(event("m", 2, "stimulus on")));
    while !expected.is_empty() {
        let message = runner.message();
        let index = expected.iter().position(|expected| *expected == message);
        expected.remove(index.unwrap_or_else(|| panic!("unexpected {message:?}")));
    }
    eventually("five messages sent", || publisher.stats().sent == 5);
    assert_eq!(publisher.stats().link, Link::Connected);
}

#[test]
fn a_publisher_without_frames_has_one_connection() {
    let runner = Runner::start();
    let publisher = publisher(runner.addr);
    publisher.metric(metric("m", 1));
    let mut joined = 0;
    runner.wait_for("the metric", |received| {
        joined += u32::from(matches!(received, Received::Joined { .. }));
        matches!(received, Received::Message(_)).then_some(())
    });
    publisher.close(Duration::from_secs(5));
    runner.wait_for("the end", |received| {
        joined += u32::from(matches!(received, Received::Joined { .. }));
        matches!(received, Received::Left { .. }).then_some(())
    });
    assert_eq!(joined, 1);
}

#[test]
fn a_runner_that_appears_late_gets_the_newest_frames_and_every_metric() {
    let addr = unused_addr();
    let publisher = publisher(addr);
    for seq in 0..50 {
        publisher.frame(frame("camera", seq, 1000));
        publisher.metric(metric("m", seq));
    }
    assert_eq!(publisher.stats().link, Link::Connecting);
    let runner = Runner::with(addr, Limits::default());
    let (mut frames, mut metrics) = (Vec::new(), Vec::new());
    while frames.len() < 16 || metrics.len() < 50 {
        match runner.message() {
            Message::Frame(frame) => frames.push(frame.stamp.seq),
            other => metrics.push(other.stamp().seq),
        }
    }
    assert_eq!(frames, (34..50).collect::<Vec<_>>());
    assert_eq!(metrics, (0..50).collect::<Vec<_>>());
    assert_eq!(publisher.stats().replaced, 34);
}

#[test]
fn a_runner_that_comes_back_is_found_within_three_seconds() {
    let runner = Runner::start();
    let addr = runner.addr;
    let publisher = publisher(addr);
    publisher.frame(frame("camera", 0, 1000));
    publisher.metric(metric("m", 0));
    runner.message();
    runner.message();
    runner.stop();

    let runner = Runner::with(addr, Limits::default());
    let back = Instant::now();
    let (mut frame_after, mut metric_after) = (None, None);
    for seq in 1.. {
        publisher.frame(frame("camera", seq, 1000));
        publisher.metric(metric("m", seq));
        match runner.received.recv_timeout(Duration::from_millis(10)) {
            Ok(Received::Message(Message::Frame(_))) => frame_after = frame_after.or(Some(back.elapsed())),
            Ok(Received::Message(_)) => metric_after = metric_after.or(Some(back.elapsed())),
            _ => {}
        }
        if let (Some(frame_after), Some(metric_after)) = (frame_after, metric_after) {
            let limit = Duration::from_secs(3);
            assert!(
                frame_after < limit && metric_after < limit,
                "{frame_after:?} {metric_after:?}"
            );
            break;
        }
        assert!(
            back.elapsed() < common::DEADLINE,
            "neither came back: {:?}",
            publisher.stats()
        );
    }
    assert_eq!(publisher.stats().reconnects, 2);
}

#[test]
fn closing_sends_everything_and_the_end_comes_last() {
    let runner = Runner::start();
    let publisher = publisher(runner.addr);
    // Not even connected yet.
    for seq in 0..1000 {
        publisher.metric(metric("m", seq));
    }
    publisher.frame(sized("camera", 0, 4096, 4096));
    for (stream, seq) in [("camera", 1), ("m", 1000)] {
        publisher.event(Event {
            end: true,
            ..event(stream, seq, "end")
        });
    }
    publisher.close(Duration::from_secs(10));

    let (mut metrics, mut frames, mut left) = (Vec::new(), Vec::new(), 0);
    while left < 2 {
        runner.wait_for("everything", |received| {
            match received {
                Received::Message(message) => match message.stream().as_str() {
                    "m" => metrics.push(message.stamp().seq),
                    _ => frames.push(message.stamp().seq),
                },
                Received::Left { .. } => left += 1,
                _ => {}
            }
            Some(())
        });
    }
    assert_eq!(metrics, (0..=1000).collect::<Vec<_>>());
    assert_eq!(frames, [0, 1]);
}

#[test]
fn closing_without_a_runner_takes_no_longer_than_the_grace() {
    let publisher = publisher(unused_addr());
    publisher.metric(metric("m", 0));
    let closing = Instant::now();
    publisher.close(Duration::from_millis(300));
    assert!(
        closing.elapsed() < Duration::from_secs(5),
        "{:?}",
        closing.elapsed()
    );
}

#[test]
fn every_byte_of_a_large_frame_is_the_one_that_was_sent() {
    let runner = Runner::start();
    let publisher = publisher(runner.addr);
    let mut frame = sized("camera", 0, 1999, 1001);
    frame.payload = (0..frame.payload.len())
        .map(|index| (index * index / 7) as u8)
        .collect();
    publisher.frame(frame.clone());
    // Not assert_eq: nobody wants to read two megabytes.
    assert!(runner.message() == Message::Frame(frame));
}

#[test]
fn an_address_in_use_is_named() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let taken = TcpListener::bind(any_port()).unwrap();
    let addr = taken.local_addr().unwrap();
    let error = runtime.block_on(Ingest::bind(Config::new(addr))).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot listen on tcp://{addr}: address in use")
    );
}

/// An address that was free a moment ago.
fn unused_addr() -> std::net::SocketAddr {
    TcpListener::bind(any_port()).unwrap().local_addr().unwrap()
}
