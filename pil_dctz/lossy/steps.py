"""Quantization steps: base x radial curve x local multiplier. Clause `lossy.steps`."""

from __future__ import annotations

from itertools import pairwise
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from pil_dctz.tables.load import load_array

__all__ = [
    "KNOT_RADII",
    "MAP_MULTIPLIERS",
    "MAX_BASE",
    "SHAPE_MULTIPLIERS",
    "curve_of_knots",
    "flat_curve",
    "half_curve",
    "inverse_steps",
    "step_curve",
    "step_gains",
]

MAX_BASE = 65535
#: 1024 * 2^(m / 4) of the map's values m = -6..6.
MAP_MULTIPLIERS = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)
#: 1024 * 2^(-n / 2): coefficients of a block of 2^n squares are that much smaller than those of an
#: orthonormal transform.
SHAPE_MULTIPLIERS = (1024, 724, 512, 362, 256, 181, 128)


#: Radii of the knots of a curve that a file holds. Clause `lossy.curves`.
KNOT_RADII = (0, 8, 16, 24, 32, 48, 64, 89)


def step_gains(base: int) -> NDArray[np.int64]:
    """int64 (13, 7): what the curve is multiplied by, by map level and log2 of a block's squares.

    base: 1..65535, in 1/128 unit.
    """
    if not 1 <= base <= MAX_BASE:
        raise ValueError(f"base step must be 1..{MAX_BASE}, got {base}")
    return base * np.multiply.outer(
        np.array(MAP_MULTIPLIERS, np.int64), np.array(SHAPE_MULTIPLIERS, np.int64)
    )


def inverse_steps(gains: NDArray[np.int64], curve: NDArray[np.int32]) -> NDArray[np.float32]:
    """float32 (components, 13, 7, radii): 1 / step, the step in units."""
    products = np.multiply.outer(curve.astype(np.int64), gains)
    steps = np.clip((products + (1 << 26)) >> 27, 1, 1 << 26)
    return np.ascontiguousarray(np.moveaxis(1024 / steps, 1, 3), np.float32)


def step_curve(rows: tuple[int, ...]) -> NDArray[np.int32]:
    """int32 (len(rows), 90): the rows of the curve table that the components take."""
    return np.ascontiguousarray(load_array("lossy-curve.txt", "int32", (3, 90))[list(rows)])


def flat_curve(components: int) -> NDArray[np.int32]:
    """int32 (components, 90): the same step at all places."""
    return np.full((components, 90), 1024, np.int32)


def half_curve(rows: tuple[int, ...]) -> NDArray[np.int32]:
    """int32 (len(rows), 90): roots of 1024 times the table's rows, half way to a flat curve."""
    return np.array([[isqrt(1024 * int(v)) for v in row] for row in step_curve(rows)], np.int32)


def curve_of_knots(knots: list[list[int]]) -> NDArray[np.int32]:
    """int32 (components, 90): lines between the 8 knots, 1..65535, of each component."""
    curve = np.empty((len(knots), 90), np.int32)
    for row, values in zip(curve, knots, strict=True):
        for (a, b), (u, v) in zip(pairwise(KNOT_RADII), pairwise(values), strict=True):
            for r in range(a, b + 1):
                row[r] = (u * (b - r) + v * (r - a) + (b - a) // 2) // (b - a)
    return curve
