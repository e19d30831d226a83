"""LEB128 numbers. Clause `conventions.leb`."""

from __future__ import annotations

__all__ = ["read_leb"]


def read_leb(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """The number that begins at `position`, and where it ends.

    The end is -1 if the bytes end inside the number, 0 if it is longer than its shortest form or
    than nine bytes.
    """
    value = 0
    for count in range(9):
        if position + count >= len(data):
            return 0, -1
        byte = data[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if byte == 0 and count > 0:
                return 0, 0
            return value, position + count + 1
    return 0, 0
