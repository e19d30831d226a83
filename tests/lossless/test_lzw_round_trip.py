"""Every picture comes back exactly, whatever its layout, depth and size."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pil_dctz
from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.decoder.segment import parse_tables
from tests.lossless.lzw_round_trip import check, decode, encode, shape_of, size_of


def paint(kind: str, h: int, w: int, c: int, depth: int, seed: int) -> np.ndarray:
    """A picture (h, w, c) of the named kind, values below 2^depth."""
    rng = np.random.default_rng(seed)
    high = (1 << depth) - 1
    y, x = np.mgrid[0:h, 0:w]
    if kind == "noise":
        values = rng.integers(0, high + 1, (h, w, c))
    elif kind == "few":
        colours = rng.integers(0, high + 1, (5, c))
        values = colours[rng.integers(0, 5, (h, w))]
    elif kind == "stripes":
        values = np.stack([(x // 3 + k * y) % (high + 1) for k in range(c)], axis=2)
    elif kind == "blocks":
        tile = rng.integers(0, high + 1, (7, 9, c))
        values = tile[y % 7, x % 9]
        values[h // 2 :, w // 3 :] = values[: h - h // 2, : w - w // 3]
    elif kind == "gradient":
        values = np.stack([(x * (k + 1) + 2 * y) & high for k in range(c)], axis=2)
    else:
        values = np.full((h, w, c), rng.integers(0, high + 1))
    return values.astype(np.uint8 if depth <= 8 else np.uint16)


KINDS = ("noise", "few", "stripes", "blocks", "gradient", "one")


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    h=st.integers(1, 70),
    w=st.integers(1, 70),
    c=st.integers(1, 4),
    depth=st.integers(1, 8),
    seed=st.integers(0, 1000),
    effort=st.sampled_from((0, 5, 9)),
    segment_log2=st.sampled_from((None, 0, 6)),
)
def test_pictures_come_back_exactly(kind, h, w, c, depth, seed, effort, segment_log2):
    samples = paint(kind, h, w, c, depth, seed)
    check(samples, depth, effort=effort, segment_log2=segment_log2)


@pytest.mark.small
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (2, 2), (3, 5)])
def test_smallest_pictures(height, width, channels):
    for kind in ("noise", "few", "stripes"):
        check(paint(kind, height, width, channels, 8, 3))


@pytest.mark.small
def test_a_segment_of_one_pixel_has_a_first_parse_too():
    # Its cost map has one entry before there is a map: with checked bounds a read behind it shows.
    samples = np.repeat(np.array([1, 0], np.uint8), [26, 39]).reshape(65, 1, 1)
    check(samples, 1, segment_log2=6)


@settings(max_examples=30, deadline=None)
@given(
    h=st.integers(1, 40),
    w=st.integers(1, 40),
    c=st.integers(1, 4),
    depth=st.integers(9, 16),
    seed=st.integers(0, 1000),
)
def test_few_deep_colours_are_a_palette_unless_prediction_is_smaller(h, w, c, depth, seed):
    samples = paint("few", h, w, c, depth, seed)
    tables = parse_tables(check(samples, depth).tables, shape_of(samples, depth))
    assert (tables.lzw is None) == (tables.prediction is not None)
    assert tables.lzw is None or tables.lzw.head.palette is not None


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [8, 12])
def test_one_colour_takes_twelve_bytes_at_most(channels, depth):
    dtype = np.uint8 if depth == 8 else np.uint16
    for colour in (0, 1, 77, 200, (1 << depth) - 1):
        samples = np.full((16, 16, channels), colour, dtype)
        samples[:, :, 0] = colour // 2
        assert size_of(check(samples, depth)) <= 12


@pytest.mark.parametrize("count", [1, 2, 3, 32, 33, 255, 256])
def test_palettes_of_every_size(count):
    rng = np.random.default_rng(count)
    colours = rng.permutation(1 << 16)[:count]
    table = np.stack([colours >> 8, colours & 255, colours * 7 & 255, colours & 1], axis=1)
    picked = np.concatenate([np.arange(count), rng.integers(0, count, 40 * 40 - count)])
    samples = table.astype(np.uint8)[rng.permutation(picked).reshape(40, 40)]
    check(np.ascontiguousarray(samples))


def test_more_than_256_colours_are_pixels():
    rng = np.random.default_rng(0)
    samples = np.repeat(rng.integers(0, 256, (20, 20, 3)).astype(np.uint8), 4, axis=1)
    lzw = parse_tables(check(samples).tables, shape_of(samples, 8)).lzw
    assert lzw is not None and lzw.head.palette is None


def test_colours_under_full_transparency_are_kept():
    rng = np.random.default_rng(1)
    samples = rng.integers(0, 256, (24, 31, 4)).astype(np.uint8)
    samples[:, :, 3] = np.where(rng.random((24, 31)) < 0.5, 0, 255)
    check(samples)


def test_segments_know_nothing_of_each_other():
    samples = paint("blocks", 130, 190, 3, 8, 5)
    group = check(samples, segment_log2=6)
    shape = shape_of(samples, 8)
    assert len(group.streams[0]) == 9
    # The last segment alone.
    from tests.lossless.lzw_round_trip import decode_guarded

    out = decode_guarded(parse_tables(group.tables, shape), group.streams[0][8], 62, 2, shape)
    assert np.array_equal(out, samples[128:, 128:])


def test_the_same_bytes_each_time():
    samples = paint("few", 50, 60, 4, 8, 2)
    first, second = encode(samples), encode(samples)
    assert first.tables == second.tables and first.streams == second.streams


_CHILD = """
import sys

