"""Planes to samples, by the frame's colour transform."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import require
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.kernels.load import load
from pil_dctz.tables.load import load_array

__all__ = ["planes_to_samples"]


def planes_to_samples(
    transform: ColourTransform, planes: NDArray[np.int16], out: NDArray[np.uint8]
) -> None:
    """Fill `out` (height, width, channels) from planes (channels, >= height, >= width).

    planes: int16, sixteenths of a unit, C-contiguous. XYB takes 1 or 3 channels, YCbCr 3, none
    1 to 4: the parser of the tables has made sure. Clauses: colour.xyb, colour.ycbcr, colour.none.
    """
    height, width, channels = out.shape
    require("out", out, np.uint8, (None, None, None))
    require("planes", planes, np.int16, (channels, None, None))
    if planes.shape[1] < height or planes.shape[2] < width:
        raise ValueError(f"planes of {planes.shape[1:]} do not cover samples of {out.shape[:2]}")
    kernels = load("pil_dctz.colour.decoder.colour_kernels")
    if transform == ColourTransform.XYB and channels == 3:
        kernels.xyb_to_rgb(planes, srgb_codes(), out)
    elif transform == ColourTransform.XYB and channels == 1:
        kernels.xyb_to_gray(planes, srgb_codes(), out)
    elif transform == ColourTransform.YCBCR and channels == 3:
        kernels.ycbcr_to_rgb(planes, out)
    elif transform == ColourTransform.NONE:
        kernels.planes_to_samples(planes, out)
    else:
        raise ValueError(f"colour transform {transform.name} with {channels} channels")


@cache
def srgb_codes() -> NDArray[np.uint8]:
    """uint8 (16384,): the sRGB code of each linear value, 16383 being white. `colour.srgb`"""
    thresholds = load_array("lossy-srgb.txt", "int32", (255,))
    codes = np.searchsorted(thresholds, np.arange(16384), side="right").astype(np.uint8)
    codes.flags.writeable = False
    return codes
