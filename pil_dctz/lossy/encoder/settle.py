"""Pictures that were decoded from this format keep their levels when they are encoded again.

Samples that a decoder gave have coefficients near multiples of the steps they were coded with.
Where most blocks look like that the map is corrected to the steps that fit best, levels are
rounded to the nearest, and what the decoder's clipping, rounding and filter did to the samples is
fed back, until decoding gives the samples again: no generation after that loses anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.colour.decoder.colour import planes_to_samples
from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.encoder.quantize import (
    Search,
    planes_of,
    quantize_planes,
    transform_planes,
)
from pil_dctz.lossy.shapes import LAYOUT
from pil_dctz.lossy.steps import inverse_steps
from pil_dctz.lossy.syntax import MAP_LEVELS, CodingGrid, LossyTables

__all__ = ["encode_segment"]

#: Mean square of the distance to a level, in steps, of a block on its grid; 1/12 is chance.
_ON_GRID = 0.03
#: Coefficients of this many steps count: smaller ones lie near level 0 on any grid.
_COUNTED = 0.75
#: Blocks with so many of them are asked, at most so many of a segment, and so many must agree.
_TELLING, _ASKED, _AGREED = 8, 256, 0.4
#: What the map may have to be corrected by.
_CORRECTIONS = (0, 1, -1)
#: Coefficients from this many steps on tell of the map, each by its squared miss, at most so much;
#: what a correction of 1 has against it.
_SEEN, _MOST, _UNLIKELY = 0.6, 0.1, 0.036
#: So many times the map is fitted and blocks are chosen for it, with bits weighed so much less:
#: the blocks that the picture was coded with leave no error.
_FITS, _FAITHFUL = 2, 0.4
_TURNS = 5

Planes = NDArray[np.float32]


def encode_segment(
    samples: Samples,
    tables: LossyTables,
    grid: CodingGrid,
    search: Search,
    cells: NDArray[np.uint8] | None = None,
) -> SegmentLevels:
    """Levels of a segment, samples (height, width, channels): those of `samples` if it was decoded
    from such levels with these tables, else what the search finds, with the map that is given."""
    planes = planes_of(samples, tables, grid)
    segment = quantize_planes(planes, tables, grid, search, cells)
    if not tables.partition or not _looks_decoded(planes[:1], segment, tables):
        return segment
    faithful = replace(search, trade=_FAITHFUL * search.trade)
    for _ in range(_FITS):
        cells = _fitted_map(planes[:1], segment, tables)  # other components follow the first
        segment = quantize_planes(planes, tables, grid, faithful, cells)
    return _feed_back(samples, planes, segment, tables, grid, search)


def _feed_back(
    samples: Samples,
    planes: Planes,
    segment: SegmentLevels,
    tables: LossyTables,
    grid: CodingGrid,
    search: Search,
) -> SegmentLevels:
    """The levels, on this map and partition, whose samples differ in the fewest places."""
    nearest = replace(search, passes=0, rounding=0.5, pruned=False)
    unfiltered = replace(tables, filtered=False)
    target, best, least = planes, segment, samples.size + 1
    for _ in range(_TURNS):
        found = quantize_planes(
            target, tables, grid, nearest, segment.cells, segment.partition, segment.directions
        )
        out = np.empty_like(samples)
        decoded = reconstruct_planes(found, tables, grid, 1)
        planes_to_samples(tables.colour, decoded, out, tables.depth)
        wrong = int((out != samples).sum())
        if wrong < least:
            best, least = found, wrong
        if wrong == 0:
            break
        # Before the filter and the clipping, plus what is missing after them.
        before = reconstruct_planes(found, unfiltered, grid, 1).astype(np.float32) / 16
        target = before + (planes - planes_of(out, tables, grid))
    return best


def _looks_decoded(luma: Planes, segment: SegmentLevels, tables: LossyTables) -> bool:
    """Whether most blocks with enough coefficients lie on the grid of their steps."""
    count = len(segment.partition.blocks)
    rows = np.unique(np.linspace(0, count - 1, min(count, _ASKED)).astype(np.int64))
    errors, counts = np.zeros(len(rows)), np.zeros(len(rows))
    for those, (sizes,) in _sizes(luma, segment, tables, rows, (0,)):
        counted = sizes >= _COUNTED
        errors[those] += np.where(counted, (sizes - np.rint(sizes)) ** 2, 0).sum(1)
        counts[those] += counted.sum(1)
    telling = counts >= _TELLING
    if not telling.any():
        return False
    return bool((errors[telling] < _ON_GRID * counts[telling]).mean() > _AGREED)


def _fitted_map(planes: Planes, segment: SegmentLevels, tables: LossyTables) -> NDArray[np.uint8]:
    """The map with the levels on whose steps the coefficients lie."""
    blocks = segment.partition.blocks
    rows = np.arange(len(blocks))
    misses = np.zeros((len(blocks), len(_CORRECTIONS)))
    for those, sizes in _sizes(planes, segment, tables, rows, _CORRECTIONS):
        missed = np.minimum((sizes - np.maximum(np.rint(sizes), 1)) ** 2, _MOST)
        misses[those] += np.where(sizes[0] >= _SEEN, missed, 0).sum(2).T
    # Small blocks share a cell: its evidence is theirs together.
    evidence = np.zeros((*segment.cells.shape, len(_CORRECTIONS)))
    areas = [_area(block) for block in blocks]
    for area, missed in zip(areas, misses, strict=True):
        evidence[area] += missed
    evidence += _UNLIKELY * np.abs(_CORRECTIONS)
    correction = np.array(_CORRECTIONS)[evidence.argmin(2)]
    cells = segment.cells.astype(np.int64)
    for area, level in zip(areas, _block_levels(segment, rows), strict=True):
        change = correction[area][0, 0]
        if change:
            cells[area] = level + change
    return np.clip(cells, 0, MAP_LEVELS - 1).astype(np.uint8)


def _sizes(
    planes: Planes,
    segment: SegmentLevels,
    tables: LossyTables,
    rows: NDArray[np.int64],
    corrections: tuple[int, ...],
) -> Iterator[tuple[NDArray[np.int64], Planes]]:
    """By plane and shape: which of these blocks are not predicted (what is would not lie on a
    grid), and their coefficients but the first, in steps, were their map level that much higher:
    (corrections, blocks, places)."""
    own = replace(segment.partition, parts=segment.partition.parts[:1])
    blocks, radii = segment.partition.blocks[rows], tables.radii()
    unpredicted = segment.directions[rows] == 0
    levels = _block_levels(segment, rows)
    for p, inverse in enumerate(inverse_steps(tables.gains, tables.curve)[: len(planes)]):
        coefficients = transform_planes(planes[p : p + 1], own, 0)
        for shape in range(len(LAYOUT)):
            lw, lh, first, places = (int(value) for value in LAYOUT[shape, :4])
            those = np.flatnonzero((blocks[:, 4] == shape) & unpredicted)
            found = np.abs(coefficients[blocks[those, 5][:, None] + np.arange(1, places)])
            near = np.clip(levels[those] + np.array(corrections)[:, None], 0, MAP_LEVELS - 1)
            yield those, found * inverse[near, lw + lh][:, :, radii[first + 1 : first + places]]


def _area(block: NDArray[np.int32]) -> tuple[slice, slice]:
    """The cells of the map that a block covers or lies in."""
    i, j, lw, lh = (int(value) for value in block[:4])
    below, right = (i + (1 << lh) + 1) >> 1, (j + (1 << lw) + 1) >> 1
    return slice(i >> 1, below), slice(j >> 1, right)


def _block_levels(segment: SegmentLevels, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Map levels of these blocks. Clause `lossy.blockmap`."""
    i, j, lw, lh = segment.partition.blocks[rows, :4].T.astype(np.int64)
    height, width = segment.cells.shape
    # The sums over areas from those over all that lies above and left.
    sums = np.zeros((height + 1, width + 1), np.int64)
    sums[1:, 1:] = segment.cells.astype(np.int64).cumsum(0).cumsum(1)
    top, left = i >> 1, j >> 1
    below = np.minimum((i + (1 << lh) + 1) >> 1, height)
    right = np.minimum((j + (1 << lw) + 1) >> 1, width)
    covered = sums[below, right] - sums[top, right] - sums[below, left] + sums[top, left]
    area = (below - top) * (right - left)
    levels: NDArray[np.int64] = (covered + (area >> 1)) // area
    return levels
