"""Saving from Pillow: `im.save(path)`, `im.save(path, save_all=True)`, `im.tobytes("DCTZ")`.

A file is encoded completely before the first byte is written, so a picture that cannot be written
leaves nothing behind, and a pipe will do for a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import pil_dctz
from pil_dctz.pillow.modes import Picture, picture_of, with_channels
from pil_dctz.pillow.options import SaveOptions, parse_durations, parse_loop, parse_options

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["encode_picture", "save", "save_all"]


def save(im: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    """Handler of `Image.save` for a still picture. Raises OSError, ValueError."""
    fp.write(encode_picture(im, parse_options(im.encoderinfo, im.info)))


def save_all(im: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    """Handler of `Image.save(save_all=True)`: the frames of `im` and of `append_images`.

    One frame in all makes a still picture. Equal frames stay apart. Raises OSError, ValueError.
    """
    given = im.encoderinfo
    pictures = [im, *(given.get("append_images") or ())]
    if sum(_frame_count(picture) for picture in pictures) == 1:
        save(im, fp, filename)
        return
    options = parse_options(given, im.info)
    if options.progressive == 1:  # True, a wish: animations have no passes
        options = replace(options, progressive=0)
    frames: list[Picture] = []
    own_durations: list[Any] = []
    for frame in _frames(pictures):
        frames.append(picture_of(frame, options.bits))
        own_durations.append(frame.info.get("duration"))
    arrays, depth = _alike(frames)
    fp.write(
        pil_dctz.encode_frames(
            arrays,
            parse_durations(given.get("duration"), own_durations),
            loop=parse_loop(given, im.info),
            **_coding(options, depth),
        )
    )


def encode_picture(im: Image.Image, options: SaveOptions) -> bytes:
    """A still picture as the bytes of a file. Raises OSError, ValueError."""
    samples, depth = picture_of(im, options.bits)
    return pil_dctz.encode(samples, **_coding(options, depth), learned=options.learned)


def _coding(options: SaveOptions, depth: int) -> dict[str, Any]:
    """Arguments of the library; depths below 8 and above 12 are exact, whatever the quality."""
    return {
        "depth": depth,
        "quality": options.quality if 8 <= depth <= 12 else None,
        "target_size": options.target_size,
        "target_quality": options.target_quality if depth == 8 else None,
        "preset": options.preset,
        "alpha_quality": options.alpha_quality,
        "progressive": options.progressive,
        "lossless": options.lossless,
        "near_lossless": options.near_lossless,
        "effort": options.effort,
        "metadata": options.metadata,
        "threads": options.threads,
    }


def _frame_count(im: Image.Image) -> int:
    return int(getattr(im, "n_frames", 1))


def _frames(pictures: list[Image.Image]) -> Iterator[Image.Image]:
    """All frames of all pictures; each picture is left at the frame where it was."""
    for im in pictures:
        count = _frame_count(im)
        if count == 1:
            im.load()
            yield im
            continue
        before = im.tell()
        try:
            for number in range(count):
                im.seek(number)
                im.load()
                yield im
        finally:
            im.seek(before)


def _alike(frames: list[Picture]) -> tuple[list[NDArray[Any]], int]:
    """Frames in the one layout and depth that holds them all. Raises ValueError."""
    sizes = {samples.shape[:2] for samples, _ in frames}
    if len(sizes) > 1:
        named = " and ".join(f"{width} x {height}" for height, width in sorted(sizes))
        raise ValueError(f"all frames of an animation must have one size, got {named}")
    depths = {depth for _, depth in frames}
    depth = max(depths)
    if depth > 8 and len(depths) > 1:
        raise ValueError(f"frames of more than 8 bits must have one depth, got {sorted(depths)}")
    channels = [1 if samples.ndim == 2 else samples.shape[2] for samples, _ in frames]
    colour = max(channels) > 2
    alpha = any(count in (2, 4) for count in channels)
    peak = (1 << depth) - 1
    wide = [_at_depth(samples, own, depth) for samples, own in frames]
    return [with_channels(one, colour=colour, alpha=alpha, peak=peak) for one in wide], depth


def _at_depth(samples: NDArray[Any], own: int, depth: int) -> NDArray[Any]:
    planes = samples[:, :, None] if samples.ndim == 2 else samples
    return planes if own == depth else planes * np.uint8(255)  # bilevel among 8-bit frames
