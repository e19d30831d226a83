"""Chapter 8, clauses `lossy.deblock` and `lossy.dering`."""

from __future__ import annotations

from .conventions import INT16, clamp
from .lossy_blocks import Place, Segment

NEAR = [(0, 1), (0, 1), (1, 1), (1, 0), (1, 0), (1, 0), (1, -1), (0, -1)]
FAR = [(0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (2, -1), (2, -2), (1, -2)]


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
    return min(local_step(segment, c, square) for square in (one, other))


def local_step(segment: Segment, c: int, square: Place) -> int:
    m = segment.map_level(c, segment.components[c].owner[square])
    return (segment.tables.step(m, c, 1, 1, 1, 1) + 8) >> 4


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
        plane[y][x] = clamp(plane[y][x] + change, *INT16)
    for (y, x), change in zip(places[6:3:-1], changes, strict=True):
        plane[y][x] = clamp(plane[y][x] - change, *INT16)


def dering(plane: list[list[int]], segment: Segment) -> None:
    """Filter the first component's plane along its edges, in place."""
    before = [list(row) for row in plane]
    component = segment.components[0]
    for i in range(component.rows):
        for j in range(component.columns):
            k, m, total = edge_of(before, i, j)
            t = local_step(segment, 0, (i, j))
            total += (5 * t * t) >> 7
            if 5 * m > total:
                limit = (21 * t * m // total) >> 7
                for y in range(8 * i, 8 * i + 8):
                    for x in range(8 * j, 8 * j + 8):
                        plane[y][x] = smoothed(before, y, x, k, limit)


def edge_of(plane: list[list[int]], i: int, j: int) -> tuple[int, int, int]:
    """k, m and G + H of a square."""
    gg = hh = gh = 0
    for y in range(8 * i, 8 * i + 7):
        for x in range(8 * j, 8 * j + 7):
            a = plane[y + 1][x + 1] - plane[y][x]
            b = plane[y][x + 1] - plane[y + 1][x]
            g, h = (clamp(value >> 2, -4095, 4095) for value in (a + b, a - b))
            gg, hh, gh = gg + g * g, hh + h * h, gh + g * h
    u, v = hh - gg, -2 * gh
    if 128 * abs(v) <= 53 * abs(u):
        return turned(0, u), abs(u), gg + hh
    if 128 * abs(u) <= 53 * abs(v):
        return turned(2, v), abs(v), gg + hh
    m = (181 * (abs(u) + abs(v))) >> 8
    return turned(1 if u * v > 0 else 3, v), m, gg + hh


def turned(k: int, w: int) -> int:
    """k, and half a circle on where w is below 0."""
    return k if w >= 0 else k + 4


def smoothed(plane: list[list[int]], y: int, x: int, k: int, limit: int) -> int:
    own, total = plane[y][x], 4
    for dy, dx in (NEAR[k], FAR[k]):
        for at, over in ((y + dy, x + dx), (y - dy, x - dx)):
            row = plane[clamp(at, 0, len(plane) - 1)]
            d = row[clamp(over, 0, len(row) - 1)] - own
            part = min(abs(d), max(limit - (abs(d) >> 2), 0))
            total += part if d >= 0 else -part
    return own + (total >> 3)
