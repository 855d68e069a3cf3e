"""Sources for the pipeline of `test_cala`: what nodes of cala hand on, and its assets' outside."""

# noob reads annotations as they are, so none are put off (`from __future__ import annotations`).
from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import xarray as xr
from noob import Name


@dataclass
class Asset:
    """cala's assets hold an array of xarray's, or nothing yet."""

    array: Any


def movie() -> Generator[tuple[Annotated[Asset, Name("frame")], Annotated[int, Name("index")]], None, None]:
    """Frames that are numbered from 0, of 16 bits, with width first as cala may have it."""
    index = 0
    while True:
        pixels = np.full((8, 6), 1000 + index, np.uint16)
        yield Asset(xr.DataArray(pixels, dims=["width", "height"], coords={"frame_idx": index})), index
        index += 1


class Cells:
    """One cell more with every frame from the third on, each one row of the picture."""

    def __init__(self) -> None:
        self._frames = 0

    def process(
        self,
        frame: Asset,
    ) -> tuple[
        Annotated[Asset, Name("footprints")], Annotated[Asset, Name("new_traces")], Annotated[Asset, Name("traces")]
    ]:
        """Footprints, the newest value of each trace, and all traces."""
        count = max(0, self._frames - 1)
        self._frames += 1
        if count == 0:
            return Asset(None), Asset(None), Asset(None)
        footprints = np.zeros((count, 6, 8))
        for cell in range(count):
            footprints[cell, cell] = 1.0
        newest = 50.0 + 10.0 * np.arange(count)
        number = {"frame_idx": frame.array.coords["frame_idx"].item()}
        return (
            Asset(xr.DataArray(footprints, dims=["component", "height", "width"])),
            Asset(xr.DataArray(newest, dims=["component"], coords=number)),
            Asset(xr.DataArray(np.tile(newest[:, None], 5), dims=["component", "frame"])),
        )
