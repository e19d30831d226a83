"""Multi-scale SSIM, the arithmetic of one scale.

Proof: rows and columns are loop variables below the shapes the wrapper allocated (`msssim.py`); the
windows are shown safe in `window_kernels`.
"""

from __future__ import annotations

import numpy as np

from pil_dctz.kernels.declare import kernel
from pil_dctz.metrics.window_kernels import RADIUS, TAPS, column_moments, row_moments

_C1 = np.float32(0.0001)
_C2 = np.float32(0.0009)
_TWO = np.float32(2.0)


@kernel(
    "void(f32ro[:, ::1], f32ro[:, ::1], f32ro[::1], float32[:, ::1], float32[:, :, ::1],"
    " float32[:, ::1], float32[:, ::1], float64[::1])"
)
def scale_similarity(a, b, taps, padded, ring, moments, terms, out):
    """Sums of SSIM and of its contrast and structure part over all windows inside the picture.

    a, b (h, w), both sides 11 or more, in 0..1. Work space: padded (4, w + 10) zeroed,
    ring (11, 4, w), moments (4, w), terms (2, w). out (2,): the two sums.
    """
    h, w = a.shape
    out[0] = 0.0
    out[1] = 0.0
    for y in range(min(RADIUS, h)):
        row_moments(a[y], b[y], taps, padded, ring[y % TAPS])
    for y in range(h):
        ahead = y + RADIUS
        if ahead < h:
            row_moments(a[ahead], b[ahead], taps, padded, ring[ahead % TAPS])
        if y < RADIUS or ahead >= h:
            continue
        column_moments(ring, y, h, taps, moments)
        mean_a, mean_b, squares, product = moments[0], moments[1], moments[2], moments[3]
        whole, part = terms[0], terms[1]
        for i in range(w):
            u = mean_a[i]
            v = mean_b[i]
            energy = u * u + v * v
            structure = (_TWO * (product[i] - u * v) + _C2) / (squares[i] - energy + _C2)
            part[i] = structure
            whole[i] = structure * (_TWO * u * v + _C1) / (energy + _C1)
        for i in range(RADIUS, w - RADIUS):
            out[0] += np.float64(whole[i])
            out[1] += np.float64(part[i])
