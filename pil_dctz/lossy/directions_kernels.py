"""Directional prediction of a block from samples decoded before: one text for both sides.

Clauses `lossy.direction`, `lossy.edge`, `lossy.predict`. Samples are those of planes before any
filter, in sixteenths of a unit.

Proof of indices: a block of at most 4 x 4 squares lies in its plane, planes are int16 of 8 samples
for each square, and owners are read inside the grid only. `line` int32[130]: R = 8 * (W + H) <= 64
samples lie on each side of line[64] and one more is written after them. Lines 1..4 fall less than
two rows in three columns, all others reach at most a column for a row or a row for a column, so
positions lie within R of line[64]. `block` int32[1024] or more, in rows of 8 * W.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.contexts_kernels import COLUMNS, OWNERS, ROWS
from pil_dctz.transform.decoder.dct_kernels import to_int16

LARGEST = 2  # size class of the largest block that is predicted
MIDDLE = 64
LIMIT = 131071


@inner
def put_edge(plane, owners, parts, p, n, i, j, lw, lh, line):
    # lossy.edge: line[64] is the corner, line[65 ..] the row above, line[63 ..] the left column.
    columns = parts[p, COLUMNS]
    rows = parts[p, ROWS]
    own = parts[p, OWNERS]
    reach = (1 << lw) + (1 << lh)
    top = 8 * i
    left = 8 * j
    if i > 0:
        known = reach
        for k in range(1 << lw, reach):
            if j + k >= columns or owners[own + (i - 1) * columns + j + k] >= n:
                known = k
                break
        for x in range(8 * known):
            line[MIDDLE + 1 + x] = np.int32(plane[top - 1, left + x])
        for x in range(8 * known, 8 * reach + 1):
            line[MIDDLE + 1 + x] = line[MIDDLE + 8 * known]
    if j > 0:
        known = reach
        for k in range(1 << lh, reach):
            if i + k >= rows or owners[own + (i + k) * columns + j - 1] >= n:
                known = k
                break
        for y in range(8 * known):
            line[MIDDLE - 1 - y] = np.int32(plane[top + y, left - 1])
        for y in range(8 * known, 8 * reach):
            line[MIDDLE - 1 - y] = line[MIDDLE - 8 * known]
    if i == 0:
        for x in range(8 * reach + 1):
            line[MIDDLE + 1 + x] = line[MIDDLE - 1]
        line[MIDDLE] = line[MIDDLE - 1]
    elif j == 0:
        for y in range(8 * reach):
            line[MIDDLE - 1 - y] = line[MIDDLE + 1]
        line[MIDDLE] = line[MIDDLE + 1]
    else:
        line[MIDDLE] = np.int32(plane[top - 1, left - 1])
    if lw + lh > 0:
        before = line[MIDDLE - 8 * reach]
        for k in range(MIDDLE - 8 * reach + 1, MIDDLE + 8 * reach):
            here = line[k]
            line[k] = (before + 2 * here + line[k + 1] + np.int32(2)) >> np.int32(2)
            before = here


@inner
def predict(line, lw, lh, direction, slopes, block):
    # lossy.predict: samples of a block of 2^lw x 2^lh squares; direction 1..16; slopes int64
    # (16, 2): columns for a row, rows for a column, in 1/32.
    wide = 8 << lw
    across = slopes[direction - 1, 0]
    down = slopes[direction - 1, 1]
    for y in range(8 << lh):
        start = np.int64(0)
        if direction < 5:
            # From the left column, upwards to the right.
            for x in range(wide):
                at = 32 * (MIDDLE - 1 - y) - down * (x + 1)
                block[U(wide * y + x)] = blend(line, at)
            continue
        shift = across * (y + 1)
        if direction > 9:
            # Downwards to the right: from the left column, then from the row above.
            shift = -shift
            start = min((31 - shift) // 32 - 1, wide) if shift < 0 else start
            for x in range(start):
                at = 32 * MIDDLE + min(down * (x + 1) - 32 * (y + 1), 0)
                block[U(wide * y + x)] = blend(line, at)
        if start == wide:
            continue
        part = np.int32(shift & 31)
        first = MIDDLE + 1 + (shift >> 5) + start
        source = line[first : first + wide - start + 1]
        row = block[wide * y + start : wide * y + wide]
        for x in range(wide - start):
            one = source[x]
            row[x] = one + (((source[x + 1] - one) * part + np.int32(16)) >> np.int32(5))


@inner
def blend(line, at):
    k = at >> 5
    one = line[U(k)]
    return one + (((line[U(k + 1)] - one) * np.int32(at & 31) + np.int32(16)) >> np.int32(5))


@inner
def take_corner(pred, lw, lh, matrix, half, block):
    # lossy.predict: the corner of `block` less that of the prediction. half int32[4096].
    # Width: rows of a matrix have absolute sums of at most 23171, so a first sum is below 2^30.
    wide = 8 << lw
    high = 8 << lh
    across = (wide * wide - 1) // 3
    down = (high * high - 1) // 3
    for y in range(high):
        for u in range(1 << lw):
            total = np.int32(512)
            for x in range(wide):
                total += pred[wide * y + x] * matrix[across + wide * u + x]
            half[wide * y + u] = total >> np.int32(10)
    for v in range(1 << lh):
        for u in range(1 << lw):
            total = np.int64(4096)
            for y in range(high):
                total += np.int64(half[wide * y + u]) * matrix[down + high * v + y]
            c = np.int64(block[wide * v + u]) - (total >> 13)
            block[wide * v + u] = np.int32(min(max(c, -LIMIT), LIMIT))


@inner
def add_prediction(pred, lw, lh, plane, top, left):
    wide = 8 << lw
    for y in range(8 << lh):
        for x in range(wide):
            plane[top + y, left + x] = to_int16(
                np.int32(plane[top + y, left + x]) + pred[wide * y + x]
            )
