"""Where a run stood, in a file that is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["checkpoint_path", "load_checkpoint", "save_checkpoint"]


def checkpoint_path(out: Path) -> Path:
    return out.with_name(out.name + ".checkpoint.npz")


def save_checkpoint(path: Path, state: dict[str, NDArray[Any]]) -> None:
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez(file, **cast(Any, state))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def load_checkpoint(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays; None if there is no such file."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
