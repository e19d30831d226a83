"""Sub-streams of a segment to levels: no sample is touched. Clauses `lossy.low`, `lossy.high`.

Checked by the wrapper (parse.py): data.size >= 8; cells (rows, columns) of the map; `values` and
`residuals` have a place for each block, `levels` 64; histograms, maps and weights are the normative
tables, whose shapes and ranges the loader tested: every context is below the map's size and every
entry of a map below the number of histograms. Grid as `coding_grid` makes it.

Status: 0, or 1 where the bytes end too early, or 2 where they do not end as they must.
Work: blocks x at most 64 places; each row of blocks tests that the bytes have not run out.
"""

import numpy as np

from pil_dctz.entropy.decoder.rans_kernels import begin, decode_raw, decode_symbol, ended
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import (
    AREA,
    ORIGIN,
    cell_level,
    dc_context,
    dc_inputs,
    end_context,
    end_inputs,
    level_context,
    map_context,
    prepare_block,
    spread,
)

SHORT = 1
LEFT_OVER = 2
VALUE_LIMIT = 131071


@inner
def decode_magnitude(data, x, y, position, token):
    # lossy.magnitude, of tokens 8..16: (magnitude, x, y, position). At most 32767.
    if token < 16:
        n = 2 + ((token - 8) >> 1)
        extra, x, y, position = decode_raw(data, x, y, position, n)
        return ((2 + (token & 1)) << n) + extra, x, y, position
    n, x, y, position = decode_raw(data, x, y, position, 3)
    n += 7
    extra, x, y, position = decode_raw(data, x, y, position, n)
    return (np.int64(1) << n) + extra, x, y, position


@kernel(
    "int64(u8ro[::1], i64ro[:, ::1], i32ro[:, ::1], boolean, boolean,"
    " u16ro[:, ::1], u8ro[:, ::1], u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " i32ro[::1], uint8[:, ::1], int32[::1], int32[::1], int64[::1])"
)
def parse_low(
    data, grid, steps, has_map, cross,
    map_sums, map_coarse, dc_sums, dc_coarse, dc_tables, weights,
    thresholds, cells, values, residuals, inputs,
):  # fmt: skip
    # lossy.low: the map, then the DC of each plane. `cells` begins as zeros;
    # inputs is int64[12].
    x, y, position = begin(data)
    size = data.shape[0]
    if has_map:
        for i in range(cells.shape[0]):
            for j in range(cells.shape[1]):
                row = map_context(cells, i, j)
                value, x, y, position = decode_symbol(
                    data, x, y, position, map_sums, map_coarse, row
                )
                cells[i, j] = value
            if position > size:
                return SHORT
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        for i in range(grid[p, 1]):
            for j in range(columns):
                step = np.int64(steps[cell_level(cells, grid, p, i, j), p])
                value = dc_inputs(values, residuals, grid, p, i, j, step, cross, inputs)
                context = dc_context(inputs, weights, thresholds, p)
                magnitude, x, y, position = decode_symbol(
                    data, x, y, position, dc_sums, dc_coarse, np.int64(dc_tables[context])
                )
                b = grid[p, 2] + i * columns + j
                residual = np.int64(0)
                if magnitude > 0:
                    if magnitude > 7:
                        magnitude, x, y, position = decode_magnitude(
                            data, x, y, position, magnitude
                        )
                    negative, x, y, position = decode_raw(data, x, y, position, 1)
                    residual = -magnitude if negative else magnitude
                    value = min(max(value + residual * step, -VALUE_LIMIT), VALUE_LIMIT)
                residuals[b] = residual
                values[b] = value
            if position > size:
                return SHORT
    return 0 if ended(data, x, y, position) else LEFT_OVER


@kernel(
    "int64(u8ro[::1], i64ro[:, ::1], i32ro[:, ::1], boolean, u8ro[::1], u8ro[::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, :, ::1], u8ro[::1], u8ro[:, ::1],"
    " u8ro[:, ::1], i32ro[::1], i32ro[::1], uint8[::1], int16[::1], int64[::1], int32[::1])"
)
def parse_high(
    data, grid, steps, cross, scan, end_places,
    end_sums, end_coarse, end_tables, end_weights,
    level_sums, coarse, tables, weights, classes, extents,
    cells, values, residuals, ends, levels, inputs, scratch,
):  # fmt: skip
    # lossy.high: for each plane, for each block: end class, then levels in reverse scan order.
    # `levels` begins as zeros, scratch int32[2 * 144] too; inputs is int64[9]; extents uint8
    # (16, 2) bounds the columns and rows of each end class.
    x, y, position = begin(data)
    size = data.shape[0]
    expected = scratch[:AREA]
    sums = scratch[AREA:]
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        near = weights[min(p, 2)]
        for i in range(grid[p, 1]):
            for j in range(columns):
                b = grid[p, 2] + i * columns + j
                level = cell_level(cells, grid, p, i, j)
                step = np.int64(steps[level, p])
                end_inputs(values, residuals, ends, level, grid, p, i, j, step, cross, inputs)
                table = np.int64(end_tables[end_context(inputs, end_weights, p)])
                end, x, y, position = decode_symbol(
                    data, x, y, position, end_sums, end_coarse, table
                )
                ends[b] = end
                if end == 0:
                    continue
                rows = np.int64(extents[end, 1])
                prepare_block(levels, grid, p, i, j, cross, rows, weights, sums, expected)
                last = np.int64(end_places[end]) - 1
                count = np.int64(0)
                for k in range(last, 0, -1):
                    place = np.int64(scan[k])
                    at = 12 * (place >> 3) + (place & 7) + ORIGIN
                    context = level_context(expected, at, k, count, k == last, p, near, classes)
                    magnitude, x, y, position = decode_symbol(
                        data, x, y, position, level_sums, coarse, np.int64(tables[context])
                    )
                    if magnitude > 0:
                        if magnitude > 7:
                            magnitude, x, y, position = decode_magnitude(
                                data, x, y, position, magnitude
                            )
                        negative, x, y, position = decode_raw(data, x, y, position, 1)
                        levels[64 * b + place] = -magnitude if negative else magnitude
                        spread(expected, at, magnitude, near)
                        count += 1
            if position > size:
                return SHORT
    return 0 if ended(data, x, y, position) else LEFT_OVER
