"""Metadata and the index. Clauses `container.metadata`, `container.index`."""

from __future__ import annotations

import zlib

from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import MAX_INFLATED, Index

__all__ = ["write_index", "write_metadata"]

_EXIF_PREFIX = b"Exif\0\0"


def write_metadata(metadata: Metadata) -> bytes:
    """The chunks of what is there; blobs deflated where that is smaller.

    Raises ValueError for what the format cannot hold.
    """
    out = []
    if metadata.icc is not None:
        out.append(write_chunk(b"iccp", _write_blob("an ICC profile", metadata.icc)))
    if metadata.exif is not None:
        exif = bytes(metadata.exif).removeprefix(_EXIF_PREFIX)
        out.append(write_chunk(b"exif", _write_blob("Exif", exif)))
    if metadata.xmp is not None:
        out.append(write_chunk(b"xmpd", _write_blob("XMP", metadata.xmp)))
    if metadata.dpi is not None:
        out.append(write_chunk(b"dpis", b"".join(map(_write_dots, metadata.dpi))))
    for key, value in metadata.text.items():
        out.append(write_chunk(b"text", _write_blob("text", _join_text(key, value))))
    return b"".join(out)


def _write_blob(what: str, raw: bytes) -> bytes:
    if len(raw) > MAX_INFLATED:
        raise ValueError(f"{what} of {len(raw)} bytes, at most {MAX_INFLATED} can be written")
    deflated = b"\1" + write_leb(len(raw)) + zlib.compress(raw, 9)
    stored = b"\0" + raw
    return deflated if raw and len(deflated) < len(stored) else stored


def _write_dots(dots_per_inch: float) -> bytes:
    thousandths = round(float(dots_per_inch) * 1000)
    if not 1 <= thousandths < 1 << 32:
        raise ValueError(f"dpi must be 0.001..4294967.295, got {dots_per_inch}")
    return thousandths.to_bytes(4, "little")


def _join_text(key: str, value: str) -> bytes:
    name = key.encode("utf-8")
    if not 1 <= len(name) <= 79 or b"\0" in name:
        raise ValueError(f"text keys are 1 to 79 bytes of UTF-8 without 0, got {key!r}")
    return name + b"\0" + value.encode("utf-8")


def write_index(index: Index) -> bytes:
    """The indx chunk."""
    payload = bytearray(write_leb(len(index.frame_sizes)))
    for size, duration in zip(index.frame_sizes, index.durations_us, strict=True):
        payload += write_leb(size) + write_leb(duration)
    return write_chunk(b"indx", bytes(payload))
