"""Large arrays that a thread uses again for its next segment.

The system fills each page of a new array with zeros when it is first touched: for a segment of
512x512 samples that is a seventh of the time that decoding it takes.
"""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Workspace", "of_this_thread"]

#: The largest array that is kept: all of a segment of the default size are smaller.
_KEPT_BYTES = 4 << 20


class Workspace:
    """Arrays by name. One that is asked for again has the same memory: who asked before is done."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[np.uint8]] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array of this shape with what was there before in it, C-contiguous."""
        size = prod(shape) * np.dtype(dtype).itemsize
        if size > _KEPT_BYTES:
            return np.empty(shape, dtype)
        kept = self._kept.get(name)
        if kept is None or kept.size < size:
            kept = self._kept[name] = np.empty(size, np.uint8)
        return kept[:size].view(dtype).reshape(shape)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """As `empty`, of zeros."""
        array = self.empty(name, shape, dtype)
        array.fill(0)
        return array


class _Local(threading.local):
    def __init__(self) -> None:
        self.workspace = Workspace()


_local = _Local()


def of_this_thread() -> Workspace:
    """At most 4 MiB an array; freed with the thread."""
    return _local.workspace
