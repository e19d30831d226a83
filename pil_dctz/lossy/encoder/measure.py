"""The search that suits a picture, found by encoding, decoding and measuring a part of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.steps import step_gains
from pil_dctz.lossy.syntax import MAX_BASE, LossyTables, coding_grid
from pil_dctz.metrics.ssimulacra2 import Reference

__all__ = ["measured_search"]

#: (octaves of step for each octave of variance, what a bit weighs) that are tried.
CANDIDATES = (
    (0.16, 0.08),
    (0.12, 0.08),
    (0.08, 0.08),
    (0.16, 0.064),
    (0.08, 0.064),
    (0.12, 0.055),
)
#: Sides of the part that is measured, from the middle of the picture.
SIDE = 1024
#: Smaller pictures say too little: two scales of the metric, a few dozen blocks.
LEAST_SIDE = 64


def measured_search(
    samples: NDArray[np.uint8], tables: LossyTables, search: Search, tries: int
) -> Search:
    """`search` with the map and the trade, of the first `tries` candidates, that need the fewest
    bytes at equal SSIMULACRA2 score.

    samples: uint8 (height, width, 3). Scores are made equal by the line through two base steps.
    """
    height, width, _ = samples.shape
    if min(height, width) < LEAST_SIDE:
        return search
    top, left = max(height - SIDE, 0) // 2, max(width - SIDE, 0) // 2
    part = np.ascontiguousarray(samples[top : top + SIDE, left : left + SIDE])
    reference = Reference(part)
    size, score = _try(part, reference, tables, search)
    coarse = min(tables.base + (tables.base + 3) // 4, MAX_BASE)
    coarser = replace(tables, base=coarse, gains=step_gains(coarse))
    size_below, score_below = _try(part, reference, coarser, search)
    if score_below >= score or size_below >= size:
        return search  # no line: the picture is all but lossless, or flat
    slope = math.log(size / size_below) / (score - score_below)
    best, least = search, 0.0
    for map_slope, trade in CANDIDATES[:tries]:
        candidate = replace(search, map_slope=map_slope, trade=trade)
        found, scored = _try(part, reference, tables, candidate)
        gain = math.log(found / size) - slope * (scored - score)
        if gain < least:
            best, least = candidate, gain
    return best


def _try(
    samples: NDArray[np.uint8], reference: Reference, tables: LossyTables, search: Search
) -> tuple[int, float]:
    """(bytes, score) of the samples as one segment."""
    height, width, _ = samples.shape
    grid = coding_grid(width, height, tables.factors)
    segment = quantize_segment(samples, tables, grid, search)
    low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
    out = np.empty_like(samples)
    decode_segment(tables, low, [high], width, height, out)
    return len(low) + len(high), float(reference.score(out))
