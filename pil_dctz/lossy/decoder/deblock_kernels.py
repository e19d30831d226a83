"""Weak deblocking of a plane. Clause `lossy.deblock`.

Checked by the wrapper: plane has 8 samples for each block both ways.
Proof of indices: an edge at 8 * j, 1 <= j < columns, reads and writes columns 8 * j - 4..8 * j + 3.
Vertical edges change 3 samples a side and read 4, so edges do not see each other's samples.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import cell_level


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


@kernel("void(i64ro[:, ::1], int64, i32ro[:, :, ::1], u8ro[:, ::1], int64, int64, int16[:, ::1])")
def deblock_plane(grid, p, steps, cells, strength, flatness, plane):
    columns = grid[p, 0]
    rows = grid[p, 1]
    for i in range(rows):
        for j in range(1, columns):
            here = np.int64(steps[cell_level(cells, grid, p, i, j), p, 9])
            before = np.int64(steps[cell_level(cells, grid, p, i, j - 1), p, 9])
            step = min(here, before)
            limit = np.int32(min((step * strength) >> 12, 32767))
            flat = np.int32(min((step * flatness) >> 12, 32767))
            for y in range(8 * i, 8 * i + 8):
                filter_edge(plane, y, 8 * j, 0, 1, limit, flat)
    for i in range(1, rows):
        for j in range(columns):
            here = np.int64(steps[cell_level(cells, grid, p, i, j), p, 9])
            before = np.int64(steps[cell_level(cells, grid, p, i - 1, j), p, 9])
            step = min(here, before)
            limit = np.int32(min((step * strength) >> 12, 32767))
            flat = np.int32(min((step * flatness) >> 12, 32767))
            for x in range(8 * j, 8 * j + 8):
                filter_edge(plane, 8 * i, x, 1, 0, limit, flat)
