"""Nodes for cala's pipelines, in the place of those of its own page.

In a pipeline's YAML only the `type:` changes; parameters and dependencies stay:

| of cala | here |
|---|---|
| `cala.gui.components.Encoder` | `streamview.cala.Encoder` |
| `cala.gui.components.Stamper` | `streamview.cala.Stamper` |
| `cala.gui.components.component_counter` | `streamview.cala.Counter` |

cala runs on `noob`, which has to be installed; cala itself is not needed. A node takes what cala hands about, objects
with an `array` of xarray's, as well as bare arrays. The runner is found as by `streamview.Publisher`.
"""

# noob reads annotations as they are, so none are put off (`from __future__ import annotations`).
import colorsys
from typing import Any

import numpy as np
from noob import Node
from pydantic import PrivateAttr

from streamview.publisher import Publisher

COMPONENT, HEIGHT, WIDTH = "component", "height", "width"
FRAME_NUMBER = "frame_idx"


def _array(asset: Any) -> Any:
    """What an asset of cala holds, None if it holds nothing yet; anything else is its own array."""
    return asset.array if hasattr(asset, "array") and not hasattr(asset, "dims") else asset


def _ordered(array: Any, *dims: str) -> Any:
    """`array` with these dimensions first, if it has names for them."""
    if hasattr(array, "dims") and set(dims) <= set(array.dims):
        return array.transpose(*dims, ...)
    return array


def _number(array: Any) -> int | None:
    """The number of the frame that an array of cala's belongs to."""
    coordinate = getattr(array, "coords", {}).get(FRAME_NUMBER)
    return None if coordinate is None or coordinate.ndim else int(coordinate.item())


class _Publishing(Node):
    """A node with a publisher of its own, from the start of the pipeline to its end: a new run is a new session."""

    grid_id: str | None = None
    """Name of the stream; the node's own by default."""
    _publisher: Publisher | None = PrivateAttr(default=None)

    @property
    def _stream(self) -> str:
        return self.grid_id or self.id

    @property
    def _opened(self) -> Publisher:
        if self._publisher is None:
            self._publisher = Publisher(name=self._stream)
        return self._publisher

    def init(self) -> None:
        """Starts to dial."""
        self._opened  # noqa: B018

    def deinit(self) -> None:
        """Says that the streams have ended."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _show(self, picture: Any, number: int | None, fps: float) -> None:
        # A number that has been cannot be sent again: then frames are only counted.
        last = self._opened.last(self._stream)
        seq = number if number is not None and (last is None or number > last) else None
        self._opened.frame(self._stream, picture, seq=seq, fps=fps)


class Encoder(_Publishing):
    """Shows frames, grey or colour, with the values that they have: 16 bits and floats are not cut to 8.

    The number of a frame is cala's `frame_idx`, so that metrics can refer to it.
    """

    frame_rate: float
    """Frames per second of the recording."""

    def process(self, frame: Any) -> None:
        """Shows one frame, `[height, width]`."""
        array = _array(frame)
        if array is not None:
            self._show(_ordered(array, HEIGHT, WIDTH), _number(array), self.frame_rate)


class Stamper(_Publishing):
    """Shows the cells found so far, each in a colour of its own and as bright as it is active."""

    frame_rate: float
    """Frames per second of the recording."""
    color: str = "rgb24"
    """`rgb24`, or `gray` for one colour."""
    gain: float = 2.0
    """Multiplies footprint times trace; 255 is full brightness."""

    def process(self, footprints: Any, new_traces: Any) -> None:
        """Shows one moment: footprints are `[component, height, width]`, traces `[component]`."""
        shapes, traces = _array(footprints), _array(new_traces)
        if shapes is not None and traces is not None and len(shapes):
            picture = stamp(_ordered(shapes, COMPONENT, HEIGHT, WIDTH), traces, self.gain, self.color != "gray")
            self._show(picture, _number(traces), self.frame_rate)


class Counter(_Publishing):
    """Counts the cells found so far: the series `count`, and the value that cala's own counter returns."""

    def process(self, index: int, traces: Any) -> dict[str, int]:
        """`index` is the number of the frame; traces are `[component, frame]`."""
        array = _array(traces)
        count = 0 if array is None else _ordered(array, COMPONENT).shape[0]
        self._opened.metric("count", count, stream=self._stream, frame=index)
        return {"index": int(index), "count": int(count)}


def color_of(component: int) -> tuple[float, float, float]:
    """A colour that tells a component from its neighbours, red, green and blue of 0 to 1.

    Hues go round in steps of the golden ratio, which come close to none of those before.
    """
    return colorsys.hsv_to_rgb(component * 0.618033988749895 % 1.0, 0.75, 1.0)


def stamp(shapes: Any, traces: Any, gain: float, coloured: bool = True) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Sum of all components, each footprint times its trace times its colour, as `[height, width, 3]` of 0 to 255.

    Args:
        shapes: `[component, height, width]`; sparse arrays (`sparse.COO`) are not made dense.
        traces: `[component]`.
        gain: Multiplies everything.
        coloured: Whether each component has a colour; else all are white.
    """
    data = getattr(shapes, "data", shapes) if hasattr(shapes, "dims") else shapes
    count, height, width = data.shape
    colors = np.array([color_of(n) if coloured else (1.0, 1.0, 1.0) for n in range(count)])
    weights = np.asarray(traces, np.float64)[:, None] * colors * gain
    if hasattr(data, "coords") and hasattr(data, "todense"):
        component, row, column = data.coords
        pixel = row * width + column
        values = np.asarray(data.data, np.float64)
        planes = [np.bincount(pixel, values * weights[component, channel], height * width) for channel in range(3)]
        picture = np.stack(planes, axis=-1).reshape(height, width, 3)
    else:
        picture = np.tensordot(np.asarray(data, np.float64), weights, axes=(0, 0))
    return np.clip(picture, 0, 255).astype(np.uint8)
