"""What borders tell of coefficients and signs. `lossy.estimate`, `lossy.borders`, `lossy.sign`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .conventions import table, table_rows
from .lossy_blocks import Block, Component, Place, Segment
from .lossy_tables import log2
from .rans import Rans, histograms
from .transform_colour import cosines, precision


def spectrum(line: Sequence[int], count: int) -> list[int]:
    """The first numbers of the spectrum of a line. Clause `lossy.estimate`."""
    n = len(line)
    shift = precision(n) + log2(n)
    return [
        sum(value * factor for value, factor in zip(line, row, strict=True)) >> shift
        for row in cosines(n)[:count]
    ]


def share(c: int, order: int) -> int:
    """What a coefficient gives to a border."""
    return c if order == 0 else (181 * c) >> 7


@dataclass
class CornerBorders:
    """The borders above and left of a block as far as its corner does not give them yet.

    None where there is no block.
    """

    top: list[int] | None
    left: list[int] | None

    @classmethod
    def of(cls, component: Component, block: Block) -> CornerBorders:
        d = component.d
        top = spectrum([d[at] for at in block.above], block.w) if block.above else None
        left = spectrum([d[at] for at in block.left], block.h) if block.left else None
        borders = cls(top, left)
        borders.take(0, 0, block.mean)
        return borders

    def take(self, u: int, v: int, c: int) -> None:
        """Coefficient (u, v) is known."""
        if self.top is not None:
            self.top[u] -= share(c, v)
        if self.left is not None:
            self.left[v] -= share(c, u)

    def estimate(self, block: Block, u: int, v: int) -> int:
        """Of coefficient (u, v), in 1/256."""
        row = 25 * (block.size - 1) + 5 * min(v, 4) + min(u, 4)
        weights = table_rows("lossy-corner-estimates.txt", 2)[row]
        top = self.top[u] if self.top is not None else 0
        left = self.left[v] if self.left is not None else 0
        return weights[0] * top + weights[1] * left


Lines = dict[Place, list[int]]  # of a square: four values


@dataclass
class BlockBorders:
    """The borders of a block, for its levels beyond the corner. Clause `lossy.borders`.

    A side is there or not (above, left, below, right); `own` is what the block gives to the lower
    and the right border.
    """

    w: int
    h: int
    predicted: bool
    there: list[bool]
    sides: list[list[int]]
    own: list[list[int]]

    @classmethod
    def of(cls, segment: Segment, c: int, block: Block, lines: tuple[Lines, Lines]) -> BlockBorders:
        d = segment.components[c].d
        w, h = min(4 * block.w, 8), min(4 * block.h, 8)
        sides = [[0] * w, [0] * h, [0] * w, [0] * h]
        own = [[0] * w, [0] * h]
        coefficients = segment.own(c, block)
        inside = {(u, v) for u in range(block.w) for v in range(block.h)}
        if block.direction:
            borders = cls(w, h, True, [True] * 4, sides, own)
            for u, v in block.level.keys() - inside:
                borders.take(u, v, coefficients[v][u])
            return borders
        below = [(block.i + block.h, block.j + x) for x in range(block.w)]
        right = [(block.i + y, block.j + block.w) for y in range(block.h)]
        there = [bool(block.above), bool(block.left), below[0] in d, right[0] in d]
        if there[0]:
            sides[0] = spectrum([a for at in block.above for a in lines[0][at]], w)
        if there[1]:
            sides[1] = spectrum([a for at in block.left for a in lines[1][at]], h)
        for side, squares in ((2, below), (3, right)):
            if there[side]:
                found = spectrum([d[at] for at in squares], len(squares))
                sides[side][: len(found)] = found
        borders = cls(w, h, False, there, sides, own)
        for u, v in block.level.keys() | inside:
            borders.take(u, v, coefficients[v][u])
        return borders

    def take(self, u: int, v: int, c: int) -> None:
        """Coefficient (u, v) is known."""
        if u < self.w:
            self.sides[0][u] -= share(c, v)
            given = -share(c, v) if v % 2 else share(c, v)
            self.sides[2][u] -= given
            self.own[0][u] += given
        if v < self.h:
            self.sides[1][v] -= share(c, u)
            given = -share(c, u) if u % 2 else share(c, u)
            self.sides[3][v] -= given
            self.own[1][v] += given

    def estimates(self, u: int, v: int) -> bool:
        """Whether there is an estimate of this place."""
        return u + v < 8 and u < self.w and v < self.h

    def estimate(self, u: int, v: int) -> int:
        row = (25 if self.predicted else 0) + 5 * min(v, 4) + min(u, 4)
        weights = table_rows("lossy-level-estimates.txt", 4)[row]
        above, left, below, right = self.sides
        terms = [
            above[u],
            left[v],
            -below[u] if v % 2 else below[u],
            -right[v] if u % 2 else right[v],
        ]
        return sum(
            weight * term
            for weight, term, there in zip(weights, terms, self.there, strict=True)
            if there
        )


def put_lines(
    component: Component, block: Block, borders: BlockBorders | None, lines: tuple[Lines, Lines]
) -> None:
    """The lower and the right border for the blocks that follow. Clause `lossy.lines`."""
    bottom, right = block.squares[-block.w :], block.squares[block.w - 1 :: block.w]
    for squares, line, own in zip(
        (bottom, right), lines, borders.own if borders else (None, None), strict=True
    ):
        if own is None:
            for at in squares:
                line[at] = [component.d[at]] * 4
            continue
        n = 4 * len(squares)
        m, p = cosines(n), precision(n)
        for x in range(n):
            total = sum(own[k] * m[k][x] for k in range(len(own)))
            line.setdefault(squares[x // 4], [0] * 4)[x % 4] = (total + (1 << (p - 1))) >> p


def sureness(estimate: int, step: int, magnitude: int, e: int) -> int:
    """Clause `lossy.sureness`. No threshold is above the text's limit of 255."""
    ratio = 512 * abs(estimate) * min(magnitude, 8) // (step * (e + 26))
    return sum(1 for threshold in table("lossy-sign-thresholds.txt") if threshold <= ratio)


def decode_sign(rans: Rans, row: int, estimate: int, step: int, magnitude: int, e: int) -> int:
    """The level. Clause `lossy.sign`."""
    sure = sureness(estimate, step, magnitude, e)
    opposite = rans.symbol(histograms("lossy-sign-histograms.txt", 2)[16 * row + sure])
    return -magnitude if (estimate < 0) != (opposite == 1) else magnitude
