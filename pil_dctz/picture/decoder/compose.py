"""Frames on the canvas: place, blend, dispose. Clause `frame.compose`."""

from __future__ import annotations

import numpy as np

from pil_dctz.arrays import Samples, sample_dtype
from pil_dctz.container.syntax import Blend, Dispose, FileHeader, FrameHeader
from pil_dctz.picture.segments import Rectangle

__all__ = ["Canvas", "area_of", "stands_alone"]


def area_of(frame: FrameHeader) -> Rectangle:
    """Its rectangle of the canvas."""
    return Rectangle(frame.x, frame.y, frame.width, frame.height)


def stands_alone(frame: FrameHeader, header: FileHeader) -> bool:
    """Whether what is shown does not depend on the frames before it."""
    covers = (frame.width, frame.height) == (header.width, header.height)
    return covers and frame.blend is Blend.REPLACE


class Canvas:
    """The picture that an animation's frames are put on.

    samples: (height, width, channels), as shown after the last `put`.
    """

    def __init__(self, header: FileHeader) -> None:
        self._depth = header.depth
        shape = (header.height, header.width, header.layout.channels)
        self.samples: Samples = np.zeros(shape, sample_dtype(header.depth))
        self._after: tuple[Rectangle, Samples | None] | None = None

    def put(self, frame: FrameHeader, samples: Samples) -> None:
        """Dispose of the frame before, put this one on."""
        self._dispose()
        area = area_of(frame)
        part = self.samples[area.slices]
        if frame.dispose is Dispose.PREVIOUS:
            self._after = (area, part.copy())
        elif frame.dispose is Dispose.CLEAR:
            self._after = (area, None)
        if frame.blend is Blend.REPLACE:
            part[...] = samples
        else:
            blend_over(samples, part, self._depth)

    def _dispose(self) -> None:
        if self._after is not None:
            area, before = self._after
            self.samples[area.slices] = 0 if before is None else before
            self._after = None


def blend_over(source: Samples, canvas: Samples, depth: int) -> None:
    """`source` over `canvas`, in place; the last channel is alpha, straight."""
    full = (1 << depth) - 1
    a = source[..., -1:].astype(np.int64)
    b = canvas[..., -1:].astype(np.int64)
    under = b * (full - a)
    total = a * full + under
    safe = np.maximum(total, 1)
    mixed = np.empty(source.shape, np.int64)
    colours = source[..., :-1].astype(np.int64) * (a * full) + canvas[..., :-1] * under
    mixed[..., :-1] = (colours + total // 2) // safe
    mixed[..., -1:] = (total + full // 2) // full
    taken = (a == full) | (b == 0)
    canvas[...] = np.where(taken, source, np.where(a > 0, mixed, canvas)).astype(canvas.dtype)
