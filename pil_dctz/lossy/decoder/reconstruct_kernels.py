"""Levels to planes. Clauses `lossy.coefficient`, `transform.inverse`, `transform.mean`.

Checked by the wrapper: levels has 64 places and values, ends one for each block of the grid;
out is 8 / scale samples for each block, both ways; extents uint8 (16, 2).
Proof of indices: block numbers as in contexts_kernels.py; ends are 0..15 (an alphabet of 16).
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import cell_level
from pil_dctz.transform.decoder.dct_kernels import inverse, inverse_reduced, to_int16

LIMIT = 131071


@inner
def coefficient(level, step):
    # Width: 2^15 * 2^22 < 2^38 before the clamp.
    return np.int32(min(max(np.int64(level) * np.int64(step), -LIMIT), LIMIT))


@kernel(
    "void(i64ro[:, ::1], int64, i32ro[:, :, ::1], i32ro[::1], u8ro[:, ::1], i32ro[::1], u8ro[::1],"
    " i16ro[::1], u8ro[:, ::1], i32ro[::1], int64, int32[::1], int16[:, ::1])"
)
def reconstruct_plane(
    grid, p, steps, dc_scales, cells, values, ends, levels, extents, matrix, scale, scratch, out
):  # fmt: skip
    # scratch int32[128]. At scale 8 levels and ends are not read.
    block = scratch[:64]
    half = scratch[64:]
    columns = grid[p, 0]
    n = 8 // scale
    for i in range(grid[p, 1]):
        for j in range(columns):
            b = grid[p, 2] + i * columns + j
            mean = coefficient(values[b], dc_scales[p])
            if scale == 8:
                out[i, j] = to_int16((mean + np.int32(16)) >> 5)
                continue
            end = np.int64(ends[b])
            if end == 0 and scale == 1:
                flat = to_int16((((mean * 1448 + 8192) >> 14) * 1448 + 2048) >> 12)
                for y in range(8):
                    for x in range(8):
                        out[8 * i + y, 8 * j + x] = flat
                continue
            level = cell_level(cells, grid, p, i, j)
            wide = np.int64(extents[end, 0])
            high = np.int64(extents[end, 1])
            for v in range(high):
                for u in range(wide):
                    place = 8 * v + u
                    q = np.int64(levels[64 * b + place])
                    block[place] = coefficient(q, steps[level, p, place]) if q != 0 else 0
            block[0] = mean
            if scale == 1:
                inverse(block, high, wide, matrix, half, out, 8 * i, 8 * j)
            else:
                for v in range(n):
                    for u in range(n):
                        if v >= high or u >= wide:
                            block[8 * v + u] = 0
                offset = 64 if n == 4 else 80
                shift = 13 if n == 4 else 14
                inverse_reduced(block, n, offset, shift, matrix, half, out, n * i, n * j)
