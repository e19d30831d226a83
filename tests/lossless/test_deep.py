"""More than 8 bits: exact predictors and lists of residual numbers. Clause `prediction.numbers`."""

from __future__ import annotations

import numpy as np
import pytest

from pil_dctz.lossless.decoder.segment import parse_tables
from tests.lossless.lzw_round_trip import check, shape_of, size_of


def terraces(height: int, width: int, channels: int = 1) -> np.ndarray:
    """Whole steps of a noisy slope, small numbers."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width]
    planes = [60 + 30 * np.sin(x / (19 + c)) + 20 * np.cos(y / 13) for c in range(channels)]
    return np.rint(np.stack(planes, 2) + rng.normal(0, 1.5, (height, width, channels))).astype(int)


def rescaled(steps: np.ndarray) -> np.ndarray:
    """As scanned plates come: steps times a factor that is not whole, over a slope."""
    slope = 3 * np.arange(steps.shape[0])[:, None, None]
    return np.rint(steps * 181.375 + 900 + slope).astype(np.uint16)


@pytest.mark.small
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_listed_numbers_come_back(channels):
    samples = rescaled(terraces(40, 70, channels))
    check(samples, 16, effort=1)


def test_rescaled_samples_cost_little_more_than_the_steps():
    steps = terraces(200, 300)
    group = check(rescaled(steps), 16)
    tables = parse_tables(group.tables, shape_of(rescaled(steps), 16))
    assert tables.prediction is not None
    assert tables.prediction.head.numbers.size > 0
    plain = size_of(check(steps.astype(np.uint16), 9))
    assert size_of(group) < 1.5 * plain  # 2.9 times without the list


def test_smooth_samples_send_no_list():
    y, x = np.mgrid[0:200, 0:300]
    noise = np.random.default_rng(1).normal(0, 40, x.shape)
    samples = np.rint(20000 + 9000 * np.sin(x / 50 + y / 70) + noise).astype(np.uint16)[..., None]
    tables = parse_tables(check(samples, 16).tables, shape_of(samples, 16))
    assert tables.prediction is not None
    assert tables.prediction.head.numbers.size == 0


def test_ramps_and_holes_have_exact_predictors():
    y, x = np.mgrid[0:256, 0:256]
    depth = 700 + 3 * x + 2 * y
    depth[(x // 24 + y // 40) % 3 == 0] = 0
    samples = depth.astype(np.uint16)[..., None]
    tables = parse_tables(check(samples, 16).tables, shape_of(samples, 16))
    assert tables.prediction is not None
    rows = tables.prediction.head.coefficients[0]
    gradient = np.zeros(rows.shape[1], np.int32)
    gradient[:3] = 128, 128, -128
    assert (rows == gradient).all(axis=1).any()
    assert size_of(check(samples, 16)) < 3000


def test_few_values_may_hide_in_a_list_of_numbers():
    values = np.sort(np.random.default_rng(3).choice(65536, 90, replace=False))
    samples = values[np.clip(terraces(80, 120), 0, 89)].astype(np.uint16)
    check(samples, 16)
