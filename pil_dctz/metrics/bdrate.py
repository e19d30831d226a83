"""Bjontegaard delta rate: how many per cent more or fewer bytes at equal score.

G. Bjontegaard, VCEG-M33 (2001), with the monotone piecewise cubic of F. N. Fritsch and
R. E. Carlson (SIAM J. Numer. Anal. 17, 1980; end slopes as in SciPy's PchipInterpolator) of the
log rate over the score, instead of one polynomial.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]  # (rate, score); rate in any unit, above 0
Floats = npt.NDArray[np.float64]

_GRID = 4001


def bd_rate(
    anchor: Sequence[Point], test: Sequence[Point], window: tuple[float, float] | None = None
) -> float:
    """Mean rate of `test` over that of `anchor`, less one, in per cent: below 0, test is smaller.

    The mean is of log rate, over the scores that both curves cover, inside `window` if given.
    Points that cost more without a better score than a cheaper point are left out. Raises
    ValueError when the curves share no range of scores, or fewer than two points are left.
    """
    curves = [_frontier(anchor), _frontier(test)]
    low = max(scores[0] for scores, _ in curves)
    high = min(scores[-1] for scores, _ in curves)
    if window is not None:
        low, high = max(low, window[0]), min(high, window[1])
    if not low < high:
        raise ValueError(f"the curves share no scores (from {low:.4g} to {high:.4g})")
    grid = np.linspace(low, high, _GRID)
    difference = pchip(*curves[1], grid) - pchip(*curves[0], grid)
    mean = np.trapezoid(difference, grid) / (high - low)
    return float(np.expm1(mean) * 100)


def _frontier(points: Sequence[Point]) -> tuple[Floats, Floats]:
    """Scores, strictly rising, and log rates."""
    kept: list[Point] = []
    for rate, score in sorted(points, key=lambda point: (point[0], -point[1])):
        if np.isfinite(score) and (not kept or score > kept[-1][1]):
            kept.append((rate, score))
    if len(kept) < 2:
        raise ValueError("a curve needs two points of rising rate and score")
    rates, scores = np.array(kept).T
    return scores, np.log(rates)


def pchip(x: Floats, y: Floats, at: Floats) -> Floats:
    """The monotone piecewise cubic through (x, y), x strictly rising, at points inside x."""
    step = np.diff(x)
    slope = np.diff(y) / step
    tangent = _tangents(step, slope)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = step[i]
    t = (at - x[i]) / h
    value = (1 + 2 * t) * (1 - t) ** 2 * y[i] + t**2 * (3 - 2 * t) * y[i + 1]
    value += h * (t * (1 - t) ** 2 * tangent[i] - t**2 * (1 - t) * tangent[i + 1])
    return np.asarray(value, np.float64)


def _tangents(step: Floats, slope: Floats) -> Floats:
    if len(slope) == 1:
        return np.array([slope[0], slope[0]])
    before, after = slope[:-1], slope[1:]
    one, two = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (one + two) / (one / before + two / after)
    inside = np.where(before * after > 0, mean, 0.0)
    ends = [_end(step[0], step[1], slope[0], slope[1]), _end(*step[-1:-3:-1], *slope[-1:-3:-1])]
    return np.array([ends[0], *inside, ends[1]])


def _end(near: float, far: float, slope: float, next_slope: float) -> float:
    """Three-point slope at an end, held to the shape of the data."""
    tangent = ((2 * near + far) * slope - near * next_slope) / (near + far)
    if tangent * slope <= 0:
        return 0.0
    if slope * next_slope <= 0 and abs(tangent) > 3 * abs(slope):
        return 3 * slope
    return tangent
