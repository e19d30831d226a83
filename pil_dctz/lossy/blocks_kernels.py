"""Blocks of a partition, their steps, and what they give to the picture at 1:8.

Clauses `lossy.partition`, `lossy.steps`, `lossy.values`. Indices: see contexts_kernels.py.
"""

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.contexts_kernels import COLUMNS, LEVELS, SQUARES

LIMIT = 131071
LARGEST_STEP = 1 << 26


@inner
def add_block(blocks, owners, shapes, columns, count, at, i, j, shape):
    # Block number `count` at square (i, j); returns the next number and first level.
    lw = 0
    lh = 0
    if shape == 1 or shape == 3:
        lw = 1
    elif shape == 4 or shape == 6:
        lw = 2
    elif shape == 5:
        lw = 1
    elif shape == 7:
        lw = 3
    if shape == 2 or shape == 3 or shape == 4:
        lh = 1
    elif shape == 5 or shape == 6:
        lh = 2
    elif shape == 7:
        lh = 3
    blocks[count, 0] = i
    blocks[count, 1] = j
    blocks[count, 2] = lw
    blocks[count, 3] = lh
    blocks[count, 4] = shape
    blocks[count, 5] = at
    for y in range(i, i + (1 << lh)):
        for x in range(j, j + (1 << lw)):
            owners[y * columns + x] = count
            shapes[y * columns + x] = shape
    return count + 1, at + (64 << (lw + lh))


@inner
def put_node(blocks, owners, shapes, columns, count, at, i, j, level, kind):
    # lossy.partition: the blocks of a node of 64 (level 0), 32 (1) or 16 (2) samples that is not
    # cut in four: 1 whole, 2 one above the other, 3 side by side.
    if level == 0:
        return add_block(blocks, owners, shapes, columns, count, at, i, j, 7)
    first = 1 if level == 2 else 4
    half = 1 if level == 2 else 2
    if kind == 1:
        return add_block(blocks, owners, shapes, columns, count, at, i, j, first + 2)
    shape = first + kind - 2
    count, at = add_block(blocks, owners, shapes, columns, count, at, i, j, shape)
    y = i + half if kind == 2 else i
    x = j + half if kind == 3 else j
    return add_block(blocks, owners, shapes, columns, count, at, y, x, shape)


@inner
def block_step(gain, curve, p, radius):
    # lossy.steps: in 1/1024 unit. Width: gain < 2^39, curve < 2^13 or, explicit, 2^37 and 2^16.
    step = (gain * np.int64(curve[p, radius]) + (1 << 26)) >> 27
    return min(max(step, 1), LARGEST_STEP)


@inner
def coefficient(level, step):
    # lossy.coefficient. Width: 2^15 * 2^26.
    value = (np.int64(level) * step + 8) >> 4
    return np.int32(min(max(value, -LIMIT), LIMIT))


@inner
def put_values(
    levels, parts, p, blocks, row, mean, gain, curve, radii, layout, matrix, values, scratch
):  # fmt: skip
    # lossy.values: the block's squares of the picture at 1:8. scratch int32[128].
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    columns = parts[p, COLUMNS]
    square = parts[p, SQUARES] + np.int64(blocks[row, 0]) * columns + np.int64(blocks[row, 1])
    if lw + lh == 0:
        values[square] = mean
        return
    offset = np.int64(layout[np.int64(blocks[row, 4]), 2])
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    wide = 1 << lw
    high = 1 << lh
    across = (wide * wide - 1) // 3
    down = (high * high - 1) // 3
    for v in range(high):
        for x in range(wide):
            scratch[8 * v + x] = 0
        for u in range(wide):
            c = np.int32(mean)
            if u + v > 0:
                place = 8 * wide * v + u
                level = np.int64(levels[own + place])
                if level == 0:
                    continue
                step = block_step(gain, curve, p, np.int64(radii[offset + place]))
                c = coefficient(level, step)
            for x in range(wide):
                scratch[8 * v + x] += c * matrix[across + wide * u + x]
        for x in range(wide):
            h = (scratch[8 * v + x] + np.int32(1024)) >> np.int32(11)
            scratch[8 * v + x] = min(max(h, np.int32(-LIMIT)), np.int32(LIMIT))
    for y in range(high):
        for x in range(wide):
            total = np.int32(1024)
            for v in range(high):
                total += scratch[8 * v + x] * matrix[down + high * v + y]
            d = total >> np.int32(11)
            values[square + y * columns + x] = min(max(d, np.int32(-LIMIT)), np.int32(LIMIT))
