"""Samples as a decoder of a near-lossless group will see them. Clause `prediction.near`.

Index proofs: as in `prediction_kernels.py`; classes in `blocks` are -1 or below K.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.prediction_kernels import (
    BLOCK,
    COLUMNS,
    HEIGHT,
    INDEX,
    ORIGIN,
    PLANE_SIZE,
    STRIDE,
    WIDTH,
    add_taps,
    pad_above,
    pad_below,
    pad_left,
    pad_right,
    spread_taps,
)


@inner
def quantize_plane(plane, samples, geometry, blocks, outer, offsets, count, own, ranges, sums):
    low, high, middle, step = ranges[0], ranges[1], ranges[2], ranges[3]
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    start = geometry[ORIGIN] + plane * geometry[PLANE_SIZE]
    for y in range(geometry[HEIGHT]):
        at = start + y * stride
        by = y // BLOCK
        if y > 0:
            pad_left(samples, at, y, stride)
            if y == 1 or y % BLOCK == 0:
                spread_taps(blocks, by, outer, count, sums, stride)
            add_taps(samples, at, offsets, count, sums, stride, 0, width)
        for bx in range(geometry[COLUMNS]):
            k = np.int64(blocks[by, bx])
            if k < 0:
                continue
            for x in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
                i = (at + x) & INDEX
                if y > 0:
                    a = (
                        np.int64(sums[x])
                        + np.int64(own[k, 0]) * np.int64(samples[(i - 1) & INDEX])
                        + np.int64(own[k, 1]) * np.int64(samples[(i - 2) & INDEX])
                        + np.int64(own[k, 2]) * np.int64(samples[(i - 3) & INDEX])
                    )
                else:
                    a = 128 * (np.int64(samples[(i - 1) & INDEX]) if x > 0 else middle)
                prediction = min(max((a + 64) >> 7, low), high)
                off = np.int64(samples[i]) - prediction
                steps = (abs(off) + (step >> 1)) // step
                value = prediction + (steps * step if off > 0 else -steps * step)
                samples[i] = min(max(value, low), high)
        pad_right(samples, at, width)
        if y == 0:
            pad_left(samples, at, 0, stride)
            pad_above(samples, at, stride, width)
    pad_below(samples, start + (geometry[HEIGHT] - 1) * stride, stride, width)
    return 0


# samples: plane buffers; those of `plane` become what a decoder gives. Other arguments as in the
# decoder's decode_planes; ranges: (4,).
@kernel(
    "int64(int64, int32[::1], i64ro[::1], int16[:, ::1], i32ro[:, ::1], i64ro[::1], int64,"
    " i32ro[:, ::1], i64ro[::1], int32[::1])"
)
def quantize_plane_8(
    plane, samples, geometry, blocks, outer, offsets, count, own, ranges, sums
):  # fmt: skip
    return quantize_plane(
        plane, samples, geometry, blocks, outer, offsets, count, own, ranges, sums
    )


@kernel(
    "int64(int64, int32[::1], i64ro[::1], int16[:, ::1], i32ro[:, ::1], i64ro[::1], int64,"
    " i32ro[:, ::1], i64ro[::1], int64[::1])"
)
def quantize_plane_16(
    plane, samples, geometry, blocks, outer, offsets, count, own, ranges, sums
):  # fmt: skip
    return quantize_plane(
        plane, samples, geometry, blocks, outer, offsets, count, own, ranges, sums
    )
