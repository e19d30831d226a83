"""Frames to an animation, each cut to what has changed. Clauses `frame.head`, `container.index`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from pil_dctz.arrays import Samples
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.frame import FramePlace, write_frame
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.encoder.metadata import write_index, write_metadata
from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import MAX_DURATION, MAX_FRAMES, Index
from pil_dctz.picture.encoder.encode import Picture, encode_groups
from pil_dctz.picture.encoder.options import EncodeOptions
from pil_dctz.picture.segments import Rectangle

__all__ = ["encode_animation"]


def encode_animation(
    pictures: Iterable[Picture],
    durations_us: list[int],
    loop: int,
    options: EncodeOptions,
    metadata: Metadata,
    threads: int,
) -> bytes:
    """The whole file. Two pictures are held at a time."""
    _check(durations_us, loop)
    count = len(durations_us)
    frames: list[bytes] = []
    before: Picture | None = None
    for number, picture in enumerate(pictures):
        if number == count:
            raise ValueError(f"{count} durations for more than {count} frames")
        place = _place(before, picture, durations_us[number])
        part = picture
        if place.rectangle is not None:
            rows, columns = Rectangle(*place.rectangle).slices
            part = replace(picture, samples=np.ascontiguousarray(picture.samples[rows, columns]))
        groups, _ = encode_groups(part, options, threads, whole=False)
        frames.append(write_frame(groups, place=place, last=number == count - 1))
        before = picture
    if before is None or len(frames) != count:
        raise ValueError(f"{count} durations for {len(frames)} frames")
    header = before.header._replace(colour=options.colour, animated=True, loop_count=loop)
    index = Index(tuple(map(len, frames)), tuple(durations_us))
    parts = [write_header(header), write_metadata(metadata), write_index(index), *frames]
    return b"".join((*parts, write_chunk(b"DEND", b"")))


def _check(durations_us: list[int], loop: int) -> None:
    if not 1 <= len(durations_us) <= MAX_FRAMES:
        raise ValueError(f"animations have 1..{MAX_FRAMES} frames, got {len(durations_us)}")
    for duration in durations_us:
        if not 0 <= duration <= MAX_DURATION:
            raise ValueError(f"durations must be 0..{MAX_DURATION} microseconds, got {duration}")
    if not 0 <= loop <= 65535:
        raise ValueError(f"loop must be 0..65535, got {loop}")


def _place(before: Picture | None, picture: Picture, duration_us: int) -> FramePlace:
    """The frame's rectangle: all that differs from the picture before it."""
    if before is None:
        return FramePlace(duration_us)
    same = (before.samples.shape, before.layout, before.depth)
    if (picture.samples.shape, picture.layout, picture.depth) != same:
        raise ValueError(
            f"frames must have one shape and depth: {before.samples.shape} of {before.depth} bits, "
            f"then {picture.samples.shape} of {picture.depth} bits"
        )
    area = _changed(before.samples, picture.samples)
    height, width, _ = picture.samples.shape
    if (area.width, area.height) == (width, height):
        return FramePlace(duration_us)
    return FramePlace(duration_us, (area.x, area.y, area.width, area.height))


def _changed(before: Samples, after: Samples) -> Rectangle:
    """The smallest rectangle around all differences; one pixel if there are none."""
    differs = (before != after).any(axis=2)
    rows = np.flatnonzero(differs.any(axis=1))
    columns = np.flatnonzero(differs.any(axis=0))
    if rows.size == 0:
        return Rectangle(0, 0, 1, 1)
    y, x = int(rows[0]), int(columns[0])
    return Rectangle(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
