"""Samples to planes of XYB, in floating point."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import require
from pil_dctz.kernels.load import load

__all__ = ["samples_to_xyb"]

BIAS = 0.0037930732552754493


def samples_to_xyb(samples: NDArray[np.uint8], planes: NDArray[np.float32]) -> None:
    """Fill planes (channels, >= height, >= width), in units, from samples (height, width, 1 or 3).

    Beyond the samples the planes repeat their edge. The inverse is `colour.xyb`.
    """
    height, width, channels = samples.shape
    require("samples", samples, np.uint8, (None, None, None))
    require("planes", planes, np.float32, (channels, None, None))
    if planes.shape[1] < height or planes.shape[2] < width or not (height and width):
        raise ValueError(f"planes of {planes.shape[1:]} for samples of {samples.shape[:2]}")
    if channels not in (1, 3):
        raise ValueError(f"XYB has 1 or 3 channels, got {channels}")
    kernels = load("pil_dctz.colour.encoder.colour_kernels")
    kernel = kernels.rgb_to_xyb if channels == 3 else kernels.gray_to_xyb
    kernel(samples, *_light(), planes)


@cache
def _light() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Linear light of each code, and cube roots (minus that of the bias) of 0..1 in 4096 steps."""
    code = np.arange(256) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    roots = np.cbrt(np.arange(4097) / 4096 + BIAS) - np.cbrt(BIAS)
    tables = linear.astype(np.float32), roots.astype(np.float32)
    for table in tables:
        table.flags.writeable = False
    return tables
