"""What both sides of prediction share: taps, weights, planes, tables. Chapter 9a."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.tables.load import load_array

__all__ = [
    "ABOVE",
    "BELOW",
    "CLASS_BLOCK",
    "FRACTION",
    "MAX_CLASSES",
    "MAX_COEFFICIENT",
    "MAX_LENGTH",
    "MAX_TABLES",
    "NUMBER_BITS",
    "PAD",
    "PRESET_CLASSES",
    "PRESET_CROSS",
    "PRESET_OWN",
    "SPLIT_LEVELS",
    "TOKENS",
    "TRANSFORMS",
    "PlaneTaps",
    "PredictionHead",
    "SegmentGrid",
    "SplitTaps",
    "block_cells",
    "energy_levels",
    "energy_table",
    "map_parents",
    "plane_channels",
    "plane_ranges",
    "plane_taps",
    "preset_coefficients",
    "preset_taps",
    "rank_table",
    "row_table",
]

CLASS_BLOCK = 8
FRACTION = 7  # fractional bits of a coefficient
MAX_COEFFICIENT = 2047
MAX_CLASSES = 64
MAX_TABLES = 64
SPLIT_LEVELS = 8
MAX_LENGTH = 12
TOKENS = 72
NUMBER_BITS = 18  # of a residual number
PRESET_CLASSES = 32
PRESET_OWN = (20, 16, 16, 16)
PRESET_CROSS = (0, 13, 13, 0)
OWN_ROW = (0, 4, 12)  # own taps (0, -1), (0, -2), (0, -3)
PAD, ABOVE, BELOW = 4, 3, 2  # samples around a plane that taps may read

#: (base, first, second) channel of each colour transform; 0 stands for none. Clause
#: `prediction.colour`.
TRANSFORMS = (
    (0, 1, 2),
    (1, 0, 2),
    (1, 2, 0),
    (0, 1, 2),
    (0, 2, 1),
    (2, 1, 0),
    (2, 0, 1),
)


def plane_channels(channels: int, transform: int) -> list[tuple[int, int]]:
    """For each plane its channel and the channel that is subtracted, -1: none."""
    if channels < 3:
        return [(c, -1) for c in range(channels)]
    base, first, second = TRANSFORMS[transform]
    below = base if transform else -1
    planes = [(base, -1), (first, below), (second, below)]
    return planes + [(c, -1) for c in range(3, channels)]


def plane_ranges(channels: int, transform: int, top: int) -> list[tuple[int, int]]:
    """Least and greatest sample of each plane, for channel samples 0..top."""
    return [(0 if below < 0 else -top, top) for _, below in plane_channels(channels, transform)]


def energy_levels(top: int) -> int:
    """Levels of the energy for samples 0..top. Clause `prediction.energy`."""
    return 2 * max(8, int(top).bit_length()) + 2


@cache
def row_table(levels: int) -> npt.NDArray[np.uint16]:
    """Row of contexts of each energy, as `context_of` reads it, uint16 (8192,).

    Entry e is that of the energy e - 8; entry 4096 + e that of energies from 256 * e - 8 on. It is
    twice the row's first context in its plane, plus 1 where two rows share the level.
    """
    e = np.arange(4096)
    bits = np.array([int(v).bit_length() for v in e])
    level = np.maximum(2 * (bits - 4) + ((e >> np.maximum(bits - 2, 0)) & 1), 0)
    level = np.minimum(np.concatenate((level, level + 16)), levels - 1)
    is_split = level < SPLIT_LEVELS
    row = np.where(is_split, 2 * level, level + SPLIT_LEVELS)
    found: npt.NDArray[np.uint16] = (2 * 20 * row + is_split).astype(np.uint16)
    return found


@cache
def energy_table() -> npt.NDArray[np.int32]:
    """Weights of |residual|, int32 (4 planes, 16). Clause `prediction.energy`."""
    table: npt.NDArray[np.int32] = load_array("prediction-energy.txt", "int32", (4, 16))
    return table


@dataclass(frozen=True, slots=True)
class PlaneTaps:
    """The taps of one plane. Clause `prediction.taps`.

    places: for each tap (plane, dy, dx), own taps first. own: how many of them.
    references: the rest tap of each plane read, the own plane first.
    """

    places: tuple[tuple[int, int, int], ...]
    own: int
    references: tuple[int, ...]

    @property
    def sent(self) -> list[int]:
        """The taps whose coefficients are sent, in order."""
        return [t for t in range(len(self.places)) if t not in self.references]

    def rest_of(self) -> list[int]:
        """For each tap the rest tap of its group."""
        rest = []
        for group, tap in enumerate(self.references):
            rest += [tap] * (self._group_start(group + 1) - self._group_start(group))
        return rest

    def complete(self, coefficients: npt.NDArray[np.int32]) -> None:
        """Fill in the rest taps of (classes, taps) coefficients. Clause prediction.coefficients."""
        for group, rest in enumerate(self.references):
            first = self._group_start(group)
            last = self._group_start(group + 1)
            coefficients[:, rest] = 0
            total = (1 << FRACTION) if group == 0 else 0
            coefficients[:, rest] = total - coefficients[:, first:last].sum(axis=1)

    def _group_start(self, group: int) -> int:
        if group == 0:
            return 0
        cross = (len(self.places) - self.own) // max(len(self.references) - 1, 1)
        return self.own + (group - 1) * cross

    def offsets(self, plane: int, plane_size: int, stride: int) -> npt.NDArray[np.int64]:
        """Distance in the plane buffers from a sample of `plane` to each tap."""
        return np.array(
            [(q - plane) * plane_size + dy * stride + dx for q, dy, dx in self.places], np.int64
        )


@cache
def plane_taps(plane: int, own: int, cross: int) -> PlaneTaps:
    """Taps of `plane` 0..3 with `own` own taps and `cross` taps in each earlier plane it reads."""
    taps = load_array("prediction-taps.txt", "int64", (33, 2)).tolist()
    places = [(plane, dy, dx) for dy, dx in taps[:own]]
    references = [0]
    for earlier in range(plane if plane < 3 else 1):
        if cross:
            references.append(len(places) + 1)
            places += [(earlier, dy, dx) for dy, dx in taps[20 : 20 + cross]]
    return PlaneTaps(tuple(places), own, tuple(references))


def preset_taps(channels: int) -> tuple[list[int], list[int]]:
    """own and cross of the preset predictors. Clause `prediction.preset`."""
    if channels < 3:
        return list(PRESET_OWN[:channels]), [0] * channels
    return list(PRESET_OWN[:channels]), list(PRESET_CROSS[:channels])


def preset_coefficients(channels: int) -> list[npt.NDArray[np.int32]]:
    """For each plane int32 (32, taps), whole. Clause `prediction.preset`."""
    table = load_array("prediction-classes.txt", "int64", (3 * PRESET_CLASSES, 39))
    found = []
    for plane, (own, cross) in enumerate(zip(*preset_taps(channels), strict=True)):
        taps = plane_taps(plane, own, cross)
        rows = PRESET_CLASSES * (plane if cross else 0)
        out = np.zeros((PRESET_CLASSES, len(taps.places)), np.int32)
        out[:, taps.sent] = table[rows : rows + PRESET_CLASSES, : len(taps.sent)]
        taps.complete(out)
        found.append(out)
    return found


def map_parents(contexts: int, plane_contexts: int) -> npt.NDArray[np.int64]:
    """The context whose table each shares by default, -1: none. Clause `prediction.map`."""
    c = np.arange(contexts)
    row = c % plane_contexts // 20
    split = (row >= 2) & (row <= 2 * SPLIT_LEVELS)
    return c - np.where(row == 0, 1, np.where(split, 40, 20))


SplitTaps = tuple[
    npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]
]


@dataclass(slots=True)
class PredictionHead:
    """The fields of `prediction.tables` but for the codes.

    values: used sample values where samples are ranks, else None; top: the greatest sample.
    own, cross: taps per plane. coefficients: for each plane int32 (classes, taps), whole.
    context_map: uint8 (contexts,), table of each context. numbers: int32, the residual numbers that
    codes stand for; empty where they stand for themselves. is_preset: the coefficients are the
    preset ones. near: most that a sample may be off, 0: exact. is_above: contexts know rows above
    and earlier planes alone.
    """

    shape: GroupShape
    transform: int
    values: npt.NDArray[np.uint16] | None
    top: int
    own: list[int]
    cross: list[int]
    classes: int
    coefficients: list[npt.NDArray[np.int32]] = field(default_factory=list)
    context_map: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    numbers: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    is_preset: bool = False
    near: int = 0
    is_above: bool = False

    @property
    def step(self) -> int:
        """Samples that one residual number covers. Clause `prediction.near`."""
        return 2 * self.near + 1

    def ranges(self) -> npt.NDArray[np.int64]:
        """Of each plane least, greatest, middle sample, step, is_above, int64 (planes, 5)."""
        pairs = plane_ranges(self.shape.channels, self.transform, self.top)
        more = self.step, self.is_above
        rows = [(low, high, 0 if low else (self.top + 1) >> 1, *more) for low, high in pairs]
        return np.array(rows, np.int64)

    @property
    def levels(self) -> int:
        return energy_levels(self.top)

    @property
    def contexts(self) -> int:
        return self.shape.channels * self.plane_contexts

    @property
    def plane_contexts(self) -> int:
        """Contexts of one plane. Clause `prediction.map`."""
        return (self.levels + SPLIT_LEVELS) * 20

    def taps(self, plane: int) -> PlaneTaps:
        return plane_taps(plane, self.own[plane], self.cross[plane])

    def split_taps(self, grid: SegmentGrid, *, whole: bool = False) -> SplitTaps:
        """The taps as the kernels want them: those outside the own row, and the three in it.

        whole: put all of them among the first.

        Returns coefficients int32 (planes, classes, taps), their distances in the buffers int64
        (planes, taps), their number int64 (planes,), rounded up to a multiple of 4 by taps of
        coefficient 0, and coefficients of (0, -1), (0, -2), (0, -3) int32 (planes, classes, 3).
        """
        planes = self.shape.channels
        parts = []
        own = np.zeros((planes, self.classes, 3), np.int32)
        for plane in range(planes):
            taps = self.taps(plane)
            in_row = [] if whole else [t for t in OWN_ROW if t < taps.own]
            own[plane, :, : len(in_row)] = self.coefficients[plane][:, in_row]
            rest = [t for t in range(len(taps.places)) if t not in in_row]
            offsets = taps.offsets(plane, grid.plane_size, grid.stride)
            parts.append((self.coefficients[plane][:, rest], offsets[rest]))
        counts = np.array([-(-offsets.size // 4) * 4 for _, offsets in parts], np.int64)
        size = max(int(counts.max()), 4)
        outer = np.zeros((planes, self.classes, size), np.int32)
        distances = np.zeros((planes, size), np.int64)
        for plane, (coefficients, offsets) in enumerate(parts):
            outer[plane, :, : offsets.size] = coefficients
            distances[plane, : offsets.size] = offsets
        return outer, distances, counts, own


@dataclass(frozen=True, slots=True)
class SegmentGrid:
    """Sizes of the padded plane buffers of a segment of width x height samples.

    Rows and columns are padded to whole 8x8 blocks, then by what taps may read.
    """

    width: int
    height: int

    @property
    def columns(self) -> int:
        """Blocks in a row."""
        return -(-self.width // CLASS_BLOCK)

    @property
    def rows(self) -> int:
        return -(-self.height // CLASS_BLOCK)

    @property
    def stride(self) -> int:
        return PAD + self.columns * CLASS_BLOCK + PAD

    @property
    def plane_size(self) -> int:
        return (ABOVE + self.rows * CLASS_BLOCK + BELOW) * self.stride

    @property
    def origin(self) -> int:
        """Where sample (0, 0) of plane 0 lies."""
        return ABOVE * self.stride + PAD

    def geometry(self) -> npt.NDArray[np.int64]:
        """What the kernels get, by the indices named there."""
        return np.array(
            [
                self.width,
                self.height,
                self.columns,
                self.rows,
                self.stride,
                self.plane_size,
                self.origin,
            ],
            np.int64,
        )

    def buffer(self, planes: int) -> npt.NDArray[np.int32]:
        """Zeroed buffers of that many planes, flat."""
        return np.zeros(planes * self.plane_size, np.int32)

    def inside(self, buffer: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The samples in a buffer, (planes, height, width), a view."""
        planes = buffer.reshape(-1, self.plane_size // self.stride, self.stride)
        return planes[:, ABOVE : ABOVE + self.height, PAD : PAD + self.width]


def block_cells(cells: npt.NDArray[np.uint8], grid: SegmentGrid) -> npt.NDArray[np.uint8]:
    """Which 8x8 blocks are in photo cells, uint8 (rows, columns), from the 64x64 cells."""
    blocks = cells.repeat(8, 0).repeat(8, 1)[: grid.rows, : grid.columns]
    return np.ascontiguousarray(blocks)


def rank_table(values: npt.NDArray[np.uint16], depth: int) -> npt.NDArray[np.int32]:
    """Rank of each of the 2**depth sample values. Clause `prediction.values`."""
    below = np.searchsorted(values, np.arange(1 << depth), side="right")
    return np.maximum(below - 1, 0).astype(np.int32)
