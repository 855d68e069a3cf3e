"""Wrong arguments raise at the call, and the error names them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from streamview import Client, Publisher

GREY = np.zeros((4, 4), np.uint8)
LONG = "x" * 200
BLOCK: dict[str, Any] = {"stream": "probe", "samples": np.zeros((3, 2)), "rate_hz": 1000}

FRAMES: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"array": np.array([["a"]])}, TypeError, "array: dtype <U1"),
    ({"array": np.array([[object()]])}, TypeError, "array: dtype object"),
    ({"array": np.zeros((4, 4), complex)}, TypeError, "array: dtype complex128"),
    ({"array": np.zeros((4, 4), np.int64)}, TypeError, "array: dtype int64"),
    ({"array": np.zeros((4, 4), ">u8")}, TypeError, "array: dtype >u8"),
    ({"array": np.zeros((4, 4), np.longdouble)}, TypeError, "array: dtype float128"),
    ({"array": np.zeros((4, 4), "datetime64[s]")}, TypeError, "array: dtype datetime64"),
    ({"array": np.zeros((4, 4), [("a", "u1")])}, TypeError, "array: dtype"),
    ({"array": None}, TypeError, "array: expected an array, got NoneType"),
    ({"array": "picture.png"}, TypeError, "array: expected an array, got str"),
    ({"array": {"a": 1}}, TypeError, "array: dtype object"),
    ({"array": [[1.0, 2.0], [3.0]]}, ValueError, "array: no array can be made of it"),
    ({"array": np.uint8(5)}, ValueError, "array: 0 dimensions"),
    ({"array": GREY[0]}, ValueError, "array: 1 dimensions"),
    ({"array": np.zeros((2, 2, 3, 1), np.uint8)}, ValueError, "array: 4 dimensions"),
    ({"array": np.zeros((1, 1, 1, 2, 2), np.uint8)}, ValueError, "array: 5 dimensions"),
    ({"array": np.zeros((0, 4), np.uint8)}, ValueError, "array: shape (0, 4)"),
    ({"array": np.zeros((4, 4, 2), np.uint8)}, ValueError, "array: shape (4, 4, 2)"),
    ({"array": np.zeros((3, 4, 5), np.uint8)}, ValueError, "channels come last"),
    ({"array": np.broadcast_to(np.uint8(0), (1, 16385))}, ValueError, "array: shape (1, 16385)"),
    ({"array": np.broadcast_to(np.uint8(0), (16384, 4096))}, ValueError, "array: 67108"),
    ({"stream": 5}, TypeError, "stream: expected a stream name (str), got 5"),
    ({"stream": ["camera"]}, TypeError, "stream: expected"),
    *(({"stream": name}, ValueError, "stream: stream name") for name in ("", ".a", "a/b", "a b", "é", LONG, "a\n")),
    ({"t_ns": 1.5}, TypeError, "t_ns: expected an integer, got 1.5"),
    ({"t_ns": 1 << 63}, ValueError, "t_ns: expected -9223372036854775808 to"),
    ({"seq": -1}, ValueError, "seq: expected 0 to 18446744073709551615, got -1"),
    ({"seq": "1"}, TypeError, "seq: expected an integer"),
    ({"seq": True}, TypeError, "seq: expected an integer"),
    ({"fps": 0}, ValueError, "fps: expected a finite number above 0"),
    ({"fps": float("nan")}, ValueError, "fps: expected"),
    ({"fps": "30"}, TypeError, "fps: expected a number"),
    ({"unit": 5}, TypeError, "unit: expected a unit (str)"),
    ({"range": 5}, TypeError, "range: expected (min, max)"),
    ({"range": "01"}, TypeError, "range: expected (min, max)"),
    ({"range": (5, 5)}, ValueError, "range: expected two finite numbers"),
    ({"range": (0, float("inf"))}, ValueError, "range: expected two finite numbers"),
    ({"range": (0, 1, 2)}, ValueError, "range: expected two finite numbers"),
    ({"range": (0, None)}, TypeError, "range: expected a number, got None"),
    ({"pixel_size": "0.5"}, TypeError, "pixel_size: expected a number or (height, width)"),
    ({"pixel_size": 0}, ValueError, "pixel_size: expected a finite number above 0, got 0"),
    ({"pixel_size": (0.5, float("nan"))}, ValueError, "pixel_size: expected a finite number above 0, got nan"),
    ({"pixel_size": (1, 2, 3)}, ValueError, "pixel_size: expected a number or (height, width), got [1.0, 2.0, 3.0]"),
    ({"pixel_size": np.ones((2, 2))}, TypeError, "pixel_size: expected one number, got an array"),
    ({"pixel_unit": "mm"}, ValueError, "pixel_unit: 'mm' of no pixel_size"),
    ({"pixel_size": 1, "pixel_unit": ""}, ValueError, "pixel_unit: expected 1 to 16 bytes"),
    ({"pixel_size": 1, "pixel_unit": "µ" * 9}, ValueError, "pixel_unit: expected 1 to 16 bytes"),
    ({"pixel_size": 1, "pixel_unit": 5}, TypeError, "pixel_unit: expected a unit (str), got 5"),
]


@pytest.fixture
def pub() -> Any:
    """A publisher that nobody hears."""
    opened = Publisher("tcp://127.0.0.1:9", name="test")
    yield opened
    opened.close(0)


@pytest.mark.parametrize(("arguments", "error", "message"), FRAMES)
def test_frames(pub: Publisher, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as raised:
        pub.frame(**({"stream": "camera", "array": GREY} | arguments))
    assert type(raised.value) is error
    assert pub.stats().published == 0


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("12.3", TypeError, "value: expected a number, got '12.3'"),
        (b"1", TypeError, "value: expected a number"),
        (None, TypeError, "value: expected a number, got None"),
        (1 + 2j, TypeError, "value: expected a number"),
        (np.complex64(1), TypeError, "value: expected a number"),
        ([1.0], TypeError, "value: expected a number"),
        (np.zeros(1), TypeError, "value: expected one number, got an array of shape (1,)"),
        (np.array("1"), TypeError, "value: expected a real number"),
        (np.datetime64(5, "s"), TypeError, "value: expected a real number"),
        (10**400, ValueError, "does not fit"),
    ],
)
def test_values(pub: Publisher, value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pub.metric("snr", value)
    with pytest.raises(error, match="snr: "):
        pub.metrics(snr=value)
    assert pub.stats().published == 0


def test_names_and_the_rest(pub: Publisher) -> None:
    for name in ("", "a\nb", "é" * 65, "\ud800"):
        with pytest.raises(ValueError, match="name: series name"):
            pub.metric(name, 1)
        with pytest.raises(ValueError, match="values: series name"):
            pub.metrics({name: 1})
    with pytest.raises(TypeError, match="values: expected the name of a series"):
        pub.metrics({5: 1})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="values: expected a mapping"):
        pub.metrics([1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="values: expected at least one"):
        pub.metrics(frame=5)
    with pytest.raises(TypeError, match="frame: expected an integer"):
        pub.metrics(a=1, frame=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="text: expected 1 to 256 bytes, got 0"):
        pub.event("")
    with pytest.raises(ValueError, match="text: expected 1 to 256 bytes, got 258"):
        pub.event("é" * 129)
    with pytest.raises(TypeError, match="text: expected a str"):
        pub.event(5)  # type: ignore[arg-type]
    assert pub.stats().published == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"samples": np.zeros((2, 2, 2))}, ValueError, "samples: 3 dimensions"),
        ({"samples": np.zeros((0, 2))}, ValueError, "samples: shape (0, 2)"),
        ({"samples": np.zeros((1, 4097))}, ValueError, "samples: shape (1, 4097)"),
        ({"samples": np.zeros(3, complex)}, TypeError, "samples: dtype complex128"),
        ({"rate_hz": 0}, ValueError, "rate_hz: expected a finite number above 0"),
        ({"rate_hz": 1e-9}, ValueError, "rate_hz: 1e-09 makes a block of more than 30 years"),
        ({"names": "ab"}, TypeError, "names: expected a list of names"),
        ({"names": ["a"]}, ValueError, "names: 1 names for 2 channels"),
        ({"names": ["a", "\n"]}, ValueError, "names: series name"),
        ({"scale": float("inf")}, ValueError, "scale: expected a finite number"),
        ({"unit": b"mV"}, TypeError, "unit: expected a unit (str)"),
    ],
)
def test_blocks(pub: Publisher, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pub.block(**{**BLOCK, **arguments})
    assert pub.stats().published == 0


@pytest.mark.parametrize(
    "address", ["127.0.0.1:5555", "tcp://", "tcp://host", "tcp://host:0", "tcp://host:x", "tcp://*:5555", "udp://a:1"]
)
def test_addresses(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"connect: .* is no address"):
        Publisher(address)
    monkeypatch.setenv("STREAMVIEW_INGEST", address)
    with pytest.raises(ValueError, match=r"STREAMVIEW_INGEST: .* is no address"):
        Publisher()
    with pytest.raises(ValueError, match="url: "):
        Client(address)


def test_bounds_and_clients() -> None:
    with pytest.raises(ValueError, match="queue_frames: expected 1 to"):
        Publisher("tcp://127.0.0.1:9", queue_frames=0)
    with pytest.raises(TypeError, match="queue_bytes: expected an integer"):
        Publisher("tcp://127.0.0.1:9", queue_bytes=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="name: stream name"):
        Publisher("tcp://127.0.0.1:9", name="a/b")
    with pytest.raises(ValueError, match="timeout_s: expected a finite number above 0"):
        Client(timeout_s=0)
