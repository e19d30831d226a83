"""Chapter 5: frame heads, plane groups, segments, raw mode, composition, scales, damage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from . import learned, lossless, lossy
from .container import Header
from .conventions import (
    LONG,
    SIDE,
    Cursor,
    Damaged,
    Unsupported,
    ceil_div,
    crc,
    require,
    width_of,
)

RAW, LOSSLESS, LOSSY = 0, 1, 2

Planes = list[list[list[int]]]  # [y][x][channel]


@dataclass
class Group:
    """Clause `frame.group`. sizes[stream][segment]; streams alike: bytes, or None if damaged."""

    mode: int
    log2: int
    tables: bytes
    channels: int
    alpha: bool
    passes: int
    overlay: bool = False
    sizes: list[list[int]] = field(default_factory=list)
    streams: list[list[bytes | None]] = field(default_factory=list)

    @property
    def number_of_streams(self) -> int:
        """Clause `frame.mode`."""
        return 1 + self.passes if self.mode == LOSSY else 1

    def rectangles(self, width: int, height: int) -> list[tuple[int, int, int, int]]:
        """Clause `frame.segments`: (x, y, width, height) of the segments, in raster order."""
        side = 1 << self.log2 if self.log2 else max(width, height)
        return [
            (x, y, min(side, width - x), min(side, height - y))
            for y in range(0, height, side)
            for x in range(0, width, side)
        ]


@dataclass
class FrameHead:
    """Clause `frame.head`."""

    x: int
    y: int
    width: int
    height: int
    duration: int
    blend: bool
    dispose: int | None
    last: bool
    groups: list[Group]
    layer: bytes | None = None  # chunk lrnd
    model: bytes | None = None  # chunk lmdl


def parse_head(cursor: Cursor, header: Header) -> FrameHead:
    here = "frame.head"
    at = cursor.at
    flags = cursor.u8(here)
    place, timed, blend = flags & 1, flags >> 1 & 1, flags >> 2 & 1
    dispose, two_groups, last = flags >> 3 & 3, flags >> 5 & 1, flags >> 6 & 1
    require(dispose < 3, "dispose 3", here, at)
    require(bool(timed) == header.animated, "duration only, and always, in animations", here, at)
    still = not (place or blend or dispose)
    require(header.animated or still, "place, blend or dispose in a still picture", here, at)
    require(not blend or header.has_alpha, "blend over without alpha", here, at)
    require(not two_groups or header.has_alpha, "two groups without alpha", "frame.group", at)
    x, y, width, height = 0, 0, header.width, header.height
    if place:
        x, y = cursor.leb(0, SIDE, here), cursor.leb(0, SIDE, here)
        width, height = cursor.leb(1, SIDE, here), cursor.leb(1, SIDE, here)
        fits = x + width <= header.width and y + height <= header.height
        require(fits, "frame outside the canvas", here, at)
    duration = cursor.leb(0, LONG, here) if timed else 0
    counts = [header.channels - 1, 1] if two_groups else [header.channels]
    groups = []
    for i, channels in enumerate(counts):
        alpha = header.has_alpha and i == len(counts) - 1
        groups.append(parse_group(cursor, header, channels, alpha))
    if flags >> 7:
        groups.append(parse_overlay(cursor, header, groups[0]))
    for stream in range(max(group.number_of_streams for group in groups)):
        for group in groups:
            if stream < group.number_of_streams:
                side = 1 << group.log2 if group.log2 else max(width, height)
                number = ceil_div(width, side) * ceil_div(height, side)
                require(number <= cursor.left, "more segments than bytes", "frame.segments", at)
                group.sizes.append([cursor.leb(0, LONG, here) for _ in range(number)])
    require(cursor.left == 0, "bytes behind the sizes", here, cursor.at)
    return FrameHead(x, y, width, height, duration, bool(blend), dispose, bool(last), groups)


def parse_group(cursor: Cursor, header: Header, channels: int, alpha: bool) -> Group:
    here = "frame.group"
    at = cursor.at
    coding = cursor.u8(here)
    mode, passes, log2 = coding & 3, 1 + (coding >> 2 & 3), coding >> 4
    require(mode < 3, "mode 3", "frame.mode", at)
    require(passes == 1 or (mode == LOSSY and passes < 4), "passes", here, at)
    require(log2 == 0 or log2 >= 6, f"segment_log2 {log2}", "frame.segments", at)
    if mode == LOSSY:
        fits = channels == 1 or (channels in (3, 4) and not alpha)
        require(fits, "channels of a lossy group", "frame.mode", at)
        if not 8 <= header.depth <= 12:
            raise Unsupported(f"lossy at depth {header.depth}", "frame.mode", at)
    tables = cursor.take(cursor.leb(0, cursor.left, here), here)
    require(mode != RAW or not tables, "tables of a raw group", "frame.raw", at)
    return Group(mode, log2, tables, channels, alpha, passes)


def parse_overlay(cursor: Cursor, header: Header, first: Group) -> Group:
    """Clause `frame.overlay`."""
    here = "frame.overlay"
    at = cursor.at
    require(first.mode == LOSSY, "an overlay over a group that is not lossy", here, at)
    group = parse_group(cursor, header, first.channels, False)
    require(group.mode == LOSSLESS, "an overlay that is not lossless", here, at)
    group.overlay = True
    return group


def parse_compact(cursor: Cursor, header: Header, tolerant: bool) -> FrameHead:
    """Clause `container.compact`."""
    here = "container.compact"
    data = cursor.data
    require(cursor.left >= 4, "no room for the CRC", here, cursor.at)
    stored = int.from_bytes(data[-4:], "little")
    whole = stored == crc(data[:-4])
    require(whole or tolerant, "CRC of the file", here, len(data) - 4)
    cursor.end = len(data) - 4
    group = parse_group(cursor, header, header.channels, header.has_alpha)
    require(group.log2 == 0, "segment_log2 in the compact form", here, cursor.at)
    require(group.passes == 1, "passes in the compact form", here, cursor.at)
    if group.mode == LOSSY:
        low = cursor.take(cursor.leb(0, cursor.left, here), here)
        group.streams.append([low if whole else None])
    last = cursor.take(cursor.left, here)
    group.streams.append([last if whole else None])
    return FrameHead(0, 0, header.width, header.height, 0, False, None, True, [group])


def take_streams(data: bytes, at: int, head: FrameHead, tolerant: bool) -> int:
    """Clause `frame.data`: the streams of a SEGS payload at `at`; where it ends."""
    here = "frame.data"
    for group in head.groups:
        group.streams = [[] for _ in group.sizes]
    for stream in range(max(len(group.sizes) for group in head.groups)):
        for group in head.groups:
            if stream < len(group.sizes):
                for size in group.sizes[stream]:
                    payload = data[at : at + size]
                    check = data[at + size : at + size + 4]
                    whole = len(check) == 4 and int.from_bytes(check, "little") == crc(payload)
                    require(whole or tolerant, "CRC of a segment", here, at)
                    group.streams[stream].append(payload if whole else None)
                    at += size + 4
    return at


def streams_size(head: FrameHead) -> int:
    return sum(size + 4 for group in head.groups for sizes in group.sizes for size in sizes)


def decode_frame(head: FrameHead, header: Header, scale: int, tolerant: bool) -> Planes:
    """The samples of a frame at a scale, its groups side by side in each pixel."""
    rows, columns = ceil_div(head.height, scale), ceil_div(head.width, scale)
    picture: Planes = [[[] for _ in range(columns)] for _ in range(rows)]
    for group in head.groups:
        tables = parse_tables(group, header)
        layer = None
        if head.layer is not None and scale == 1 and group is head.groups[0]:
            layer = parse_layer(head, tables, tolerant)
        for i, (x, y, w, h) in enumerate(group.rectangles(head.width, head.height)):
            streams = [of_segments[i] for of_segments in group.streams]
            if group.overlay:
                (stream,) = streams
                lay_over(picture, tables, stream, (x, y, w, h), scale, tolerant)
                continue
            refine = None if layer is None else (layer.model, layer.strength[i])
            part = decode_segment(group, tables, streams, w, h, header, scale, tolerant, refine)
            for row, line in enumerate(part):
                for column, pixel in enumerate(line):
                    picture[y // scale + row][x // scale + column] += pixel
    return picture


def lay_over(
    picture: Planes,
    tables: object,
    stream: bytes | None,
    place: tuple[int, int, int, int],
    scale: int,
    tolerant: bool,
) -> None:
    """Clause `frame.overlay`: the given cells of a segment into the first channels of `picture`."""
    x, y, w, h = place
    try:
        if stream is None:
            raise Damaged("a stream of the overlay is lost", "frame.tolerant")
        samples, cells = lossless.decode_overlay(tables, stream, w, h)
    except Damaged:
        if tolerant:
            return
        raise
    for row, line in enumerate(box_mean(samples, scale)):
        for column, pixel in enumerate(line):
            if cells[row * scale // 64][column * scale // 64] == 0:
                picture[y // scale + row][x // scale + column][: len(pixel)] = pixel


def parse_layer(head: FrameHead, tables: object, tolerant: bool) -> learned.Layer | None:
    """Chapter 10; a tolerant decoder ignores a layer that is damaged."""
    assert head.layer is not None
    sizes = [(w, h) for _, _, w, h in head.groups[0].rectangles(head.width, head.height)]
    try:
        return learned.parse_layer(head.layer, head.model, tables, sizes)
    except Damaged:
        if tolerant:
            return None
        raise


def parse_tables(group: Group, header: Header) -> object:
    if group.mode == LOSSLESS:
        tables = lossless.parse_tables(group.tables, group.channels, header.depth)
        if group.overlay:
            here = "frame.overlay"
            palette = tables.lzw.palette if tables.lzw is not None else None
            require(tables.lzw is not None and tables.prediction is None, "prediction", here)
            require(palette is None or len(palette) > 1, "a palette of one entry", here)
            packed = tables.lzw is not None and tables.lzw.packed
            require(not packed, "packed indices", here)
        return tables
    if group.mode == LOSSY:
        return lossy.parse_tables(group.tables, group.channels, header.depth)
    return None


def decode_segment(
    group: Group,
    tables: object,
    streams: list[bytes | None],
    width: int,
    height: int,
    header: Header,
    scale: int,
    tolerant: bool,
    refine: lossy.Refinement | None,
) -> Planes:
    """One segment at a scale; if tolerant, the fill of clause `frame.tolerant`."""
    if not tolerant:
        return decode_whole(group, tables, streams, width, height, header, scale, refine)
    try:
        return decode_whole(group, tables, streams, width, height, header, scale, refine)
    except Damaged:
        pass
    rows, columns = ceil_div(height, scale), ceil_div(width, scale)
    whole = [stream for stream in streams if stream is not None]
    first = streams.index(None) if None in streams else len(streams)
    for count in range(first, 0, -1) if group.mode == LOSSY else ():
        high = whole[1:count] + [b""] * (len(streams) - count)
        try:
            return lossy.decode_segment(tables, whole[0], high, width, height, scale)
        except Damaged:
            pass
    middle = 1 << (header.depth - 1) if header.depth > 1 else 0
    pixel = [middle] * group.channels
    if group.alpha:
        pixel[-1] = header.max
    return [[list(pixel) for _ in range(columns)] for _ in range(rows)]


def decode_whole(
    group: Group,
    tables: object,
    streams: list[bytes | None],
    width: int,
    height: int,
    header: Header,
    scale: int,
    refine: lossy.Refinement | None,
) -> Planes:
    needed = streams[:1] if group.mode == LOSSY and scale == 8 else streams
    if None in needed:
        raise Damaged("a stream of the segment is lost", "frame.tolerant")
    first, *others = cast("list[bytes]", needed)
    if group.mode == LOSSY:
        return lossy.decode_segment(tables, first, others, width, height, scale, refine)
    if group.mode == LOSSLESS:
        full = lossless.decode_segment(tables, first, width, height)
    else:
        full = decode_raw(first, width, height, group.channels, header.depth)
    return box_mean(full, scale)


def decode_raw(stream: bytes, width: int, height: int, channels: int, depth: int) -> Planes:
    """Clause `frame.raw`."""
    here = "frame.raw"
    row_bytes = ceil_div(width * channels * depth, 8)
    require(len(stream) == row_bytes * height, "size of a raw segment", here)
    rows = []
    for y in range(height):
        bits = int.from_bytes(stream[y * row_bytes : (y + 1) * row_bytes], "little")
        row = []
        for _ in range(width):
            pixel = []
            for _ in range(channels):
                pixel.append(bits & ((1 << depth) - 1))
                bits >>= depth
            row.append(pixel)
        require(bits == 0, "fill bits of a raw row", here, y * row_bytes)
        rows.append(row)
    return rows


def box_mean(picture: Planes, scale: int) -> Planes:
    """Clause `frame.scale`, for groups that are not lossy."""
    rows = []
    for y in range(0, len(picture), scale):
        row = []
        for x in range(0, width_of(picture), scale):
            box = [p for line in picture[y : y + scale] for p in line[x : x + scale]]
            n = len(box)
            row.append([(sum(values) + n // 2) // n for values in zip(*box, strict=True)])
        rows.append(row)
    return rows


def compose(canvas: Planes, head: FrameHead, frame: Planes, header: Header) -> None:
    """Clause `frame.compose`: the frame onto the canvas, before it is shown."""
    m = header.max
    for y, line in enumerate(frame):
        for x, s in enumerate(line):
            d = canvas[head.y + y][head.x + x]
            a, b = s[-1], d[-1]
            if not head.blend or a == m or b == 0:
                d[:] = s
            else:  # a = 0 leaves all as it is
                t = a * m + b * (m - a)
                mixed = [
                    (v * a * m + under * b * (m - a) + t // 2) // t
                    for v, under in zip(s[:-1], d[:-1], strict=True)
                ]
                d[:] = [*mixed, (t + m // 2) // m]


def dispose(canvas: Planes, head: FrameHead, before: Planes) -> None:
    """Clause `frame.compose`: what happens to the frame's rectangle after it was shown."""
    for y in range(head.y, head.y + head.height):
        for x in range(head.x, head.x + head.width):
            if head.dispose == 1:
                canvas[y][x] = [0] * len(canvas[y][x])
            elif head.dispose == 2:
                canvas[y][x] = before[y][x]
