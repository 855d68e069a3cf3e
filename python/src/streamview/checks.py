"""Arguments, checked at the call: what the runner would refuse raises here, and the error names the argument."""

from __future__ import annotations

import math
import numbers
import operator
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np

from streamview.wire import (
    DTYPES,
    MAX_CHANNELS,
    MAX_EVENT_BYTES,
    MAX_PIXEL_UNIT_BYTES,
    MAX_SERIES_NAME_BYTES,
    MAX_SIDE,
    PIXEL_UNIT,
)

Number = SupportsFloat | SupportsIndex
"""A number of Python, of NumPy, or an array or tensor of one."""

_BY_KIND_AND_SIZE = {(dtype.kind, dtype.itemsize): dtype for dtype in DTYPES}
_WIDENED = {np.dtype(np.float16): np.dtype("<f4")}
_STREAM_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
_U64 = range(1 << 64)
_I64 = range(-(1 << 63), 1 << 63)


def _excerpt(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


@lru_cache(maxsize=4096)
def _is_series_name(name: str) -> bool:
    return _is_plain(name, MAX_SERIES_NAME_BYTES)


def _is_plain(text: str, max_bytes: int) -> bool:
    """Whether it is 1 to `max_bytes` bytes of UTF-8 without control characters."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return 1 <= size <= max_bytes and not any(c < " " or "\x7f" <= c <= "\x9f" for c in text)


def stream_name(name: object, argument: str) -> str:
    """`name`, if a stream may be called so: 1 to 64 of `A-Z a-z 0-9 _ - .`, no leading dot."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: expected a stream name (str), got {_excerpt(name)}")
    if not _STREAM_NAME.fullmatch(name):
        raise ValueError(
            f"{argument}: stream name {_excerpt(name)} is refused: "
            "expected 1 to 64 of A-Z a-z 0-9 _ - . and no leading dot"
        )
    return name


def series_name(name: object, argument: str) -> str:
    """`name`, if a series may be called so: 1 to 128 bytes of UTF-8 without control characters."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: expected the name of a series (str), got {_excerpt(name)}")
    if not _is_series_name(name):
        raise ValueError(
            f"{argument}: series name {_excerpt(name)} is refused: "
            "expected 1 to 128 bytes of UTF-8 without control characters"
        )
    return name


def number(value: object, argument: str) -> float:
    """`value` as a double; NaN and infinities are values, strings and complex numbers are not."""
    if type(value) is float:
        return value
    # A string, bytes or an array of many would get through float() or fail with a message that names nothing.
    if isinstance(value, (str, bytes, bytearray, complex, np.complexfloating)) or value is None:
        raise TypeError(f"{argument}: expected a number, got {_excerpt(value)}")
    if not isinstance(value, numbers.Real) and getattr(value, "shape", ()) != ():
        raise TypeError(f"{argument}: expected one number, got an array of shape {tuple(value.shape)}")  # type: ignore[attr-defined]
    if isinstance(getattr(value, "dtype", None), np.dtype) and value.dtype.kind not in "biuf":  # type: ignore[attr-defined]
        raise TypeError(f"{argument}: expected a real number, got one of dtype {value.dtype}")  # type: ignore[attr-defined]
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError as error:
        raise ValueError(f"{argument}: {_excerpt(value)} does not fit into 64 bits") from error
    except (TypeError, ValueError) as error:
        raise TypeError(f"{argument}: expected a number, got {_excerpt(value)}") from error


def integer(value: object, allowed: range, argument: str) -> int:
    """`value` as an int within `allowed`."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{argument}: expected an integer, got {_excerpt(value)}")
    try:
        index = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{argument}: expected an integer, got {_excerpt(value)}") from None
    if index not in allowed:
        raise ValueError(f"{argument}: expected {allowed.start} to {allowed.stop - 1}, got {index}")
    return index


def seq(value: object, argument: str) -> int:
    """A sequence number, 0 to 2^64 - 1."""
    return integer(value, _U64, argument)


def time_ns(value: object, argument: str) -> int:
    """Nanoseconds since the Unix epoch, in 64 bits with sign."""
    return integer(value, _I64, argument)


def positive(value: object, argument: str) -> float:
    """A finite number above 0."""
    checked = number(value, argument)
    if not (math.isfinite(checked) and checked > 0):
        raise ValueError(f"{argument}: expected a finite number above 0, got {checked}")
    return checked


def finite(value: object, argument: str) -> float:
    """A finite number."""
    checked = number(value, argument)
    if not math.isfinite(checked):
        raise ValueError(f"{argument}: expected a finite number, got {checked}")
    return checked


def not_negative(value: object, argument: str) -> float:
    """A finite number, 0 or above."""
    checked = finite(value, argument)
    if checked < 0:
        raise ValueError(f"{argument}: expected 0 or above, got {checked}")
    return checked


