"""Chapter 8.1: the tables of a lossy group and the steps that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from .conventions import Cursor, Unsupported, clamp, require, table_rows
from .transform_colour import NONE, XYB, YCBCR

MULTIPLIER = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)
SHRINK = (1024, 724, 512, 362, 256, 181, 128)
KNOTS = (0, 8, 16, 24, 32, 48, 64, 89)


def log2(n: int) -> int:
    """Of a power of two."""
    return n.bit_length() - 1


def square_radius(w: int, h: int, u: int, v: int) -> int:
    """(u * 8 / W)^2 + (v * 8 / H)^2 of a place in a block of w x h squares."""
    return (u * 8 // w) ** 2 + (v * 8 // h) ** 2


@dataclass(frozen=True)
class Tables:
    """Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`, `lossy.curves`.

    explicit[c][place]; curves[c][radius], None for those of the table.
    """

    transform: int
    filtered: bool
    partition: bool
    directions: bool
    factors: tuple[tuple[int, int], ...]
    base: int | None
    explicit: tuple[tuple[int, ...], ...] | None
    curves: tuple[tuple[int, ...], ...] | None
    depth: int

    @property
    def components(self) -> int:
        return len(self.factors)

    @property
    def cross(self) -> bool:
        return len(set(self.factors)) == 1

    def step(self, m: int, c: int, w: int, h: int, u: int, v: int) -> int:
        """In 1/1024 unit, at place (u, v) of a block of w x h squares. Clause `lossy.steps`."""
        if self.explicit is not None:
            return 1024 * self.explicit[c][8 * v + u]
        assert self.base is not None
        radius = isqrt(square_radius(w, h, u, v))
        if self.curves is None:
            curve = curve_of_table(self.transform, c)[radius]
        else:
            curve = self.curves[c][radius]
        product = self.base * MULTIPLIER[m] * SHRINK[log2(w * h)] * curve
        return clamp((product + (1 << 26)) >> 27, 1, 1 << 26)


def curve_of_table(transform: int, c: int) -> tuple[int, ...]:
    return table_rows("lossy-curve.txt", 90)[0 if transform == NONE else c]


def parse_tables(blob: bytes, channels: int, depth: int) -> Tables:
    here = "lossy.tables"
    cursor = Cursor(blob)
    flags = cursor.u8(here)
    transform = flags & 3
    require(transform < 3, "colour transform 3", here, 0)
    fits = channels in {XYB: (1, 3), YCBCR: (3,), NONE: (1, 3, 4)}[transform]
    require(fits, f"{channels} channels with transform {transform}", here, 0)
    partition = bool(flags & 32)
    require(not (partition and flags & 12), "a partition with explicit or sampled", here, 0)
    directions = bool(flags & 64)
    require(partition or not directions, "directions without a partition", here, 0)
    require(flags & 132 != 132, "curves with explicit tables", here, 0)
    factors = [(1, 1)] * channels
    if flags & 8:
        for c in range(channels):
            sampling = cursor.u8("lossy.sampling")
            require(sampling < 4, "sampling", "lossy.sampling", cursor.at - 1)
            factors[c] = ((sampling & 1) + 1, (sampling >> 1) + 1)
    base = explicit = None
    if flags & 4:
        explicit = parse_explicit(cursor, channels)
    else:
        base = small_leb(cursor, here)
    curves = parse_curves(cursor, transform, channels) if flags & 128 else None
    require(cursor.left == 0, "bytes behind the tables", here, cursor.at)
    filtered = bool(flags & 16)
    return Tables(
        transform, filtered, partition, directions, tuple(factors), base, explicit, curves, depth
    )


def parse_curves(cursor: Cursor, transform: int, channels: int) -> tuple[tuple[int, ...], ...]:
    """Clause `lossy.curves`."""
    here = "lossy.curves"
    kind = cursor.u8(here)
    if kind > 2:
        raise Unsupported(f"curves {kind}", here, cursor.at - 1)
    curves: list[tuple[int, ...]] = []
    for c in range(channels):
        if kind == 0:
            curves.append((1024,) * 90)
        elif kind == 1:
            curves.append(tuple(isqrt(1024 * v) for v in curve_of_table(transform, c)))
        else:
            knots = [small_leb(cursor, here) for _ in KNOTS]
            curves.append(tuple(between_knots(knots, radius) for radius in range(90)))
    return tuple(curves)


def between_knots(knots: list[int], radius: int) -> int:
    n = max(n for n in range(7) if KNOTS[n] <= radius)
    a, b = KNOTS[n], KNOTS[n + 1]
    return (knots[n] * (b - radius) + knots[n + 1] * (radius - a) + ((b - a) >> 1)) // (b - a)


def small_leb(cursor: Cursor, clause: str) -> int:
    begin = cursor.at
    value = cursor.leb(1, 65535, clause)
    require(cursor.at - begin <= 3, "LEB128 of more than 3 bytes", clause, begin)
    return value


def parse_explicit(cursor: Cursor, channels: int) -> tuple[tuple[int, ...], ...]:
    """Clause `lossy.explicit`."""
    here = "lossy.explicit"
    tables: list[tuple[int, ...]] = []
    for c in range(channels):
        same = cursor.u8(here)
        require(same == 0 or (same == 1 and c > 0), "same", here, cursor.at - 1)
        if same:
            tables.append(tables[-1])
        else:
            tables.append(tuple(small_leb(cursor, here) for _ in range(64)))
    return tuple(tables)
