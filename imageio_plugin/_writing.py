"""What imageio users may ask of a written file, and the arrays that make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import pil_dctz

__all__ = ["WriteOptions", "encode", "frames_of"]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Keywords of `imwrite`; their meaning is in `DctzPlugin.write`."""

    quality: float | None = None
    target_size: int | None = None
    target_quality: float | None = None
    preset: str = "auto"
    alpha_quality: float | None = None
    progressive: bool | int = False
    lossless: bool = False
    near_lossless: int = 0
    effort: int = 5
    depth: int | None = None
    threads: int | None = None
    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: Mapping[str, str] | None = None
    duration: float | Sequence[float] = 0
    loop: int = 0

    def updated(self, given: Mapping[str, Any]) -> WriteOptions:
        """With some of them given anew. Raises TypeError for a name that is none of them."""
        if "fps" in given:
            raise TypeError("fps is not an option, say duration in ms: 1000 / fps")
        names = [field.name for field in fields(self)]
        unknown = [name for name in given if name not in names]
        if unknown:
            raise TypeError(
                f"no option of .dctz: {', '.join(unknown)}; they are {', '.join(names)}"
            )
        return replace(self, **given)


def frames_of(
    ndimage: ArrayLike | Sequence[ArrayLike], is_batch: bool | None
) -> list[NDArray[Any]]:
    """The pictures in what `write` was given. Raises ValueError where that is not clear."""
    frames = _frames_of(ndimage, is_batch)
    if not frames:
        raise ValueError("no frames to write")
    return frames


def _frames_of(
    ndimage: ArrayLike | Sequence[ArrayLike], is_batch: bool | None
) -> list[NDArray[Any]]:
    if isinstance(ndimage, list | tuple) and is_batch is not False:
        return [np.asarray(frame) for frame in ndimage]
    array = np.asarray(ndimage)
    if is_batch is None:
        if array.ndim == 3 and array.shape[2] > 4:
            raise ValueError(
                f"shape {array.shape}: say is_batch=True if these are gray frames; "
                "a picture has 1 to 4 channels, in the last dimension"
            )
        is_batch = array.ndim > 3
    return [*array] if is_batch else [array]


def encode(frames: list[NDArray[Any]], options: WriteOptions) -> bytes:
    """The bytes of a file: a still picture, or an animation of several frames. Raises ValueError.

    frames: at least one; bool arrays become bilevel pictures.
    """
    depth = options.depth
    if depth is None and all(frame.dtype == np.bool_ for frame in frames):
        depth = 1
    common: dict[str, Any] = {
        "quality": options.quality,
        "target_size": options.target_size,
        "target_quality": options.target_quality,
        "preset": options.preset,
        "alpha_quality": options.alpha_quality,
        "progressive": options.progressive,
        "lossless": options.lossless,
        "near_lossless": options.near_lossless,
        "effort": options.effort,
        "depth": depth,
        "threads": options.threads,
        "metadata": pil_dctz.Metadata(
            icc=options.icc_profile,
            exif=options.exif,
            xmp=options.xmp,
            dpi=options.dpi,
            text=dict(options.text or {}),
        ),
    }
    if len(frames) == 1:
        return pil_dctz.encode(frames[0], **common)
    durations = _durations_us(options.duration, len(frames))
    return pil_dctz.encode_frames(frames, durations, loop=options.loop, **common)


def _durations_us(duration: float | Sequence[float], count: int) -> list[int]:
    given = list(duration) if isinstance(duration, Sequence) else [duration] * count
    if len(given) != count:
        raise ValueError(f"duration has {len(given)} entries for {count} frames")
    return [round(value * 1000) for value in given]
