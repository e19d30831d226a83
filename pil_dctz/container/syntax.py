"""What both sides of the container share: the values of its fields.

Named tuples: the first file that a process opens waits for this module, and to make a dataclass
takes a millisecond (their module seven).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = [
    "HEADER_LIMIT",
    "HEADER_METADATA",
    "MAX_PASSES",
    "MAX_SIDE",
    "MAX_STREAMS",
    "SIGNATURE",
    "VERSION",
    "Blend",
    "Colour",
    "Dispose",
    "EncodedGroup",
    "FileHeader",
    "FrameHeader",
    "GroupShape",
    "Index",
    "Layout",
    "Mode",
    "PlaneGroup",
    "segments_across",
]

SIGNATURE = b"\xc4CTZ\r\n\x1a\n"
VERSION = 0x01
"""Major x 16 + minor. Clause `container.version`."""

MAX_SIDE = 1 << 30
MAX_DURATION = 1 << 40
MAX_FRAMES = 1 << 20
MAX_INFLATED = 1 << 24
SEGMENT_LOG2 = (0, *range(6, 16))
MAX_PASSES = 3
MAX_STREAMS = 1 + MAX_PASSES
"""Of a segment: the low one and the passes of the high one. Clause `frame.mode`."""
HEADER_LIMIT = 1 << 16
"""Bytes that `read_header` may touch."""
HEADER_METADATA = 1 << 17
"""Bytes of metadata that it takes, inflated: text becomes four times as many at most."""


class Layout(IntEnum):
    """Sample layout of a file. Clause `container.header`."""

    GRAY = 0
    GRAY_ALPHA = 1
    RGB = 2
    RGBA = 3
    FOUR = 4

    @property
    def channels(self) -> int:
        return (1, 2, 3, 4, 4)[self]

    @property
    def has_alpha(self) -> bool:
        return self in (Layout.GRAY_ALPHA, Layout.RGBA)

    @property
    def label(self) -> str:
        """The name in the public functions."""
        return ("gray", "gray+alpha", "rgb", "rgba", "4 components")[self]


class Mode(IntEnum):
    """Coding mode of a plane group. Clause `frame.mode`."""

    RAW = 0
    LOSSLESS = 1
    LOSSY = 2


class Blend(IntEnum):
    """How a frame meets the canvas. Clause `frame.compose`."""

    REPLACE = 0
    OVER = 1


class Dispose(IntEnum):
    """What becomes of a frame's rectangle after its time. Clause `frame.compose`."""

    KEEP = 0
    CLEAR = 1
    PREVIOUS = 2


class Colour(NamedTuple):
    """Code points of ITU-T H.273, each 0..255; full_range. Clause `container.colour`."""

    primaries: int
    transfer: int
    matrix: int = 0
    full_range: bool = True


class FileHeader(NamedTuple):
    """The header's fields. Clause `container.header`.

    size_bytes: length of the header with its CRC, where it has one: the first chunk, or the
    compact body, begins there.
    """

    width: int
    height: int
    layout: Layout
    depth: int
    colour: Colour | None = None
    animated: bool = False
    loop_count: int = 0
    full_profile: bool = False
    compact: bool = False
    version: int = VERSION
    size_bytes: int = 0


class Index(NamedTuple):
    """Of an animation: bytes and microseconds of each frame. Clause `container.index`."""

    frame_sizes: tuple[int, ...]
    durations_us: tuple[int, ...]


class GroupShape(NamedTuple):
    """Size and samples of a plane group of a frame.

    width, height: samples, 1..2^30. channels: 1..4. depth: bits a sample, 1..16.
    alpha: the last channel is alpha (or the only one, in a group of alpha alone).
    """

    width: int
    height: int
    channels: int
    depth: int
    alpha: bool = False


def segments_across(length: int, segment_log2: int) -> int:
    """How many segments lie side by side along `length` samples."""
    return 1 if segment_log2 == 0 else -(-length >> segment_log2)


class PlaneGroup(NamedTuple):
    """A plane group as the frame head describes it. Clauses `frame.group`, `frame.segments`.

    first_channel: its first channel of the picture. tables_offset: byte of the file at which the
    tables begin. sizes[stream][segment]: bytes without CRC; offsets: of the first byte, in the
    file. overlay: it gives some cells of the first group exactly (`frame.overlay`). passes: of the
    high frequencies, 1..3.
    """

    shape: GroupShape
    first_channel: int
    mode: Mode
    segment_log2: int
    tables: bytes
    tables_offset: int
    sizes: list[list[int]]
    offsets: list[list[int]]
    overlay: bool = False
    passes: int = 1

    @property
    def streams(self) -> int:
        """Sub-streams of a segment: lossy has the low frequencies apart, the high ones in passes.

        Clause `frame.mode`.
        """
        return 1 + self.passes if self.mode is Mode.LOSSY else 1

    @property
    def columns(self) -> int:
        return segments_across(self.shape.width, self.segment_log2)

    @property
    def rows(self) -> int:
        return segments_across(self.shape.height, self.segment_log2)


class FrameHeader(NamedTuple):
    """A frame's head with its groups. Clause `frame.head`.

    layer: offset of its `lrnd` chunk, None if it has none.
    """

    x: int
    y: int
    width: int
    height: int
    duration_us: int
    blend: Blend
    dispose: Dispose
    last: bool
    groups: tuple[PlaneGroup, ...]
    layer: int | None = None


class EncodedGroup(NamedTuple):
    """A plane group as bytes, before the container frames it.

    segment_log2: 6..15, side of a segment; 0: one segment holds the whole frame.
    tables: the group's tables. streams[stream][segment]: bytes of each segment's sub-stream,
    segments in raster order. overlay: whether it is one.
    """

    mode: Mode
    segment_log2: int
    tables: bytes
    streams: list[list[bytes]]
    overlay: bool = False
