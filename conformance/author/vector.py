"""A vector before it is written: bytes, what they exercise, and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Vector:
    """One entry of the manifest.

    id: room/feature. clauses: what it exercises; of a refusal the first is the broken one.
    view: another entry that looks at the file of the vector `of` (region, scale, tolerant).
    """

    id: str
    data: bytes
    clauses: tuple[str, ...]
    why: str
    kind: str = "must"
    stage: str | None = None
    twin: str | None = None
    origin: str = "author"
    source: str = ""
    of: str | None = None
    region: tuple[int, int, int, int] | None = None
    scale: int = 1
    tolerant: bool = False


def refusal(
    id: str, data: bytes, clause: str, why: str, *, twin: str, stage: str, kind: str = "refuse"
) -> Vector:
    """A file that breaks one rule."""
    return Vector(id, data, (clause,), why, kind, stage, twin)


def view(
    of: Vector,
    name: str,
    why: str,
    *,
    region: tuple[int, int, int, int] | None = None,
    scale: int = 1,
) -> Vector:
    """The same file, decoded in part or smaller."""
    clauses = ("frame.region",) * (region is not None) + ("frame.scale",) * (scale > 1)
    if of.id.startswith("lossy") and scale > 1:
        clauses += ("transform.mean" if scale == 8 else "transform.inverse",)
    return Vector(
        f"{of.id}-{name}",
        of.data,
        clauses,
        why,
        origin=of.origin,
        of=of.id,
        region=region,
        scale=scale,
    )
