"""Directional prediction. Clauses `lossy.direction`, `lossy.edge`, `lossy.predict`."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.directions import DIRECTIONS, EDGE, SLOPES
from pil_dctz.lossy.directions_kernels import predict, put_edge, take_corner
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import (
    MAP_SLOPE,
    Search,
    planes_of,
    quantize_planes,
    quantize_segment,
)
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.model import load_matrix
from pil_dctz.lossy.syntax import coding_grid

SIZES = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2)]
PARTS = np.array([[8, 8, 0, 0, 0, 0, 0, 0, 0, 0]], np.int64)


def stripes(angle: float, side: int = 64, wave: float = 9.0) -> np.ndarray:
    """Lines at `angle` degrees, counted from the horizontal to those that rise to the right."""
    y, x = np.indices((side, side))
    away = x * math.sin(math.radians(angle)) + y * math.cos(math.radians(angle))
    return 128 + 90 * np.sin(away * 2 * math.pi / wave)


def predicted(plane: np.ndarray, direction: int, lw: int, lh: int) -> tuple[np.ndarray, np.ndarray]:
    """(samples, prediction) of the block at square (3, 3), of which all others are known."""
    owners = np.zeros(64, np.int32)
    line = np.zeros(EDGE, np.int32)
    block = np.zeros(4096, np.int32)
    put_edge(plane, owners, PARTS, 0, 1, 3, 3, lw, lh, line)
    predict(line, lw, lh, direction, SLOPES, block)
    shape = (8 << lh, 8 << lw)
    return plane[24 : 24 + shape[0], 24 : 24 + shape[1]], block[: shape[0] * shape[1]].reshape(
        shape
    )


@pytest.mark.small
def test_slopes_are_tangents() -> None:
    for n in range(DIRECTIONS):
        angle = math.radians(n * 180 / DIRECTIONS)
        across, down = SLOPES[n].tolist()
        if n:
            assert across == round(32 * abs(math.cos(angle) / math.sin(angle)))
        if n != DIRECTIONS // 2:
            assert down == round(32 * abs(math.tan(angle)))


@pytest.mark.small
@pytest.mark.parametrize("direction", range(1, DIRECTIONS + 1))
@pytest.mark.parametrize(("lw", "lh"), SIZES)
def test_lines_are_continued_along_their_direction(direction: int, lw: int, lh: int) -> None:
    plane = np.rint(16 * stripes((direction - 1) * 11.25)).astype(np.int16)
    errors = []
    for other in range(1, DIRECTIONS + 1):
        samples, guess = predicted(plane, other, lw, lh)
        errors.append(float(np.abs(guess - samples).mean()))
    # Neighbours in angle may tie within a short block, none may be far better.
    assert errors[direction - 1] <= 1.2 * min(errors) + 16
    assert errors[direction - 1] < 0.5 * errors[(direction + 7) % 16]


@pytest.mark.small
def test_what_is_not_known_repeats_the_last_sample() -> None:
    plane = np.arange(64 * 64, dtype=np.int16).reshape(64, 64)
    owners = np.full(64, 9, np.int32)
    owners[[8 * 2 + 3, 8 * 2 + 4, 8 * 3 + 2]] = 0  # two squares above, one to the left
    line = np.zeros(EDGE, np.int32)
    put_edge(plane, owners, PARTS, 0, 1, 3, 3, 0, 0, line)
    assert line[65:82].tolist() == [*plane[23, 24:40].tolist(), int(plane[23, 39])]
    assert line[48:64][::-1].tolist() == [*plane[24:32, 23].tolist(), *[int(plane[31, 23])] * 8]
    assert line[64] == plane[23, 23]


@pytest.mark.small
@pytest.mark.parametrize(("i", "j"), [(0, 3), (3, 0)])
def test_missing_sides_take_the_sample_of_the_other(i: int, j: int) -> None:
    plane = np.arange(64 * 64, dtype=np.int16).reshape(64, 64)
    line = np.zeros(EDGE, np.int32)
    put_edge(plane, np.zeros(64, np.int32), PARTS, 0, 1, i, j, 0, 0, line)
    if i == 0:
        assert set(line[64:82].tolist()) == {int(plane[0, 8 * j - 1])}
    else:
        assert set(line[48:65].tolist()) == {int(plane[8 * i - 1, 0])}


@pytest.mark.small
@pytest.mark.parametrize(("lw", "lh"), SIZES)
def test_the_corner_of_a_prediction_is_taken_off(lw: int, lh: int) -> None:
    wide, high = 8 << lw, 8 << lh
    rng = np.random.default_rng(5)
    guess = rng.integers(-4000, 4000, 4096).astype(np.int32)
    block = np.zeros(4096, np.int32)
    take_corner(guess, lw, lh, load_matrix(), np.zeros(4096, np.int32), block)
    samples = guess[: wide * high].reshape(high, wide) / 16

    def basis(n: int, count: int) -> np.ndarray:
        k = np.arange(count)
        scale = np.where(k == 0, 1.0, 2**0.5) * 8**0.5 / n
        return scale[:, None] * np.cos(np.pi * k[:, None] * (2 * np.arange(n) + 1) / (2 * n))

    exact = 64 * basis(high, 1 << lh) @ samples @ basis(wide, 1 << lw).T
    found = block[: wide * high].reshape(high, wide)
    assert abs(found[: 1 << lh, : 1 << lw] + exact).max() < 6
    assert not found[1 << lh :].any()


def coded(samples: np.ndarray, *, directions: int) -> tuple[int, float, np.ndarray]:
    """(bytes, mean square error, directions) at one base step."""
    height, width = samples.shape[:2]
    tables = xyb_tables(3, 2500, directions > 0)
    grid = coding_grid(width, height, tables.factors)
    segment = quantize_segment(
        samples, tables, grid, Search(2, directions=directions, map_slope=MAP_SLOPE)
    )
    low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
    out = np.empty_like(samples)
    decode_segment(tables, low, [high], width, height, out)
    error = float(((out.astype(int) - samples) ** 2).mean())
    return len(low) + len(high), error, segment.directions


@pytest.mark.checked
@pytest.mark.parametrize("angle", [22.5, 101.25])
def test_a_picture_of_lines_takes_fewer_bytes(angle: int) -> None:
    wave = np.where(stripes(angle, 96, 34.0) > 128, 210, 60).astype(np.uint8)
    samples = np.stack([wave, wave, wave // 2 + 40], 2)
    plain, plain_error, none = coded(samples, directions=0)
    size, error, found = coded(samples, directions=1)
    assert not none.any()
    wanted = round(angle / 11.25) + 1
    used = found[found > 0]
    assert (abs(used.astype(int) - wanted) <= 1).mean() > 0.8
    assert size < 0.97 * plain
    assert error < 1.1 * plain_error


@pytest.mark.checked
def test_given_directions_are_kept() -> None:
    wave = np.rint(stripes(45)).astype(np.uint8)
    samples = np.stack([wave] * 3, 2)
    tables = xyb_tables(3, 2500)
    grid = coding_grid(64, 64, tables.factors)
    planes = planes_of(samples, tables, grid)
    first = quantize_planes(planes, tables, grid, Search(1, 1))
    assert first.directions.any()
    nearest = Search(0)
    again = quantize_planes(
        planes, tables, grid, nearest, first.cells, first.partition, first.directions
    )
    assert np.array_equal(again.directions, first.directions)
    near = reconstruct_planes(again, replace(tables, filtered=False), grid, 1) / 16
    assert abs(near - planes).mean() < 6


@pytest.mark.checked
@pytest.mark.parametrize("scale", [2, 4])
def test_smaller_scales_are_means_of_the_whole(scale: int) -> None:
    wave = np.rint(stripes(30)).astype(np.uint8)
    samples = np.stack([wave] * 3, 2)
    tables = xyb_tables(3, 2500)
    grid = coding_grid(64, 64, tables.factors)
    segment = quantize_segment(samples, tables, grid, Search(1))
    whole = reconstruct_planes(segment, tables, grid, 1).astype(float)
    small = reconstruct_planes(segment, tables, grid, scale)
    n = 64 // scale
    means = whole.reshape(3, n, scale, n, scale).mean((2, 4))
    assert np.array_equal(small, np.floor(means + 0.5))
