"""Top of the lossless encoder: a plane group as tables and segments. Chapter 9."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz import arrays
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.lossless.encoder.lzw import LzwCoder
from pil_dctz.lossless.encoder.palette import find_palette, write_palette

__all__ = ["encode_group"]

HAS_LZW = 1
HAS_PREDICTION = 2


def encode_group(
    samples: npt.NDArray[Any],
    shape: GroupShape,
    *,
    effort: int,
    segment_log2: int | None,
    threads: int,
) -> EncodedGroup:
    """A plane group, exactly.

    samples: (height, width, channels) uint8 (depth 1..8) or uint16, values below 2^depth.
    effort: 0..9. segment_log2: 0 or 6..15; None: chosen here. threads: 1 or more.
    """
    arrays.require(
        "samples",
        samples,
        arrays.sample_dtype(shape.depth),
        (shape.height, shape.width, shape.channels),
    )
    found = find_palette(samples)
    if found is not None and found[0].shape[0] == 1:
        return _one_colour(found[0], shape, segment_log2)
    log2 = choose_segment(shape) if segment_log2 is None else segment_log2
    return encode_lzw(samples, shape, found, effort=effort, segment_log2=log2)


def choose_segment(shape: GroupShape) -> int:
    """Segment side for graphics: the whole frame up to 4 million pixels, else 1024."""
    return 0 if shape.width * shape.height <= 1 << 22 else 10


def rectangles(shape: GroupShape, segment_log2: int) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) of all segments in raster order. Clause `frame.segments`."""
    side = 1 << segment_log2 if segment_log2 else max(shape.width, shape.height)
    return [
        (x, y, min(side, shape.width - x), min(side, shape.height - y))
        for y in range(0, shape.height, side)
        for x in range(0, shape.width, side)
    ]


def cut(whole: npt.NDArray[Any], places: list[tuple[int, int, int, int]]) -> list[npt.NDArray[Any]]:
    """The rectangles of an array (height, width, ...)."""
    return [whole[y : y + h, x : x + w] for x, y, w, h in places]


def _one_colour(
    palette: npt.NDArray[np.uint16], shape: GroupShape, segment_log2: int | None
) -> EncodedGroup:
    writer = BitWriter()
    writer.write(0, 1)
    write_palette(writer, palette, shape)
    log2 = segment_log2 or 0
    streams = [b"" for _ in rectangles(shape, log2)]
    return EncodedGroup(Mode.LOSSLESS, log2, bytes([HAS_LZW]) + writer.getvalue(), [streams])


def encode_lzw(
    samples: npt.NDArray[Any],
    shape: GroupShape,
    found: tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]] | None,
    *,
    effort: int,
    segment_log2: int,
) -> EncodedGroup:
    """The group in LZW alone: palette or pixels, whichever is smaller."""
    places = rectangles(shape, segment_log2)
    coders = []
    if found is not None:
        coders.append(LzwCoder(cut(found[1], places), shape, found[0]))
    if shape.depth <= 8 and (found is None or found[0].shape[0] > 8):
        coders.append(LzwCoder(cut(samples, places), shape, None))
    best = None
    for coder in coders:
        coder.run(effort)
        blob = bytes([HAS_LZW]) + coder.tables()
        streams = coder.streams()
        size = len(blob) + sum(map(len, streams))
        if best is None or size < best[0]:
            best = (size, EncodedGroup(Mode.LOSSLESS, segment_log2, blob, [streams]))
    if best is None:
        raise ValueError("more than 256 distinct pixels of more than 8 bits")
    return best[1]
