"""One session of publishing: numbers its messages, keeps its streams, and owns the connections that take them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamview import checks, wire
from streamview.format import Format
from streamview.link import Link
from streamview.outbox import Group, Message, Outbox, Topic

if TYPE_CHECKING:
    from streamview.arrays import Array
    from streamview.wire import Kind

Header = Callable[[wire.Stamp], bytes]
"""Packs part 1 of a message once its number is known."""


@dataclass(frozen=True)
class Bounds:
    """How much may wait."""

    frames: int
    """Frames of each stream."""
    frame_bytes: int
    """Bytes of each stream's frames."""
    messages: int
    """Metrics and events."""
    bytes: int
    """Bytes of metrics and events."""


@dataclass(frozen=True)
class TopicStats:
    """What has become of the messages of one stream."""

    published: int
    """Handed to the publisher."""
    sent: int
    """Handed to the network."""
    dropped: int
    """Made room for newer ones, or were left when the publisher was closed."""


@dataclass(frozen=True)
class Stats:
    """What has become of everything so far."""

    connected: bool
    """Whether the runner hears us."""
    published: int
    sent: int
    dropped: int
    waiting: int
    """Not sent yet."""
    topics: Mapping[str, TopicStats]
    """By kind and stream: `frame/camera`, `metric/analysis`."""


class Producer:
    """What the wire calls a session. Used up by `finish`."""

    def __init__(self, endpoint: str, bounds: Bounds) -> None:
        self.session = secrets.randbits(64)
        self.bounds = bounds
        # Re-entrant, for a signal handler may publish while the thread it interrupts is just doing so.
        self._lock = threading.RLock()
        self._topics: dict[tuple[Kind, str], Topic] = {}
        # Metrics and events make room for each other, but not for those that travel behind frames.
        self._behind_frames = Group(bounds.messages, bounds.bytes)
        self._others = Group(bounds.messages, bounds.bytes)
        # A connection each: no number waits behind a picture. Of frames, what is with ZeroMQ only grows old.
        self._frames = Link("streamview-frames", endpoint, Outbox(self._lock), queue=1)
        self._series = Link("streamview-series", endpoint, Outbox(self._lock), queue=64)
        self._finished = False

    def start(self) -> None:
        """Starts to dial, at the first message at the latest. Frames have to be published for their connection."""
        with self._lock:
            if not self._series.started:
                self._series.start()

    def topic(self, kind: Kind, stream: str) -> Topic:
        """The topic of a stream, whose name is checked if it is new."""
        found = self._topics.get((kind, stream)) if isinstance(stream, str) else None
        return found or self._new_topic(kind, checks.stream_name(stream, "stream"))

    def _new_topic(self, kind: Kind, stream: str) -> Topic:
        topic = Topic(kind, stream)
        if kind == "frame":
            topic.frames = Group(self.bounds.frames, self.bounds.frame_bytes)
        with self._lock:
            return self._topics.setdefault((kind, stream), topic)

    def publish(
        self, topic: Topic, header: Header | Format, payload: Array | bytes, t_ns: int, seq: int | None = None
    ) -> int:
        """Numbers a message and puts it where it waits to be sent. Returns its number."""
        with self._lock:
            if seq is None:
                seq = topic.next_seq
            elif seq < topic.next_seq:
                raise ValueError(f"seq: {seq} is not above {topic.last_seq}, the number before it")
            stamp = wire.Stamp(self.session, seq, t_ns)
            packed = header if isinstance(header, Format) else header(stamp)
            topic.next_seq = seq + 1
            topic.last_seq = seq
            topic.published += 1
            if self._finished:
                topic.dropped += 1
            else:
                size = packed.size if isinstance(packed, Format) else len(packed) + len(payload)
                self._put(Message(topic, stamp, packed, payload, size))
        return seq

    def _put(self, message: Message) -> None:
        """Frames have a connection of their own; the events of their streams arrive after them."""
        topic = message.topic
        if topic.frames is not None:
            link, group = self._frames, topic.frames
        elif topic.kind == "event" and ("frame", topic.stream) in self._topics:
            link, group = self._frames, self._behind_frames
        else:
            link, group = self._series, self._others
        link.outbox.put(group, message)
        if not link.started:
            link.start()
        link.ring()

    def last_frame(self, stream: str) -> int | None:
        """Number of the newest frame of a stream."""
        topic = self._topics.get(("frame", stream))
        return None if topic is None else topic.last_seq

    def stats(self) -> Stats:
        """What has become of everything so far."""
        with self._lock:
            topics = {
                f"{topic.kind}/{topic.stream}": TopicStats(topic.published, topic.sent, topic.dropped)
                for topic in self._topics.values()
            }
        links = [link for link in (self._frames, self._series) if link.started]
        return Stats(
            connected=bool(links) and all(link.connected for link in links),
            published=sum(topic.published for topic in topics.values()),
            sent=sum(topic.sent for topic in topics.values()),
            dropped=sum(topic.dropped for topic in topics.values()),
            waiting=sum(len(link.outbox) for link in links),
            topics=topics,
        )

    def finish(self, grace_s: float) -> None:
        """Says that this session is over, and leaves `grace_s` to what is not sent yet. Does not wait for that."""
        with self._lock:
            if self._finished:
                return
            # Behind the last message of either connection; any stream's end is the end of the session.
            published = [key for key, topic in self._topics.items() if topic.published]
            frames = [stream for kind, stream in published if kind == "frame"]
            others = [stream for kind, stream in published if kind == "metric" or stream not in frames]
            for stream in frames[:1]:
                self._end(stream, self._frames, self._behind_frames)
            for stream in others[:1]:
                self._end(stream, self._series, self._others)
            self._finished = True
            self._frames.finish(grace_s)
            self._series.finish(grace_s)

    def _end(self, stream: str, link: Link, group: Group) -> None:
        topic = self.topic("event", stream)
        stamp = wire.Stamp(self.session, topic.next_seq, time.time_ns())
        header = wire.event_header(stamp, "end", end=True)
        topic.next_seq += 1
        topic.published += 1
        link.outbox.put(group, Message(topic, stamp, header, b"", len(header)))
        link.ring()

    def join(self) -> None:
        """Waits for the end, after `finish`."""
        self._frames.join()
        self._series.join()
