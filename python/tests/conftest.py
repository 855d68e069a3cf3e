"""What the tests share: a real runner, and a stand-in for one that shows what arrives."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq

from streamview import Client, Publisher
from streamview.programs import ProgramNotFoundError, Runner

Taken = tuple[str, dict[str, Any], bytes]

PATIENCE_S = 30.0
REPOSITORY = Path(__file__).parent.parent.parent


def eventually(condition: Callable[[], object], what: str = "") -> Any:
    """What `condition` returns, once that is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (result := condition()):
        assert time.monotonic() < deadline, f"never: {what or condition}"
        time.sleep(0.01)
    return result


class Listener:
    """Stands in for a runner: takes messages and takes them apart.

    A thread reads: libzmq tells a publisher that it listens only while someone looks after the socket.
    """

    def __init__(self, port: int = 0) -> None:
        self._context = zmq.Context[zmq.Socket[bytes]]()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._taken: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
        self.port = port or self._socket.bind_to_random_port("tcp://127.0.0.1")
        if port:
            eventually(self._bound)
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self._closed = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _bound(self) -> bool:
        try:
            self._socket.bind(f"tcp://127.0.0.1:{self.port}")
        except zmq.ZMQError:
            return False
        return True

    def _run(self) -> None:
        while not self._closed:
            if self._socket.poll(10):
                self._taken.put(self._socket.recv_multipart())
        self._socket.close(0)
        self._context.term()

    def take(self) -> Taken:
        """The next message: topic, header, payload."""
        topic, header, payload = self._taken.get(timeout=PATIENCE_S)
        return topic.decode(), msgpack.unpackb(header), payload

    def take_until(self, last: Callable[[str, dict[str, Any]], bool]) -> list[Taken]:
        """All messages up to one."""
        taken = []
        while True:
            taken.append(self.take())
            if last(*taken[-1][:2]):
                return taken

    def close(self) -> None:
        self._closed = True
        self._thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A stand-in for a runner."""
    opened = Listener()
    yield opened
    opened.close()


@pytest.fixture
def pub(listener: Listener) -> Iterator[Publisher]:
    """A publisher to the stand-in."""
    with Publisher(listener.endpoint, name="test") as opened:
        yield opened


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """This repository's own programs, unless the caller names others; nothing from the surroundings."""
    built = REPOSITORY / "target" / "debug"
    if "STREAMVIEW_BIN" not in os.environ and (built / "runner").exists():
        os.environ["STREAMVIEW_BIN"] = str(built)
    os.environ.pop("STREAMVIEW_INGEST", None)
    os.environ.pop("STREAMVIEW_URL", None)


def start_runner(directory: Path) -> Runner:
    """A runner on free ports; skips the test where none has been built."""
    arguments = ["--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0", "--temp-dir", str(directory)]
    try:
        return Runner(arguments)
    except ProgramNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A real runner, for all tests that do it no harm."""
    with start_runner(tmp_path_factory.mktemp("runner")) as started:
        yield started


@pytest.fixture
def own_runner(tmp_path: Path) -> Iterator[Runner]:
    """A real runner for one test."""
    with start_runner(tmp_path) as started:
        yield started


@pytest.fixture
def client(runner: Runner) -> Client:
    """Reads from the real runner."""
    return Client(runner.url)
