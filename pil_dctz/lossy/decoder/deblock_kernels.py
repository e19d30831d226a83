"""Weak deblocking of a plane. Clause `lossy.deblock`.

Checked by the wrapper: plane has 8 samples for each square both ways.
Proof of indices: an edge at 8 * j, 1 <= j < columns, reads and writes columns 8 * j - 4..8 * j + 3.
Vertical edges change 3 samples a side and read 4, so edges do not see each other's samples.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import block_step
from pil_dctz.lossy.contexts_kernels import BLOCKS, COLUMNS, OWNERS, ROWS, map_level
from pil_dctz.transform.decoder.dct_kernels import to_int16


@inner
def move_of(p3, p2, p1, p0, q0, q1, q2, q3, limit, flat):
    # What the edge itself moves by, 0 where the sides are not flat.
    bend = abs(p2 - 2 * p1 + p0) + abs(q2 - 2 * q1 + q0)
    bend += abs(p3 - 2 * p2 + p1) + abs(q3 - 2 * q2 + q1)
    # A step of the lines on both sides, taken to the edge itself.
    jump = (np.int32(3) * (q0 - p0) - (q1 - p1)) >> np.int32(1)
    return min(max(jump, -limit), limit) if bend < flat else np.int32(0)


@inner
def third(move, parts):
    return (move * np.int32(parts) + np.int32(4)) >> np.int32(3)


@inner
def filter_row(line, limit, flat):
    # A vertical edge at one row, between line[3] and line[4].
    p2 = np.int32(line[1])
    p1 = np.int32(line[2])
    p0 = np.int32(line[3])
    q0 = np.int32(line[4])
    q1 = np.int32(line[5])
    q2 = np.int32(line[6])
    move = move_of(np.int32(line[0]), p2, p1, p0, q0, q1, q2, np.int32(line[7]), limit, flat)
    if move != 0:
        line[1] = to_int16(p2 + third(move, 1))
        line[2] = to_int16(p1 + third(move, 2))
        line[3] = to_int16(p0 + third(move, 3))
        line[4] = to_int16(q0 - third(move, 3))
        line[5] = to_int16(q1 - third(move, 2))
        line[6] = to_int16(q2 - third(move, 1))


@inner
def filter_lines(plane, y, x, limit, flat):
    # A horizontal edge above row y, at eight columns.
    line3 = plane[y - 4, x : x + 8]
    line2 = plane[y - 3, x : x + 8]
    line1 = plane[y - 2, x : x + 8]
    line0 = plane[y - 1, x : x + 8]
    below0 = plane[y, x : x + 8]
    below1 = plane[y + 1, x : x + 8]
    below2 = plane[y + 2, x : x + 8]
    below3 = plane[y + 3, x : x + 8]
    for n in range(8):
        p2 = np.int32(line2[n])
        p1 = np.int32(line1[n])
        p0 = np.int32(line0[n])
        q0 = np.int32(below0[n])
        q1 = np.int32(below1[n])
        q2 = np.int32(below2[n])
        move = move_of(np.int32(line3[n]), p2, p1, p0, q0, q1, q2, np.int32(below3[n]), limit, flat)
        line2[n] = to_int16(p2 + third(move, 1))
        line1[n] = to_int16(p1 + third(move, 2))
        line0[n] = to_int16(p0 + third(move, 3))
        below0[n] = to_int16(q0 - third(move, 3))
        below1[n] = to_int16(q1 - third(move, 2))
        below2[n] = to_int16(q2 - third(move, 1))


@inner
def square_step(parts, p, gains, curve, radius, blocks, cells, row):
    # The step of an 8x8 block's place 9 at the map level of this block, in 1/64 unit.
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    gain = gains[map_level(cells, parts, p, i, j, lw, lh), 0]
    return (block_step(gain, curve, p, radius) + 8) >> 4


@kernel(
    "void(i64ro[:, ::1], int64, i64ro[:, ::1], i32ro[:, ::1], int64, i32ro[:, ::1], i32ro[::1],"
    " u8ro[:, ::1], int64, int64, int16[:, ::1])"
)
def deblock_plane(
    parts, p, gains, curve, radius, blocks, owners, cells, strength, flatness, plane
):  # fmt: skip
    columns = parts[p, COLUMNS]
    rows = parts[p, ROWS]
    first = parts[p, BLOCKS]
    for down in range(2):
        for i in range(down, rows):
            for j in range(1 - down, columns):
                at = parts[p, OWNERS] + i * columns + j
                here = first + np.int64(owners[at])
                before = first + np.int64(owners[at - columns if down else at - 1])
                if here == before:
                    continue
                step = min(
                    square_step(parts, p, gains, curve, radius, blocks, cells, here),
                    square_step(parts, p, gains, curve, radius, blocks, cells, before),
                )
                limit = np.int32(min((step * strength) >> 12, 32767))
                flat = np.int32(min((step * flatness) >> 12, 32767))
                if down:
                    filter_lines(plane, 8 * i, 8 * j, limit, flat)
                    continue
                for n in range(8):
                    filter_row(plane[8 * i + n, 8 * j - 4 : 8 * j + 4], limit, flat)
