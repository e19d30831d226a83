"""The frame head with its segments, and the compact body. Chapter 5, `container.compact`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.container.syntax import MAX_STREAMS, Blend, Dispose, EncodedGroup, Mode

__all__ = ["FramePlace", "write_compact_body", "write_frame"]


@dataclass(frozen=True, slots=True)
class FramePlace:
    """Where and how an animation's frame meets the canvas. Clause `frame.head`.

    rectangle: (x, y, width, height), None for the whole canvas.
    """

    duration_us: int
    rectangle: tuple[int, int, int, int] | None = None
    blend: Blend = Blend.REPLACE
    dispose: Dispose = Dispose.KEEP


def write_frame(
    groups: Sequence[EncodedGroup],
    *,
    place: FramePlace | None = None,
    last: bool = True,
    layer: bytes | None = None,
) -> bytes:
    """The FRAM and SEGS chunks of one frame, the layer's between them.

    groups: an overlay is the last. place: in animations alone.
    """
    overlays = sum(group.overlay for group in groups)
    flags = (len(groups) - overlays == 2) << 5 | last << 6 | overlays << 7
    head = bytearray()
    if place is not None:
        flags |= 2 | place.blend << 2 | place.dispose << 3
        if place.rectangle is not None:
            flags |= 1
            head += b"".join(map(write_leb, place.rectangle))
        head += write_leb(place.duration_us)
    head.insert(0, flags)
    for group in groups:
        head += _write_coding(group)
    data = []
    for stream in range(MAX_STREAMS):
        for group in groups:
            if stream < len(group.streams):
                for segment in group.streams[stream]:
                    head += write_leb(len(segment))
                    data += [segment, zlib.crc32(segment).to_bytes(4, "little")]
    between = b"" if layer is None else write_chunk(b"lrnd", layer)
    return write_chunk(b"FRAM", bytes(head)) + between + write_chunk(b"SEGS", b"".join(data))


def _write_coding(group: EncodedGroup) -> bytes:
    passes = max(len(group.streams) - 2, 0)
    coding = group.mode | passes << 2 | group.segment_log2 << 4
    return bytes((coding,)) + write_leb(len(group.tables)) + group.tables


def write_compact_body(header: bytes, group: EncodedGroup) -> bytes:
    """What follows the compact `header`, with the file's CRC. The group has one segment."""
    body = _write_coding(group)
    if group.mode is Mode.LOSSY:
        (low,) = group.streams[0]
        body += write_leb(len(low)) + low
    (last,) = group.streams[-1]
    body += last
    return body + zlib.crc32(body, zlib.crc32(header)).to_bytes(4, "little")
