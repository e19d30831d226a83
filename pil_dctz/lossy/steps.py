"""Quantization steps: base x radial curve x local multiplier. Clause `lossy.steps`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.lossy.syntax import MAX_BASE
from pil_dctz.tables.load import load_array

__all__ = ["MAP_MULTIPLIERS", "curve_steps"]

#: 1024 * 2^(m / 4) of the map's values m = -6..6.
MAP_MULTIPLIERS = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)


def curve_steps(base: int, rows: tuple[int, ...]) -> NDArray[np.int32]:
    """int32 (13, len(rows), 64), in 1/64 unit: steps by map level, component and place.

    base: 1..65535, in 1/128 unit. rows: the row of the curve table of each component.
    """
    if not 1 <= base <= MAX_BASE:
        raise ValueError(f"base step must be 1..{MAX_BASE}, got {base}")
    curve = load_array("lossy-curve.txt", "int64", (3, 64))[list(rows)]
    multipliers = np.array(MAP_MULTIPLIERS, np.int64)[:, None, None]
    steps = (base * curve * multipliers + (1 << 20)) >> 21
    return np.ascontiguousarray(np.clip(steps, 1, 65535), np.int32)
