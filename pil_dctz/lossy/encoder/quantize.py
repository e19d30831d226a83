"""Samples of a segment to levels: colour, transform, map, partition, quantization."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.colour.encoder.colour import samples_to_planes
from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import (
    DC_INPUTS,
    END_PLACES,
    SegmentLevels,
    new_profiles,
    new_segment,
)
from pil_dctz.lossy.decoder.reconstruct import SCRATCH
from pil_dctz.lossy.directions import EDGE, SLOPES
from pil_dctz.lossy.encoder.field import trained_map
from pil_dctz.lossy.encoder.pruning import prune_levels
from pil_dctz.lossy.model import SIGN_CLASSES, load_matrix, load_model
from pil_dctz.lossy.shapes import LAYOUT, bands, extents, scans
from pil_dctz.lossy.steps import inverse_steps
from pil_dctz.lossy.syntax import (
    CodingGrid,
    LossyTables,
    Partition,
    raster_partition,
    shared_partition,
)

__all__ = [
    "MAP_CENTRE",
    "MAP_SLOPE",
    "Search",
    "first_squares",
    "planes_of",
    "quantize_planes",
    "quantize_segment",
    "segment_map",
    "squares_in_order",
    "transform_planes",
]

#: Bits weigh so many squared steps: fitted on `train`, lower than for the squared error alone.
TRADE = 0.064
MAP_SLOPE = 0.105
MAP_CENTRE = 6.0
#: Places of the largest block, which the search for the partition tries beside all others.
TRIAL = 4096
#: Samples of its row, which the forward transform has room for beside it.
LINE = 64
#: Places of the largest predicted block, twice.
SPARE = 2048
#: Of a direction, where the contexts are not known yet.
LINE_BITS = 5.0
GUESS = (10.0, 6.0, 2.0)
#: The search takes all estimates of corner levels to be this sure.
TYPICAL = 5


@dataclass(frozen=True, slots=True)
class Search:
    """How levels are chosen.

    passes: over each block with real costs; 0: plain rounding. largest: size class of the largest
    blocks tried, 0 (8x8) to 3 (64x64). margin: how much worse than the best guess a way to cut may
    seem and still be tried; 0: the best guess is taken. trade: what a bit weighs. rounding: of
    plain rounding, 0.5 is nearest; also the least size (1 - rounding) that opens a block.
    map_slope: octaves of step for each octave of variance, None: what the trained network says of
    colour, `MAP_SLOPE` of gray. directions: so many are tried in full
    for a block, 0..2, of 2 * width + 1 around the one that the source suggests, where its
    gradients agree by `coherence`, 0..1. pruned: with 0 passes, where no block is predicted, levels
    beyond the corners are lowered by the table of margins.
    """

    passes: int
    largest: int = 3
    margin: float = 1.06
    trade: float = TRADE
    rounding: float = 0.5
    map_slope: float | None = None
    directions: int = 1
    width: int = 2
    coherence: float = 0.35
    pruned: bool = False


def quantize_segment(
    samples: Samples, tables: LossyTables, grid: CodingGrid, search: Search
) -> SegmentLevels:
    """Levels of a segment, samples (height, width, channels)."""
    return quantize_planes(planes_of(samples, tables, grid), tables, grid, search)


def planes_of(samples: Samples, tables: LossyTables, grid: CodingGrid) -> NDArray[np.float32]:
    """float32 (channels, 8 * rows, 8 * columns), in units."""
    columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
    planes = np.empty((len(tables.factors), 8 * rows, 8 * columns), np.float32)
    samples_to_planes(tables.colour, tables.depth, samples, planes)
    return planes


def quantize_planes(
    planes: NDArray[np.float32],
    tables: LossyTables,
    grid: CodingGrid,
    search: Search,
    cells: NDArray[np.uint8] | None = None,
    partition: Partition | None = None,
    directions: NDArray[np.uint8] | None = None,
) -> SegmentLevels:
    """Levels of the planes of `planes_of`, with the map, the partition and, of its blocks, the
    directions that are given."""
    costs = _Costs(tables, search)
    lines = _Lines(planes[0], search, tables.directions and directions is None)
    if cells is None or partition is None:
        small, luma = first_squares(planes, grid)
        if cells is None:
            cells = segment_map(luma, planes, tables, grid, search)
        if not tables.partition:
            partition = raster_partition(grid)
        elif search.largest:
            partition = _search(planes[0], luma, small, cells, grid, tables, search, costs, lines)
        else:
            partition = squares_in_order(small, grid)
    coefficients = transform_planes(planes, partition, SPARE)
    segment = new_segment(grid, partition)
    segment.cells[:] = cells
    if directions is not None:
        segment.directions[:] = directions
    _quantize(coefficients, segment, new_profiles(grid), tables, search, costs, lines)
    return segment


def first_squares(
    planes: NDArray[np.float32], grid: CodingGrid
) -> tuple[Partition, NDArray[np.float32]]:
    """The first plane in 8x8 blocks of raster order; their coefficients with room for trials."""
    columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
    small = raster_partition(CodingGrid(grid.planes[:1], rows * columns, grid.cells))
    return small, transform_planes(planes[:1], small, 3 * TRIAL + SPARE)


def segment_map(
    luma: NDArray[np.float32],
    planes: NDArray[np.float32],
    tables: LossyTables,
    grid: CodingGrid,
    search: Search,
) -> NDArray[np.uint8]:
    """Map levels of `grid.cells`, by the rule of `search`; luma: the coefficients of
    `first_squares`."""
    if search.map_slope is None and len(planes) == 3:
        return trained_map(luma, planes, tables)
    columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
    slope = MAP_SLOPE if search.map_slope is None else search.map_slope
    cells = np.empty(grid.cells, np.uint8)
    load("pil_dctz.lossy.encoder.analyse_kernels").activity_map(
        luma, rows, columns, slope, MAP_CENTRE, cells
    )
    return cells


class _Lines:
    """What the search for directions takes, of the first plane. tries: 0 where there is none."""

    def __init__(self, plane: NDArray[np.float32], search: Search, wanted: bool) -> None:
        self.tries = search.directions if wanted else 0
        self.width = search.width if self.tries else -1
        self.coherence = np.float32(search.coherence)
        self.source = plane
        self.tensors = np.zeros((plane.size // 64, 3), np.float32)
        if self.tries:
            kernels = load("pil_dctz.lossy.encoder.analyse_kernels")
            kernels.gradient_tensors(plane, self.tensors)
        self.room = (
            SLOPES, self.tensors, np.empty(EDGE, np.int32), np.empty(1024, np.int32),
            np.empty((32, 32), np.float32),
        )  # fmt: skip


class _Costs:
    """Code lengths and steps as the kernels take them."""

    def __init__(self, tables: LossyTables, search: Search) -> None:
        model = load_model()
        self.model = (
            _bits("dc"), model.dc_tables, model.dc_weights, model.dc_thresholds,
            _bits("corner"), np.ascontiguousarray(model.corner_tables[TYPICAL::SIGN_CLASSES]),
            model.corner_weights,
            _bits("end"), model.end_tables, model.end_weights,
            _bits("level"), model.level_tables, model.level_weights, model.magnitudes,
        )  # fmt: skip
        self.scale = (tables.gains, tables.curve, inverse_steps(tables.gains, tables.curve))
        self.trade = np.float32(search.trade)


def transform_planes(
    planes: NDArray[np.float32], partition: Partition, spare: int
) -> NDArray[np.float32]:
    """Coefficients by block and place, in units, and `spare` places more."""
    coefficients = np.empty(planes.size + spare, np.float32)
    load("pil_dctz.lossy.encoder.analyse_kernels").transform_planes(
        planes,
        partition.parts,
        partition.blocks,
        _cosines(),
        np.empty(TRIAL + LINE, np.float32),
        coefficients,
    )
    return coefficients


def _plan(partition: Partition, cells: NDArray[np.uint8], tables: LossyTables) -> tuple[Any, ...]:
    return (
        partition.parts, partition.blocks, partition.owners, cells, LAYOUT,
        scans(), tables.radii(), bands(), END_PLACES, extents(),
    )  # fmt: skip


def _state(segment: SegmentLevels) -> tuple[Any, ...]:
    return (
        segment.values, segment.means, segment.residuals, segment.corners, segment.ends,
        segment.levels,
    )  # fmt: skip


def _room() -> tuple[Any, ...]:
    return (
        np.zeros(DC_INPUTS, np.int64), np.zeros(128, np.int32), np.zeros(4624, np.int32),
        np.zeros(4624, np.int32), np.empty(TRIAL + LINE, np.float32), np.empty(TRIAL, np.float32),
        np.empty((4, 4624), np.int32),
    )  # fmt: skip


def _quantize(
    coefficients: NDArray[np.float32],
    segment: SegmentLevels,
    profiles: NDArray[np.uint8],
    tables: LossyTables,
    search: Search,
    costs: _Costs,
    lines: _Lines,
) -> NDArray[np.float32]:
    """Fill `segment` (zeros but for its cells and directions that are given): the cost of each
    block."""
    found = np.empty(segment.partition.states, np.float32)
    predicted = lines.tries > 0 or bool(segment.directions.any())
    pruned = search.pruned and not predicted
    columns, rows = segment.partition.parts[0, :2].tolist()
    size = (8 * rows, 8 * columns) if predicted else (0, 0)
    planes = np.empty((len(segment.partition.parts), *size), np.int16)
    load("pil_dctz.lossy.encoder.quantize_kernels").quantize_blocks(
        coefficients,
        *_plan(segment.partition, segment.cells, tables),
        *costs.scale,
        *costs.model,
        *_state(segment),
        profiles,
        *_room(),
        segment.directions,
        _bits("direction"),
        load_model().direction_tables,
        *lines.room,
        planes,
        lines.source,
        _cosines(),
        np.empty(1024, np.int16),
        np.empty(SCRATCH, np.int32),
        _guesses(search.trade),
        lines.tries,
        lines.width,
        lines.coherence,
        max(search.margin, 1.0),
        predicted,
        load_matrix(),
        tables.places,
        tables.cross,
        tables.partition and not pruned,
        costs.trade,
        search.passes == 0 and not pruned,
        search.rounding,
        -1 if pruned else search.passes,
        found,
    )
    if pruned:
        prune_levels(coefficients, segment, tables)
    return found


def _rebuilt(segment: SegmentLevels, tables: LossyTables) -> NDArray[np.int16]:
    """The first plane of these levels, before filters, in sixteenths of a unit."""
    parts = segment.partition.parts[:1]
    plane = np.empty((8 * int(parts[0, 1]), 8 * int(parts[0, 0])), np.int16)
    load("pil_dctz.lossy.decoder.reconstruct_kernels").reconstruct_plane(
        parts, 0, tables.gains, tables.places, 1, LAYOUT, extents(),
        segment.partition.blocks, segment.partition.owners, segment.cells, segment.means,
        segment.ends, segment.levels, segment.directions, load_matrix(), SLOPES, 0,
        np.empty(SCRATCH, np.int32), plane, segment.values, False,
    )  # fmt: skip
    return plane


def _search(
    plane: NDArray[np.float32],
    coefficients: NDArray[np.float32],
    small: Partition,
    cells: NDArray[np.uint8],
    grid: CodingGrid,
    tables: LossyTables,
    search: Search,
    costs: _Costs,
    lines: _Lines,
) -> Partition:
    """The partition that codes the first plane at the least cost."""
    columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
    squares = columns * rows
    # Room for one block more.
    trial = Partition(
        small.parts, np.concatenate([small.blocks, np.zeros((1, 6), np.int32)]), small.owners
    )
    segment = SegmentLevels(
        trial,
        cells,
        values=np.zeros(squares, np.int32),
        means=np.zeros(squares + 1, np.int32),
        residuals=np.zeros(squares + 1, np.int32),
        corners=np.zeros(squares + 1, np.uint8),
        ends=np.zeros(squares + 1, np.uint8),
        directions=np.zeros(squares + 1, np.uint8),
        levels=np.zeros(64 * squares + 3 * TRIAL, np.int16),
    )
    profiles = np.empty(64 * squares, np.uint8)
    found = np.zeros(squares + 1, np.float32)
    # What is predicted from: the samples themselves, until there are coded ones.
    known = np.rint(16 * plane).astype(np.int16)
    if search.margin > 0:
        once = Search(1, trade=search.trade)
        none = _Lines(plane, once, False)
        found = _quantize(coefficients, segment, profiles, tables, once, costs, none)
        if lines.tries:
            known = _rebuilt(segment, tables)
    blocks = np.empty((squares, 6), np.int32)
    owners = np.empty(squares, np.int32)
    count = load("pil_dctz.lossy.encoder.quantize_kernels").search_partition(
        coefficients,
        *_plan(trial, cells, tables),
        *costs.scale,
        *costs.model,
        *_state(segment),
        profiles,
        *_room(),
        *lines.room,
        known,
        _ranks(rows, columns),
        np.full(17, LINE_BITS, np.float32),
        np.zeros(8, np.uint8),
        lines.width,
        lines.coherence,
        plane,
        _cosines(),
        load_model().partition_histograms.bits(),
        found,
        costs.trade,
        tables.rate,
        search.largest,
        search.margin,
        np.zeros(squares, np.uint8),
        _guesses(search.trade),
        np.zeros(4, np.float32),
        np.zeros(21, np.int64),
        np.zeros(21, np.float32),
        np.zeros(21, np.float32),
        blocks,
        owners,
    )
    return shared_partition(grid, blocks[:count], owners)


def squares_in_order(small: Partition, grid: CodingGrid) -> Partition:
    """A partition of 8x8 blocks alone."""
    columns, rows = (int(n) for n in grid.planes[0, :2])
    order = np.argsort(_ranks(rows, columns))
    blocks = small.blocks[order]
    blocks[:, 5] = 64 * np.arange(len(blocks))
    owners = np.empty(len(blocks), np.int32)
    owners[order] = np.arange(len(blocks))
    return shared_partition(grid, blocks, owners)


@cache
def _cosines() -> NDArray[np.float32]:
    """float32 (2720,): of 8, 16 .. 64 points, a row for each sample of the first half, its even
    frequencies and then its odd ones; the mean times 8 comes first."""
    parts = []
    for n in (8, 16, 32, 64):
        k = np.arange(n)
        weight = np.where(k == 0, 1.0, 2**0.5) * 8**0.5 / n
        rows = weight * np.cos(np.pi * k * (2 * k[: n // 2, None] + 1) / (2 * n))
        parts.append(np.concatenate([rows[:, ::2], rows[:, 1::2]], 1).ravel())
    return np.concatenate(parts).astype(np.float32)


def _ranks(rows: int, columns: int) -> NDArray[np.int32]:
    """int32 (squares,): rank of each square as a block, in the coding order of trees."""
    i, j = np.divmod(np.arange(rows * columns), columns)
    nodes = [(i >> 3, j >> 3), ((i >> 2) & 1, (j >> 2) & 1), ((i >> 1) & 1, (j >> 1) & 1)]
    keys = [key for pair in [*nodes, (i & 1, j & 1)] for key in pair]
    ranks = np.empty(rows * columns, np.int32)
    ranks[np.lexsort(keys[::-1])] = np.arange(rows * columns)
    return ranks


def _guesses(trade: float) -> NDArray[np.float32]:
    """float32 (64,): trade times the bits of each magnitude, as guessed."""
    bits = GUESS[1] + GUESS[2] * np.log2(np.maximum(np.arange(64), 1))
    bits[0] = GUESS[0]
    return (trade * bits).astype(np.float32)


@cache
def _bits(name: str) -> NDArray[np.float32]:
    """Code lengths of the histograms of this kind."""
    found: NDArray[np.float32] = getattr(load_model(), f"{name}_histograms").bits()
    return found
