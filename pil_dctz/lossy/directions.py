"""Directions of prediction. Clause `lossy.direction`."""

from __future__ import annotations

import numpy as np

__all__ = ["DIRECTIONS", "EDGE", "SLOPES"]

DIRECTIONS = 16
#: Room for the edge of a block: 8 * (4 + 4) samples each way of the corner, and one more.
EDGE = 130

_TANGENTS = (0, 6, 13, 21, 32, 48, 77, 161, 0)
_QUARTER = [(_TANGENTS[8 - n] if n else 0, _TANGENTS[n]) for n in range(9)]
#: int64 (16, 2): of each direction columns for one row, and rows for one column, in 1/32.
SLOPES = np.array([*_QUARTER, *_QUARTER[7:0:-1]], np.int64)
SLOPES.flags.writeable = False
