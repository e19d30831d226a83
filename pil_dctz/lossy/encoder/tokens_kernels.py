"""Levels to rANS operations, in the order of the parser. Clauses `lossy.low`, `lossy.high`.

Checked by the wrapper: arrays as in decoder/parse_kernels.py, and `operations` holds enough for
the worst case: cells + 4 a block for the low stream, blocks + 4 * 63 a block for the high one.
"""

import numpy as np

from pil_dctz.entropy.encoder.rans_kernels import raw_operation, symbol_operation
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import (
    AREA,
    ORIGIN,
    bit_length,
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


@inner
def token_of(magnitude):
    # lossy.magnitude, for 0..32767.
    if magnitude < 8:
        return magnitude
    if magnitude >= 128:
        return 16
    e = bit_length(magnitude) - 1
    return 8 + 2 * (e - 3) + ((magnitude >> (e - 1)) & 1)


@inner
def raw_bits_of(magnitude):
    # Raw bits after the token, the sign included.
    if magnitude < 8:
        return 1 if magnitude > 0 else 0
    e = bit_length(magnitude) - 1
    return e if magnitude < 128 else e + 4


@inner
def put_level(operations, count, sums, table, level):
    # lossy.magnitude: token, raw bits, sign.
    magnitude = abs(level)
    token = token_of(magnitude)
    operations[count] = symbol_operation(sums, table, token)
    count += 1
    if magnitude == 0:
        return count
    if token >= 8:
        e = bit_length(magnitude) - 1
        if token == 16:
            operations[count] = raw_operation(e - 7, 3)
            operations[count + 1] = raw_operation(magnitude - (1 << e), e)
            count += 2
        else:
            operations[count] = raw_operation(magnitude & ((1 << (e - 1)) - 1), e - 1)
            count += 1
    operations[count] = raw_operation(1 if level < 0 else 0, 1)
    return count + 1


@kernel(
    "int64(i64ro[:, ::1], i32ro[:, ::1], boolean, boolean, u16ro[:, ::1], u16ro[:, ::1],"
    " u8ro[::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[::1], i32ro[::1], int64[::1],"
    " uint32[::1])"
)
def low_operations(
    grid, steps, has_map, cross, map_sums, dc_sums,
    dc_tables, weights, thresholds, cells, values, residuals, inputs, operations,
):  # fmt: skip
    count = 0
    if has_map:
        for i in range(cells.shape[0]):
            for j in range(cells.shape[1]):
                row = map_context(cells, i, j)
                operations[count] = symbol_operation(map_sums, row, np.int64(cells[i, j]))
                count += 1
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        for i in range(grid[p, 1]):
            for j in range(columns):
                step = np.int64(steps[cell_level(cells, grid, p, i, j), p])
                dc_inputs(values, residuals, grid, p, i, j, step, cross, inputs)
                context = dc_context(inputs, weights, thresholds, p)
                residual = np.int64(residuals[grid[p, 2] + i * columns + j])
                table = np.int64(dc_tables[context])
                count = put_level(operations, count, dc_sums, table, residual)
    return count


@kernel(
    "int64(i64ro[:, ::1], i32ro[:, ::1], boolean, u8ro[::1], u8ro[::1],"
    " u16ro[:, ::1], u8ro[::1], i32ro[:, ::1], u16ro[:, ::1], u8ro[::1], i32ro[:, :, ::1],"
    " u8ro[::1], u8ro[:, ::1], u8ro[:, ::1], i32ro[::1], i32ro[::1], u8ro[::1], i16ro[::1],"
    " int64[::1], int32[::1], uint32[::1])"
)
def high_operations(
    grid, steps, cross, scan, end_places,
    end_sums, end_tables, end_weights, level_sums, tables, weights, classes, extents,
    cells, values, residuals, ends, levels, inputs, scratch, operations,
):  # fmt: skip
    # inputs int64[9]; scratch int32[2 * 144], begins as zeros.
    expected = scratch[:AREA]
    sums = scratch[AREA:]
    done = 0
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
                end = np.int64(ends[b])
                operations[done] = symbol_operation(end_sums, table, end)
                done += 1
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
                    table = np.int64(tables[context])
                    q = np.int64(levels[64 * b + place])
                    done = put_level(operations, done, level_sums, table, q)
                    if q != 0:
                        spread(expected, at, abs(q), near)
                        count += 1
    return done
