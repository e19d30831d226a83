"""A plane group to its tables and sub-streams, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.lossy.encoder.presets import PRESETS, search_of_preset, tables_of_preset
from pil_dctz.lossy.encoder.quantize import Search
from pil_dctz.lossy.encoder.settle import encode_segment
from pil_dctz.lossy.encoder.slopes import measured_map
from pil_dctz.lossy.encoder.tables import write_tables
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.steps import step_gains
from pil_dctz.lossy.syntax import LossyTables, coding_grid
from pil_dctz.metrics.ssimulacra2 import CELL
from pil_dctz.schedule import run

__all__ = ["encode_group", "rectangles", "xyb_tables"]

SEGMENT_LOG2 = 9
#: Encodings that the map is measured by, by effort 1..9; none: it follows the activity.
_RUNGS = (0, 0, 0, 0, 0, 0, 3, 5, 5)
#: How their levels are chosen.
_MEASURED = Search(1, 3)
#: By effort 1..9: passes over the levels, largest size class of blocks, margin of guesses tried,
#: and how directions are searched for.
_SEARCHES = (
    Search(0, 2, 0.0, directions=0, pruned=True),
    Search(1, 2, 0.0, directions=0),
    Search(1, 3, 0.0, width=1),
    Search(1, 3, 1.02, width=1),
    Search(1, 3),
    Search(2, 3, 1.12, coherence=0.2),
    Search(2, 3, 1.12, directions=2, coherence=0.15),
    Search(3, 3, 1.12, directions=2, coherence=0.15),
    Search(3, 3, 2.0, directions=2, coherence=0.15),
)


def encode_group(
    samples: Samples,
    shape: GroupShape,
    *,
    quality: float,
    effort: int,
    segment_log2: int | None,
    threads: int,
    preset: str = "visual",
) -> EncodedGroup:
    """Encode samples (height, width, 1 or 3), uint8 of 8 bits or uint16 of 9..12.

    quality: 0..100. effort: 1..9. segment_log2: 6..15, 0 for one segment, None: 512 samples a side.
    preset: a name of `PRESETS`; alpha has no other than "psnr".
    Segments are spread over `threads` threads; the bytes do not depend on their number.

    Raises ValueError for shapes and options that the lossy mode does not have.
    """
    if not 8 <= shape.depth <= 12 or shape.channels not in (1, 3):
        raise ValueError(
            f"lossy pictures have samples of 8 to 12 bits and 1 or 3 channels, "
            f"got {shape.channels} channels of {shape.depth} bits"
        )
    if not 1 <= effort <= 9:
        raise ValueError(f"effort must be 1..9, got {effort}")
    chosen = PRESETS["psnr" if shape.alpha else preset]
    search = search_of_preset(chosen, search_of_effort(effort))
    tables = tables_of_preset(chosen, shape.channels, shape.depth, quality)
    tables = replace(tables, directions=search.directions > 0)
    cells = None
    if (
        _RUNGS[effort - 1]
        and tables.depth == 8
        and chosen is PRESETS["visual"]
        and shape.channels == 3
    ):
        cells = measured_map(samples, tables, _MEASURED, _RUNGS[effort - 1], threads)
    log2 = SEGMENT_LOG2 if segment_log2 is None else segment_log2

    def encode(rectangle: tuple[int, int, int, int]) -> tuple[bytes, bytes]:
        x, y, width, height = rectangle
        grid = coding_grid(width, height, tables.factors)
        part = np.ascontiguousarray(samples[y : y + height, x : x + width])
        own = None
        if cells is not None:
            i, j = y // CELL, x // CELL
            own = np.ascontiguousarray(cells[i : i + grid.cells[0], j : j + grid.cells[1]])
        segment = encode_segment(part, tables, grid, search, own)
        return write_low(segment, tables, grid), write_high(segment, tables, grid)

    parts = run(encode, rectangles(shape.width, shape.height, log2), threads)
    streams = [[low for low, _ in parts], [high for _, high in parts]]
    return EncodedGroup(Mode.LOSSY, log2, write_tables(tables), streams)


def xyb_tables(channels: int, base: int, directions: bool = True) -> LossyTables:
    """The tables of XYB (3 channels) or its Y alone (1) with this base step, in 1/128 unit."""
    tables = tables_of_preset(PRESETS["visual"], channels, 8, 50)
    return replace(tables, base=base, gains=step_gains(base), directions=directions)


def search_of_effort(effort: int) -> Search:
    """How levels are chosen at effort 1..9."""
    return _SEARCHES[effort - 1]


def rectangles(width: int, height: int, log2: int) -> Iterator[tuple[int, int, int, int]]:
    """(x, y, width, height) of the segments in raster order."""
    side = 1 << log2 if log2 else max(width, height)
    for y in range(0, height, side):
        for x in range(0, width, side):
            yield x, y, min(side, width - x), min(side, height - y)
