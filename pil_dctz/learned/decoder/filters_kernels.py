"""Class-adaptive filters. Clauses `learned.classes`, `learned.sum`.

Checked by the wrapper: `sources` int16 (planes, rows + 2 * MARGIN, columns + 2 * MARGIN), the
planes clamped and repeated beyond their edges; rows and columns are multiples of 8; `indices`
uint16 (rows / 2, columns / 4); a strength for each 64x64 samples, so that areas lie inside and are
even; taps reach 4 at most, so MARGIN = 4 holds what they touch: row + MARGIN + dy is 0..rows + 7,
columns likewise.
Widths: |c| <= 16383, differences fit in int16, clipped ones (8191) their sum too; v < 2^27.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.kernels.declare import inner, kernel

MARGIN = 4
CELL = 64
PEAK = 16383


@kernel("void(i16ro[:, ::1], int16[:, ::1])")
def pad_plane(plane, out):
    # The plane clamped, MARGIN samples repeated on each side. out (rows + 8, columns + 8).
    rows, columns = plane.shape
    for y in range(rows + 2 * MARGIN):
        row = min(max(y - MARGIN, 0), rows - 1)
        for x in range(columns):
            value = plane[row, x]
            out[y, x + MARGIN] = min(max(value, np.int16(-PEAK)), np.int16(PEAK))
        first = out[y, MARGIN]
        last = out[y, columns + MARGIN - 1]
        for x in range(MARGIN):
            out[y, x] = first
            out[y, columns + MARGIN + x] = last


@inner
def bend_rows(source, y, columns, sums):
    # Adds, for the four rows y..y + 3 of `source` (a padded plane), the second differences in four
    # directions to sums int32 (4, columns + 4), whose first column is sample -2.
    wide = columns + 4
    first = MARGIN - 2
    h = sums[0]
    v = sums[1]
    d = sums[2]
    e = sums[3]
    for row in range(y, y + 4):
        up = source[row - 1, first : first + wide]
        up_left = source[row - 1, first - 1 : first + wide - 1]
        up_right = source[row - 1, first + 1 : first + wide + 1]
        own = source[row, first : first + wide]
        left = source[row, first - 1 : first + wide - 1]
        right = source[row, first + 1 : first + wide + 1]
        down = source[row + 1, first : first + wide]
        down_left = source[row + 1, first - 1 : first + wide - 1]
        down_right = source[row + 1, first + 1 : first + wide + 1]
        for x in range(wide):
            h[x] = np.int32(h[x] + bend(own[x], left[x], right[x]))
            v[x] = np.int32(v[x] + bend(own[x], up[x], down[x]))
            d[x] = np.int32(d[x] + bend(own[x], up_left[x], down_right[x]))
            e[x] = np.int32(e[x] + bend(own[x], up_right[x], down_left[x]))


@inner
def bend(c, a, b):
    return abs(np.int32(np.int32(2 * np.int32(c)) - np.int32(a)) - np.int32(b))


@inner
def direction_of(h, v, d, e):
    straight = max(h, v)
    straight_less = min(h, v)
    oblique = max(d, e)
    oblique_less = min(d, e)
    if 2 * straight <= 3 * straight_less and 2 * oblique <= 3 * oblique_less:
        return 0
    if straight * oblique_less >= oblique * straight_less:
        return 1 if h >= v else 2
    return 3 if d >= e else 4


@kernel(
    "void(i16ro[:, ::1], i64ro[:, ::1], i32ro[:, ::1], i64ro[::1], i64ro[::1], int32[:, :, ::1],"
    " uint16[:, ::1])"
)
def classify(source, local, owners, rate_thresholds, activity_thresholds, work, indices):
    # source: Y, padded. local, owners by square. work int32 (3, 4, columns + 4).
    # indices: 4 * (set * 5 * activities + class // 2) + nearness of the left two columns (1), the
    # right two (2): by 4 columns and 2 rows.
    squares, across = local.shape
    columns = 8 * across
    classes = 5 * (activity_thresholds.size + 1)
    above = work[0]
    below = work[1]
    blocks = work[2]
    above[:] = 0
    bend_rows(source, MARGIN - 2, columns, above)
    for row in range(2 * squares):
        below[:] = 0
        bend_rows(source, 4 * row + MARGIN + 2, columns, below)
        add_columns(above, below, 2 * across + 1, blocks)
        i = row >> 1
        for j in range(across):
            near = near_places(owners, i, j, row & 1)
            step = local[i, j]
            first = classes * set_of(step, rate_thresholds)
            for k in range(2):
                block = 2 * j + k
                index = 4 * (first + class_of(blocks, block, step, activity_thresholds))
                sides = near >> (2 * k) & 3
                upper = 3 if near & 16 else sides
                lower = 3 if near & 32 else sides
                indices[2 * row, block] = np.uint16(index + upper)
                indices[2 * row + 1, block] = np.uint16(index + lower)
        swap = above
        above = below
        below = swap


@inner
def add_columns(above, below, count, blocks):
    # Sums of four columns of both.
    for k in range(4):
        out = blocks[k]
        one = above[k]
        two = below[k]
        for j in range(count):
            x = np.uint64(4 * j)
            total = one[x] + two[x]
            total += one[x + U(1)] + two[x + U(1)]
            total += one[x + U(2)] + two[x + U(2)]
            total += one[x + U(3)] + two[x + U(3)]
            out[j] = total


@inner
def class_of(blocks, j, step, thresholds):
    # learned.classes, without the nearness.
    h = np.int64(blocks[0, j]) + np.int64(blocks[0, j + 1])
    v = np.int64(blocks[1, j]) + np.int64(blocks[1, j + 1])
    d = np.int64(blocks[2, j]) + np.int64(blocks[2, j + 1])
    e = np.int64(blocks[3, j]) + np.int64(blocks[3, j + 1])
    activity = 0
    for n in range(thresholds.size):
        if ((h + v) << 17) >= thresholds[n] * step:
            activity += 1
    return 5 * activity + direction_of(h, v, d, e)


@inner
def near_places(owners, i, j, half):
    # Bits: which of the four pairs of columns of a square are near an edge on a side, then which of
    # the two pairs of rows of its upper (half 0) or lower part are near one above or below.
    own = owners[i, j]
    near = 0
    if j > 0 and owners[i, j - 1] != own:
        near |= 1
    if j + 1 < owners.shape[1] and owners[i, j + 1] != own:
        near |= 8
    if half == 0 and i > 0 and owners[i - 1, j] != own:
        near |= 16
    if half == 1 and i + 1 < owners.shape[0] and owners[i + 1, j] != own:
        near |= 32
    return near


@inner
def set_of(step, thresholds):
    # learned.inputs: the rate in quarter octaves, then its set.
    e = 8
    while (step >> (e + 1)) > 0:
        e += 1
    rate = 4 * (e - 8) + (((step << 2) >> e) & 3)
    number = 0
    for n in range(thresholds.size):
        if thresholds[n] <= rate:
            number += 1
    return number


@inner
def pair_row(centre, one, other, limit, out):
    # One pair of places along a row: both differences clipped, added.
    high = np.int16(limit)
    low = np.int16(-limit)
    for x in range(centre.size):
        c = centre[x]
        a = np.int16(one[x] - c)
        b = np.int16(other[x] - c)
        a = a if a < high else high
        a = a if a > low else low
        b = b if b < high else high
        b = b if b > low else low
        out[x] = np.int16(a + b)


@inner
def add_one(pairs, weights, sums):
    for x in range(sums.size):
        sums[x] = np.int32(sums[x] + np.int32(pairs[x]) * np.int32(weights[x]))


@inner
def add_three(pairs0, pairs1, pairs2, weights0, weights1, weights2, sums):
    for x in range(sums.size):
        s = np.int32(sums[x] + np.int32(pairs0[x]) * np.int32(weights0[x]))
        s = np.int32(s + np.int32(pairs1[x]) * np.int32(weights1[x]))
        sums[x] = np.int32(s + np.int32(pairs2[x]) * np.int32(weights2[x]))


@inner
def gather(entries, chosen, weights):
    out = weights.view(np.int64)
    for u in range(chosen.size):
        out[u] = entries[chosen[u]]


@inner
def move_row(sums, gains, shift, out):
    # Adds the sums of a row, in the strength of its cells, to its samples.
    places = np.int32(shift + 2) & np.int32(31)
    half = np.int32(1) << np.int32(shift + 1)
    for x in range(out.size):
        move = np.int32(np.int32(np.int32(sums[x] * np.int32(gains[x])) + half) >> places)
        value = np.int32(np.int32(out[x]) + move)
        value = value if value < np.int32(32767) else np.int32(32767)
        value = value if value > np.int32(-32768) else np.int32(-32768)
        out[x] = np.int16(value)


@inner
def filter_area(
    sources, indices, taps, table, shift, top, left, high, wide, gains, weights, pairs, sums, plane
):  # fmt: skip
    # Of filter_plane, rows top..top + high - 1, columns left..left + wide - 1, gains (wide) long.
    totals = sums[:wide]
    first = left + MARGIN
    count = taps.shape[0]
    for y in range(top, top + high):
        totals[:] = 0
        if (y & 1) == 0:
            chosen = indices[y >> 1, left >> 2 : (left + wide) >> 2]
            for k in range(count):
                gather(table[k], chosen, weights[k, :wide])
        row = y + MARGIN
        for k in range(count):
            source = taps[k, 0]
            dy = taps[k, 1]
            dx = taps[k, 2]
            pair_row(
                sources[source, row, first : first + wide],
                sources[source, row + dy, first + dx : first + dx + wide],
                sources[source, row - dy, first - dx : first - dx + wide],
                taps[k, 3],
                pairs[k % 3, :wide],
            )
            if k % 3 == 2:
                add_three(
                    pairs[0, :wide], pairs[1, :wide], pairs[2, :wide],
                    weights[k - 2, :wide], weights[k - 1, :wide], weights[k, :wide], totals,
                )  # fmt: skip
        for k in range(count - count % 3, count):
            add_one(pairs[k % 3, :wide], weights[k, :wide], totals)
        move_row(totals, gains, shift, plane[y, left : left + wide])


@kernel(
    "void(i16ro[:, :, ::1], u16ro[:, ::1], i64ro[:, ::1], i64ro[:, ::1], int64, u8ro[:, ::1],"
    " uint8[::1], int16[:, ::1], int16[:, ::1], int32[::1], int16[:, ::1])"
)
def filter_plane(
    sources, indices, taps, table, shift, strengths, gains, weights, pairs, sums, plane
):
    # taps int64 (n, 4): source, dy, dx, limit. table int64 (n, 4 * sets * classes): a weight four
    # times, in the class's four cases of nearness. strengths: by cell. gains uint8 (columns), of
    # each column, weights int16 (n, columns), pairs int16 (3, columns), sums int32 (columns):
    # scratch. plane: written, where there is a strength.
    rows, columns = plane.shape
    across = strengths.shape[1]
    for i in range(strengths.shape[0]):
        top = CELL * i
        high = min(CELL, rows - top)
        for x in range(columns):
            gains[x] = strengths[i, x // CELL]
        first = 0
        while first < across:
            if strengths[i, first] == 0:
                first += 1
                continue
            last = first + 1
            while last < across and strengths[i, last] != 0:
                last += 1
            left = CELL * first
            wide = min(CELL * last, columns) - left
            filter_area(
                sources, indices, taps, table, shift, top, left, high, wide,
                gains[left : left + wide], weights, pairs, sums, plane,
            )  # fmt: skip
            first = last
