"""Through a real runner and back."""

from __future__ import annotations

import datetime
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamview import Client, Frame, NotFoundError, Publisher, RunnerError, Stream
from streamview.programs import Runner
from tests.conftest import eventually
from tests.test_publish import DTYPES, picture


def found(client: Client, stream: str, seq: int) -> Frame | None:
    """A frame, once the runner has it."""
    try:
        frame = client.latest(stream)
    except NotFoundError:
        return None
    return frame if frame.seq >= seq else None


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(48, 64), (17, 31), (16, 18, 3), (16, 18, 4)], ids=["grey", "odd", "RGB", "RGBA"])
def test_a_round_trip_is_bit_identical(runner: Runner, client: Client, dtype: str, shape: tuple[int, ...]) -> None:
    array = picture(dtype, shape)
    stream = f"round-{dtype}-{len(shape)}-{shape[-1]}"
    with Publisher(runner.ingest) as pub:
        seq = pub.frame(stream, array, seq=41, t_ns=1_760_000_000_123_456_789)
        frame = eventually(lambda: found(client, stream, seq))
        assert (frame.seq, frame.t_ns, frame.session) == (41, 1_760_000_000_123_456_789, f"{pub.session:016x}")
    read = client.frame(stream, seq)
    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    assert read.tobytes() == array.tobytes()
    assert client.frame(stream, session=frame.session).tobytes() == array.tobytes()


