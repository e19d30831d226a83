"""Classes of blocks under the preset predictors, at once, from sums of residuals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import (
    CLASS_BLOCK,
    FRACTION,
    PRESET_CLASSES,
    PredictionHead,
    preset_coefficients,
    preset_taps,
)

__all__ = ["are_like_presets", "choose_presets", "set_presets", "start_from_presets"]

KERNELS = "pil_dctz.lossless.encoder.prediction_fit_kernels"
FLOOR = 0.3  # added to a mean |residual|: below it bits do not shrink
START_STEP = 2  # every second row tells enough to start a fit from

Each = Callable[..., Iterator[Any]]


def are_like_presets(head: PredictionHead) -> bool:
    """True if the head's taps are those of the presets, and samples small enough for int32."""
    return head.top <= 255 and (head.own, head.cross) == preset_taps(head.shape.channels)


def set_presets(head: PredictionHead) -> None:
    """Make the preset predictors those of the head."""
    head.is_preset = True
    head.classes = PRESET_CLASSES
    head.own, head.cross = preset_taps(head.shape.channels)
    head.coefficients = preset_coefficients(head.shape.channels)


def choose_presets(segments: list[Segment], head: PredictionHead, each: Each, step: int) -> None:
    """The class of every block, by the residuals of every `step`th row."""
    list(each(partial(_choose, head, step), segments))


def start_from_presets(segments: list[Segment], head: PredictionHead, each: Each) -> None:
    """Classes and coefficients to fit from: the head.classes presets that most blocks choose."""
    wanted = head.classes
    head.classes = PRESET_CLASSES
    head.coefficients = preset_coefficients(head.shape.channels)
    choose_presets(segments, head, each, START_STEP)
    if wanted == PRESET_CLASSES:
        return
    used = sum(np.bincount(segment.classes(), minlength=PRESET_CLASSES) for segment in segments)
    kept = np.sort(np.argsort(-used, kind="stable")[:wanted])
    head.classes = wanted
    head.coefficients = [np.ascontiguousarray(c[kept]) for c in head.coefficients]
    choose_presets(segments, head, each, START_STEP)


def _choose(head: PredictionHead, step: int, segment: Segment) -> None:
    """Bits are taken as log2 of a block's mean |residual|, in each plane."""
    kernels = load(KERNELS)
    grid = segment.grid
    rows = (np.arange(grid.height) // CLASS_BLOCK)[step // 2 :: step]
    lengths = np.minimum(grid.width - np.arange(grid.columns) * CLASS_BLOCK, CLASS_BLOCK)
    samples = np.bincount(rows, minlength=grid.rows)[:, None] * lengths
    costs = np.zeros((grid.rows, grid.columns, head.classes), np.float32)
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        offsets = taps.offsets(plane, grid.plane_size, grid.stride)
        size = -(-offsets.size // 4) * 4
        coefficients = np.zeros((head.classes, size), np.int32)
        coefficients[:, : offsets.size] = head.coefficients[plane]
        distances = np.zeros(size, np.int64)
        distances[: offsets.size] = offsets
        sums = np.zeros(costs.shape, np.int64)
        kernels.add_sizes(
            segment.samples,
            grid.origin + plane * grid.plane_size,
            grid.geometry(),
            coefficients,
            distances,
            step,
            np.zeros(grid.stride, np.int32),
            sums,
        )
        unit = (np.maximum(samples, 1) << FRACTION) * head.step
        means = sums.astype(np.float32) / unit[..., None].astype(np.float32)
        costs += np.log2(means + np.float32(FLOOR)) * np.float32(CLASS_BLOCK**2)
    flat = segment.blocks.reshape(-1)
    flat[segment.block_index] = costs.reshape(-1, head.classes).argmin(axis=1)[segment.block_index]
    kernels.sweep_classes(costs, segment.blocks, np.zeros(head.classes, np.float32), 1.0)
