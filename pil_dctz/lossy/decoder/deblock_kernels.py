"""Weak deblocking of a plane. Clause `lossy.deblock`.

Checked by the wrapper: plane has 8 samples for each square both ways.
Proof of indices: an edge at 8 * j, 1 <= j < columns, reads and writes columns 8 * j - 4..8 * j + 3.
Vertical edges change 3 samples a side and read 4, so edges do not see each other's samples.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import block_step
from pil_dctz.lossy.contexts_kernels import BLOCKS, COLUMNS, OWNERS, ROWS, map_level


@inner
def filter_edge(plane, y, x, dy, dx, limit, flat):
    # The edge lies between (y, x) - (dy, dx) and (y, x). |samples| <= 2^15: int32 is enough.
    p3 = np.int32(plane[y - 4 * dy, x - 4 * dx])
    p2 = np.int32(plane[y - 3 * dy, x - 3 * dx])
    p1 = np.int32(plane[y - 2 * dy, x - 2 * dx])
    p0 = np.int32(plane[y - dy, x - dx])
    q0 = np.int32(plane[y, x])
    q1 = np.int32(plane[y + dy, x + dx])
    q2 = np.int32(plane[y + 2 * dy, x + 2 * dx])
    q3 = np.int32(plane[y + 3 * dy, x + 3 * dx])
    bend = abs(p2 - 2 * p1 + p0) + abs(q2 - 2 * q1 + q0)
    bend += abs(p3 - 2 * p2 + p1) + abs(q3 - 2 * q2 + q1)
    if bend >= flat:
        return
    # A step of the lines on both sides, taken to the edge itself.
    jump = (3 * (q0 - p0) - (q1 - p1)) >> 1
    move = min(max(jump, -limit), limit)
    plane[y - dy, x - dx] = clamp16(p0 + ((move * 3 + 4) >> 3))
    plane[y - 2 * dy, x - 2 * dx] = clamp16(p1 + ((move * 2 + 4) >> 3))
    plane[y - 3 * dy, x - 3 * dx] = clamp16(p2 + ((move + 4) >> 3))
    plane[y, x] = clamp16(q0 - ((move * 3 + 4) >> 3))
    plane[y + dy, x + dx] = clamp16(q1 - ((move * 2 + 4) >> 3))
    plane[y + 2 * dy, x + 2 * dx] = clamp16(q2 - ((move + 4) >> 3))


@inner
def clamp16(value):
    return min(max(value, -32768), 32767)


@inner
def edge_step(parts, p, gains, curve, radius, blocks, cells, row):
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
                    edge_step(parts, p, gains, curve, radius, blocks, cells, here),
                    edge_step(parts, p, gains, curve, radius, blocks, cells, before),
                )
                limit = np.int32(min((step * strength) >> 12, 32767))
                flat = np.int32(min((step * flatness) >> 12, 32767))
                for n in range(8):
                    if down:
                        filter_edge(plane, 8 * i, 8 * j + n, 1, 0, limit, flat)
                    else:
                        filter_edge(plane, 8 * i + n, 8 * j, 0, 1, limit, flat)
