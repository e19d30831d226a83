"""Inverse DCT in integers: two matrix products with stated rounding. Clause `transform.inverse`.

Widths: |coefficient| <= 131071, and the absolute sums of a matrix's columns are at most 15303, so
a first sum is below 2.01e9; it is clamped to 131071 again, so a second sum is too: int32 is enough.
Proof of indices: the caller proves that block holds `rows` rows of `stride` places, that half and
line hold 64 * 64 and 2 * 64 numbers, and that out holds high x wide samples at (top, left); the
matrix of n points begins at (n * n - 1) // 3. Rows and columns are taken eight at a time where
both sizes are multiples of 8, and neither is more than its size.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.kernels.declare import inner

LIMIT = 131071
EIGHT = 8
FIRST = 21  # of the matrix of 8 points


@inner
def to_int16(value):
    return min(max(np.int32(value), np.int32(-32768)), np.int32(32767))


@inner
def precision(log2):
    # Bits of a matrix of 2^log2 points: 1 is 2^bits.
    return np.int32(min(14 - log2, 11))


@inner
def shifted(value, shift):
    # Sums of int32 are int64 to numba: narrow vectors need to be told that they are not.
    return np.int32(np.int32(value) >> np.int32(shift))


@inner
def limited(value):
    return min(max(value, np.int32(-LIMIT)), np.int32(LIMIT))


# Columns of a matrix are mirrored, with their signs changed for odd frequencies: two samples come
# from the same products, even[x] and odd[x] in line[x] and line[64 + x], of eight frequencies at a
# time. A function for each width: with strides and lengths that are known, compilers can make
# vector code.


def across_of(wide2):
    wide = 1 << wide2
    middle = wide >> 1
    first = (wide * wide - 1) // 3
    shift = np.int32(min(14 - wide2, 11))
    round_up = np.int32(1 << (shift - 1))

    @inner
    def across(block, stride, rows, columns, matrix, half, line):
        # The first sums, of rows.
        for v in range(rows):
            for x in range(middle):
                line[x] = round_up
                line[64 + x] = np.int32(0)
            for u in range(0, columns, 8):
                at = stride * v + u
                c0 = block[U(at)]
                c1 = block[U(at + 1)]
                c2 = block[U(at + 2)]
                c3 = block[U(at + 3)]
                c4 = block[U(at + 4)]
                c5 = block[U(at + 5)]
                c6 = block[U(at + 6)]
                c7 = block[U(at + 7)]
                m = first + wide * u
                for x in range(middle):
                    even = matrix[U(m + x)] * c0 + matrix[U(m + 2 * wide + x)] * c2
                    even += matrix[U(m + 4 * wide + x)] * c4 + matrix[U(m + 6 * wide + x)] * c6
                    odd = matrix[U(m + wide + x)] * c1 + matrix[U(m + 3 * wide + x)] * c3
                    odd += matrix[U(m + 5 * wide + x)] * c5 + matrix[U(m + 7 * wide + x)] * c7
                    line[x] += even
                    line[64 + x] += odd
            to = wide * v
            for x in range(middle):
                half[U(to + x)] = limited(shifted(line[x] + line[64 + x], shift))
                half[U(to + wide - 1 - x)] = limited(shifted(line[x] - line[64 + x], shift))

    return across


def down_of(wide2):
    wide = 1 << wide2

    @inner
    def down(rows, high2, matrix, half, line, out, top, left):
        # The second sums, of columns.
        high = 1 << high2
        shift = precision(high2) + np.int32(5)
        for y in range(high >> 1):
            for x in range(wide):
                line[x] = np.int32(1) << (shift - np.int32(1))
                line[64 + x] = np.int32(0)
            for v in range(0, rows, 8):
                at = (high * high - 1) // 3 + high * v + y
                m0 = matrix[U(at)]
                m1 = matrix[U(at + high)]
                m2 = matrix[U(at + 2 * high)]
                m3 = matrix[U(at + 3 * high)]
                m4 = matrix[U(at + 4 * high)]
                m5 = matrix[U(at + 5 * high)]
                m6 = matrix[U(at + 6 * high)]
                m7 = matrix[U(at + 7 * high)]
                h = wide * v
                for x in range(wide):
                    even = half[U(h + x)] * m0 + half[U(h + 2 * wide + x)] * m2
                    even += half[U(h + 4 * wide + x)] * m4 + half[U(h + 6 * wide + x)] * m6
                    odd = half[U(h + wide + x)] * m1 + half[U(h + 3 * wide + x)] * m3
                    odd += half[U(h + 5 * wide + x)] * m5 + half[U(h + 7 * wide + x)] * m7
                    line[x] += even
                    line[64 + x] += odd
            target = out[top + y, left : left + wide]
            mirror = out[top + high - 1 - y, left : left + wide]
            for x in range(wide):
                target[x] = to_int16(shifted(line[x] + line[64 + x], shift))
                mirror[x] = to_int16(shifted(line[x] - line[64 + x], shift))

    return down


across_8 = across_of(3)
across_16 = across_of(4)
across_32 = across_of(5)
across_64 = across_of(6)
down_8 = down_of(3)
down_16 = down_of(4)
down_32 = down_of(5)
down_64 = down_of(6)


@inner
def inverse(block, stride, rows, columns, wide2, high2, matrix, half, line, out, top, left):
    # 2^wide2 x 2^high2 samples. Only places u < columns, v < rows may be other than 0; those up to
    # the next multiple of 8 columns are there, and 0.
    rows = min(rows, 1 << high2)
    columns = min(columns, 1 << wide2)
    if wide2 < 3 or high2 < 3:
        inverse_small(block, stride, rows, columns, wide2, high2, matrix, half, out, top, left)
        return
    if wide2 == 3 and high2 == 3:
        inverse_8x8(block, stride, rows, columns, matrix, half, out, top, left)
        return
    for at in range(rows << wide2, ((rows + 7) & ~7) << wide2):
        half[U(at)] = np.int32(0)
    if wide2 == 3:
        across_8(block, stride, rows, columns, matrix, half, line)
        down_8(rows, high2, matrix, half, line, out, top, left)
    elif wide2 == 4:
        across_16(block, stride, rows, columns, matrix, half, line)
        down_16(rows, high2, matrix, half, line, out, top, left)
    elif wide2 == 5:
        across_32(block, stride, rows, columns, matrix, half, line)
        down_32(rows, high2, matrix, half, line, out, top, left)
    else:
        across_64(block, stride, rows, columns, matrix, half, line)
        down_64(rows, high2, matrix, half, line, out, top, left)


@inner
def inverse_small(block, stride, rows, columns, wide2, high2, matrix, half, out, top, left):
    # Fewer than eight samples one way, as they are at 1:2 and 1:4: the formula as it is written.
    wide = 1 << wide2
    high = 1 << high2
    first = (wide * wide - 1) // 3
    shift = precision(wide2)
    for v in range(rows):
        for x in range(wide):
            total = np.int32(1) << (shift - np.int32(1))
            for u in range(columns):
                total += block[stride * v + u] * matrix[first + wide * u + x]
            half[wide * v + x] = limited(shifted(total, shift))
    first = (high * high - 1) // 3
    shift = precision(high2) + np.int32(5)
    for y in range(high):
        for x in range(wide):
            total = np.int32(1) << (shift - np.int32(1))
            for v in range(rows):
                total += half[wide * v + x] * matrix[first + high * v + y]
            out[top + y, left + x] = to_int16(shifted(total, shift))


@inner
def inverse_8x8(block, stride, rows, columns, matrix, half, out, top, left):
    # The same with loops of known length, which compilers unroll.
    for v in range(rows):
        place = stride * v
        c0 = block[place]
        c1 = block[place + 1]
        c2 = block[place + 2]
        c3 = block[place + 3]
        row = half[EIGHT * v : EIGHT * v + EIGHT]
        if columns <= 4:
            for x in range(EIGHT):
                total = c0 * matrix[FIRST + x] + c1 * matrix[FIRST + 8 + x]
                total += c2 * matrix[FIRST + 16 + x] + c3 * matrix[FIRST + 24 + x]
                row[x] = limited(shifted(total + np.int32(1024), 11))
            continue
        c4 = block[place + 4]
        c5 = block[place + 5]
        c6 = block[place + 6]
        c7 = block[place + 7]
        for x in range(EIGHT):
            total = c0 * matrix[FIRST + x] + c1 * matrix[FIRST + 8 + x]
            total += c2 * matrix[FIRST + 16 + x] + c3 * matrix[FIRST + 24 + x]
            total += c4 * matrix[FIRST + 32 + x] + c5 * matrix[FIRST + 40 + x]
            total += c6 * matrix[FIRST + 48 + x] + c7 * matrix[FIRST + 56 + x]
            row[x] = limited(shifted(total + np.int32(1024), 11))
    for at in range(EIGHT * rows, 64):
        half[at] = np.int32(0)
    for y in range(EIGHT >> 1):
        target = out[top + y, left : left + EIGHT]
        mirror = out[top + EIGHT - 1 - y, left : left + EIGHT]
        m0 = matrix[FIRST + y]
        m1 = matrix[FIRST + 8 + y]
        m2 = matrix[FIRST + 16 + y]
        m3 = matrix[FIRST + 24 + y]
        if rows <= 4:
            for x in range(EIGHT):
                even = np.int32(32768) + half[x] * m0 + half[16 + x] * m2
                odd = half[8 + x] * m1 + half[24 + x] * m3
                target[x] = to_int16(shifted(even + odd, 16))
                mirror[x] = to_int16(shifted(even - odd, 16))
            continue
        m4 = matrix[FIRST + 32 + y]
        m5 = matrix[FIRST + 40 + y]
        m6 = matrix[FIRST + 48 + y]
        m7 = matrix[FIRST + 56 + y]
        for x in range(EIGHT):
            even = np.int32(32768) + half[x] * m0 + half[16 + x] * m2
            even += half[32 + x] * m4 + half[48 + x] * m6
            odd = half[8 + x] * m1 + half[24 + x] * m3
            odd += half[40 + x] * m5 + half[56 + x] * m7
            target[x] = to_int16(shifted(even + odd, 16))
            mirror[x] = to_int16(shifted(even - odd, 16))
