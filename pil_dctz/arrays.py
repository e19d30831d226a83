"""Checks of arrays: what kernels may trust, and which pictures can be written."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Samples", "as_samples", "require", "sample_dtype"]

Samples: TypeAlias = NDArray[Any]
"""(height, width, channels), uint8 for depths 1..8, uint16 for 9..16."""

_WRITABLE = (
    "uint8 or uint16 arrays of shape (height, width) or (height, width, channels) "
    "with 1 to 4 channels can be written"
)
_MAX_SIDE = 1 << 30


def require(
    name: str, array: NDArray[Any], dtype: DTypeLike, shape: tuple[int | None, ...]
) -> None:
    """Raise unless `array` is C-contiguous with exactly this dtype and shape (None: any length).

    Kernels compiled ahead of time check nothing; this stands before each call.
    Raises TypeError for the dtype, ValueError for the rest.
    """
    if array.dtype != dtype:
        raise TypeError(f"{name} must be {np.dtype(dtype)}, got {array.dtype}")
    if array.ndim != len(shape) or any(
        want is not None and want != have for want, have in zip(shape, array.shape, strict=True)
    ):
        wanted = ", ".join("any" if side is None else str(side) for side in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")
    if not array.flags.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous")


def sample_dtype(depth: int) -> np.dtype[Any]:
    """uint8 for depths 1..8, uint16 for 9..16."""
    return np.dtype(np.uint8 if depth <= 8 else np.uint16)


def as_samples(array: Any) -> Samples:
    """A public array (height, width[, channels]) as C-contiguous (height, width, channels).

    Copies only where the memory's order asks for it; bool becomes uint8 0 and 1.
    Raises ValueError that names what can be written.
    """
    samples = np.asarray(array)
    if samples.dtype == np.bool_:
        samples = samples.view(np.uint8)
    if samples.dtype.kind != "u" or samples.dtype.itemsize > 2:
        raise ValueError(f"{_WRITABLE}; got dtype {samples.dtype}")
    if samples.ndim == 2:
        samples = samples[:, :, None]
    if samples.ndim != 3 or not 1 <= samples.shape[2] <= 4:
        raise ValueError(f"{_WRITABLE}; got shape {np.shape(array)}")
    if not (0 < samples.shape[0] <= _MAX_SIDE and 0 < samples.shape[1] <= _MAX_SIDE):
        raise ValueError(f"pictures have 1 to 2**30 rows and columns; got shape {np.shape(array)}")
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    return np.ascontiguousarray(native)
