"""The quantization map from slopes that are measured on the picture.

Each cell is coded with finer and with coarser steps; how much of the SSIMULACRA2 error a bit takes
away there, against the mean of the picture, moves its level of the map. Encoder only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder.quantize import Search, planes_of, quantize_planes
from pil_dctz.lossy.encoder.tile_costs import block_bits
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.steps import step_gains
from pil_dctz.lossy.syntax import MAP_LEVELS, MAX_BASE, LossyTables, coding_grid
from pil_dctz.metrics.ssimulacra2 import CELL, Reference
from pil_dctz.schedule import run

__all__ = ["measured_map", "measured_slopes"]

#: Pictures are measured in tiles of this side, which bounds memory.
SIDE = 1024
#: Smaller pictures say too little: two scales of the metric, a few dozen blocks.
LEAST_SIDE = 64
#: Octaves between two steps of the ladder. Less drowns in the noise of rounding.
RUNG = 0.75
#: Levels of the map, which are quarters of an octave, for each octave of slope that the trained
#: network did not foresee.
STRENGTH = 0.5
#: Octaves that a slope may lie off the mean.
LIMIT = 2.5

Cells = NDArray[np.float64]


def measured_map(
    samples: NDArray[np.uint8], tables: LossyTables, search: Search, rungs: int, threads: int = 1
) -> NDArray[np.uint8]:
    """uint8 (ceil(height / 16), ceil(width / 16)), the map of the whole picture.

    samples: uint8 (height, width, 3). Tiles with a side below `LEAST_SIDE` keep the map of their
    activity. search: of the partition that is measured. rungs: 3 or more encodings of the ladder,
    an odd number. Tiles are spread over `threads` threads.
    """
    height, width, _ = samples.shape
    cells = np.empty((-(-height // CELL), -(-width // CELL)), np.uint8)

    def measure(corner: tuple[int, int]) -> None:
        top, left = corner
        part = np.ascontiguousarray(samples[top : top + SIDE, left : left + SIDE])
        found = _map_of_tile(part, tables, search, rungs)
        y, x = top // CELL, left // CELL
        cells[y : y + found.shape[0], x : x + found.shape[1]] = found

    corners = [(top, left) for top in range(0, height, SIDE) for left in range(0, width, SIDE)]
    run(measure, corners, threads)
    return cells


def _map_of_tile(
    samples: NDArray[np.uint8], tables: LossyTables, search: Search, rungs: int
) -> NDArray[np.uint8]:
    height, width, _ = samples.shape
    grid = coding_grid(width, height, tables.factors)
    if min(height, width) < LEAST_SIDE:
        return quantize_planes(planes_of(samples, tables, grid), tables, grid, search).cells
    before, slopes, _ = measured_slopes(samples, tables, search, rungs)
    cells: NDArray[np.uint8] = np.clip(
        np.rint(before - STRENGTH * slopes), 0, MAP_LEVELS - 1
    ).astype(np.uint8)
    return cells


def measured_slopes(
    samples: NDArray[np.uint8], tables: LossyTables, search: Search, rungs: int
) -> tuple[NDArray[np.uint8], Cells, Cells]:
    """(the map of `search`, by its cells the slopes, and the bits) of a picture as one segment.

    A slope is log2 of the loss that a bit takes away, against the mean of the picture.
    """
    height, width, _ = samples.shape
    grid = coding_grid(width, height, tables.factors)
    planes = planes_of(samples, tables, grid)
    segment = quantize_planes(planes, tables, grid, search)
    reference = Reference(samples)
    ladder = []
    for rung in range(rungs):
        scaled = _scaled(tables, RUNG * (rung - rungs // 2))
        coded = quantize_planes(
            planes, scaled, grid, search, segment.cells, segment.partition, segment.directions
        )
        low, high = write_low(coded, scaled, grid), write_high(coded, scaled, grid)
        out = np.empty_like(samples)
        decode_segment(scaled, low, [high], width, height, out)
        bits = _cell_bits(coded, 8 * (len(low) + len(high)))
        ladder.append((bits, reference.score_and_losses(out)[1]))
    slopes = np.mean([_slopes(*ladder[n], *ladder[n + 2]) for n in range(rungs - 2)], axis=0)
    return segment.cells, slopes, _smooth(ladder[rungs // 2][0])


def _scaled(tables: LossyTables, octaves: float) -> LossyTables:
    base = min(max(round(tables.base * 2**octaves), 1), MAX_BASE)
    return replace(tables, base=base, gains=step_gains(base))


def _cell_bits(segment: SegmentLevels, total: int) -> Cells:
    """Bits by cell, those of a block spread evenly over its squares."""
    blocks = segment.partition.blocks
    columns, rows = (int(n) for n in segment.partition.parts[0, :2])
    density = block_bits(segment, total) / (1 << (blocks[:, 2] + blocks[:, 3]))
    squares = np.zeros((2 * segment.cells.shape[0], 2 * segment.cells.shape[1]))
    owners = segment.partition.owners[: rows * columns]
    squares[:rows, :columns] = density[owners].reshape(rows, columns)
    pairs = squares[0::2] + squares[1::2]
    return np.asarray(pairs[:, 0::2] + pairs[:, 1::2])


def _slopes(fine_bits: Cells, fine_loss: Cells, bits: Cells, loss: Cells) -> Cells:
    """log2 of the loss that a bit takes away in each cell, against the whole, its mean taken out;
    0 where that is not to be told."""
    gain, spent = _smooth(loss - fine_loss), _smooth(fine_bits - bits)
    if gain.sum() <= 0 or spent.sum() <= 0:
        return np.zeros_like(gain)
    mean = gain.sum() / spent.sum()
    least = 2.0**-LIMIT
    # A cell that no bits help is as flat as they come; one that costs none says nothing.
    ratio = np.where(spent > 0, np.maximum(gain, 0) / np.where(spent > 0, spent, 1) / mean, 1)
    slopes = np.log2(np.clip(ratio, least, 1 / least))
    return np.asarray(slopes - slopes.mean())


def _smooth(cells: Cells) -> Cells:
    """Twice the mean of neighbours with weights 1, 2, 1, each way."""
    for _ in range(2):
        for _ in range(2):
            padded = np.pad(cells, ((1, 1), (0, 0)), mode="edge")
            cells = ((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4).T
    return cells
