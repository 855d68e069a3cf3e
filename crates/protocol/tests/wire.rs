//! The bytes of `tests/fixtures/wire.json`, which other implementations read too.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use protocol::metric::Data;
use protocol::{DecodeError, Dtype, Message, PixelSize, Stamp, codec};
use serde_json::{Value, json};

struct Fixture {
    name: String,
    parts: Vec<Bytes>,
    /// The fixture itself.
    json: Value,
}

fn fixtures() -> Vec<Fixture> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wire.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    let fixture = |json: Value| Fixture {
        name: json["name"].as_str().unwrap().to_owned(),
        parts: json["parts_hex"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hex| unhex(hex.as_str().unwrap()))
            .collect(),
        json,
    };
    list.into_iter().map(fixture).collect()
}

fn unhex(text: &str) -> Bytes {
    let byte = |index| u8::from_str_radix(&text[index..index + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number as the fixtures write it.
fn number(value: f64) -> Value {
    match value {
        nan if nan.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        finite => json!(finite),
    }
}

/// A message as the fixtures write it.
fn describe(message: &Message) -> Value {
    let Stamp { session, seq, t } = message.stamp();
    let (kind, rest) = match message {
        Message::Frame(frame) => {
            let format = &frame.format;
            let rest = json!({
                "shape": format.shape.dims(), "dtype": format.dtype.name(), "fps": format.fps, "unit": format.unit,
                "range": format.range, "pixel_size": format.pixel_size.as_ref().map(PixelSize::sides),
                "pixel_unit": format.pixel_size.as_ref().map(PixelSize::unit), "payload_hex": hex(&frame.payload),
            });
            ("frame", rest)
        }
        Message::Metric(metric) => {
            let mut rest = json!({ "frame": metric.frame.map(|seq| seq.to_string()), "unit": metric.unit });
            match &metric.data {
                Data::Values(values) => {
                    let named = values
                        .iter()
                        .map(|(name, value)| (name.to_string(), number(*value)));
                    rest["values"] = json!(named.collect::<BTreeMap<_, _>>());
                }
                Data::Block(block) => {
                    let names = block
                        .names
                        .as_ref()
                        .map(|names| names.iter().map(|name| name.as_str()).collect());
                    let channel = |channel| block.channel(channel).map(number).collect::<Vec<_>>();
                    rest["block"] = json!({
                        "rows": block.rows, "channels": block.channels, "dtype": block.dtype.name(),
                        "dt_ns": block.dt_ns, "names": names.map(|names: Vec<_>| names), "scale": block.scale,
                        "samples": (0..block.channels).map(channel).collect::<Vec<_>>(),
                    });
                }
            }
            ("metric", rest)
        }
        Message::Event(event) => ("event", json!({ "text": event.text, "end": event.end })),
    };
    let mut all = json!({
        "kind": kind, "stream": message.stream().as_str(), "session": session.to_string(), "seq": seq.to_string(),
        "t_ns": t.as_ns().to_string(),
    });
    all.as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    all
}

#[test]
fn every_fixture_is_decoded_or_refused_as_it_says() {
    let mut failures = Vec::new();
    for Fixture { name, parts, json } in fixtures() {
        let (expected, got) = match codec::decode(&parts) {
            Ok(message) => (&json["message"], describe(&message)),
            Err(error) => (&json["error"], json!(error.reason())),
        };
        if *expected != got {
            failures.push(format!("{name}:\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn canonical_messages_are_encoded_to_the_same_bytes() {
    for Fixture { name, parts, json } in fixtures() {
        if json["canonical"] == json!(true) {
            let message = codec::decode(&parts).unwrap();
            let again: Vec<String> = codec::encode(&message).iter().map(|part| hex(part)).collect();
            assert_eq!(json!(again), json["parts_hex"], "{name}");
        }
    }
}

#[test]
fn every_other_message_keeps_its_meaning_when_it_is_encoded_again() {
    for Fixture { name, parts, json } in fixtures() {
        if json["canonical"] == json!(false) {
            let message = codec::decode(&parts).unwrap();
            let again = codec::decode(&codec::encode(&message)).unwrap();
            assert_eq!(describe(&again), describe(&message), "{name}");
        }
    }
}

#[test]
fn a_payload_is_shared_and_never_copied() {
    for Fixture { name, parts, .. } in fixtures() {
        if let Ok(message) = codec::decode(&parts) {
            let payload = match &message {
                Message::Frame(frame) => &frame.payload,
                Message::Metric(metric) => match &metric.data {
                    Data::Block(block) => &block.payload,
                    Data::Values(_) => continue,
                },
                Message::Event(_) => continue,
            };
            assert_eq!(payload.as_ptr(), parts[2].as_ptr(), "{name}: decoded");
            assert_eq!(
                codec::encode(&message)[2].as_ptr(),
                parts[2].as_ptr(),
                "{name}: encoded"
            );
        }
    }
}

#[test]
fn refusals_are_short_whatever_came() {
    for Fixture { name, parts, .. } in fixtures() {
        if let Err(error) = codec::decode(&parts) {
            let text = error.to_string();
            assert!(text.len() < 500 && !text.contains('\n'), "{name}: {text}");
        }
    }
}

#[test]
fn the_fixtures_cover_every_dtype_kind_and_reason_but_the_size() {
    let all = fixtures();
    let has = |key: &str, value: &str| {
        all.iter()
            .any(|fixture| fixture.json.pointer(key) == Some(&json!(value)))
    };
    for dtype in Dtype::ALL {
        assert!(
            has("/message/dtype", dtype.name()) && has("/message/block/dtype", dtype.name()),
            "{dtype}"
        );
    }
    for kind in ["frame", "metric", "event"] {
        assert!(has("/message/kind", kind), "{kind}");
    }
    for reason in [
        "parts", "topic", "name", "header", "version", "shape", "dtype", "value", "payload",
    ] {
        assert!(has("/error", reason), "{reason}");
    }
}

#[test]
fn a_header_of_more_than_a_mebibyte_is_refused_unread() {
    let parts = [
        Bytes::from_static(b"event/camera"),
        vec![0xc0; codec::MAX_HEADER_BYTES + 1].into(),
        Bytes::new(),
    ];
    assert_eq!(
        codec::decode(&parts),
        Err(DecodeError::HeaderSize(codec::MAX_HEADER_BYTES + 1))
    );
}
