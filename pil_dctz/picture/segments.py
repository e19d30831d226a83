"""Rectangles, and which segments they touch. Clauses `frame.segments`, `frame.region`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pil_dctz.container.syntax import segments_across

__all__ = ["Rectangle", "Segment", "check_region", "check_scale", "segments_of", "touched"]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """x, y, width, height in samples."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def intersect(self, other: Rectangle) -> Rectangle | None:
        """What both cover, None for nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width = min(self.right, other.right) - x
        height = min(self.bottom, other.bottom) - y
        return Rectangle(x, y, width, height) if width > 0 and height > 0 else None

    def scaled(self, scale: int) -> Rectangle:
        """The samples at 1:scale that its samples belong to."""
        x, y = self.x // scale, self.y // scale
        return Rectangle(x, y, -(-self.right // scale) - x, -(-self.bottom // scale) - y)

    def moved(self, dx: int, dy: int) -> Rectangle:
        return Rectangle(self.x + dx, self.y + dy, self.width, self.height)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns for an array."""
        return slice(self.y, self.bottom), slice(self.x, self.right)


@dataclass(frozen=True, slots=True)
class Segment:
    """number: in raster order of the group. area: in samples of the frame."""

    number: int
    area: Rectangle


def segments_of(width: int, height: int, segment_log2: int) -> Iterator[Segment]:
    """All segments of a group, in raster order."""
    return touched(width, height, segment_log2, Rectangle(0, 0, width, height))


def touched(width: int, height: int, segment_log2: int, region: Rectangle) -> Iterator[Segment]:
    """The segments of a group that `region`, which lies inside it, touches; raster order."""
    if segment_log2 == 0:
        yield Segment(0, Rectangle(0, 0, width, height))
        return
    side, columns = 1 << segment_log2, segments_across(width, segment_log2)
    for row in range(region.y // side, -(-region.bottom // side)):
        for column in range(region.x // side, -(-region.right // side)):
            x, y = column * side, row * side
            area = Rectangle(x, y, min(side, width - x), min(side, height - y))
            yield Segment(row * columns + column, area)


def check_region(region: tuple[int, int, int, int] | None, width: int, height: int) -> Rectangle:
    """A region inside width x height; None is all of it. Raises ValueError."""
    if region is None:
        return Rectangle(0, 0, width, height)
    x, y, w, h = (int(value) for value in region)
    if x < 0 or y < 0 or w < 1 or h < 1 or x + w > width or y + h > height:
        raise ValueError(
            f"region (x, y, width, height) must lie inside {width} x {height}, got {(x, y, w, h)}"
        )
    return Rectangle(x, y, w, h)


def check_scale(scale: int) -> int:
    """1, 2, 4 or 8. Raises ValueError."""
    if scale not in (1, 2, 4, 8):
        raise ValueError(f"scale must be 1, 2, 4 or 8, got {scale}")
    return int(scale)
