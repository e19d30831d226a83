"""Decorators for kernel modules. Imported by `*_kernels.py` alone: numba stays out until then.

    @inner                                   a helper, compiled into its callers
    @kernel("int64(u8ro[::1], int64)")       an entry point with its one signature

A signature is written in numba's type names. `u8ro`, `i32ro` and so on are elements of arrays that
the kernel only reads: they take arrays over `bytes` too, and writable ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba import njit, types

__all__ = ["EntryPoint", "entry_points", "inner", "kernel", "signature_of"]


class EntryPoint(NamedTuple):
    """A kernel before it is compiled. dispatcher: of numba, or the function itself (no JIT)."""

    function: Callable[..., Any]
    dispatcher: Any
    signature: str


_entry_points: dict[str, dict[str, EntryPoint]] = {}

#: What both ways of compiling share: no interpreter lock, no test for division by zero, no
#: counts of references to arrays (atomic, 15 % of the time): kernels allocate nothing.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


class _ReadOnly:
    """`u8ro[:, ::1]`: a C-contiguous array that the kernel only reads."""

    def __init__(self, element: Any) -> None:
        self.element = element

    def __getitem__(self, axes: Any) -> Any:
        axes = axes if isinstance(axes, tuple) else (axes,)
        if axes[-1].step != 1 or any(axis != slice(None) for axis in axes[:-1]):
            raise TypeError("kernel arrays are C-contiguous: write [::1] or [:, ::1]")
        return types.Array(self.element, len(axes), "C", readonly=True)


_NAMES: dict[str, Any] = {
    **{name: getattr(types, name) for name in dir(types) if not name.startswith("_")},
    "u8ro": _ReadOnly(types.uint8),
    "u16ro": _ReadOnly(types.uint16),
    "u32ro": _ReadOnly(types.uint32),
    "u64ro": _ReadOnly(types.uint64),
    "i8ro": _ReadOnly(types.int8),
    "i16ro": _ReadOnly(types.int16),
    "i32ro": _ReadOnly(types.int32),
    "i64ro": _ReadOnly(types.int64),
    "f32ro": _ReadOnly(types.float32),
    "f64ro": _ReadOnly(types.float64),
}


def signature_of(text: str) -> Any:
    """The numba signature of a declaration such as `int64(u8ro[::1], int64)`."""
    return eval(text, {"__builtins__": {}}, _NAMES)  # our own source text only


def inner(function: Callable[..., Any]) -> Any:
    """A function that kernels call; compiled for the types it is called with, into its callers.

    Always: left to itself, LLVM calls the larger ones, and each array is seven arguments of a call
    (an eighth of the encoder's time, a sixth of the decoder's).
    """
    return njit(**_OPTIONS, forceinline=True)(function)


def kernel(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """An entry point with its one signature. `kernels.load` compiles it, once, and closes it."""

    def declare(function: Callable[..., Any]) -> Any:
        dispatcher = njit(**_OPTIONS)(function)
        group = _entry_points.setdefault(function.__module__, {})
        group[function.__name__] = EntryPoint(function, dispatcher, signature)
        return dispatcher

    return declare


def entry_points(module: str) -> dict[str, EntryPoint]:
    """The entry points of a kernel module that was imported, by name; {} where all are inner."""
    return _entry_points.get(module, {})
