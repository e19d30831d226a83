"""SSIMULACRA2 as libjxl's own tool computes it (its scores are met within 0.05).

The metric: J. Sneyers, "SSIMULACRA 2", Cloudinary 2022 (tools/ssimulacra2 in libjxl). Up to six
scales by halving in linear light, XYB made positive, a 9-tap Gaussian with zeros outside, three
error maps in two norms, 108 fitted weights. 100 is identical, 90 hard to tell, 70 high, 50 medium,
30 low; it goes below zero.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load
from pil_dctz.metrics.samples import Float32, Samples, colour_and_alpha, same_pictures

Float64 = npt.NDArray[np.float64]
#: Sums of errors by cell, and the number of samples.
_Errors = tuple[Float64, int]

_SCALES = 6
#: Side, in samples, of the cells that `Reference.score_and_losses` tells the losses of.
CELL = 16
_SMALLEST = 8
#: The finite response of the tool's recursive Gaussian (sigma 1.5), from the centre outwards.
TAPS = (0.2646211053, 0.2129285916, 0.1093353733, 0.0360111147, 0.0094143678, 0.0)
ABSORBANCE = (
    (0.30, 0.622, 0.078),
    (0.23, 0.692, 0.078),
    (0.24342268924547819, 0.20476744424496821, 0.55180986650955360),
)
#: A picture with alpha is judged on a dark and on a bright ground; the worse score counts.
_GROUNDS = (0.1, 0.9)

#: Weights, a row for each channel (X, Y, B) and scale: SSIM error, artefact and lost detail in the
#: 1-norm, then the same in the 4-norm. They are read in this order over the scales that exist.
# fmt: off
WEIGHTS = (
    0.0, 0.0007376606707406586, 0.0, 0.0, 0.0007793481682867309, 0.0,
    0.0, 0.0004371155730107379, 0.0, 1.1041726426657346, 0.00066284834129271,
    0.00015231632783718752,
    0.0, 0.0016406437456599754, 0.0, 1.8422455520539298, 11.441172603757666, 0.0,
    0.0007989109436015163, 0.000176816438078653, 0.0, 1.8787594979546387, 10.94906990605142, 0.0,
    0.0007289346991508072, 0.9677937080626833, 0.0, 0.00014003424285435884, 0.9981766977854967,
    0.00031949755934435053,
    0.0004550992113792063, 0.0, 0.0, 0.0013648766163243398, 0.0, 0.0,
    0.0, 0.0, 0.0, 7.466890328078848, 0.0, 17.445833984131262,
    0.0006235601634041466, 0.0, 0.0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0.0, 0.0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0.0, 0.0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0.0, 0.0, 0.0, 34.77906344483772, 44.835625328877896, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0008680556573291698, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0005313191874358747, 0.0, 0.00016533814161379112, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0004179171803251336, 0.0017290828234722833, 0.0,
    0.0020827005846636437, 0.0, 0.0, 8.826982764996862, 23.19243343998926, 0.0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
    171.2667255897307, 0.9807858872435379,
    0.0, 0.0, 0.0, 0.0005130064588990679, 0.0, 0.00010854057858411537,
)
# fmt: on


def ssimulacra2(reference: Samples, distorted: Samples, *, peak: int | None = None) -> float:
    """The SSIMULACRA2 score of `distorted` against `reference`: 100 when equal, lower is worse.

    Both: arrays of one shape (height, width[, channels]) and dtype, uint8 or uint16, in sRGB;
    1 channel is gray (judged as R = G = B), 2 gray and alpha, 3 RGB, 4 RGB and alpha. With alpha
    (straight) the pictures are blended on gray 0.1 and gray 0.9, and the lower score is returned.
    peak: the sample value of white; None: 255 for uint8, 65535 for uint16.

    A side below 8 samples, which the tool refuses, is first extended to 8 by repeating the edge.
    Raises ValueError for shapes or dtypes that differ or are not as above.
    """
    same_pictures(reference, distorted)
    return Reference(reference, peak=peak).score(distorted)


class Around(NamedTuple):
    """Where a distorted picture stands. score; ground: the one whose score it is; norms float64
    (channels x scales, 6); slope: points of the score for a unit of the weighted error."""

    score: float
    ground: int
    norms: Float64
    slope: float


class Reference:
    """A reference picture with its pyramid kept, to score many distorted ones against it.

    picture, peak: as in `ssimulacra2`. Holds about 16 bytes a sample.
    """

    def __init__(self, picture: Samples, *, peak: int | None = None) -> None:
        self._picture = picture
        self._peak = peak
        self._pyramids = [_pyramid(plane) for plane in _on_grounds(picture, peak)]

    def score(self, distorted: Samples) -> float:
        """The score of `distorted`: same shape and dtype as the reference (else ValueError)."""
        same_pictures(self._picture, distorted)
        return min(_score(errors) for errors in self._errors(distorted))

    def score_and_losses(self, distorted: Samples) -> tuple[float, Float64]:
        """The score, and what each cell of 16x16 samples adds to the error behind it, to first
        order: float64 (ceil(height / 16), ceil(width / 16)) in a unit of its own, on the worse
        ground. Sides are at least 8 samples (else ValueError)."""
        height, width = self._large(distorted).shape[:2]
        errors = min(self._errors(distorted), key=_score)
        norms = np.array([_norms(*each) for each in errors])
        return _score(errors), _losses(errors, -(-height // CELL), -(-width // CELL), norms)

    def around(self, distorted: Samples) -> Around:
        """What `losses_around` counts from. Sides are at least 8 samples (else ValueError)."""
        found = self._errors(self._large(distorted))
        ground = min(range(len(found)), key=lambda n: _score(found[n]))
        errors = found[ground]
        total = _total(errors)
        slope = _loss(1.0001 * total) - _loss(total)
        return Around(
            100.0 - _loss(total),
            ground,
            np.array([_norms(*each) for each in errors]),
            slope / (1e-4 * total) if total > 0 else 0.0,
        )

    def losses_around(self, distorted: Samples, around: Around) -> Float64:
        """What each cell of 16x16 samples takes away, in points of the score, to first order from
        where the picture of `around` stands: float64 (ceil(height / 16), ceil(width / 16)). Only
        differences between pictures near to that one mean anything.
        """
        height, width = self._large(distorted).shape[:2]
        errors = self._errors(distorted)[around.ground]
        return around.slope * _losses(errors, -(-height // CELL), -(-width // CELL), around.norms)

    def _large(self, distorted: Samples) -> Samples:
        """Raises ValueError for a picture without a cell of its own."""
        height, width = distorted.shape[:2]
        if min(height, width) < _SMALLEST:
            raise ValueError(f"sides must be at least {_SMALLEST}, got {height} x {width}")
        return distorted

    def _errors(self, distorted: Samples) -> list[list[_Errors]]:
        same_pictures(self._picture, distorted)
        grounds = zip(self._pyramids, _on_grounds(distorted, self._peak), strict=True)
        return [_errors(pyramid, _pyramid(picture)) for pyramid, picture in grounds]


def _on_grounds(picture: Samples, peak: int | None) -> list[Float32]:
    """Linear RGB (3, h, w), one for an opaque picture, one a ground for one with alpha."""
    colour, alpha, peak = colour_and_alpha(picture, peak)
    table = _linear_table(peak)
    if alpha is None:
        return [_planes(table[colour])]
    unit = colour.astype(np.float32) / np.float32(peak)
    opacity = alpha.astype(np.float32)[..., None] / np.float32(peak)
    blends = [opacity * unit + (1 - opacity) * np.float32(ground) for ground in _GROUNDS]
    return [_planes(_to_linear(blend).astype(np.float32)) for blend in blends]


def _planes(linear: Float32) -> Float32:
    """(h, w, 1 or 3) to contiguous (3, h, w), each side extended to 8 samples."""
    h, w, channels = linear.shape
    extend = ((0, max(_SMALLEST - h, 0)), (0, max(_SMALLEST - w, 0)))
    if extend != ((0, 0), (0, 0)):
        linear = np.pad(linear, (*extend, (0, 0)), mode="edge")
    planes = np.moveaxis(linear, 2, 0)
    return np.ascontiguousarray(np.repeat(planes, 3, axis=0) if channels == 1 else planes)


@functools.lru_cache(maxsize=4)
def _linear_table(peak: int) -> Float32:
    return _to_linear(np.arange(peak + 1) / peak).astype(np.float32)


def _to_linear(coded: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """IEC 61966-2-1, coded 0..1 to linear 0..1."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _pyramid(linear: Float32) -> list[Float32]:
    """The positive XYB planes of each scale; halving stops after the first below 8 samples."""
    kernels = load("pil_dctz.metrics.ssimulacra2_kernels")
    matrix = np.array(ABSORBANCE, np.float32).reshape(9)
    scales = []
    for scale in range(_SCALES):
        if min(linear.shape[1:]) < _SMALLEST:
            break
        if scale:
            linear = _halve(linear)
        xyb = np.empty_like(linear)
        kernels.positive_xyb(linear, matrix, xyb)
        scales.append(xyb)
    return scales


