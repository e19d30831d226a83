"""Planes to samples: XYB, YCbCr, none. Clauses `colour.xyb`, `colour.ycbcr`, `colour.none`.

Planes are int16 in sixteenths of a unit. Proof of indices: loops over out's shape; the wrapper
tested that planes are at least as large; srgb is read at 0..16383 after a clamp.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812

from pil_dctz.kernels.declare import inner, kernel

BIAS_ROOT = 5989  # cube root of the bias, times 38400
BIAS = 12802  # the bias, times 3375000
DOWN_16 = 2.0**-16
DOWN_24 = 2.0**-24
DOWN_26 = 2.0**-26
RAISE = 2.0**36 + 2.0**15  # makes |planes| <= 2^15 times a factor below 2^20 positive, and rounds


@inner
def cube(t):
    # t clamped to 0..65535; t^3 < 2^48; the result lies in -12802..2^24.
    t = min(max(t, 0), 65535)
    return ((t * t * t) >> 24) - BIAS


@inner
def code_of(linear, srgb):
    return srgb[min(max((linear + 33554432) >> 26, 0), 16383)]


@inner
def exact_cube(t):
    # `cube` of a float64, exact. Clamped as it is: products of integers that were made float64
    # would be made products of int64 again, which are not vector code.
    t = min(max(t, 0.0), 65535.0)
    return np.float64(np.int32(t * t * t * DOWN_24)) - BIAS


@inner
def scaled(plane, factor):
    # A sample times factor / 2^16, rounded, in float64.
    return np.float64(np.int32((np.float64(plane) * factor + RAISE) * DOWN_16)) - 1048576.0


@inner
def index_of(linear):
    return np.int32(min(max((linear + 33554432.0) * DOWN_26, 0.0), 16383.0))


@kernel("void(i16ro[:, :, ::1], u8ro[::1], int32[:, ::1], uint8[:, :, ::1])")
def xyb_to_rgb(planes, srgb, room, out):
    # Widths: |planes| <= 2^15, cubes below 2^24, sums below 2^24 * 3 * 2^22 < 2^48: float64 is
    # exact, and becomes vector code where int64 does not. Numbers are made positive before they are
    # cut to integers. room int32 (3, width) or more: a row of places in srgb.
    height, width, _ = out.shape
    for i in range(height):
        ys = planes[0, i]
        bs = planes[1, i]
        xs = planes[2, i]
        reds = room[0]
        greens = room[1]
        blues = room[2]
        for j in range(width):
            y = np.float64(ys[j]) * 8.0 + (16384.0 + BIAS_ROOT)
            b = scaled(bs[j], 873813.0)
            x = scaled(xs[j], 93623.0)
            long = exact_cube(y + x)
            middle = exact_cube(y - x)
            short = exact_cube(y + b)
            reds[j] = index_of(3593658.0 * long - 3214269.0 * middle - 53628.0 * short)
            greens[j] = index_of(-1060075.0 * long + 1439464.0 * middle - 53628.0 * short)
            blues[j] = index_of(-1191912.0 * long + 883765.0 * middle + 633908.0 * short)
        for j in range(width):
            out[i, j, 0] = srgb[U(reds[j])]
            out[i, j, 1] = srgb[U(greens[j])]
            out[i, j, 2] = srgb[U(blues[j])]


@kernel("void(i16ro[:, :, ::1], u8ro[::1], uint8[:, :, ::1])")
def xyb_to_gray(planes, srgb, out):
    # The same with B-Y = X = 0: 325761 is the sum of each row of the matrix.
    height, width, _ = out.shape
    for i in range(height):
        for j in range(width):
            y = np.int64(planes[0, i, j]) * 8 + 16384 + BIAS_ROOT
            out[i, j, 0] = code_of(325761 * cube(y), srgb)


@inner
def clamp_sample(value):
    return np.uint8(min(max(value, 0), 255))


@kernel("void(i16ro[:, :, ::1], uint8[:, :, ::1])")
def ycbcr_to_rgb(planes, out):
    # Widths: 2^15 * 2^17 + 2^15 * 2^16 < 2^33.
    height, width, _ = out.shape
    for i in range(height):
        for j in range(width):
            y = (np.int64(planes[0, i, j]) << 16) + (2048 << 16) + (1 << 19)
            cb = np.int64(planes[1, i, j])
            cr = np.int64(planes[2, i, j])
            out[i, j, 0] = clamp_sample((y + 91881 * cr) >> 20)
            out[i, j, 1] = clamp_sample((y - 22554 * cb - 46802 * cr) >> 20)
            out[i, j, 2] = clamp_sample((y + 116130 * cb) >> 20)


@kernel("void(i16ro[:, :, ::1], uint8[:, :, ::1])")
def planes_to_samples(planes, out):
    height, width, channels = out.shape
    for i in range(height):
        for j in range(width):
            for c in range(channels):
                out[i, j, c] = clamp_sample((np.int64(planes[c, i, j]) + 2056) >> 4)
