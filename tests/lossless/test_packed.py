"""Several palette indices in a number. Clause `lzw.packed`."""

from __future__ import annotations

import numpy as np
import pytest

import pil_dctz
from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.decoder.segment import decode_segment, parse_tables
from pil_dctz.lossless.encoder.group import encode_group
from pil_dctz.lossless.encoder.palette import pack_indices
from pil_dctz.lossless.syntax import packed_pixels

pytestmark = pytest.mark.small


def test_a_number_holds_as_many_pixels_as_stay_within_a_byte() -> None:
    held = [packed_pixels(entries) for entries in range(1, 18)]
    assert held == [1, 8, 5, 4, 3, 3, *[2] * 10, 1]


def test_pixels_beyond_the_row_are_the_first_entry() -> None:
    indices = np.array([[1, 0, 2, 2, 1, 2, 1]], np.uint8)
    assert pack_indices(indices, 3).tolist() == [[1 + 2 * 9 + 2 * 27 + 1 * 81, 2 + 1 * 3]]


def noise(colours: int, height: int, width: int, channels: int, depth: int) -> np.ndarray:
    """Every pixel is drawn anew: copies save nothing, so packing does."""
    rng = np.random.default_rng(colours)
    dtype = np.uint8 if depth <= 8 else np.uint16
    palette = rng.choice(1 << depth, (colours, channels), replace=False).astype(dtype)
    found: np.ndarray = palette[rng.integers(0, colours, (height, width))]
    return found


@pytest.mark.parametrize("colours", [2, 3, 4, 6, 16])
@pytest.mark.parametrize(("channels", "depth"), [(1, 8), (3, 8), (2, 12)])
def test_noise_of_few_colours_is_packed_and_comes_back(colours, channels, depth) -> None:
    samples = noise(colours, 24, 31, channels, depth)
    shape = GroupShape(31, 24, channels, depth)
    group = encode_group(samples, shape, effort=1, segment_log2=None, threads=1)
    tables = parse_tables(group.tables, shape)
    assert tables.lzw is not None and tables.lzw.head.packed == packed_pixels(colours)
    out = np.full_like(samples, 1)
    decode_segment(tables, group.streams[0][0], 31, 24, out)
    assert np.array_equal(out, samples)


@pytest.mark.parametrize("width", [1, 7, 8, 9, 70])
def test_any_width_comes_back(width) -> None:
    samples = noise(2, 9, width, 1, 8)[..., 0]
    assert np.array_equal(pil_dctz.decode(pil_dctz.encode(samples, lossless=True)), samples)
