"""SSIMULACRA2 of one plane at one scale, and its gradient. Of crops, in the cache: plain loops.

Checked by the wrapper (metric.py): all planes float32 (h, w) of one shape, h, w >= 1.
Proof of indices: loops over the shape; a blur's rows and columns are tested.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_ZERO = np.float32(0.0)
_C2 = np.float32(0.0009)
REACH = 4


@inner
def blur(x, taps, half, out):
    # 9 taps both ways, zeros outside; so it is its own adjoint.
    h, w = x.shape
    for i in range(h):
        for j in range(w):
            half[i, j] = taps[0] * x[i, j]
        for k in range(1, REACH + 1):
            tap = taps[k]
            for j in range(w - k):
                half[i, j] += tap * x[i, j + k]
            for j in range(k, w):
                half[i, j] += tap * x[i, j - k]
    for i in range(h):
        for j in range(w):
            out[i, j] = taps[0] * half[i, j]
        for k in range(1, REACH + 1):
            tap = taps[k]
            if i + k < h:
                for j in range(w):
                    out[i, j] += tap * half[i + k, j]
            if i - k >= 0:
                for j in range(w):
                    out[i, j] += tap * half[i - k, j]


@kernel("void(f32ro[:, ::1], f32ro[::1], float32[:, ::1], float32[:, ::1])")
def blur_plane(x, taps, half, out):
    blur(x, taps, half, out)


@kernel(
    "void(f32ro[:, ::1], f32ro[:, ::1], f32ro[:, ::1], f32ro[:, ::1], f32ro[::1],"
    " int64, float32[:, :, ::1], float64[::1])"
)
def error_sums(a, u, squares, x, taps, margin, room, sums):
    # a: the reference, u its blur, squares the blur of its squares; x the distorted plane.
    # margin >= 0: so many rows and columns at each border do not count. room float32 (5, h, w):
    # blurs of x, x^2, a * x are left in 0..2. sums float64 (6,): of error, artefact and lost
    # detail, then of their fourth powers.
    h, w = a.shape
    half = room[3]
    product = room[4]
    blur(x, taps, half, room[0])
    for i in range(h):
        for j in range(w):
            product[i, j] = x[i, j] * x[i, j]
    blur(product, taps, half, room[1])
    for i in range(h):
        for j in range(w):
            product[i, j] = a[i, j] * x[i, j]
    blur(product, taps, half, room[2])
    for k in range(6):
        sums[k] = 0.0
    for i in range(margin, h - margin):
        s0 = s1 = s2 = s3 = s4 = s5 = _ZERO
        for j in range(margin, w - margin):
            v = room[0, i, j]
            m = u[i, j]
            d = m - v
            top = (_ONE - d * d) * (_TWO * (room[2, i, j] - m * v) + _C2)
            low = squares[i, j] + room[1, i, j] - (m * m + v * v) + _C2
            error = max(_ONE - top / low, _ZERO)
            edge = (_ONE + abs(x[i, j] - v)) / (_ONE + abs(a[i, j] - m)) - _ONE
            artefact = max(edge, _ZERO)
            lost = max(-edge, _ZERO)
            s0 += error
            s1 += artefact
            s2 += lost
            error *= error
            artefact *= artefact
            lost *= lost
            s3 += error * error
            s4 += artefact * artefact
            s5 += lost * lost
        sums[0] += s0
        sums[1] += s1
        sums[2] += s2
        sums[3] += s3
        sums[4] += s4
        sums[5] += s5


@kernel(
    "void(f32ro[:, ::1], f32ro[:, ::1], f32ro[:, ::1], f32ro[:, ::1], f32ro[::1], f32ro[::1],"
    " int64, float32[:, :, ::1], float32[:, ::1])"
)
def error_gradient(a, u, squares, x, taps, factors, margin, room, out):
    # After error_sums on the same room. factors float32 (6,): of each term, and 4 * of its third
    # power, in the derivative. out: the gradient by x.
    h, w = a.shape
    half = room[3]
    product = room[4]
    f0, f1, f2, f3, f4, f5 = factors
    for i in range(h):
        for j in range(w):
            v = room[0, i, j]
            m = u[i, j]
            d = m - v
            near = _ONE - d * d
            cover = _TWO * (room[2, i, j] - m * v) + _C2
            low = squares[i, j] + room[1, i, j] - (m * m + v * v) + _C2
            ratio = cover / low
            error = _ONE - near * ratio
            by_error = _ZERO
            if error > _ZERO:
                by_error = f0 + f3 * error * error * error
            scale = _ONE / (_ONE + abs(a[i, j] - m))
            away = x[i, j] - v
            edge = (_ONE + abs(away)) * scale - _ONE
            by_edge = f1 + f4 * edge * edge * edge
            if edge < _ZERO:
                by_edge = -f2 + f5 * edge * edge * edge
            by_edge *= scale
            if away < _ZERO:
                by_edge = -by_edge
            # error = 1 - near * cover / low
            by_v = _TWO * (near * (m - ratio * v) / low - d * ratio)
            by_low = by_error * near * ratio / low
            by_product = -by_error * near * _TWO / low
            if i < margin or i >= h - margin or j < margin or j >= w - margin:
                by_v = by_edge = by_low = by_product = _ZERO
                by_error = _ZERO
            out[i, j] = by_edge
            room[0, i, j] = by_error * by_v - by_edge
            room[1, i, j] = by_low
            room[2, i, j] = by_product
    blur(room[0], taps, half, product)
    for i in range(h):
        for j in range(w):
            out[i, j] += product[i, j]
    blur(room[1], taps, half, product)
    for i in range(h):
        for j in range(w):
            out[i, j] += _TWO * x[i, j] * product[i, j]
    blur(room[2], taps, half, product)
    for i in range(h):
        for j in range(w):
            out[i, j] += a[i, j] * product[i, j]
