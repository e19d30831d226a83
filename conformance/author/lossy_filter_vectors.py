"""Vectors of chapter 8's filters: squares with an edge of every slope and height."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.author.draw import Draw
from conformance.author.lossy import XYB, Plan, places
from conformance.author.lossy_block_vectors import GRAY, blocks
from conformance.author.lossy_vectors import drawn, file_of, hash_of
from conformance.author.vector import Vector

TURNS = 16


def vectors() -> Iterator[Vector]:
    yield Vector(
        "lossy/dering-directions",
        file_of(edges(base=600, **GRAY), 8 * TURNS, 48),
        ("lossy.dering", "lossy.deblock"),
        "edges of sixteen slopes, noise beside them; six heights, flat squares among them",
    )
    yield Vector(
        "lossy/dering-colours",
        file_of(edges(base=900, transform=XYB), 8 * TURNS, 24),
        ("lossy.dering", "lossy.planes"),
        "three planes with edges: the first alone is filtered twice",
    )
    yield Vector(
        "lossy/dering-far",
        file_of(edges(base=65535, tall=400, steep=1, **GRAY), 8 * TURNS, 32),
        ("lossy.dering",),
        "gradients as great as they get",
    )
    yield Vector(
        "lossy/dering-fine",
        file_of(edges(base=30, tall=60, **GRAY), 8 * TURNS, 32),
        ("lossy.dering",),
        "fine steps: limits from 0 on",
    )
    for w, h in ((1, 1), (9, 3), (3, 17)):
        plan = drawn(900 + w, base=800, size=2, levels=2, end=8, filtered=True, **GRAY)
        yield Vector(
            f"lossy/dering-{w}x{h}",
            file_of(plan, w, h),
            ("lossy.dering", "lossy.planes"),
            "taps beyond the plane, which goes on to the end of its squares",
        )
    plan = blocks(905, base=500, size=2, levels=4, end=20, filtered=True, **GRAY)
    yield Vector(
        "lossy/dering-blocks",
        file_of(plan, 139, 75, 6),
        ("lossy.dering", "frame.segments"),
        "squares within larger blocks; no tap reaches into another segment",
    )


def edges(*, tall: int = 6, steep: int = 0, **more: Any) -> Plan:
    """Squares of 8x8: column j has an edge turned by j sixteenths of a circle, row i is its
    height; smaller noise besides."""

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        u, v = places(0)[p]
        turn = math.tau * j / TURNS
        noise = Draw(hash_of(910, c, i, j, p)).between(-1, 1) if p < 10 else 0
        # cos(x) - cos(3 * x) / 3 is steeper in the middle than cos(x).
        height = {1: tall * i // 3, 3: -steep * tall * i // 9}.get(u + v, 0)
        if v == 0:
            return noise + round(height * math.cos(turn))
        return noise + round(height * math.sin(turn)) if u == 0 else noise

    plan = drawn(911, size=1, level=level, filtered=True, **more)
    return replace(plan, end=lambda c, i, j: 8)
