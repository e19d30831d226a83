"""The map that is measured on the picture, and levels weighed by what they do to later ones."""

from __future__ import annotations

import numpy as np
import pytest

from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossy.contexts_kernels import spread
from pil_dctz.lossy.decoder.parse import parse_low
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.encoder import slopes
from pil_dctz.lossy.encoder.block_kernels import AROUND
from pil_dctz.lossy.encoder.group import encode_group, xyb_tables
from pil_dctz.lossy.encoder.quantize import Search, planes_of, quantize_planes
from pil_dctz.lossy.syntax import coding_grid
from tests.pictures import draw_photo

SEARCH = Search(1, 0)
TABLES = xyb_tables(3, 128 * 12)


def test_cells_where_a_bit_takes_more_of_the_error_away_are_told_from_others() -> None:
    bits = np.full((8, 16), 100.0)
    gain = np.where(np.arange(16) < 8, 2.0, 1.0) * np.ones((8, 1))
    found = slopes._slopes(2 * bits, np.zeros_like(bits), bits, gain)
    assert found.mean() == pytest.approx(0, abs=1e-12)
    assert found[:, 0] - found[:, -1] == pytest.approx(1)
    assert (np.diff(found, axis=1) <= 0).all()


def test_slopes_are_bounded_and_none_where_nothing_is_spent_or_gained() -> None:
    bits, none = np.ones((6, 6)), np.zeros((6, 6))
    assert (slopes._slopes(bits, none, bits, none) == 0).all()
    gain = np.array([0.0] * 3 + [1e9] * 3) * np.ones((6, 1))
    found = slopes._slopes(2 * bits, none, bits, gain)
    assert np.ptp(found) <= 2 * slopes.LIMIT


def test_bits_of_cells_are_those_of_their_blocks() -> None:
    samples = draw_photo(120, 72, seed=2)
    grid = coding_grid(120, 72, TABLES.factors)
    segment = quantize_planes(planes_of(samples, TABLES, grid), TABLES, grid, Search(1, 2, 0.0))
    bits = slopes._cell_bits(segment, 12345)
    assert bits.shape == segment.cells.shape == (5, 8)
    assert bits.sum() == pytest.approx(12345)
    # The last row of cells has squares in its upper half alone.
    assert (bits > 0).all()


def test_a_picture_is_measured_tile_by_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = draw_photo(150, 131, seed=6)
    monkeypatch.setattr(slopes, "SIDE", 80)
    whole = slopes.measured_map(samples, TABLES, SEARCH, 3)
    assert whole.shape == (9, 10)
    for top in (0, 80):
        for left in (0, 80):
            part = np.ascontiguousarray(samples[top : top + 80, left : left + 80])
            own = slopes.measured_map(part, TABLES, SEARCH, 3)
            i, j = top // 16, left // 16
            assert (whole[i : i + own.shape[0], j : j + own.shape[1]] == own).all()


def test_tiles_that_say_too_little_keep_the_map_of_their_activity() -> None:
    samples = draw_photo(63, 200, seed=1)
    grid = coding_grid(63, 200, TABLES.factors)
    segment = quantize_planes(planes_of(samples, TABLES, grid), TABLES, grid, SEARCH)
    assert (slopes.measured_map(samples, TABLES, SEARCH, 3) == segment.cells).all()


@pytest.mark.checked
def test_each_segment_has_its_part_of_the_map() -> None:
    samples = draw_photo(200, 136, seed=3)
    shape = GroupShape(200, 136, 3, 8)
    group = encode_group(samples, shape, quality=60, effort=7, segment_log2=7, threads=2)
    tables = parse_tables(group.tables, shape)
    found = np.zeros((9, 13), np.uint8)
    corners = [(0, 0), (0, 128), (128, 0), (128, 128)]
    for (y, x), low in zip(corners, group.streams[0], strict=True):
        grid = coding_grid(min(128, 200 - x), min(128, 136 - y), tables.factors)
        cells = parse_low(low, tables, grid).cells
        i, j = y // 16, x // 16
        found[i : i + cells.shape[0], j : j + cells.shape[1]] = cells
    assert (found == slopes.measured_map(samples, tables, Search(1, 3), 3)).all()


@pytest.mark.small
def test_later_places_are_those_that_a_level_spreads_to() -> None:
    stride, at = 12, 5 * 12 + 6
    weights = np.arange(1, 16, dtype=np.int32)
    expected = np.zeros(stride * 12, np.int32)
    spread(expected, at, stride, 1, weights)
    listed = np.zeros_like(expected)
    for down, right, weight in AROUND.tolist():
        listed[at + stride * down + right] += weights[weight]
    assert (listed == expected).all()
