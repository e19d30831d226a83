"""What borders tell of a block's coefficients. Chapter 8, `lossy.estimate` to `lossy.sign`."""

from __future__ import annotations

from collections.abc import Callable

from conformance.author.bits import Rans, table
from conformance.author.lossy import HEIGHT, LIMIT, WIDTH, histogram, rank
from conformance.author.lossy_squares import Block, Plane


def cosine(n: int, k: int, x: int) -> int:
    return table("lossy-dct.txt")[(n * n - 1) // 3 + n * k + x]


def scale(n: int) -> int:
    """1 << P(n)."""
    return {16: 1024, 32: 512}.get(n, 2048)


def as_spectrum(line: list[int]) -> list[int]:
    """Clause `lossy.estimate`; of nothing: nothing."""
    n = len(line)
    return [
        sum(cosine(n, k, x) * a for x, a in enumerate(line)) // (scale(n) * n)
        for k in range(min(n, 8))
    ]


def on_border(c: int, across: int) -> int:
    return c * 181 // 128 if across else c


class Corner:
    """Of a block with corner: the spectra of the squares above and left, less what is known."""

    def __init__(self, above: list[int], left: list[int], size: int, whole: int) -> None:
        self.above, self.left, self.size = as_spectrum(above), as_spectrum(left), size
        self.known(0, 0, whole)

    def known(self, u: int, v: int, c: int) -> None:
        if self.above:
            self.above[u] -= on_border(c, v)
        if self.left:
            self.left[v] -= on_border(c, u)

    def estimate(self, u: int, v: int) -> int:
        row = 25 * self.size - 25 + 5 * min(v, 4) + min(u, 4)
        weights = table("lossy-corner-estimates.txt")[2 * row : 2 * row + 2]
        above = weights[0] * self.above[u] if self.above else 0
        return above + (weights[1] * self.left[v] if self.left else 0)


class Sides:
    """Of a block's levels beyond its corner: above, left, below, right. Clause `lossy.borders`.

    A side that is not there is None.
    """

    def __init__(self, width: int, height: int, sides: list[list[int] | None], way: int) -> None:
        self.reach = min(4 * width, 8), min(4 * height, 8)
        self.way = way
        self.sides = [None if side is None else side + [0] * 8 for side in sides]
        self.given = [0] * 8, [0] * 8

    def known(self, u: int, v: int, c: int) -> None:
        for axis, (along, across) in enumerate(((u, v), (v, u))):
            if along >= self.reach[axis]:
                continue
            near = on_border(c, across)
            far = near * (-1) ** across
            self.given[axis][along] += far
            for side, change in ((self.sides[axis], near), (self.sides[axis + 2], far)):
                if side is not None:
                    side[along] -= change

    def has(self, u: int, v: int) -> bool:
        return u < self.reach[0] and v < self.reach[1] and u + v <= 7

    def estimate(self, u: int, v: int) -> int:
        row = 25 * (self.way > 0) + 5 * min(v, 4) + min(u, 4)
        weights = table("lossy-level-estimates.txt")[4 * row : 4 * row + 4]
        total = 0
        for n, side in enumerate(self.sides):
            along, across = (v, u) if n % 2 else (u, v)
            if side is not None:
                total += weights[n] * side[along] * (-1 if n >= 2 and across % 2 else 1)
        return total

    def line(self, axis: int, squares: int) -> list[int]:
        """Four values a square of the border below (0) or right (1). Clause `lossy.lines`."""
        n = 4 * squares
        half = scale(n) // 2
        given = self.given[axis][: self.reach[axis]]
        return [
            (sum(g * cosine(n, k, x) for k, g in enumerate(given)) + half) // scale(n)
            for x in range(n)
        ]


def sides_of(plane: Plane, block: Block, step: Callable[[int, int], int]) -> Sides | None:
    """Clause `lossy.borders`; None where nothing is estimated. step: at a place (u, v)."""
    i, j, shape = block
    w, h = WIDTH[shape], HEIGHT[shape]
    way = plane.way[i][j]
    if plane.end[i][j] == 0:
        return None
    known = plane.levels[plane.number[i][j]]
    if way:
        sides = Sides(w, h, [[0], [0], [0], [0]], way)
        for (u, v), level in known.items():
            if u >= w or v >= h:
                sides.known(u, v, coefficient(level, step(u, v)))
        return sides
    around = [
        [v for y, x in plane.above(block) for v in plane.below_line[y, x]],
        [v for y, x in plane.left(block) for v in plane.right_line[y, x]],
        [plane.d[i + h][x] for x in range(j, j + w)] if i + h < plane.rows else [],
        [plane.d[y][j + w] for y in range(i, i + h)] if j + w < plane.columns else [],
    ]
    sides = Sides(w, h, [as_spectrum(line) if line else None for line in around], 0)
    sides.known(0, 0, plane.mean[plane.number[i][j]])
    for (u, v), level in known.items():
        sides.known(u, v, coefficient(level, step(u, v)))
    return sides


def put_lines(plane: Plane, block: Block, sides: Sides | None) -> None:
    """Clause `lossy.lines`."""
    i, j, shape = block
    w, h = WIDTH[shape], HEIGHT[shape]
    if sides is None or sides.way:
        below = [plane.d[i + h - 1][j + n // 4] for n in range(4 * w)]
        right = [plane.d[i + n // 4][j + w - 1] for n in range(4 * h)]
    else:
        below, right = sides.line(0, w), sides.line(1, h)
    for x in range(w):
        plane.below_line[i + h - 1, j + x] = below[4 * x : 4 * x + 4]
    for y in range(h):
        plane.right_line[i + y, j + w - 1] = right[4 * y : 4 * y + 4]


def coefficient(level: int, step: int) -> int:
    """Clause `lossy.coefficient`."""
    return max(-LIMIT, min((level * step + 8) // 16, LIMIT))


def trust(estimate: int, step: int, level: int, e: int) -> int:
    """Clause `lossy.sureness`."""
    ratio = 512 * abs(estimate) * min(abs(level), 8) // (step * (e + 26))
    return rank("sign", min(ratio, 255))


def put_sign(rans: Rans, row: int, estimate: int, step: int, level: int, e: int) -> None:
    """Clause `lossy.sign`."""
    sure = trust(estimate, step, level, e)
    as_estimated = (level < 0) == (estimate < 0)
    rans.symbol(histogram("sign", 2, 16 * row + sure), 0 if as_estimated else 1)
