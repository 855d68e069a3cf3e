"""How the frames of a stream are laid out, for as long as that stays the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from streamview import checks, wire
from streamview.pool import Pool

if TYPE_CHECKING:
    from streamview.arrays import Array
    from streamview.checks import Number

_LONGEST = wire.Stamp(session=(1 << 64) - 1, seq=(1 << 64) - 1, t_ns=-(1 << 63))


class Format:
    """What frames have beside their values, checked once, and the buffers that they are copied into."""

    def __init__(
        self,
        array: Array,
        fps: Number | None,
        unit: str | None,
        range: Sequence[Number] | None,  # noqa: A002
        pixel_size: Number | Sequence[Number] | None,
        pixel_unit: str | None,
        idle: int,
    ) -> None:
        """Checks them; at most `idle` buffers that nobody uses are kept.

        Raises:
            TypeError, ValueError: The wire does not carry such frames.
        """
        if pixel_unit is not None and pixel_size is None:
            raise ValueError(f"pixel_unit: {pixel_unit!r} of no pixel_size")
        self._given = (array.shape, array.dtype, fps, unit, pixel_unit)
        self.dtype = checks.wire_dtype(array.dtype, "array")
        self.shape = checks.frame_shape(array.shape, "array")
        self.fps = None if fps is None else checks.positive(fps, "fps")
        self.unit = None if unit is None else checks.unit(unit, "unit")
        self.range = None if range is None else checks.value_range(range, "range")
        self.pixel_size = None if pixel_size is None else checks.pixel_size(pixel_size, "pixel_size")
        self.pixel_unit = None if pixel_unit is None else checks.pixel_unit(pixel_unit, "pixel_unit")
        self._given_range = _frozen(range)
        self._given_pixel_size = _frozen(pixel_size)
        self.size = array.size * self.dtype.itemsize + len(self.header(_LONGEST))
        """Bytes that a frame takes on the wire and while it waits."""
        self.pool = Pool(array.shape, self.dtype, idle)

    def is_of(
        self,
        array: Array,
        fps: Number | None,
        unit: str | None,
        range: Sequence[Number] | None,  # noqa: A002
        pixel_size: Number | Sequence[Number] | None,
        pixel_unit: str | None,
    ) -> bool:
        """Whether frames published with these arguments are of this format."""
        shape, dtype, given_fps, given_unit, given_pixel_unit = self._given
        return (
            array.shape == shape
            and array.dtype == dtype
            and fps == given_fps
            and unit == given_unit
            and pixel_unit == given_pixel_unit
            and _is_same(range, self._given_range)
            and _is_same(pixel_size, self._given_pixel_size)
        )

    def header(self, stamp: wire.Stamp) -> bytes:
        """Part 1 of such a frame."""
        return wire.frame_header(
            stamp, self.shape, self.dtype, self.fps, self.unit, self.range, self.pixel_size, self.pixel_unit
        )


def _is_same(given: object, before: tuple[object, ...] | None) -> bool:
    try:
        return _frozen(given) == before
    except (TypeError, ValueError):
        # It is none, which the check of a new format says better.
        return False


def _frozen(given: object) -> tuple[object, ...] | None:
    """What can be compared with what is given for the next frame, however it came: a number, a list, an array."""
    if given is None:
        return None
    return tuple(given) if isinstance(given, Iterable) and getattr(given, "shape", None) != () else (given,)
