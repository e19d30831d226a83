"""The metric that is minimised is the metric, and its slopes are its slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pil_dctz.metrics import Reference, psnr
from pil_dctz.training.metric import Target
from pil_dctz.training.pairs import original_planes
from tests.pictures import draw_photo


def two_pictures(side: int) -> tuple[NDArray[Any], NDArray[Any]]:
    samples = draw_photo(side, side, seed=3)
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 4, samples.shape).round()
    return samples, np.clip(samples + noise, 0, 255).astype(np.uint8)


def test_errors_are_those_of_the_metrics() -> None:
    samples, noisy = two_pictures(256)  # of six scales, as the crops' weights are
    error, squared, _, _ = Target(original_planes(samples)).errors(original_planes(noisy))
    assert 100 - error == pytest.approx(Reference(samples).score(noisy), abs=0.1)
    assert 10 * np.log10(255**2 / squared) == pytest.approx(psnr(samples, noisy), abs=0.02)


def test_gradients_are_what_small_moves_do() -> None:
    samples, noisy = two_pictures(64)
    target, planes = Target(original_planes(samples)), original_planes(noisy)
    _, _, by_error, by_squared = target.errors(planes)
    rng = np.random.default_rng(2)
    for number, gradient in ((0, by_error), (1, by_squared)):
        for _ in range(3):  # along the slope, and not quite
            away = gradient / np.abs(gradient).max()
            away = (away + rng.normal(0, 0.3, planes.shape)).astype(np.float32)
            ahead = target.errors(planes + np.float32(0.02) * away)[number]
            behind = target.errors(planes - np.float32(0.02) * away)[number]
            slope = (ahead - behind) / 0.04
            assert slope == pytest.approx(float((gradient * away).sum()), rel=0.05)
