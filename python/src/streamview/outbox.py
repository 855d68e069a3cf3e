"""What waits to be sent: the newest frames of every stream, and a bounded number of other messages."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamview.arrays import Array
    from streamview.format import Format
    from streamview.wire import Kind, Stamp


@dataclass(slots=True)
class Group:
    """Messages that make room for each other: those of one frame stream, or all that are no frames."""

    max_count: int
    max_bytes: int
    count: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Topic:
    """One stream as the wire knows it, and what has become of its messages."""

    kind: Kind
    stream: str
    frames: Group | None = None
    """Of a frame stream."""
    format: Format | None = None
    """Of the newest frame."""
    next_seq: int = 0
    last_seq: int | None = None
    published: int = 0
    sent: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Message:
    """One message of a topic. A frame's payload is a buffer of its format's pool."""

    topic: Topic
    stamp: Stamp
    header: bytes | Format
    """A frame's is packed when it is sent: the call is to cost the copy, and many a frame is never sent."""
    payload: Array | bytes
    size: int
    """Bytes it takes while it waits."""

    def recycle(self) -> None:
        """Gives a frame's buffer back: it is not sent."""
        if not isinstance(self.header, bytes) and not isinstance(self.payload, bytes):
            self.header.pool.give(self.payload)


class Outbox:
    """First in, first out. Nobody who puts ever waits: the oldest of a group that is too large is dropped and counted.

    A popped message is out of reach of those who put.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._queue: deque[tuple[Group, Message]] = deque()

    def put(self, group: Group, message: Message) -> None:
        """Puts a message last. The newest of a group always fits, however large."""
        with self._lock:
            self._queue.append((group, message))
            self._enter(group, message.size)

    def restore(self, group: Group, message: Message) -> None:
        """Puts back first what was popped but could not be sent; it is dropped if newer ones need the room."""
        with self._lock:
            self._queue.appendleft((group, message))
            self._enter(group, message.size)

    def pop(self) -> tuple[Group, Message] | None:
        """Takes what has waited longest, with its group."""
        with self._lock:
            if not self._queue:
                return None
            group, message = self._queue.popleft()
            group.count -= 1
            group.bytes -= message.size
            return group, message

    def drop_all(self) -> None:
        """Drops and counts everything."""
        with self._lock:
            while self._queue:
                self._drop(0)

    def __len__(self) -> int:
        return len(self._queue)

    def _enter(self, group: Group, size: int) -> None:
        group.count += 1
        group.bytes += size
        while group.count > group.max_count or (group.bytes > group.max_bytes and group.count > 1):
            for index, (other, _) in enumerate(self._queue):
                if other is group:
                    self._drop(index)
                    break

    def _drop(self, index: int) -> None:
        group, message = self._queue[index]
        del self._queue[index]
        group.count -= 1
        group.bytes -= message.size
        message.topic.dropped += 1
        message.recycle()
