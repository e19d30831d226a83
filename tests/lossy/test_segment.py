"""Segments: levels come back, samples are those of the levels, damage is seen. Chapter 8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.errors import DamagedError
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.syntax import coding_grid
from tests.lossy.drawn_levels import (
    draw_partition,
    draw_plan,
    explicit_tables,
    parse,
    said,
    same_levels,
    tables_of,
)
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
    high = None if scale == 8 else [streams[1]]
    decode_segment(tables, streams[0], high, width, height, out, scale=scale)
    return out


def quantized(samples, tables, search):
    """A segment of a picture: levels, streams."""
    height, width = samples.shape[:2]
    grid = coding_grid(width, height, tables.factors)
    segment = quantize_segment(samples, tables, grid, search)
    return segment, (write_low(segment, tables, grid), write_high(segment, tables, grid))


def read_as_said(plan, width, height):
    """Parse what the author wrote; what was read is what it said, and is written alike again."""
    tables = tables_of(plan)
    streams, parts = said(plan, width, height)
    grid = coding_grid(width, height, tables.factors)
    segment = parse(streams, tables, grid)
    for name, stated in parts.items():
        assert np.array_equal(getattr(segment, name), stated), name
    assert (write_low(segment, tables, grid), write_high(segment, tables, grid)) == streams
    return tables, streams, segment


@pytest.mark.parametrize("search", [Search(0), Search(1, 0), Search(2, 2), Search(3)])
@pytest.mark.parametrize("channels", [1, 3])
def test_levels_of_a_photo_come_back(search: Search, channels: int) -> None:
    samples = draw_photo(75, 61, channels).reshape(61, 75, channels)
    for base in (30, 700, 9000):
        tables = xyb_tables(channels, base)
        grid = coding_grid(75, 61, tables.factors)
        segment, streams = quantized(samples, tables, search)
        assert same_levels(parse(streams, tables, grid), segment)


@pytest.mark.parametrize(("colour", "factors"), SAMPLINGS)
@pytest.mark.parametrize("size", [1, 60, 20000])
def test_levels_of_any_tables_come_back(colour, factors, size: int) -> None:
    for width, height in ((1, 1), (17, 9), (64, 40)):
        plan = draw_plan(colour, factors, seed=width, size=size)
        tables, streams, _ = read_as_said(plan, width, height)
        for scale in (1, 2, 4, 8):
            decode(tables, streams, width, height, scale)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("seed", range(12))
def test_any_partition_comes_back(channels: int, seed: int) -> None:
    plan = draw_partition(seed, components=channels, base=(40, 700, 60000)[seed % 3])
    width, height = 8 * (1 + seed * 5 % 17), 8 * (1 + seed * 7 % 11) - seed % 8
    tables, streams, segment = read_as_said(plan, width, height)
    covered = 1 << segment.partition.blocks[:, 2:4].sum(1)
    assert covered.sum() == -(-width // 8) * -(-height // 8)
    for scale in (1, 2, 4, 8):
        decode(tables, streams, width, height, scale)


@pytest.mark.parametrize("choice", [1, 2, 3])
def test_blocks_of_64_are_one_shape_whatever_the_choice(choice: int) -> None:
    plan = draw_partition(7, components=1, choice=lambda *_: choice)
    (low, _), parts = said(plan, 64, 64)
    tables = tables_of(plan)
    segment = parse((low, b""), tables, coding_grid(64, 64, tables.factors))
    assert segment.partition.blocks[:, 4].tolist() == [7]
    assert np.array_equal(segment.values, parts["values"])


def test_nodes_that_do_not_fit_are_cut_without_a_symbol() -> None:
    told = []

    def choice(level: int, i: int, j: int) -> int:
        told.append((level, i, j))
        return 1

    plan = draw_partition(1, components=1, choice=choice)
    _, _, segment = read_as_said(plan, 8 * 9, 8 * 6)
    assert told == [(1, 0, 0), (1, 0, 4), (2, 4, 0), (2, 4, 2), (2, 4, 4), (2, 4, 6)]
    shapes = segment.partition.blocks[:, 4].tolist()
    assert (shapes.count(6), shapes.count(3), shapes.count(0)) == (2, 4, 6)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (8, 8), (9, 7), (64, 65), (100, 3)])
def test_fine_steps_give_the_picture_at_every_size(width: int, height: int) -> None:
    samples = draw_photo(width, height)
    tables = xyb_tables(3, 40)
    _, streams = quantized(samples, tables, Search(2))
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
    _, streams = quantized(samples, tables, Search(2))
    assert streams[1] == b""
    assert abs(decode(tables, streams, 50, 40).astype(int) - 90).max() <= 2


@pytest.mark.parametrize("choice", [0, 1, 2, 3])
def test_largest_levels_come_back(choice: int) -> None:
    sizes = (32767, -32767, 128, -127, 0)
    plan = draw_partition(
        choice,
        components=1,
        base=1,
        choice=lambda *_: choice,
        residual=lambda c, i, j: sizes[(i + j) % 2],
        level=lambda c, i, j, p, n: sizes[p % 5],
    )
    _, _, segment = read_as_said(plan, 64, 33)
    assert abs(segment.levels.astype(int)).max() == 32767


@pytest.fixture(scope="module")
def small():
    tables = xyb_tables(3, 1500)
    return tables, *quantized(draw_photo(48, 40), tables, Search(2))[1]


@pytest.fixture(scope="module")
def mixed():
    """Blocks of all shapes."""
    plan = draw_partition(9, levels=2, residual=lambda c, i, j: (i - j) % 5 - 2)
    tables, streams, segment = read_as_said(plan, 136, 90)
    assert set(segment.partition.blocks[:, 4].tolist()) == set(range(8))
    return tables, *streams


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


def mutated(data, streams):
    streams = list(streams)
    which = data.draw(st.integers(0, 1))
    wrong = bytearray(streams[which])
    for _ in range(data.draw(st.integers(1, 4))):
        wrong[data.draw(st.integers(0, len(wrong) - 1))] = data.draw(st.integers(0, 255))
    streams[which] = bytes(wrong)
    return streams


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_streams_are_damaged_or_decode(small, data) -> None:
    tables, *streams = small
    try:
        assert decode(tables, mutated(data, streams), 48, 40).shape == (40, 48, 3)
    except DamagedError as error:
        assert error.clause in ("lossy.low", "lossy.high")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_mutated_partitions_are_damaged_or_decode(mixed, data) -> None:
    tables, *streams = mixed
    try:
        assert decode(tables, mutated(data, streams), 136, 90).shape == (90, 136, 3)
    except DamagedError as error:
        assert error.clause in ("lossy.low", "lossy.high")


@settings(max_examples=150, deadline=None)
@given(low=st.binary(min_size=8, max_size=200), high=st.binary(min_size=8, max_size=400))
def test_random_bytes_never_escape(low: bytes, high: bytes) -> None:
    for tables in (explicit_tables(*SAMPLINGS[0]), xyb_tables(3, 700)):
        for streams in ((low, high), (low, b"")):
            with pytest.raises(DamagedError):
                decode(tables, streams, 73, 65)


def test_scale_and_streams_must_fit() -> None:
    tables = xyb_tables(3, 100)
    with pytest.raises(ValueError, match="scale 3"):
        decode_segment(tables, b"", [b""], 8, 8, np.zeros((3, 3, 3), np.uint8), scale=3)
    with pytest.raises(ValueError, match="without high"):
        decode_segment(tables, b"", None, 8, 8, np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="shape"):
        decode_segment(tables, b"", [b""], 8, 8, np.zeros((8, 9, 3), np.uint8))
