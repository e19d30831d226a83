"""Vectors of chapter 8 whose contexts lie at their limits: sizes of 255, estimates of 4095, slopes
that are small where what follows them is great."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.author.draw import Draw
from conformance.author.lossy import END, HEIGHT, NONE, WIDTH, Plan
from conformance.author.lossy_block_vectors import GRAY, uniform
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

MODEL = ("lossy.level", "lossy.profile", "lossy.sureness", "lossy.sign")


def vectors() -> Iterator[Vector]:
    yield from levels()
    yield from corners()
    yield from means()
    yield from slopes()
    yield from curves()
    yield from others()


def drawn_levels(
    seed: int, great: int, small: int, least: int = 180, most: int = 400
) -> Callable[[int, int, int, int, int], int]:
    """So many of a hundred levels are great, so many 1 to 3."""

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        draw = Draw(hash_of(seed, 31, c, i, j, p))
        kind, sign = draw.below(100), 1 - 2 * draw.below(2)
        if kind < great:
            return sign * draw.between(least, most)
        return sign * draw.between(1, 3) if kind < great + small else 0

    return level


def levels() -> Iterator[Vector]:
    kinds: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = [
        ("sparse-8x8", 0, {"great": 4, "small": 12}, {}),
        ("sparse-16x16", 3, {"great": 2, "small": 8}, {}),
        ("sparse-32x32", 6, {"great": 1, "small": 4}, {}),
        ("sparse-passes", 3, {"great": 2, "small": 8}, {"passes": 3}),
        ("mixed-8x8", 0, {"great": 30, "small": 65, "least": 20, "most": 60}, {}),
    ]
    for number, (name, shape, given, more) in enumerate(kinds):
        plan = Plan(
            base=300,
            choice=uniform(shape),
            end=lambda c, i, j: 33,
            level=drawn_levels(2003 + number, **given),  # by trying
            **GRAY,
            **more,
        )
        yield Vector(
            f"lossy/contexts-{name}",
            file_of(plan, 128, 96),
            MODEL,
            "great levels among small ones: sizes at 255, estimates at 4095",
        )


def corners() -> Iterator[Vector]:
    for number, (name, shape, given) in enumerate(
        (
            ("sparse-64x64", 7, {"great": 3, "small": 10}),
            ("mixed", 6, {"great": 45, "small": 45, "least": 20, "most": 60}),
            ("mixed-64x64", 7, {"great": 45, "small": 45, "least": 20, "most": 60}),
        )
    ):
        plan = Plan(
            base=300,
            choice=uniform(shape),
            residual=lambda c, i, j: Draw(hash_of(1011, c, i, j)).between(-40, 40),
            level=drawn_levels(1010 + number, **given),
            empty_high=True,
            transform=NONE,
        )
        yield Vector(
            f"lossy/contexts-corner-{name}",
            file_of(plan, 512, 256),
            ("lossy.corner", "lossy.sureness", "lossy.sign"),
            "the same in corners",
            scale=8,
        )


def means() -> Iterator[Vector]:
    for number, shape in enumerate((0, 3, 6)):

        def residual(c: int, i: int, j: int, number: int = number) -> int:
            draw = Draw(hash_of(1020 + number, c, i, j))
            if draw.below(5) == 0:
                return draw.between(-90, 90)
            return draw.between(-3, 3)

        plan = Plan(
            base=700, choice=uniform(shape), residual=residual, empty_high=True, transform=NONE
        )
        yield Vector(
            f"lossy/contexts-mean-{8 * WIDTH[shape]}x{8 * HEIGHT[shape]}",
            file_of(plan, 384, 256),
            ("lossy.dc",),
            "few great residuals among small ones",
            scale=8,
        )


def slopes() -> Iterator[Vector]:
    """A row of blocks whose means rise and fall together, and one great level of component 0."""
    for seed in range(4):

        def residual(c: int, i: int, j: int, seed: int = seed) -> int:
            first = Draw(hash_of(1030 + seed, j)).between(-1600, 1600)
            draw = Draw(hash_of(1040 + seed, c, j))
            return first if c == 0 else first * draw.between(3, 9) // 6 + draw.between(-60, 60)

        plan = Plan(
            transform=NONE,
            base=64,
            curves=[[32, *[60000] * 7]] * 3,
            choice=uniform(0),
            residual=residual,
            end=lambda c, i, j: END.index(5) if c == 0 else 0,
            level=lambda c, i, j, p, n: (60, -60, 55, -55)[(j + p) % 4] if c == 0 else 0,
        )
        yield Vector(
            f"lossy/follow-gentle-{seed}",
            file_of(plan, 816, 8),
            ("lossy.follow",),
            "gentle slopes, and what follows them is great: slopes off by one show",
        )


def curves() -> Iterator[Vector]:
    """The last place of a block of 64x64 alone has radius 89."""
    knots: list[tuple[str, Any]] = [("plain", 0), ("root", 1), ("knots", [[900, *[40] * 6, 9000]])]
    for name, given in knots:
        plan = Plan(
            base=4000,
            curves=given,
            choice=uniform(7),
            end=lambda c, i, j: 33,
            level=lambda c, i, j, p, n: 30 if p == 4095 else 0,
            **GRAY,
        )
        yield Vector(
            f"lossy/curves-last-{name}",
            file_of(plan, 64, 64, depth=12),
            ("lossy.curves", "lossy.steps", "lossy.scan"),
            "a level at the last place of a block of 64x64",
        )


def others() -> Iterator[Vector]:
    plan = predicted(1050, passes=2, empty_passes=(0,), base=900, **GRAY)
    yield Vector(
        "lossy/passes-first-empty",
        file_of(plan, 40, 24),
        ("lossy.passes", "lossy.high"),
        "an empty first pass: in the second no block has a level",
    )
    plan = predicted(1061, base=900, levels=60, end=34, **GRAY)
    yield Vector(
        "lossy/predict-textured",
        file_of(plan, 128, 96, depth=12),
        ("lossy.edge", "lossy.predict"),
        "strong texture at the ends of edges",
    )
