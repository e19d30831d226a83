"""What holds for every picture: exact round trips, crops, threads, size."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pil_dctz
from tests.pictures import draw_graphic, draw_noise, draw_photo

pytestmark = pytest.mark.checked

sides = st.integers(1, 70)
draws = st.sampled_from([draw_photo, draw_graphic, draw_noise])


@st.composite
def pictures(draw: st.DrawFn, depths: tuple[int, ...] = tuple(range(1, 17))) -> tuple[Any, int]:
    """Samples and their depth."""
    depth = draw(st.sampled_from(depths))
    make = draw(draws)
    channels = draw(st.integers(1, 4))
    return make(
        draw(sides), draw(sides), channels, depth=depth, seed=draw(st.integers(0, 9))
    ), depth


def raw_bytes(samples: Any, depth: int) -> int:
    channels = samples.shape[2] if samples.ndim == 3 else 1
    return int(samples.shape[0] * -(-samples.shape[1] * channels * depth // 8))


@settings(deadline=None, max_examples=80)
@given(pictures(), st.sampled_from([None, 0, 64]), st.integers(1, 3))
def test_exact_pictures_come_back(
    picture: tuple[Any, int], segment_size: int | None, threads: int
) -> None:
    samples, depth = picture
    arguments = {"depth": depth, "lossless": True, "segment_size": segment_size}
    data = pil_dctz.encode(samples, threads=threads, **arguments)
    got = pil_dctz.decode(data, threads=threads)
    assert got.dtype == samples.dtype
    assert np.array_equal(got, samples)
    assert data == pil_dctz.encode(samples, threads=1, **arguments)
    assert len(data) <= raw_bytes(samples, depth) * 1.01 + 64
    assert pil_dctz.verify(data).whole


@settings(deadline=None, max_examples=50)
@given(pictures((8,)), st.integers(0, 100), st.data())
def test_lossy_pictures_keep_size_and_crops(
    picture: tuple[Any, int], quality: int, data: st.DataObject
) -> None:
    samples, depth = picture
    options = pil_dctz.EncodeOptions(mode="auto", segment_size=64)
    encoded = pil_dctz.encode(samples, quality=quality, options=options)
    assert len(encoded) <= raw_bytes(samples, depth) * 1.01 + 64
    whole = pil_dctz.decode(encoded)
    assert (whole.shape, whole.dtype) == (samples.shape, samples.dtype)
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        assert np.array_equal(whole[..., -1], samples[..., -1])
    height, width = samples.shape[:2]
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    scale = data.draw(st.sampled_from((1, 2, 4, 8)))
    small = pil_dctz.decode(encoded, scale=scale)
    assert small.shape[:2] == (-(-height // scale), -(-width // scale))
    part = pil_dctz.decode(encoded, scale=scale, region=(x, y, w, h))
    crop = small[y // scale : -(-(y + h) // scale), x // scale : -(-(x + w) // scale)]
    assert np.array_equal(part, crop)


class Dribble(io.BytesIO):
    """Never gives more than three bytes at once, as a raw file may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3 if size is None or size > 3 or size < 0 else size)


@settings(deadline=None, max_examples=20)
@given(pictures())
def test_short_reads_change_nothing(picture: tuple[Any, int]) -> None:
    samples, depth = picture
    data = pil_dctz.encode(samples, depth=depth, lossless=True)
    assert np.array_equal(pil_dctz.decode(Dribble(data)), samples)
    assert pil_dctz.read_header(Dribble(data)) == pil_dctz.read_header(data)
