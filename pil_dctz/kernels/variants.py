"""The extension modules that hold the kernels, one for each level of a processor's instructions."""

from __future__ import annotations

import platform
import sys
from functools import cache
from importlib import import_module

__all__ = ["NO_COMPILER", "TARGETS", "variants_here", "variants_to_run"]

#: LLVM's name of the target of each extension module; "": what every processor of the kind runs.
TARGETS = {"_kernels": "", "_kernels_v3": "x86-64-v3"}

#: Exit status of `kernels.build` without a C compiler, or with a numba that has no `pycc`.
NO_COMPILER = 3


def variants_here() -> tuple[str, ...]:
    """The extension modules to make for this kind of processor, the fastest first."""
    x86 = platform.machine().lower() in ("x86_64", "amd64") and sys.maxsize > 2**32
    return ("_kernels_v3", "_kernels") if x86 else ("_kernels",)


@cache
def variants_to_run() -> tuple[str, ...]:
    """The extension modules that this very processor can run, the fastest first."""
    try:
        features = import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):
        features = {}
    # Before NumPy 2.4 only some of the level's features have names; processors have all or none.
    named = all(features.get(name) for name in ("AVX2", "FMA3", "F16C"))
    return ("_kernels_v3", "_kernels") if features.get("X86_V3", named) else ("_kernels",)
