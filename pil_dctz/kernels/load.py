"""Hands out the kernels of a module: compiled ahead of time where they fit, else just in time.

`PIL_DCTZ_KERNELS` picks: `auto` (as above), `aot` (ahead of time or an error), `jit`.
`NUMBA_DISABLE_JIT=1` (interpreted) and `NUMBA_BOUNDSCHECK=1` mean `jit` under `auto`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from pil_dctz.kernels.sources import group_digest
from pil_dctz.kernels.variants import variants_to_run

__all__ = ["ahead_of_time", "load", "symbol"]

_loaded: dict[str, Any] = {}
_lock = threading.RLock()


def load(module: str) -> Any:
    """The entry points of `module` (a dotted name ending in `_kernels`) as attributes.

    Cheap after the first call. Arguments must match the declared signatures exactly: code compiled
    ahead of time checks nothing.

    Raises RuntimeError where `PIL_DCTZ_KERNELS=aot` asks for what is not there, or is no choice.
    """
    found = _loaded.get(module)
    if found is None:
        with _lock:
            if module not in _loaded:
                _loaded[module] = SimpleNamespace(**_find(module))
            found = _loaded[module]
    return found


def _find(module: str) -> dict[str, Callable[..., Any]]:
    choice = os.environ.get("PIL_DCTZ_KERNELS", "auto")
    if choice not in ("auto", "aot", "jit"):
        raise RuntimeError(f"PIL_DCTZ_KERNELS must be auto, aot or jit, got {choice}")
    if choice == "aot" or (choice == "auto" and not _is_set("DISABLE_JIT", "BOUNDSCHECK")):
        for variant in variants_to_run():
            functions = ahead_of_time(module, variant)
            if functions:
                return functions
    if choice == "aot":
        raise RuntimeError(f"{module} is not compiled ahead of time, or its source has changed")
    from pil_dctz.kernels.jit import just_in_time

    return just_in_time(module)


def _is_set(*names: str) -> bool:
    return any(os.environ.get(f"NUMBA_{name}", "") not in ("", "0") for name in names)


def ahead_of_time(module: str, variant: str) -> dict[str, Callable[..., Any]]:
    """The entry points of `module` in an extension module; {} if it was not made from this source.

    variant: `_kernels` or `_kernels_v3`.
    """
    extension = _extension(variant)
    if extension is None:
        return {}
    begin, end = symbol(module, "\n", group_digest(module)).split("\n")
    return {
        name[len(begin) : -len(end)]: function
        for name, function in vars(extension).items()
        if name.startswith(begin) and name.endswith(end)
    }


@cache
def _extension(variant: str) -> ModuleType | None:
    try:
        return import_module(f"pil_dctz.{variant}")
    except ImportError:  # not built, or for another Python
        return None


def symbol(module: str, function: str, digest: str) -> str:
    """What an extension module calls a kernel: the digest of its source is part of the name."""
    group = module.removesuffix("_kernels").replace(".", "_")
    return f"{group}__{function}__{digest}"
