"""Decorators for kernel modules. Imported by `*_kernels.py` alone: numba stays out until then."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from numba import njit, types

#: Entry points by module name: function name -> (python function, dispatcher, signature text).
ENTRY_POINTS: dict[str, dict[str, tuple[Callable[..., Any], Any, str]]] = {}

INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


class _ReadOnly:
    """`u8ro[:, ::1]`: a C-contiguous array that the kernel only reads."""

    def __init__(self, element: Any) -> None:
        self.element = element

    def __getitem__(self, axes: Any) -> Any:
        ndim = len(axes) if isinstance(axes, tuple) else 1
        last = axes[-1] if isinstance(axes, tuple) else axes
        if last.step != 1:
            raise TypeError("kernel arrays are C-contiguous: write [::1] on the last axis")
        return types.Array(self.element, ndim, "C", readonly=True)


_NAMES: dict[str, Any] = {
    "u8ro": _ReadOnly(types.uint8),
    "u16ro": _ReadOnly(types.uint16),
    "u32ro": _ReadOnly(types.uint32),
    "i8ro": _ReadOnly(types.int8),
    "i16ro": _ReadOnly(types.int16),
    "i32ro": _ReadOnly(types.int32),
    "i64ro": _ReadOnly(types.int64),
    "f32ro": _ReadOnly(types.float32),
    "f64ro": _ReadOnly(types.float64),
}


def signature_of(text: str) -> Any:
    """The numba signature of a declaration such as `int64(u8ro[::1], int64)`."""
    names = {name: getattr(types, name) for name in dir(types) if not name.startswith("_")}
    return eval(text, {"__builtins__": {}}, {**names, **_NAMES})  # our own source text only


def inner(function: Callable[..., Any]) -> Any:
    """A function that kernels call; compiled for the types it is called with."""
    return njit(nogil=True, error_model="numpy")(function)


def kernel(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """An entry point with its one signature. `kernels.load` compiles it, once, and closes it."""

    def declare(function: Callable[..., Any]) -> Any:
        dispatcher = njit(nogil=True, error_model="numpy")(function)
        module = ENTRY_POINTS.setdefault(function.__module__, {})
        module[function.__name__] = (function, dispatcher, signature)
        return dispatcher

    return declare
