"""Multi-scale structural similarity of the luma plane.

Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality
assessment", Asilomar 2003: five scales, exponents 0.0448 0.2856 0.3001 0.2363 0.1333, the 11x11
Gaussian of sigma 1.5 at windows wholly inside the picture, K1 = 0.01, K2 = 0.03, halving by 2x2
means; luminance enters at the coarsest scale only.
"""

from __future__ import annotations

import numpy as np

from pil_dctz.kernels.load import load
from pil_dctz.metrics.samples import Float32, Samples, colour_and_alpha, same_pictures

_EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW = 11
_SIGMA = 1.5
_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


def ms_ssim(reference: Samples, distorted: Samples, *, peak: int | None = None) -> float:
    """MS-SSIM of two pictures, at most 1 (equal); the luma of BT.601 on coded samples, unrounded.

    Both: (height, width[, 1..4]), uint8 or uint16, one shape and dtype. Gray is its own luma. With
    alpha (straight) both are blended on mid-gray first. peak: the value of white; None: 255, 65535.

    Rules the paper leaves open: an odd last row or column counts twice in the 2x2 means; a picture
    with a side below 176 uses as many scales as keep 11 samples a side, their exponents divided by
    their sum; a side below 11 is extended to 11 by repeating the edge; a negative mean structure
    term counts as 0. Raises ValueError for other input.
    """
    same_pictures(reference, distorted)
    a, b = _luma(reference, peak), _luma(distorted, peak)
    terms: list[float] = []
    luminance = 1.0
    for scale in range(len(_EXPONENTS)):
        if scale:
            a, b = _halve(a), _halve(b)
        if min(a.shape) < _WINDOW:
            break
        whole, structure = _similarity(a, b)
        terms.append(structure)
        luminance = whole
    terms[-1] = luminance
    exponents = np.array(_EXPONENTS[: len(terms)])
    score = np.prod(np.maximum(terms, 0.0) ** (exponents / exponents.sum()))
    return min(float(score), 1.0)  # float32 may land a few millionths above


def _luma(picture: Samples, peak: int | None) -> Float32:
    """Luma in 0..1, contiguous (h, w), each side extended to the window."""
    colour, alpha, peak = colour_and_alpha(picture, peak)
    unit = colour.astype(np.float32) / np.float32(peak)
    plane = unit @ _LUMA if unit.shape[2] == 3 else unit[..., 0]
    if alpha is not None:
        opacity = alpha.astype(np.float32) / np.float32(peak)
        plane = opacity * plane + (1 - opacity) * np.float32(0.5)
    h, w = plane.shape
    if min(h, w) < _WINDOW:
        plane = np.pad(plane, ((0, max(_WINDOW - h, 0)), (0, max(_WINDOW - w, 0))), mode="edge")
    return np.ascontiguousarray(plane)


def _halve(plane: Float32) -> Float32:
    h, w = plane.shape
    if h % 2 or w % 2:
        plane = np.pad(plane, ((0, h % 2), (0, w % 2)), mode="edge")
    rows = plane[0::2] + plane[1::2]
    return np.ascontiguousarray((rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25))


def _similarity(a: Float32, b: Float32) -> tuple[float, float]:
    """Means over all windows of SSIM and of its contrast and structure part."""
    h, w = a.shape
    offsets = np.arange(_WINDOW // 2 + 1)
    taps = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    taps /= taps[0] + 2 * taps[1:].sum()
    sums = np.empty(2, np.float64)
    load("pil_dctz.metrics.msssim_kernels").scale_similarity(
        a,
        b,
        taps.astype(np.float32),
        np.zeros((4, w + 10), np.float32),
        np.empty((11, 4, w), np.float32),
        np.empty((4, w), np.float32),
        np.empty((2, w), np.float32),
        sums,
    )
    windows = (h - _WINDOW + 1) * (w - _WINDOW + 1)
    return float(sums[0]) / windows, float(sums[1]) / windows
