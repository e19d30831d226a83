"""Which mode a plane group takes. A picture, or cells, smaller losslessly are stored so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.picture.encoder import raw

__all__ = ["GroupJob", "Kept", "encode_best", "encoded_size", "preset_of"]

_ALWAYS_TRIED = 128 * 128
"""Pixels up to which a lossless trial costs nothing to speak of."""

_FLAT_SHARE = 0.35
"""Of pixels equal to their left neighbour: photographs mostly lie below, graphics above."""

_EDGE, _EDGES = 64, 0.2
"""Of the pixels that differ from it, so many of graphics do by so much."""

_LEAST_OF_PHOTO, _LEAST_OF_GRAPHIC = 0.65, 0.12
"""Exact bytes over `_residual_bytes`, the smallest seen: photographs 0.74, graphics 0.24."""

_SAMPLED_ROWS = 64
"""With 256 no preset and no share of 164 test pictures falls on the other side, and the estimate of
residuals moves by at most a sixth upwards; they took a tenth of the encoder's time."""

_LEAST_SAVED = 8
"""Bytes that an overlay must save: more than chunks' size fields may grow by."""

_FEW = 256
"""Colours, up to which a lossless trial is always made: how they repeat is not in residuals."""


class Choice(NamedTuple):
    """Groups that together hold the samples: one, or a lossy one and its overlay.

    colours: what the lossy group beside an overlay was made from, None without one.
    """

    groups: tuple[EncodedGroup, ...]
    colours: Samples | None = None

    @property
    def size(self) -> int:
        """Bytes that they cost in a file (the size fields of chunks apart)."""
        return sum(map(encoded_size, self.groups))


Kept: TypeAlias = dict[tuple[Mode, bool, GroupShape, float], Choice]
"""What of one picture was encoded before, by mode, whether with cells, shape and quality."""


@dataclass(frozen=True, slots=True)
class GroupJob:
    """How one plane group is to be coded. mode: None where all are allowed.

    cells: whether a lossy group may have an overlay. preset: of the lossy mode, "auto": by content.
    kept: is asked before encoding and filled after it, where the same picture comes again.
    """

    mode: Mode | None
    quality: float
    near: int
    effort: int
    segment_log2: int | None
    threads: int
    kept: Kept | None = None
    preset: str = "visual"
    cells: bool = False


def encode_best(samples: Samples, shape: GroupShape, job: GroupJob) -> Choice:
    """The group in the mode asked for, or in the smallest one that keeps the quality."""
    if job.mode is Mode.RAW:
        return _raw(samples, shape, job)
    if job.mode is Mode.LOSSLESS:
        best = _lossless(samples, shape, job)
    else:
        best = _lossy(samples, shape, job)
        if job.cells:
            best = _with_cells(samples, shape, job, best)
        if job.mode is Mode.LOSSY:
            return best
        if _may_be_smaller_exactly(samples, best.size):
            exact = _lossless(samples, shape, job)
            best = min(exact, best, key=lambda choice: choice.size)
    if best.size >= raw.raw_size(shape):
        best = min(best, _raw(samples, shape, job), key=lambda choice: choice.size)
    return best


def encoded_size(group: EncodedGroup) -> int:
    """Bytes that the group costs in a file: head, tables, streams, their sizes and checks."""
    streams = [len(segment) for stream in group.streams for segment in stream]
    sizes = sum(len(write_leb(size)) + size + 4 for size in streams)
    return 1 + len(write_leb(len(group.tables))) + len(group.tables) + sizes


def _raw(samples: Samples, shape: GroupShape, job: GroupJob) -> Choice:
    return Choice((raw.encode_group(samples, shape, segment_log2=job.segment_log2),))


def _once(
    job: GroupJob,
    mode: Mode,
    cells: bool,
    shape: GroupShape,
    quality: float,
    encode: Callable[[], Choice],
) -> Choice:
    if job.kept is None:
        return encode()
    key = (mode, cells, shape, quality)
    if key not in job.kept:
        job.kept[key] = encode()
    return job.kept[key]


def _lossless(samples: Samples, shape: GroupShape, job: GroupJob) -> Choice:
    from pil_dctz.lossless.encoder.group import encode_group

    def encode() -> Choice:
        group = encode_group(
            samples,
            shape,
            effort=job.effort,
            segment_log2=job.segment_log2,
            threads=job.threads,
            near=job.near,
        )
        return Choice((group,))

    return _once(job, Mode.LOSSLESS, False, shape, 0.0, encode)


def _lossy(samples: Samples, shape: GroupShape, job: GroupJob) -> Choice:
    def encode() -> Choice:
        preset = preset_of(samples, shape.depth) if job.preset == "auto" else job.preset
        return Choice((_lossy_group(samples, shape, job, preset),))

    return _once(job, Mode.LOSSY, False, shape, job.quality, encode)


