use protocol::WallTime;
use serde_json::Value;

use super::*;
use crate::describe::{Drops, Dvr, Encoder, Format, Picture};
use crate::display::Shown;
use crate::notices::Notices;
use crate::roi;

fn sample(t_ms: f64, value: f64) -> Sample {
    Sample {
        t: WallTime::from_ns((t_ms * 1e6) as i64),
        value,
    }
}

fn streams() -> Vec<Stream> {
    let stream = |kind, id: &str, state| Stream {
        kind,
        id: id.into(),
        state,
        reason: None,
        session: Some("9f86d081884c7d65".into()),
        seq: None,
        t_ms: Some(1_760_000_000_000.0),
        rate: 0.0,
        received: 0,
        drops: Drops::default(),
        picture: None,
        series: None,
    };
    let picture = |shape: &[u64], dtype, phase, restarts, encoded| Picture {
        delay_ms: Some(-40.5),
        format: Format {
            shape: shape.into(),
            dtype,
            fps: None,
            unit: None,
            range: None,
            pixel_size: None,
            pixel_unit: None,
        },
        live: None,
        llhls: None,
        hls: None,
        dvr: None,
        encoder: Encoder {
            phase,
            restarts,
            encoded,
        },
        display: Shown {
            settings: Settings::default(),
            shown: None,
        },
        rois: roi::State {
            revision: 0,
            count: 0,
            skipped: 0,
        },
    };
    let camera = picture(&[480, 640], "uint16", "running", 0, 1230);
    let colour = picture(&[721, 1281, 3], "uint8", "backoff", 2, 4);
    vec![
        Stream {
            seq: Some(1234),
            t_ms: Some(1_760_000_000_000.125),
            rate: 29.97,
            received: 1235,
            drops: Drops {
                queue: 2,
                ..Drops::default()
            },
            picture: Some(Picture {
                delay_ms: Some(1.25),
                format: Format {
                    fps: Some(30.0),
                    range: Some([0.0, 4095.0]),
                    pixel_size: Some([0.65, 0.5]),
                    pixel_unit: Some("µm".into()),
                    ..camera.format
                },
                live: Some("/ws/live/camera".into()),
                llhls: Some("/hls/camera/live.m3u8".into()),
                hls: Some("/hls/camera/index.m3u8".into()),
                dvr: Some(Dvr {
                    from_ms: 1_759_999_400_000.125,
                    to_ms: 1_759_999_999_000.125,
                }),
                display: Shown {
                    settings: Settings::default().fixed_at(pixels::Window::new(96.0, 1_023.5).unwrap()),
                    shown: Some([96.0, 1_023.5]),
                },
                rois: roi::State {
                    revision: 3,
                    count: 2,
                    skipped: 1,
                },
                ..camera
            }),
            ..stream("frame", "camera", State::Live)
        },
        Stream {
            reason: Some("encoder is restarting".into()),
            session: Some("0000000000000001".into()),
            seq: Some(7),
            rate: 30.0,
            received: 8,
            drops: Drops {
                wire: 1,
                queue: 0,
                encoder: 3,
            },
            picture: Some(Picture {
                format: Format {
                    unit: Some("counts".into()),
                    ..colour.format
                },
                ..colour
            }),
            ..stream("frame", "colour", State::Stalled)
        },
        Stream {
            seq: Some(40),
            rate: 2.0,
            received: 41,
            series: Some(3),
            ..stream("metric", "camera", State::Ended)
        },
    ]
}

#[test]
fn messages_are_those_that_the_page_is_tested_with() {
    let fixture: Value = serde_json::from_str(include_str!("../../../tests/fixtures/ws.json")).unwrap();
    let expected = fixture["runner_to_page"].as_array().unwrap();
    let streams = streams();
    let mut notices = Notices::default();
    for _ in 0..3 {
        let text = "payload is shorter than its shape".into();
        notices.add(
            "frame/camera",
            "payload",
            text,
            WallTime::from_ns(1_760_000_000_000_000_000),
        );
    }
    let named = |id, name, unit| Named {
        id,
        stream: "camera",
        name,
        unit,
    };
    let messages = [
        Outgoing::Hello {
            version: 1,
            run: "5f1d2c3b",
            now_ms: 1_760_000_000_000.5,
            history_ms: 60_000,
        },
        Outgoing::Streams { streams: &streams },
        Outgoing::Series {
            series: vec![named(0, "temperature", Some("°C")), named(1, "focus", None)],
        },
        Outgoing::Forgotten { series: vec![1] },
        Outgoing::Backfill {
            series: points(vec![(
                0,
                vec![
                    sample(1_759_999_999_000.25, 21.5),
                    sample(1_760_000_000_000.5, f64::NAN),
                ],
            )]),
        },
        Outgoing::Samples {
            series: points(vec![
                (0, vec![sample(1_760_000_000_033.5, 21.75)]),
                (
                    1,
                    vec![
                        sample(1_760_000_000_033.5, f64::INFINITY),
                        sample(1_760_000_000_034.5, f64::NEG_INFINITY),
                    ],
                ),
            ]),
        },
        Outgoing::Missed { messages: 12 },
        Outgoing::Event {
            stream: "camera",
            t_ms: 1_760_000_000_000.0,
            text: "stimulus on",
        },
        Outgoing::Notice {
            notice: notices.all().next().unwrap(),
        },
        Outgoing::Pong {
            id: 7.0,
            now_ms: 1_760_000_000_001.25,
        },
    ];
    assert_eq!(messages.len(), expected.len());
    for (message, expected) in messages.iter().zip(expected) {
        let mut packed: Value = serde_json::from_str(&message.pack()).unwrap();
        // A whole number and a number are one type to the page.
        if let Some(id) = packed.get_mut("id").filter(|id| id.is_f64()) {
            *id = (id.as_f64().unwrap() as u64).into();
        }
        assert_eq!(packed, *expected);
    }
}

#[test]
fn a_long_backfill_is_sent_in_portions_and_whole() {
    let series: Vec<_> = (0..100).map(|id| (id, vec![sample(0.0, 0.0); 1_000])).collect();
    let portions: Vec<_> = portions(series.clone()).collect();
    assert_eq!(portions.len(), 13);
    assert_eq!(portions.concat(), series);
    assert_eq!(
        super::portions(vec![(0, vec![sample(0.0, 0.0); 20_000])]).count(),
        1
    );
}
