"""A filter along the edges of a plane. Clause `lossy.dering`.

Checked by the wrapper: plane has 8 samples for each square both ways, `padded` two more on each
side, `sums` a column for each of the plane's.
Proof of indices: gradients read rows 8 * i..8 * i + 7 and columns 0..columns - 1 of the plane;
taps reach two rows and columns at most, which `padded` has beyond every sample.
Widths: gradients at most 4095, so 49 squares of them below 2^30 and down + over = M < 2^31, which
`clear` does not exceed; step < 2^23, step * clear * 21 < 2^59. limit is at most
21/128 * step * M / (M + 5/128 * step^2) <= 21/128 * sqrt(M * 128/5) / 2 < 2^15.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import BLOCKS, COLUMNS, OWNERS, ROWS
from pil_dctz.lossy.decoder.deblock_kernels import square_step

PAD = 2


@inner
def gradient(value):
    return min(max(value >> np.int32(2), np.int32(-4095)), np.int32(4095))


@inner
def add_gradients(padded, i, columns, sums):
    # To sums int32 (3, columns): squares of the gradients down and over, and their products.
    down = sums[0]
    over = sums[1]
    both = sums[2]
    sums[:, :] = 0
    for y in range(8 * i + PAD, 8 * i + PAD + 7):
        upper = padded[y, PAD : PAD + columns]
        upper_next = padded[y, PAD + 1 : PAD + 1 + columns]
        lower = padded[y + 1, PAD : PAD + columns]
        lower_next = padded[y + 1, PAD + 1 : PAD + 1 + columns]
        for x in range(columns):
            rise = np.int32(np.int32(lower_next[x]) - np.int32(upper[x]))
            fall = np.int32(np.int32(upper_next[x]) - np.int32(lower[x]))
            gx = gradient(np.int32(rise + fall))
            gy = gradient(np.int32(rise - fall))
            down[x] = np.int32(down[x] + np.int32(gy * gy))
            over[x] = np.int32(over[x] + np.int32(gx * gx))
            both[x] = np.int32(both[x] + np.int32(gx * gy))


@inner
def sum_of_seven(row, x):
    total = np.int64(0)
    for n in range(x, x + 7):
        total += np.int64(row[n])
    return total


@inner
def sector_of(along, across):
    # The eighth of the circle that (along, across) lies in.
    if 128 * abs(across) <= 53 * abs(along):
        return 0 if along >= 0 else 4
    if 128 * abs(along) <= 53 * abs(across):
        return 2 if across >= 0 else 6
    if along >= 0:
        return 1 if across >= 0 else 7
    return 3 if across >= 0 else 5


@inner
def clear_of(along, across, sector):
    # How far (along, across) goes in the direction of its sector.
    if sector & 1:
        return (181 * (abs(along) + abs(across))) >> 8
    return max(abs(along), abs(across))


@inner
def limited(value, own, limit):
    # The difference, less where it is large: an edge, not noise.
    difference = np.int32(value) - np.int32(own)
    size = abs(difference)
    part = min(size, max(np.int32(limit - (size >> np.int32(2))), np.int32(0)))
    return np.int32(part if difference >= 0 else -part)


@inner
def gather(padded, y0, x0, out):
    # The 8x8 samples of `padded` from there, to out[64].
    for y in range(8):
        row = padded[y0 + y, x0 : x0 + 8]
        to = out[8 * y : 8 * y + 8]
        for n in range(8):
            to[n] = row[n]


@inner
def filter_square(padded, y0, x0, taps, limit, samples, plane):
    # samples int16 (5, 64): the square, and as it is at each of the four taps; one loop over all
    # of its samples is what compilers make vector code of.
    near_y = np.int64(taps[0])
    near_x = np.int64(taps[1])
    far_y = np.int64(taps[2])
    far_x = np.int64(taps[3])
    gather(padded, y0, x0, samples[0])
    gather(padded, y0 + near_y, x0 + near_x, samples[1])
    gather(padded, y0 - near_y, x0 - near_x, samples[2])
    gather(padded, y0 + far_y, x0 + far_x, samples[3])
    gather(padded, y0 - far_y, x0 - far_x, samples[4])
    own = samples[0]
    one = samples[1]
    two = samples[2]
    three = samples[3]
    four = samples[4]
    for n in range(64):
        c = np.int32(own[n])
        total = limited(one[n], c, limit) + limited(two[n], c, limit)
        total += limited(three[n], c, limit) + limited(four[n], c, limit)
        own[n] = np.int16(np.int32(c) + ((total + np.int32(4)) >> np.int32(3)))
    for y in range(8):
        row = plane[y0 - PAD + y, x0 - PAD : x0 - PAD + 8]
        filtered = own[8 * y : 8 * y + 8]
        for n in range(8):
            row[n] = filtered[n]


@kernel(
    "void(i64ro[:, ::1], int64, i64ro[:, ::1], i32ro[:, ::1], int64, i32ro[:, ::1], i32ro[::1],"
    " u8ro[:, ::1], i8ro[:, ::1], i16ro[:, ::1], int32[:, ::1], int16[:, ::1], int16[:, ::1])"
)
def dering_plane(
    parts, p, gains, curve, radius, blocks, owners, cells, taps, padded, sums, samples, plane
):  # fmt: skip
    columns = parts[p, COLUMNS]
    rows = parts[p, ROWS]
    for i in range(rows):
        add_gradients(padded, i, 8 * columns, sums)
        for j in range(columns):
            x = 8 * j
            down = sum_of_seven(sums[0], x)
            over = sum_of_seven(sums[1], x)
            both = -2 * sum_of_seven(sums[2], x)
            sector = sector_of(down - over, both)
            clear = clear_of(down - over, both, sector)
            if 5 * clear <= down + over:
                continue
            row = parts[p, BLOCKS] + np.int64(owners[parts[p, OWNERS] + i * columns + j])
            step = square_step(parts, p, gains, curve, radius, blocks, cells, row)
            total = down + over + ((5 * step * step) >> 7)
            if 5 * clear > total:
                limit = np.int32((21 * step * clear // total) >> 7)
                filter_square(padded, 8 * i + PAD, x + PAD, taps[sector], limit, samples, plane)
