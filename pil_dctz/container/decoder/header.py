"""The header. Clauses `container.signature`, `container.header`, `container.version`."""

from __future__ import annotations

import zlib

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.syntax import MAX_SIDE, SIGNATURE, VERSION, Colour, FileHeader, Layout
from pil_dctz.errors import DamagedError, NotDctzError, UnsupportedError

__all__ = ["MAX_HEADER", "parse_header"]

MAX_HEADER = 8 + 3 + 5 + 5 + 4 + 3 + 4
"""Bytes of the longest header."""

_CLAUSE = "container.header"


def parse_header(data: bytes) -> FileHeader:
    """The header at the beginning of `data`, which may go on behind it.

    Raises NotDctzError, UnsupportedError for another version, TruncatedError if `data` ends
    inside it, DamagedError.
    """
    if data[:8] != SIGNATURE:
        raise NotDctzError(
            "not a DCTZ file: the signature is missing", clause="container.signature"
        )
    cursor = Cursor(data)
    cursor.position = 8
    version = cursor.u8("version", _CLAUSE)
    if version != VERSION:
        raise UnsupportedError(
            f"format version {version >> 4}.{version & 15}, this release reads "
            f"{VERSION >> 4}.{VERSION & 15}",
            offset=8,
            clause="container.version",
        )
    shape = cursor.u8("shape", _CLAUSE)
    depth_field = cursor.u8("depth_field", _CLAUSE)
    _judge_bits(shape, depth_field)
    width = cursor.leb("width", _CLAUSE, 1, MAX_SIDE)
    height = cursor.leb("height", _CLAUSE, 1, MAX_SIDE)
    colour = _parse_colour(cursor) if shape & 0x08 else None
    animated = bool(shape & 0x10)
    loop_count = cursor.leb("loop_count", _CLAUSE, 0, 65535) if animated else 0
    compact = bool(shape & 0x40)
    if not compact:
        _judge_crc(cursor)
    return FileHeader(
        width=width,
        height=height,
        layout=Layout(shape & 7),
        depth=depth_field + 1,
        colour=colour,
        animated=animated,
        loop_count=loop_count,
        full_profile=bool(shape & 0x20),
        compact=compact,
        version=version,
        size_bytes=cursor.position,
    )


def _judge_bits(shape: int, depth_field: int) -> None:
    if shape & 7 > 4:
        raise DamagedError(f"layout {shape & 7}, must be 0..4", offset=9, clause=_CLAUSE)
    if shape & 0x80:
        raise DamagedError("reserved bit 7 of shape is set", offset=9, clause=_CLAUSE)
    if shape & 0x50 == 0x50:
        raise DamagedError("compact and animated together", offset=9, clause=_CLAUSE)
    if depth_field > 15:
        raise DamagedError(
            f"depth_field is {depth_field}, must be 0..15", offset=10, clause=_CLAUSE
        )


def _parse_colour(cursor: Cursor) -> Colour:
    primaries, transfer, matrix, full = cursor.take(4, "colour", _CLAUSE)
    if full > 1:
        raise DamagedError(
            f"range is {full}, must be 0..1", offset=cursor.offset - 1, clause=_CLAUSE
        )
    return Colour(primaries, transfer, matrix, bool(full))


def _judge_crc(cursor: Cursor) -> None:
    computed = zlib.crc32(cursor.data[: cursor.position])
    start = cursor.offset
    stored = cursor.u32("header_crc", _CLAUSE)
    if stored != computed:
        raise DamagedError(
            f"header: CRC-32 {computed:08X}, file says {stored:08X}", offset=start, clause=_CLAUSE
        )
