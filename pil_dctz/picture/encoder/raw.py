"""A plane group in raw mode: the upper bound of every size."""

from __future__ import annotations

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode, segments_across
from pil_dctz.picture.raw import encode_raw, row_bytes
from pil_dctz.picture.segments import segments_of

__all__ = ["encode_group", "raw_size"]

_SMALLEST = 8
_OVERHEAD = 4 + 4
"""Bytes that a segment costs in head and data."""


def raw_size(shape: GroupShape) -> int:
    """Bytes of the group's samples, rows filled up to whole bytes."""
    return row_bytes(shape.width, shape.channels, shape.depth) * shape.height


def encode_group(samples: Samples, shape: GroupShape, *, segment_log2: int | None) -> EncodedGroup:
    """Samples (height, width, channels) as they are.

    segment_log2: None: 256, or larger where the segments' overhead would pass 1/200.
    """
    if segment_log2 is None:
        segment_log2 = _choose(shape)
    areas = segments_of(shape.width, shape.height, segment_log2)
    streams = [encode_raw(samples[segment.area.slices], shape.depth) for segment in areas]
    return EncodedGroup(Mode.RAW, segment_log2, b"", [streams])


def _choose(shape: GroupShape) -> int:
    if max(shape.width, shape.height) <= 512:
        return 0
    for log2 in range(_SMALLEST, 16):
        columns = segments_across(shape.width, log2)
        count = columns * segments_across(shape.height, log2)
        # Each row of a segment may be filled up by a byte where samples are no whole bytes.
        fill = (columns - 1) * shape.height if shape.depth % 8 else 0
        if 200 * (_OVERHEAD * count + fill) <= raw_size(shape):
            return log2
    return 0
