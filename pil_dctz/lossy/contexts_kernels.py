"""Contexts of the lossy mode, from levels and steps alone: one text for both sides.

Clauses `lossy.partition`, `lossy.map`, `lossy.dc`, `lossy.corner`, `lossy.end`, `lossy.level`.

A plane is a grid of squares of 8x8 samples; a block covers 1, 2, 4 or 8 squares each way.
`parts` int64 (planes, 10) has a row for each plane, see the names of its columns below. `blocks`
int32 (n, 6): row, column of the first square, log2 of columns and rows in squares, shape, first
level; in coding order. `owners` int32: number, in its plane, of the block that covers a square.
By square: `values` int32, the picture at 1:8; `profiles` uint8, 64 a square. By block: `residuals`,
`ends`. `levels` int16, by block and place.

Proof of indices: a block lies in its plane (parse_partition and the raster list make no other), so
squares (i, j) .. (i + 2^lh - 1, j + 2^lw - 1) exist; others are read only after a test of i, j
against 0, rows and columns. An owner is a block's number. Blocks of other planes are read under
the same number only if all planes have one grid (`cross`). `expected` has a block's places in rows
of N + 4 (N columns): place (u, v) lies at (N + 4) * (v + 3) + u + 3, and what is touched reaches
columns u - 3..u + 1 and rows v - 3..v + 1: at most 68 * 68 numbers.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0: 12 % faster

from pil_dctz.kernels.declare import inner

# Columns of `parts`.
COLUMNS = 0
ROWS = 1
SHIFT_H = 2  # of a square's place to its cell of the map
SHIFT_V = 3
SQUARES = 4  # first square
OWNERS = 5  # first owner
BLOCKS = 6  # first row of `blocks`
COUNT = 7  # blocks
STATES = 8  # first residual and end
LEVELS = 9  # first level

DC_INPUTS = 12
CLASSES = 24  # of an expected magnitude
END_INPUTS = 10
END_LEVELS = 32
INPUTS = 15
BANDS = 4
COUNTS = 5
EXPECTED = 4624  # 68 * 68


@inner
def bit_length(value):
    n = 0
    while value > 0:
        value >>= 1
        n += 1
    return n


@inner
def partition_context(shapes, columns, i, j, level, rate):
    # lossy.partition. shapes uint8 by square of those before; level 0 for 64, 1 for 32, 2 for 16.
    around = 0
    if j > 0:
        around += size_of(np.int64(shapes[i * columns + j - 1]))
    if i > 0:
        around += size_of(np.int64(shapes[(i - 1) * columns + j]))
    return (3 * rate + level) * 7 + around


@inner
def size_of(shape):
    # Size class of a shape: 0 for 8, 1 for 16, 2 for 32, 3 for 64 squares on the longer side.
    return 0 if shape == 0 else (1 if shape < 4 else (2 if shape < 7 else 3))


@inner
def map_context(cells, i, j):
    # lossy.map: (row of the histograms). Left and upper value; 6 beyond the segment's corner.
    if i == 0 and j == 0:
        return 18
    left = np.int64(cells[i, j - 1]) if j > 0 else np.int64(cells[i - 1, j])
    top = np.int64(cells[i - 1, j]) if i > 0 else left
    return 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)


@inner
def map_level(cells, parts, p, i, j, lw, lh):
    # The map's value, 0..12, of a block: the mean of its cells (without a map they are all 0).
    y = i >> parts[p, SHIFT_V]
    x = j >> parts[p, SHIFT_H]
    high = 1 << max(lh - 1, 0)
    wide = 1 << max(lw - 1, 0)
    if high + wide == 2:
        return np.int64(cells[y, x])
    total = np.int64(0)
    for v in range(high):
        for u in range(wide):
            total += np.int64(cells[y + v, x + u])
    number = high * wide
    return (total + (number >> 1)) // number


@inner
def edge_mean(values, first, stride, log2):
    total = np.int64(0)
    for n in range(1 << log2):
        total += np.int64(values[first + n * stride])
    return (total + ((1 << log2) >> 1)) >> log2


@inner
def right_above(owners, parts, p, n, i, j):
    # Row of the lowest square above row i in column j whose block was coded before block n; -1.
    if j >= parts[p, COLUMNS]:
        return np.int64(-1)
    row = np.int64(i) - 1
    while row >= 0 and owners[parts[p, OWNERS] + row * parts[p, COLUMNS] + j] >= n:
        row -= 1
    return row


@inner
def eighths(value):
    return min(8 * abs(np.int64(value)), 255)


@inner
def dc_inputs(blocks, owners, values, residuals, parts, p, n, step, cross, inputs):
    # lossy.dc: returns the prediction; inputs int64[12] in eighths of a step.
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    columns = parts[p, COLUMNS]
    state = parts[p, STATES]
    owner = parts[p, OWNERS]
    b = i * columns + j
    s = parts[p, SQUARES] + b
    for k in range(DC_INPUTS):
        inputs[k] = 0
    inputs[11] = 1
    if cross and p > 0:
        inputs[9] = eighths(residuals[parts[0, STATES] + n])
        if p > 1:
            inputs[10] = eighths(residuals[parts[1, STATES] + n])
    if i == 0 and j == 0:
        return np.int64(0)
    right = right_above(owners, parts, p, n, i, j + (1 << lw))
    if j > 0:
        left = edge_mean(values, s - 1, columns, lh)
        top = edge_mean(values, s - columns, 1, lw) if i > 0 else left
    else:
        top = edge_mean(values, s - columns, 1, lw)
        left = top
    corner = np.int64(values[s - columns - 1]) if i > 0 and j > 0 else left
    beside = top
    if right >= 0:
        beside = np.int64(values[parts[p, SQUARES] + right * columns + j + (1 << lw)])
    left2 = np.int64(values[s - 2]) if j > 1 else left
    top2 = np.int64(values[s - 2 * columns]) if i > 1 else top
    inputs[0] = min(128 * abs(corner - left) // step, 255)
    inputs[1] = min(128 * abs(top - corner) // step, 255)
    inputs[2] = min(128 * abs(beside - top) // step, 255)
    inputs[3] = min(128 * abs(left - left2) // step, 255)
    inputs[4] = min(128 * abs(top - top2) // step, 255)
    if j > 0:
        inputs[5] = eighths(residuals[state + np.int64(owners[owner + b - 1])])
    if i > 0:
        inputs[6] = eighths(residuals[state + np.int64(owners[owner + b - columns])])
        if j > 0:
            inputs[7] = eighths(residuals[state + np.int64(owners[owner + b - columns - 1])])
        if right >= 0:
            at = owner + right * columns + j + (1 << lw)
            inputs[8] = eighths(residuals[state + np.int64(owners[at])])
    gradient = min(max(left + top - corner, min(left, top)), max(left, top))
    return (2 * gradient + left + top + 2) >> 2


@inner
def dc_context(inputs, weights, thresholds, p, size):
    row = 4 * min(p, 2) + size
    m = np.int64(0)
    for n in range(DC_INPUTS):
        m += np.int64(weights[row, n]) * inputs[n]
    level = 0
    while level < CLASSES - 1 and m >= np.int64(thresholds[level]):
        level += 1
    return row * CLASSES + level


@inner
def direction_context(blocks, owners, directions, parts, n, i, j, size):
    # lossy.direction. Directions of the blocks that cover the squares left and above; 0 for none.
    columns = parts[0, COLUMNS]
    left = np.int64(0)
    top = np.int64(0)
    if j > 0:
        left = np.int64(directions[np.int64(owners[i * columns + j - 1])])
    if i > 0:
        top = np.int64(directions[np.int64(owners[(i - 1) * columns + j])])
    return 3 * (17 * left + top) + size


@inner
def end_level(end, lw, lh):
    # An end class as the class of an 8x8 block with the same share of places.
    return max(np.int64(end) - 3 * (lw + lh), 0)


@inner
def edge_ends(blocks, owners, ends, parts, p, first, stride, log2):
    # Mean end level of the blocks of 2^log2 squares; first, of the plane's squares.
    total = np.int64(0)
    for k in range(1 << log2):
        n = np.int64(owners[parts[p, OWNERS] + first + k * stride])
        row = parts[p, BLOCKS] + n
        end = ends[parts[p, STATES] + n]
        total += end_level(end, np.int64(blocks[row, 2]), np.int64(blocks[row, 3]))
    return (total + ((1 << log2) >> 1)) >> log2


@inner
def end_inputs(
    blocks, owners, values, residuals, corners, ends, parts, p, n, level, step, cross, inputs
):  # fmt: skip
    # lossy.end: what the expected end class is computed from; inputs int64[10]. corners uint8 by
    # block: bits of the sum of its corner's magnitudes.
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    columns = parts[p, COLUMNS]
    rows = parts[p, ROWS]
    b = i * columns + j
    left = np.int64(-1)
    top = np.int64(-1)
    if j > 0:
        left = edge_ends(blocks, owners, ends, parts, p, b - 1, columns, lh)
    if i > 0:
        top = edge_ends(blocks, owners, ends, parts, p, b - columns, 1, lw)
    right = top
    above = right_above(owners, parts, p, n, i, j + (1 << lw))
    if above >= 0:
        at = above * columns + j + (1 << lw)
        right = edge_ends(blocks, owners, ends, parts, p, at, 1, 0)
    if left < 0:
        left = top
    if top < 0:
        top = left
        right = left
    inputs[0] = max(left + top, 0)
    inputs[1] = max(right, 0)
    inputs[2] = 0
    inputs[3] = 0
    if cross and p > 0:
        inputs[2] = np.int64(ends[parts[0, STATES] + n])
        if p > 1:
            inputs[3] = np.int64(ends[parts[1, STATES] + n])
    inputs[4] = bit_length(abs(np.int64(residuals[parts[p, STATES] + n])))
    change = np.int64(0)
    for y in range(i, i + (1 << lh)):
        for x in range(j, j + (1 << lw)):
            s = parts[p, SQUARES] + y * columns + x
            here = np.int64(values[s])
            if x > 0:
                change += abs(here - np.int64(values[s - 1]))
            if y > 0:
                change += abs(here - np.int64(values[s - columns]))
            if x + 1 < columns:
                change += abs(here - np.int64(values[s + 1]))
            if y + 1 < rows:
                change += abs(here - np.int64(values[s + columns]))
    inputs[5] = bit_length(32 * (change >> (lw + lh)) // step)
    inputs[6] = level
    inputs[7] = 1 if left < 0 else 0
    inputs[8] = 1
    inputs[9] = np.int64(corners[parts[p, STATES] + n])


@inner
def end_context(inputs, weights, p, size, predicted):
    row = 4 * min(p, 2) + size
    if predicted:
        row = 12 + 3 * min(p, 2) + size
    e = np.int64(0)
    for n in range(END_INPUTS):
        e += np.int64(weights[row, n]) * inputs[n]
    return row * END_LEVELS + min(max(e >> 7, 0), END_LEVELS - 1)


@inner
def count_class(count):
    # Classes of the number of levels other than 0 so far: 0, 1, 2..3, 4..7, 8 and more.
    if count < 2:
        return count
    return 2 if count < 4 else (3 if count < 8 else 4)


@inner
def magnitude_at(levels, index):
    return min(abs(np.int32(levels[U(index)])), np.int32(255))


@inner
def prepare_corner(
    levels, first, second, lw, lh, p, kind, cross, inputs, residual, weights, expected
):  # fmt: skip
    # lossy.corner: expected[at] becomes what inputs 8..11 and 14 add. inputs: those of the DC.
    wide = 8 << lw
    stride = wide + 4
    for at in range(stride * ((1 << lh) + 4)):
        expected[U(at)] = 0
    rough = np.int32(min(inputs[0] + inputs[1], 255))
    own = np.int32(min(8 * abs(residual), 255))
    for v in range(1 << lh):
        for u in range(1 << lw):
            near = weights[corner_row(p, kind, u + v)]
            e = near[8] * own + near[9] * rough + near[14]
            if cross and p > 0:
                place = v * wide + u
                e += near[10] * magnitude_at(levels, first + place)
                if p > 1:
                    e += near[11] * magnitude_at(levels, second + place)
            expected[U(stride * (v + 3) + u + 3)] = e


@inner
def corner_row(p, kind, distance):
    # lossy.corner: row of weights of a place, by plane, size class and distance u + v.
    return 3 * (3 * min(p, 2) + kind - 1) + (0 if distance < 2 else (1 if distance < 4 else 2))


@inner
def corner_magnitude(expected, at, count, distance, near):
    # lossy.corner: e, clamped. distance: u + v of the place.
    m = np.int64(expected[U(at)]) + np.int64(near[12]) * count + np.int64(near[13]) * distance
    return min(max(m, 0), 4095)


@inner
def add_profile(profiles, first, stride, log2, bins):
    # bins int32[64] gains the mean profile of 2^log2 squares; first and stride in squares.
    if log2 == 0:
        for k in range(64):
            bins[U(k)] += np.int32(profiles[U(64 * first + k)])
        return
    for k in range(64):
        total = np.int32(0)
        for n in range(1 << log2):
            total += np.int32(profiles[U(64 * (first + n * stride) + k)])
        bins[U(k)] += (total + np.int32((1 << log2) >> 1)) >> np.int32(log2)


@inner
def prepare_block(
    levels, own, first, second, profiles, square, columns, i, j, lw, lh, p, cross, wide, high,
    bands, near, work, expected,
):  # fmt: skip
    # lossy.level: expected[at], for the block's first `high` rows and `wide` columns, becomes what
    # inputs 8..11 and 14 add; 0 elsewhere. near int32 (4, 15): the weights of the block's bands.
    # own, first, second: its first level and those in planes 0 and 1. square: its first, of all
    # planes. bands: of the shape's places. work int32[192]; its last 64 + 2 * 10 stay 0.
    side = 8 << lw
    stride = side + 4
    for at in range(stride * (high + 4)):
        expected[U(at)] = 0
    for k in range(64):
        work[U(k)] = 0
    if j > 0:
        add_profile(profiles, square - 1, columns, lh, work)
        if i == 0:
            for k in range(64):
                work[U(k)] *= 2
    if i > 0:
        add_profile(profiles, square - columns, 1, lw, work)
        if j == 0:
            for k in range(64):
                work[U(k)] *= 2
    # The sum of the four bins around each, in work[64:].
    for y in range(8):
        for x in range(8):
            k = 8 * y + x
            around = np.int32(0)
            if x > 0:
                around += work[U(k - 1)]
            if x < 7:
                around += work[U(k + 1)]
            if y > 0:
                around += work[U(k - 8)]
            if y < 7:
                around += work[U(k + 8)]
            work[U(64 + k)] = min(around >> np.int32(2), np.int32(255))
    for v in range(high):
        for u in range(wide):
            place = v * side + u
            k = 8 * (v >> lh) + (u >> lw)
            row = near[U(np.int64(bands[U(place)]))]
            e = row[U(14)] + row[U(9)] * work[U(64 + k)]
            e += row[U(8)] * min(work[U(k)], np.int32(255))
            if cross and p > 0:
                e += row[U(10)] * magnitude_at(levels, first + place)
                if p > 1:
                    e += row[U(11)] * magnitude_at(levels, second + place)
            expected[U(stride * (v + 3) + u + 3)] = e


@inner
def spread(expected, at, stride, magnitude, w):
    # Inputs 0..7: what a level other than 0 at `at` adds to places around it, 3 rows up to 1 row
    # down, 3 columns left to 1 column right. w int32[15]: the weights of its own row.
    a = np.int32(min(magnitude, 255))
    up = at - stride
    up2 = up - stride
    up3 = up2 - stride
    down = at + stride
    e = a * w[U(0)]
    expected[U(at - 1)] += e
    expected[U(up)] += e
    expected[U(up - 1)] += a * w[U(1)]
    e = a * w[U(2)]
    expected[U(at - 2)] += e
    expected[U(up2)] += e
    e = a * w[U(3)]
    expected[U(up - 2)] += e
    expected[U(up2 - 1)] += e
    e = a * w[U(4)]
    expected[U(at - 3)] += e
    expected[U(up3)] += e
    e = a * w[U(5)]
    expected[U(up2 - 2)] += e
    expected[U(up - 3)] += e
    expected[U(up3 - 1)] += e
    e = a * w[U(6)]
    expected[U(up + 1)] += e
    expected[U(down - 1)] += e
    e = a * w[U(7)]
    expected[U(up2 + 1)] += e
    expected[U(down - 2)] += e


@inner
def expected_magnitude(expected, at, count, first, w):
    # lossy.level: e, clamped. count: levels other than 0 so far; w: the weights of its row.
    m = np.int64(expected[U(at)]) + np.int64(w[U(12)]) * min(count, 63)
    if first:
        m += np.int64(w[U(13)])
    return min(max(m, 0), 4095)


@inner
def level_row(p, size, predicted):
    # First of the four rows of weights of a block: by plane and size class (32 and 64 are one).
    return BANDS * (3 * min(p, 2) + min(size, 2) + (9 if predicted else 0))


@inner
def level_context(classes, e, row, count):
    return (row * CLASSES + np.int64(classes[U(e)])) * COUNTS + count_class(count)


@inner
def put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, sums):
    # The block's profile, into its squares: 4 x the mean magnitude of each of 8x8 bins, the corner
    # left out. wide, high: where levels are. sums int32[64].
    side = 8 << lw
    for k in range(64):
        sums[U(k)] = 0
    for v in range(high):
        for u in range(wide):
            k = 8 * (v >> lh) + (u >> lw)
            sums[U(k)] += magnitude_at(levels, own + v * side + u)
    sums[0] = 0
    for y in range(1 << lh):
        for x in range(1 << lw):
            if y + 1 < (1 << lh) and x + 1 < (1 << lw):
                continue  # only the last row and column are ever looked at
            at = 64 * (square + y * columns + x)
            for k in range(64):
                mean = np.int32(4 * sums[U(k)]) >> np.int32(lw + lh)
                profiles[U(at + k)] = min(mean, np.int32(255))
