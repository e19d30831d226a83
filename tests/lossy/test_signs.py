"""Estimates over borders: what they promise, and that they hold. Clauses `lossy.estimate`,
`lossy.borders`, `lossy.sign`.
"""

from dataclasses import replace

import numpy as np
import pytest

from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.model import SIGN_CLASSES, load_matrix, load_model
from pil_dctz.lossy.signs_kernels import (
    begin_borders,
    corner_borders,
    corner_estimate,
    level_estimate,
    put_lines,
    sureness,
    take,
)
from pil_dctz.lossy.syntax import coding_grid
from tests.lossy.drawn_levels import draw_partition, parse, said, same_levels, tables_of

SIDE = 96


def slopes() -> np.ndarray:
    """A picture that goes on smoothly over all borders."""
    y, x = np.mgrid[:SIDE, :SIDE]
    wave = 128 + 50 * np.sin(x / 17 + y / 29) + 40 * np.cos(y / 13 - x / 41)
    return np.repeat(wave[..., None], 3, 2).astype(np.uint8)


@pytest.mark.parametrize("across", [True, False])
def test_a_slope_in_the_neighbours_is_expected_to_go_on(across: bool) -> None:
    # Values that rise by 600 from square to square, left and above of a block of 16x16.
    y, x = np.mgrid[:4, :4]
    values = np.ascontiguousarray(600 * (x if across else y), np.int32)
    borders = np.zeros(16, np.int64)
    mean = int(values[2:, 2:].mean())
    corner_borders(values.ravel(), 10, 4, 2, 2, 1, 1, mean, load_matrix(), borders)
    u, v = (1, 0) if across else (0, 1)
    estimates = load_model().corner_estimates
    assert corner_estimate(borders, u, v, 1, estimates) < 0  # cosines fall
    assert abs(corner_estimate(borders, v, u, 1, estimates)) < 100


def test_what_a_block_gives_to_a_border_is_what_its_neighbour_gets() -> None:
    # One coefficient of an 8x8 block: the block below expects its spectrum, as far as it is told.
    values = np.zeros(4, np.int32)
    levels = np.zeros(256, np.int16)
    lines = np.zeros((2, 16), np.int32)
    gain, curve, radii = np.int64(1), np.ones((1, 90), np.int32), np.zeros(64, np.uint8)
    borders = np.zeros(48, np.int64)
    matrix = load_matrix()
    common = (gain, curve, 0, radii, matrix, borders)
    begin_borders(values, *lines, levels, 0, 0, 0, 2, 2, 0, 0, 0, 0, False, *common)
    take(borders, 2, 1, np.int64(6400), 4, 4)
    put_lines(values, *lines, 0, 2, 0, 0, 0, 0, True, matrix, borders)
    sides = begin_borders(values, *lines, levels, 128, 0, 2, 2, 2, 1, 0, 0, 0, False, *common)
    assert sides == 1 | 8
    assert abs(borders[2] + 6400 * 181 / 128) < 8
    assert abs(borders[[0, 1, 3]]).max() < 8
    estimates = load_model().level_estimates
    assert level_estimate(borders, 2, 1, sides, False, estimates) < 0


def test_sureness_rises_with_the_estimate_and_falls_with_what_is_expected() -> None:
    classes = load_model().sign_classes
    rising = [sureness(classes, estimate, 1000, 1, 100) for estimate in range(0, 90000, 500)]
    assert rising == sorted(rising)
    assert (rising[0], rising[-1]) == (0, SIGN_CLASSES - 1)
    falling = [sureness(classes, -5000, 1000, 1, e) for e in range(0, 4096, 50)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > falling[-1]


def test_smooth_pictures_gain_by_their_borders() -> None:
    samples = slopes()
    tables = replace(xyb_tables(3, 600), directions=False)
    grid = coding_grid(SIDE, SIDE, tables.factors)
    segment = quantize_segment(samples, tables, grid, Search(0, 1))
    streams = write_low(segment, tables, grid), write_high(segment, tables, grid)
    assert same_levels(parse(streams, tables, grid), segment)
    turned = replace(segment, levels=-segment.levels)
    flipped = write_low(turned, tables, grid), write_high(turned, tables, grid)
    assert len(flipped[0]) > len(streams[0])
    assert len(flipped[1]) > len(streams[1])


@pytest.mark.small
@pytest.mark.checked
@pytest.mark.parametrize("base", [1, 65535])
def test_greatest_borders_come_back(base: int) -> None:
    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        return 32767 * (-1) ** (p + i)

    plan = draw_partition(4, components=1, base=base, level=level)
    streams, parts = said(plan, 40, 40)
    tables = tables_of(plan)
    segment = parse(streams, tables, coding_grid(40, 40, tables.factors))
    assert np.array_equal(segment.levels, parts["levels"])
