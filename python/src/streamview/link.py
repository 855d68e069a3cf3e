"""One connection to the runner, with a thread of its own, so that no caller ever talks to the network."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from typing import TYPE_CHECKING

import zmq

# Else imported at the first frame, after our own exit was registered, and so shut down before it: at exit, frames that
# are on their way would lose their memory.
import zmq.utils.garbage

from streamview import surroundings, wire

if TYPE_CHECKING:
    from streamview.outbox import Message, Outbox

Socket = zmq.Socket[bytes]

PATIENCE_S = 0.1
"""How long the thread sleeps at most while there is no connection or no room; what it waits for wakes it sooner."""
IDLE_S = 1.0
"""The same while it could send, and only has heartbeats to read."""
DESCRIPTORS = 64
"""How many files there must be room for to begin: several times what both connections of a publisher open."""
FIRST_CONNECTION_S = 2.0
"""A connection that may still be on its way is waited for at the end, so long after the start."""

_OPTIONS = {
    zmq.LINGER: 0,
    zmq.XPUB_NODROP: 1,
    # No queue for a connection that is not there: when it is there it would hold what is old.
    zmq.IMMEDIATE: 1,
    zmq.IPV6: 1,
    zmq.RECONNECT_IVL: 100,
    zmq.RECONNECT_IVL_MAX: 1000,
    zmq.CONNECT_TIMEOUT: 2000,
    # A runner whose machine is gone says nothing: the kernel finds out, in half a minute.
    zmq.TCP_MAXRT: 30_000,
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 10,
    zmq.TCP_KEEPALIVE_INTVL: 5,
    zmq.TCP_KEEPALIVE_CNT: 4,
}
_log = logging.getLogger("streamview")

opening = threading.Lock()
"""Held while sockets are made. A fork waits for it: the locks of ZeroMQ and pyzmq would stay locked in the child."""


class Link:
    """Sends what waits in an outbox.

    The socket is an XPUB. Unlike PUB it says whether anyone listens, so that what is published before the runner is
    found is kept and not lost; and with XPUB_NODROP it says when it is full, where PUB would keep what is old and drop
    what is new. libzmq dials again by itself.
    """

    def __init__(self, name: str, endpoint: str, outbox: Outbox, queue: int) -> None:
        """At most `queue` messages are with ZeroMQ, on top of the one that is on its way and the kernel's buffers."""
        self.outbox = outbox
        self.started = False
        self.connected = False
        self._endpoint = endpoint
        self._queue = queue
        self._ready = False
        # A lock as a bell: unlike a pipe, ringing it is no system call that gives the interpreter away, so that the
        # caller goes on at once. Locked while nobody rang.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._rung = False
        self._began = 0.0
        self._deadline: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts to dial and to send."""
        self.started = True
        self._began = time.monotonic()
        self._thread.start()
        _links.add(self)

    def ring(self) -> None:
        """Says that something waits. The caller holds the outbox's lock."""
        if self._ready and not self._rung:
            self._rung = True
            self._bell.release()

    def finish(self, grace_s: float) -> None:
        """Leaves `grace_s` to what waits, and ends. Does not wait for that. The caller holds the outbox's lock."""
        self._deadline = time.monotonic() + grace_s
        self.ring()

    def join(self) -> None:
        """Waits for the end, after `finish`, unless it is the link's own thread that asks."""
        if self._deadline is not None and self.started and threading.current_thread() is not self._thread:
            self._thread.join(max(0.0, self._deadline - time.monotonic()) + 1.0)

    # --- the thread

    def _run(self) -> None:
        opened = self._open()
        while opened is not None:
            self._pump(opened)
            if self._is_over():
                break
            if self._ready:
                if self._bell.acquire(timeout=self._patience_s(IDLE_S)):
                    self._rung = False
            else:
                # Becomes readable when there is something to look at: a subscription, or room. Not through `select`,
                # which knows no descriptor above 1,023.
                zmq.zmq_poll([(opened.fileno(), zmq.POLLIN)], round(1000 * self._patience_s(PATIENCE_S)))
        self.connected = self._ready = False
        self.outbox.drop_all()
        if opened is not None:
            opened.close(int(self._patience_s(IDLE_S) * 1000))
            opened.context.term()

    def _open(self) -> Socket | None:
        """A socket that dials; None if the end came first."""
        told = False
        while surroundings.descriptors_left() < DESCRIPTORS:
            # libzmq ends the whole process if it runs out of them. The experiment goes on, and so do the attempts.
            if not told:
                _log.warning("not publishing to %s: too many files are open in this process", self._endpoint)
            told = True
            if self._deadline is not None:
                return None
            time.sleep(PATIENCE_S)
        with opening:
            opened = zmq.Context[Socket]().socket(zmq.XPUB)
            for option, value in (_OPTIONS | {zmq.SNDHWM: self._queue}).items():
                opened.setsockopt(option, value)
            # What pyzmq needs for sending without a copy takes locks and opens files too: now, not at some frame.
            zmq.Frame(b"", copy=False)
            opened.connect(self._endpoint)
        return opened

    def _patience_s(self, longest_s: float) -> float:
        if self._deadline is None:
            return longest_s
        return min(longest_s, max(0.0, self._deadline - time.monotonic()))

    def _is_over(self) -> bool:
        if self._deadline is None:
            return False
        now = time.monotonic()
        # A connection that is down is not waited for, unless it is the first, which may be on its way.
        hope = self.connected or now < self._began + FIRST_CONNECTION_S
        return now >= self._deadline or not len(self.outbox) or not hope

    def _pump(self, opened: Socket) -> None:
        """Reads what the runner says, and sends until nothing waits or nothing more fits."""
        while opened.poll(0):
            said = opened.recv(zmq.NOBLOCK)
            # 1 is a subscription and 0 its end; anything else is a heartbeat.
            if said[:1] in (b"\x00", b"\x01"):
                self.connected = said[:1] == b"\x01"
        # Before the look into the outbox: what is put after it rings.
        self._ready = self.connected
        while self._ready and (waiting := self.outbox.pop()) is not None:
            group, message = waiting
            try:
                _send(opened, message)
            except zmq.Again:
                self._ready = False
                self.outbox.restore(group, message)
            else:
                message.topic.sent += 1


def _send(opened: Socket, message: Message) -> None:
    name = wire.topic(message.topic.kind, message.topic.stream)
    header, payload = message.header, message.payload
    if isinstance(header, bytes):
        assert isinstance(payload, bytes)
        opened.send_multipart([name, header, payload], zmq.NOBLOCK)
        return
    assert not isinstance(payload, bytes)
    # ZeroMQ reads from the pool's buffer, and the tracker says when it has.
    part = zmq.Frame(payload, track=True, copy=False)
    opened.send_multipart([name, header.header(message.stamp), part], zmq.NOBLOCK, copy=False)
    assert part.tracker is not None
    header.pool.lend(payload, part.tracker)
    header.pool.collect()


# A thread keeps its link alive, and is gone from here when it has ended.
_links: weakref.WeakSet[Link] = weakref.WeakSet()


def join_all() -> None:
    """Waits for all links that are to end."""
    for link in list(_links):
        link.join()
