"""The header. Clauses `container.signature`, `container.header`."""

from __future__ import annotations

import zlib

from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.container.syntax import SIGNATURE, FileHeader

__all__ = ["write_header"]


def write_header(header: FileHeader) -> bytes:
    """The header's bytes; with its CRC unless it is compact."""
    shape = (
        header.layout
        | (header.colour is not None) << 3
        | header.animated << 4
        | header.full_profile << 5
        | header.compact << 6
    )
    out = bytearray(SIGNATURE)
    out += bytes((header.version, shape, header.depth - 1))
    out += write_leb(header.width) + write_leb(header.height)
    if header.colour is not None:
        colour = header.colour
        out += bytes((colour.primaries, colour.transfer, colour.matrix, int(colour.full_range)))
    if header.animated:
        out += write_leb(header.loop_count)
    if not header.compact:
        out += zlib.crc32(out).to_bytes(4, "little")
    return bytes(out)
