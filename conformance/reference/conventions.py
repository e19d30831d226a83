"""Chapter 3: refusals, fields, LEB128, CRC, and the table files of the specification."""

from __future__ import annotations

import functools
import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve()
TABLES = HERE.parent.parent.parent / "spec" / "tables"
if not TABLES.is_dir():  # in a wheel they lie with the suite
    TABLES = HERE.parent.parent / "tables"

SIDE = 1 << 30  # the longest side
LONG = 1 << 40  # the longest duration, and the longest stream
SPAN = 1 << 62  # the longest chunk
INT16 = -32768, 32767  # a sample of a plane
INT18 = -131071, 131071  # a coefficient


class Refusal(Exception):  # noqa: N818 - the word of the text  # noqa: N818, an answer rather than a failure
    """A file that is not decoded. Clause `conventions.refusals`."""

    def __init__(self, what: str, clause: str, offset: int | None = None) -> None:
        super().__init__(f"{what} ({clause})" if offset is None else f"{what} ({offset}, {clause})")
        self.what = what
        self.clause = clause
        self.offset = offset


class NotDctz(Refusal):
    """The signature is missing."""


class Damaged(Refusal):
    """A rule is broken, or the bytes end too early."""


class Unsupported(Refusal):
    """Well formed, but not defined by this version."""


class Limit(Refusal):
    """More than this decoder is willing to hold."""


def clamp(v: int, low: int, high: int) -> int:
    return max(low, min(v, high))


def ceil_div(a: int, b: int) -> int:
    return (a + b - 1) // b


def width_of(picture: Sequence[Sequence[object]]) -> int:
    """All rows are of one length."""
    return max(map(len, picture))


def unzigzag(z: int) -> int:
    """Clause `prefix.bits`."""
    return (z + 1) >> 1 if z & 1 else -(z >> 1)


def require(holds: bool, what: str, clause: str, offset: int | None = None) -> None:
    """A rule of the text: *damaged* unless it holds."""
    if not holds:
        raise Damaged(what, clause, offset)


def crc(data: bytes) -> int:
    """Clause `conventions.crc`."""
    return zlib.crc32(data)


class Cursor:
    """Reads fields of `data[at:end]` in file order. Clause `conventions.fields`."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, size: int, clause: str) -> bytes:
        require(size <= self.left, f"{size} bytes wanted, {self.left} left", clause, self.at)
        self.at += size
        return self.data[self.at - size : self.at]

    def u8(self, clause: str) -> int:
        return int.from_bytes(self.take(1, clause), "little")

    def u32(self, clause: str) -> int:
        return int.from_bytes(self.take(4, clause), "little")

    def leb(self, low: int, high: int, clause: str) -> int:
        """Clause `conventions.leb`."""
        begin = self.at
        value = 0
        for place in range(9):
            byte = self.u8(clause)
            value |= (byte & 127) << (7 * place)
            if byte < 128:
                require(byte > 0 or place == 0, "LEB128 is not in its shortest form", clause, begin)
                require(low <= value <= high, f"{value} is not in {low}..{high}", clause, begin)
                return value
        raise Damaged("LEB128 of more than 9 bytes", clause, begin)


@functools.cache
def table(name: str) -> tuple[int, ...]:
    """The integers of a file of `spec/tables`, held against CHECKSUMS. `conventions.tables`."""
    data = (TABLES / name).read_bytes()
    lines = (TABLES / "CHECKSUMS").read_text("ascii").splitlines()
    listed = {words[1]: words[0] for words in map(str.split, lines)}
    if hashlib.sha256(data).hexdigest() != listed[name]:
        raise RuntimeError(f"spec/tables/{name} is not the file that CHECKSUMS lists")
    lines = data.decode("ascii").splitlines()
    return tuple(int(word) for line in lines if not line.startswith("#") for word in line.split())


@functools.cache
def table_rows(name: str, width: int) -> tuple[tuple[int, ...], ...]:
    """A table as rows of `width` integers."""
    flat = table(name)
    return tuple(flat[i : i + width] for i in range(0, len(flat), width))
