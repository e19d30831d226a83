"""Small arrays of every kind that can be written."""

from __future__ import annotations

from typing import Any

import numpy as np

KINDS = [(dtype, channels) for dtype in ("uint8", "uint16") for channels in (0, 2, 3, 4)] + [
    ("bool", 0)
]


def made(dtype: str, channels: int, height: int = 21, width: int = 34, seed: int = 1) -> Any:
    """A ramp with noise; channels 0: two dimensions."""
    shape = (height, width, channels) if channels else (height, width)
    ramp = np.arange(height * width).reshape(height, width) * 3
    noise = np.random.default_rng(seed).integers(0, 9, shape)
    values = noise + (ramp[..., None] if channels else ramp)
    if dtype == "bool":
        return values % 7 < 3
    return (values * (1 if dtype == "uint8" else 29)).astype(dtype)
