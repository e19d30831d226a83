"""Vectors of chapters 7 and 8 whose values lie on ties and at limits, where a rule and the one
beside it differ. Samples of 12 bits show what moves by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from conformance.author.draw import Draw
from conformance.author.lossy import END, XYB, Plan
from conformance.author.lossy_block_vectors import GRAY
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector

FOUND = Path(__file__).with_name("found.txt")
STEEP = [1, 65535, 1, 1, 1, 1, 1, 1]
"""Knots with which deblocking's step is as great as can be, and nearly all others are fine."""


def vectors() -> Iterator[Vector]:
    yield from filters()


@cache
def found() -> dict[str, dict[tuple[int, ...], dict[int, int]]]:
    """Levels by scan position, of component, row and column, by vector."""
    of: dict[str, dict[tuple[int, ...], dict[int, int]]] = defaultdict(dict)
    for line in FOUND.read_text("ascii").splitlines():
        if line[0] != "#":
            name, c, i, j, *pairs = line.split()
            split = (pair.split(":") for pair in pairs)
            of[name][int(c), int(i), int(j)] = {int(p): int(level) for p, level in split}
    return of


def plan_of(name: str, **more: Any) -> Plan:
    """Of the levels that were found. A mean is that of the block before it, and its own level 0."""
    squares = found()[name]

    def at(c: int, i: int, j: int, p: int) -> int:
        return squares.get((c, i, j), {}).get(p, 0)

    def residual(c: int, i: int, j: int) -> int:
        return at(c, i, j, 0) - (at(c, i, j - 1, 0) if j else 0)

    return Plan(
        residual=residual,
        end=lambda c, i, j: END.index(63),
        level=lambda c, i, j, p, n: at(c, i, j, p),
        filtered=True,
        **more,
    )


def filters() -> Iterator[Vector]:
    for name, columns, why in (
        ("dering-ties", 22, "directions of edges at the limits between two"),
        ("dering-weak", 24, "edges as strong as is just not enough"),
    ):
        yield Vector(
            f"lossy/{name}",
            file_of(plan_of(name, base=64, curves=0, **GRAY), 8 * columns, 8, depth=12),
            ("lossy.dering",),
            why,
        )
    for name, why in (
        ("bend-32767", "a bend at the greatest limit"),
        ("bend-32766", "a bend just below the greatest limit"),
        ("move", "moves beyond the greatest limit"),
    ):
        plan = plan_of(f"deblock-{name}", base=65535, curves=[STEEP], **GRAY)
        data = file_of(plan, 16, 8, depth=12)
        yield Vector(f"lossy/deblock-{name}", data, ("lossy.deblock",), why)
    for side in "pq":
        plan = plan_of(f"deblock-beyond-{side}", base=65535, curves=[STEEP] * 3, transform=XYB)
        yield Vector(
            f"lossy/deblock-beyond-{side}",
            file_of(plan, 16, 16, depth=12),
            ("lossy.deblock", "lossy.planes"),
            f"samples {side} of X moved to their limit, where green shows them",
        )
    plan = Plan(
        base=3000,
        curves=[STEEP],
        filtered=True,
        end=lambda c, i, j: END.index(37),
        level=lambda c, i, j, p, n: Draw(hash_of(1, i, j, p)).between(-2000, 2000) if p > 3 else 0,
        **GRAY,
    )
    yield Vector(
        "lossy/deblock-flat",
        file_of(plan, 128, 16, depth=12),
        ("lossy.deblock",),
        "bends at the limit of what is flat",
    )
    for number, (highest, often) in enumerate(((4, 6), (2, 12)), start=1):

        def level(c: int, i: int, j: int, p: int, n: int) -> int:
            draw = Draw(hash_of(0, i, j, p))
            there = p < 20 and draw.below(20) < often  # noqa: B023 - used at once
            return draw.between(-highest, highest) if there else 0  # noqa: B023

        plan = Plan(base=65535, curves=0, filtered=True, end=lambda c, i, j: 9, level=level, **GRAY)
        yield Vector(
            f"lossy/dering-steep-{number}",
            file_of(plan, 64, 16, depth=12),
            ("lossy.dering",),
            "gradients beyond their limit where samples show by how much",
        )
