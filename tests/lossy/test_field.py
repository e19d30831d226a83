"""The trained map: what it sees, what it says, and where it is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pil_dctz.lossy.encoder import field
from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.presets import PRESETS, search_of_preset
from pil_dctz.lossy.encoder.quantize import (
    MAP_SLOPE,
    first_squares,
    planes_of,
    quantize_planes,
)
from pil_dctz.lossy.syntax import coding_grid
from tests.pictures import draw_photo

pytestmark = pytest.mark.checked

TABLES = xyb_tables(3, 128 * 12)
WIDTH, HEIGHT = 90, 71


def described(samples: NDArray[np.uint8]) -> NDArray[np.float32]:
    grid = coding_grid(samples.shape[1], samples.shape[0], TABLES.factors)
    planes = planes_of(samples, TABLES, grid)
    return field.describe_cells(first_squares(planes, grid)[1], planes, TABLES)


def test_a_flat_picture_is_seen_the_same_in_each_cell() -> None:
    seen = described(np.full((HEIGHT, WIDTH, 3), (90, 120, 60), np.uint8))
    assert seen.shape == (5, 6, field.SEEN)
    assert np.allclose(seen, seen[0, 0], atol=1e-3)
    assert np.allclose(seen[0, 0, [0, 1, 2, 3, 14, 15, 18, 24, 25, 26]], 2, atol=1e-3)
    assert np.allclose(seen[0, 0, [4, 5, 6, 7, 12, 13, 28]], 0, atol=1e-3)
    assert seen[0, 0, 29] == pytest.approx(np.log2(TABLES.base))


def test_variances_are_those_of_the_planes() -> None:
    samples = draw_photo(64, 48, seed=3)
    grid = coding_grid(64, 48, TABLES.factors)
    planes = planes_of(samples, TABLES, grid)
    seen = described(samples)
    squares = planes.reshape(3, 6, 8, 8, 8).transpose(0, 1, 3, 2, 4).reshape(3, 6, 8, 64)
    for number, plane, floor in ((0, 0, 4), (12, 1, 1), (13, 2, 1)):
        expected = np.log2(squares[plane].var(2) + floor).reshape(3, 2, 4, 2).mean((1, 3))
        assert np.allclose(seen[..., number], expected, atol=0.02)
    for number, plane in ((9, 0), (10, 1), (11, 2)):
        expected = squares[plane].mean(2).reshape(3, 2, 4, 2).mean((1, 3))
        assert np.allclose(seen[..., number], expected, atol=0.02)


def test_counts_are_of_coefficients_above_sizes_in_steps() -> None:
    samples = draw_photo(64, 48, seed=3)
    seen = described(samples)
    many, some, few = (seen[..., n] for n in (5, 6, 7))
    assert (many >= some).all() and (some >= few).all() and many.max() > few.max() > 0
    assert np.allclose(seen[..., 17], np.log2(many + 0.4), atol=1e-4)


def test_what_is_near_counts_and_nothing_further() -> None:
    flat = np.full((256, 256, 3), 128, np.uint8)
    dotted = flat.copy()
    dotted[128:136, 128:144:2] = 255  # the cell (8, 8)
    changed = (described(flat) != described(dotted)).any(2)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 11, 5, 11)


def test_a_network_of_zeros_says_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.zeros(field.NUMBERS, np.int32)
    numbers[-1] = 4.4 * field.UNIT
    assert (said(numbers, monkeypatch) == 4).all()
    numbers[-1] = 99 * field.UNIT
    assert (said(numbers, monkeypatch) == 12).all()


def test_hidden_sums_count_where_they_are_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.zeros(field.NUMBERS, np.int32)
    first = 2 * field.SEEN
    numbers[first + field.SEEN] = 2 * field.UNIT  # the offset of the first sum
    numbers[first + 2 * field.SEEN + 1] = -2 * field.UNIT  # and of the second
    last = first + field.HIDDEN * (field.SEEN + 1)
    numbers[last : last + 2] = 3 * field.UNIT
    assert (said(numbers, monkeypatch) == 6).all()


def said(numbers: NDArray[np.int32], monkeypatch: pytest.MonkeyPatch) -> NDArray[np.uint8]:
    def table(*_: Any) -> NDArray[np.int32]:
        return numbers

    monkeypatch.setattr(field, "load_array", table)
    field._network.cache_clear()
    samples = draw_photo(WIDTH, HEIGHT, seed=1)
    grid = coding_grid(WIDTH, HEIGHT, TABLES.factors)
    planes = planes_of(samples, TABLES, grid)
    try:
        return field.trained_map(first_squares(planes, grid)[1], planes, TABLES)
    finally:
        field._network.cache_clear()


def test_colour_in_visual_takes_the_trained_map_all_else_the_activity() -> None:
    visual = search_of_effort(1)
    assert visual.map_slope is None
    assert search_of_preset(PRESETS["visual"], visual).map_slope is None
    assert search_of_preset(PRESETS["psnr"], visual).map_slope == 0
    for channels, same in ((1, True), (3, False)):
        samples = draw_photo(WIDTH, HEIGHT, channels, seed=1).reshape(HEIGHT, WIDTH, channels)
        tables = xyb_tables(channels, 128 * 12)
        grid = coding_grid(WIDTH, HEIGHT, tables.factors)
        planes = planes_of(samples, tables, grid)
        maps = [
            quantize_planes(planes, tables, grid, replace(visual, map_slope=slope)).cells
            for slope in (None, MAP_SLOPE)
        ]
        assert np.array_equal(*maps) is same
