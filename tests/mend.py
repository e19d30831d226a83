"""Makes the checks of a mutated file right again, so that what lies behind them is tested."""

from __future__ import annotations

import zlib

from pil_dctz.container.decoder.chunks import parse_chunk
from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.decoder.frame import parse_frame_head, place_segments, segs_size
from pil_dctz.container.decoder.header import MAX_HEADER, parse_header
from pil_dctz.container.syntax import FileHeader
from pil_dctz.errors import DctzError

__all__ = ["chunks_of", "mend"]


def mend(data: bytes) -> bytes:
    """`data` with each CRC that can still be found set to what it should be."""
    out = bytearray(data)
    header = _mend_header(out)
    if header is None:
        return bytes(out)
    if header.compact:
        if len(out) >= header.size_bytes + 4:
            _put(out, len(out) - 4, zlib.crc32(out[:-4]))
        return bytes(out)
    cursor = Cursor(bytes(out))
    cursor.position = header.size_bytes
    frame = None
    while cursor.left:
        try:
            chunk = parse_chunk(cursor)
        except DctzError:
            break
        if chunk.end > len(out):
            break
        payload = bytes(out[chunk.payload_offset : chunk.end - 4])
        crc = zlib.crc32(out[chunk.offset : chunk.payload_offset])
        if chunk.type != b"SEGS":
            crc = zlib.crc32(payload, crc)
        _put(out, chunk.end - 4, crc)
        if chunk.type == b"FRAM":
            try:
                frame = parse_frame_head(payload, chunk.payload_offset, header)
            except DctzError:
                frame = None
        elif chunk.type == b"SEGS" and frame is not None and segs_size(frame) == len(payload):
            place_segments(frame, chunk.payload_offset)
            for group in frame.groups:
                for sizes, offsets in zip(group.sizes, group.offsets, strict=True):
                    for size, offset in zip(sizes, offsets, strict=True):
                        _put(out, offset + size, zlib.crc32(out[offset : offset + size]))
            frame = None
        cursor.position = chunk.end
    return bytes(out)


def _mend_header(out: bytearray) -> FileHeader | None:
    """The header, its CRC set right: it is the four bytes that make the header parse."""
    if len(out) > 9 and out[9] & 0x40:
        try:
            return parse_header(bytes(out[:MAX_HEADER]))
        except DctzError:
            return None
    for end in range(13, min(len(out), MAX_HEADER)):
        trial = bytes(out[:end]) + zlib.crc32(out[:end]).to_bytes(4, "little")
        try:
            header = parse_header(trial)
        except DctzError:
            continue
        out[end : end + 4] = trial[end:]
        return header
    return None


def _put(out: bytearray, offset: int, crc: int) -> None:
    out[offset : offset + 4] = crc.to_bytes(4, "little")


def chunks_of(data: bytes) -> list[tuple[bytes, int, int]]:
    """(type, first byte, byte behind the CRC) of each chunk of a whole file."""
    cursor = Cursor(data)
    cursor.position = parse_header(data).size_bytes
    found = []
    while cursor.left:
        chunk = parse_chunk(cursor)
        found.append((chunk.type, chunk.offset, chunk.end))
        cursor.position = chunk.end
    return found
