"""Buffers for frames that are used again and again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import zmq

    from streamview.arrays import Array


class Pool:
    """The buffers for frames of one shape and dtype.

    Memory that comes fresh from the operating system costs a page fault every 4 KiB, which can be several times what
    the copy into it costs; memory that has been written before costs the copy alone.

    `take` and `give` may be called from any thread, `lend` and `collect` from the thread that sends.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], idle: int) -> None:
        """Keeps at most `idle` buffers that nobody uses."""
        self._shape = shape
        self._dtype = dtype
        self._idle: deque[Array] = deque(maxlen=idle)
        self._lent: deque[tuple[zmq.MessageTracker, Array]] = deque()

    def take(self) -> Array:
        """A buffer, with whatever is in it."""
        try:
            # The last one that came back is the likeliest to be in the processor's cache.
            return self._idle.pop()
        except IndexError:
            return np.empty(self._shape, self._dtype)

    def give(self, buffer: Array) -> None:
        """Takes back what nobody reads any more."""
        self._idle.append(buffer)

    def lend(self, buffer: Array, tracker: zmq.MessageTracker) -> None:
        """Remembers that ZeroMQ reads `buffer` until `tracker` is done."""
        self._lent.append((tracker, buffer))

    def collect(self) -> None:
        """Takes back what ZeroMQ has done with; it is done in the order of sending."""
        while self._lent and self._lent[0][0].done:
            self.give(self._lent.popleft()[1])
