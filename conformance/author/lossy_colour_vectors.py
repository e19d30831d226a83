"""Vectors of chapter 7 whose planes lie where a colour transform and one beside it differ."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author.lossy import END, XYB, YCBCR, Plan
from conformance.author.lossy_block_vectors import uniform
from conformance.author.lossy_tie_vectors import found, plan_of
from conformance.author.lossy_vectors import file_of
from conformance.author.vector import Vector

KNOTS = [1024] * 6 + [32, 32]
"""Coarse steps that reach far, and fine ones at the last places, which make a sample exact."""


def vectors() -> Iterator[Vector]:
    for name, transform, depth, of in (
        ("xyb", XYB, 12, "12"),
        ("xyb", XYB, 11, "11"),
        ("xyb", XYB, 8, "8"),
        ("xyb", XYB, 12, "deep"),
        ("ycbcr", YCBCR, 12, "12"),
        ("ycbcr", YCBCR, 9, "9"),
    ):
        plan = plan_of(f"colour-{name}-{of}", base=64, curves=[KNOTS] * 3, transform=transform)
        plan.filtered = False
        columns = 1 + max(j for _, _, j in found()[f"colour-{name}-{of}"])
        yield Vector(
            f"lossy/colour-{name}-{of}",
            file_of(plan, 8 * columns, 8, depth=depth),
            (f"colour.{name}", "colour.srgb")[: 2 if transform == XYB else 1],
            "a channel at a threshold of the curve, in each block's first sample"
            if of == "deep"
            else "planes that a factor, an offset or a rounding beside the right one would show; "
            "each block's first sample",
        )
    for name, why in (
        ("least", "X beyond its least value"),
        ("most", "X of 32761, whose rounding shows"),
    ):
        levels = {c: at for (c, _, _), at in found()[f"colour-{name}"].items()}
        plan = Plan(
            transform=XYB,
            base=128,
            curves=[KNOTS] * 3,
            choice=uniform(3),
            residual=lambda c, i, j: levels.get(c, {}).get(0, 0),  # noqa: B023 - used at once
            end=lambda c, i, j: END.index(254) if c == 2 else 0,
            level=lambda c, i, j, p, n: levels.get(c, {}).get(p, 0),  # noqa: B023
        )
        yield Vector(
            f"lossy/colour-xyb-{name}",
            file_of(plan, 16, 16, depth=12),
            ("colour.xyb", "transform.inverse"),
            why,
        )
