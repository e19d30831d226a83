"""Which mode a plane group takes. A picture that is smaller losslessly is stored losslessly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.picture.encoder import raw

__all__ = ["GroupJob", "Kept", "encode_best", "encoded_size"]

_ALWAYS_TRIED = 128 * 128
"""Pixels up to which a lossless trial costs nothing to speak of."""

_FLAT_SHARE = 0.35
"""Of pixels equal to their left neighbour: photographs mostly lie below, graphics above."""

_LEAST_OF_PHOTO, _LEAST_OF_GRAPHIC = 0.65, 0.12
"""Exact bytes over `_residual_bytes`, the smallest seen: photographs 0.74, graphics 0.24."""

_SAMPLED_ROWS = 256

_FEW = 256
"""Colours, up to which a lossless trial is always made: how they repeat is not in residuals."""


Kept: TypeAlias = dict[tuple[Mode, GroupShape, float], EncodedGroup]
"""Groups of one picture that were encoded before, by mode, shape and quality."""


@dataclass(frozen=True, slots=True)
class GroupJob:
    """How one plane group is to be coded. mode: None where all are allowed.

    preset: of the lossy mode, "auto": by content. kept: is asked before encoding and filled after
    it, where the same picture comes again.
    """

    mode: Mode | None
    quality: float
    near: int
    effort: int
    segment_log2: int | None
    threads: int
    kept: Kept | None = None
    preset: str = "visual"


def encode_best(samples: Samples, shape: GroupShape, job: GroupJob) -> EncodedGroup:
    """The group in the mode asked for, or in the smallest one that keeps the quality."""
    if job.mode is Mode.RAW:
        return raw.encode_group(samples, shape, segment_log2=job.segment_log2)
    if job.mode is Mode.LOSSLESS:
        best = _lossless(samples, shape, job)
    elif job.mode is Mode.LOSSY:
        return _lossy(samples, shape, job)
    else:
        best = _lossy(samples, shape, job)
        if _may_be_smaller_exactly(samples, encoded_size(best)):
            exact = _lossless(samples, shape, job)
            best = min(exact, best, key=encoded_size)
    if encoded_size(best) >= raw.raw_size(shape):
        stored = raw.encode_group(samples, shape, segment_log2=job.segment_log2)
        best = min(best, stored, key=encoded_size)
    return best


def encoded_size(group: EncodedGroup) -> int:
    """Bytes that the group costs in a file, sizes and checks included (to a byte or two)."""
    streams = [segment for stream in group.streams for segment in stream]
    return len(group.tables) + sum(map(len, streams)) + 6 * len(streams)


def _once(
    job: GroupJob, mode: Mode, shape: GroupShape, quality: float, encode: Callable[[], EncodedGroup]
) -> EncodedGroup:
    if job.kept is None:
        return encode()
    key = (mode, shape, quality)
    if key not in job.kept:
        job.kept[key] = encode()
    return job.kept[key]


def _lossless(samples: Samples, shape: GroupShape, job: GroupJob) -> EncodedGroup:
    from pil_dctz.lossless.encoder.group import encode_group

    def encode() -> EncodedGroup:
        return encode_group(
            samples,
            shape,
            effort=job.effort,
            segment_log2=job.segment_log2,
            threads=job.threads,
            near=job.near,
        )

    return _once(job, Mode.LOSSLESS, shape, 0.0, encode)


def _lossy(samples: Samples, shape: GroupShape, job: GroupJob) -> EncodedGroup:
    from pil_dctz.lossy.encoder.group import encode_group

    def encode() -> EncodedGroup:
        return encode_group(
            samples,
            shape,
            quality=job.quality,
            effort=job.effort,
            segment_log2=job.segment_log2,
            threads=job.threads,
            preset=_preset(samples) if job.preset == "auto" else job.preset,
        )

    return _once(job, Mode.LOSSY, shape, job.quality, encode)


def _flat_share(samples: Samples) -> float:
    """Of the pixels of some rows, those equal to their left neighbour."""
    if samples.shape[1] == 1:
        return 1.0
    rows = samples[:: max(1, samples.shape[0] // _SAMPLED_ROWS)]
    return float((rows[:, 1:] == rows[:, :-1]).all(axis=2).mean())


def _has_few_colours(samples: Samples) -> bool:
    """Whether the picture has no more than `_FEW` colours, as icons, charts and dithers have."""
    packed = np.zeros(samples.shape[:2], np.uint64)
    for channel in range(samples.shape[2]):
        packed = (packed << np.uint64(16)) | samples[..., channel]
    rows = packed[:: max(1, len(packed) // 32)]
    return len(np.unique(rows)) <= _FEW and len(np.unique(packed)) <= _FEW


def _preset(samples: Samples) -> str:
    """Photographs for the eye; graphics with edges where large errors show."""
    return "balanced" if _flat_share(samples) >= _FLAT_SHARE else "visual"


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
