"""Predictors of few taps in a single round, for low efforts: a tenth of the time of a full fit."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_fit import (
    Each,
    drop_classes,
    round_coefficients,
    solutions,
    start_classes,
    taps_of,
)
from pil_dctz.lossless.encoder.prediction_presets import choose_presets
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import PredictionHead, SegmentGrid

__all__ = ["fit_quickly"]

KERNELS = "pil_dctz.lossless.encoder.prediction_quick_kernels"

_Places = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def fit_quickly(
    segments: list[Segment], head: PredictionHead, rounds: int, step: int, each: Each
) -> None:
    """Set the coefficients of `head` and the classes of all blocks, by every step-th row.

    head: own, cross, classes given, samples up to 255. Classes begin by variance; each round is a
    regression and a choice by the sums of residuals; a regression ends it.
    """
    start_classes(segments, head)
    _solve(segments, head, 8, each)
    for index in range(rounds if head.classes > 1 else 0):
        choose_presets(segments, head, each, step)
        if index == rounds - 1:
            drop_classes(segments, head)
        _solve(segments, head, step, each)


def _solve(segments: list[Segment], head: PredictionHead, step: int, each: Each) -> None:
    head.coefficients = []
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        count = len(taps.sent)
        coefficients = np.zeros((head.classes, len(taps.places)), np.int32)
        if count:
            sums = np.zeros((head.classes, count + 1, count + 1))
            places = {segment.grid: taps_of(taps, plane, segment) for segment in _kinds(segments)}
            for part in each(partial(_sums, head.classes, places, step), segments):
                sums += part
            sums += np.tril(sums, -1).transpose(0, 2, 1)
            coefficients[:, taps.sent] = round_coefficients(solutions(sums), head.classes)
        taps.complete(coefficients)
        head.coefficients.append(coefficients)


def _kinds(segments: list[Segment]) -> list[Segment]:
    """One segment of each size."""
    return list({segment.grid: segment for segment in segments}.values())


def _sums(
    classes: int, places_of: dict[SegmentGrid, _Places], step: int, segment: Segment
) -> npt.NDArray[np.float64]:
    places, references = places_of[segment.grid]
    sums = np.zeros((classes, places.size, places.size))
    load(KERNELS).add_products(
        segment.samples,
        segment.places,
        segment.classes(),
        segment.grid.stride,
        step,
        places,
        references,
        np.empty((places.size, 64), np.float32),
        sums,
    )
    return sums
