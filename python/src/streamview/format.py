"""How the frames of a stream are laid out, for as long as that stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamview import checks, wire
from streamview.pool import Pool

if TYPE_CHECKING:
    from streamview.arrays import Array
    from streamview.checks import Number

_LONGEST = wire.Stamp(session=(1 << 64) - 1, seq=(1 << 64) - 1, t_ns=-(1 << 63))


class Format:
    """Shape, dtype, rate, unit and range of frames, checked once, and the buffers that they are copied into."""

    def __init__(
        self,
        array: Array,
        fps: Number | None,
        unit: str | None,
        range: Sequence[Number] | None,  # noqa: A002
        idle: int,
    ) -> None:
        """Checks them; at most `idle` buffers that nobody uses are kept.

        Raises:
            TypeError, ValueError: The wire does not carry such frames.
        """
        self._given = (array.shape, array.dtype, fps, unit)
        self.dtype = checks.wire_dtype(array.dtype, "array")
        self.shape = checks.frame_shape(array.shape, "array")
        self.fps = None if fps is None else checks.positive(fps, "fps")
        self.unit = None if unit is None else checks.unit(unit, "unit")
        self.range = None if range is None else checks.value_range(range, "range")
        self._given_range = None if range is None else tuple(range)
        self.size = array.size * self.dtype.itemsize + len(self.header(_LONGEST))
        """Bytes that a frame takes on the wire and while it waits."""
        self.pool = Pool(array.shape, self.dtype, idle)

    def is_of(
        self,
        array: Array,
        fps: Number | None,
        unit: str | None,
        range: Sequence[Number] | None,  # noqa: A002
    ) -> bool:
        """Whether frames published with these arguments are of this format."""
        shape, dtype, given_fps, given_unit = self._given
        return (
            array.shape == shape
            and array.dtype == dtype
            and fps == given_fps
            and unit == given_unit
            and (self._given_range is None if range is None else self._is_range(range))
        )

    def _is_range(self, range: Sequence[Number]) -> bool:  # noqa: A002
        try:
            return tuple(range) == self._given_range
        except (TypeError, ValueError):
            # It is none, which the check of a new format says better.
            return False

    def header(self, stamp: wire.Stamp) -> bytes:
        """Part 1 of such a frame."""
        return wire.frame_header(stamp, self.shape, self.dtype, self.fps, self.unit, self.range)
