"""Colour transforms. Clauses `colour.*`."""

from bisect import bisect_right

import numpy as np
import pytest

from pil_dctz.colour.decoder.colour import planes_to_samples, srgb_codes
from pil_dctz.colour.encoder.colour import samples_to_planes, samples_to_xyb
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.tables.load import load_array

pytestmark = pytest.mark.small


def through_xyb(samples: np.ndarray) -> np.ndarray:
    planes = np.empty((samples.shape[2], *samples.shape[:2]), np.float32)
    samples_to_xyb(samples, planes)
    out = np.empty_like(samples)
    planes_to_samples(ColourTransform.XYB, np.rint(planes * 16).astype(np.int16), out)
    return out


def test_all_grays_survive_xyb() -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert (through_xyb(gray) == gray).all()
    rgb = np.repeat(gray, 3, 2)
    assert (through_xyb(rgb) == rgb).all()


def test_colours_come_back_within_a_few_steps() -> None:
    rng = np.random.default_rng(3)
    samples = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
    away = abs(through_xyb(samples).astype(int) - samples)
    assert away.mean() < 0.05
    assert away.max() <= 8


def there_and_back(transform: ColourTransform, samples: np.ndarray, depth: int) -> np.ndarray:
    height, width, channels = samples.shape
    planes = np.full((channels, height + 3, width + 5), np.nan, np.float32)
    samples_to_planes(transform, depth, samples, planes)
    assert (planes[:, :, width:] == planes[:, :, width - 1 : width]).all()
    assert (planes[:, height:] == planes[:, height - 1 : height]).all()
    out = np.empty_like(samples)
    planes_to_samples(transform, np.rint(planes * 16).astype(np.int16), out, depth)
    return out


@pytest.mark.parametrize("depth", [9, 10, 11, 12])
@pytest.mark.parametrize("transform", list(ColourTransform))
@pytest.mark.parametrize("channels", [1, 3])
def test_deep_samples_come_back(transform: ColourTransform, depth: int, channels: int) -> None:
    if channels == 1 and transform == ColourTransform.YCBCR:
        return
    most = (1 << depth) - 1
    ramp = np.linspace(0, most, 300).round().astype(np.uint16).reshape(10, 30, 1)
    gray = np.repeat(ramp, channels, 2)
    away = abs(there_and_back(transform, gray, depth).astype(int) - gray)
    # A sixteenth of a unit is a step of 12 bits; cube roots are steep near black.
    assert away.mean() <= (0.3 if transform != ColourTransform.XYB else 1.5)
    if channels == 3:
        drawn = np.random.default_rng(depth).integers(0, most + 1, (40, 30, 3), np.uint16)
        back = there_and_back(transform, drawn, depth)
        assert abs(back.astype(int) - drawn).mean() * 2.0 ** (8 - depth) < 0.12


def test_8_bits_to_ycbcr_and_back() -> None:
    drawn = np.random.default_rng(8).integers(0, 256, (40, 30, 3), np.uint8)
    assert abs(there_and_back(ColourTransform.YCBCR, drawn, 8).astype(int) - drawn).max() <= 1
    assert (there_and_back(ColourTransform.NONE, drawn, 8) == drawn).all()


def stated_xyb(planes: np.ndarray, depth: int = 8) -> np.ndarray:
    """The formula of the specification in Python integers."""
    srgb = srgb_codes()
    deep = load_array("lossy-srgb-deep.txt", "int32", (4095,)).tolist()

    def cube(t: int) -> int:
        return (min(max(t, 0), 65535) ** 3 >> 24) - 12802

    def code(v: int) -> int:
        if depth > 8:
            place = min(max((v + 524288) >> 20, 0), 1048575)
            return (bisect_right(deep, place) * ((1 << depth) - 1) + 2047) // 4095
        return int(srgb[min(max((v + 33554432) >> 26, 0), 16383)])

    out = np.empty((*planes.shape[1:], 3), np.uint8 if depth == 8 else np.uint16)
    for i, j in np.ndindex(planes.shape[1:]):
        p = [int(v) for v in planes[:, i, j]]
        y, b, x = (
            8 * p[0] + 22373,
            (873813 * p[1] + 32768) >> 16,
            (93623 * p[2] + 32768) >> 16,
        )
        long, middle, short = cube(y + x), cube(y - x), cube(y + b)
        out[i, j] = (
            code(3593658 * long - 3214269 * middle - 53628 * short),
            code(-1060075 * long + 1439464 * middle - 53628 * short),
            code(-1191912 * long + 883765 * middle + 633908 * short),
        )
    return out


@pytest.mark.parametrize("limit", [500, 2500, 32767])
def test_xyb_gives_the_stated_integers(limit: int) -> None:
    planes = np.random.default_rng(limit).integers(-limit - 1, limit + 1, (3, 40, 30), np.int16)
    out = np.empty((40, 30, 3), np.uint8)
    planes_to_samples(ColourTransform.XYB, planes, out)
    assert (out == stated_xyb(planes)).all()
    gray = np.empty((40, 30, 1), np.uint8)
    planes_to_samples(ColourTransform.XYB, planes[:1].copy(), gray)
    alone = planes.copy()
    alone[1:] = 0
    assert (gray[:, :, 0] == stated_xyb(alone)[:, :, 1]).all()


@pytest.mark.parametrize("depth", [9, 12])
def test_deep_xyb_gives_the_stated_integers(depth: int) -> None:
    for limit in (500, 2500, 32767):
        planes = np.random.default_rng(limit).integers(-limit - 1, limit + 1, (3, 70, 9), np.int16)
        out = np.empty((70, 9, 3), np.uint16)
        planes_to_samples(ColourTransform.XYB, planes, out, depth)
        assert (out == stated_xyb(planes, depth)).all()
        gray = np.empty((70, 9, 1), np.uint16)
        planes_to_samples(ColourTransform.XYB, planes[:1].copy(), gray, depth)
        planes[1:] = 0
        assert (gray[..., 0] == stated_xyb(planes, depth)[..., 1]).all()


def test_ycbcr_of_jfif() -> None:
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [12, 200, 99]])
    r, g, b = colours.T.astype(float)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    planes = np.stack([y - 128, (b - y) / 1.772, (r - y) / 1.402])[:, None, :]
    out = np.empty((1, 5, 3), np.uint8)
    planes_to_samples(ColourTransform.YCBCR, np.rint(16 * planes).astype(np.int16), out)
    assert abs(out[0].astype(int) - colours).max() <= 1


def test_no_transform_rounds_and_clamps() -> None:
    planes = np.array([[[-32768, -2048, -2041, -2040, 0, 7, 8, 2032, 32767]]], np.int16)
    out = np.empty((1, 9, 1), np.uint8)
    planes_to_samples(ColourTransform.NONE, planes, out)
    assert out.ravel().tolist() == [0, 0, 0, 1, 128, 128, 129, 255, 255]


def test_codes_are_the_nearest_of_srgb() -> None:
    linear = np.arange(16384) / 16383
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert abs(srgb_codes() - 255 * value).max() < 0.501
