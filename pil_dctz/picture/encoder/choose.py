"""Which mode a plane group takes. A picture that is smaller losslessly is stored losslessly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.picture.encoder import raw

__all__ = ["GroupJob", "encode_best", "encoded_size"]

_ALWAYS_TRIED = 128 * 128
"""Pixels up to which a lossless trial costs nothing to speak of."""

_FLAT_SHARE = 0.35
"""Photographs repeat the left neighbour in 2 to 15 % of their pixels, graphics in 50 to 99 %."""

_HIGH_QUALITY = 97
"""From here on lossy photographs approach the size of lossless ones."""


@dataclass(frozen=True, slots=True)
class GroupJob:
    """How one plane group is to be coded. mode: None where all are allowed."""

    mode: Mode | None
    quality: float
    effort: int
    segment_log2: int | None
    threads: int


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
        if _may_be_smaller_exactly(samples, job.quality):
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


def _lossless(samples: Samples, shape: GroupShape, job: GroupJob) -> EncodedGroup:
    from pil_dctz.lossless.encoder.group import encode_group

    return encode_group(
        samples, shape, effort=job.effort, segment_log2=job.segment_log2, threads=job.threads
    )


def _lossy(samples: Samples, shape: GroupShape, job: GroupJob) -> EncodedGroup:
    from pil_dctz.lossy.encoder.group import encode_group

    return encode_group(
        samples,
        shape,
        quality=job.quality,
        effort=job.effort,
        segment_log2=job.segment_log2,
        threads=job.threads,
    )


def _may_be_smaller_exactly(samples: Samples, quality: float) -> bool:
    """Whether a lossless trial is worth its time."""
    height, width, _ = samples.shape
    if height * width <= _ALWAYS_TRIED or quality >= _HIGH_QUALITY:
        return True
    rows = samples[:: max(1, height // 256)]
    if width == 1:
        return True
    flat = (rows[:, 1:] == rows[:, :-1]).all(axis=2)
    return float(np.mean(flat)) >= _FLAT_SHARE
