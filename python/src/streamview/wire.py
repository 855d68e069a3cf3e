"""What goes over the wire, version 1: limits, and messages as bytes. Pure: no sockets, no clocks, no state.

`docs/protocol.md` describes the same wire; `tests/fixtures/wire.json` holds example bytes for every implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgpack
import numpy as np

VERSION = 1
MAX_SIDE = 16_384
"""Longest side of a frame, in pixels."""
MAX_CHANNELS = 4_096
"""Most channels of a block."""
MAX_BLOCK_NS = 1e18
"""A block spans less than this, some 30 years."""
MAX_HEADER_BYTES = 1 << 20
MAX_EVENT_BYTES = 256
MAX_SERIES_NAME_BYTES = 128
MAX_PIXEL_UNIT_BYTES = 16
PIXEL_UNIT = "µm"
"""Unit of `pixel_size` where none is given."""
DTYPES = tuple(np.dtype(s) for s in ("|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<f4", "<f8"))
"""Every dtype there is on the wire."""

Kind = Literal["frame", "metric", "event"]


class Stamp(NamedTuple):
    """Which message of which producer, captured when."""

    session: int
    seq: int
    t_ns: int


def topic(kind: Kind, stream: str) -> bytes:
    """Part 0."""
    return f"{kind}/{stream}".encode()


def _pack(stamp: Stamp, keys: Mapping[str, object], argument: str) -> bytes:
    header = {"v": VERSION, "session": stamp.session, "seq": stamp.seq, "t": stamp.t_ns}
    header.update((key, value) for key, value in keys.items() if value is not None)  # type: ignore[misc]
    packed: bytes = msgpack.packb(header)
    if len(packed) > MAX_HEADER_BYTES:
        raise ValueError(f"{argument}: a header of {len(packed)} bytes: expected at most {MAX_HEADER_BYTES}")
    return packed


def frame_header(
    stamp: Stamp,
    shape: Sequence[int],
    dtype: np.dtype[Any],
    fps: float | None = None,
    unit: str | None = None,
    range: Sequence[float] | None = None,  # noqa: A002
    pixel_size: Sequence[float] | None = None,
    pixel_unit: str | None = None,
) -> bytes:
    """Part 1 of a frame whose payload is C-contiguous elements of `dtype`, one of the wire's."""
    keys = {
        "shape": shape,
        "dtype": dtype.str,
        "fps": fps,
        "unit": unit,
        "range": range,
        "pixel_size": pixel_size,
        "pixel_unit": None if pixel_unit == PIXEL_UNIT else pixel_unit,
    }
    return _pack(stamp, keys, "unit")


def values_header(
    stamp: Stamp, values: Mapping[str, float], frame: int | None = None, unit: str | None = None
) -> bytes:
    """Part 1 of values of one moment; the payload is empty."""
    return _pack(stamp, {"unit": unit, "frame": frame, "values": values}, "values")


def block_header(
    stamp: Stamp,
    shape: Sequence[int],
    dtype: np.dtype[Any],
    dt_ns: float,
    names: Sequence[str] | None = None,
    scale: float | None = None,
    unit: str | None = None,
) -> bytes:
    """Part 1 of a block: `shape` is `[rows, channels]`, the payload as many elements of `dtype`, row after row."""
    keys = {
        "shape": shape,
        "dtype": dtype.str,
        "unit": unit,
        "dt": dt_ns,
        "names": names,
        "scale": scale,
    }
    return _pack(stamp, keys, "names")


def event_header(stamp: Stamp, text: str, end: bool = False) -> bytes:
    """Part 1 of an event; the payload is empty. With `end` this session sends nothing more."""
    return _pack(stamp, {"event": text, "end": end or None}, "text")
