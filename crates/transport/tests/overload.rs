//! A runner that is frozen, slow or absent slows no experiment.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::messages::{metric, sized};
use common::{any_port, eventually, greeting, publisher, ready};
use transport::publisher::Link;

/// Takes a connection as a runner does, up to the subscription.
fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    stream
        .write_all(&[greeting(), ready("XSUB"), vec![0, 1, 1]].concat())
        .unwrap();
    let mut answer = [0; 64 + 28];
    stream.read_exact(&mut answer).unwrap();
    stream
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

const MIB: usize = 1 << 20;

#[test]
fn a_runner_that_never_reads_costs_no_time_and_little_memory() {
    let listener = TcpListener::bind(any_port()).unwrap();
    let publisher = publisher(listener.local_addr().unwrap());
    // It is alive, as far as heartbeats tell, so that the publisher stays with it.
    let mut series = accept(&listener);
    publisher.frame(sized("camera", 0, 1024, 1024));
    let frames = accept(&listener);
    eventually("both links", || publisher.stats().link == Link::Connected);

    let before = resident_bytes();
    let start = Instant::now();
    let mut heartbeat = Instant::now();
    let mut longest = Duration::ZERO;
    let mut most = 0;
    for seq in 1..=500 {
        let frame = sized("camera", seq, 1024, 1024);
        let call = Instant::now();
        publisher.frame(frame);
        publisher.metric(metric("m", seq));
        longest = longest.max(call.elapsed());
        most = most.max(resident_bytes());
        if heartbeat.elapsed() > Duration::from_millis(200) {
            series.write_all(b"\x00\x0b\x02streamview").unwrap();
            heartbeat = Instant::now();
        }
    }
    // 500 frames are 500 MiB.
    assert!(most < before + 50 * MIB, "{} MiB more", (most - before) / MIB);
    assert!(
        longest < Duration::from_secs(1),
        "a call took {longest:?} of {:?}",
        start.elapsed()
    );
    let stats = publisher.stats();
    assert_eq!(stats.reconnects, 0, "the test was too slow to tell");
    // Socket buffers take some.
    assert!(stats.replaced > 400, "{stats:?}");
    drop(frames);
}

#[test]
fn a_runner_that_falls_silent_is_dialed_again() {
    let listener = TcpListener::bind(any_port()).unwrap();
    let publisher = publisher(listener.local_addr().unwrap());
    let _silent = accept(&listener);
    eventually("the link", || publisher.stats().link == Link::Connected);
    let silence = Instant::now();
    let _second = accept(&listener);
    assert!(
        silence.elapsed() < Duration::from_secs(3),
        "{:?}",
        silence.elapsed()
    );
    assert_eq!(publisher.stats().reconnects, 1);
}

#[test]
fn a_runner_that_never_shakes_hands_is_dialed_again() {
    let listener = TcpListener::bind(any_port()).unwrap();
    let publisher = publisher(listener.local_addr().unwrap());
    let _mute = listener.accept().unwrap();
    accept(&listener);
    eventually("the link", || publisher.stats().link == Link::Connected);
}

#[test]
fn a_frame_that_takes_long_to_send_is_not_cut_off_while_the_runner_lives() {
    let listener = TcpListener::bind(any_port()).unwrap();
    let publisher = publisher(listener.local_addr().unwrap());
    let mut series = accept(&listener);
    let frame = sized("camera", 0, 4096, 4096);
    publisher.frame(frame.clone());
    let mut frames = accept(&listener);
    // More than the silence that would end an idle connection.
    let mut received = Vec::new();
    let mut chunk = vec![0; 256 << 10];
    let start = Instant::now();
    while received.len() < frame.payload.len() {
        let n = frames.read(&mut chunk).unwrap();
        assert!(n > 0, "cut off after {} bytes", received.len());
        received.extend_from_slice(&chunk[..n]);
        // 16 MiB in 2.5 s, and not one heartbeat on this connection.
        let due = Duration::from_millis(2500).mul_f64(received.len() as f64 / frame.payload.len() as f64);
        while start.elapsed() < due {
            series.write_all(b"\x00\x0b\x02streamview").unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    assert!(received.ends_with(&frame.payload[..1000]));
    assert_eq!(publisher.stats().cut_off, 0);
}