def _lossy_group(samples: Samples, shape: GroupShape, job: GroupJob, preset: str) -> EncodedGroup:
    from pil_dctz.lossy.encoder.group import encode_group

    return encode_group(
        samples,
        shape,
        quality=job.quality,
        effort=job.effort,
        segment_log2=job.segment_log2,
        threads=job.threads,
        preset=preset,
    )


def _with_cells(samples: Samples, shape: GroupShape, job: GroupJob, lossy: Choice) -> Choice:
    """The lossy group, with an overlay if that takes fewer bytes."""
    from pil_dctz.picture.encoder.overlay import mix

    def encode_lossy(colours: Samples, left: NDArray[np.bool_]) -> EncodedGroup:
        auto = job.preset == "auto"
        preset = preset_of(colours, shape.depth, left) if auto else job.preset
        return _lossy_group(colours, shape, job, preset)

    def encode() -> Choice:
        mixed = mix(
            samples,
            shape,
            lossy.groups[0],
            encode_lossy,
            effort=job.effort,
            segment_log2=job.segment_log2,
            threads=job.threads,
        )
        if mixed is None:
            return lossy
        found = Choice(mixed[:2], mixed.colours)
        return found if found.size + _LEAST_SAVED <= lossy.size else lossy

    return _once(job, Mode.LOSSY, True, shape, job.quality, encode)


def _steps(samples: Samples) -> NDArray[np.int32]:
    """(rows, width - 1): the largest difference of any channel to the left neighbour, some rows."""
    rows = samples[:: max(1, samples.shape[0] // _SAMPLED_ROWS)].astype(np.int32)
    steps: NDArray[np.int32] = np.abs(np.diff(rows, axis=1)).max(axis=2)
    return steps


def _flat_share(samples: Samples) -> float:
    """Of the pixels of some rows, those equal to their left neighbour."""
    return float((_steps(samples) == 0).mean()) if samples.shape[1] > 1 else 1.0


def _has_few_colours(samples: Samples) -> bool:
    """Whether the picture has no more than `_FEW` colours, as icons, charts and dithers have."""
    some = samples[:: max(1, len(samples) // 32)]
    return _colours(some) <= _FEW and _colours(samples) <= _FEW


def _colours(samples: Samples) -> int:
    packed = np.zeros(samples.shape[:2], np.uint64)
    for channel in range(samples.shape[2]):
        packed = (packed << np.uint64(16)) | samples[..., channel]
    return len(np.unique(packed))


def preset_of(samples: Samples, depth: int, where: NDArray[np.bool_] | None = None) -> str:
    """The preset for what a picture shows, in the pixels `where` alone.

    Photographs for the eye, "visual"; "balanced" for graphics, whose edges are large. A photograph
    before a plain ground is as flat as those, but its other pixels differ by less.
    """
    if samples.shape[1] == 1:
        return "visual"
    steps = _steps(samples)
    if where is not None:
        steps = steps[where[:: max(1, samples.shape[0] // _SAMPLED_ROWS), 1:]]
    edges = steps[steps > 0]
    if edges.size == 0 or edges.size > (1 - _FLAT_SHARE) * steps.size:
        return "visual"
    return "balanced" if (edges >= _EDGE << (depth - 8)).mean() >= _EDGES else "visual"


def _may_be_smaller_exactly(samples: Samples, lossy_bytes: int) -> bool:
    """Whether a lossless trial is worth its time, which is long for large photographs."""
    height, width, _ = samples.shape
    if height * width <= _ALWAYS_TRIED or width == 1 or height == 1 or _has_few_colours(samples):
        return True
    least = _LEAST_OF_GRAPHIC if _flat_share(samples) >= _FLAT_SHARE else _LEAST_OF_PHOTO
    return bool(lossy_bytes >= least * _residual_bytes(samples))


def _residual_bytes(samples: Samples) -> float:
    """Zero-order entropy of the residuals of the median predictor, by a part of the rows."""
    height, width, channels = samples.shape
    chosen = np.arange(1, height, max(1, (height - 1) // _SAMPLED_ROWS))
    rows, above = samples[chosen].astype(np.int32), samples[chosen - 1].astype(np.int32)
    if channels == 3:
        for plane in (rows, above):
            plane[..., 0::2] -= plane[..., 1:2]
    left, up, corner = rows[:, :-1], above[:, 1:], above[:, :-1]
    predicted = np.clip(left + up - corner, np.minimum(left, up), np.maximum(left, up))
    residuals = (rows[:, 1:] - predicted) & 255
    bits = 0.0
    for channel in range(channels):
        counts = np.bincount(residuals[..., channel].reshape(-1), minlength=256)
        shares = counts[counts > 0] / counts.sum()
        bits -= float((shares * np.log2(shares)).sum())
    return float(bits / 8 * height * width)
