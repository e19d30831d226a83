"""Known answers of the BD-rate, and the curves it must refuse."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.report import bd_rates, decibels
from benchmarks.store import Record
from pil_dctz.metrics.bdrate import bd_rate, pchip

_CURVE = [(100.0, 20.0), (180.0, 41.0), (300.0, 60.0), (700.0, 78.0), (1500.0, 91.0)]


def test_a_curve_against_itself_is_zero_and_four_fifths_of_the_rate_is_minus_twenty() -> None:
    assert bd_rate(_CURVE, _CURVE) == pytest.approx(0)
    smaller = [(rate * 0.8, score) for rate, score in _CURVE]
    assert bd_rate(_CURVE, smaller, (30, 90)) == pytest.approx(-20)
    assert bd_rate(smaller, _CURVE, (30, 90)) == pytest.approx(25)


def test_the_mean_is_over_log_rate_between_the_shared_scores() -> None:
    # log2 rate is linear in score on both: pchip is exact, the difference runs from 0 to 2 octaves
    # over scores 0..20, and 10..20 is shared.
    anchor = [(2.0**k, 10.0 * k) for k in range(3)]
    test = [(2.0 ** (2 * k), 10.0 * k) for k in range(1, 4)]
    assert bd_rate(anchor, test) == pytest.approx((2**1.5 - 1) * 100, rel=1e-6)
    assert bd_rate(anchor, test, (10, 12)) == pytest.approx((2**1.1 - 1) * 100, rel=1e-6)


def test_points_that_cost_more_for_no_better_score_are_left_out() -> None:
    worse = [*_CURVE, (400.0, 60.0), (500.0, 55.0)]
    assert bd_rate(_CURVE, worse) == pytest.approx(0)
    assert bd_rate(_CURVE, [*_CURVE, (1600.0, float("inf"))]) == pytest.approx(0)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ([(1.0, 95.0), (2.0, 99.0)], "share no scores"),
        ([(1.0, 50.0)], "two points"),
        ([(1.0, 50.0), (2.0, 40.0)], "two points"),
    ],
)
def test_curves_that_cannot_be_compared_are_refused(
    test: list[tuple[float, float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        bd_rate(_CURVE, test)


def test_pchip_keeps_rising_data_rising_and_goes_through_its_points() -> None:
    x = np.array([0.0, 1.0, 2.5, 3.0, 7.0])
    y = np.array([0.0, 0.1, 5.0, 5.0, 6.0])
    np.testing.assert_allclose(pchip(x, y, x), y, atol=1e-12)
    assert (np.diff(pchip(x, y, np.linspace(0, 7, 500))) >= -1e-12).all()


@pytest.mark.parametrize("seed", range(5))
def test_pchip_is_that_of_scipy(seed: int) -> None:
    interpolate = pytest.importorskip("scipy.interpolate")
    random = np.random.default_rng(seed)
    x = np.cumsum(random.uniform(0.1, 3, 3 + seed))
    y = random.normal(0, 1, x.size)
    at = np.linspace(x[0], x[-1], 300)
    np.testing.assert_allclose(pchip(x, y, at), interpolate.PchipInterpolator(x, y)(at), atol=1e-10)


def test_records_are_compared_picture_by_picture() -> None:
    records: list[Record] = []
    for picture, factor in (("a", 0.5), ("b", 0.8)):
        for codec, scale in (("jpeg", 1.0), ("dctz", factor)):
            for rate, score in _CURVE:
                head = {"set": "s", "picture": picture, "codec": codec}
                records.append({**head, "bytes": rate * scale, "ssimulacra2": score})
    records.append({"set": "s", "picture": "only", "codec": "jpeg", "bytes": 1, "ssimulacra2": 1})
    rates = bd_rates(records, "dctz", "jpeg", ("ssimulacra2", "", float, (30.0, 90.0)))
    assert rates == {"s/a": pytest.approx(-50), "s/b": pytest.approx(-20)}


def test_decibels_of_similarity() -> None:
    assert decibels(0.99) == pytest.approx(20)
    assert decibels(1.0) == float("inf")