def unit(value: object, argument: str) -> str:
    """A unit, such as `mV`."""
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected a unit (str), got {_excerpt(value)}")
    return value


def value_range(value: object, argument: str) -> list[float]:
    """`[min, max]`, both finite, min < max."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{argument}: expected (min, max), got {_excerpt(value)}")
    checked = [number(limit, argument) for limit in value]
    if len(checked) != 2 or not all(map(math.isfinite, checked)) or not checked[0] < checked[1]:
        raise ValueError(f"{argument}: expected two finite numbers, min < max, got {_excerpt(checked)}")
    return checked


def pixel_size(value: object, argument: str) -> list[float]:
    """`[height, width]` of `(height, width)`, or of one number for both; finite, above 0."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{argument}: expected a number or (height, width), got {_excerpt(value)}")
    if not isinstance(value, Iterable) or getattr(value, "shape", None) == ():
        return [positive(value, argument)] * 2
    checked = [positive(side, argument) for side in value]
    if len(checked) != 2:
        raise ValueError(f"{argument}: expected a number or (height, width), got {_excerpt(checked)}")
    return checked


def pixel_unit(value: object, argument: str) -> str:
    """A unit of length, 1 to 16 bytes of UTF-8 without control characters; what keyboards make of µm is µm."""
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected a unit (str), got {_excerpt(value)}")
    if not _is_plain(value, MAX_PIXEL_UNIT_BYTES):
        raise ValueError(
            f"{argument}: expected 1 to {MAX_PIXEL_UNIT_BYTES} bytes of UTF-8 without control characters, "
            f"got {_excerpt(value)}"
        )
    return PIXEL_UNIT if value in ("um", "\u03bcm") else value


def event_text(value: object, argument: str) -> str:
    """What happened, 1 to 256 bytes of UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected a str, got {_excerpt(value)}")
    size = len(value.encode())
    if not 1 <= size <= MAX_EVENT_BYTES:
        raise ValueError(f"{argument}: expected 1 to {MAX_EVENT_BYTES} bytes, got {size}")
    return value


def wire_dtype(dtype: np.dtype[Any], argument: str) -> np.dtype[Any]:
    """The little-endian dtype that carries every value of `dtype`: the same, or float32 for float16."""
    found = _BY_KIND_AND_SIZE.get((dtype.kind, dtype.itemsize)) or _WIDENED.get(dtype.newbyteorder("="))
    if found is not None:
        return found
    hint = ""
    if dtype.kind in "iu":
        hint = "; convert it where you know its range, such as array.astype(numpy.int32) or numpy.float64"
    raise TypeError(
        f"{argument}: dtype {dtype} is not on the wire: expected bool, 8, 16 or 32-bit integers, "
        f"or float16, float32 or float64{hint}"
    )


def frame_shape(shape: tuple[int, ...], argument: str) -> list[int]:
    """`shape` as the wire has it: `[h, w]`, or `[h, w, c]` with 3 or 4 channels."""
    expected = f"expected [h, w] or [h, w, c] with sides of 1 to {MAX_SIDE} and c of 1, 3 or 4"
    if len(shape) not in (2, 3):
        raise ValueError(f"{argument}: {len(shape)} dimensions, shape {shape}: {expected}")
    if len(shape) == 3 and shape[2] not in (1, 3, 4):
        first = shape[0] in (1, 3, 4)
        hint = "; channels come last: numpy.moveaxis(array, 0, -1) puts them there" if first else ""
        raise ValueError(f"{argument}: shape {shape}: {expected}{hint}")
    if not all(1 <= side <= MAX_SIDE for side in shape[:2]):
        raise ValueError(f"{argument}: shape {shape}: {expected}")
    return list(shape[:2] if shape[2:] == (1,) else shape)


def block_shape(shape: tuple[int, ...], argument: str) -> tuple[int, int]:
    """Rows and channels of `[n]` or `[n, channels]`."""
    expected = f"expected [n] or [n, channels] of 1 to {MAX_CHANNELS} channels"
    if len(shape) not in (1, 2):
        raise ValueError(f"{argument}: {len(shape)} dimensions, shape {shape}: {expected}")
    rows, channels = (*shape, 1)[:2]
    if rows < 1 or not 1 <= channels <= MAX_CHANNELS:
        raise ValueError(f"{argument}: shape {shape}: {expected}, and at least one row")
    return rows, channels


def channel_names(names: object, channels: int, argument: str) -> list[str]:
    """One series name per channel."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise TypeError(f"{argument}: expected a list of names, got {_excerpt(names)}")
    checked = [series_name(name, argument) for name in names]
    if len(checked) != channels:
        raise ValueError(f"{argument}: {len(checked)} names for {channels} channels")
    return checked
