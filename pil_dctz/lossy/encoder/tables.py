"""The tables of a lossy group as bytes. Clause `lossy.tables`."""

from __future__ import annotations

from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.lossy.steps import KNOT_RADII
from pil_dctz.lossy.syntax import Curves, LossyTables

__all__ = ["write_tables"]


def write_tables(tables: LossyTables) -> bytes:
    """What `decoder.tables.parse_tables` reads back."""
    sampled = any(factor != (1, 1) for factor in tables.factors)
    flags = (
        int(tables.colour)
        | (not tables.has_map) << 2
        | sampled << 3
        | tables.filtered << 4
        | tables.partition << 5
        | tables.directions << 6
        | (tables.curves is not Curves.TABLE) << 7
    )
    out = bytearray([flags])
    if sampled:
        out += bytes((h - 1) | (v - 1) << 1 for h, v in tables.factors)
    if tables.has_map:
        out += write_leb(tables.base)
        if tables.curves is not Curves.TABLE:
            out.append(tables.curves)
        if tables.curves is Curves.KNOTS:
            out += b"".join(write_leb(int(v)) for v in tables.curve[:, KNOT_RADII].ravel())
        return bytes(out)
    for c in range(len(tables.factors)):
        table = tables.curve[c]
        if c > 0 and (table == tables.curve[c - 1]).all():
            out.append(1)
            continue
        out.append(0)
        for step in table:
            out += write_leb(int(step))
    return bytes(out)
