"""Chapter 8: a segment of a lossy group, from its streams to samples. Part 8.5."""

from __future__ import annotations

from . import learned_planes
from .conventions import ceil_div, width_of
from .learned_model import Model
from .lossy_blocks import Segment
from .lossy_filter import deblock, dering
from .lossy_high import decode_high
from .lossy_low import decode_low
from .lossy_predict import predicted
from .lossy_tables import Tables, log2, parse_tables
from .transform_colour import inverse, mean_sample, to_samples

__all__ = ["decode_segment", "parse_tables"]

Rows = list[list[int]]
Refinement = tuple[Model, learned_planes.Strengths]  # chapter 10


def decode_segment(
    tables: object,
    low: bytes,
    high: list[bytes],
    w: int,
    z: int,
    scale: int,
    refine: Refinement | None = None,
) -> list[list[list[int]]]:
    """Samples [y][x][channel] of a segment. high: a stream a pass; at scale 8 none is needed."""
    assert isinstance(tables, Tables)
    segment = Segment(tables, w, z)
    decode_low(segment, low)
    if high:
        decode_high(segment, high)
    return reconstruct(segment, scale, refine)


def reconstruct(
    segment: Segment, scale: int, refine: Refinement | None = None
) -> list[list[list[int]]]:
    """Samples [y][x][component]. Clause `lossy.planes`."""
    tables = segment.tables
    planes = []
    for c in range(tables.components):
        if scale == 8:
            plane = small_plane(segment, c)
        elif tables.directions:
            plane = averages(full_plane(segment, c), scale)
        else:
            plane = full_plane(segment, c) if scale == 1 else plane_of(segment, c, scale)
        planes.append(plane)
    if refine is not None and scale == 1:
        model, strength = refine
        planes = learned_planes.refine(model, planes, segment, strength)
    picture = []
    for y in range(ceil_div(segment.z, scale)):
        row = []
        for x in range(ceil_div(segment.w, scale)):
            p = [
                plane[y >> (v < segment.v_max)][x >> (h < segment.h_max)]
                for plane, (h, v) in zip(planes, tables.factors, strict=True)
            ]
            row.append(to_samples(tables.transform, p, tables.depth))
        picture.append(row)
    return picture


def full_plane(segment: Segment, c: int) -> Rows:
    """A plane of whole squares at scale 1, filtered."""
    plane = plane_of(segment, c, 1)
    if segment.tables.filtered:
        deblock(plane, segment, c)
        if c == 0:
            dering(plane, segment)
    return plane


def averages(plane: Rows, scale: int) -> Rows:
    """Of squares of scale x scale samples, scale 1, 2 or 4."""
    shift = 2 * log2(scale)
    return [
        [
            (sum(sum(row[x : x + scale]) for row in plane[y : y + scale]) + scale * scale // 2)
            >> shift
            for x in range(0, width_of(plane), scale)
        ]
        for y in range(0, len(plane), scale)
    ]


def plane_of(segment: Segment, c: int, scale: int) -> Rows:
    """A plane of whole squares at scale 1, 2 or 4, before the filter."""
    component = segment.components[c]
    n = 8 // scale
    plane = [[0] * (n * component.columns) for _ in range(n * component.rows)]
    for block in component.blocks:
        coefficients = segment.coefficients(c, block)
        if block.direction:
            samples = predicted(plane, component, block, coefficients)
        else:
            samples = inverse(coefficients, block.w, block.h, scale)
        for y, row in enumerate(samples):
            plane[n * block.i + y][n * block.j : n * block.j + len(row)] = row
    return plane


def small_plane(segment: Segment, c: int) -> Rows:
    """At scale 8 each square gives one sample."""
    component = segment.components[c]
    return [
        [mean_sample(segment.eighth(c, component.d[i, j])) for j in range(component.columns)]
        for i in range(component.rows)
    ]
