"""Hard pictures stay within the bound on size, and take no more time than a photograph does."""

from __future__ import annotations

import time

import numpy as np
import pytest

import pil_dctz
from benchmarks.worst import bound, hard_pictures
from pil_dctz.lossless.encoder.lzw import LzwCoder

NAMES = list(hard_pictures(8))


@pytest.mark.parametrize("effort", [1, 5])
@pytest.mark.parametrize("name", NAMES)
def test_hard_pictures_come_back_within_the_bound(name, effort):
    for side in (8, 70):
        samples = hard_pictures(side)[name]
        data = pil_dctz.encode(samples, lossless=True, effort=effort)
        assert len(data) <= bound(samples)
        assert np.array_equal(pil_dctz.decode(data), samples)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (1, 1, 3), (2, 1, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_thin_noise_stays_within_the_bound(shape, dtype):
    samples = np.random.default_rng(5).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    data = pil_dctz.encode(samples, lossless=True)
    assert len(data) <= bound(samples)
    assert np.array_equal(pil_dctz.decode(data), samples)


def seconds(samples: np.ndarray) -> float:
    """Processor time of a lossless round trip, the least of two."""
    found = []
    for _ in range(2):
        start = time.process_time()
        pil_dctz.decode(pil_dctz.encode(samples, lossless=True, threads=1), threads=1)
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["noise of 2 values", "noise black and white", "tiles with faults"]
)
def test_chains_full_of_matches_take_bounded_time(name):
    """By `benchmarks worst` twice a photograph's at most; 5.5 times before look-aheads counted in
    the parse's budget. The limit here leaves room for a busy machine."""
    rng = np.random.default_rng(6)
    y, x = np.mgrid[0:256, 0:256]
    smooth = 128 + 60 * np.sin(x / 21 + y / 37)[..., None] + 9 * np.cos(x * y / 900)[..., None]
    photo = np.clip(smooth + rng.normal(0, 6, (256, 256, 3)), 0, 255).astype(np.uint8)
    assert seconds(hard_pictures(256)[name]) < 8 * seconds(photo)


def test_noise_of_a_palette_gets_no_more_than_two_passes(monkeypatch):
    passes = []
    plain = LzwCoder._pass

    def counted(coder: LzwCoder, *arguments, **options) -> None:
        passes.append(coder.done)
        plain(coder, *arguments, **options)

    monkeypatch.setattr(LzwCoder, "_pass", counted)
    noise = np.random.default_rng(7).integers(0, 256, (200, 200)).astype(np.uint8)
    pil_dctz.encode(noise, lossless=True)
    assert len(passes) > 0 and max(passes) < 2
    passes.clear()
    bits = np.random.default_rng(8).integers(0, 2, (300, 300, 3)).astype(np.uint8) * 255
    assert np.array_equal(pil_dctz.decode(pil_dctz.encode(bits, lossless=True)), bits)
    assert len(passes) > 0 and max(passes) < 2
    # Repeated, they are worth every pass.
    passes.clear()
    repeated = np.tile(noise[:40], (5, 1))
    assert np.array_equal(pil_dctz.decode(pil_dctz.encode(repeated, lossless=True)), repeated)
    assert max(passes) >= 2
