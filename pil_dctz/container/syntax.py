"""What both sides of the container share: the values of its fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["EncodedGroup", "GroupShape", "Layout", "Mode"]


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


class Mode(IntEnum):
    """Coding mode of a plane group. Clause `frame.mode`."""

    RAW = 0
    LOSSLESS = 1
    LOSSY = 2

    @property
    def streams(self) -> int:
        """Sub-streams of a segment: lossy has the low frequencies apart."""
        return 2 if self is Mode.LOSSY else 1


@dataclass(frozen=True, slots=True)
class GroupShape:
    """Size and samples of a plane group of a frame.

    width, height: samples, 1..2^30. channels: 1..4. depth: bits a sample, 1..16.
    alpha: the last channel is alpha (or the only one, in a group of alpha alone).
    """

    width: int
    height: int
    channels: int
    depth: int
    alpha: bool = False


@dataclass(slots=True)
class EncodedGroup:
    """A plane group as bytes, before the container frames it.

    segment_log2: 6..15, side of a segment; 0: one segment holds the whole frame.
    tables: the group's tables. streams[stream][segment]: bytes of each segment's sub-stream,
    segments in raster order.
    """

    mode: Mode
    segment_log2: int
    tables: bytes
    streams: list[list[bytes]]