def _halve(planes: Float32) -> Float32:
    """2x2 means; an odd last row or column counts twice."""
    h, w = planes.shape[1:]
    if h % 2 or w % 2:
        planes = np.pad(planes, ((0, 0), (0, h % 2), (0, w % 2)), mode="edge")
    rows = planes[:, 0::2] + planes[:, 1::2]
    return np.ascontiguousarray((rows[:, :, 0::2] + rows[:, :, 1::2]) * np.float32(0.25))


def _score(errors: list[_Errors]) -> float:
    return 100.0 - _loss(_total(errors))


def _total(errors: list[_Errors]) -> float:
    """Norms of all error maps, weighted."""
    norms = np.concatenate([_norms(*found) for found in errors])
    return float(norms @ np.array(WEIGHTS[: norms.size]))


def _loss(total: float) -> float:
    """The tool's curve from error to what is missing to 100."""
    error = total * 0.9562382616834844
    error = (6.248496625763138e-05 * error - 0.020884521182843837) * error * error + (
        2.326765642916932 * error
    )
    return 10.0 * error**0.6276336467831387 if error > 0 else 0.0


def _errors(reference: list[Float32], distorted: list[Float32]) -> list[_Errors]:
    """By channel and scale: error sums of the cells that cover 16x16 samples of the picture (or one
    sample of the smallest scale), and the samples of the scale."""
    return [
        (_plane_errors(a[channel], b[channel], max(CELL >> scale, 1)), a[channel].size)
        for channel in range(3)
        for scale, (a, b) in enumerate(zip(reference, distorted, strict=True))
    ]


