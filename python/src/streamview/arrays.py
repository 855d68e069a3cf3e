"""Whatever holds pixels or samples, as a NumPy array: xarray, dask, torch, CuPy, JAX, lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def as_numpy(array: object, argument: str) -> Array:
    """`array` as NumPy sees it, copied only where its values are not in this computer's memory.

    A dask array is computed and a tensor on a GPU is fetched, here and now. Layout and byte order stay as they are.
    """
    if isinstance(array, np.ndarray):
        return array
    if isinstance(array, (str, bytes)) or array is None:
        raise TypeError(f"{argument}: expected an array, got {type(array).__name__}")
    if hasattr(array, "detach") and hasattr(array, "cpu"):
        return _from_torch(array)
    if hasattr(array, "__cuda_array_interface__") and hasattr(array, "get"):
        array = array.get()
    try:
        return np.asarray(array)
    except ValueError as error:
        # Rows of unequal length, say.
        raise ValueError(f"{argument}: no array can be made of it: {error}") from error


def _from_torch(tensor: Any) -> Array:
    tensor = tensor.detach()
    if str(tensor.dtype) == "torch.bfloat16":
        # NumPy has no such type; float32 holds all its values.
        tensor = tensor.float()
    # `resolve_neg`: a tensor may say "negate me when you read me", which NumPy cannot.
    return np.asarray(tensor.cpu().resolve_conj().resolve_neg().numpy())
