"""Known answers of PSNR and the zero-order entropies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pil_dctz.metrics import psnr, residual_entropy, sample_entropy

pytestmark = pytest.mark.small


def test_psnr_of_one_wrong_step_everywhere() -> None:
    a = np.full((300, 5, 3), 100, np.uint8)  # more rows than are taken at a time
    assert psnr(a, a + np.uint8(1)) == pytest.approx(20 * math.log10(255))
    assert psnr(a + np.uint8(1), a) == pytest.approx(20 * math.log10(255))
    assert psnr(a, a) == math.inf
    wide = a.astype(np.uint16)
    assert psnr(wide, wide + np.uint16(1)) == pytest.approx(20 * math.log10(65535))
    assert psnr(wide, wide + np.uint16(1), peak=1023) == pytest.approx(20 * math.log10(1023))


def test_psnr_of_opposite_16_bit_pictures_does_not_overflow() -> None:
    black = np.zeros((64, 64), np.uint16)
    assert psnr(black, ~black) == 0


def test_sample_entropy_counts_bits() -> None:
    assert sample_entropy(np.full((4, 4), 9, np.uint8)) == 0
    assert sample_entropy(np.arange(256, dtype=np.uint8).reshape(16, 16)) == 8
    channels = np.dstack([np.zeros((4, 4), np.uint8), np.arange(16, dtype=np.uint8).reshape(4, 4)])
    assert sample_entropy(channels) == 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_residuals_are_those_of_the_median_predictor(dtype: type[np.unsignedinteger]) -> None:
    random = np.random.default_rng(5)
    picture = random.integers(0, np.iinfo(dtype).max + 1, (9, 7), dtype=dtype)
    counts: dict[int, int] = {}
    for y in range(9):
        for x in range(7):
            left = int(picture[y, x - 1]) if x else 0
            above = int(picture[y - 1, x]) if y else 0
            guess = left + above
            if x and y:
                guess = sorted((left, above, left + above - int(picture[y - 1, x - 1])))[1]
            residual = (int(picture[y, x]) - guess) % (np.iinfo(dtype).max + 1)
            counts[residual] = counts.get(residual, 0) + 1
    expected = -sum(n / 63 * math.log2(n / 63) for n in counts.values())
    assert residual_entropy(picture) == pytest.approx(expected)


def test_a_single_sample_and_a_ramp_cost_next_to_nothing() -> None:
    assert residual_entropy(np.full((1, 1), 7, np.uint8)) == 0
    ramp = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    assert residual_entropy(ramp) < 0.35 < 6 < sample_entropy(ramp)
