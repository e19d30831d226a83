"""The segments of a group as the fitting and coding of prediction see them. Chapter 9a.2."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load
from pil_dctz.lossless.prediction import (
    CLASS_BLOCK,
    PredictionHead,
    SegmentGrid,
    block_cells,
    energy_table,
    plane_channels,
    rank_table,
    row_table,
)

__all__ = ["Segment", "analyse", "cut_segments"]

KERNELS = "pil_dctz.lossless.encoder.prediction_kernels"


@dataclass(slots=True)
class Segment:
    """One segment with photo cells.

    x, y: its place in the group. samples: padded plane buffers, int32. blocks: int16 (rows,
    columns), class of each block, -1 outside photo cells. places: int64, buffer position of the
    top left sample of each photo block in plane 0, block_index: its place in blocks, flat.
    fine: uint8 like samples, the fine levels of the last analysis, 255 where there is none.
    contexts, numbers: of the last analysis, uint16 and int32, in the order of coding. runs: int32
    like numbers, the zeros from each on in its table, once codes are chosen.
    """

    x: int
    y: int
    grid: SegmentGrid
    samples: npt.NDArray[np.int32]
    blocks: npt.NDArray[np.int16]
    places: npt.NDArray[np.int64]
    block_index: npt.NDArray[np.int64]
    fine: npt.NDArray[np.uint8]
    contexts: npt.NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    numbers: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    runs: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def forget(self) -> None:
        """Let go of what coding does not read: samples and fine levels."""
        self.samples = np.zeros(0, np.int32)
        self.fine = np.zeros(0, np.uint8)

    def classes(self) -> npt.NDArray[np.int16]:
        """Class of each photo block, in the order of places."""
        found: npt.NDArray[np.int16] = self.blocks.reshape(-1)[self.block_index]
        return found


def cut_segments(
    samples: npt.NDArray[Any], head: PredictionHead, cells: npt.NDArray[np.uint8], side: int
) -> list[Segment]:
    """The segments of side `side` that have photo cells.

    samples: (h, w, channels), whole group. cells: uint8 (ceil(h / 64), ceil(w / 64)).
    """
    height, width = samples.shape[:2]
    segments = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            part = samples[y : y + side, x : x + side]
            grid = SegmentGrid(part.shape[1], part.shape[0])
            own_cells = cells[
                y // 64 : -(-(y + grid.height) // 64), x // 64 : -(-(x + grid.width) // 64)
            ]
            if own_cells.any():
                segments.append(_segment(x, y, part, head, grid, own_cells))
    return segments


def _segment(
    x: int,
    y: int,
    part: npt.NDArray[Any],
    head: PredictionHead,
    grid: SegmentGrid,
    cells: npt.NDArray[np.uint8],
) -> Segment:
    channels = head.shape.channels
    buffer = grid.buffer(channels)
    inside = grid.inside(buffer)
    known = part if head.values is None else rank_table(head.values, head.shape.depth)[part]
    for plane, (channel, below) in enumerate(plane_channels(channels, head.transform)):
        inside[plane] = known[..., channel]
        if below >= 0:
            inside[plane] -= known[..., below]
    load(KERNELS).pad_planes(buffer, grid.geometry(), channels)
    photo = block_cells(cells, grid)
    index = np.flatnonzero(photo)
    rows, columns = np.divmod(index, grid.columns)
    places = grid.origin + (rows * grid.stride + columns) * CLASS_BLOCK
    return Segment(
        x,
        y,
        grid,
        buffer,
        photo.astype(np.int16) - np.int16(1),
        places.astype(np.int64),
        index.astype(np.int64),
        np.full(buffer.shape, 255, np.uint8),
    )


@cache
def _fine_table() -> npt.NDArray[np.uint8]:
    """Fine level of each energy, four an octave, by the indices of row_table: finer than the
    contexts, for the encoder alone."""
    e = np.arange(4096)
    bits = np.array([max(int(v).bit_length() - 1, 3) for v in e])
    level = (bits - 3) * 4 + ((e >> (bits - 2)) & 3)
    found: npt.NDArray[np.uint8] = np.concatenate((level, level + 32)).astype(np.uint8)
    return found


def analyse(segment: Segment, head: PredictionHead) -> npt.NDArray[np.int32]:
    """Residuals under the head's coefficients and the segment's classes.

    Sets contexts, numbers and fine; returns the sizes |r|, int32 like samples.
    """
    channels = head.shape.channels
    grid = segment.grid
    count = channels * grid.width * grid.height
    segment.contexts = np.empty(count, np.uint16)
    segment.numbers = np.empty(count, np.int32)
    sizes = np.zeros_like(segment.samples)
    outer, offsets, counts, _ = head.split_taps(grid, whole=True)
    small = head.top <= 255
    kernels = load(KERNELS)
    (kernels.analyse_planes_8 if small else kernels.analyse_planes_16)(
        segment.samples,
        sizes,
        grid.geometry(),
        segment.blocks,
        outer,
        offsets,
        counts,
        _fine_table(),
        energy_table()[:channels],
        head.ranges(),
        row_table(head.levels),
        head.plane_contexts,
        np.zeros((1 + outer.shape[2]) * grid.stride, np.int32 if small else np.int64),
        np.zeros(grid.stride, np.int32),
        np.empty(count, np.uint8),
        segment.contexts,
        segment.numbers,
        segment.fine,
    )
    return sizes
