"""Deep pruning: at which size a level is worth its bits, learned from what the search chose.

The search keeps magnitude m of size m - 1/2 + x when 2 x exceeds what its context's bits cost. Of a
class of contexts the best single threshold is the mean of theirs, so the share of dropped levels
summed over x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.pruning import BINS, CLASSES, count_choices
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import planes_of, quantize_planes, transform_planes
from pil_dctz.lossy.syntax import coding_grid

__all__ = ["fit_pruning", "write_margins"]

QUALITIES = (35.0, 55.0, 72.0, 86.0)
#: Whose choices are learned.
EFFORT = 5
#: Choices that stand for a class in general, beside its own.
GENERAL = 40


def fit_pruning(
    pictures: Sequence[tuple[str, NDArray[np.uint8]]], show: Callable[[str], None]
) -> NDArray[np.int64]:
    """int64 (CLASSES,): margins in 1/256 of a step."""
    counts = np.zeros((CLASSES, BINS, 2), np.int64)
    search = replace(search_of_effort(EFFORT), directions=0)  # blocks as effort 1 has them
    for _, samples in tqdm(pictures, "pruning", unit="picture", disable=None):
        height, width, _ = samples.shape
        for quality in QUALITIES:
            tables = xyb_tables(3, base_of_quality(quality), directions=False)
            grid = coding_grid(width, height, tables.factors)
            planes = planes_of(samples, tables, grid)
            segment = quantize_planes(planes, tables, grid, search)
            coefficients = transform_planes(planes, segment.partition, 0)
            count_choices(coefficients, segment, tables, counts)
    show(f"{int(counts.sum())} choices, {counts[..., 1].sum() / counts.sum():.1%} kept")
    return margins_of(counts)


def margins_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    own = counts.reshape(12, -1, BINS, 2).astype(np.float64)
    pooled = own.sum(0, keepdims=True)
    pooled = pooled / np.maximum(pooled.sum((2, 3), keepdims=True), 1)
    both = own + GENERAL * pooled
    # A bin that was never met is taken as dropped by half at its low end, as kept at its high.
    guess = 0.5 * (np.arange(BINS) < 2)
    dropped = (both[..., 0] + guess) / (both.sum(3) + 0.5)
    margins: NDArray[np.int64] = np.rint(256 / BINS * dropped.sum(2).ravel()).astype(np.int64)
    return margins


def write_margins(margins: NDArray[np.int64]) -> str:
    """The text of `lossy-pruning.txt`."""
    head = "# for encoders: the margins of pil_dctz/lossy/encoder/pruning.py, 1/256 of a step"
    rows = [" ".join(map(str, row)) for row in margins.reshape(-1, 64).tolist()]
    return "\n".join([head, *rows]) + "\n"
