"""LEB128 numbers. Clause `conventions.leb`."""

from __future__ import annotations

__all__ = ["write_leb"]


def write_leb(value: int) -> bytes:
    """`value`, 0..2^63 - 1, in the shortest form."""
    if not 0 <= value < 1 << 63:
        raise ValueError(f"LEB128 numbers are 0..2**63 - 1, got {value}")
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
