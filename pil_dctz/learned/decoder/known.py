"""Which models there are: those of the package and that of a path. Clause `learned.layer`."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.model import MAX_MODEL, Model

__all__ = ["find_model", "read_model", "shipped_models"]

#: Where the package has its own.
FOLDER = Path(__file__).resolve().parents[1] / "models"


def find_model(identifier: bytes, path: str | os.PathLike[str] | None = None) -> Model | None:
    """The model that a frame names: the one at `path`, or one of the package.

    Raises OSError and, for a file that is no model, DctzError.
    """
    if path is not None:
        model = read_model(path)
        if model.digest.startswith(identifier):
            return model
    place = shipped_models().get(identifier)
    return None if place is None else read_model(place)


def read_model(path: str | os.PathLike[str]) -> Model:
    """The model of a file; kept for the next call while the file stays as it is."""
    status = os.stat(path)
    return _read(os.fspath(path), status.st_size, status.st_mtime_ns)


@lru_cache(8)
def _read(path: str, size: int, time_ns: int) -> Model:
    with open(path, "rb") as file:
        return parse_model(file.read(MAX_MODEL + 1))


@lru_cache(1)
def shipped_models() -> dict[bytes, Path]:
    """The files of the package by identifier."""
    found = {}
    for path in sorted(FOLDER.glob("*.dctm")):
        with path.open("rb") as file:
            file.seek(-32, os.SEEK_END)
            found[file.read(8)] = path
    return found
