"""Samples to planes, in floating point: what `colour/decoder` undoes."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples, require
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.kernels.load import load

__all__ = ["samples_to_planes", "samples_to_xyb"]

BIAS = 0.0037930732552754493
ABSORBANCE = (
    (0.30, 0.622, 0.078),
    (0.23, 0.692, 0.078),
    (0.24342268924547819, 0.20476744424496821, 0.5518098665095536),
)


def samples_to_planes(
    transform: ColourTransform, depth: int, samples: Samples, planes: NDArray[np.float32]
) -> None:
    """Fill planes (channels, >= height, >= width), in units, from samples (height, width, channels)
    of 8..12 bits. Beyond the samples the planes repeat their edge.

    XYB takes 1 or 3 channels, YCbCr 3.
    """
    if depth == 8 and transform == ColourTransform.XYB:
        samples_to_xyb(samples, planes)
        return
    height, width, channels = samples.shape
    if planes.shape[1] < height or planes.shape[2] < width or not (height and width):
        raise ValueError(f"planes of {planes.shape[1:]} for samples of {samples.shape[:2]}")
    if transform == ColourTransform.XYB:
        found = _deep_xyb(samples, depth)
    else:
        found = [samples[..., c] * np.float32(2.0 ** (8 - depth)) for c in range(channels)]
        if transform == ColourTransform.YCBCR:
            red, green, blue = found
            luma = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
            found = [luma, (blue - luma) / np.float32(1.772), (red - luma) / np.float32(1.402)]
            found[0] -= 128
        else:
            found = [plane - 128 for plane in found]
    for plane, values in zip(planes, found, strict=True):
        plane[:height, :width] = values
        plane[:height, width:] = plane[:height, width - 1 : width]
        plane[height:] = plane[height - 1]


def _deep_xyb(samples: Samples, depth: int) -> list[NDArray[np.float32]]:
    """The planes of XYB, or its Y alone of gray; exact cube roots."""
    code = np.arange(1 << depth) / ((1 << depth) - 1)
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    linear = light.astype(np.float32)[samples]
    if samples.shape[2] == 1:
        return [(np.cbrt(linear[..., 0] + BIAS) - np.cbrt(BIAS)) * 300 - 128]
    rows = np.array(ABSORBANCE, np.float32)
    long, middle, short = np.moveaxis(np.cbrt(linear @ rows.T + BIAS) - np.cbrt(BIAS), 2, 0)
    luma = (long + middle) / 2
    return [luma * 300 - 128, (short - luma) * 180, (long - middle) * 840]


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
