"""near_lossless through the public functions: no sample is off by more than was allowed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import pil_dctz
from pil_dctz.cli import main


def rough_samples(channels: int, dtype: Any) -> npt.NDArray[Any]:
    """Slopes with noise up to both ends, and a flat part."""
    rng = np.random.default_rng(channels)
    top = np.iinfo(dtype).max
    y, x = np.mgrid[0:90, 0:140]
    slope = ((x + 2 * y) % 256)[..., None] / 255 * top
    noise = rng.normal(0, top / 40, (90, 140, channels))
    samples = np.clip(np.rint(slope + noise), 0, top)
    samples[:30, :50] = top
    return samples.astype(dtype)


def most_off(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> int:
    return int(np.abs(first.astype(np.int64) - second).max())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("near", [1, 4])
def test_encode_keeps_every_sample_within_the_bound(channels: int, dtype: Any, near: int) -> None:
    samples = rough_samples(channels, dtype)
    data = pil_dctz.encode(samples, near_lossless=near, effort=2)
    decoded = pil_dctz.decode(data).reshape(samples.shape)
    assert 0 < most_off(samples, decoded) <= near
    assert len(data) < len(pil_dctz.encode(samples, lossless=True, effort=2))


def test_graphics_stay_exact_or_within_the_bound() -> None:
    samples = np.zeros((150, 200, 3), np.uint8)
    samples[::7] = (200, 10, 77)
    samples[64:130, 70:190] = rough_samples(3, np.uint8)[:66, :120]
    decoded = pil_dctz.decode(pil_dctz.encode(samples, near_lossless=3, effort=2))
    assert most_off(samples, decoded) <= 3


def test_pillow_takes_near_lossless() -> None:
    samples = rough_samples(3, np.uint8)
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "DCTZ", near_lossless=2, effort=2)
    with Image.open(file) as im:
        assert 0 < most_off(samples, np.asarray(im)) <= 2
    with pytest.raises(ValueError, match="near_lossless"):
        Image.fromarray(samples).save(io.BytesIO(), "DCTZ", near_lossless=-1)


def test_the_command_takes_near_lossless(tmp_path: Path) -> None:
    samples = rough_samples(3, np.uint8)
    Image.fromarray(samples).save(tmp_path / "a.png")
    given = ["encode", "--near-lossless", "2", "-e", "2", "--quiet", str(tmp_path / "a.png")]
    assert main(given) == 0
    decoded = pil_dctz.read(tmp_path / "a.dctz")
    assert 0 < most_off(samples, decoded) <= 2


def test_a_quality_excludes_near_lossless() -> None:
    samples = rough_samples(3, np.uint8)
    with pytest.raises(ValueError, match="near_lossless"):
        pil_dctz.encode(samples, near_lossless=1, quality=50)
    with pytest.raises(ValueError, match=r"near_lossless must be 0\.\.65535"):
        pil_dctz.encode(samples, near_lossless=65536)
