"""Planes to samples, by the frame's colour transform; of more than 8 bits in NumPy integers."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples, require
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.kernels.load import load
from pil_dctz.tables.load import load_array

__all__ = ["planes_to_samples"]

#: Rows of a picture of more than 8 bits that are worked on at a time.
_ROWS = 64


def planes_to_samples(
    transform: ColourTransform, planes: NDArray[np.int16], out: Samples, depth: int = 8
) -> None:
    """Fill `out` (height, width, channels) from planes (channels, >= height, >= width).

    planes: int16, sixteenths of a unit, C-contiguous. out: uint8 of depth 8, uint16 of 9..12. XYB
    takes 1 or 3 channels, YCbCr 3, none 1 to 4: the parser of the tables has made sure. Clauses:
    colour.xyb, colour.ycbcr, colour.none.
    """
    height, width, channels = out.shape
    require("out", out, np.uint8 if depth == 8 else np.uint16, (None, None, None))
    require("planes", planes, np.int16, (channels, None, None))
    if planes.shape[1] < height or planes.shape[2] < width:
        raise ValueError(f"planes of {planes.shape[1:]} do not cover samples of {out.shape[:2]}")
    if depth > 8:
        for top in range(0, height, _ROWS):
            rows = planes[:, top : min(top + _ROWS, height), :width].astype(np.int64)
            out[top : top + _ROWS] = np.moveaxis(_deep(transform, rows, depth), 0, 2)
        return
    kernels = load("pil_dctz.colour.decoder.colour_kernels")
    if transform == ColourTransform.XYB and channels == 3:
        kernels.xyb_to_rgb(planes, srgb_codes(), np.empty((3, width), np.int32), out)
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


@cache
def _deep_codes() -> NDArray[np.int64]:
    """int64 (2^20,): the sRGB code of 12 bits of each linear value. `colour.srgb`"""
    thresholds = load_array("lossy-srgb-deep.txt", "int32", (4095,))
    return np.searchsorted(thresholds, np.arange(1 << 20), side="right").astype(np.int64)


def _deep(transform: ColourTransform, p: NDArray[np.int64], depth: int) -> NDArray[np.int64]:
    """Samples (channels, rows, columns) of 9..12 bits. int64 is enough: see the specification."""
    most = (1 << depth) - 1
    if transform == ColourTransform.XYB:
        b = p[1] if len(p) == 3 else np.zeros_like(p[0])
        x = p[2] if len(p) == 3 else b
        return (_deep_xyb(p[0], b, x)[: len(p)] * most + 2047) // 4095
    if transform == ColourTransform.NONE:
        found = (p + 2048 + ((1 << (12 - depth)) >> 1)) >> (12 - depth)
    else:
        y = (p[0] << 16) + (2048 << 16) + (1 << (27 - depth))
        parts = (91881 * p[2], -22554 * p[1] - 46802 * p[2], 116130 * p[1])
        found = np.stack([(y + part) >> (28 - depth) for part in parts])
    clipped: NDArray[np.int64] = np.clip(found, 0, most)
    return clipped


def _deep_xyb(
    luma: NDArray[np.int64], b_y: NDArray[np.int64], x_plane: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Codes of 12 bits (3, rows, columns); of a gray picture all three are equal."""

    def cube(t: NDArray[np.int64]) -> NDArray[np.int64]:
        t = np.clip(t, 0, 65535)
        return ((t * t * t) >> 24) - 12802

    y = 8 * luma + 22373
    b = (873813 * b_y + 32768) >> 16
    x = (93623 * x_plane + 32768) >> 16
    long, middle, short = cube(y + x), cube(y - x), cube(y + b)
    red = 3593658 * long - 3214269 * middle - 53628 * short
    green = -1060075 * long + 1439464 * middle - 53628 * short
    blue = -1191912 * long + 883765 * middle + 633908 * short
    linear = np.stack([red, green, blue])
    codes: NDArray[np.int64] = _deep_codes()[np.clip((linear + (1 << 19)) >> 20, 0, (1 << 20) - 1)]
    return codes
