"""Sums and contexts that decoder and encoder of prediction compute alike. Chapter 9a.

Plane buffers are flat: sample (x, y) of plane p is at origin + p * plane_size + y * stride + x,
with PAD = 4 columns on both sides, 3 rows above and 2 below, and the grid padded to whole 8x8
blocks. A tap is a fixed distance in the buffer.

Proof of indices, for all functions here: taps and energies reach 3 columns aside, 3 rows above
and 2 below (`prediction.taps`, sizes by `SegmentGrid`), so an access for a sample inside the
padded grid stays inside the buffer; taps that reach another plane stay inside that plane likewise.
"""

import numpy as np

from pil_dctz.kernels.declare import inner

PAD = 4
ABOVE = 3
BELOW = 2
BLOCK = 8
SPLIT = 8  # levels whose contexts know the half of the prediction's fraction
# Masking with it changes no index; the compiler then knows that none is negative, drops numba's
# test for indices from the end, and uses vector instructions.
INDEX = 0xFFFFFFFFFFF

# Indices of the geometry array that the wrappers fill.
WIDTH, HEIGHT, COLUMNS, ROWS, STRIDE, PLANE_SIZE, ORIGIN = 0, 1, 2, 3, 4, 5, 6


@inner
def pad_left(buffer, at, y, stride):
    # Clause prediction.edges, x < 0 of row y whose sample 0 is at `at`; for row 0 once it is known.
    value = buffer[at - stride] if y > 0 else buffer[at]
    for k in range(1, PAD + 1):
        buffer[at - k] = value


@inner
def pad_right(buffer, at, width):
    # x >= w of the row whose sample 0 is at `at`.
    value = buffer[at + width - 1]
    for k in range(PAD):
        buffer[at + width + k] = value


@inner
def copy_row(buffer, source, to, count):
    for k in range(count):
        buffer[to + k] = buffer[source + k]


@inner
def pad_above(buffer, at, stride, width):
    # Rows above row 0, with its pads.
    for row in range(1, ABOVE + 1):
        copy_row(buffer, at - PAD, at - PAD - row * stride, width + 2 * PAD)


@inner
def pad_below(buffer, at, stride, width):
    # Rows below the last row, which begins at `at`, with its pads.
    for row in range(1, BELOW + 1):
        copy_row(buffer, at - PAD, at - PAD + row * stride, width + 2 * PAD)


@inner
def pad_plane(buffer, at, stride, width, height):
    # All pads of a plane whose samples are all known.
    for y in range(height):
        row = at + y * stride
        pad_left(buffer, row, y, stride)
        pad_right(buffer, row, width)
    pad_above(buffer, at, stride, width)
    pad_below(buffer, at + (height - 1) * stride, stride, width)


@inner
def spread_taps(blocks, by, coefficients, count, sums, stride):
    # The coefficients of every sample in the rows of the blocks `by`, for add_taps: tap t of sample
    # x at sums[(1 + t) * stride + x]; 0 where a block has no class. coefficients: (K, taps).
    for t in range(count):
        row = (1 + t) * stride
        for bx in range(blocks.shape[1]):
            k = np.int64(blocks[by, bx])
            c = coefficients[k, t] if k >= 0 else np.int32(0)
            for i in range(BLOCK):
                sums[(row + bx * BLOCK + i) & INDEX] = c


@inner
def is_far(blocks, by):
    # No block in the rows by - 1 .. by + 1 has a class: nothing is read there, nor pads.
    for row in range(max(by - 1, 0), min(by + 2, blocks.shape[0])):
        for bx in range(blocks.shape[1]):
            if blocks[row, bx] >= 0:
                return False
    return True


@inner
def span_of(blocks, by, width):
    # The first sample and the end of what blocks with a class cover in the row `by` of them.
    begin = np.int64(0)
    columns = blocks.shape[1]
    while begin < columns and blocks[by, begin] < 0:
        begin += 1
    end = columns
    while end > begin and blocks[by, end - 1] < 0:
        end -= 1
    return begin * BLOCK, min(end * BLOCK, width)


