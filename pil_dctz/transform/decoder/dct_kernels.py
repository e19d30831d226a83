"""Inverse DCT in integers: two matrix products with stated rounding. Clause `transform.inverse`.

Widths: |coefficient| <= 131071 and the absolute sums of the matrices' columns are 10822 (8
points), 7880 (4) and 5792 (2), so the first sum is below 1.42e9, its result at most 86578, the
second sum below 9.4e8: int32 throughout.
Proof of indices: all loops end at n = 8, 4 or 2; block int32[64] by place 8 * v + u, half
int32[64]; the caller proves that out holds n x n samples at (top, left).
"""

import numpy as np

from pil_dctz.kernels.declare import inner


@inner
def to_int16(value):
    return min(max(value, np.int32(-32768)), np.int32(32767))


@inner
def inverse(block, rows, columns, matrix, half, out, top, left):
    # 8 points. Only places u < columns, v < rows may be other than 0: sums stop there.
    for v in range(rows):
        for x in range(8):
            half[8 * v + x] = 8192
        for u in range(columns):
            c = block[8 * v + u]
            for x in range(8):
                half[8 * v + x] += c * matrix[8 * u + x]
        for x in range(8):
            half[8 * v + x] >>= 14
    for y in range(8):
        line = out[top + y]
        for x in range(8):
            total = np.int32(2048)
            for v in range(rows):
                total += half[8 * v + x] * matrix[8 * v + y]
            line[left + x] = to_int16(total >> 12)


@inner
def inverse_reduced(block, n, offset, shift, matrix, half, out, top, left):
    # n = 4 or 2 points of the low n x n places: the block at 1 : 8 / n.
    for v in range(n):
        for x in range(n):
            total = np.int32(8192)
            for u in range(n):
                total += block[8 * v + u] * matrix[offset + n * u + x]
            half[8 * v + x] = total >> 14
    for y in range(n):
        for x in range(n):
            total = np.int32(1) << np.int32(shift - 1)
            for v in range(n):
                total += half[8 * v + x] * matrix[offset + n * v + y]
            out[top + y, left + x] = to_int16(total >> shift)
