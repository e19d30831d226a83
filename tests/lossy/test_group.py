"""Encoding a group: options, monotony, segments on their own."""

from itertools import pairwise

import numpy as np
import pytest

from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.lossy.decoder.segment import decode_segment, parse_tables
from pil_dctz.lossy.encoder.group import encode_group
from pil_dctz.lossy.encoder.quality import base_of_quality
from tests.pictures import draw_photo

pytestmark = pytest.mark.checked


def encode(samples: np.ndarray, **options) -> EncodedGroup:
    height, width, channels = samples.shape
    given = {"quality": 75, "effort": 5, "segment_log2": None, "threads": 1, **options}
    return encode_group(samples, GroupShape(width, height, channels, 8), **given)


def size(group: EncodedGroup) -> int:
    return sum(len(part) for stream in group.streams for part in stream)


def decode(group: EncodedGroup, samples: np.ndarray, depth: int = 8) -> np.ndarray:
    height, width, channels = samples.shape
    tables = parse_tables(group.tables, GroupShape(width, height, channels, depth))
    side = 1 << group.segment_log2 if group.segment_log2 else max(width, height)
    out = np.empty_like(samples)
    parts = iter(zip(*group.streams, strict=True))
    for y in range(0, height, side):
        for x in range(0, width, side):
            w, h = min(side, width - x), min(side, height - y)
            part = np.empty((h, w, channels), samples.dtype)
            low, *high = next(parts)
            decode_segment(tables, low, high, w, h, part)
            out[y : y + h, x : x + w] = part
    return out


def test_the_base_step_falls_with_quality() -> None:
    bases = [base_of_quality(q / 2) for q in range(201)]
    assert all(a > b for a, b in pairwise(bases))
    for quality in (-0.1, 100.5, float("nan")):
        with pytest.raises(ValueError, match=r"quality must be 0\.\.100"):
            base_of_quality(quality)


def test_size_and_error_follow_quality() -> None:
    samples = draw_photo(200, 150)
    groups = [encode(samples, quality=q) for q in (0, 10, 30, 50, 70, 85, 95, 100)]
    sizes = [size(group) for group in groups]
    errors = [float(((decode(g, samples).astype(int) - samples) ** 2).mean()) for g in groups]
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


def mean_square(group: EncodedGroup, samples: np.ndarray, depth: int = 8) -> float:
    away = decode(group, samples, depth).astype(float) - samples
    return float((away**2).mean()) / 4.0 ** (depth - 8)


def test_presets_are_made_for_their_measure() -> None:
    samples = draw_photo(256, 192, seed=5)
    found = {}
    for preset in ("visual", "balanced", "psnr"):
        group = encode(samples, preset=preset, quality=60)
        # Bytes at the error of the first: about a bit for each channel of a pixel halves it.
        found[preset] = np.log2(size(group)) + 0.5 * np.log2(mean_square(group, samples))
    assert found["psnr"] < min(found["balanced"], found["visual"])


@pytest.mark.parametrize("preset", ["visual", "psnr"])
@pytest.mark.parametrize("channels", [1, 3])
def test_deep_samples_take_the_bytes_and_the_error_of_8_bits(preset: str, channels: int) -> None:
    samples = draw_photo(120, 90, channels, depth=12).reshape(90, 120, channels)
    cut = (samples >> 4).astype(np.uint8)
    group = encode(cut, preset=preset, quality=80)
    for depth in (10, 12):
        shape = GroupShape(120, 90, channels, depth)
        deep = encode_group(
            samples >> (12 - depth), shape,
            quality=80, effort=5, segment_log2=None, threads=1, preset=preset,
        )  # fmt: skip
        assert abs(size(deep) / size(group) - 1) < 0.08
        error = mean_square(deep, samples >> (12 - depth), depth)
        assert error < 1.05 * mean_square(group, cut)


def test_effort_saves_bytes_at_equal_error() -> None:
    samples = draw_photo(256, 256, seed=3)
    measured = []
    for effort in range(1, 10):
        # Of the preset that is measured by the error, as here.
        group = encode(samples, effort=effort, preset="psnr")
        error = float(((decode(group, samples).astype(int) - samples) ** 2).mean())
        measured.append(np.log2(size(group)) + 0.5 * 3 * np.log2(error) / 6)
    assert measured[4] <= measured[0]
    assert measured[8] <= measured[4] + 0.01


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("log2", [0, 6, 7, 8])
def test_segments_do_not_see_each_other(channels: int, log2: int) -> None:
    samples = draw_photo(150, 130, channels).reshape(130, 150, channels)
    group = encode(samples, segment_log2=log2)
    assert group.mode == Mode.LOSSY
    side = 1 << log2 if log2 else 150
    first = encode(np.ascontiguousarray(samples[:side, :side]), segment_log2=log2)
    assert [stream[0] for stream in group.streams] == [stream[0] for stream in first.streams]
    assert len(group.streams[0]) == -(-130 // side) * -(-150 // side)


def test_threads_change_nothing() -> None:
    samples = draw_photo(300, 200)
    assert encode(samples, segment_log2=6) == encode(samples, segment_log2=6, threads=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quality": 101}, "quality must be 0..100, got 101"),
        ({"effort": 0}, "effort must be 1..9, got 0"),
        ({"effort": 10}, "effort must be 1..9, got 10"),
    ],
)
def test_wrong_options_are_refused(options, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode(draw_photo(8, 8), **options)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 3 channels"):
        encode_group(
            np.zeros((8, 8, 4), np.uint8),
            GroupShape(8, 8, 4, 8),
            quality=50, effort=5, segment_log2=None, threads=1,
        )  # fmt: skip
