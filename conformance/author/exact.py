"""Plans of blocks of 8x8 that are given what a decoder comes to, not what it is sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from conformance.author.bits import table
from conformance.author.lossy import END, XYB, Plan, places

Means = Callable[[int, int, int], int]
Samples = Callable[[int, int, int], int]


def exact(means: Means, *, base: int = 2, **more: Any) -> Plan:
    """means(c, i, j): d of a square, a sample's 32 times; with base 2 each is met, with others as
    nearly as a step of base / 2 lets it.
    """
    unit = base // 2

    @cache
    def met(c: int, i: int, j: int) -> int:
        return guess(c, i, j) + unit * residual(c, i, j)

    def guess(c: int, i: int, j: int) -> int:
        """Clause `lossy.dc`."""
        if not (i or j):
            return 0
        left = met(c, i, j - 1) if j else met(c, i - 1, j)
        top = met(c, i - 1, j) if i else left
        corner = met(c, i - 1, j - 1) if i and j else left
        g = max(min(left, top), min(left + top - corner, max(left, top)))
        return (2 * g + left + top + 2) >> 2

    @cache
    def residual(c: int, i: int, j: int) -> int:
        return round((means(c, i, j) - guess(c, i, j)) / unit)

    given: dict[str, Any] = {"transform": XYB, "curves": 0, "base": base, **more}
    return Plan(residual=residual, **given)


def sampled(samples: Samples, *, base: int = 2, **more: Any) -> Plan:
    """samples(c, y, x) of the planes before all filters: each is met with base 2, where they are
    within 1000 or so; with greater ones steps are wider and limits farther.
    """
    unit = base // 2

    @cache
    def levels(c: int, i: int, j: int) -> tuple[int, ...]:
        """By scan position."""
        square = [[samples(c, 8 * i + y, 8 * j + x) for x in range(8)] for y in range(8)]
        return tuple(round(transformed(square, u, v) / unit) for u, v in places(0))

    def means(c: int, i: int, j: int) -> int:
        square = [[samples(c, 8 * i + y, 8 * j + x) for x in range(8)] for y in range(8)]
        return round(transformed(square, 0, 0))

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        return levels(c, i, j)[p]

    def end(c: int, i: int, j: int) -> int:
        last = max((p for p, value in enumerate(levels(c, i, j)) if p and value), default=0)
        return next(number for number, p in enumerate(END) if p >= last)

    return exact(means, base=base, level=level, end=end, **more)


def transformed(square: list[list[int]], u: int, v: int) -> float:
    """A coefficient whose inverse by `transform.inverse` is the square."""
    m = table("lossy-dct.txt")[21:85]
    across = [sum(s * m[8 * u + x] for x, s in enumerate(row)) for row in square]
    return sum(s * m[8 * v + y] for y, s in enumerate(across)) / (1 << 23)
