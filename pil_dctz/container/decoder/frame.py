"""The frame head, the compact body, and where segments lie. Chapter 5, `container.compact`."""

from __future__ import annotations

from typing import NamedTuple

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.syntax import (
    MAX_DURATION,
    MAX_PASSES,
    MAX_SIDE,
    MAX_STREAMS,
    SEGMENT_LOG2,
    Blend,
    Dispose,
    FileHeader,
    FrameHeader,
    GroupShape,
    Mode,
    PlaneGroup,
)
from pil_dctz.errors import DamagedError, UnsupportedError

__all__ = [
    "group_shapes",
    "parse_compact",
    "parse_frame_fields",
    "parse_frame_head",
    "place_segments",
    "segs_size",
]

_HEAD = "frame.head"
_GROUP = "frame.group"
_MAX_SIZE = 1 << 40


def parse_frame_head(payload: bytes, offset: int, header: FileHeader) -> FrameHeader:
    """The payload of a FRAM chunk, which begins at `offset`; offsets of segments come later."""
    cursor = Cursor(payload, offset, "chunk FRAM")
    frame, kinds = parse_frame_fields(cursor, header)
    groups = [
        parse_group(cursor, shape, first)
        for shape, first in group_shapes(header, frame.width, frame.height, kinds.two_groups)
    ]
    if kinds.overlay:
        groups.append(parse_overlay(cursor, groups[0]))
    _judge_counts(groups, cursor)
    for stream in range(MAX_STREAMS):
        for group in groups:
            if stream < group.streams:
                group.sizes.append(_parse_sizes(cursor, group))
    if cursor.left:
        raise DamagedError("bytes behind the segments' sizes", offset=cursor.offset, clause=_HEAD)
    return frame._replace(groups=tuple(groups))


class GroupKinds(NamedTuple):
    """Which groups a frame has. two_groups: alpha has its own. overlay: there is one more."""

    two_groups: bool
    overlay: bool


def parse_frame_fields(cursor: Cursor, header: FileHeader) -> tuple[FrameHeader, GroupKinds]:
    """The fields before the groups, and which groups there are."""
    start = cursor.offset
    flags = cursor.u8("flags", _HEAD)
    has_place, has_duration = flags & 1, flags & 2
    if flags & 0x18 == 0x18:
        raise DamagedError(f"flags {flags:02X}: reserved value", offset=start, clause=_HEAD)
    if bool(has_duration) != header.animated or (flags & 0x1D and not header.animated):
        raise DamagedError(
            f"flags {flags:02X} do not fit a {'moving' if header.animated else 'still'} picture",
            offset=start,
            clause=_HEAD,
        )
    if flags & 0x24 and not header.layout.has_alpha:
        raise DamagedError(
            f"flags {flags:02X} need a layout with alpha", offset=start, clause=_HEAD
        )
    x = y = 0
    width, height = header.width, header.height
    if has_place:
        x = cursor.leb("x", _HEAD, 0, MAX_SIDE)
        y = cursor.leb("y", _HEAD, 0, MAX_SIDE)
        width = cursor.leb("width", _HEAD, 1, MAX_SIDE)
        height = cursor.leb("height", _HEAD, 1, MAX_SIDE)
        if x + width > header.width or y + height > header.height:
            raise DamagedError("frame leaves the canvas", offset=start, clause=_HEAD)
    duration = cursor.leb("duration", _HEAD, 0, MAX_DURATION) if has_duration else 0
    frame = FrameHeader(
        x=x,
        y=y,
        width=width,
        height=height,
        duration_us=duration,
        blend=Blend(flags >> 2 & 1),
        dispose=Dispose(flags >> 3 & 3),
        last=bool(flags & 0x40),
        groups=(),
    )
    return frame, GroupKinds(bool(flags & 0x20), bool(flags & 0x80))


def group_shapes(
    header: FileHeader, width: int, height: int, two_groups: bool
) -> list[tuple[GroupShape, int]]:
    """Shape and first channel of each plane group of a frame of this size."""
    depth, channels = header.depth, header.layout.channels
    if not two_groups:
        return [(GroupShape(width, height, channels, depth, header.layout.has_alpha), 0)]
    return [
        (GroupShape(width, height, channels - 1, depth), 0),
        (GroupShape(width, height, 1, depth, alpha=True), channels - 1),
    ]


def parse_group(cursor: Cursor, shape: GroupShape, first_channel: int) -> PlaneGroup:
    """Coding and tables of a group; sizes come later."""
    mode, segment_log2, passes = parse_coding(cursor, shape)
    size = cursor.leb("tables_size", _GROUP, 0)
    if size > cursor.left:
        raise DamagedError(
            f"tables_size is {size}, {cursor.left} bytes are left",
            offset=cursor.offset,
            clause=_GROUP,
        )
    tables_offset = cursor.offset
    tables = cursor.take(size, "tables", _GROUP)
    if mode is Mode.RAW and tables:
        raise DamagedError("tables in raw mode", offset=tables_offset, clause="frame.raw")
    return PlaneGroup(
        shape, first_channel, mode, segment_log2, tables, tables_offset, [], [], passes=passes
    )


