"""What arrives of what is published."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

from streamview import Publisher
from tests.conftest import Listener, eventually

DTYPES = ["bool", "u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]


def picture(dtype: str, shape: tuple[int, ...] = (5, 7)) -> np.ndarray[Any, Any]:
    """Every bit pattern is as likely as any other, NaNs and infinities included."""
    kind = np.dtype(dtype)
    rng = np.random.default_rng(7)
    if kind.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    return np.frombuffer(rng.bytes(int(np.prod(shape)) * kind.itemsize), kind).reshape(shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ["<", ">"])
def test_elements_arrive_little_endian_and_bit_for_bit(
    pub: Publisher, listener: Listener, dtype: str, order: Any
) -> None:
    array = picture(dtype).astype(np.dtype(dtype).newbyteorder(order))
    pub.frame("camera", array)
    topic, header, payload = listener.take()
    assert (topic, header["shape"]) == ("frame/camera", [5, 7])
    sent = np.frombuffer(payload, header["dtype"]).reshape(5, 7)
    assert header["dtype"] == array.dtype.newbyteorder("<").str
    assert sent.tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a[::2, ::-3],
        lambda a: a.T,
        np.asfortranarray,
        lambda a: np.broadcast_to(a[0], (4, 24)),
        lambda a: a.reshape(8, 4, 3, 4)[..., 1],
        lambda a: a.reshape(16, 24)[:, :, None],
    ],
    ids=["strided", "transposed", "Fortran", "broadcast", "a channel", "one channel"],
)
def test_any_memory_layout_arrives_in_order(pub: Publisher, listener: Listener, make: Any) -> None:
    array = make(np.arange(384, dtype=np.uint16).reshape(16, 24))
    pub.frame("camera", array)
    _, header, payload = listener.take()
    assert payload == array.tobytes()
    shape = array.shape[:2] if array.shape[2:] == (1,) else array.shape
    assert header["shape"] == list(shape)


def test_what_the_wire_has_not_is_widened_without_loss(pub: Publisher, listener: Listener) -> None:
    array = picture("f2")
    pub.frame("camera", array)
    _, header, payload = listener.take()
    assert header["dtype"] == "<f4"
    np.testing.assert_array_equal(np.frombuffer(payload, "<f4").reshape(5, 7), array.astype(np.float32))


def test_the_array_may_be_changed_at_once(pub: Publisher, listener: Listener) -> None:
    array = np.zeros((64, 64), np.uint8)
    for value in range(50):
        array[:] = value
        pub.frame("camera", array, seq=value)
        array[:] = 255
    # Whatever was dropped on the way, what comes is whole.
    for _, header, payload in listener.take_until(lambda _, header: header["seq"] == 49):
        assert payload == bytes([header["seq"]]) * 4096


def test_a_header_says_what_was_said(pub: Publisher, listener: Listener) -> None:
    assert pub.last("camera") is None
    seq = pub.frame("camera", np.zeros((2, 3)), t_ns=5, seq=7, fps=30, unit="photons", range=(0, 4095))
    _, header, _ = listener.take()
    expected = {"v": 1, "session": pub.session, "seq": 7, "t": 5, "shape": [2, 3], "dtype": "<f8"}
    assert header == expected | {"fps": 30.0, "unit": "photons", "range": [0.0, 4095.0]}
    assert seq == pub.last("camera") == 7
    before_ns = time.time_ns()
    assert pub.frame("camera", np.zeros((2, 3))) == 8
    _, header, _ = listener.take()
    assert before_ns <= header["t"] <= time.time_ns()
    assert header.keys() == {"v", "session", "seq", "t", "shape", "dtype"}
    with pytest.raises(ValueError, match="seq: 8 is not above 8"):
        pub.frame("camera", np.zeros((2, 3)), seq=8)


def test_metrics_and_events(pub: Publisher, listener: Listener) -> None:
    pub.metric("snr", 12.5, unit="dB", t_ns=3)
    pub.metrics(count=np.int16(4), ok=True, frame=9, stream="cells")
    pub.metrics({"ΔF/F": float("nan"), "frame": np.float32(0.5)})
    pub.event("stimulus on", t_ns=4)
    topic, header, payload = listener.take()
    assert (topic, header["values"], header["unit"], header["t"]) == ("metric/test", {"snr": 12.5}, "dB", 3)
    assert payload == b""
    topic, header, _ = listener.take()
    assert (topic, header["values"], header["frame"]) == ("metric/cells", {"count": 4.0, "ok": 1.0}, 9)
    _, header, _ = listener.take()
    assert header["seq"] == 1
    assert str(header["values"]) == "{'ΔF/F': nan, 'frame': 0.5}"
    topic, header, _ = listener.take()
    assert (topic, header["event"], header["t"]) == ("event/test", "stimulus on", 4)


def test_a_block_ends_now_and_follows_the_one_before(pub: Publisher, listener: Listener) -> None:
    samples = np.arange(60, dtype=">i2").reshape(3, 20).T
    before_ns = time.time_ns()
    pub.block("probe", samples, rate_hz=1000, names=["a", "b", "c"], scale=0.195, unit="uV")
    pub.block("probe", samples, rate_hz=1000)
    _, first, payload = listener.take()
    assert payload == samples.astype("<i2").tobytes()
    assert (first["shape"], first["dt"], first["scale"], first["names"]) == ([20, 3], 1e6, 0.195, ["a", "b", "c"])
    assert before_ns <= first["t"] + 20_000_000 <= time.time_ns()
    _, second, _ = listener.take()
    assert second["t"] == first["t"] + 20_000_000
    pub.block("flat", np.zeros(5, np.float32), rate_hz=30_000.0, t_ns=17)
    _, header, _ = listener.take()
    assert (header["shape"], header["t"], header["dt"]) == ([5, 1], 17, 1e9 / 30_000)


def test_what_is_published_before_there_is_a_runner_arrives(listener: Listener) -> None:
    port = listener.port
    listener.close()
    with Publisher(f"tcp://127.0.0.1:{port}") as pub:
        for value in range(40):
            pub.frame("camera", np.full((8, 8), value, np.uint8))
            pub.metric("value", value)
        assert not pub.stats().connected
        late = Listener(port)
        taken = late.take_until(lambda topic, header: topic == "frame/camera" and header["seq"] == 39)
        frames = [header["seq"] for topic, header, _ in taken if topic == "frame/camera"]
        # The newest ones, as many as the queue holds.
        assert frames == list(range(24, 40))
        eventually(lambda: pub.stats().topics["frame/camera"].dropped == 24)
        assert eventually(lambda: pub.stats().connected)
        late.close()


def test_it_finds_a_runner_that_comes_back(listener: Listener) -> None:
    port = listener.port
    with Publisher(listener.endpoint) as pub:
        pub.frame("camera", np.zeros((8, 8)))
        listener.take()
        listener.close()
        eventually(lambda: not pub.stats().connected)
        again = Listener(port)
        pub.frame("camera", np.ones((8, 8)))
        topic, header, payload = again.take()
        assert (topic, header["seq"], payload) == ("frame/camera", 1, np.ones((8, 8)).tobytes())
        again.close()


def test_threads_share_a_publisher(pub: Publisher, listener: Listener) -> None:
    def work(number: int) -> None:
        for _ in range(200):
            pub.metric(f"of thread {number}", number)
            pub.frame(f"camera-{number}", np.full((4, 4), number, np.uint8))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pub.event("done")
    taken = listener.take_until(lambda topic, _: topic == "event/test")
    metrics = [header["seq"] for topic, header, _ in taken if topic == "metric/test"]
    assert metrics == list(range(800))


def test_frames_of_changing_shape_and_a_mutable_range(pub: Publisher, listener: Listener) -> None:
    limits = [0, 1]
    for size in (3, 4, 3, 5):
        limits[1] = size
        pub.frame("camera", np.full((size, size), size, np.uint8), range=limits)
        _, header, payload = listener.take()
        assert (header["shape"], payload, header["range"]) == ([size] * 2, bytes([size]) * size**2, [0.0, size])


@pytest.mark.parametrize("size", [0.5, (0.5, 0.5), np.float32(0.5), np.array([0.5, 0.5])])
def test_the_size_of_a_pixel_is_that_of_a_square_or_of_both_sides(
    pub: Publisher, listener: Listener, size: Any
) -> None:
    for unit, expected in ((None, None), ("um", None), ("nm", "nm"), ("nm", "nm")):
        pub.frame("camera", np.zeros((4, 4)), pixel_size=size, pixel_unit=unit)
        _, header, _ = listener.take()
        assert (header["pixel_size"], header.get("pixel_unit")) == ([0.5, 0.5], expected)
    pub.frame("camera", np.zeros((4, 4)), pixel_size=(0.65, 0.5))
    assert listener.take()[1]["pixel_size"] == [0.65, 0.5]
    pub.frame("camera", np.zeros((4, 4)))
    assert "pixel_size" not in listener.take()[1]


def test_closing_says_that_it_is_over_and_later_messages_are_counted(listener: Listener) -> None:
    pub = Publisher(listener.endpoint, name="test")
    pub.frame("camera", np.zeros((4, 4)))
    pub.metric("snr", 1)
    pub.close()
    taken = [listener.take() for _ in range(4)]
    ends = {topic: header["end"] for topic, header, _ in taken if topic.startswith("event/")}
    assert ends == {"event/camera": True, "event/test": True}
    pub.frame("camera", np.zeros((4, 4)))
    pub.metric("snr", 1)
    pub.close()
    stats = pub.stats()
    assert (stats.connected, stats.sent, stats.dropped, stats.waiting) == (False, 4, 2, 0)


def test_the_header_is_of_the_frame_and_not_of_the_next(pub: Publisher, listener: Listener) -> None:
    listener_is_slow = np.zeros((600, 600), np.float64)
    for number in range(6):
        pub.frame("camera", listener_is_slow, t_ns=1000 + number, unit=f"unit {number}")
    for _, header, _ in listener.take_until(lambda _, header: header["seq"] == 5):
        assert (header["t"], header["unit"]) == (1000 + header["seq"], f"unit {header['seq']}")
