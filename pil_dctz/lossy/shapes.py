"""Shapes of blocks, the order of their places, and the grid of a segment. Clauses `lossy.shapes`,
`lossy.scan`, `lossy.blocks`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENDS", "END_CLASSES", "LAYOUT", "SHAPES", "bands", "extents", "radii", "scans"]

#: (log2 of the columns, log2 of the rows) of squares of 8x8 that a block covers.
SHAPES = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 3))


def _ends() -> tuple[int, ...]:
    ends = [0, 1, 2, 3, 5, 7, 9, 12, 15, 19, 24, 30, 37, 45, 54, 63]
    ends += [80, 101, 127, 160, 202, 254, 320, 404, 509, 641, 808, 1018]
    return (*ends, 1282, 1616, 2036, 2565, 3232, 4032)


#: Of a block with end class k, levels of the high stream beyond its first ENDS[k] places are 0.
ENDS = _ends()
END_CLASSES = len(ENDS)


def _layout() -> NDArray[np.int32]:
    rows = []
    first = 0
    for lw, lh in SHAPES:
        places = 64 << (lw + lh)
        rows.append((lw, lh, first, places, 1 << (lw + lh), max(lw, lh)))
        first += places
    return np.array(rows, np.int32)


#: int32 (8, 6): log2 columns and rows, first place in the flat arrays below, places, corner places,
#: size class 0..3.
LAYOUT = _layout()


@cache
def _keys() -> list[NDArray[np.int64]]:
    """Squared frequency of each place v * N + u, in 1/64 of a block's side."""
    keys = []
    for lw, lh in SHAPES:
        u = np.arange(8 << lw) << (3 - lw)
        v = np.arange(8 << lh) << (3 - lh)
        keys.append((v[:, None] ** 2 + u[None, :] ** 2).astype(np.int64))
    return keys


@cache
def scans() -> NDArray[np.uint16]:
    """Places of each shape in scan order: first the corner, each part by rising frequency."""
    parts = []
    for (lw, lh), keys in zip(SHAPES, _keys(), strict=True):
        rows, columns = keys.shape
        v, u = np.divmod(np.arange(rows * columns), columns)
        outside = (u >> lw > 0) | (v >> lh > 0)
        parts.append(np.lexsort((v, keys.ravel(), outside)))
    return np.concatenate(parts).astype(np.uint16)


@cache
def radii() -> NDArray[np.uint8]:
    """Of each place of each shape, the whole part of its frequency, 0..89, in 1/8."""
    return np.concatenate([np.sqrt(keys.ravel()).astype(np.uint8) for keys in _keys()])


@cache
def bands() -> NDArray[np.uint8]:
    """Of each place of each shape its band 0..3: squared frequency from 80, 320, 1280."""
    return np.concatenate(
        [np.searchsorted((80, 320, 1280), keys.ravel(), side="right") for keys in _keys()]
    ).astype(np.uint8)


@cache
def extents() -> NDArray[np.uint8]:
    """uint8 (8, 34, 2): columns and rows that may hold levels other than 0, by shape and class."""
    found = np.zeros((len(SHAPES), END_CLASSES, 2), np.uint8)
    for shape, (lw, _, first, places, corner, _) in enumerate(LAYOUT.tolist()):
        scan = scans()[first : first + places].astype(np.int64)
        columns = np.maximum.accumulate(scan & ((8 << lw) - 1)) + 1
        rows = np.maximum.accumulate(scan >> (3 + lw)) + 1
        last = np.minimum(corner + np.array(ENDS), places) - 1
        found[shape, :, 0] = columns[last]
        found[shape, :, 1] = rows[last]
    return found
