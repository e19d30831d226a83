"""Pruned levels: never above the nearest, lower where the table says so, and read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pil_dctz.lossy.decoder.parse import END_PLACES, SegmentLevels
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder import pruning
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import (
    Search,
    planes_of,
    quantize_planes,
)
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.shapes import LAYOUT, scans
from pil_dctz.lossy.syntax import coding_grid
from tests.pictures import draw_photo

SAMPLES = draw_photo(88, 72, seed=4)
TABLES = xyb_tables(3, 1500)
GRID = coding_grid(88, 72, TABLES.factors)


def pruned(monkeypatch: pytest.MonkeyPatch, margin: int) -> tuple[SegmentLevels, SegmentLevels]:
    """Nearest levels, and those pruned with one margin for all classes, in 1/256."""
    planes = planes_of(SAMPLES, TABLES, GRID)
    search = Search(0, 2, 0.0, rounding=0.5, directions=0)
    nearest = quantize_planes(planes, TABLES, GRID, search)

    def table(*_: Any) -> NDArray[np.int32]:
        return np.full(pruning.CLASSES, margin, np.int32)

    monkeypatch.setattr(pruning, "load_array", table)
    wanted = replace(search, pruned=True)
    again = quantize_planes(planes, TABLES, GRID, wanted, nearest.cells, nearest.partition)
    return nearest, again


def beyond_corners(segment: SegmentLevels) -> NDArray[np.bool_]:
    """Which levels are of the high stream."""
    high = np.ones(len(segment.levels), bool)
    for p in range(3):
        for _, _, lw, lh, shape, at in segment.partition.blocks.tolist():
            first, corner = int(LAYOUT[shape, 2]), 1 << (lw + lh)
            own = int(segment.partition.parts[p, 9]) + at
            high[own + scans()[first : first + corner].astype(int)] = False
    return high


def test_without_margins_levels_are_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    nearest, again = pruned(monkeypatch, 0)
    high = beyond_corners(nearest)
    assert np.array_equal(nearest.levels[high], again.levels[high])
    assert np.array_equal(nearest.ends, again.ends)


def test_a_margin_lowers_levels_by_one_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    nearest, again = pruned(monkeypatch, 64)
    high = beyond_corners(nearest)
    high[len(high) // 3 :] = False  # other components follow what was lowered
    lowered = np.abs(nearest.levels[high].astype(int)) - np.abs(again.levels[high].astype(int))
    assert set(np.unique(lowered).tolist()) == {0, 1}
    assert (np.sign(again.levels[high]) * np.sign(nearest.levels[high]) >= 0).all()


def test_ends_are_the_least_that_hold_all_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    _, again = pruned(monkeypatch, 64)
    parts = again.partition.parts
    for p in range(3):
        for n, (_, _, lw, lh, shape, at) in enumerate(again.partition.blocks.tolist()):
            first, places, corner = (int(LAYOUT[shape, k]) for k in (2, 3, 4))
            own = again.levels[int(parts[p, 9]) + at :][:places]
            high = own[scans()[first + corner : first + places].astype(int)]
            used = int(high.nonzero()[0].max(initial=-1)) + 1
            end = int(again.ends[int(parts[p, 8]) + n])
            assert END_PLACES[end] >= used > (END_PLACES[end - 1] if end else -1), (lw, lh)


def test_other_components_follow_the_pruned_levels() -> None:
    planes = planes_of(SAMPLES, TABLES, GRID)
    found = [
        quantize_planes(planes, TABLES, GRID, Search(0, 2, 0.0, directions=0, pruned=way))
        for way in (False, True)
    ]
    nearest, again = (
        np.abs(reconstruct_planes(levels, TABLES, GRID, 1)[1:] / 16 - planes[1:]).mean()
        for levels in found
    )
    assert again < 1.1 * nearest


def test_pruned_levels_make_a_stream_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _, again = pruned(monkeypatch, 64)
    low, high = write_low(again, TABLES, GRID), write_high(again, TABLES, GRID)
    out = np.empty_like(SAMPLES)
    decode_segment(TABLES, low, [high], 88, 72, out)
    assert np.abs(out.astype(int) - SAMPLES).mean() < 12
