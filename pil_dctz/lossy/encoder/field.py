"""The quantization map by a network that learned from measured slopes. Encoder only."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pil_dctz.kernels.load import load
from pil_dctz.lossy.shapes import LAYOUT
from pil_dctz.lossy.steps import inverse_steps
from pil_dctz.lossy.syntax import LossyTables
from pil_dctz.tables.load import load_array

__all__ = ["HIDDEN", "NUMBERS", "SEEN", "describe_cells", "trained_map"]

#: Numbers of a square and of a cell, sums of the network.
SQUARE, SEEN, HIDDEN = 14, 30, 16
#: Map level at which coefficients are counted in steps.
CENTRE = 6
#: Of the table: means and factors of what is seen, weights with their offsets, factors of the sums.
NUMBERS = 2 * SEEN + HIDDEN * (SEEN + 1) + HIDDEN + SEEN + 1
UNIT = 4096


class _Network(NamedTuple):
    scales: NDArray[np.float32]
    weights: NDArray[np.float32]
    last: NDArray[np.float32]


def trained_map(
    coefficients: NDArray[np.float32], planes: NDArray[np.float32], tables: LossyTables
) -> NDArray[np.uint8]:
    """uint8 (ceil(rows / 2), ceil(columns / 2)) of a segment of rows x columns squares.

    coefficients: of 8x8 blocks of the first plane in raster order. planes: three, in units.
    """
    seen = describe_cells(coefficients, planes, tables)
    network = _network()
    cells = np.empty(seen.shape[:2], np.uint8)
    load("pil_dctz.lossy.encoder.field_kernels").predict_map(
        seen, *network, np.empty(SEEN, np.float32), cells
    )
    return cells


def describe_cells(
    coefficients: NDArray[np.float32], planes: NDArray[np.float32], tables: LossyTables
) -> NDArray[np.float32]:
    """float32 (cell rows, cell columns, SEEN): what the network sees."""
    kernels = load("pil_dctz.lossy.encoder.field_kernels")
    rows, columns = planes.shape[1] // 8, planes.shape[2] // 8
    first = int(LAYOUT[0, 2])
    steps = inverse_steps(tables.gains, tables.curve)[0, CENTRE, 0]
    inverse = steps[tables.radii()[first : first + 64].astype(np.int64)]
    inverse[0] = 0
    squares = np.empty((rows, columns, SQUARE), np.float32)
    kernels.describe_squares(
        coefficients,
        planes,
        np.ascontiguousarray(inverse),
        np.empty(64, np.float32),
        np.empty((2, 8 * columns), np.float32),
        squares,
    )
    high, wide = -(-rows // 2), -(-columns // 2)
    seen = np.empty((high, wide, SEEN), np.float32)
    kernels.describe_cells(
        squares, math.log2(tables.base), np.empty((high, wide, 3), np.float32), seen
    )
    return seen


@cache
def _network() -> _Network:
    table = load_array("lossy-field.txt", "int32", (NUMBERS,)).astype(np.float32)
    table /= np.float32(UNIT)
    ends = np.cumsum((2 * SEEN, HIDDEN * (SEEN + 1)))
    scales, weights, last = np.split(table, ends)
    return _Network(scales.reshape(2, SEEN), weights.reshape(HIDDEN, SEEN + 1), last)
