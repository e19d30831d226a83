"""Chapter 8: a segment of a lossy group, from its two streams to samples."""

from __future__ import annotations

from .lossy_blocks import Segment
from .lossy_high import decode_high
from .lossy_low import decode_low
from .lossy_planes import reconstruct
from .lossy_tables import Tables, parse_tables

__all__ = ["decode_segment", "parse_tables"]


def decode_segment(
    tables: object, low: bytes, high: bytes | None, w: int, z: int, scale: int
) -> list[list[list[int]]]:
    """Samples [y][x][channel] of a segment. high is None at scale 8 alone."""
    assert isinstance(tables, Tables)
    segment = Segment(tables, w, z)
    decode_low(segment, low)
    if high:
        decode_high(segment, high)
    return reconstruct(segment, scale)