def _norms(sums: Float64, samples: int) -> Float64:
    """1-norms of SSIM error, artefact and lost detail, then their 4-norms: (6,)."""
    norms: Float64 = sums.sum((1, 2)) / samples
    norms[3:] **= 0.25
    return norms


def _losses(errors: list[_Errors], rows: int, columns: int, norms: Float64) -> Float64:
    """(rows, columns): what each cell adds to the weighted error, to first order where the norms
    (channels x scales, 6) are these."""
    losses = np.zeros((rows, columns))
    for n, (sums, samples) in enumerate(errors):
        weights = np.array(WEIGHTS[6 * n : 6 * n + 6]) / samples
        # The derivative of mean(d^4)^(1/4) by d^4.
        fours = norms[n, 3:]
        weights[3:] *= np.where(fours > 0, 0.25 * np.maximum(fours, 1e-9) ** -3, 0)
        found = np.tensordot(weights, sums, 1)
        while found.shape < (rows, columns):  # a sample of the smallest scales covers four cells
            found = np.repeat(np.repeat(found, 2, 0), 2, 1) / 4
        losses += found[:rows, :columns]
    return losses


def _plane_errors(a: Float32, b: Float32, side: int) -> Float64:
    """(6, rows, columns) sums of `plane_errors`."""
    h, w = a.shape
    sums = np.empty((6, -(-h // side), -(-w // side)), np.float64)
    load("pil_dctz.metrics.ssimulacra2_kernels").plane_errors(
        a,
        b,
        np.array(TAPS, np.float32),
        np.zeros((4, w + 10), np.float32),
        np.empty((11, 4, w), np.float32),
        np.empty((4, w), np.float32),
        np.empty((6, w), np.float32),
        side,
        sums,
    )
    return sums