@inner
def add_taps(samples, at, offsets, count, sums, stride, begin, end):
    # sums[x] = sum of the first `count` taps at sample x of a row, begin <= x < end; `at`: its
    # sample 0. count is a multiple of 4. Whole rows, four taps at a time, because only long loops
    # become vectors: 4 times as fast as block by block. sums: (1 + taps) * stride, see spread_taps.
    width = end - begin  # loops from 0 on: with another start they are no vectors
    to = begin & INDEX
    at += begin
    for x in range(width):
        sums[to + x] = 0
    for t in range(0, count, 4):
        c0 = ((1 + t) * stride + begin) & INDEX
        c1 = (c0 + stride) & INDEX
        c2 = (c1 + stride) & INDEX
        c3 = (c2 + stride) & INDEX
        p0 = (at + offsets[t]) & INDEX
        p1 = (at + offsets[t + 1]) & INDEX
        p2 = (at + offsets[t + 2]) & INDEX
        p3 = (at + offsets[t + 3]) & INDEX
        for x in range(width):
            sums[to + x] += (
                sums[c0 + x] * samples[p0 + x]
                + sums[c1 + x] * samples[p1 + x]
                + sums[c2 + x] * samples[p2 + x]
                + sums[c3 + x] * samples[p3 + x]
            )


@inner
def west_weights(weights, y, above):
    # What the energies of row y take of W and WW (clause prediction.energy); row 0 has W alone.
    if above:
        return np.int64(0), np.int64(0)
    if y > 0:
        return np.int64(weights[0]), np.int64(weights[4])
    return own_weight(weights), np.int64(0)


@inner
def own_weight(weights):
    total = np.int64(0)
    for k in range(10):
        total += weights[k]
    return total


@inner
def add_energy(sizes, at, stride, plane_size, plane, y, weights, above, energy, begin, end):
    # energy[x], begin <= x < end, of row y but for W and WW (clause prediction.energy); for y = 0
    # all of the own part is missing, unless `above`. `at`: sample 0 of the row in this plane.
    # Weights are int32: with int64 these loops take three times as long.
    width = end - begin
    to = begin & INDEX
    row = (at + begin) & INDEX
    if y > 0:
        u1, u2, u3, u5 = weights[1], weights[2], weights[3], weights[5]
        u6, u7, u8, u9 = weights[6], weights[7], weights[8], weights[9]
        n = (row - stride) & INDEX
        nw = (n - 1) & INDEX
        nww = (n - 2) & INDEX
        nn = (n - stride) & INDEX
        nnw = (nn - 1) & INDEX
        for x in range(width):
            energy[to + x] = (
                u1 * sizes[n + x]
                + u2 * sizes[nw + x]
                + u3 * sizes[n + 1 + x]
                + u5 * sizes[nn + x]
                + u6 * sizes[n + 2 + x]
                + u7 * sizes[nww + x]
                + u8 * sizes[nn + 1 + x]
                + u9 * sizes[nnw + x]
            )
    else:
        start = 4 * own_weight(weights) if above else np.int64(0)
        for x in range(width):
            energy[to + x] = start
    if plane > 0:
        first = (row - plane * plane_size) & INDEX
        v0, v1, v2 = weights[10], weights[11], weights[12]
        for x in range(width):
            energy[to + x] += (
                v0 * sizes[first + x] + v1 * sizes[first + 1 + x] + v2 * sizes[first + stride + x]
            )
    if plane == 2:
        second = (row - plane_size) & INDEX
        t0, t1, t2 = weights[13], weights[14], weights[15]
        for x in range(width):
            energy[to + x] += (
                t0 * sizes[second + x]
                + t1 * sizes[second + 1 + x]
                + t2 * sizes[second + stride + x]
            )


@inner
def context_of(energy, rows, place, half):
    # Clauses prediction.energy, prediction.context, within a plane. rows: (8192,) of row_table;
    # half: 0 or 1. Energies are 0 or more. Proof: rows' entries are twice the first context of a
    # row, plus 1 where the next row is that of half 1; place < 20.
    e = energy + 8
    if e >= 4096:
        e = 4096 + min(e >> 8, 4095)
    entry = np.int64(rows[e & 8191])
    return (entry >> 1) + 20 * (entry & half) + place


@inner
def place_of(d_west, d_north, unit):
    # w * 5 + n of clause prediction.context, d_west >= 0. unit: half a step, in 1/128.
    w = np.int64(d_west >= unit) + np.int64(d_west >= 3 * unit) + np.int64(d_west >= 7 * unit)
    sign = d_north >> 63
    size = (d_north ^ sign) - sign
    q = np.int64(size >= unit) + np.int64(size >= 3 * unit)
    return w * 5 + 2 + ((q ^ sign) - sign)
