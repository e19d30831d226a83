"""Pictures for tests: where the shared data sets are, and small drawn ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def shared_data(*parts: str) -> Path:
    """The folder of picture sets, or `parts` below it; the test is skipped, named, without it.

    The environment variable DCTZ_DATA names the folder; else `shared/data` beside the project.
    """
    given = os.environ.get("DCTZ_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"picture set {'/'.join(parts) or 'root'} is not at {root}")
    return path


def draw_photo(
    width: int, height: int, channels: int = 3, *, depth: int = 8, seed: int = 0
) -> NDArray[Any]:
    """Waves, an edge and noise: (height, width[, channels]), as a photograph would be.

    The last of 2 or 4 channels is an alpha that is 0, full and in between.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for channel in range(channels):
        a, b, c = rng.uniform(0.02, 0.2, 3)
        plane = np.sin(a * x + channel) + np.cos(b * y) + np.sin(c * (x + 2 * y))
        plane += np.where(x > y * 0.8 + width * 0.3, 0.8, -0.8)
        planes.append(plane + rng.normal(0, 0.05, plane.shape))
    unit = np.clip(np.stack(planes, axis=2) / 6 + 0.5, 0, 1)
    if channels in (2, 4):
        unit[..., -1] = np.clip(1.5 - np.hypot(x - width / 2, y - height / 2) / (height + 1), 0, 1)
    return _samples(unit, depth)


def draw_graphic(
    width: int, height: int, channels: int = 3, *, depth: int = 8, seed: int = 0
) -> NDArray[Any]:
    """Flat rectangles and one-pixel lines in few colours, as a screen would be."""
    rng = np.random.default_rng(seed)
    colours = rng.uniform(0, 1, (7, channels))
    unit = np.ones((height, width, channels))
    for colour in colours:
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        unit[y : y + height // 2 + 1, x : x + width // 3 + 1] = colour
        unit[y, :] = colours[0]
    return _samples(unit, depth)


def draw_noise(
    width: int, height: int, channels: int = 3, *, depth: int = 8, seed: int = 0
) -> NDArray[Any]:
    """Samples that nothing predicts."""
    rng = np.random.default_rng(seed)
    shape = (height, width) if channels == 1 else (height, width, channels)
    return rng.integers(0, 1 << depth, shape).astype(np.uint8 if depth <= 8 else np.uint16)


def draw_flat(width: int, height: int, colour: tuple[int, ...] = (12, 200, 96)) -> NDArray[Any]:
    """One colour, 8 bits."""
    shape = (height, width) if len(colour) == 1 else (height, width, len(colour))
    return np.broadcast_to(np.array(colour, np.uint8), shape).copy()


def _samples(unit: NDArray[Any], depth: int) -> NDArray[Any]:
    """0..1 as samples of `depth` bits; one channel without its axis."""
    samples = np.rint(unit * ((1 << depth) - 1)).astype(np.uint8 if depth <= 8 else np.uint16)
    return samples[:, :, 0].copy() if samples.shape[2] == 1 else samples
