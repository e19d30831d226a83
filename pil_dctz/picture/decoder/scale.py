"""Smaller pictures from whole samples: the mean of each box. Clause `frame.scale`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pil_dctz.arrays import Samples

__all__ = ["box_mean"]


def box_mean(samples: Samples, scale: int) -> Samples:
    """(sum + n / 2) / n over each scale x scale box, cut at the right and lower edge.

    samples: (height, width, channels). A sum of 64 samples of 16 bits fits 32 bits.
    """
    if scale == 1:
        return samples
    height, width, _ = samples.shape
    rows = np.add.reduceat(samples, np.arange(0, height, scale), axis=0, dtype=np.uint32)
    sums = np.add.reduceat(rows, np.arange(0, width, scale), axis=1, dtype=np.uint32)
    count = np.outer(_lengths(height, scale), _lengths(width, scale))[:, :, None]
    mean: Samples = ((sums + count // 2) // count).astype(samples.dtype)
    return mean


def _lengths(length: int, scale: int) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The sides of the boxes along `length` samples."""
    starts = np.arange(0, length, scale)
    return np.minimum(scale, length - starts).astype(np.uint32)
