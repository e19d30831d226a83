"""Components that follow the first. Clause `lossy.follow`."""

import numpy as np
import pytest

from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import Search, planes_of, quantize_planes
from pil_dctz.lossy.follow_kernels import STEEPEST, follow_slope
from pil_dctz.lossy.syntax import coding_grid

PARTS = np.zeros((3, 10), np.int64)
PARTS[:, :2] = 4, 3  # columns, rows
PARTS[:, 4] = 0, 12, 24  # first square


def slope_of(first: np.ndarray, other: np.ndarray, i: int = 1, j: int = 1, size: int = 0) -> int:
    """Of component 1 at a block of 3 x 4 squares, whose values are in units."""
    values = np.concatenate([first.ravel(), other.ravel(), np.zeros(12)]) * 512
    values = np.rint(values).astype(np.int32)
    return int(follow_slope(values, PARTS, 1, np.int64(i), np.int64(j), size, size))


@pytest.fixture
def drawn() -> np.ndarray:
    return np.random.default_rng(3).integers(-60, 60, (3, 4)).astype(float)


@pytest.mark.small
def test_slope_is_that_of_a_component_in_step_with_the_first(drawn: np.ndarray) -> None:
    for share in (0.25, -0.5, 1.0):
        assert slope_of(drawn, share * drawn + 9) == pytest.approx(1024 * share, rel=0.03)


@pytest.mark.small
def test_slope_is_small_where_nothing_agrees_and_where_little_changes(drawn: np.ndarray) -> None:
    unlike = np.random.default_rng(8).integers(-60, 60, (3, 4)).astype(float)
    assert abs(slope_of(drawn, unlike)) < 300
    assert abs(slope_of(drawn / 200, drawn / 200)) < 100
    assert slope_of(drawn, np.full((3, 4), 7.0)) == 0


@pytest.mark.small
def test_slope_has_limits(drawn: np.ndarray) -> None:
    assert slope_of(drawn / 4, 2 * drawn) == STEEPEST
    assert slope_of(drawn / 4, -2 * drawn) == -STEEPEST


@pytest.mark.small
def test_slope_asks_the_squares_around_the_block_and_no_others(drawn: np.ndarray) -> None:
    other = drawn / 2
    at_corner = slope_of(drawn, other, 0, 0)
    other[2], other[:, 2:] = 99, -50
    assert slope_of(drawn, other, 0, 0) == at_corner
    other[1, 1] = 99
    assert slope_of(drawn, other, 0, 0) != at_corner


@pytest.fixture(scope="module")
def yellow() -> np.ndarray:
    """Light and shade on a yellow surface: all channels change together."""
    y, x = np.mgrid[:64, :96]
    light = 0.6 + 0.15 * np.sin(x / 9 + y / 15) + 0.15 * np.sin(x / 1.9) * np.cos(y / 2.3)
    return np.rint(light[..., None] * np.array((250, 210, 30))).astype(np.uint8)


def test_colour_of_one_surface_needs_few_levels_of_its_own(yellow: np.ndarray) -> None:
    tables, grid = xyb_tables(3, 600), coding_grid(96, 64, ((1, 1),) * 3)
    planes = planes_of(yellow, tables, grid)
    unlike = planes.copy()
    unlike[0] = planes[0, ::-1]  # other light than the colours have

    def of_colour(planes: np.ndarray) -> int:
        levels = quantize_planes(planes, tables, grid, Search(1)).levels
        return int(np.abs(levels[levels.size // 3 :].astype(np.int64)).sum())

    assert of_colour(planes) < 0.8 * of_colour(unlike)


def test_lost_levels_of_the_first_component_change_the_others(yellow: np.ndarray) -> None:
    tables, grid = xyb_tables(3, 1500), coding_grid(96, 64, ((1, 1),) * 3)
    found = quantize_planes(planes_of(yellow, tables, grid), tables, grid, Search(1))
    whole = reconstruct_planes(found, tables, grid, 1)
    first = found.levels[: found.levels.size // 3]
    first[:] = 0
    assert (reconstruct_planes(found, tables, grid, 1)[1:] != whole[1:]).any(axis=(1, 2)).all()
