//! Peers that misbehave lose their connection, and nobody else notices.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::messages::{metric, sized};
use common::{
    Runner, any_port, attack, connect, eventually, greeting, is_closed, long_header, publisher,
    raw_publisher, ready, wire,
};
use protocol::Message;
use transport::ingest::{Limits, Refusal};
use transport::{Publisher, Received};

/// A publisher that goes on publishing while others misbehave.
struct Witness {
    publisher: Publisher,
    seq: u64,
}

impl Witness {
    fn start(runner: &Runner) -> Self {
        let mut witness = Self {
            publisher: publisher(runner.addr),
            seq: 0,
        };
        witness.is_undisturbed(runner);
        witness
    }

    /// Ten frames and metrics go through, none is missing, and the connections are the first ones.
    fn is_undisturbed(&mut self, runner: &Runner) {
        for _ in 0..10 {
            self.seq += 1;
            self.publisher.frame(sized("witness", self.seq, 100, 1000));
            self.publisher.metric(metric("witness", self.seq));
            let mut missing = 2;
            runner.wait_for("what the witness sent", |received| {
                if let Received::Message(message) = received
                    && message.stream().as_str() == "witness"
                {
                    assert_eq!(message.stamp().seq, self.seq);
                    missing -= 1;
                }
                (missing == 0).then_some(())
            });
        }
        assert_eq!(self.publisher.stats().reconnects, 0);
    }
}

/// Sends `bytes` and expects to be turned away for `reason`.
fn check(bytes: &[u8], reason: &str) {
    let runner = Runner::start();
    let mut witness = Witness::start(&runner);
    let mut stream = attack(runner.addr, bytes);
    assert_eq!(runner.turned_away(), reason);
    assert!(is_closed(&mut stream));
    witness.is_undisturbed(&runner);
}

#[test]
fn other_protocols_are_turned_away() {
    check(b"GET / HTTP/1.1\r\nHost: runner\r\n\r\n", "not_zmtp");
    check(
        &(0..=255).cycle().skip(17).take(100_000).collect::<Vec<u8>>(),
        "not_zmtp",
    );
}

#[test]
fn lengths_up_to_two_to_the_63_are_turned_away_wherever_they_are_announced() {
    for bits in [27, 36, 40, 47, 62, 63] {
        // Before READY, as a part and as a command: 73 bytes in all.
        check(&[greeting(), long_header(0, 1 << bits)].concat(), "command");
        check(&[greeting(), long_header(4, 1 << bits)].concat(), "command");
        // After the handshake.
        let joined = [greeting(), ready("PUB")].concat();
        check(
            &[joined.clone(), long_header(0, 1 << bits)].concat(),
            "message_size",
        );
        check(
            &[joined.clone(), long_header(1, 1 << bits)].concat(),
            "message_size",
        );
        check(&[joined, long_header(4, 1 << bits)].concat(), "command");
    }
}

#[test]
fn sockets_that_do_not_publish_are_turned_away() {
    for socket_type in ["SUB", "XSUB", "REQ", "ROUTER", "PAIR", "", "\x1b[31m"] {
        check(&[greeting(), ready(socket_type)].concat(), "socket_type");
    }
}

#[test]
fn other_mechanisms_and_versions_are_turned_away() {
    let mut curve = greeting();
    curve[12..17].copy_from_slice(b"CURVE");
    check(&curve, "mechanism");
    let mut old = greeting();
    old[10] = 1;
    check(&old, "version");
}

#[test]
fn endless_multiparts_are_turned_away_before_and_after_the_handshake() {
    let part: &[u8] = &[1, 1, b'x'];
    check(&[&greeting(), part].concat(), "command");
    let joined = [greeting(), ready("XPUB")].concat();
    check(&[joined.clone(), part.repeat(100_000)].concat(), "parts");
    // A message of few parts that is too large all the same.
    let large = [long_header(1, 40 << 20), vec![0; 40 << 20]].concat();
    check(&[joined, large.clone(), large].concat(), "message_size");
}