sys.path[:0] = {path!r}
import numpy as np
from tests.lossless.test_lzw_round_trip import paint
from tests.lossless.lzw_round_trip import check
for kind in ("few", "gradient", "blocks"):
    for c in (1, 4):
        group = check(paint(kind, 11, 13, c, 8, 4))
        print(group.tables.hex(), [s.hex() for s in group.streams[0]])
"""


def test_interpreted_and_compiled_kernels_write_and_read_the_same():
    texts = []
    path = [str(Path(pil_dctz.__path__[0]).parent), *sys.path]  # the package that is tested, first
    for interpreted in ("0", "1"):
        env = dict(os.environ, NUMBA_DISABLE_JIT=interpreted)
        if interpreted == "1":
            env["PIL_DCTZ_KERNELS"] = "jit"
        run = subprocess.run(
            [sys.executable, "-c", _CHILD.format(path=path)],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        texts.append(run.stdout)
    assert texts[0] and texts[0] == texts[1]


@pytest.mark.parametrize("kind", ["noise", "one", "stripes", "checker", "bruijn", "near"])
def test_time_grows_with_the_pixels_alone(kind):
    """Pictures that fill hash chains: comparisons stay within the budget, so this ends soon."""
    import time

    rng = np.random.default_rng(0)
    side = 512
    if kind == "checker":
        samples = (np.indices((side, side)).sum(axis=0) & 1)[:, :, None] * 255
    elif kind == "bruijn":
        samples = rng.integers(0, 2, (side, side, 1)) * 255
    elif kind == "near":
        samples = np.where(rng.random((side, side, 1)) < 0.002, rng.integers(0, 2), 7)
    else:
        samples = paint(kind, side, side, 1, 8, 0)
    samples = samples.astype(np.uint8)
    check(samples[:64, :64].copy())  # kernels are compiled now
    begin = time.process_time()
    check(samples)
    assert time.process_time() - begin < 12.0


def test_decode_of_a_group_shape_that_is_one_row():
    samples = paint("noise", 1, 3000, 3, 8, 9)
    group = check(samples)
    assert np.array_equal(decode(group, GroupShape(3000, 1, 3, 8)), samples)
