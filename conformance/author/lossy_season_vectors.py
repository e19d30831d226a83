"""Vectors of chapter 8 in which each block has an amplitude and a density of its own, so that its
contexts are of all classes; together they use most entries of the maps and histograms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.author.draw import Draw
from conformance.author.lossy import NONE, Plan
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

AMPLITUDES = (1, 1, 2, 3, 5, 9, 16, 40, 130, 700)
LOW = (3, 12, 19)
HIGH = ((102, 1), (109, 2), (110, 3), (116, 3), (119, 3), (121, 2), (122, 3), (123, 1))
WAYS = (200, 201, 204, 206, 208)
"""Seeds, and numbers of passes; those of many tried that reach most."""


def vectors() -> Iterator[Vector]:
    for seed in LOW:
        yield Vector(
            f"lossy/seasons-low-{seed}",
            file_of(seasons(seed, empty_high=True), 512, 384),
            ("lossy.corner", "lossy.dc", "lossy.sign", "lossy.partition"),
            "residuals and corners of all amplitudes, beside all others",
            scale=8,
        )
    for seed, passes in HIGH:
        yield Vector(
            f"lossy/seasons-high-{seed}",
            file_of(seasons(seed, passes=passes), 96, 64),
            ("lossy.level", "lossy.end", "lossy.direction", "lossy.passes"),
            "levels, ends and directions of all amplitudes, beside all others",
        )
    for seed in WAYS:
        plan = seasons(seed, components=1, end=lambda c, i, j: 0 if (i + j) % 3 else 9)
        yield Vector(
            f"lossy/seasons-ways-{seed}",
            file_of(plan, 256, 256),
            ("lossy.direction", "lossy.end", "lossy.predict"),
            "few levels, and directions beside all others",
        )


def seasons(seed: int, **more: Any) -> Plan:
    """Drawn values, each block's of its own amplitude; alike in all components, or not."""

    def season(c: int, i: int, j: int, kind: int) -> tuple[int, int]:
        """Amplitude and density, of a hundred."""
        common = Draw(hash_of(seed, 40, kind, i // 4, j // 4)).below(2)
        draw = Draw(hash_of(seed, 41, kind, 0 if common else c, i, j))
        return AMPLITUDES[draw.below(len(AMPLITUDES))], (1, 4, 12, 35, 80)[draw.below(5)]

    def drawn(c: int, i: int, j: int, p: int, kind: int) -> int:
        amplitude, density = season(c, i, j, kind)
        draw = Draw(hash_of(seed, 42, c, i, j, p))
        if draw.below(100) >= density:
            return 0
        sign = 1 if draw.below(8) and season(c, i, j, 9)[1] > 4 else -1
        return sign * draw.between(1, amplitude)

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        return drawn(c, i, j, p, 1 if p < n else 2)

    def choice(level: int, i: int, j: int) -> int:
        draw = Draw(hash_of(seed, 43, level, i, j))
        return draw.below(4) if level else int(draw.below(9) == 0)

    def direction(i: int, j: int) -> int:
        one = Draw(hash_of(seed, 44, i // 8, j // 8))
        few = one.below(17), one.below(17), 0
        draw = Draw(hash_of(seed, 45, i, j))
        return few[draw.below(3)] if draw.below(3) else draw.below(17)

    def end(c: int, i: int, j: int) -> int:
        draw = Draw(hash_of(seed, 47, c, i, j))
        return 12 + draw.below(22) if draw.below(3) else draw.below(34)

    given: dict[str, Any] = {
        "transform": NONE,
        "base": (60, 300, 1200, 5000)[seed % 4],
        "choice": choice,
        "map_level": lambda i, j: Draw(hash_of(seed, 46, i, j)).below(13),
        "residual": lambda c, i, j: drawn(c, i, j, 0, 0),
        "end": end,
        "direction": direction,
        "level": level,
        **more,
    }
    return Plan(**given)
