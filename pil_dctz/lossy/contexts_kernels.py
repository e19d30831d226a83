"""Contexts of the lossy mode, from levels and steps alone: one text for both sides.

Clauses `lossy.map`, `lossy.dc`, `lossy.end`, `lossy.level`.

Arrays of a segment, flat over the blocks of all planes (`grid[p]` holds columns, rows, first
block and shifts of plane p): `values` int32, predicted DC; `residuals` int32; `ends` uint8, end
classes; `levels` int16, 64 a block by place 8 * v + u.

Proof of indices: for a block (p, i, j) with 0 <= i < rows and 0 <= j < columns, b = first + i *
columns + j lies in the plane; b - 1 is read only if j > 0, b - columns only if i > 0, b + 1 only
if j + 1 < columns, and so on. Blocks of other planes are read at the same (i, j) only if all
planes have the same columns and rows (`cross`). `expected`
and `sums` are 12 x 12 around the block: place (u, v) lies at 12 * (v + 3) + u + 3, u, v 0..7; what
is touched reaches columns u - 3..u + 1 and rows v - 3..v + 1, hence 0..143: 39 - 37 is the least,
130 + 12 the greatest.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0: 12 % faster

from pil_dctz.kernels.declare import inner

DC_INPUTS = 12
DC_LEVELS = 24
END_INPUTS = 9
END_LEVELS = 32
INPUTS = 15
BANDS = 3
LEVELS = 24
COUNTS = 5
AREA = 144  # 12 x 12
ORIGIN = 39  # of the block in it: 12 * 3 + 3


@inner
def cell_level(cells, grid, p, i, j):
    # The map's value, 0..12, of a block (0 if there is no map: then `cells` is all 0).
    return np.int64(cells[i >> grid[p, 4], j >> grid[p, 3]])


@inner
def map_context(cells, i, j):
    # lossy.map: (row of the histograms). Left and upper value; 6 beyond the segment's corner.
    if i == 0 and j == 0:
        return 18
    left = np.int64(cells[i, j - 1]) if j > 0 else np.int64(cells[i - 1, j])
    top = np.int64(cells[i - 1, j]) if i > 0 else left
    return 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)


@inner
def bit_length(value):
    n = 0
    while value > 0:
        value >>= 1
        n += 1
    return n


@inner
def dc_neighbours(values, grid, p, i, j):
    # lossy.dc: (L, T, TL, TR, LL, TT) of a block that is not the plane's first.
    columns = grid[p, 0]
    b = grid[p, 2] + i * columns + j
    if j > 0:
        left = np.int64(values[b - 1])
        top = np.int64(values[b - columns]) if i > 0 else left
    else:
        top = np.int64(values[b - columns])
        left = top
    corner = np.int64(values[b - columns - 1]) if i > 0 and j > 0 else left
    right = np.int64(values[b - columns + 1]) if i > 0 and j + 1 < columns else top
    left2 = np.int64(values[b - 2]) if j > 1 else left
    top2 = np.int64(values[b - 2 * columns]) if i > 1 else top
    return left, top, corner, right, left2, top2


@inner
def dc_prediction(left, top, corner):
    gradient = min(max(left + top - corner, min(left, top)), max(left, top))
    return (2 * gradient + left + top + 2) >> 2


@inner
def eighths(value):
    return min(8 * value, 255)


@inner
def dc_inputs(values, residuals, grid, p, i, j, step, cross, inputs):
    # lossy.dc: returns the prediction; inputs int64[12] in eighths of a step.
    columns = grid[p, 0]
    b = grid[p, 2] + i * columns + j
    for n in range(DC_INPUTS):
        inputs[n] = 0
    inputs[11] = 1
    if cross and p > 0:
        place = i * columns + j
        inputs[9] = eighths(abs(np.int64(residuals[place])))
        if p > 1:
            inputs[10] = eighths(abs(np.int64(residuals[grid[1, 2] + place])))
    if i == 0 and j == 0:
        return np.int64(0)
    left, top, corner, right, left2, top2 = dc_neighbours(values, grid, p, i, j)
    inputs[0] = min(8 * abs(corner - left) // step, 255)
    inputs[1] = min(8 * abs(top - corner) // step, 255)
    inputs[2] = min(8 * abs(right - top) // step, 255)
    inputs[3] = min(8 * abs(left - left2) // step, 255)
    inputs[4] = min(8 * abs(top - top2) // step, 255)
    if j > 0:
        inputs[5] = eighths(abs(np.int64(residuals[b - 1])))
    if i > 0:
        inputs[6] = eighths(abs(np.int64(residuals[b - columns])))
        if j > 0:
            inputs[7] = eighths(abs(np.int64(residuals[b - columns - 1])))
        if j + 1 < columns:
            inputs[8] = eighths(abs(np.int64(residuals[b - columns + 1])))
    return dc_prediction(left, top, corner)


@inner
def dc_context(inputs, weights, thresholds, p):
    row = min(p, 2)
    m = np.int64(0)
    for n in range(DC_INPUTS):
        m += np.int64(weights[row, n]) * inputs[n]
    level = 0
    while level < DC_LEVELS - 1 and m >= np.int64(thresholds[level]):
        level += 1
    return row * DC_LEVELS + level


@inner
def end_inputs(values, residuals, ends, level, grid, p, i, j, step, cross, inputs):
    # lossy.end: what the expected end class is computed from; inputs int64[9].
    columns = grid[p, 0]
    rows = grid[p, 1]
    b = grid[p, 2] + i * columns + j
    left = np.int64(ends[b - 1]) if j > 0 else -1
    top = np.int64(ends[b - columns]) if i > 0 else -1
    right = np.int64(ends[b - columns + 1]) if i > 0 and j + 1 < columns else top
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
        inputs[2] = np.int64(ends[i * columns + j])
        if p > 1:
            inputs[3] = np.int64(ends[grid[1, 2] + i * columns + j])
    inputs[4] = bit_length(abs(np.int64(residuals[b])))
    here = np.int64(values[b])
    change = np.int64(0)
    if j > 0:
        change += abs(here - np.int64(values[b - 1]))
    if i > 0:
        change += abs(here - np.int64(values[b - columns]))
    if j + 1 < columns:
        change += abs(here - np.int64(values[b + 1]))
    if i + 1 < rows:
        change += abs(here - np.int64(values[b + columns]))
    inputs[5] = bit_length(2 * change // step)
    inputs[6] = level
    inputs[7] = 1 if left < 0 else 0
    inputs[8] = 1


@inner
def end_context(inputs, weights, p):
    row = min(p, 2)
    e = np.int64(0)
    for n in range(END_INPUTS):
        e += np.int64(weights[row, n]) * inputs[n]
    return row * END_LEVELS + min(max(e >> 7, 0), END_LEVELS - 1)


@inner
def band_of(k):
    # Bands of scan positions 1..63.
    return 0 if k < 6 else (1 if k < 20 else 2)


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
def prepare_block(levels, grid, p, i, j, cross, rows, weights, sums, expected):
    # lossy.level: expected[at], for the first `rows` rows of the block, becomes what inputs 8..11
    # and 14 add, which the block's own levels do not change; 0 elsewhere. In sums int32[144] only
    # places of blocks are written: its border stays 0.
    columns = grid[p, 0]
    b = grid[p, 2] + i * columns + j
    near = weights[min(p, 2)]
    for n in range(AREA):
        expected[U(n)] = 0
    if i > 0 or j > 0:
        left = 64 * (b - 1) if j > 0 else 64 * (b - columns)
        top = 64 * (b - columns) if i > 0 else left
        for v in range(min(rows + 1, 8)):
            for u in range(8):
                q = magnitude_at(levels, left + 8 * v + u) + magnitude_at(levels, top + 8 * v + u)
                sums[U(12 * v + ORIGIN + u)] = q
        for v in range(rows):
            for u in range(8):
                at = 12 * v + ORIGIN + u
                around = sums[U(at - 1)] + sums[U(at + 1)] + sums[U(at - 12)] + sums[U(at + 12)]
                m = near[U(8), U(at)] * min(np.int32(4) * sums[U(at)], np.int32(255))
                expected[U(at)] = m + near[U(9), U(at)] * min(around, np.int32(255))
    first = 64 * (i * columns + j)
    second = 64 * (grid[1, 2] + i * columns + j) if cross and p > 1 else first
    for v in range(rows):
        for u in range(8):
            at = 12 * v + ORIGIN + u
            expected[U(at)] += near[U(14), U(at)]
            if cross and p > 0:
                expected[U(at)] += near[U(10), U(at)] * magnitude_at(levels, first + 8 * v + u)
                if p > 1:
                    expected[U(at)] += near[U(11), U(at)] * magnitude_at(levels, second + 8 * v + u)


@inner
def spread(expected, at, magnitude, near):
    # lossy.level, inputs 0..7: what a level other than 0 at `at` adds to places around it. The
    # places that it reaches lie 3 rows up to 1 row down, 3 columns left to 1 column right.
    a = np.int32(min(magnitude, 255))
    expected[U(at - 1)] += a * near[U(0), U(at - 1)]
    expected[U(at - 12)] += a * near[U(0), U(at - 12)]
    expected[U(at - 13)] += a * near[U(1), U(at - 13)]
    expected[U(at - 2)] += a * near[U(2), U(at - 2)]
    expected[U(at - 24)] += a * near[U(2), U(at - 24)]
    expected[U(at - 14)] += a * near[U(3), U(at - 14)]
    expected[U(at - 25)] += a * near[U(3), U(at - 25)]
    expected[U(at - 3)] += a * near[U(4), U(at - 3)]
    expected[U(at - 36)] += a * near[U(4), U(at - 36)]
    expected[U(at - 26)] += a * near[U(5), U(at - 26)]
    expected[U(at - 15)] += a * near[U(5), U(at - 15)]
    expected[U(at - 37)] += a * near[U(5), U(at - 37)]
    expected[U(at - 11)] += a * near[U(6), U(at - 11)]
    expected[U(at + 11)] += a * near[U(6), U(at + 11)]
    expected[U(at - 23)] += a * near[U(7), U(at - 23)]
    expected[U(at + 10)] += a * near[U(7), U(at + 10)]


@inner
def expected_magnitude(expected, at, count, first, near):
    # lossy.level: e, clamped, of the place at `at`.
    m = np.int64(expected[U(at)]) + np.int64(near[U(12), U(at)]) * count
    if first:
        m += np.int64(near[U(13), U(at)])
    return min(max(m, 0), 4095)


@inner
def level_context(expected, at, k, count, first, p, near, classes):
    # lossy.level: the context of scan position k, which lies at `at`.
    level = np.int64(classes[U(expected_magnitude(expected, at, count, first, near))])
    return ((BANDS * min(p, 2) + band_of(k)) * LEVELS + level) * COUNTS + count_class(count)
