"""Planes to samples: XYB, YCbCr, none. Clauses `colour.xyb`, `colour.ycbcr`, `colour.none`.

Planes are int16 in sixteenths of a unit. Proof of indices: loops over out's shape; the wrapper
tested that planes are at least as large; srgb is read at 0..16383 after a clamp.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

BIAS_ROOT = 5989  # cube root of the bias, times 38400
BIAS = 12802  # the bias, times 3375000


@inner
def cube(t):
    # t clamped to 0..65535; t^3 < 2^48; the result lies in -12802..2^24.
    t = min(max(t, 0), 65535)
    return ((t * t * t) >> 24) - BIAS


@inner
def code_of(linear, srgb):
    return srgb[min(max((linear + 33554432) >> 26, 0), 16383)]


@kernel("void(i16ro[:, :, ::1], u8ro[::1], uint8[:, :, ::1])")
def xyb_to_rgb(planes, srgb, out):
    # Widths: |planes| <= 2^15, cubes below 2^24, sums below 2^24 * 3 * 2^22 < 2^48.
    height, width, _ = out.shape
    for i in range(height):
        for j in range(width):
            y = np.int64(planes[0, i, j]) * 8 + 16384 + BIAS_ROOT
            b = (np.int64(planes[1, i, j]) * 873813 + 32768) >> 16
            x = (np.int64(planes[2, i, j]) * 93623 + 32768) >> 16
            long = cube(y + x)
            middle = cube(y - x)
            short = cube(y + b)
            red = 3593658 * long - 3214269 * middle - 53628 * short
            green = -1060075 * long + 1439464 * middle - 53628 * short
            blue = -1191912 * long + 883765 * middle + 633908 * short
            out[i, j, 0] = code_of(red, srgb)
            out[i, j, 1] = code_of(green, srgb)
            out[i, j, 2] = code_of(blue, srgb)


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
