"""Rectangles, segments, scales: clauses `frame.segments`, `frame.region`, `frame.scale`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pil_dctz.picture.decoder.scale import box_mean
from pil_dctz.picture.segments import Rectangle, check_region, check_scale, segments_of, touched

pytestmark = pytest.mark.small

sizes = st.integers(1, 300)


@given(sizes, sizes, st.sampled_from((0, 6, 7, 8)))
def test_segments_cover_each_sample_once(width: int, height: int, log2: int) -> None:
    count = np.zeros((height, width), int)
    for number, segment in enumerate(segments_of(width, height, log2)):
        assert segment.number == number
        count[segment.area.slices] += 1
    assert (count == 1).all()


@given(st.data(), sizes, sizes)
def test_a_region_touches_exactly_the_segments_that_share_samples_with_it(
    data: st.DataObject, width: int, height: int
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    region = Rectangle(
        x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    )
    expected = [s for s in segments_of(width, height, 6) if s.area.intersect(region)]
    assert list(touched(width, height, 6, region)) == expected


@pytest.mark.parametrize(
    "region", [(-1, 0, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0), (9, 0, 2, 1), (0, 5, 1, 1), (0, 0, 11, 5)]
)
def test_regions_outside_the_picture_are_refused(region: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="inside 10 x 5"):
        check_region(region, 10, 5)


@pytest.mark.parametrize("scale", [0, 3, 16, -1])
def test_other_scales_are_refused(scale: int) -> None:
    with pytest.raises(ValueError, match="1, 2, 4 or 8"):
        check_scale(scale)


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from((2, 4, 8)), st.integers(0, 9))
def test_the_box_mean_is_the_stated_one(height: int, width: int, scale: int, seed: int) -> None:
    samples = np.random.default_rng(seed).integers(0, 65536, (height, width, 2)).astype(np.uint16)
    small = box_mean(samples, scale)
    assert small.shape == (-(-height // scale), -(-width // scale), 2)
    for y, x, c in np.ndindex(*small.shape):
        box = samples[y * scale : (y + 1) * scale, x * scale : (x + 1) * scale, c]
        assert small[y, x, c] == (int(box.sum(dtype=int)) + box.size // 2) // box.size


def test_boxes_of_the_largest_samples_do_not_overflow() -> None:
    full = np.full((16, 16, 1), 65535, np.uint16)
    assert (box_mean(full, 8) == 65535).all()
