"""Which cells the photographic method codes, by cost. Clause `lossless.cells`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.syntax import CELL, CHANNEL_ORDER

__all__ = ["choose_cells", "estimate_cell_bits"]

Cells = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.float64]

#: What fitted predictors and contexts leave of the estimate (Kodak: 0.86..0.94).
_FITTED = 0.87
#: Bits that prediction costs before its first sample: tables, sizes.
_TABLES = 10000.0
#: What photo cells add to the other cells' bits, as phrases end at their edges.
_CUTS = 0.04
#: A cell changes its method only where it saves this part of its bits, and 100 more.
_CLEARLY = 0.06
#: What LZW must save over prediction alone: its tables, and this part of all bits.
_MIXED_TABLES = 6000.0
_MIXED_PART = 0.03


def choose_cells(lzw_bits: Bits, photo_bits: Bits) -> Cells | None:
    """uint8 map of photo cells (1), or None where prediction does not pay for its tables.

    Both arguments: bits of each cell, (rows, columns). All cells are photo cells where the rest
    does not pay for the tables of LZW.
    """
    photo = photo_bits * _FITTED
    cells = photo < lzw_bits * (1 - _CLEARLY) - 100
    saved = float((lzw_bits - photo)[cells].sum())
    if saved < _TABLES + _CUTS * float(lzw_bits[~cells].sum()):
        return None
    total = float(np.where(cells, photo, lzw_bits).sum())
    if float((photo - lzw_bits)[~cells].sum()) < _MIXED_TABLES + _MIXED_PART * total:
        cells[:] = True
    return cells.astype(np.uint8)


def estimate_cell_bits(samples: npt.NDArray[Any], shape: GroupShape) -> Bits:
    """Bits of each cell under clamped-gradient residuals in contexts of their neighbours' sizes.

    samples: (h, w, channels) uint8. Returns (ceil(h / 64), ceil(w / 64)).
    """
    height, width = samples.shape[:2]
    rows, columns = -(-height // CELL), -(-width // CELL)
    bits = np.zeros((rows, columns))
    for plane in _planes(samples):
        found = _plane_bits(plane)
        padded = np.zeros((rows * CELL, columns * CELL), np.float32)
        padded[:height, :width] = found
        bits += padded.reshape(rows, CELL, columns, CELL).sum(axis=(1, 3), dtype=np.float64)
    return bits


def _planes(samples: npt.NDArray[Any]) -> list[npt.NDArray[np.int16]]:
    alpha, green, red, blue = CHANNEL_ORDER[samples.shape[2]]
    assert green is not None
    wide = samples.astype(np.int16)
    planes = [wide[:, :, green]]
    planes += [wide[:, :, c] - wide[:, :, green] for c in (red, blue) if c is not None]
    return planes + ([wide[:, :, alpha]] if alpha is not None else [])


def _plane_bits(plane: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """Bits of each sample by the picture's own statistics."""
    padded = np.pad(plane, ((1, 0), (1, 1)), "edge")
    west, north = padded[1:, :-2], padded[:-1, 1:-1]
    north_west = padded[:-1, :-2]
    low, high = np.minimum(west, north), np.maximum(west, north)
    size = np.abs(plane - np.clip(west + north - north_west, low, high)).astype(np.int32)
    around = np.pad(size, ((1, 0), (1, 1)), "edge")
    energy = 2 * (around[1:, :-2] + around[:-1, 1:-1]) + around[:-1, :-2] + around[:-1, 2:]
    level = np.minimum(2 * np.log2(1.0 + energy), 19).astype(np.int32)
    size = np.minimum(size, 511)
    symbol = level * 512 + size
    counts = np.bincount(symbol.reshape(-1), minlength=20 * 512).reshape(20, 512)
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cost = np.log2(total / np.maximum(counts, 1)) + (np.arange(512) > 0)
    found: npt.NDArray[np.float32] = cost.reshape(-1)[symbol].astype(np.float32)
    return found
