"""Metadata and the index. Clauses `container.metadata`, `container.index`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TypeAlias

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.syntax import MAX_DURATION, MAX_FRAMES, MAX_INFLATED, Index
from pil_dctz.errors import DamagedError, LimitError, UnsupportedError
from pil_dctz.limits import Limits

__all__ = ["METADATA", "MetadataReader", "parse_index", "parse_index_count"]

METADATA = frozenset((b"iccp", b"exif", b"xmpd", b"dpis", b"text"))
_CLAUSE = "container.metadata"
_INDEX = "container.index"

Fields: TypeAlias = tuple[
    bytes | None, bytes | None, bytes | None, tuple[float, float] | None, dict[str, str]
]


class MetadataReader:
    """Collects the metadata chunks of a file, within limits.

    most: how many bytes are taken, of all chunks together; those beyond are left out.
    """

    def __init__(self, limits: Limits, most: int | None = None) -> None:
        self._limits = limits
        self._most = limits.max_metadata if most is None else most
        self._used = 0
        self._blobs: dict[bytes, bytes] = {}
        self._dpi: tuple[float, float] | None = None
        self._text: dict[str, str] = {}

    def add(self, kind: bytes, payload: bytes, offset: int) -> bool:
        """Take a chunk of METADATA, whose payload begins at `offset`. False: it is left out.

        Raises DamagedError, UnsupportedError for a method, LimitError.
        """
        cursor = Cursor(payload, offset, f"chunk {kind.decode('ascii')}")
        if kind == b"dpis":
            self._dpi = _parse_dpi(cursor)
            return True
        limit = self._limits.max_chunk
        if kind == b"iccp":
            limit = min(limit, self._limits.max_icc)
        blob = _parse_blob(
            cursor,
            min(limit, self._limits.max_metadata - self._used),
            self._most - self._used,
        )
        if blob is None:
            return False
        self._used += len(blob)
        if kind == b"text":
            key, value = _parse_text(blob, offset)
            if key in self._text:
                raise DamagedError(f"text key {key!r} twice", offset=offset, clause=_CLAUSE)
            self._text[key] = value
        else:
            self._blobs[kind] = blob
        return True

    def fields(self) -> Fields:
        """What was collected, in the order of the fields of `Metadata`."""
        get = self._blobs.get
        return get(b"iccp"), get(b"exif"), get(b"xmpd"), self._dpi, dict(self._text)


def _parse_blob(cursor: Cursor, limit: int, most: int) -> bytes | None:
    """What a chunk holds, None if that is more than `most` bytes; more than `limit` is an error."""
    method = cursor.u8("method", _CLAUSE)
    if method > 1:
        raise UnsupportedError(
            f"{cursor.part}: compression method {method}", offset=cursor.base, clause=_CLAUSE
        )
    size = cursor.leb("raw_size", _CLAUSE, 1, MAX_INFLATED) if method else cursor.left
    if size > limit:
        raise LimitError(
            f"{cursor.part} holds {size} bytes, at most {limit} are allowed here",
            offset=cursor.base,
            clause=_CLAUSE,
        )
    if size > most:
        return None
    start = cursor.offset
    data = cursor.take(cursor.left, "data", _CLAUSE)
    return _inflate(data, size, cursor.part, start) if method else data


def _inflate(data: bytes, size: int, part: str, offset: int) -> bytes:
    """Exactly `size` bytes of one zlib stream that fills `data`."""
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, size)
        # One more byte shows a stream that is too long; it also takes the checksum.
        rest = b"" if stream.eof else stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise DamagedError(f"{part}: {error}", offset=offset, clause=_CLAUSE) from None
    if len(raw) != size or rest or not stream.eof or stream.unused_data:
        raise DamagedError(
            f"{part}: the zlib stream is not one of {size} bytes", offset=offset, clause=_CLAUSE
        )
    return raw


def _parse_dpi(cursor: Cursor) -> tuple[float, float]:
    across, down = cursor.u32("x", _CLAUSE), cursor.u32("y", _CLAUSE)
    if across == 0 or down == 0 or cursor.left:
        raise DamagedError("dpis must be two numbers above 0", offset=cursor.base, clause=_CLAUSE)
    return across / 1000, down / 1000


def _parse_text(blob: bytes, offset: int) -> tuple[str, str]:
    size = blob.find(0)
    if not 1 <= size <= 79:
        raise DamagedError(
            "text needs a key of 1..79 bytes and a 0 byte", offset=offset, clause=_CLAUSE
        )
    try:
        # A view, since a value may have 16 MiB.
        return blob[:size].decode("utf-8"), str(memoryview(blob)[size + 1 :], "utf-8")
    except UnicodeDecodeError:
        raise DamagedError("text is not UTF-8", offset=offset, clause=_CLAUSE) from None


def parse_index_count(cursor: Cursor) -> int:
    """How many frames an index has; the cursor then stands at its first pair."""
    return cursor.leb("count", _INDEX, 1, MAX_FRAMES)


def parse_index(payload: bytes, offset: int) -> Index:
    """The `indx` chunk's payload, which begins at `offset`."""
    cursor = Cursor(payload, offset, "chunk indx")
    count = parse_index_count(cursor)
    if cursor.left < 2 * count:
        raise DamagedError(f"index too short for {count} frames", offset=offset, clause=_INDEX)
    pairs = parse_pairs(cursor, range(count))
    if cursor.left:
        raise DamagedError("bytes behind the index", offset=cursor.offset, clause=_INDEX)
    return Index(tuple(size for size, _ in pairs), tuple(time for _, time in pairs))


def parse_pairs(cursor: Cursor, frames: Iterable[int]) -> list[tuple[int, int]]:
    """(frame_size, duration) of each of `frames`."""
    return [
        (
            cursor.leb(f"the size of frame {k}", _INDEX, 1, 1 << 62),
            cursor.leb(f"the duration of frame {k}", _INDEX, 0, MAX_DURATION),
        )
        for k in frames
    ]
