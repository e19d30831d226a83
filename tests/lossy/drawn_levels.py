"""Segments for tests that no picture stands behind: any tables, any sampling, any partition.

Their streams come from the author of the conformance vectors, which shares no code with the
package: what a test parses was not written by what it tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.author.draw import Draw
from conformance.author.lossy import HEIGHT, WIDTH, Plan, places
from conformance.author.lossy_streams import Writer
from conformance.author.lossy_vectors import drawn, hash_of
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossy.decoder.parse import SegmentLevels, parse_high, parse_low
from pil_dctz.lossy.decoder.segment import parse_tables
from pil_dctz.lossy.syntax import CodingGrid, LossyTables

__all__ = ["draw_partition", "draw_plan", "explicit_tables", "parse", "said", "same_levels"]

SEGMENT = ("cells", "values", "means", "residuals", "corners", "ends", "directions", "levels")
Parts = dict[str, NDArray[Any]]


def steps(seed: int = 0) -> list[list[int]]:
    """JPEG-like tables: one for component 0, another for the rest."""
    draw = Draw(seed)
    return [[3 + 2 * (p // 8 + p % 8) + draw.below(3) for p in range(64)] for _ in range(2)]


def draw_plan(
    colour: ColourTransform, factors: tuple[tuple[int, int], ...], *, seed: int = 0, size: int = 9
) -> Plan:
    """Explicit tables, and drawn values of this size."""
    two = steps(seed)
    return drawn(
        seed,
        size=size,
        levels=size,
        components=len(factors),
        transform=int(colour),
        sampling=[h - 1 | (v - 1) << 1 for h, v in factors],
        explicit=[two[min(c, 1)] for c in range(len(factors))],
    )


def draw_partition(seed: int, *, size: int = 9, levels: int = 4, **more: Any) -> Plan:
    """Drawn choices, and drawn values of all kinds. Blocks of 64x64 have one way to be written."""

    def choice(level: int, i: int, j: int) -> int:
        return Draw(hash_of(seed, level, i, j)).below(4 if level else 2)

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        draw = Draw(hash_of(seed, c, i, j, p))
        return draw.between(-levels, levels) if draw.below(1 + p // n) == 0 else 0

    given: dict[str, Any] = {"base": 700, "choice": choice, "level": level, **more}
    return drawn(seed, size=size, end=34, **given)


def explicit_tables(
    colour: ColourTransform, factors: tuple[tuple[int, int], ...], seed: int = 0
) -> LossyTables:
    return tables_of(draw_plan(colour, factors, seed=seed))


def tables_of(plan: Plan) -> LossyTables:
    return parse_tables(plan.tables(), GroupShape(8, 8, plan.components, 8))


def said(plan: Plan, width: int, height: int) -> tuple[tuple[bytes, bytes], Parts]:
    """The streams of a segment, and what they say of its blocks, by the author's own account."""
    writer = Writer(plan, width, height)
    streams = writer.low().bytes(), writer.high().bytes()
    values, residuals, ends, levels = [], [], [], []
    for plane, blocks in zip(writer.planes, writer.blocks, strict=True):
        values += [d for row in plane.d for d in row]
        for number, (i, j, shape) in enumerate(blocks):
            residuals.append(plane.r[i][j])
            ends.append(plane.end[i][j])
            flat = np.zeros((8 * HEIGHT[shape], 8 * WIDTH[shape]), np.int16)
            for u, v in places(shape):
                flat[v, u] = plane.levels[number].get((u, v), 0)
            levels.append(flat.ravel())
    return streams, {
        "cells": np.array(writer.map) * (plan.explicit is None),
        "values": np.array(values),
        "residuals": np.array(residuals),
        "ends": np.array(ends),
        "levels": np.concatenate(levels),
    }


def parse(streams: tuple[bytes, bytes], tables: LossyTables, grid: CodingGrid) -> SegmentLevels:
    segment = parse_low(streams[0], tables, grid)
    parse_high(streams[1], tables, grid, segment)
    return segment


def same_levels(one: SegmentLevels, other: SegmentLevels) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in SEGMENT
    ) and np.array_equal(one.partition.blocks, other.partition.blocks)
