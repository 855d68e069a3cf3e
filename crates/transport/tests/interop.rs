//! Other implementations of ZeroMQ publish, too.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::messages::{metric, sized};
use common::{DEADLINE, Runner, eventually};
use protocol::{Message, codec};
use zeromq::{PubSocket, Socket, SocketSend, ZmqMessage};

#[test]
fn a_pub_socket_of_the_zeromq_crate_is_understood() {
    let runner = Runner::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut socket = PubSocket::new();
        socket.connect(&format!("tcp://{}", runner.addr)).await.unwrap();
        let message = Message::Frame(sized("camera", 3, 500, 1000));
        let parts = codec::encode(&message);
        let mut got = None;
        let asked = Instant::now();
        // A PUB socket drops what it has no subscription for, and does not tell when one arrives.
        while got.is_none() {
            assert!(asked.elapsed() < DEADLINE, "nothing arrived");
            let parts = ZmqMessage::try_from(Vec::<Bytes>::from(parts.clone())).unwrap();
            socket.send(parts).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            got = runner.received.try_iter().find_map(|received| match received {
                transport::Received::Message(message) => Some(message),
                _ => None,
            });
        }
        assert_eq!(got, Some(message));
    });
}

/// Publishes on PUB with libzmq's own heartbeats, which end the connection when they are not answered.
const PYTHON: &str = r#"
import sys, time, zmq
socket = zmq.Context().socket(zmq.PUB)
socket.setsockopt(zmq.HEARTBEAT_IVL, 50)
socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 300)
socket.setsockopt(zmq.LINGER, 1000)
socket.connect(sys.argv[1])
topic, header = sys.argv[2].encode(), bytes.fromhex(sys.argv[3])
while True:
    socket.send_multipart([topic, header, b""])
    time.sleep(0.01)
"#;

#[test]
fn a_libzmq_publisher_is_understood_and_finds_a_runner_that_comes_back() {
    let zmq = Command::new("python3")
        .args(["-c", "import zmq"])
        .stderr(Stdio::null())
        .status();
    if !zmq.is_ok_and(|status| status.success()) {
        println!("skipped: no python3 with zmq");
        return;
    }
    let mut runner = Runner::start();
    let [topic, header, _] = codec::encode(&Message::Metric(metric("m", 5)));
    let mut python = Command::new("python3")
        .args(["-c", PYTHON, &format!("tcp://{}", runner.addr)])
        .arg(String::from_utf8(topic.to_vec()).unwrap())
        .arg(
            header
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        )
        .spawn()
        .unwrap();
    for _ in 0..2 {
        let (mut joined, mut messages) = (0, 0);
        // One second: long enough for a missing answer to a heartbeat to show.
        runner.wait_for("a hundred metrics", |received| {
            match received {
                transport::Received::Joined { .. } => joined += 1,
                transport::Received::Message(message) => {
                    assert_eq!(message, Message::Metric(metric("m", 5)));
                    messages += 1;
                }
                other => panic!("unexpected {other:?}"),
            }
            (messages == 100).then_some(())
        });
        assert_eq!(joined, 1, "it had to connect again");
        let addr = runner.addr;
        runner.stop();
        runner = Runner::with(addr, transport::ingest::Limits::default());
    }
    python.kill().unwrap();
    eventually("python's end", || python.try_wait().unwrap().is_some());
}
