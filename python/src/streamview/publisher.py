"""Publishing from a running experiment, which cannot tell that anyone is watching."""

from __future__ import annotations

import atexit
import os
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from streamview import arrays, checks, link, surroundings, wire
from streamview.format import Format
from streamview.producer import Bounds, Producer, Stats

if TYPE_CHECKING:
    from types import TracebackType

    from streamview.checks import Number

MIB = 1 << 20
EXIT_GRACE_S = 2.0
"""How long the interpreter's exit waits at most for what is not sent yet."""


class Publisher:
    """Publishes to one runner.

    No call ever waits for the network or raises because of it: there may be no runner, it may be stopped, it may come
    back. Memory is bounded; of frames the newest win, and every drop is counted in `stats`. Wrong arguments raise
    `TypeError` or `ValueError` that name them.

    May be used from any thread. After a fork the child is a producer of its own, with its own session and connection.
    At the interpreter's exit, and when the last reference goes, the runner is told that the streams have ended. What is
    published after `close` is counted as dropped.
    """

    def __init__(
        self,
        connect: str | None = None,
        *,
        name: str | None = None,
        queue_frames: int = 16,
        queue_frame_bytes: int = 16 * MIB,
        queue_messages: int = 4096,
        queue_bytes: int = 64 * MIB,
        max_message_bytes: int = 64 * MIB,
    ) -> None:
        """Starts dialing and returns at once.

        Args:
            connect: Where the runner takes nodes, such as `tcp://127.0.0.1:5555`, which is the default unless the
                environment variable `STREAMVIEW_INGEST` says something else.
            name: The stream of metrics and events that are given none; the program's name by default.
            queue_frames: Most frames of each stream that wait while they cannot be sent; the oldest make room.
            queue_frame_bytes: Most bytes of them. The newest always fits.
            queue_messages: Most metrics and events that wait; the oldest make room.
            queue_bytes: Most bytes of them.
            max_message_bytes: Largest message; a runner takes 64 MiB.

        Raises:
            TypeError, ValueError: An argument makes no sense.
        """
        self._endpoint = surroundings.endpoint(connect)
        self._name = surroundings.program() if name is None else checks.stream_name(name, "name")
        whole = range(1, sys.maxsize)
        self._bounds = Bounds(
            frames=checks.integer(queue_frames, whole, "queue_frames"),
            frame_bytes=checks.integer(queue_frame_bytes, whole, "queue_frame_bytes"),
            messages=checks.integer(queue_messages, whole, "queue_messages"),
            bytes=checks.integer(queue_bytes, whole, "queue_bytes"),
        )
        self._max_message_bytes = checks.integer(max_message_bytes, whole, "max_message_bytes")
        self._block_ends_ns: dict[str, int] = {}
        self._producer = Producer(self._endpoint, self._bounds)
        self._producer.start()
        _publishers.add(self)

    # --- publishing

    def frame(
        self,
        stream: str,
        array: object,
        *,
        t_ns: int | None = None,
        seq: int | None = None,
        fps: Number | None = None,
        unit: str | None = None,
        range: Sequence[Number] | None = None,
        pixel_size: Number | Sequence[Number] | None = None,
        pixel_unit: str | None = None,
    ) -> int:
        """Publishes a picture. The array may be changed as soon as this returns.

        Args:
            stream: Which stream, 1 to 64 of `A-Z a-z 0-9 _ - .`
            array: `[h, w]` grey, or `[h, w, c]` with 3 (RGB) or 4 (RGBA) channels, of bool, 8, 16 or 32-bit integers,
                float32 or float64; float16 is sent as float32. Anything that NumPy can read: any memory layout and byte
                order, xarray, dask (computed here), torch and CuPy (fetched here).
            t_ns: When it was captured, ns since the Unix epoch (`time.time_ns()`); now by default.
            seq: Its number, above all before it; the next one by default.
            fps: Nominal rate, frames/s.
            unit: Unit of the values, such as `photons`.
            range: `(min, max)`: the values shown as black and white. Without it 8 bits are shown as they are, and wider
                types between the values of the stream's first second.
            pixel_size: Size of what one pixel shows, `(height, width)` or one number for both; for the scale bar.
            pixel_unit: Its unit, 1 to 16 bytes; µm by default, which may be written `um`.

        Returns:
            Its number, which metrics may refer to with `frame=`.

        Raises:
            TypeError, ValueError: An argument is of a kind or has a value that a runner would refuse.
        """
        t_ns = time.time_ns() if t_ns is None else checks.time_ns(t_ns, "t_ns")
        producer = self._producer
        topic = producer.topic("frame", stream)
        pixels = arrays.as_numpy(array, "array")
        frames = topic.format
        if frames is None or not frames.is_of(pixels, fps, unit, range, pixel_size, pixel_unit):
            # Buffers for as many as can be on their way at once: waiting, with ZeroMQ, and being filled.
            idle = producer.bounds.frames + 4
            frames = Format(pixels, fps, unit, range, pixel_size, pixel_unit, idle)
            self._check_size(frames.size, "array")
            topic.format = frames
        if seq is not None:
            seq = checks.seq(seq, "seq")
        buffer = frames.pool.take()
        # The one copy. It also gathers what is scattered, swaps bytes and widens.
        np.copyto(buffer, pixels)
        return producer.publish(topic, frames, buffer, t_ns, seq)

    def metric(
        self,
        name: str,
        value: Number,
        *,
        stream: str | None = None,
        frame: int | None = None,
        t_ns: int | None = None,
        unit: str | None = None,
    ) -> None:
        """Publishes one value of the series `stream/name`; see `metrics`."""
        self._values({checks.series_name(name, "name"): checks.number(value, "value")}, stream, frame, t_ns, unit)

    def metrics(
        self,
        values: Mapping[str, Number] | None = None,
        /,
        *,
        stream: str | None = None,
        frame: int | None = None,
        t_ns: int | None = None,
        unit: str | None = None,
        **named: Number,
    ) -> None:
        """Publishes values of one moment: `metrics(snr=12.3, count=4)` or `metrics({"ΔF/F": 0.2})`.

        Args:
            values: Value by name; NaN and infinities are values.
            stream: Which stream; the publisher's name by default.
            frame: Number of the frame that the values describe, as `frame` returned it or `last` tells it.
            t_ns: When they were measured, ns since the Unix epoch; now by default.
            unit: Unit of all values.
            **named: More values.

        Raises:
            TypeError, ValueError: An argument is of a kind or has a value that a runner would refuse.
        """
        if values is not None and not isinstance(values, Mapping):
            raise TypeError(f"values: expected a mapping of names to numbers, got {type(values).__name__}")
        checked = {
            checks.series_name(name, "values"): checks.number(value, str(name))
            for name, value in (*(values or {}).items(), *named.items())
        }
        if not checked:
            raise ValueError("values: expected at least one")
        self._values(checked, stream, frame, t_ns, unit)

    def block(
        self,
        stream: str,
        samples: object,
        *,
        rate_hz: Number,
        t_ns: int | None = None,
        names: Sequence[str] | None = None,
        scale: Number | None = None,
        unit: str | None = None,
    ) -> None:
        """Publishes many moments at once, for signals of kHz.

        Args:
            stream: Which stream; its series are `stream/name`.
            samples: `[n]` or `[n, channels]`, at most 4,096 channels, of the dtypes of frames.
            rate_hz: Rows per second.
            t_ns: Time of the first row, ns since the Unix epoch. By default the last row is of now, and blocks that
                come a little early or late follow each other without overlap.
            names: One per channel; `0`, `1`, … by default.
            scale: Multiplies every sample to give the value in `unit`, such as 0.195 for uV per bit.
            unit: Unit of the scaled values.

        Raises:
            TypeError, ValueError: An argument is of a kind or has a value that a runner would refuse.
        """
        now_ns = time.time_ns()
        topic = self._producer.topic("metric", stream)
        array = arrays.as_numpy(samples, "samples")
        dtype = checks.wire_dtype(array.dtype, "samples")
        rows, channels = checks.block_shape(array.shape, "samples")
        dt_ns = 1e9 / checks.positive(rate_hz, "rate_hz")
        if not rows * dt_ns < wire.MAX_BLOCK_NS:
            raise ValueError(f"rate_hz: {rate_hz} makes a block of more than 30 years")
        checked_names = None if names is None else checks.channel_names(names, channels, "names")
        checked_scale = None if scale is None else checks.finite(scale, "scale")
        checked_unit = None if unit is None else checks.unit(unit, "unit")
        self._check_size(array.size * dtype.itemsize, "samples")
        payload = np.ascontiguousarray(array, dtype).tobytes()
        t_ns = (
            self._block_start_ns(stream, now_ns, round(rows * dt_ns)) if t_ns is None else checks.time_ns(t_ns, "t_ns")
        )
        self._producer.publish(
            topic,
            lambda stamp: wire.block_header(
                stamp, [rows, channels], dtype, dt_ns, checked_names, checked_scale, checked_unit
            ),
            payload,
            t_ns,
        )

    def event(self, text: str, *, stream: str | None = None, t_ns: int | None = None) -> None:
        """Publishes that something happened, such as `stimulus on`.

        Args:
            text: 1 to 256 bytes.
            stream: Which stream; the publisher's name by default.
            t_ns: When it happened, ns since the Unix epoch; now by default.

        Raises:
            TypeError, ValueError: An argument is of a kind or has a value that a runner would refuse.
        """
        t_ns = time.time_ns() if t_ns is None else checks.time_ns(t_ns, "t_ns")
        text = checks.event_text(text, "text")
        topic = self._producer.topic("event", self._name if stream is None else stream)
        self._producer.publish(topic, lambda stamp: wire.event_header(stamp, text), b"", t_ns)

    # --- what has become of it

    def last(self, stream: str) -> int | None:
        """Number of the newest frame published in `stream`; None before the first."""
        return self._producer.last_frame(stream)

    def stats(self) -> Stats:
        """What has become of everything published so far."""
        return self._producer.stats()

    @property
    def session(self) -> int:
        """What tells this producer from the one before a restart; random, another in a forked child."""
        return self._producer.session

    def __repr__(self) -> str:
        stats = self.stats()
        state = "connected" if stats.connected else "not connected"
        return f"<Publisher to {self._endpoint}, {state}, {stats.sent} sent, {stats.dropped} dropped>"

    # --- the end

    def close(self, grace_s: float = EXIT_GRACE_S) -> None:
        """Says that the streams have ended, and waits at most `grace_s` for what is not sent yet.

        Where no runner listens there is nothing to wait for, but for the first two seconds after the start.
        """
        self._producer.finish(checks.not_negative(grace_s, "grace_s"))
        self._producer.join()

    def __del__(self) -> None:
        # No waiting in the midst of a garbage collection: the thread ends by itself, and the exit waits for it.
        if hasattr(self, "_producer"):
            self._producer.finish(EXIT_GRACE_S)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inside

    def _values(
        self,
        values: dict[str, float],
        stream: str | None,
        frame: int | None,
        t_ns: int | None,
        unit: str | None,
    ) -> None:
        t_ns = time.time_ns() if t_ns is None else checks.time_ns(t_ns, "t_ns")
        frame = None if frame is None else checks.seq(frame, "frame")
        unit = None if unit is None else checks.unit(unit, "unit")
        topic = self._producer.topic("metric", self._name if stream is None else stream)
        self._producer.publish(topic, lambda stamp: wire.values_header(stamp, values, frame, unit), b"", t_ns)

    def _block_start_ns(self, stream: str, now_ns: int, span_ns: int) -> int:
        start_ns = now_ns - span_ns
        end_ns = self._block_ends_ns.get(stream, start_ns)
        # The block before reaches into this one: one of them came at an odd time. Not by more than a block, or the
        # rate is not what it was said to be.
        if start_ns < end_ns < now_ns:
            start_ns = end_ns
        self._block_ends_ns[stream] = start_ns + span_ns
        return start_ns

    def _check_size(self, size: int, argument: str) -> None:
        room = self._max_message_bytes
        if size > room:
            raise ValueError(f"{argument}: {size} bytes: a runner takes messages of up to {room} bytes")

    def _begin_anew(self) -> None:
        """In the child after a fork, where the parent's thread is not and its locks may be held for ever."""
        # Never destroyed: what ZeroMQ has open is the parent's.
        _parents.append(self._producer)
        self._producer = Producer(self._endpoint, self._bounds)


_publishers: weakref.WeakSet[Publisher] = weakref.WeakSet()
_parents: list[Producer] = []


def _after_fork_in_child() -> None:
    link.opening.release()
    for publisher in list(_publishers):
        publisher._begin_anew()


def _at_exit() -> None:
    for publisher in list(_publishers):
        publisher._producer.finish(EXIT_GRACE_S)
    link.join_all()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=link.opening.acquire,
        after_in_parent=link.opening.release,
        after_in_child=_after_fork_in_child,
    )
atexit.register(_at_exit)
