"""A pipeline of noob with streamview's nodes, shaped like cala's: python cala_pipeline.py [FRAMES]."""

import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import numpy as np
import xarray as xr
from noob import Name, SynchronousRunner, Tube

HEIGHT, WIDTH, CELLS = 120, 160, 8
ROW, COLUMN = np.mgrid[:HEIGHT, :WIDTH]


def movie() -> Generator[tuple[Annotated[xr.DataArray, Name("frame")], Annotated[int, Name("index")]], None, None]:
    """Noise, 20 times a second, numbered as cala numbers frames."""
    rng = np.random.default_rng()
    index = 0
    while True:
        pixels = rng.poisson(200, (HEIGHT, WIDTH)).astype(np.uint16)
        yield xr.DataArray(pixels, dims=["height", "width"], coords={"frame_idx": index}), index
        index += 1
        time.sleep(1 / 20)


class Cells:
    """A cell more every second, each with a trace of its own."""

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        centres = rng.uniform((10, 10), (HEIGHT - 10, WIDTH - 10), (CELLS, 2))
        self._shapes = np.stack([np.exp(-((ROW - y) ** 2 + (COLUMN - x) ** 2) / 30) for y, x in centres])

    def process(
        self, frame: xr.DataArray
    ) -> tuple[
        Annotated[xr.DataArray, Name("footprints")],
        Annotated[xr.DataArray, Name("new_traces")],
        Annotated[xr.DataArray, Name("traces")],
    ]:
        """Footprints, the newest value of each trace, and all traces."""
        index = int(frame.coords["frame_idx"])
        found = min(CELLS, 1 + index // 20)
        newest = 60 + 60 * np.sin(index / 10 + np.arange(found))
        return (
            xr.DataArray(self._shapes[:found], dims=["component", "height", "width"]),
            xr.DataArray(newest, dims=["component"], coords={"frame_idx": index}),
            xr.DataArray(newest[:, None], dims=["component", "frame"]),
        )


if __name__ == "__main__":
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with SynchronousRunner(tube=Tube.from_specification(Path(__file__).with_suffix(".yaml"))) as runner:
        for _ in range(frames):
            runner.process()
