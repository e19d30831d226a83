"""Which cells the photographic method codes, by cost. Clause `lossless.cells`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.lossless.syntax import CELL

__all__ = [
    "MANY_LIKELY",
    "all_are_photographs",
    "cells_to_ask",
    "choose_cells",
    "is_photograph",
    "likely_photo_cells",
]

Cells = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.float64]

#: Bits that prediction costs before its first sample: tables, sizes.
_TABLES = 8000.0
#: What photo cells add to the other cells' bits, as phrases end at their edges.
_CUTS = 0.015
#: A cell changes its method only where it saves this part of its bits, and 100 more.
_CLEARLY = 0.06
#: What LZW must save over prediction alone: its tables, and this part of all bits.
_MIXED_TABLES = 6000.0
_MIXED_PART = 0.03
#: A cell is flat where more of its pixels equal the left or upper one; photographs have few.
_FLAT = 0.6
_FLAT_CELLS = 0.2
#: Where as many of the cells look like photographs, some rows of cells may tell that all are.
MANY_LIKELY = 0.3
#: Smaller pictures always get their trial: icons with smooth shades look like photographs.
_SURE_CELLS = 16


def choose_cells(lzw_bits: Bits, photo_bits: Bits) -> Cells | None:
    """uint8 map of photo cells (1), or None where prediction does not pay for its tables.

    Both arguments: bits of each cell, (rows, columns). All cells are photo cells where the rest
    does not pay for the tables of LZW.
    """
    cells = photo_bits < lzw_bits * (1 - _CLEARLY) - 100
    saved = float((lzw_bits - photo_bits)[cells].sum())
    if saved < _TABLES + _CUTS * float(lzw_bits[~cells].sum()):
        return None
    total = float(np.where(cells, photo_bits, lzw_bits).sum())
    if float((photo_bits - lzw_bits)[~cells].sum()) < _MIXED_TABLES + _MIXED_PART * total:
        cells[:] = True
    return cells.astype(np.uint8)


def all_are_photographs(lzw_bits: Bits, photo_bits: Bits, part: float) -> bool:
    """True where LZW would not pay for its tables beside prediction.

    Both bits: of some cells, `part` of a picture's.
    """
    won = np.maximum(photo_bits - lzw_bits, 0).sum() / part
    total = np.minimum(photo_bits, lzw_bits).sum() / part
    return bool(won < _MIXED_TABLES + _MIXED_PART * total)


def likely_photo_cells(samples: npt.NDArray[Any]) -> Cells:
    """uint8 map of cells whose pixels seldom equal the left or upper one (1).

    samples: (h, w, channels) uint8.
    """
    height, width, channels = samples.shape
    pixels = np.zeros((height + 1, width + 1), np.uint32)
    for channel in range(channels):
        pixels[1:, 1:] = pixels[1:, 1:] << 8 | samples[:, :, channel]
    inner = pixels[1:, 1:]
    repeats = (inner == pixels[1:, :-1]) | (inner == pixels[:-1, 1:])
    repeated = np.add.reduceat(repeats, np.arange(0, height, CELL), axis=0, dtype=np.int64)
    repeated = np.add.reduceat(repeated, np.arange(0, width, CELL), axis=1)
    rows = np.minimum(height - np.arange(0, height, CELL), CELL)
    columns = np.minimum(width - np.arange(0, width, CELL), CELL)
    likely: Cells = (repeated <= _FLAT * rows[:, None] * columns).astype(np.uint8)
    return likely


def cells_to_ask(likely: Cells) -> Cells:
    """uint8 map of the cells whose bits by prediction are worth an estimate (1).

    All in small pictures and in those with many likely cells; else these and the cells around.
    """
    if likely.size < _SURE_CELLS or likely.mean() >= MANY_LIKELY:
        return np.ones_like(likely)
    wide = np.pad(likely, 1)
    columns = wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]
    found: Cells = columns[:-2] | columns[1:-1] | columns[2:]
    return found


def is_photograph(likely: Cells) -> bool:
    """True where LZW is not worth a trial, by the map of likely_photo_cells.

    All pictures of Kodak pass; of the screenshots and charts measured that have more than 256
    colours, none does.
    """
    return likely.size >= _SURE_CELLS and bool(likely.mean() >= 1 - _FLAT_CELLS)
