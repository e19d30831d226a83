"""What training minimises: SSIMULACRA2 and the squared error of a picture, with their gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.kernels.load import load
from pil_dctz.metrics.ssimulacra2 import ABSORBANCE, TAPS, WEIGHTS

__all__ = ["UNSEEN", "Share", "Target"]

Plane = NDArray[np.floating[Any]]
BIAS = np.float32(0.0037930732552754493)
ROOT = np.float32(0.0037930732552754493 ** (1 / 3))
#: Linear RGB of long, medium, short light, as the decoder has it (`colour.xyb`).
LIGHT = (
    np.array(
        (
            (3593658, -3214269, -53628),
            (-1060075, 1439464, -53628),
            (-1191912, 883765, 633908),
        ),
        np.float32,
    )
    / 325761
)
SCALES = 6
SMALLEST = 8
#: Of the blur.
REACH = 4
#: Added to the squared error: below it nothing is seen.
UNSEEN = 0.2
#: Norms of fourth powers below this count as this: a plane without any error has no say.
LEAST_NORM = 1e-4
_TAPS = np.array(TAPS[:5], np.float32)
_WEIGHTS = np.array(WEIGHTS).reshape(3, SCALES, 6)
_ABSORBANCE = np.array(ABSORBANCE, np.float32)
#: XYB of the metric, of the roots of light.
_METRIC = np.array(((7, -7, 0), (0.5, 0.5, 0), (-0.5, -0.5, 1)), np.float32)
_OFFSETS = np.array((0.42, 0.01, 0.55), np.float32)[:, None, None]
#: Roots of light of Y, B-Y, X in units.
_PLANES = np.array(
    ((1 / 300, 0, 1 / 1680), (1 / 300, 0, -1 / 1680), (1 / 300, 1 / 180, 0)), np.float32
)


Pyramid = list[tuple[Plane, Plane]]


@dataclass(frozen=True, slots=True)
class Share:
    """What the samples of a picture weigh in the logs of its two errors, where these are.

    A picture's error is no mean of its parts' own: where most goes wrong, most is to be gained.
    factors: float64 (scales, 3, 6), of the means of SSIMULACRA2's terms, then of a fourth of those
    of their fourth powers. squared: mean squared error of RGB.
    """

    factors: NDArray[np.float64]
    squared: float


class Target:
    """An original, or a part of one, with its pyramid kept.

    planes: float32 (3, rows, columns) of Y, B-Y, X in units.
    """

    def __init__(self, planes: Plane) -> None:
        linear, _ = _linear(planes)
        self._codes, _ = _codes(linear)
        self._pyramid = [(x, _blur(x), _blur(x * x)) for x, _ in _pyramid(linear)]

    def errors(self, planes: Plane) -> tuple[float, float]:
        """(SSIMULACRA2's 100 - score, mean squared error of RGB) of a whole picture."""
        linear, _ = _linear(planes)
        means, _ = self._means(_pyramid(linear), 0)
        return _error(means)[0], self._squared(linear)[0]

    def share(self, planes: Plane, least: float) -> Share:
        """What its parts weigh, of a whole picture.

        least: a norm of fourth powers is taken as at least this share of the error. Where there is
        less, a few samples make it many times as large, and its slope counts for too much.
        """
        linear, _ = _linear(planes)
        means, _ = self._means(_pyramid(linear), 0)
        error, factors = _error(means, least)
        return Share(factors / max(error, 1.0), self._squared(linear)[0])

    def parts(
        self, planes: Plane, share: Share, squared: float
    ) -> tuple[NDArray[np.float64], Plane]:
        """((log error by SSIMULACRA2, by squares) as far as they lie here, gradient by planes).

        For a part of the picture that `share` is of; its outermost samples at each scale, whose
        surroundings are not there, do not count. squared: what the log of squares weighs.
        """
        linear, roots = _linear(planes)
        pyramid = _pyramid(linear)
        means, rooms = self._means(pyramid, REACH)
        factors = share.factors[: len(means)]
        value = float((factors[..., :3] * means[..., :3]).sum())
        value += float((factors[..., 3:] * means[..., 3:]).sum()) / 4
        by_linear = self._by_linear(pyramid, rooms, factors, REACH)
        miss, by_squared = self._squared(linear)
        weight = squared / (share.squared + UNSEEN)
        by_linear += np.float32(weight) * by_squared
        values = np.array((value, miss / (share.squared + UNSEEN)))
        return values, _to_planes(by_linear, roots, linear)

    def _means(self, pyramid: Pyramid, margin: int) -> tuple[NDArray[np.float64], list[Plane]]:
        """(scales, 3, 6): means of the terms, then of their fourth powers; rooms of kernels."""
        kernels = load("pil_dctz.training.metric_kernels")
        means, rooms = np.zeros((len(pyramid), 3, 6)), []
        for scale, ((x, _), (a, u, s)) in enumerate(zip(pyramid, self._pyramid, strict=True)):
            room = np.empty((3, 5, *x.shape[1:]), np.float32)
            for c in range(3):
                sums = np.empty(6)
                kernels.error_sums(a[c], u[c], s[c], x[c], _TAPS, margin, room[c], sums)
                means[scale, c] = sums / max(_count(x, margin), 1)
            rooms.append(room)
        return means, rooms

    def _by_linear(
        self, pyramid: Pyramid, rooms: list[Plane], factors: NDArray[np.float64], margin: int
    ) -> Plane:
        """The gradient of the sum of terms that `factors` weigh, by linear RGB."""
        kernels = load("pil_dctz.training.metric_kernels")
        found = []
        scales = zip(pyramid, self._pyramid, rooms, factors, strict=True)
        for (x, _), (a, u, s), room, weights in scales:
            gradient = np.zeros_like(x)
            count = _count(x, margin)
            for c in range(3 if count else 0):
                each = (weights[c] / count).astype(np.float32)
                kernels.error_gradient(
                    a[c], u[c], s[c], x[c], _TAPS, each, margin, room[c], gradient[c]
                )
            found.append(gradient)
        return _pyramid_gradient(pyramid, found)

    def _squared(self, linear: Plane) -> tuple[float, Plane]:
        """Mean squared error of RGB, its gradient by linear RGB."""
        codes, by_code = _codes(linear)
        miss = codes - self._codes
        squared = float(np.mean(np.square(miss, dtype=np.float64)))
        return squared, by_code * miss * np.float32(2 / miss.size)


def _count(x: Plane, margin: int) -> int:
    """Samples of a plane that count."""
    h, w = x.shape[1:]
    return int(max(h - 2 * margin, 0) * max(w - 2 * margin, 0))


def _error(means: NDArray[np.float64], least: float = 0.0) -> tuple[float, NDArray[np.float64]]:
    """100 - score; how fast it rises with the means: of fourth powers, a fourth of that."""
    weights = _WEIGHTS.transpose(1, 0, 2)[: len(means)]
    norms = (means[..., 3:] + 1e-24) ** 0.25
    total = float((weights[..., :3] * means[..., :3]).sum() + (weights[..., 3:] * norms).sum())
    t = total * 0.9562382616834844
    cubic = (6.248496625763138e-05 * t - 0.020884521182843837) * t * t + 2.326765642916932 * t
    slope = 3 * 6.248496625763138e-05 * t * t - 2 * 0.020884521182843837 * t + 2.326765642916932
    error = 10 * max(cubic, 1e-6) ** 0.6276336467831387
    slope *= 0.6276336467831387 * error / max(cubic, 1e-6) * 0.9562382616834844
    floors = np.maximum(least * total / np.maximum(weights[..., 3:], 1e-9), LEAST_NORM)
    powers = weights[..., 3:] * np.maximum(norms, floors) ** -3
    return error, slope * np.concatenate((weights[..., :3], powers), -1)


def _mix(matrix: Plane, planes: Plane) -> Plane:
    mixed: Plane = (matrix @ planes.reshape(3, -1)).reshape(planes.shape)
    return mixed


def _linear(planes: Plane) -> tuple[Plane, Plane]:
    """(linear RGB, 0..1 as the decoder clamps it; the roots of light)."""
    roots = _mix(_PLANES, planes) + np.float32(128 / 300) + ROOT
    return np.clip(_mix(LIGHT, roots * roots * roots - BIAS), 0, 1), roots


def _to_planes(by_linear: Plane, roots: Plane, linear: Plane) -> Plane:
    inside = by_linear * ((linear > 0) & (linear < 1))
    return _mix(_PLANES.T, _mix(LIGHT.T, inside) * (3 * roots * roots))


def _table() -> Any:
    x = np.arange(4098) / 4096
    x = x * x  # finer where the curve bends
    y = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    return (255 * y).astype(np.float32)


_CURVE = _table()


def _codes(linear: Plane) -> tuple[Plane, Plane]:
    """(sRGB, 0..255, not rounded; its slope by linear)."""
    place = np.sqrt(linear) * np.float32(4096)
    i = np.minimum(place.astype(np.int32), 4096)
    below = _CURVE[i]
    step = _CURVE[i + 1] - below
    return below + step * (place - i), step * np.float32(2048) * 4096 / np.maximum(place, 1)


def _pyramid(linear: Plane) -> Pyramid:
    """(X, Y, B of the metric; the roots of light) at each scale."""
    light = _mix(_ABSORBANCE, linear) + BIAS
    found = []
    for scale in range(SCALES):
        if min(light.shape[1:]) < SMALLEST:
            break
        if scale:
            light = _halve(light)
        roots = np.cbrt(light)
        found.append((_mix(_METRIC, roots - ROOT) + _OFFSETS, roots))
    return found


def _pyramid_gradient(pyramid: Pyramid, by_scale: list[Plane]) -> Plane:
    """The gradient by linear RGB, of that by X, Y, B at each scale."""
    coarse: Any = None
    for (_, roots), gradient in zip(pyramid[::-1], by_scale[::-1], strict=True):
        by_light = _mix(_METRIC.T, gradient) / (3 * roots * roots)
        if coarse is not None:
            h, w = by_light.shape[1:]
            by_light += (np.repeat(np.repeat(coarse, 2, 1), 2, 2) / 4)[:, :h, :w]
        coarse = by_light
    return _mix(_ABSORBANCE.T, coarse)


def _halve(planes: Plane) -> Plane:
    h, w = planes.shape[1:]
    if h % 2 or w % 2:
        planes = np.pad(planes, ((0, 0), (0, h % 2), (0, w % 2)), mode="edge")
    rows = planes[:, 0::2] + planes[:, 1::2]
    return (rows[:, :, 0::2] + rows[:, :, 1::2]) * np.float32(0.25)


def _blur(planes: Plane) -> Plane:
    kernels = load("pil_dctz.training.metric_kernels")
    out, half = np.empty_like(planes), np.empty(planes.shape[1:], np.float32)
    for c in range(3):
        kernels.blur_plane(np.ascontiguousarray(planes[c]), _TAPS, half, out[c])
    return out