#[test]
fn endless_and_malformed_commands_are_turned_away() {
    let joined = [greeting(), ready("PUB")].concat();
    check(&[joined.clone(), vec![4, 3, 9, b'P', b'I']].concat(), "command");
    check(&[joined.clone(), vec![5, 0]].concat(), "flags");
    check(&[joined, vec![0xf8, 0]].concat(), "flags");
}

#[test]
fn silent_and_dawdling_peers_are_turned_away_in_time() {
    let limits = Limits {
        handshake_timeout: Duration::from_millis(200),
        stall_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let runner = Runner::with(any_port(), limits);
    let mut witness = Witness::start(&runner);
    let _says_nothing = connect(runner.addr);
    assert_eq!(runner.turned_away(), "handshake");
    let _says_half = attack(runner.addr, &greeting());
    assert_eq!(runner.turned_away(), "handshake");
    let mut stops_in_a_large_part = raw_publisher(runner.addr);
    stops_in_a_large_part
        .write_all(&[long_header(0, 1 << 20), vec![0; 5000]].concat())
        .unwrap();
    assert_eq!(runner.turned_away(), "stalled");
    let mut stops_in_a_header = raw_publisher(runner.addr);
    stops_in_a_header.write_all(&[1]).unwrap();
    assert_eq!(runner.turned_away(), "stalled");
    witness.is_undisturbed(&runner);
}

#[test]
fn a_peer_that_has_nothing_to_say_stays() {
    let limits = Limits {
        handshake_timeout: Duration::from_millis(50),
        stall_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let runner = Runner::with(any_port(), limits);
    let mut quiet = raw_publisher(runner.addr);
    // Two heartbeats are several times either timeout.
    let mut heartbeats = [0; 26];
    quiet.read_exact(&mut heartbeats).unwrap();
    assert_eq!(heartbeats[13..], *b"\x00\x0b\x02streamview");
    quiet.write_all(&wire(&[b"event/quiet", b"", b""])).unwrap();
    runner.wait_for("the message", |received| {
        matches!(received, Received::Refused { .. }).then_some(())
    });
}

#[test]
fn a_thousand_connections_opened_and_closed_change_nothing() {
    let runner = Runner::start();
    let mut witness = Witness::start(&runner);
    for round in 0..1000 {
        let mut stream = connect(runner.addr);
        if round % 2 == 1 {
            let _ = stream.write_all(&greeting()[..round % 64]);
        }
        drop(stream);
    }
    witness.is_undisturbed(&runner);
}

#[test]
fn silent_connections_are_pushed_out_by_newer_ones() {
    let limits = Limits {
        max_peers: 8,
        ..Limits::default()
    };
    let runner = Runner::with(any_port(), limits);
    let mut witness = Witness::start(&runner);
    let flood: Vec<TcpStream> = (0..100).map(|_| connect(runner.addr)).collect();
    // Two places are the witness's; 94 silent ones were pushed out when the hundredth came.
    for _ in 0..94 {
        assert_eq!(runner.turned_away(), "crowded");
    }
    let mut late = raw_publisher(runner.addr);
    late.write_all(&wire(&[b"event/late", b"", b""])).unwrap();
    runner.wait_for("the latecomer", |received| {
        matches!(received, Received::Refused { .. }).then_some(())
    });
    witness.is_undisturbed(&runner);
    drop(flood);
}

#[test]
fn publishers_beyond_the_limit_are_turned_away_and_admitted_when_there_is_room() {
    let limits = Limits {
        max_peers: 2,
        ..Limits::default()
    };
    let runner = Runner::with(any_port(), limits);
    let first = raw_publisher(runner.addr);
    let _second = raw_publisher(runner.addr);
    assert!(is_closed(&mut attack(runner.addr, &greeting())));
    let reason = runner.wait_for("the refusal", |received| match received {
        Received::TurnedAway { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(reason, Refusal::TooManyPeers(2));
    drop(first);
    runner.wait_for("room", |received| {
        matches!(received, Received::Left { .. }).then_some(())
    });
    raw_publisher(runner.addr);
}

#[test]
fn refused_messages_are_reported_and_their_publisher_stays() {
    let runner = Runner::start();
    let mut witness = Witness::start(&runner);
    let mut stream = raw_publisher(runner.addr);
    let header = b"\x81\xa1v\x02";
    for (parts, stream_name, reason) in [
        (vec![&b"frame/cam"[..]], Some("cam"), "parts"),
        (vec![b"frame/cam", header, b"", b""], Some("cam"), "parts"),
        (vec![b"video/cam", header, b""], Some("cam"), "topic"),
        (vec![b"\xff\xfe", header, b""], None, "topic"),
        (vec![b"frame/../../etc", header, b""], None, "name"),
        (vec![b"frame/cam", b"not messagepack", b""], Some("cam"), "header"),
        (vec![b"frame/cam", header, b""], Some("cam"), "version"),
        (vec![b"", b"", b""], None, "topic"),
    ] {
        stream.write_all(&wire(&parts)).unwrap();
        runner.wait_for("the refusal", |received| match received {
            Received::Refused { stream, error, .. } => {
                assert_eq!(stream.as_ref().map(|name| name.as_str()), stream_name, "{error}");
                assert_eq!(error.reason(), reason, "{error}");
                Some(())
            }
            _ => None,
        });
    }
    witness.is_undisturbed(&runner);
}

#[test]
fn pings_are_answered_also_between_the_parts_of_a_message() {
    let runner = Runner::start();
    let mut stream = raw_publisher(runner.addr);
    let message = wire(&[b"event/pinged", b"", b""]);
    let ping = b"\x04\x0a\x04PING\x00\x64abc";
    let (start, rest) = message.split_at(9 + b"event/pinged".len());
    stream.write_all(&[start, ping, rest].concat()).unwrap();
    runner.wait_for("the message", |received| {
        matches!(received, Received::Refused { .. }).then_some(())
    });
    let mut upstream = Vec::new();
    while !upstream.ends_with(b"\x04\x08\x04PONGabc") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        upstream.push(byte[0]);
    }
}

#[test]
fn a_flood_of_pings_that_nobody_reads_the_answers_of_is_survived() {
    let runner = Runner::start();
    let mut witness = Witness::start(&runner);
    let mut stream = raw_publisher(runner.addr);
    let ping = b"\x04\x0a\x04PING\x00\x64abc";
    stream.write_all(&ping.repeat(1_000_000)).unwrap();
    stream.write_all(&wire(&[b"event/flood", b"", b""])).unwrap();
    runner.wait_for("what follows the flood", |received| {
        matches!(received, Received::Refused { .. }).then_some(())
    });
    witness.is_undisturbed(&runner);
}

#[test]
fn a_metric_of_a_few_bytes_keeps_only_a_few_bytes_alive() {
    let runner = Runner::start();
    let publisher = publisher(runner.addr);
    let block = protocol::metric::Block {
        rows: 3,
        channels: 1,
        dtype: protocol::Dtype::U8,
        dt_ns: 1.0,
        names: None,
        scale: 1.0,
        payload: vec![1, 2, 3].into(),
    };
    publisher.metric(protocol::Metric {
        data: protocol::metric::Data::Block(block),
        ..metric("m", 0)
    });
    let Message::Metric(metric) = runner.message() else {
        panic!("expected the metric");
    };
    let protocol::metric::Data::Block(block) = metric.data else {
        panic!("expected the block");
    };
    // Ingest lets go of the message a moment after it handed it on.
    eventually("sole ownership", || block.payload.is_unique());
    let memory = Vec::from(block.payload.try_into_mut().unwrap());
    assert_eq!(memory.capacity(), 3);
}
