"""Chapter 8, clause `lossy.deblock`."""

from __future__ import annotations

from .conventions import clamp
from .lossy_blocks import Place, Segment


def deblock(plane: list[list[int]], segment: Segment, c: int) -> None:
    """Filter a plane of whole squares in place."""
    component = segment.components[c]
    rows, columns = component.rows, component.columns
    for i in range(rows):
        for j in range(1, columns):
            if component.owner[i, j - 1] is not component.owner[i, j]:
                t = smaller_step(segment, c, (i, j - 1), (i, j))
                for y in range(8 * i, 8 * i + 8):
                    filter_edge(plane, [(y, 8 * j + k) for k in range(-4, 4)], t)
    for i in range(1, rows):
        for j in range(columns):
            if component.owner[i - 1, j] is not component.owner[i, j]:
                t = smaller_step(segment, c, (i - 1, j), (i, j))
                for x in range(8 * j, 8 * j + 8):
                    filter_edge(plane, [(8 * i + k, x) for k in range(-4, 4)], t)


def smaller_step(segment: Segment, c: int, one: Place, other: Place) -> int:
    """t: of place (1, 1) of a block of shape 0 at the map level of either block."""
    owner = segment.components[c].owner
    levels = [segment.map_level(c, owner[square]) for square in (one, other)]
    return min((segment.tables.step(m, c, 1, 1, 1, 1) + 8) >> 4 for m in levels)


def filter_edge(plane: list[list[int]], places: list[tuple[int, int]], t: int) -> None:
    """places: p3, p2, p1, p0, q0, q1, q2, q3."""
    limit = min((110 * t) >> 12, 32767)
    flat = min((250 * t) >> 12, 32767)
    p3, p2, p1, p0, q0, q1, q2, q3 = (plane[y][x] for y, x in places)
    bend = (
        abs(p2 - 2 * p1 + p0)
        + abs(q2 - 2 * q1 + q0)
        + abs(p3 - 2 * p2 + p1)
        + abs(q3 - 2 * q2 + q1)
    )
    if bend >= flat:
        return
    move = clamp((3 * (q0 - p0) - (q1 - p1)) >> 1, -limit, limit)
    changes = [(move + 4) >> 3, (2 * move + 4) >> 3, (3 * move + 4) >> 3]
    for (y, x), change in zip(places[1:4], changes, strict=True):
        plane[y][x] = clamp(plane[y][x] + change, -32768, 32767)
    for (y, x), change in zip(places[6:3:-1], changes, strict=True):
        plane[y][x] = clamp(plane[y][x] - change, -32768, 32767)
