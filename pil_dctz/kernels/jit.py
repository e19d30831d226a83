"""Kernels compiled by numba at first use, with a cache of our own.

numba's cache looks at a kernel's own file alone, so an edit to a kernel that it calls would go
unseen; nor does it tell code with checked bounds from code without. The folder's name does both.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from pil_dctz.kernels.sources import group_digest

__all__ = ["cache_folder", "just_in_time"]

#: What a damaged cache file was seen to raise, by numba's unpickling or by LLVM's reading.
_CORRUPT = (
    EOFError,
    OSError,
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ImportError,
    RuntimeError,
)

_STALE_SECONDS = 14 * 24 * 3600


def just_in_time(module: str) -> dict[str, Callable[..., Any]]:
    """The entry points of `module`, compiled for their signatures and closed; by name.

    Interpreted functions under `NUMBA_DISABLE_JIT=1`.
    """
    import_module(module)
    from pil_dctz.kernels.declare import entry_points

    entries = entry_points(module)
    if _numba_settings().DISABLE_JIT:
        return {name: entry.function for name, entry in entries.items()}
    folder = cache_folder(module)
    for entry in entries.values():
        _compile(entry.dispatcher, entry.signature, folder)
    return {name: entry.dispatcher for name, entry in entries.items()}


def _numba_settings() -> Any:
    return import_module("numba.core.config")  # filled at run time: no type checker sees names


def cache_folder(module: str) -> str | None:
    """A writable folder for exactly this source, numba and kind of code; None if there is none."""
    import numba

    settings = _numba_settings()
    checked = "-checked" if settings.BOUNDSCHECK else ""
    name = f"{module}-{group_digest(module)}-{numba.__version__}{checked}"
    for base in _cache_bases(settings.CACHE_DIR):
        folder = os.path.join(base, name)
        try:
            os.makedirs(folder, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        _remove_stale(base, f"{module}-", name)
        return folder
    return None


def _cache_bases(chosen: str) -> Iterator[str]:
    if chosen:  # by NUMBA_CACHE_DIR
        yield os.path.join(chosen, "pil-dctz")
        return
    yield os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__")
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        user = os.environ.get("LOCALAPPDATA", home)
    elif sys.platform == "darwin":
        user = os.path.join(home, "Library", "Caches")
    else:
        user = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    yield os.path.join(user, "pil-dctz")


def _remove_stale(base: str, prefix: str, keep: str) -> None:
    """Remove what earlier versions of a module left behind and nobody opened for two weeks."""
    now = time.time()
    with suppress(OSError):
        os.utime(os.path.join(base, keep))
        for entry in os.scandir(base):
            old = now - entry.stat().st_mtime > _STALE_SECONDS
            if old and entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)


def _compile(dispatcher: Any, signature: str, folder: str | None) -> None:
    """Compile one kernel, from the cache if it is whole, and close it to other types."""
    from pil_dctz.kernels.declare import signature_of

    types = signature_of(signature)
    if folder is None or not _enable_cache(dispatcher, folder):
        dispatcher.compile(types)
    else:
        try:
            dispatcher.compile(types)
        except _CORRUPT:
            _remove_cached(dispatcher)
            try:
                dispatcher.compile(types)
            except OSError:  # a full disk
                _disable_cache(dispatcher)
                dispatcher.compile(types)
    dispatcher.disable_compile()


def _enable_cache(dispatcher: Any, folder: str) -> bool:
    with _numba_cache_in(folder):
        try:
            dispatcher.enable_caching()
        except RuntimeError:  # numba finds no place: source in an archive
            return False
    return True


@contextmanager
def _numba_cache_in(folder: str) -> Iterator[None]:
    """numba reads its setting when a cache is enabled; what others use stays as it was."""
    settings = _numba_settings()
    before = settings.CACHE_DIR
    settings.CACHE_DIR = folder
    try:
        yield
    finally:
        settings.CACHE_DIR = before


def _remove_cached(dispatcher: Any) -> None:
    """Remove a kernel's cache files; numba writes them anew."""
    prefix = f"{dispatcher.py_func.__module__.rpartition('.')[2]}.{dispatcher.py_func.__name__}-"
    with suppress(OSError):
        for entry in os.scandir(dispatcher.stats.cache_path):
            if entry.name.startswith(prefix):
                with suppress(OSError):
                    os.unlink(entry.path)


def _disable_cache(dispatcher: Any) -> None:
    from numba.core.caching import NullCache

    dispatcher._cache = NullCache()
