"""Weak deblocking of a plane. Clause `lossy.deblock`.

Checked by the wrapper: plane has 8 samples for each square both ways, lines int32[64].
Proof of indices: an edge at 8 * j, 1 <= j < columns, reads and writes columns 8 * j - 4..8 * j + 3.
Vertical edges change 3 samples a side and read 4, so edges do not see each other's samples.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import block_step
from pil_dctz.lossy.contexts_kernels import BLOCKS, COLUMNS, OWNERS, ROWS, map_level
from pil_dctz.transform.decoder.dct_kernels import shifted, to_int16


@inner
def move_of(p3, p2, p1, p0, q0, q1, q2, q3, limit, flat):
    # What the edge itself moves by, 0 where the sides are not flat.
    bend = np.int32(bent(p2, p1, p0) + bent(q2, q1, q0))
    bend = np.int32(bend + np.int32(bent(p3, p2, p1) + bent(q3, q2, q1)))
    # A step of the lines on both sides, taken to the edge itself.
    jump = shifted(np.int32(3) * (q0 - p0) - (q1 - p1), 1)
    return min(max(jump, np.int32(-limit)), limit) if bend < flat else np.int32(0)


@inner
def bent(before, here, after):
    return np.int32(abs(np.int32(before - 2 * here + after)))


@inner
def third(move, parts):
    return shifted(move * np.int32(parts) + np.int32(4), 3)


@inner
def filter_lines(lines, limit, flat):
    # lines int32[64]: eight lines of eight samples along an edge, which lies between the fourth
    # and the fifth. In an array of its own this is vector code.
    for n in range(8):
        p2 = lines[8 + n]
        p1 = lines[16 + n]
        p0 = lines[24 + n]
        q0 = lines[32 + n]
        q1 = lines[40 + n]
        q2 = lines[48 + n]
        move = move_of(lines[n], p2, p1, p0, q0, q1, q2, lines[56 + n], limit, flat)
        lines[8 + n] = to_int16(p2 + third(move, 1))
        lines[16 + n] = to_int16(p1 + third(move, 2))
        lines[24 + n] = to_int16(p0 + third(move, 3))
        lines[32 + n] = to_int16(q0 - third(move, 3))
        lines[40 + n] = to_int16(q1 - third(move, 2))
        lines[48 + n] = to_int16(q2 - third(move, 1))


@inner
def filter_upright(plane, y, x, limit, flat, lines):
    # A vertical edge left of column x, at eight rows.
    for n in range(8):
        row = plane[y + n, x - 4 : x + 4]
        for k in range(8):
            lines[8 * k + n] = np.int32(row[k])
    filter_lines(lines, limit, flat)
    for n in range(8):
        row = plane[y + n, x - 4 : x + 4]
        for k in range(1, 7):
            row[k] = lines[8 * k + n]


@inner
def filter_level(plane, y, x, limit, flat, lines):
    # A horizontal edge above row y, at eight columns.
    for k in range(8):
        row = plane[y - 4 + k, x : x + 8]
        for n in range(8):
            lines[8 * k + n] = np.int32(row[n])
    filter_lines(lines, limit, flat)
    for k in range(1, 7):
        row = plane[y - 4 + k, x : x + 8]
        for n in range(8):
            row[n] = lines[8 * k + n]


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
    " u8ro[:, ::1], int64, int64, int32[::1], int16[:, ::1])"
)
def deblock_plane(
    parts, p, gains, curve, radius, blocks, owners, cells, strength, flatness, lines, plane
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
                    filter_level(plane, 8 * i, 8 * j, limit, flat, lines)
                else:
                    filter_upright(plane, 8 * i, 8 * j, limit, flat, lines)
