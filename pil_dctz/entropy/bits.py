"""Bits of headers and small tables, read and written from Python. Clause `prefix.bits`.

Long streams use `bits_kernels`; both agree bit for bit.
"""

from __future__ import annotations

from pil_dctz.errors import DamagedError

__all__ = ["BitReader", "BitWriter"]


class BitReader:
    """Reads bits, least significant first, from bytes.

    data: bytes-like. start_byte: where to begin, 0..len(data).
    clause: named in the DamagedError that reading beyond the end raises.
    """

    def __init__(
        self, data: bytes | bytearray | memoryview, start_byte: int = 0, *, clause: str
    ) -> None:
        self._data = bytes(data)
        self._clause = clause
        self.position = 8 * start_byte  # bits from the start of data

    def read(self, count: int) -> int:
        """The next `count` bits (0 or more) as a number."""
        end = self.position + count
        if end > 8 * len(self._data):
            raise DamagedError("bits end too early", offset=len(self._data), clause=self._clause)
        first = self.position >> 3
        word = int.from_bytes(self._data[first : (end + 7) >> 3], "little")
        value = (word >> (self.position & 7)) & ((1 << count) - 1)
        self.position = end
        return value

    def unary(self, limit: int) -> int:
        """The number of ones before a zero; more than `limit` is damaged."""
        ones = 0
        while self.read(1):
            ones += 1
            if ones > limit:
                raise DamagedError(
                    f"unary number above {limit}", offset=self.byte, clause=self._clause
                )
        return ones

    @property
    def byte(self) -> int:
        """Bytes touched so far: the position rounded up to whole bytes."""
        return (self.position + 7) >> 3


class BitWriter:
    """Collects bits, least significant first."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._word = 0
        self._count = 0

    def write(self, value: int, count: int) -> None:
        """The low `count` bits of value, 0 <= value < 2^count."""
        if not 0 <= value < 1 << count:
            raise ValueError(f"{value} does not fit {count} bits")
        self._word |= value << self._count
        self._count += count
        whole = self._count >> 3
        if whole:
            self._bytes += (self._word & ((1 << 8 * whole) - 1)).to_bytes(whole, "little")
            self._word >>= 8 * whole
            self._count &= 7

    def unary(self, ones: int) -> None:
        """`ones` ones and a zero."""
        self.write((1 << ones) - 1, ones + 1)

    @property
    def position(self) -> int:
        """Bits written so far."""
        return 8 * len(self._bytes) + self._count

    def getvalue(self) -> bytes:
        """All bytes, the last one filled with zero bits."""
        return bytes(self._bytes) + (bytes([self._word]) if self._count else b"")
