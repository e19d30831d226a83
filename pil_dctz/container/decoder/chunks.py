"""Chunks and their order. Clauses `container.chunk`, `container.order`, `container.end`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.decoder.source import Source
from pil_dctz.errors import DamagedError, TruncatedError, UnsupportedError

__all__ = [
    "KNOWN",
    "Chunk",
    "ChunkOrder",
    "judge_crc",
    "judge_crc_of",
    "parse_chunk",
    "read_chunk",
    "read_payload",
    "walk_chunks",
]

_CLAUSE = "container.chunk"
_HEAD = 4 + 9
_ONCE = frozenset((b"iccp", b"exif", b"xmpd", b"dpis", b"indx"))
_BEFORE = frozenset((b"iccp", b"exif", b"xmpd", b"dpis", b"text", b"indx"))
_AFTER = frozenset((b"exif", b"xmpd", b"text"))
_CRITICAL = frozenset((b"FRAM", b"SEGS", b"DEND"))
KNOWN = _BEFORE | _CRITICAL


class Chunk(NamedTuple):
    """Where a chunk lies. offset: of its type; payload_offset; size_bytes: of its payload."""

    type: bytes
    offset: int
    payload_offset: int
    size_bytes: int

    @property
    def end(self) -> int:
        """The byte behind its CRC."""
        return self.payload_offset + self.size_bytes + 4

    @property
    def name(self) -> str:
        return self.type.decode("ascii")

    @property
    def ancillary(self) -> bool:
        return bool(self.type[0] & 0x20)


def parse_chunk(cursor: Cursor) -> Chunk:
    """Type and size of the chunk at the cursor, which then stands at the payload."""
    offset = cursor.offset
    kind = cursor.take(4, "a chunk's type", _CLAUSE)
    if not (kind.isalpha() and kind.isascii()):
        raise DamagedError(
            f"chunk type {kind.hex(' ')}: no ASCII letters", offset=offset, clause=_CLAUSE
        )
    size = cursor.leb(f"the size of chunk {kind.decode()}", _CLAUSE, 0, 1 << 62)
    if kind not in KNOWN and not kind[0] & 0x20:
        raise UnsupportedError(
            f"critical chunk {kind.decode()} is not known to this version",
            offset=offset,
            clause=_CLAUSE,
        )
    return Chunk(kind, offset, cursor.offset, size)


def read_chunk(source: Source, offset: int) -> Chunk:
    """The chunk that begins at `offset`; it lies inside the file."""
    chunk = parse_chunk(Cursor(source.read_up_to(offset, _HEAD), offset))
    if chunk.end > source.size_bytes:
        raise TruncatedError(
            f"file ends inside chunk {chunk.name}", offset=source.size_bytes, clause=_CLAUSE
        )
    return chunk


def read_payload(source: Source, chunk: Chunk) -> bytes:
    """The payload, after its CRC was judged (`SEGS`: b"", its CRC covers type and size alone)."""
    clause, name = _CLAUSE, f"chunk {chunk.name}"
    head = source.read_at(chunk.offset, chunk.payload_offset - chunk.offset, name, clause)
    if chunk.type == b"SEGS":
        judge_crc(
            name, zlib.crc32(head), source.read_at(chunk.end - 4, 4, name, clause), chunk.end - 4
        )
        return b""
    data = source.read_at(chunk.payload_offset, chunk.size_bytes + 4, name, clause)
    judge_crc_of(chunk, head, data)
    return data[:-4]


def judge_crc_of(chunk: Chunk, head: bytes, data: bytes) -> None:
    """Judge a chunk, not SEGS, by its type and size fields and by `data`, payload and CRC."""
    computed = zlib.crc32(data[:-4], zlib.crc32(head))
    judge_crc(f"chunk {chunk.name}", computed, data[-4:], chunk.end - 4)


def judge_crc(what: str, computed: int, stored: bytes, offset: int, clause: str = _CLAUSE) -> None:
    """Raise DamagedError unless the four bytes `stored` at `offset` are the CRC `computed`."""
    value = int.from_bytes(stored, "little")
    if value != computed:
        raise DamagedError(
            f"{what}: CRC-32 {computed:08X}, file says {value:08X}", offset=offset, clause=clause
        )


class ChunkOrder:
    """Judges that each chunk may stand where it stands. Clause `container.order`.

    frames: how many frames the file has, once it is known (1 if not animated).
    """

    def __init__(self, animated: bool) -> None:
        self.animated = animated
        self.frames = 0 if animated else 1
        self.seen_frames = 0
        self._seen: set[bytes] = set()
        self._place = "before"

    def pass_frames(self, count: int) -> None:
        """All `count` frames were passed over without a look."""
        self.frames = self.seen_frames = count
        self._place = "behind"

    def judge(self, chunk: Chunk) -> None:
        """Take note of the next chunk, or raise DamagedError."""
        kind = chunk.type
        if kind not in KNOWN:
            return
        if kind in _ONCE and kind in self._seen:
            raise self._error(chunk, "stands twice")
        self._seen.add(kind)
        if not self._allowed(kind):
            raise self._error(chunk, "stands in a wrong place")
        if kind == b"indx" and not self.animated:
            raise self._error(chunk, "in a file that is not animated")
        if kind == b"FRAM":
            if self.animated and b"indx" not in self._seen:
                raise self._error(chunk, "before the index")
            self.seen_frames += 1
            self._place = "head"
        elif kind == b"SEGS":
            self._place = "behind"
        elif kind == b"DEND":
            if chunk.size_bytes != 0:
                raise DamagedError(
                    "chunk DEND is not empty", offset=chunk.offset, clause="container.end"
                )
            self._place = "end"
        elif self._place == "behind":
            self._place = "tail"

    def _allowed(self, kind: bytes) -> bool:
        if self._place == "before":
            return kind in _BEFORE or kind == b"FRAM"
        if self._place == "head":
            return kind == b"SEGS"
        if kind == b"FRAM":
            return self._place == "behind" and self.seen_frames < self.frames
        return kind in _AFTER or (kind == b"DEND" and self.seen_frames == self.frames)

    @property
    def ended(self) -> bool:
        return self._place == "end"

    @staticmethod
    def _error(chunk: Chunk, what: str) -> DamagedError:
        return DamagedError(
            f"chunk {chunk.name} {what}", offset=chunk.offset, clause="container.order"
        )


def walk_chunks(source: Source, offset: int, order: ChunkOrder) -> Iterator[Chunk]:
    """The chunks from `offset` to DEND, which comes too. Heads alone are read."""
    while not order.ended:
        chunk = read_chunk(source, offset)
        order.judge(chunk)
        yield chunk
        offset = chunk.end
