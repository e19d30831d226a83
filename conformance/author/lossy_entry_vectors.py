"""Vectors of chapter 8 for entries of its tables that drawn pictures hardly come to: contexts that
ask for a great estimate where little is there, or for a block's place among others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.author.draw import Draw
from conformance.author.lossy import YCBCR, Plan, away, places, whole_root
from conformance.author.lossy_block_vectors import GRAY, uniform
from conformance.author.lossy_season_vectors import seasons
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

PASSES, LEVELS, CORNERS = 79, 54, 5
"""Seeds, by trying."""


def vectors() -> Iterator[Vector]:
    yield Vector(
        "lossy/entries-passes",
        file_of(passes(PASSES), 160, 96),
        ("lossy.passes", "lossy.level"),
        "8x8 and 16x16 in two passes, some of them quiet but for where they end",
    )
    yield Vector(
        "lossy/entries-passes-16x16",
        file_of(seasons(6, passes=2, empty_passes=(1,), choice=uniform(3)), 96, 64),
        ("lossy.passes", "lossy.level"),
        "levels beside others in the first of two passes, 16x16 alone",
    )
    yield Vector(
        "lossy/entries-levels",
        file_of(levels(LEVELS), 96, 64),
        ("lossy.level", "lossy.dc", "lossy.map"),
        "8x8 of all amplitudes, under a map of levels 3 to 6",
    )
    yield Vector(
        "lossy/entries-corners",
        file_of(corners(CORNERS), 256, 128),
        ("lossy.corner", "lossy.sureness"),
        "64x64: middling levels of component 1, and little in component 2",
        scale=8,
    )
    yield from partitions()
    yield far()


def passes(seed: int) -> Plan:
    plan = seasons(seed, passes=2, choice=lambda level, i, j: small(seed, level, i, j))

    def quiet(i: int, j: int) -> bool:
        return Draw(hash_of(seed, 49, i // 2, j // 2)).below(3) == 0

    def end(c: int, i: int, j: int) -> int:
        return 5 if quiet(i, j) else Draw(hash_of(seed, 48, c, i, j)).below(15)

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        return 0 if quiet(i, j) else plan.level(c, i, j, p, n)

    return replace(plan, end=end, level=level)


def small(seed: int, level: int, i: int, j: int) -> int:
    """8x8, and one in eight 16x16."""
    return int(level == 2 and Draw(hash_of(seed, 43, i, j)).below(8) == 0)


def levels(seed: int) -> Plan:
    return seasons(
        seed,
        choice=uniform(0),
        map_level=lambda i, j: Draw(hash_of(seed, 46, i, j)).between(3, 6),
        end=lambda c, i, j: Draw(hash_of(seed, 48, c, i, j)).below(34),
    )


def corners(seed: int) -> Plan:
    plan = seasons(seed, choice=uniform(7), empty_high=True)

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        if c == 1 and p in (1, 2):
            return Draw(hash_of(seed, 50, i, j, p)).between(38, 52)
        return plan.level(c, i, j, p, n) // (1 if c == 0 else 8)

    def residual(c: int, i: int, j: int) -> int:
        return plan.residual(c, i, j) if c == 0 else Draw(hash_of(seed, 51, c, i, j)).between(-9, 9)

    return replace(plan, level=level, residual=residual)


def partitions() -> Iterator[Vector]:
    """The last of four tiles is split, beside 64x64 on the left and 64x64, or 32x32, above."""
    for base, above, last in ((300, 7, 1), (2500, 6, 2), (5000, 7, 1)):

        def choice(level: int, i: int, j: int, above: int = above, last: int = last) -> int:
            if i < 8 or j < 8:
                return uniform(above if i < 8 <= j else 7)(level, i, j)
            return last if level == 2 else 0

        plan = Plan(
            base=base,
            choice=choice,
            residual=lambda c, i, j: (i + 2 * j) % 7 - 3,
            empty_high=True,
            **GRAY,
        )
        yield Vector(
            f"lossy/entries-partition-{base}",
            file_of(plan, 128, 128),
            ("lossy.partition", "lossy.shapes"),
            f"blocks of 16 samples below one of 64 or 32 and beside one of 64, base step {base}",
            scale=8,
        )


def far() -> Vector:
    """The levels of two radii near the end of the second curve."""

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        radius = whole_root(away(7, *places(7)[p])) if p >= n else 0
        return 9 if c == 1 and radius in (86, 87) else 0

    plan = Plan(
        transform=YCBCR,
        base=4000,
        choice=uniform(7),
        map_level=lambda i, j: 0,
        end=lambda c, i, j: (0, 33, 11)[c],
        level=level,
    )
    return Vector(
        "lossy/entries-far",
        file_of(plan, 64, 64),
        ("lossy.steps", "lossy.end"),
        "the far levels of component 1; the ends of component 2 that follow",
    )
