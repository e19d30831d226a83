"""Vectors of chapter 8 in which other components follow the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.author.draw import Draw
from conformance.author.lossy import HEIGHT, NONE, WIDTH, XYB, YCBCR, Plan
from conformance.author.lossy_block_vectors import blocks, everywhere, uniform
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

CLAUSES = ("lossy.follow", "lossy.coefficient")
Value = Callable[[int, int, int], int]


def vectors() -> Iterator[Vector]:
    yield from shapes()
    yield from kinds()
    yield from extremes()


def together(seed: int, most: int, other: int, last: int) -> Value:
    """Residuals of component 0 are drawn, those of 1 and 2 so many times them, nearly."""

    def residual(c: int, i: int, j: int) -> int:
        first = Draw(hash_of(seed, 21, i, j)).between(-most, most)
        own = Draw(hash_of(seed, 22, c, i, j)).between(-1, 1)
        return first if c == 0 else (other if c == 1 else last) * first + own

    return residual


def dense(seed: int, most: int) -> Callable[[int, int, int, int, int], int]:
    """Levels of component 0 at nearly all places, fewer of the others, none in corners."""

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        draw = Draw(hash_of(seed, 23, c, i, j, p))
        if p < n or (c > 0 and draw.below(4)):
            return 0
        return draw.between(-most, most)

    return level


def shapes() -> Iterator[Vector]:
    for shape in range(8):
        w, h = 8 * WIDTH[shape], 8 * HEIGHT[shape]
        plan = Plan(
            transform=NONE,
            base=700,
            choice=uniform(shape),
            residual=together(800 + shape, 6, 1, -1),
            end=lambda c, i, j: 33 if c == 0 else (7 * i + 3 * j) % 20,
            level=dense(800 + shape, 2),
        )
        across, down = (2 * w, h) if shape == 7 else (3 * w - 5, 2 * h)
        yield Vector(
            f"lossy/follow-{w}x{h}",
            file_of(plan, across, down),
            CLAUSES,
            "component 1 rises with component 0, 2 falls: levels at the last places that are "
            "followed, and beyond",
        )


def kinds() -> Iterator[Vector]:
    for name, transform, components in (
        ("xyb", XYB, 3),
        ("ycbcr", YCBCR, 3),
        ("none-4", NONE, 4),
    ):
        plan = blocks(
            820 + components + transform,
            transform=transform,
            components=components,
            choice=everywhere,
            base=900,
            residual=together(820 + transform, 3, 1, -2),
        )
        yield Vector(
            f"lossy/follow-{name}",
            file_of(plan, 150, 72),
            CLAUSES,
            "a drawn partition",
            scale=2,
        )
    for passes in (1, 3):
        plan = predicted(
            830 + passes,
            transform=YCBCR,
            end=24,
            base=900,
            residual=together(830, 3, -1, 2),
            passes=passes,
        )
        yield Vector(
            f"lossy/follow-predicted-{passes}",
            file_of(plan, 75, 62),
            (*CLAUSES, "lossy.predict", "lossy.passes"),
            "predicted blocks follow what is coded of component 0",
        )
    plan = Plan(
        transform=NONE,
        base=900,
        choice=uniform(0),
        residual=lambda c, i, j: 5,
        end=lambda c, i, j: 33,
        level=dense(840, 3),
    )
    yield Vector("lossy/follow-alone", file_of(plan, 8, 8), CLAUSES, "one square: no pair")


def extremes() -> Iterator[Vector]:
    for shape in (0, 3):
        w, h = WIDTH[shape], HEIGHT[shape]
        for name, factor, last in (("steep", 9, -9), ("flat", 0, 1)):
            plan = Plan(
                transform=NONE,
                base=6000 if factor else 400,
                choice=uniform(shape),
                residual=together(850 + shape, 5, factor, last),
                end=lambda c, i, j: 20 if c == 0 else 0,
                level=dense(850 + shape, 3),
            )
            yield Vector(
                f"lossy/follow-{name}-{8 * w}x{8 * h}",
                file_of(plan, 24 * w, 16 * h),
                CLAUSES,
                "slopes beyond both limits, and near 0",
            )
    for shape in (0, 3, 6):
        w, h = WIDTH[shape], HEIGHT[shape]
        for name, base, m in (("limits", 65535, 12), ("fine", 1, 0)):
            yield Vector(
                f"lossy/follow-{name}-{8 * w}x{8 * h}",
                file_of(opposed(shape, base, m), 16 * w, 16 * h),
                CLAUSES,
                "values and levels at their limits, followed in both directions",
            )


def opposed(shape: int, base: int, m: int) -> Plan:
    """Means and levels of all components as far as they go, of one sign in every other block."""
    w, h = WIDTH[shape], HEIGHT[shape]

    def turn(c: int, i: int, j: int) -> int:
        return 1 - 2 * ((i // h + j // w) % 2) if c < 2 else 2 * ((i // h + j // w) % 2) - 1

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        if p < n or (c > 0 and p % 3 == 0):
            return 0
        return 32767 * turn(c, i, j) * (1 - 2 * (p % 2))

    return Plan(
        transform=NONE,
        base=base,
        choice=uniform(shape),
        map_level=lambda i, j: m,
        residual=lambda c, i, j: 32767 * turn(c, i, j),
        end=lambda c, i, j: 20,
        level=level,
    )
