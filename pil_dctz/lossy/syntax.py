"""What both sides of the lossy mode share: the tables of a group and the places of its blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pil_dctz.colour.syntax import ColourTransform

__all__ = ["MAP_LEVELS", "MAX_BASE", "CodingGrid", "LossyTables", "coding_grid"]

#: Values of the quantization map: -6..6 quarter octaves.
MAP_LEVELS = 13
MAX_BASE = 65535


@dataclass(frozen=True, slots=True)
class LossyTables:
    """Parsed tables of a group. Clause `lossy.tables`.

    factors: sampling (horizontal, vertical) of each component, 1 or 2.
    base: base step in 1/128 unit, 0 if the group has explicit tables.
    steps: int32 (13 or 1, components, 64) by map level, component and place 8 * v + u, in 1/64
    unit. Explicit tables have no map, hence one level.
    deblock: whether the deblocking filter is applied at scale 1.
    """

    colour: ColourTransform
    factors: tuple[tuple[int, int], ...]
    base: int
    steps: NDArray[np.int32]
    deblock: bool

    @property
    def has_map(self) -> bool:
        return self.base > 0

    @property
    def cross(self) -> bool:
        """Whether components have one sampling, so that contexts look across planes."""
        return len(set(self.factors)) == 1

    def dc_units(self) -> NDArray[np.int32]:
        """int32 (map levels, components): the step of the DC in the units it is predicted in."""
        if self.has_map:
            return np.ascontiguousarray(self.steps[:, :, 0])
        return np.ones(self.steps.shape[:2], np.int32)

    def dc_scales(self) -> NDArray[np.int32]:
        """int32 (components,): what a predicted DC is multiplied by to be a coefficient."""
        if self.has_map:
            return np.ones(self.steps.shape[1], np.int32)
        return np.ascontiguousarray(self.steps[0, :, 0])


@dataclass(frozen=True, slots=True)
class CodingGrid:
    """Blocks and cells of a segment. Clause `lossy.blocks`.

    planes: int64 (components, 5): columns and rows of blocks, index of the first block, and
    the shifts (horizontal, vertical) of a block's place to its cell of the map.
    cells: rows and columns of the map.
    """

    planes: NDArray[np.int64]
    blocks: int
    cells: tuple[int, int]


def coding_grid(width: int, height: int, factors: tuple[tuple[int, int], ...]) -> CodingGrid:
    """The grid of a segment of width x height samples."""
    widest = max(h for h, _ in factors)
    highest = max(v for _, v in factors)
    rows = []
    first = 0
    for h, v in factors:
        columns = _blocks(width * h, widest)
        lines = _blocks(height * v, highest)
        rows.append((columns, lines, first, 1 if h == widest else 0, 1 if v == highest else 0))
        first += columns * lines
    cells = (-(-height // 16), -(-width // 16))
    return CodingGrid(np.array(rows, np.int64), first, cells)


def _blocks(samples: int, factor: int) -> int:
    """Blocks of ceil(samples / factor) samples."""
    return (samples + factor * 8 - 1) // (factor * 8)
