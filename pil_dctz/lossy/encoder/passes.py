"""The high stream of a coded group cut into passes. Clause `lossy.passes`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pil_dctz.container.syntax import EncodedGroup, GroupShape
from pil_dctz.lossy.decoder.parse import SegmentLevels, parse_high, parse_low
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.encoder.group import rectangles
from pil_dctz.lossy.encoder.tokens import write_high
from pil_dctz.lossy.passes import zones
from pil_dctz.lossy.shapes import LAYOUT, scans
from pil_dctz.lossy.syntax import CodingGrid, LossyTables, coding_grid
from pil_dctz.schedule import run

__all__ = ["cut_into_passes", "known_after", "write_passes"]


def cut_into_passes(
    group: EncodedGroup, shape: GroupShape, passes: int, threads: int
) -> EncodedGroup:
    """The same samples in 1..3 passes, of a lossy group that has one."""
    tables = parse_tables(group.tables, shape)
    low, high = group.streams

    def cut(task: tuple[int, tuple[int, int, int, int]]) -> list[bytes]:
        number, (_, _, width, height) = task
        grid = coding_grid(width, height, tables.factors)
        segment = parse_low(low[number], tables, grid)
        parse_high(high[number], tables, grid, segment)
        return write_passes(segment, tables, grid, passes)

    places = rectangles(shape.width, shape.height, group.segment_log2)
    parts = run(cut, enumerate(places), threads)
    return group._replace(streams=[low, *map(list, zip(*parts, strict=True))])


def write_passes(
    segment: SegmentLevels, tables: LossyTables, grid: CodingGrid, passes: int
) -> list[bytes]:
    """The high streams of a segment, a pass each."""
    return [
        write_high(known_after(segment, int(zone[1])), tables, grid, zone) for zone in zones(passes)
    ]


def known_after(segment: SegmentLevels, end: int) -> SegmentLevels:
    """Without the levels from scan position `end` on, in squares of the block."""
    levels = segment.levels.copy()
    partition = segment.partition
    for part in partition.parts.tolist():
        blocks = partition.blocks[part[6] : part[6] + part[7]]
        for shape, (lw, lh, first, places, _, _) in enumerate(LAYOUT.tolist()):
            beyond = scans()[first + (end << (lw + lh)) : first + places].astype(np.int64)
            own = part[9] + blocks[blocks[:, 4] == shape, 5].astype(np.int64)
            levels[own[:, None] + beyond] = 0
    return replace(segment, levels=levels)