def test_streams_and_what_is_not_there(runner: Runner, client: Client) -> None:
    with Publisher(runner.ingest, name="analysis") as pub:
        pub.frame("camera", np.zeros((4, 4), np.uint8))
        pub.metric("snr", 1)
        session = f"{pub.session:016x}"

    def ended() -> dict[Any, Stream] | None:
        streams = {(s.kind, s.id): s for s in client.streams() if s.session == session and s.state == "ended"}
        return streams if {("frame", "camera"), ("metric", "analysis")} <= streams.keys() else None

    streams = eventually(ended)
    assert streams["metric", "analysis"].received == 1
    assert streams["frame", "camera"].json["format"]["dtype"] == "uint8"
    for call in (
        lambda: client.frame("nothing"),
        lambda: client.frame("camera", 5000),
        lambda: client.latest("../x"),
        lambda: client.series("nothing"),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(RunnerError, match="session"):
        client.frame("camera", session="xyz")
    with pytest.raises(ConnectionError, match="no runner answers at"):
        Client("http://127.0.0.1:9").streams()


def test_series_come_back_to_the_nanosecond(runner: Runner, client: Client) -> None:
    now_ns = time.time_ns()
    values = [0.1, float("nan"), float("inf"), -float("inf"), 5e-324, -1e300]
    with Publisher(runner.ingest, name="series-test") as pub:
        for index, value in enumerate(values):
            pub.metric("ΔF/F, cell 3", value, t_ns=now_ns + 1001 * index, unit="%")
        pub.block("probe", np.array([[1], [2]], np.int16), rate_hz=1000, t_ns=now_ns, names=["a"], scale=0.5)
        pub.metric("a", 7, stream="other")

        def arrived() -> Any:
            try:
                series = (
                    client.series("ΔF/F, cell 3"),
                    client.series("a", stream="probe"),
                    client.series("a", stream="other"),
                )
            except NotFoundError:
                return None
            return series if len(series[0]) == len(values) else None

        series, block, _ = eventually(arrived)
    np.testing.assert_array_equal(series.values, values)
    assert series.t_ns.tolist() == [now_ns + 1001 * index for index in range(len(values))]
    assert (series.stream, series.unit) == ("series-test", "%")
    assert (block.t_ns.tolist(), block.values.tolist()) == ([now_ns, now_ns + 1_000_000], [0.5, 1.0])
    with pytest.raises(ValueError, match="several streams have a series 'a': name one of other, probe"):
        client.series("a")
    assert len(client.series("ΔF/F, cell 3", since=datetime.timedelta(seconds=-60))) == 0
    assert len(client.series("ΔF/F, cell 3", since=datetime.timedelta(hours=1))) == len(values)
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    assert len(client.series("ΔF/F, cell 3", until=long_ago)) == 0
    with pytest.raises(TypeError, match="since: expected a datetime or a timedelta, got float"):
        client.series("a", stream="probe", since=5.0)  # type: ignore[arg-type]
    assert series.time[0] == np.datetime64(now_ns, "ns")


def test_pandas_reads_a_series(runner: Runner, client: Client) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    with Publisher(runner.ingest, name="for-pandas") as pub:
        pub.metric("of pandas", 2.5, t_ns=1_760_000_000_123_456_789)
        pub.close()
    eventually(lambda: ("metric", "for-pandas") in {(s.kind, s.id) for s in client.streams()})
    table = client.series("of pandas").to_pandas()
    assert table.name == "for-pandas/of pandas"
    assert (str(table.index[0]), table.iloc[0]) == ("2025-10-09 08:53:20.123456789+00:00", 2.5)


def test_every_live_frame_can_be_read_in_order(runner: Runner, client: Client) -> None:
    with Publisher(runner.ingest) as pub:
        pub.frame("live", np.zeros((4, 4), np.uint8))
        read = []
        for frame in client.frames("live", every=True, timeout_s=20):
            read.append((frame.seq, int(frame.pixels[0, 0])))
            if frame.seq == 60:
                break
            # A lead that is smaller than the publisher's queue: none is dropped on a busy machine.
            for _ in range(10 if frame.seq == 0 else 1):
                pub.frame("live", np.full((4, 4), (pub.last("live") or 0) + 1, np.uint8))
    assert read == [(seq, seq) for seq in range(61)]


def test_a_slow_reader_is_given_the_newest_frame(runner: Runner, client: Client) -> None:
    with Publisher(runner.ingest) as pub:
        pub.frame("slow", np.zeros((4, 4), np.uint8))
        frames = client.frames("slow", timeout_s=20)
        assert next(frames).seq == 0
        for value in range(1, 50):
            pub.frame("slow", np.full((4, 4), value, np.uint8))
        eventually(lambda: found(client, "slow", 49))
        assert next(frames).seq == 49
    assert list(client.frames("slow", timeout_s=0.3))[1:] == []


def test_live_samples_come_once_each(runner: Runner, client: Client) -> None:
    with Publisher(runner.ingest, name="live-samples") as pub:
        read = []
        samples = client.samples("tick", timeout_s=20)
        pub.metric("tick", 0)
        for sample in samples:
            read.append(sample.value)
            if len(read) % 5 == 1:
                for value in range(len(read), len(read) + 5):
                    pub.metric("tick", value)
            if len(read) == 26:
                break
    assert read == list(range(26))


def memory_kib(pid: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory in use from /proc")
def test_a_stopped_runner_costs_bounded_memory_and_gets_the_newest_frame(own_runner: Runner) -> None:
    client = Client(own_runner.url)
    frame = np.zeros((1024, 1024), np.uint16)
    with Publisher(own_runner.ingest) as pub:
        pub.frame("camera", frame)
        eventually(lambda: found(client, "camera", 0))
        own_runner.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(30):
                pub.frame("camera", frame)
                pub.metric("snr", 1)
            before_kib = memory_kib(os.getpid())
            for number in range(600):
                frame[0, 0] = number
                newest = pub.frame("camera", frame)
                pub.metric("snr", number)
            # 1.2 GB were published.
            assert memory_kib(os.getpid()) - before_kib < 64 << 10
            stats = pub.stats().topics["frame/camera"]
            assert stats.dropped > 500
        finally:
            own_runner.process.send_signal(signal.SIGCONT)
        last = eventually(lambda: found(client, "camera", newest))
        assert last.pixels[0, 0] == 599
        eventually(lambda: pub.stats().waiting == 0)
        stats = pub.stats().topics["frame/camera"]
        assert stats.sent + stats.dropped == stats.published == 631


def test_a_killed_runner_and_its_successor(own_runner: Runner, tmp_path: Path) -> None:
    with Publisher(own_runner.ingest) as pub:
        pub.frame("camera", np.zeros((4, 4)))
        eventually(lambda: found(Client(own_runner.url), "camera", 0))
        own_runner.process.kill()
        own_runner.process.wait()
        eventually(lambda: not pub.stats().connected)
        newest = pub.frame("camera", np.ones((4, 4)))
        address = own_runner.ingest.removeprefix("tcp://")
        with Runner(["--listen", "127.0.0.1:0", "--ingest", address, "--temp-dir", str(tmp_path)]) as successor:
            frame = eventually(lambda: found(Client(successor.url), "camera", newest))
            assert (frame.seq, frame.pixels.sum()) == (1, 16)
