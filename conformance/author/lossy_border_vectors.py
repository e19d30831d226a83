"""Vectors of chapter 8 whose signs are told by borders: each class of sureness, each side there
or not, the greatest borders there can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.author.draw import Draw
from conformance.author.lossy import HEIGHT, NONE, WIDTH, Plan, places
from conformance.author.lossy_block_vectors import GRAY, blocks, everywhere, uniform
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

CLAUSES = (
    "lossy.estimate",
    "lossy.borders",
    "lossy.lines",
    "lossy.sureness",
    "lossy.sign",
)


def vectors() -> Iterator[Vector]:
    yield from pictures()
    yield from sides()
    yield from extremes()


def steep(most: int) -> Callable[[int, int, int, int, int], int]:
    """Levels that fall with the place, of drawn signs: from a few to many at the first places."""

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        draw = Draw(hash_of(11, c, i, j, p))
        limit = most * n // (p + 1)
        return draw.between(-limit, limit)

    return level


def pictures() -> Iterator[Vector]:
    for most in (3, 40):
        for base in (60, 2000):
            yield Vector(
                f"lossy/signs-{most}-{base}",
                file_of(predicted(most + base, base=base, level=steep(most)), 144, 72),
                CLAUSES,
                "blocks of all sizes, one in five not predicted, with estimates of all kinds",
            )
            plan = blocks(most + base + 1, base=base, choice=everywhere, level=steep(most))
            yield Vector(
                f"lossy/signs-plain-{most}-{base}",
                file_of(plan, 144, 72),
                CLAUSES,
                "the same without prediction",
            )


def sides() -> Iterator[Vector]:
    for shape in range(8):
        w, h = 8 * WIDTH[shape], 8 * HEIGHT[shape]
        for across, down in ((1, 1), (2, 1), (1, 2)):
            if shape == 7 and across + down > 2:
                continue
            plan = Plan(
                base=500,
                choice=uniform(shape),
                residual=lambda c, i, j: 5 * i - 3 * j - 4,
                end=lambda c, i, j: 12,
                level=steep(4),
                **GRAY,
            )
            yield Vector(
                f"lossy/signs-sides-{w}x{h}-{across}x{down}",
                file_of(plan, w * across, h * down),
                CLAUSES,
                "one block, or two: sides that there are and sides that there are not",
            )

    plan = blocks(5, base=800, choice=uniform(7), level=steep(6), end=1)
    yield Vector(
        "lossy/signs-corners-64",
        file_of(plan, 192, 128),
        ("lossy.estimate", "lossy.sureness", "lossy.sign"),
        "corners of blocks of 64 x 64 that have neighbours",
        scale=8,
    )


def turn(n: int) -> int:
    return 1 - 2 * (n % 2)


def extremes() -> Iterator[Vector]:
    for shape in (0, 3, 6):
        w, h = WIDTH[shape], HEIGHT[shape]
        for name, base, m in (("limits", 65535, 12), ("fine", 1, 0)):
            yield Vector(
                f"lossy/signs-{name}-{8 * w}x{8 * h}",
                file_of(opposed(shape, base, m), 16 * w, 16 * h),
                (*CLAUSES, "lossy.coefficient"),
                "borders as far apart as they can be",
                scale=2,
            )


def opposed(shape: int, base: int, m: int) -> Plan:
    """Levels at their limit: the same sign on the border below, and on the one to the right."""
    w, h = WIDTH[shape], HEIGHT[shape]

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        u, v = places(shape)[p]
        return 32767 * turn(i // h + j // w) * turn(v if c == 0 else u)

    return Plan(
        3,
        NONE,
        base=base,
        choice=uniform(shape),
        map_level=lambda i, j: m,
        residual=lambda c, i, j: 32767 * turn(i // h + j // w),
        end=lambda c, i, j: 33,
        level=level,
    )