def parse_overlay(cursor: Cursor, base: PlaneGroup) -> PlaneGroup:
    """Coding and tables of the group that lies over `base`. Clause `frame.overlay`."""
    offset = cursor.offset
    if base.mode is not Mode.LOSSY:
        raise DamagedError(
            f"an overlay over {base.mode.name.lower()} samples",
            offset=offset,
            clause="frame.overlay",
        )
    group = parse_group(cursor, base.shape, base.first_channel)
    if group.mode is not Mode.LOSSLESS:
        raise DamagedError(
            f"an overlay in {group.mode.name.lower()} mode", offset=offset, clause="frame.overlay"
        )
    return group._replace(overlay=True)


def parse_coding(cursor: Cursor, shape: GroupShape) -> tuple[Mode, int, int]:
    """Mode, segment_log2, passes. Clauses `frame.group`, `frame.mode`, `frame.segments`."""
    offset = cursor.offset
    coding = cursor.u8("coding", _GROUP)
    if coding & 3 == 3:
        raise DamagedError("mode 3", offset=offset, clause="frame.mode")
    passes = 1 + (coding >> 2 & 3)
    if passes > (MAX_PASSES if coding & 3 == Mode.LOSSY else 1):
        raise DamagedError(f"coding {coding:02X}: {passes} passes", offset=offset, clause=_GROUP)
    mode, segment_log2 = Mode(coding & 3), coding >> 4
    if segment_log2 not in SEGMENT_LOG2:
        raise DamagedError(
            f"segment_log2 is {segment_log2}, must be 0 or 6..15",
            offset=offset,
            clause="frame.segments",
        )
    if mode is Mode.LOSSY:
        if shape.channels == 2 or (shape.alpha and shape.channels > 1):
            raise DamagedError("lossy group with alpha", offset=offset, clause="frame.mode")
        if not 8 <= shape.depth <= 12:
            raise UnsupportedError(
                f"lossy mode with {shape.depth} bits a sample", offset=offset, clause="frame.mode"
            )
    return mode, segment_log2, passes


def _judge_counts(groups: list[PlaneGroup], cursor: Cursor) -> None:
    count = sum(group.columns * group.rows * group.streams for group in groups)
    if count > cursor.left:
        raise DamagedError(
            f"{count} sizes of segments, {cursor.left} bytes are left",
            offset=cursor.offset,
            clause="frame.segments",
        )


def _parse_sizes(cursor: Cursor, group: PlaneGroup) -> list[int]:
    count = group.columns * group.rows
    return [cursor.leb(f"the size of segment {k}", _HEAD, 0, _MAX_SIZE) for k in range(count)]


def segs_size(frame: FrameHeader) -> int:
    """Bytes of the SEGS payload that belongs to a frame head. Clause `frame.data`."""
    return sum(sum(sizes) + 4 * len(sizes) for group in frame.groups for sizes in group.sizes)


def place_segments(frame: FrameHeader, offset: int) -> None:
    """Fill in where each stream lies, given where the SEGS payload begins."""
    for stream in range(MAX_STREAMS):
        for group in frame.groups:
            if stream < group.streams:
                places = []
                for size in group.sizes[stream]:
                    places.append(offset)
                    offset += size + 4
                group.offsets.append(places)


def parse_compact(data: bytes, header: FileHeader) -> FrameHeader:
    """The body of a compact file `data`, its CRC left to the caller. Clause `container.compact`."""
    clause = "container.compact"
    start = header.size_bytes
    if len(data) < start + 4:
        raise Cursor(data).ends("the compact body", clause)
    cursor = Cursor(data[start:-4], start, "compact body")
    whole = FrameHeader(
        x=0,
        y=0,
        width=header.width,
        height=header.height,
        duration_us=0,
        blend=Blend.REPLACE,
        dispose=Dispose.KEEP,
        last=True,
        groups=(),
    )
    ((shape, first),) = group_shapes(header, header.width, header.height, two_groups=False)
    group = parse_group(cursor, shape, first)
    if group.segment_log2 != 0:
        raise DamagedError("segment_log2 is not 0", offset=start, clause=clause)
    if group.passes != 1:
        raise DamagedError("passes in the compact form", offset=start, clause=clause)
    if group.mode is Mode.LOSSY:
        low_size = cursor.leb("low_size", clause, 0)
        if low_size > cursor.left:
            raise DamagedError(
                f"low_size is {low_size}, {cursor.left} bytes are left",
                offset=cursor.offset,
                clause=clause,
            )
        group.sizes.append([low_size])
        group.offsets.append([cursor.offset])
        cursor.take(low_size, "low", clause)
    group.sizes.append([cursor.left])
    group.offsets.append([cursor.offset])
    return whole._replace(groups=(group,))
