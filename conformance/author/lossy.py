"""Lossy groups from given map levels, residuals, end classes and levels. Chapter 8.

A writer has to follow the contexts, since they say which histogram codes a symbol; it never makes
a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.author.bits import Rans, table
from conformance.author.fields import LOSSY, Group, ceil_div, leb, rectangles, u8

XYB, YCBCR, NONE = range(3)
END = (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38, 46, 55, 64)
MULTIPLIER = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)
LIMIT = 131071

Rows = list[list[int]]


def nothing(*_: int) -> int:
    return 0


@dataclass
class Plan:
    """What a lossy group says. The functions take component, row, column (and scan position)."""

    components: int = 3
    transform: int = XYB
    base: int = 512
    explicit: list[list[int] | None] | None = None  # a table of 64 each; None: the same
    sampling: list[int] | None = None
    deblock: bool = False
    map_level: Callable[[int, int], int] = lambda i, j: 6
    residual: Callable[[int, int, int], int] = nothing
    end: Callable[[int, int, int], int] = nothing
    level: Callable[[int, int, int, int], int] = nothing
    empty_high: bool = False
    flag_bits: int = 0
    behind: bytes = b""
    base_field: bytes | None = None

    def tables(self) -> bytes:
        """Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`."""
        explicit = self.explicit is not None
        flags = self.transform | explicit << 2 | (self.sampling is not None) << 3
        out = u8(flags | self.deblock << 4 | self.flag_bits)
        out += bytes(self.sampling or [])
        if self.explicit is None:
            return out + (leb(self.base) if self.base_field is None else self.base_field)
        for steps in self.explicit:
            out += u8(1) if steps is None else u8(0) + b"".join(leb(step) for step in steps)
        return out + self.behind

    def factors(self) -> list[tuple[int, int]]:
        sampling = self.sampling or [0] * self.components
        return [((s & 1) + 1, (s >> 1) + 1) for s in sampling]

    def dc_step(self, c: int, m: int) -> int:
        """s of clause `lossy.dc`."""
        if self.explicit is not None:
            return 1
        curve = table("lossy-curve.txt")[64 * (0 if self.transform == NONE else c)]
        return max(1, min((self.base * curve * MULTIPLIER[m] + (1 << 20)) >> 21, 65535))


@dataclass
class Plane:
    """What is known of the blocks of a component."""

    rows: int
    columns: int
    d: Rows = field(default_factory=list)
    r: Rows = field(default_factory=list)
    end: Rows = field(default_factory=list)
    levels: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("d", "r", "end"):
            setattr(self, name, [[0] * self.columns for _ in range(self.rows)])

    def get(self, grid: Rows, i: int, j: int) -> int | None:
        return grid[i][j] if 0 <= i < self.rows and 0 <= j < self.columns else None


def histogram(name: str, n: int, number: int) -> tuple[int, ...]:
    return table(name)[n * number : n * number + n]


def weigh(name: str, row: int, inputs: list[int]) -> int:
    n = len(inputs)
    return sum(a * b for a, b in zip(table(name)[n * row : n * row + n], inputs, strict=True))


def put_number(rans: Rans, frequencies: tuple[int, ...], v: int) -> None:
    """Clause `lossy.magnitude`."""
    size = abs(v)
    if size < 8:
        rans.symbol(frequencies, size)
    elif size < 128:
        n = size.bit_length() - 2
        rans.symbol(frequencies, 8 + 2 * (n - 2) + (size >> n & 1))
        rans.raw(n, size & ((1 << n) - 1))
    else:
        n = size.bit_length() - 1
        rans.symbol(frequencies, 16)
        rans.raw(3, n - 7)
        rans.raw(n, size - (1 << n))
    if size:
        rans.raw(1, int(v < 0))


class Writer:
    """One segment of w x z samples."""

    def __init__(self, plan: Plan, w: int, z: int) -> None:
        self.plan = plan
        factors = plan.factors()
        self.most = max(h for h, _ in factors), max(v for _, v in factors)
        self.factors = factors
        self.cross = len(set(factors)) == 1
        self.planes = [
            Plane(
                ceil_div(ceil_div(z * v, self.most[1]), 8),
                ceil_div(ceil_div(w * h, self.most[0]), 8),
            )
            for h, v in factors
        ]
        self.map = [[6] * ceil_div(w, 16) for _ in range(ceil_div(z, 16))]

    def cell(self, c: int, i: int, j: int) -> int:
        if self.plan.explicit is not None:
            return 0
        h, v = self.factors[c]
        return self.map[i >> (v == self.most[1])][j >> (h == self.most[0])]

    def low(self) -> Rans:
        """Clause `lossy.low`."""
        rans = Rans()
        if self.plan.explicit is None:
            self.put_map(rans)
        for c, plane in enumerate(self.planes):
            for i in range(plane.rows):
                for j in range(plane.columns):
                    self.put_dc(rans, c, i, j)
        return rans

    def put_map(self, rans: Rans) -> None:
        """Clause `lossy.map`."""
        grid = self.map
        for i, row in enumerate(grid):
            for j in range(len(row)):
                if i or j:
                    left = row[j - 1] if j else grid[i - 1][0]
                    top = grid[i - 1][j] if i else left
                    context = 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)
                else:
                    context = 18
                row[j] = self.plan.map_level(i, j)
                rans.symbol(histogram("lossy-map-histograms.txt", 13, context), row[j])

    def put_dc(self, rans: Rans, c: int, i: int, j: int) -> None:
        """Clause `lossy.dc`."""
        plane = self.planes[c]
        s = self.plan.dc_step(c, self.cell(c, i, j))
        inputs = [0] * 12
        inputs[11] = 1
        guess = 0
        if i or j:
            left, top = plane.get(plane.d, i, j - 1), plane.get(plane.d, i - 1, j)
            left, top = (top if left is None else left), (left if top is None else top)
            assert left is not None and top is not None
            found = [
                plane.get(plane.d, i - 1, j - 1),
                plane.get(plane.d, i - 1, j + 1),
                plane.get(plane.d, i, j - 2),
                plane.get(plane.d, i - 2, j),
            ]
            stand_in = [left, top, left, top]
            tl, tr, ll, tt = (b if a is None else a for a, b in zip(found, stand_in, strict=True))
            g = max(min(left, top), min(left + top - tl, max(left, top)))
            guess = (2 * g + left + top + 2) >> 2
            slopes = (tl - left, top - tl, tr - top, left - ll, top - tt)
            inputs[:5] = [min(8 * abs(slope) // s, 255) for slope in slopes]
            near = ((i, j - 1), (i - 1, j), (i - 1, j - 1), (i - 1, j + 1))
            inputs[5:9] = [min(8 * abs(plane.get(plane.r, *at) or 0), 255) for at in near]
        if self.cross:
            for n in range(min(c, 2)):
                inputs[9 + n] = min(8 * abs(self.planes[n].r[i][j]), 255)
        k = min(c, 2)
        e = weigh("lossy-dc-weights.txt", k, inputs)
        context = 24 * k + sum(t <= e for t in table("lossy-dc-thresholds.txt"))
        number = table("lossy-dc-map.txt")[context]
        r = self.plan.residual(c, i, j)
        put_number(rans, histogram("lossy-dc-histograms.txt", 17, number), r)
        plane.r[i][j] = r
        plane.d[i][j] = max(-LIMIT, min(guess + r * s, LIMIT)) if r else guess

    def high(self) -> Rans:
        """Clause `lossy.high`."""
        rans = Rans()
        for c, plane in enumerate(self.planes):
            for i in range(plane.rows):
                for j in range(plane.columns):
                    self.put_end(rans, c, i, j)
                    self.put_levels(rans, c, i, j)
        return rans

    def put_end(self, rans: Rans, c: int, i: int, j: int) -> None:
        """Clause `lossy.end`."""
        plane = self.planes[c]
        left, top = plane.get(plane.end, i, j - 1), plane.get(plane.end, i - 1, j)
        right = plane.get(plane.end, i - 1, j + 1)
        right = top if right is None else right
        left = top if left is None else left
        if top is None:
            top = right = left
        here = plane.d[i][j]
        near = ((i, j - 1), (i - 1, j), (i, j + 1), (i + 1, j))
        others = (plane.get(plane.d, *at) for at in near)
        spread = sum(abs(here - other) for other in others if other is not None)
        m = self.cell(c, i, j)
        inputs = [
            (left or 0) + (top or 0),
            right or 0,
            self.planes[0].end[i][j] if c > 0 and self.cross else 0,
            self.planes[1].end[i][j] if c > 1 and self.cross else 0,
            abs(plane.r[i][j]).bit_length(),
            (2 * spread // self.plan.dc_step(c, m)).bit_length(),
            m,
            int(not (i or j)),
            1,
        ]
        k = min(c, 2)
        e = weigh("lossy-end-weights.txt", k, inputs)
        number = table("lossy-end-map.txt")[32 * k + max(0, min(e >> 7, 31))]
        plane.end[i][j] = self.plan.end(c, i, j)
        rans.symbol(histogram("lossy-end-histograms.txt", 16, number), plane.end[i][j])

    def put_levels(self, rans: Rans, c: int, i: int, j: int) -> None:
        """Clause `lossy.level`."""
        plane = self.planes[c]
        block = plane.levels[i, j] = [0] * 64
        left, top = plane.levels.get((i, j - 1)), plane.levels.get((i - 1, j))
        sides = [b for b in (left, top) if b is not None] if left or top else []
        twice = sides * 2 if len(sides) == 1 else sides
        crossed = [
            self.planes[n].levels[i, j] if c > n and self.cross else [0] * 64 for n in range(2)
        ]

        def size(of: list[int], u: int, v: int) -> int:
            return min(abs(of[8 * v + u]), 255) if 0 <= u < 8 and 0 <= v < 8 else 0

        def a(u: int, v: int) -> int:
            return size(block, u, v)

        def q(u: int, v: int) -> int:
            return sum(size(of, u, v) for of in twice)

        n = 0
        first = END[plane.end[i][j]] - 1
        for p in range(first, 0, -1):
            place = table("lossy-scan.txt")[p]
            u, v = place & 7, place >> 3
            inputs = [
                a(u + 1, v) + a(u, v + 1),
                a(u + 1, v + 1),
                a(u + 2, v) + a(u, v + 2),
                a(u + 2, v + 1) + a(u + 1, v + 2),
                a(u + 3, v) + a(u, v + 3),
                a(u + 2, v + 2) + a(u + 3, v + 1) + a(u + 1, v + 3),
                a(u - 1, v + 1) + a(u + 1, v - 1),
                a(u - 1, v + 2) + a(u + 2, v - 1),
                min(4 * q(u, v), 255),
                min(q(u - 1, v) + q(u + 1, v) + q(u, v - 1) + q(u, v + 1), 255),
                size(crossed[0], u, v),
                size(crossed[1], u, v),
                n,
                int(p == first),
                1,
            ]
            k = 3 * min(c, 2) + (p >= 6) + (p >= 20)
            e = max(0, min(weigh("lossy-level-weights.txt", k, inputs), 4095))
            t = sum(threshold <= e for threshold in table("lossy-level-thresholds.txt"))
            g = min(n.bit_length(), 4)
            number = table("lossy-level-map.txt")[5 * (24 * k + t) + g]
            block[place] = self.plan.level(c, i, j, p)
            put_number(rans, histogram("lossy-level-histograms.txt", 17, number), block[place])
            n += block[place] != 0


def lossy_group(plan: Plan, width: int, height: int, log2: int = 0) -> Group:
    """All segments of a group; each has the same plan."""
    streams: list[list[bytes]] = [[], []]
    for _, _, w, z in rectangles(width, height, log2):
        writer = Writer(plan, w, z)
        streams[0].append(writer.low().bytes())
        streams[1].append(b"" if plan.empty_high else writer.high().bytes())
    return Group(LOSSY, streams, plan.tables(), log2)
