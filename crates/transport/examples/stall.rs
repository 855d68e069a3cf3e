//! What a frozen runner does to a camera: `cargo run --release --example stall`.
//!
//! Publishes 1920x1080 uint16 frames at 60 fps and a metric with each to a runner in another process, stops that
//! process for ten seconds (SIGSTOP), and lets it go on. Prints, second by second, the publisher's pacing, longest
//! call and memory, and the age of what the runner receives.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use protocol::frame::{Format, Shape};
use protocol::metric::Data;
use protocol::{Dtype, Frame, Message, Metric, Stamp, WallTime};
use tokio_util::sync::CancellationToken;
use transport::ingest::Config;
use transport::{Endpoint, Ingest, Publisher, Received, publisher};

const FPS: u32 = 60;
const SECONDS: u32 = 20;
const STOP_AT_S: u32 = 4;
const GO_ON_AT_S: u32 = 14;

fn main() {
    if std::env::args().nth(1).is_some() {
        run();
    } else {
        publish();
    }
}

fn now() -> WallTime {
    SystemTime::now().into()
}

/// The runner: reports the oldest and the median age per second.
fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listen: Endpoint = "tcp://127.0.0.1:0".parse().unwrap();
    let ingest = runtime.block_on(Ingest::bind(Config::new(listen))).unwrap();
    println!("tcp://{}", ingest.local_addr());
    let (mut second, mut frames, mut metrics) = (Instant::now(), Vec::new(), Vec::new());
    let sink = move |received| {
        let Received::Message(message) = received else {
            return;
        };
        let age = now().since(message.stamp().t).unwrap_or_default();
        match message {
            Message::Frame(_) => frames.push(age),
            _ => metrics.push(age),
        }
        if second.elapsed() > Duration::from_secs(1) {
            second = Instant::now();
            println!(
                "    runner: frames {}, metrics {}",
                ages(&mut frames),
                ages(&mut metrics)
            );
        }
    };
    runtime
        .block_on(ingest.run(sink, CancellationToken::new()))
        .unwrap();
}

fn ages(ages: &mut Vec<Duration>) -> String {
    ages.sort();
    let at = |index: usize| ages.get(index).map_or(f64::NAN, |age| age.as_secs_f64() * 1e3);
    let text = format!(
        "{:3}: age median {:.1} ms, max {:.1} ms",
        ages.len(),
        at(ages.len() / 2),
        at(ages.len().saturating_sub(1))
    );
    ages.clear();
    text
}

/// The camera.
fn publish() {
    let exe = std::env::current_exe().unwrap();
    let mut runner = Command::new(exe)
        .arg("run")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(runner.stdout.take().unwrap()).lines();
    let endpoint: Endpoint = lines.next().unwrap().unwrap().parse().unwrap();
    std::thread::spawn(move || lines.for_each(|line| println!("{}", line.unwrap())));
    let publisher = Publisher::start(publisher::Config::new(endpoint)).unwrap();
    let signal = |name: &str| {
        println!("{name}");
        Command::new("kill")
            .arg(name)
            .arg(runner.id().to_string())
            .status()
            .unwrap();
    };

    let format = Format::new(Shape::new(1080, 1920, 1).unwrap(), Dtype::U16);
    let start = Instant::now();
    let mut longest = Duration::ZERO;
    for seq in 0..SECONDS * FPS {
        if let Some(left) =
            (start + Duration::from_secs(1) * seq / FPS).checked_duration_since(Instant::now())
        {
            std::thread::sleep(left);
        }
        let stamp = Stamp {
            session: 1,
            seq: seq.into(),
            t: now(),
        };
        let frame = Frame {
            stream: "camera".parse().unwrap(),
            stamp,
            payload: Bytes::from(vec![seq as u8; format.byte_len()]),
            format: format.clone(),
        };
        let metric = Metric {
            stream: "camera".parse().unwrap(),
            stamp,
            frame: Some(seq.into()),
            unit: None,
            data: Data::Values(vec![("value".parse().unwrap(), f64::from(seq))]),
        };
        let call = Instant::now();
        publisher.frame(frame);
        publisher.metric(metric);
        longest = longest.max(call.elapsed());
        if seq % FPS == FPS - 1 {
            let rate = f64::from(seq + 1) / start.elapsed().as_secs_f64();
            println!(
                "camera: {rate:.2} fps, longest call {longest:?}, {} MiB, {:?}",
                resident_mib(),
                publisher.stats()
            );
            longest = Duration::ZERO;
        }
        match seq / FPS {
            STOP_AT_S if seq % FPS == 0 => signal("-STOP"),
            GO_ON_AT_S if seq % FPS == 0 => signal("-CONT"),
            _ => {}
        }
    }
    publisher.close(Duration::from_secs(1));
    runner.kill().unwrap();
    runner.wait().unwrap();
}

fn resident_mib() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages / 256
}
