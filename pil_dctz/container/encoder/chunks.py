"""Chunks. Clauses `container.chunk`, `frame.data`."""

from __future__ import annotations

import zlib

from pil_dctz.container.encoder.varint import write_leb

__all__ = ["write_chunk"]


def write_chunk(kind: bytes, payload: bytes) -> bytes:
    """A chunk with its CRC, which for SEGS covers type and size alone."""
    head = kind + write_leb(len(payload))
    crc = zlib.crc32(head)
    if kind != b"SEGS":
        crc = zlib.crc32(payload, crc)
    return b"".join((head, payload, crc.to_bytes(4, "little")))
