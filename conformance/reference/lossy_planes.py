"""Chapter 8.5: from levels to samples."""

from __future__ import annotations

from .conventions import ceil_div
from .lossy_blocks import Segment
from .lossy_filter import deblock
from .transform_colour import inverse, mean_sample, to_samples

Rows = list[list[int]]


def reconstruct(segment: Segment, scale: int) -> list[list[list[int]]]:
    """Samples [y][x][component]. Clause `lossy.planes`."""
    tables = segment.tables
    planes = []
    for c in range(tables.components):
        plane = small_plane(segment, c) if scale == 8 else plane_of(segment, c, scale)
        if scale == 1 and tables.deblock:
            deblock(plane, segment, c)
        planes.append(plane)
    picture = []
    for y in range(ceil_div(segment.z, scale)):
        row = []
        for x in range(ceil_div(segment.w, scale)):
            p = [
                plane[y >> (v < segment.v_max)][x >> (h < segment.h_max)]
                for plane, (h, v) in zip(planes, tables.factors, strict=True)
            ]
            row.append(to_samples(tables.transform, p))
        picture.append(row)
    return picture


def plane_of(segment: Segment, c: int, scale: int) -> Rows:
    """A plane of whole squares at scale 1, 2 or 4."""
    component = segment.components[c]
    n = 8 // scale
    plane = [[0] * (n * component.columns) for _ in range(n * component.rows)]
    for block in component.blocks:
        samples = inverse(segment.coefficients(c, block), block.w, block.h, scale)
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
