"""The tables of a lossy group. Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.container.decoder.varint import read_leb
from pil_dctz.container.syntax import GroupShape
from pil_dctz.errors import DamagedError, UnsupportedError
from pil_dctz.lossy.steps import (
    KNOT_RADII,
    curve_of_knots,
    flat_curve,
    half_curve,
    step_curve,
    step_gains,
)
from pil_dctz.lossy.syntax import MAP_LEVELS, MAX_BASE, Curves, LossyTables

__all__ = ["parse_tables"]

_CHANNELS = {
    ColourTransform.XYB: (1, 3),
    ColourTransform.YCBCR: (3,),
    ColourTransform.NONE: (1, 3, 4),
}


class _Reader:
    """Bytes taken from the front; running out of them is damage of the clause at hand."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.position = 0

    def byte(self, clause: str) -> int:
        if self.position >= len(self.blob):
            raise DamagedError("lossy tables end too early", offset=self.position, clause=clause)
        self.position += 1
        return self.blob[self.position - 1]

    def value(self, clause: str) -> int:
        """A LEB128 number of 1..65535 in its shortest form."""
        value, end = read_leb(self.blob, self.position)
        if end < 0:
            raise DamagedError("lossy tables end too early", offset=self.position, clause=clause)
        if end == 0 or not 1 <= value <= MAX_BASE:
            raise DamagedError(
                f"a step must be 1..{MAX_BASE}, shortest form", offset=self.position, clause=clause
            )
        self.position = end
        return value


def parse_tables(blob: bytes, shape: GroupShape) -> LossyTables:
    """Parse the tables of a lossy group of this shape.

    Raises DamagedError, or UnsupportedError for depths and tools that this version does not
    define. Offsets count from the start of `blob`.
    """
    if not 8 <= shape.depth <= 12:
        raise UnsupportedError(f"lossy depth {shape.depth}", offset=0, clause="lossy.tables")
    reader = _Reader(bytes(blob))
    flags = reader.byte("lossy.tables")
    if flags & 3 == 3:
        raise DamagedError("colour transform 3", offset=0, clause="lossy.tables")
    if flags & 32 and flags & 12:
        raise DamagedError(
            "a partition with sampling or explicit tables", offset=0, clause="lossy.tables"
        )
    if flags & 96 == 64:
        raise DamagedError("directions without a partition", offset=0, clause="lossy.tables")
    if flags & 132 == 132:
        raise DamagedError("curves with explicit tables", offset=0, clause="lossy.tables")
    colour = ColourTransform(flags & 3)
    if shape.channels not in _CHANNELS[colour]:
        raise DamagedError(
            f"colour transform {colour.name} with {shape.channels} channels",
            offset=0,
            clause="lossy.tables",
        )
    factors = ((1, 1),) * shape.channels
    if flags & 8:
        factors = tuple(_parse_factors(reader) for _ in range(shape.channels))
    base, curves = 0, Curves.TABLE
    if flags & 4:
        curve = _parse_explicit(reader, shape.channels)
        gains = np.full((MAP_LEVELS, 7), 1 << 37, np.int64)
    else:
        base = reader.value("lossy.tables")
        wanted = range(shape.channels)
        rows = tuple(0 if colour == ColourTransform.NONE else c for c in wanted)
        if flags & 128:
            curves, curve = _parse_curves(reader, rows)
        else:
            curve = step_curve(rows)
        gains = step_gains(base)
    if reader.position != len(blob):
        raise DamagedError(
            f"{len(blob) - reader.position} bytes after the lossy tables",
            offset=reader.position,
            clause="lossy.tables",
        )
    return LossyTables(
        colour,
        factors,
        base,
        curve,
        gains,
        partition=bool(flags & 32),
        filtered=bool(flags & 16),
        directions=bool(flags & 64),
        curves=curves,
        depth=shape.depth,
    )


def _parse_factors(reader: _Reader) -> tuple[int, int]:
    byte = reader.byte("lossy.sampling")
    if byte > 3:
        raise DamagedError(
            f"sampling byte {byte}", offset=reader.position - 1, clause="lossy.sampling"
        )
    return 1 + (byte & 1), 1 + (byte >> 1)


def _parse_curves(reader: _Reader, rows: tuple[int, ...]) -> tuple[Curves, NDArray[np.int32]]:
    """The curves field and what it means for components that take these rows of the table."""
    kind = reader.byte("lossy.curves")
    if kind > Curves.KNOTS:
        raise UnsupportedError(
            f"curves {kind} of a later version", offset=reader.position - 1, clause="lossy.curves"
        )
    if kind == Curves.FLAT:
        return Curves.FLAT, flat_curve(len(rows))
    if kind == Curves.HALF:
        return Curves.HALF, half_curve(rows)
    knots = [[reader.value("lossy.curves") for _ in KNOT_RADII] for _ in rows]
    return Curves.KNOTS, curve_of_knots(knots)


def _parse_explicit(reader: _Reader, components: int) -> NDArray[np.int32]:
    """int32 (components, 64), in units."""
    steps = np.zeros((components, 64), np.int32)
    for c in range(components):
        same = reader.byte("lossy.explicit")
        if same > 1 or (same == 1 and c == 0):
            raise DamagedError(
                f"table kind {same} of component {c}",
                offset=reader.position - 1,
                clause="lossy.explicit",
            )
        if same:
            steps[c] = steps[c - 1]
        else:
            steps[c] = [reader.value("lossy.explicit") for _ in range(64)]
    return steps
