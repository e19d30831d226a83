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
    error, squared = Target(original_planes(samples)).errors(original_planes(noisy))
    assert 100 - error == pytest.approx(Reference(samples).score(noisy), abs=0.1)
    assert 10 * np.log10(255**2 / squared) == pytest.approx(psnr(samples, noisy), abs=0.02)


def test_parts_tell_on_average_what_the_picture_loses() -> None:
    samples, noisy = two_pictures(208)
    original, base = original_planes(samples), original_planes(noisy)
    worse = (base + np.float32(0.02) * (base - original)).astype(np.float32)
    whole = Target(original)
    share = whole.share(base, 0.0)
    (e0, m0), (e1, m1) = (whole.errors(planes) for planes in (base, worse))
    found = []
    for top in (0, 48, 96):
        for left in (0, 48, 96):
            area = np.s_[:, top : top + 112, left : left + 112]
            part = Target(np.ascontiguousarray(original[area]))
            after, before = (
                part.parts(np.ascontiguousarray(planes[area]), share, 1.0)[0]
                for planes in (worse, base)
            )
            found.append(after - before)
    score, squares = np.mean(found, 0)
    assert np.log(e1 / e0) > 0.01
    assert score == pytest.approx(np.log(e1 / e0), rel=0.25)
    assert squares == pytest.approx(m1 / m0 - 1, rel=0.15)


def test_gradients_of_parts_are_what_small_moves_do() -> None:
    samples, noisy = two_pictures(64)
    target, planes = Target(original_planes(samples)), original_planes(noisy)
    share = target.share(planes, 0.03)
    values, gradient = target.parts(planes, share, 0.7)
    assert np.isfinite(values).all()
    rng = np.random.default_rng(2)
    for _ in range(3):
        away = gradient / np.abs(gradient).max()
        away = (away + rng.normal(0, 0.3, planes.shape)).astype(np.float32)
        ahead, behind = (
            target.parts(planes + np.float32(step) * away, share, 0.7)[0] @ (1, 0.7)
            for step in (0.02, -0.02)
        )
        assert (ahead - behind) / 0.04 == pytest.approx(float((gradient * away).sum()), rel=0.05)
