"""Segments: levels come back, samples are those of the levels, damage is seen. Chapter 8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.errors import DamagedError
from pil_dctz.lossy.decoder.parse import parse_high, parse_low
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.syntax import coding_grid
from tests.lossy.drawn_levels import draw_segment, explicit_tables, same_levels
from tests.pictures import draw_photo

pytestmark = pytest.mark.checked

SAMPLINGS = [
    (ColourTransform.YCBCR, ((2, 2), (1, 1), (1, 1))),
    (ColourTransform.YCBCR, ((2, 1), (1, 1), (1, 1))),
    (ColourTransform.YCBCR, ((1, 2), (2, 1), (1, 1))),
    (ColourTransform.NONE, ((1, 1),)),
    (ColourTransform.NONE, ((1, 1),) * 4),
]


def decode(tables, streams, width, height, scale=1):
    shape = (-(-height // scale), -(-width // scale), len(tables.factors))
    out = np.full(shape, 77, np.uint8)
    high = None if scale == 8 else streams[1]
    decode_segment(tables, streams[0], high, width, height, out, scale=scale)
    return out


@pytest.mark.parametrize("passes", [0, 1, 2, 4])
@pytest.mark.parametrize("channels", [1, 3])
def test_levels_of_a_photo_come_back(passes: int, channels: int) -> None:
    samples = draw_photo(75, 61, channels).reshape(61, 75, channels)
    for base in (30, 700, 9000):
        tables = xyb_tables(channels, base)
        grid = coding_grid(75, 61, tables.factors)
        segment = quantize_segment(samples, tables, grid, Search(passes))
        low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
        assert same_levels(parse_high(high, tables, grid, parse_low(low, tables, grid)), segment)


@pytest.mark.parametrize(("colour", "factors"), SAMPLINGS)
@pytest.mark.parametrize("size", [0.5, 60.0, 4000.0])
def test_levels_of_any_tables_come_back(colour, factors, size: float) -> None:
    tables = explicit_tables(colour, factors)
    for width, height in ((1, 1), (17, 9), (64, 40)):
        segment, grid = draw_segment(tables, width, height, seed=width, size=size)
        low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
        assert same_levels(parse_high(high, tables, grid, parse_low(low, tables, grid)), segment)
        for scale in (1, 2, 4, 8):
            decode(tables, (low, high), width, height, scale)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (8, 8), (9, 7), (64, 65), (100, 3)])
def test_fine_steps_give_the_picture_at_every_size(width: int, height: int) -> None:
    samples = draw_photo(width, height)
    tables = xyb_tables(3, 40)
    grid = coding_grid(width, height, tables.factors)
    segment = quantize_segment(samples, tables, grid, Search(2))
    streams = write_low(segment, tables, grid), write_high(segment, tables, grid)
    away = abs(decode(tables, streams, width, height).astype(int) - samples)
    assert away.mean() < 1.0
    for scale in (2, 4, 8):
        small = decode(tables, streams, width, height, scale).astype(float)
        rows, columns = height // scale, width // scale
        if rows and columns:
            inside = samples[: rows * scale, : columns * scale].astype(float)
            means = inside.reshape(rows, scale, columns, scale, 3).mean((1, 3))
            assert abs(small[:rows, :columns] - means).mean() < 6


def test_flat_pictures_have_no_high_stream() -> None:
    samples = np.full((40, 50, 3), 90, np.uint8)
    tables = xyb_tables(3, 2000)
    grid = coding_grid(50, 40, tables.factors)
    segment = quantize_segment(samples, tables, grid, Search(2))
    streams = write_low(segment, tables, grid), write_high(segment, tables, grid)
    assert streams[1] == b""
    assert abs(decode(tables, streams, 50, 40).astype(int) - 90).max() <= 2


def test_largest_levels_come_back() -> None:
    tables = xyb_tables(1, 1)
    segment, grid = draw_segment(tables, 24, 24, size=3000.0)
    assert abs(segment.levels.astype(int)).max() > 20000
    segment.levels[np.flatnonzero(segment.levels)[:3]] = (32767, -32767, 128)
    low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
    assert same_levels(parse_high(high, tables, grid, parse_low(low, tables, grid)), segment)


@pytest.fixture(scope="module")
def small():
    samples = draw_photo(48, 40)
    tables = xyb_tables(3, 1500)
    grid = coding_grid(48, 40, tables.factors)
    segment = quantize_segment(samples, tables, grid, Search(2))
    return tables, write_low(segment, tables, grid), write_high(segment, tables, grid)


@pytest.mark.parametrize("cut", [1, 2, 5, 100])
def test_streams_that_end_early_or_late_are_damaged(small, cut: int) -> None:
    tables, low, high = small
    for streams in (
        (low[:-cut], high),
        (low, high[:-cut]),
        (low + bytes(cut), high),
        (low, high + bytes(cut)),
        (b"", high),
        (low, bytes(7)),
    ):
        with pytest.raises(DamagedError) as caught:
            decode(tables, streams, 48, 40)
        assert caught.value.clause in ("lossy.low", "lossy.high")
        assert caught.value.offset is not None


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_streams_are_damaged_or_decode(small, data) -> None:
    tables, *streams = small
    which = data.draw(st.integers(0, 1))
    wrong = bytearray(streams[which])
    for _ in range(data.draw(st.integers(1, 4))):
        wrong[data.draw(st.integers(0, len(wrong) - 1))] = data.draw(st.integers(0, 255))
    streams[which] = bytes(wrong)
    try:
        assert decode(tables, streams, 48, 40).shape == (40, 48, 3)
    except DamagedError as error:
        assert error.clause in ("lossy.low", "lossy.high")


@settings(max_examples=150, deadline=None)
@given(low=st.binary(min_size=8, max_size=200), high=st.binary(min_size=8, max_size=400))
def test_random_bytes_never_escape(low: bytes, high: bytes) -> None:
    tables = explicit_tables(*SAMPLINGS[0])
    for streams in ((low, high), (low, b"")):
        with pytest.raises(DamagedError):
            decode(tables, streams, 33, 20)


def test_scale_and_streams_must_fit() -> None:
    tables = xyb_tables(3, 100)
    with pytest.raises(ValueError, match="scale 3"):
        decode_segment(tables, b"", b"", 8, 8, np.zeros((3, 3, 3), np.uint8), scale=3)
    with pytest.raises(ValueError, match="without high"):
        decode_segment(tables, b"", None, 8, 8, np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="shape"):
        decode_segment(tables, b"", b"", 8, 8, np.zeros((8, 9, 3), np.uint8))
