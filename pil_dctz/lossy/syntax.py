"""What both sides of the lossy mode share: the tables of a group and the places of its blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.lossy.shapes import radii
from pil_dctz.lossy.steps import MAX_BASE

__all__ = [
    "MAP_LEVELS",
    "MAX_BASE",
    "CodingGrid",
    "Curves",
    "LossyTables",
    "Partition",
    "coding_grid",
    "raster_partition",
    "shared_partition",
]

#: Values of the quantization map: -6..6 quarter octaves.
MAP_LEVELS = 13


class Curves(IntEnum):
    """Values of the curves field. Clause `lossy.curves`."""

    FLAT = 0
    HALF = 1
    KNOTS = 2
    TABLE = -1  # no field


@dataclass(frozen=True, slots=True)
class LossyTables:
    """Parsed tables of a group. Clause `lossy.tables`.

    factors: sampling (horizontal, vertical) of each component, 1 or 2.
    base: base step in 1/128 unit, 0 if the group has explicit tables.
    curve: int32 (components, 90), the step curve by radius; explicit: (components, 64), by place.
    gains: int64 (13, 7) by map level and log2 of a block's squares: steps are gain x curve.
    partition: whether blocks may be larger than 8x8.
    filtered: whether the deblocking and deringing filters are applied at scale 1.
    directions: whether blocks may be predicted along a direction.
    curves: where the curve comes from.
    depth: bits of a sample, 8..12.
    places: float32 (components, n), the curve at each place of each shape, as `radii` says.
    """

    colour: ColourTransform
    factors: tuple[tuple[int, int], ...]
    base: int
    curve: NDArray[np.int32]
    gains: NDArray[np.int64]
    partition: bool
    filtered: bool
    directions: bool
    curves: Curves = Curves.TABLE
    depth: int = 8
    places: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = self.curve.astype(np.float32)[:, self.radii()]
        object.__setattr__(self, "places", np.ascontiguousarray(places))

    @property
    def has_map(self) -> bool:
        return self.base > 0

    @property
    def cross(self) -> bool:
        """Whether components have one sampling, so that contexts look across planes."""
        return len(set(self.factors)) == 1

    @property
    def rate(self) -> int:
        """Class 0..5 of the base step, for the contexts of the partition."""
        return min(max(self.base.bit_length() - 9, 0), 5)

    def radii(self) -> NDArray[np.uint8]:
        """Where in `curve` the place of each shape lies, flat as `shapes.LAYOUT` says."""
        return radii() if self.has_map else _PLACES

    def low_gains(self) -> NDArray[np.int64]:
        """Gains of what the low stream predicts: levels, not coefficients, in explicit groups."""
        return self.gains if self.has_map else _LEVEL_GAINS

    def low_curve(self) -> NDArray[np.int32]:
        return self.curve if self.has_map else np.ones_like(self.curve)

    def mean_scales(self) -> NDArray[np.int32]:
        """int32 (components,): what a predicted DC is multiplied by to be a coefficient."""
        if self.has_map:
            return np.ones(self.curve.shape[0], np.int32)
        return np.ascontiguousarray(64 * self.curve[:, 0])


_PLACES = np.arange(64, dtype=np.uint8)
#: A step of 1/64 unit: DC residuals of explicit groups are levels.
_LEVEL_GAINS = np.full((MAP_LEVELS, 7), 16 << 27, np.int64)


@dataclass(frozen=True, slots=True)
class CodingGrid:
    """Squares of 8x8 samples and cells of a segment. Clause `lossy.blocks`.

    planes: int64 (components, 5): columns and rows of squares, the shifts (horizontal, vertical)
    of a square's place to its cell of the map, and its first square.
    squares: of all planes. cells: rows and columns of the map.
    """

    planes: NDArray[np.int64]
    squares: int
    cells: tuple[int, int]


def coding_grid(width: int, height: int, factors: tuple[tuple[int, int], ...]) -> CodingGrid:
    """The grid of a segment of width x height samples."""
    widest = max(h for h, _ in factors)
    highest = max(v for _, v in factors)
    rows = []
    first = 0
    for h, v in factors:
        columns = _squares(width * h, widest)
        lines = _squares(height * v, highest)
        rows.append((columns, lines, 1 if h == widest else 0, 1 if v == highest else 0, first))
        first += columns * lines
    cells = (-(-height // 16), -(-width // 16))
    return CodingGrid(np.array(rows, np.int64), first, cells)


def _squares(samples: int, factor: int) -> int:
    """Squares of ceil(samples / factor) samples."""
    return (samples + factor * 8 - 1) // (factor * 8)


@dataclass(frozen=True, slots=True)
class Partition:
    """The blocks of a segment, in coding order. Clause `lossy.partition`.

    parts: int64 (planes, 10), blocks: int32 (n, 6), owners: int32, as contexts_kernels.py says.
    With one partition for all planes blocks and owners stand there once.
    """

    parts: NDArray[np.int64]
    blocks: NDArray[np.int32]
    owners: NDArray[np.int32]

    @property
    def states(self) -> int:
        """Blocks of all planes."""
        return int(self.parts[:, 7].sum())


def shared_partition(
    grid: CodingGrid, blocks: NDArray[np.int32], owners: NDArray[np.int32]
) -> Partition:
    """One partition for all planes, which have one grid."""
    count = len(blocks)
    parts = np.zeros((len(grid.planes), 10), np.int64)
    parts[:, :5] = grid.planes
    parts[:, 7] = count
    parts[:, 8] = count * np.arange(len(parts))
    parts[:, 9] = 64 * grid.planes[:, 4]
    return Partition(parts, np.ascontiguousarray(blocks), owners)


def raster_partition(grid: CodingGrid) -> Partition:
    """Blocks of 8x8 in raster order, each plane with its own."""
    lists = []
    parts = np.zeros((len(grid.planes), 10), np.int64)
    parts[:, :5] = grid.planes
    for p, (columns, rows, _, _, first) in enumerate(grid.planes.tolist()):
        number = np.arange(columns * rows)
        listed = np.zeros((columns * rows, 6), np.int32)
        listed[:, 0], listed[:, 1] = np.divmod(number, columns)
        listed[:, 5] = 64 * number
        lists.append(listed)
        parts[p, 5:] = (first, first, columns * rows, first, 64 * first)
    blocks = np.concatenate(lists)
    return Partition(parts, blocks, np.ascontiguousarray(blocks[:, 5] >> 6))
