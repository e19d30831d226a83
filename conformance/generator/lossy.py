"""Lossy groups: drawn plans. `author.lossy_streams` writes them."""

from __future__ import annotations

from typing import Any

from conformance.author.fields import Group
from conformance.author.lossy import NONE, XYB, YCBCR, Plan
from conformance.author.lossy_block_vectors import blocks
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.generator.choose import Chooser

TRANSFORMS = {1: (XYB, NONE), 3: (XYB, XYB, YCBCR, NONE), 4: (NONE,)}


def drawn_plan(draw: Chooser, components: int) -> Plan:
    more: dict[str, Any] = {
        "components": components,
        "transform": draw.of(TRANSFORMS[components]),
        "base": draw.log_uniform(1, 65535),
        "size": draw.log_uniform(0, 3) if draw.one_in(2) else draw.log_uniform(1, 32767),
        "levels": draw.log_uniform(0, 4) if draw.one_in(2) else draw.log_uniform(1, 32767),
        "end": draw.between(1, 34) if draw.one_in(3) else draw.between(1, 16),
        "filtered": draw.one_in(2),
        "empty_high": draw.one_in(12),
        "passes": draw.between(1, 3),
    }
    if draw.one_in(4):
        more["empty_passes"] = tuple(draw.subset(range(more["passes"])))
    if draw.one_in(3):
        knots = [[draw.log_uniform(1, 65535) for _ in range(8)] for _ in range(components)]
        more["curves"] = draw.of((0, 1, knots))
    seed = draw.below(1 << 30)
    kind = draw.below(6)
    if kind >= 4:
        return predicted(seed, **more)
    if kind >= 2:
        return blocks(seed, **more)
    if draw.one_in(2):
        more["sampling"] = [draw.below(4) for _ in range(components)]
    if draw.one_in(3):
        more.pop("curves", None)
        most = draw.log_uniform(1, 65535)
        tables = [[draw.between(1, most) for _ in range(64)] for _ in range(components)]
        same = [c > 0 and draw.one_in(2) for c in range(components)]
        more["explicit"] = [
            None if alike else steps for alike, steps in zip(same, tables, strict=True)
        ]
    return drawn(seed, **more)


def drawn_group(
    draw: Chooser, size: tuple[int, int], components: int, log2: int, *, compact: bool
) -> tuple[Group, Plan]:
    plan = drawn_plan(draw, components)
    if compact:
        plan.passes, plan.empty_passes = 1, ()
    return lossy_group(plan, *size, log2), plan
