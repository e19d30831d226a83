"""A place in bytes that moves forward and cannot leave them. Clause `conventions.fields`."""

from __future__ import annotations

from pil_dctz.container.decoder.varint import read_leb
from pil_dctz.errors import DamagedError, TruncatedError

__all__ = ["Cursor"]


class Cursor:
    """Reads fields one after the other from `data`, whose first byte is byte `base` of the file.

    part: what the bytes are, for messages; "" if they are the file itself, up to where it was
    read: running out is then a TruncatedError.
    """

    def __init__(self, data: bytes | memoryview, base: int = 0, part: str = "") -> None:
        self.data = data
        self.base = base
        self.part = part
        self.position = 0

    @property
    def offset(self) -> int:
        """The byte of the file that comes next."""
        return self.base + self.position

    @property
    def left(self) -> int:
        return len(self.data) - self.position

    def ends(self, name: str, clause: str) -> DamagedError:
        """The error of a field that the bytes do not hold."""
        if self.part:
            return DamagedError(
                f"{self.part} ends inside {name}", offset=self.base + len(self.data), clause=clause
            )
        return TruncatedError(
            f"file ends inside {name}", offset=self.base + len(self.data), clause=clause
        )

    def take(self, size: int, name: str, clause: str) -> bytes:
        """The next `size` bytes."""
        if size > self.left:
            raise self.ends(name, clause)
        start = self.position
        self.position += size
        return bytes(self.data[start : self.position])

    def u8(self, name: str, clause: str) -> int:
        return self.take(1, name, clause)[0]

    def u32(self, name: str, clause: str) -> int:
        return int.from_bytes(self.take(4, name, clause), "little")

    def leb(self, name: str, clause: str, least: int = 0, most: int = (1 << 63) - 1) -> int:
        """An LEB128 number in least..most; everything else is damaged."""
        start = self.offset
        value, end = read_leb(self.data, self.position)
        if end < 0:
            raise self.ends(name, clause)
        if end == 0:
            raise DamagedError(f"{name}: not a shortest LEB128", offset=start, clause=clause)
        if not least <= value <= most:
            raise DamagedError(
                f"{name} is {value}, must be {least}..{most}", offset=start, clause=clause
            )
        self.position = end
        return value
