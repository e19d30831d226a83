"""Guard bytes around the arrays that the package allocates, in whatever build is running."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

GUARD = 0xA5
_SIZE = 64
_SIDE = bytes([GUARD]) * _SIZE
_PLACES = ("empty", "zeros", "full", "ones", "empty_like", "zeros_like")


class GuardError(AssertionError):
    """A byte outside an array was written."""


class Guards:
    """Arrays between guard bytes. count: how many were handed out; size: their bytes together."""

    def __init__(self) -> None:
        self._buffers: list[Any] = []
        self._true = {name: getattr(np, name) for name in _PLACES}
        self.count = 0
        self.size = 0

    def array(self, shape: Any, dtype: Any = float, order: str = "C", **_: Any) -> Any:
        kind = np.dtype(dtype)
        if kind.hasobject:  # as numba makes while it compiles: no memory of ours
            return self._true["empty"](shape, kind, order)
        sides = (shape,) if isinstance(shape, int | np.integer) else tuple(map(int, shape))
        size = math.prod(sides) * kind.itemsize
        room = -size % _SIZE  # what follows the array within the last 64 is watched too
        buffer = self._true["empty"](_SIZE + size + room + _SIZE, np.uint8)
        buffer[:_SIZE] = GUARD
        buffer[_SIZE + size :] = GUARD
        self._buffers.append((buffer, size))
        self.count += 1
        self.size += size
        made = buffer[_SIZE : _SIZE + size].view(kind)
        return made.reshape(sides, order=order)

    def filled(self, value: Any) -> Any:
        def make(shape: Any, dtype: Any = float, **more: Any) -> Any:
            out = self.array(shape, dtype, **more)
            out[...] = value
            return out

        return make

    def full(self, shape: Any, fill_value: Any, dtype: Any = None, **more: Any) -> Any:
        return self.filled(fill_value)(shape, dtype or np.asarray(fill_value).dtype, **more)

    def like(self, value: Any) -> Any:
        def make(other: Any, dtype: Any = None, **_: Any) -> Any:
            return self.filled(value)(other.shape, dtype or other.dtype)

        return make

    def check(self) -> None:
        """Raise GuardError if a guard byte was touched."""
        for buffer, size in self._buffers:
            behind = buffer[_SIZE + size :].tobytes()
            if buffer[:_SIZE].tobytes() != _SIDE or behind.strip(_SIDE[:1]):
                raise GuardError(f"a byte beside an array of {size} bytes was written")


@contextmanager
def guards() -> Iterator[Guards]:
    """Meanwhile NumPy hands out guarded arrays; they are looked at in the end."""
    own = Guards()
    made = {
        "empty": own.array,
        "zeros": own.filled(0),
        "ones": own.filled(1),
        "full": own.full,
        "empty_like": own.like(0),
        "zeros_like": own.like(0),
    }
    kept = {name: getattr(np, name) for name in _PLACES}
    for name, function in made.items():
        setattr(np, name, function)
    try:
        yield own
    finally:
        for name, function in kept.items():
            setattr(np, name, function)
        own.check()
