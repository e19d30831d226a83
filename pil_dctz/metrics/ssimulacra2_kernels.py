"""SSIMULACRA2, the arithmetic on planes: colour, and the error sums of one plane at one scale.

Proof: every index is a loop variable below the shape of an array that the wrapper allocated for
these loops (see `ssimulacra2.py`), or is shown safe in `window_kernels`. Floats: a metric decides
no decoded sample.
"""

from __future__ import annotations

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.metrics.window_kernels import RADIUS, TAPS, column_moments, row_moments

_BIAS = np.float32(0.0037930732552754493)
_BIAS_ROOT = np.float32(0.0037930732552754493 ** (1.0 / 3.0))
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_HALF = np.float32(0.5)
_C2 = np.float32(0.0009)


@inner
def _cube_root(x):
    """Cube root of x > 0 in float32: a third of the exponent, then two Halley steps (3 ulp)."""
    third = np.int32(np.float32(x).view(np.int32) // np.int32(3) + np.int32(709921077))
    t = np.int32(third).view(np.float32)
    c = t * t * t
    t = t * (c + _TWO * x) / (_TWO * c + x)
    c = t * t * t
    return t * (c + _TWO * x) / (_TWO * c + x)


@kernel("void(f32ro[:, :, ::1], f32ro[::1], float32[:, :, ::1])")
def positive_xyb(linear, matrix, out):
    """linear (3, h, w) in 0..1, matrix (9,) of the absorbances by rows, out (3, h, w)."""
    _, h, w = linear.shape
    m00, m01, m02 = matrix[0], matrix[1], matrix[2]
    m10, m11, m12 = matrix[3], matrix[4], matrix[5]
    m20, m21, m22 = matrix[6], matrix[7], matrix[8]
    for y in range(h):
        red, green, blue = linear[0, y], linear[1, y], linear[2, y]
        out_x, out_y, out_b = out[0, y], out[1, y], out[2, y]
        for i in range(w):
            r = red[i]
            g = green[i]
            b = blue[i]
            long = _cube_root(m00 * r + m01 * g + m02 * b + _BIAS) - _BIAS_ROOT
            medium = _cube_root(m10 * r + m11 * g + m12 * b + _BIAS) - _BIAS_ROOT
            short = _cube_root(m20 * r + m21 * g + m22 * b + _BIAS) - _BIAS_ROOT
            luma = _HALF * (long + medium)
            out_x[i] = _HALF * (long - medium) * np.float32(14.0) + np.float32(0.42)
            out_y[i] = luma + np.float32(0.01)
            out_b[i] = short - luma + np.float32(0.55)


@inner
def _add_errors(a, b, moments, sums):
    """Add one row's error terms to sums (6, w), one accumulator a column so that it vectorizes."""
    mean_a, mean_b, squares, product = moments[0], moments[1], moments[2], moments[3]
    s0, s1, s2, s3, s4, s5 = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    for i in range(a.shape[0]):
        u = mean_a[i]
        v = mean_b[i]
        difference = u - v
        numerator = (_ONE - difference * difference) * (_TWO * (product[i] - u * v) + _C2)
        # Equal planes give equal terms to the last bit here, so their error is 0, not noise.
        error = max(_ONE - numerator / (squares[i] - (u * u + v * v) + _C2), _ZERO)
        edge = (_ONE + abs(b[i] - v)) / (_ONE + abs(a[i] - u)) - _ONE
        artefact = max(edge, _ZERO)
        lost = max(-edge, _ZERO)
        s0[i] += error
        s1[i] += artefact
        s2[i] += lost
        error *= error
        artefact *= artefact
        lost *= lost
        s3[i] += error * error
        s4[i] += artefact * artefact
        s5[i] += lost * lost


@kernel(
    "void(f32ro[:, ::1], f32ro[:, ::1], f32ro[::1], float32[:, ::1], float32[:, :, ::1],"
    " float32[:, ::1], float32[:, ::1], int64, float64[:, :, ::1])"
)
def plane_errors(a, b, taps, padded, ring, moments, sums, side, out):
    """The six error sums, by cells of side x side samples, of a reference plane a and a distorted
    plane b, both (h, w).

    Work space, zeroed where it says so: padded (4, w + 10) zeroed, ring (11, 4, w), moments
    (4, w), sums (6, w). side: 1..16. out (6, ceil(h / side), ceil(w / side)): sums of SSIM error,
    artefact and lost detail, then of their fourth powers.
    """
    h, w = a.shape
    for y in range(min(RADIUS, h)):
        row_moments(a[y], b[y], taps, padded, ring[y % TAPS])
    for y in range(h):
        ahead = y + RADIUS
        if ahead < h:
            row_moments(a[ahead], b[ahead], taps, padded, ring[ahead % TAPS])
        column_moments(ring, y, h, taps, moments)
        if y % side == 0:  # float32 sums of up to 16 rows, then float64: as exact as the tool's
            for k in range(6):
                for i in range(w):
                    sums[k, i] = _ZERO
        _add_errors(a[y], b[y], moments, sums)
        if y % side == side - 1 or y == h - 1:
            for k in range(6):
                for cell in range(out.shape[2]):
                    total = 0.0
                    for i in range(cell * side, min((cell + 1) * side, w)):
                        total += np.float64(sums[k, i])
                    out[k, y // side, cell] = total
