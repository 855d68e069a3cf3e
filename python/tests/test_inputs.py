"""Arrays of other packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamview import Publisher
from streamview.arrays import as_numpy
from tests.conftest import Listener

PICTURE = np.arange(35, dtype=np.uint16).reshape(5, 7)


def sent(pub: Publisher, listener: Listener, array: object) -> Any:
    """What arrives of an array."""
    pub.frame("camera", array)
    _, header, payload = listener.take()
    return np.frombuffer(payload, header["dtype"]).reshape(header["shape"])


def test_xarray(pub: Publisher, listener: Listener) -> None:
    xr = pytest.importorskip("xarray", reason="xarray is not installed")
    array = xr.DataArray(PICTURE, dims=["height", "width"])
    np.testing.assert_array_equal(sent(pub, listener, array), PICTURE)
    np.testing.assert_array_equal(sent(pub, listener, array.transpose("width", "height")), PICTURE.T)
    np.testing.assert_array_equal(sent(pub, listener, array[::2, 3:].astype(">f4")), PICTURE[::2, 3:])
    pub.metric("mean", array.mean())
    assert listener.take()[1]["values"] == {"mean": 17.0}


def test_dask_is_computed(pub: Publisher, listener: Listener) -> None:
    da = pytest.importorskip("dask.array", reason="dask is not installed")
    lazy = da.from_array(PICTURE, chunks=(2, 3)) * 2
    np.testing.assert_array_equal(sent(pub, listener, lazy), PICTURE * 2)
    xr = pytest.importorskip("xarray", reason="xarray is not installed")
    np.testing.assert_array_equal(sent(pub, listener, xr.DataArray(lazy)), PICTURE * 2)
    with pytest.raises(TypeError, match="array: dtype complex128"):
        pub.frame("camera", lazy * 1j)


def test_torch(pub: Publisher, listener: Listener) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensor = torch.arange(35, dtype=torch.float32, requires_grad=True).reshape(5, 7)
    np.testing.assert_array_equal(sent(pub, listener, tensor), PICTURE)
    np.testing.assert_array_equal(sent(pub, listener, tensor.T), PICTURE.T)
    np.testing.assert_array_equal(sent(pub, listener, tensor.bfloat16()), PICTURE)
    np.testing.assert_array_equal(sent(pub, listener, tensor.half()), PICTURE)
    if torch.cuda.is_available():
        np.testing.assert_array_equal(sent(pub, listener, tensor.cuda()), PICTURE)
    pub.metric("loss", tensor.mean())
    assert listener.take()[1]["values"] == {"loss": 17.0}


class Tensor:
    """The outside of a torch tensor that NumPy cannot read as it is: on a GPU, with a gradient, bfloat16."""

    def __init__(self, values: Any, dtype: str = "torch.bfloat16", done: tuple[str, ...] = ()) -> None:
        self.values, self.dtype, self.done = values, dtype, done

    def _after(self, step: str, dtype: str | None = None) -> Tensor:
        return Tensor(self.values, dtype or self.dtype, (*self.done, step))

    def detach(self) -> Tensor:
        return self._after("detach")

    def float(self) -> Tensor:
        return self._after("float", "torch.float32")

    def cpu(self) -> Tensor:
        return self._after("cpu")

    def resolve_conj(self) -> Tensor:
        return self

    def resolve_neg(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        assert set(self.done) == {"detach", "float", "cpu"}
        return self.values

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("can't convert cuda device type tensor to numpy")


def test_a_tensor_is_detached_widened_and_fetched() -> None:
    assert as_numpy(Tensor(PICTURE), "array") is PICTURE


def test_lists_memory_maps_and_subclasses(pub: Publisher, listener: Listener, tmp_path: Path) -> None:
    np.testing.assert_array_equal(sent(pub, listener, [[0.5, 1.5], [2.5, 3.5]]), [[0.5, 1.5], [2.5, 3.5]])
    np.save(tmp_path / "stack.npy", np.stack([PICTURE, PICTURE + 1]))
    stack = np.load(tmp_path / "stack.npy", mmap_mode="r")
    np.testing.assert_array_equal(sent(pub, listener, stack[1]), PICTURE + 1)
    np.testing.assert_array_equal(sent(pub, listener, memoryview(PICTURE)), PICTURE)  # type: ignore[arg-type]


def test_only_three_packages_are_needed() -> None:
    script = """
import sys
import streamview, streamview.cli
heavy = {"xarray", "dask", "torch", "pandas", "noob", "pydantic", "cv2", "asyncio"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
