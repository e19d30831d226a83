"""Inverse DCT in integers: two matrix products with stated rounding. Clause `transform.inverse`.

Widths: |coefficient| <= 131071, and the absolute sums of a matrix's columns are at most 15303, so
a first sum is below 2.01e9; it is clamped to 131071 again, so a second sum is too: int32 is enough.
Proof of indices: the caller proves that block holds `rows` rows of `stride` places, that half and
line hold 64 * 64 and 2 * 64 numbers, and that out holds high x wide samples at (top, left); the
matrix of n points begins at (n * n - 1) // 3.
"""

import numpy as np

from pil_dctz.kernels.declare import inner

LIMIT = 131071
EIGHT = 8
FIRST = 21  # of the matrix of 8 points


@inner
def to_int16(value):
    return min(max(value, np.int32(-32768)), np.int32(32767))


@inner
def precision(log2):
    # Bits of a matrix of 2^log2 points: 1 is 2^bits.
    return np.int32(min(14 - log2, 11))


@inner
def inverse(block, stride, rows, columns, wide2, high2, matrix, half, line, out, top, left):
    # 2^wide2 x 2^high2 samples. Only places u < columns, v < rows may be other than 0; places
    # beyond the number of samples are not used.
    wide = 1 << wide2
    high = 1 << high2
    rows = min(rows, high)
    columns = min(columns, wide)
    if wide2 == 3 and high2 == 3:
        inverse_8x8(block, stride, rows, columns, matrix, half, out, top, left)
        return
    across = (wide * wide - 1) // 3
    down = (high * high - 1) // 3
    bits = precision(wide2)
    for v in range(rows):
        row = half[wide * v : wide * v + wide]
        for x in range(wide):
            row[x] = np.int32(1) << (bits - np.int32(1))
        for u in range(columns):
            c = block[stride * v + u]
            if c != 0:
                basis = matrix[across + wide * u : across + wide * u + wide]
                for x in range(wide):
                    row[x] += c * basis[x]
        for x in range(wide):
            h = row[x] >> bits
            row[x] = min(max(h, np.int32(-LIMIT)), np.int32(LIMIT))
    shift = precision(high2) + np.int32(5)
    # Columns of a matrix are mirrored, with their signs changed for odd frequencies: two lines of
    # samples come from the same products.
    odd = line[wide : 2 * wide]
    for y in range(high >> 1):
        for x in range(wide):
            line[x] = np.int32(1) << (shift - np.int32(1))
            odd[x] = np.int32(0)
        for v in range(0, rows - 1, 2):
            one = matrix[down + high * v + y]
            two = matrix[down + high * v + high + y]
            first = half[wide * v : wide * v + wide]
            second = half[wide * v + wide : wide * v + 2 * wide]
            for x in range(wide):
                line[x] += first[x] * one
                odd[x] += second[x] * two
        if rows & 1:
            one = matrix[down + high * (rows - 1) + y]
            first = half[wide * (rows - 1) : wide * rows]
            for x in range(wide):
                line[x] += first[x] * one
        target = out[top + y, left : left + wide]
        mirror = out[top + high - 1 - y, left : left + wide]
        for x in range(wide):
            target[x] = to_int16((line[x] + odd[x]) >> shift)
            mirror[x] = to_int16((line[x] - odd[x]) >> shift)


@inner
def inverse_8x8(block, stride, rows, columns, matrix, half, out, top, left):
    # The same with loops of known length: three times as fast.
    for v in range(rows):
        for x in range(EIGHT):
            half[EIGHT * v + x] = np.int32(1024)
        for u in range(columns):
            c = block[stride * v + u]
            for x in range(EIGHT):
                half[EIGHT * v + x] += c * matrix[FIRST + EIGHT * u + x]
        for x in range(EIGHT):
            h = half[EIGHT * v + x] >> np.int32(11)
            half[EIGHT * v + x] = min(max(h, np.int32(-LIMIT)), np.int32(LIMIT))
    for y in range(EIGHT >> 1):
        line = out[top + y]
        mirror = out[top + EIGHT - 1 - y]
        for x in range(EIGHT):
            even = np.int32(32768)
            odd = np.int32(0)
            for v in range(0, rows, 2):
                even += half[EIGHT * v + x] * matrix[FIRST + EIGHT * v + y]
            for v in range(1, rows, 2):
                odd += half[EIGHT * v + x] * matrix[FIRST + EIGHT * v + y]
            line[left + x] = to_int16((even + odd) >> np.int32(16))
            mirror[left + x] = to_int16((even - odd) >> np.int32(16))
