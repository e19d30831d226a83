"""Hands out the kernels of a module, compiled just in time (without a cache folder)."""

from __future__ import annotations

import importlib
import threading
from types import SimpleNamespace
from typing import Any

_loaded: dict[str, Any] = {}
_lock = threading.RLock()


def load(module: str) -> Any:
    """The kernels of `module` (a dotted name ending in `_kernels`) as attributes."""
    found = _loaded.get(module)
    if found is not None:
        return found
    with _lock:
        if module not in _loaded:
            _loaded[module] = _compile(module)
        return _loaded[module]


def _compile(module: str) -> Any:
    importlib.import_module(module)
    from pil_dctz.kernels.declare import ENTRY_POINTS, INTERPRETED, signature_of

    functions = {}
    for name, (function, dispatcher, signature) in ENTRY_POINTS[module].items():
        if INTERPRETED:
            functions[name] = function
            continue
        dispatcher.enable_caching()
        dispatcher.compile(signature_of(signature))
        dispatcher.disable_compile()
        functions[name] = dispatcher
    return SimpleNamespace(**functions)
