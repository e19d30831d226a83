"""Butteraugli's 3-norm by libjxl's tool `butteraugli_main` (Debian: libjxl-devtools)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy.typing as npt
from PIL import Image

TOOL = "butteraugli_main"


def installed() -> bool:
    return shutil.which(TOOL) is not None


def three_norm(original: npt.NDArray[Any], decoded: npt.NDArray[Any]) -> float:
    """0 for equal pictures (uint8, gray or RGB), lower is better. Raises OSError."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("original.png", "decoded.png")]
        for path, samples in zip(paths, (original, decoded), strict=True):
            Image.fromarray(samples).convert("RGB").save(path, compress_level=1)
        done = subprocess.run([TOOL, *paths], capture_output=True, text=True, check=True)
    return parse_norm(done.stdout)


def parse_norm(output: str) -> float:
    """The number of the line `3-norm: 1.234`. Raises ValueError."""
    for line in output.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "3-norm":
            return float(value)
    raise ValueError(f"no 3-norm in what {TOOL} says: {output!r}")
