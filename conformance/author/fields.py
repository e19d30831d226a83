"""Fields of chapters 3 to 5, each right by default and wrong on demand."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from conformance.author.draw import Picture

SIGNATURE = bytes.fromhex("C443545A0D0A1A0A")
GRAY, GRAY_ALPHA, RGB, RGBA, FOUR = range(5)
CHANNELS = (1, 2, 3, 4, 4)
RAW, LOSSLESS, LOSSY = range(3)


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def u8(v: int) -> bytes:
    return v.to_bytes(1, "little")


def u32(v: int) -> bytes:
    return v.to_bytes(4, "little")


def leb(v: int, longer: int = 0) -> bytes:
    """Clause `conventions.leb`; longer: bytes more than the shortest form."""
    out = []
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)
    for _ in range(longer):
        out[-1] |= 128
        out.append(0)
    return bytes(out)


def crc(data: bytes) -> bytes:
    """Clause `conventions.crc`."""
    return u32(zlib.crc32(data))


def header(
    width: int,
    height: int,
    layout: int = RGB,
    depth: int = 8,
    *,
    colour: tuple[int, int, int, int] | None = None,
    loop: int | None = None,
    compact: bool = False,
    signature: bytes = SIGNATURE,
    version: int = 1,
    shape_bits: int = 0,
    depth_bits: int = 0,
    width_field: bytes | None = None,
    check: int = 0,
) -> bytes:
    """Clause `container.header`. shape_bits, depth_bits: set besides; check: mixed into the CRC."""
    shape = layout | (colour is not None) << 3 | (loop is not None) << 4 | compact << 6 | shape_bits
    out = signature + u8(version) + u8(shape) + u8((depth - 1) | depth_bits)
    out += leb(width) if width_field is None else width_field
    out += leb(height)
    if colour is not None:
        out += bytes(colour)
    if loop is not None:
        out += leb(loop)
    return out if compact else out + u32(zlib.crc32(out) ^ check)


def chunk(
    kind: str, payload: bytes = b"", *, size_field: bytes | None = None, check: int = 0
) -> bytes:
    """Clause `container.chunk`."""
    head = kind.encode("latin-1") + (leb(len(payload)) if size_field is None else size_field)
    covered = head if kind == "SEGS" else head + payload
    return head + payload + u32(zlib.crc32(covered) ^ check)


def stored(blob: bytes) -> bytes:
    """Clause `container.metadata`."""
    return b"\0" + blob


def deflated(blob: bytes, *, raw_size: int | None = None, behind: bytes = b"") -> bytes:
    """The same by deflate; raw_size: another size told; behind: bytes after the zlib stream."""
    size = len(blob) if raw_size is None else raw_size
    return b"\1" + leb(size) + zlib.compress(blob, 9) + behind


@dataclass
class Group:
    """Clause `frame.group`. streams[stream][segment]."""

    mode: int
    streams: list[list[bytes]]
    tables: bytes = b""
    log2: int = 0
    coding_bits: int = 0

    def head(self) -> bytes:
        coding = self.mode | self.log2 << 4 | self.coding_bits
        return u8(coding) + leb(len(self.tables)) + self.tables


@dataclass
class Frame:
    """Clauses `frame.head`, `frame.data`. Fields with `_bits`, `wrong` or `check` break rules."""

    groups: list[Group]
    place: tuple[int, int, int, int] | None = None
    duration: int | None = None
    blend: int = 0
    dispose: int = 0
    last: bool = True
    between: bytes = b""
    flag_bits: int = 0
    behind_sizes: bytes = b""
    segment_check: int = 0
    behind_segments: bytes = b""
    wrong_size: int = 0
    overlay: Group | None = None
    sizes: list[int] = field(default_factory=list)

    def head(self) -> bytes:
        flags = (
            (self.place is not None)
            | (self.duration is not None) << 1
            | self.blend << 2
            | self.dispose << 3
            | (len(self.groups) == 2) << 5
            | self.last << 6
            | (self.overlay is not None) << 7
            | self.flag_bits
        )
        out = u8(flags)
        if self.place is not None:
            out += b"".join(leb(v) for v in self.place)
        if self.duration is not None:
            out += leb(self.duration)
        out += b"".join(group.head() for group in self.all_groups())
        sizes = [len(payload) for payload in self.in_order()]
        sizes[-1] += self.wrong_size
        return out + b"".join(leb(size) for size in sizes) + self.behind_sizes

    def all_groups(self) -> list[Group]:
        return self.groups + ([] if self.overlay is None else [self.overlay])

    def in_order(self) -> list[bytes]:
        return [
            payload
            for stream in range(4)
            for group in self.all_groups()
            if stream < len(group.streams)
            for payload in group.streams[stream]
        ]

    def segments(self) -> bytes:
        out = b"".join(payload + crc(payload) for payload in self.in_order())
        if self.segment_check:
            out = out[:-1] + u8(out[-1] ^ self.segment_check)
        return out + self.behind_segments

    def chunks(self) -> bytes:
        return chunk("FRAM", self.head()) + self.between + chunk("SEGS", self.segments())


def index(frames: list[Frame], *, longer: int = 0, durations: list[int] | None = None) -> bytes:
    """Clause `container.index`. longer: added to the first size; durations: others than theirs."""
    out = leb(len(frames))
    for i, frame in enumerate(frames):
        told = (frame.duration or 0) if durations is None else durations[i]
        out += leb(len(frame.chunks()) + (longer if i == 0 else 0)) + leb(told)
    return chunk("indx", out)


def still(head: bytes, frame: Frame, before: bytes = b"", after: bytes = b"") -> bytes:
    """Clause `container.order`: a file of one frame."""
    return head + before + frame.chunks() + after + chunk("DEND")


def animation(head: bytes, frames: list[Frame], before: bytes | None = None) -> bytes:
    """A file of several frames; before: instead of the index."""
    for frame in frames:
        frame.last = frame is frames[-1]
    start = index(frames) if before is None else before
    return head + start + b"".join(frame.chunks() for frame in frames) + chunk("DEND")


def compact(head: bytes, group: Group, *, check: int = 0) -> bytes:
    """Clause `container.compact`."""
    out = head + group.head()
    if group.mode == LOSSY:
        out += leb(len(group.streams[0][0])) + group.streams[0][0]
    out += group.streams[-1][0]
    return out + u32(zlib.crc32(out) ^ check)


def rectangles(width: int, height: int, log2: int) -> list[tuple[int, int, int, int]]:
    """Clause `frame.segments`."""
    side = 1 << log2 if log2 else max(width, height)
    return [
        (x, y, min(side, width - x), min(side, height - y))
        for y in range(0, height, side)
        for x in range(0, width, side)
    ]


def cut(picture: Picture, rectangle: tuple[int, int, int, int]) -> Picture:
    x, y, w, h = rectangle
    return [row[x : x + w] for row in picture[y : y + h]]


def pack_raw(picture: Picture, depth: int, fill: int = 0) -> bytes:
    """Clause `frame.raw`. fill: what the fill bits of each row are, in place of 0."""
    out = b""
    for row in picture:
        bits = n = 0
        for pixel in row:
            for sample in pixel:
                bits |= sample << n
                n += depth
        size = (n + 7) // 8
        bits |= (fill << n) & ((1 << 8 * size) - 1)
        out += bits.to_bytes(size, "little")
    return out


def raw_group(picture: Picture, depth: int, log2: int = 0, fill: int = 0) -> Group:
    """A group in raw mode."""
    places = rectangles(len(picture[0]), len(picture), log2)
    streams = [pack_raw(cut(picture, place), depth, fill) for place in places]
    return Group(RAW, [streams], log2=log2)
