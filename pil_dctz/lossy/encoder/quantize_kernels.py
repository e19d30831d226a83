"""Rate-distortion optimized quantization with the real tables' costs. Encoder only.

Cost of a level q for a coefficient x, in steps: (x - q)^2 + trade * bits. Levels are decided in
coding order, so contexts are the coded ones; what they do to later blocks is not weighed.

Checked by the wrapper: arrays as in decoder/parse_kernels.py; `inverse` float32 (13, p, 64) is
64 / step. Proof of indices: as there; cost arrays float32[65] are used at 0..64.
"""

import math

import numpy as np

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
    prepare_block,
    spread,
)
from pil_dctz.lossy.encoder.tokens_kernels import raw_bits_of, token_of

LARGEST = 32767
VALUE_LIMIT = 131071


@inner
def level_bits(bits, table, magnitude):
    return bits[table, token_of(magnitude)] + np.float32(raw_bits_of(magnitude))


@kernel(
    "void(f32ro[::1], i64ro[:, ::1], i32ro[:, ::1], boolean, float32, f32ro[:, ::1],"
    " u8ro[::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], int32[::1], int32[::1], int64[::1])"
)
def quantize_low(
    coefficients, grid, steps, cross, trade, bits,
    dc_tables, weights, thresholds, cells, values, residuals, inputs,
):  # fmt: skip
    # lossy.dc: residuals and predicted values; trade 0: nearest.
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        for i in range(grid[p, 1]):
            for j in range(columns):
                step = np.int64(steps[cell_level(cells, grid, p, i, j), p])
                prediction = dc_inputs(values, residuals, grid, p, i, j, step, cross, inputs)
                context = dc_context(inputs, weights, thresholds, p)
                b = grid[p, 2] + i * columns + j
                target = np.float64(coefficients[64 * b]) * 64.0
                x = (target - prediction) / step
                size = abs(x)
                best = min(np.int64(math.floor(size + 0.5)), LARGEST)
                if trade > 0 and best > 0:
                    table = np.int64(dc_tables[context])
                    lowest = (size - best) ** 2 + trade * level_bits(bits, table, best)
                    below = best - 1
                    cost = (size - below) ** 2 + trade * level_bits(bits, table, below)
                    if cost < lowest:
                        best = below
                residual = -best if x < 0 else best
                residuals[b] = residual
                value = prediction + residual * step
                values[b] = min(max(value, -VALUE_LIMIT), VALUE_LIMIT)


@inner
def class_of(end_places, last):
    # The least end class with scan position `last` below its place.
    end = 0
    while np.int64(end_places[end]) <= last:
        end += 1
    return end


@kernel(
    "void(f32ro[::1], i64ro[:, ::1], i32ro[:, ::1], f32ro[:, :, ::1], boolean, float32, float32,"
    " int64, u8ro[::1], u8ro[::1], f32ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, :, ::1], u8ro[::1], u8ro[:, ::1],"
    " u8ro[:, ::1], i32ro[::1], i32ro[::1], uint8[::1], int16[::1], int64[::1], int32[::1],"
    " float32[:, ::1])"
)
def quantize_high(
    coefficients, grid, steps, inverse, cross, trade, rounding,
    passes, scan, end_places, end_bits, end_tables, end_weights,
    bits, tables, weights, classes, extents,
    cells, values, residuals, ends, levels, inputs, scratch, costs,
):  # fmt: skip
    # passes 0: round x + rounding down, no costs. Otherwise so many times over each block.
    # levels begins as zeros, scratch int32[3 * 144] too; inputs int64[9]; costs float32 (2, 65).
    expected = scratch[:AREA]
    sums = scratch[AREA : 2 * AREA]
    begun = scratch[2 * AREA :]
    sizes = costs[0]
    coded = costs[1]
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        near = weights[min(p, 2)]
        for i in range(grid[p, 1]):
            for j in range(columns):
                b = grid[p, 2] + i * columns + j
                level = cell_level(cells, grid, p, i, j)
                last = 0
                for k in range(1, 64):
                    place = np.int64(scan[k])
                    size = abs(coefficients[64 * b + place]) * inverse[level, p, place]
                    sizes[k] = size
                    if size + rounding >= np.float32(1.0):
                        last = k
                if last == 0:
                    ends[b] = 0
                    continue
                if passes == 0:
                    for k in range(1, last + 1):
                        place = np.int64(scan[k])
                        q = min(np.int64(sizes[k] + rounding), LARGEST)
                        levels[64 * b + place] = -q if coefficients[64 * b + place] < 0 else q
                    ends[b] = class_of(end_places, last)
                    continue
                step = np.int64(steps[level, p])
                end_inputs(values, residuals, ends, level, grid, p, i, j, step, cross, inputs)
                end_table = np.int64(end_tables[end_context(inputs, end_weights, p)])
                end = class_of(end_places, last)
                rows = np.int64(extents[end, 1])
                prepare_block(levels, grid, p, i, j, cross, rows, weights, sums, begun)
                for turn in range(passes):
                    reach = np.int64(end_places[end])
                    for n in range(AREA):
                        expected[n] = begun[n]
                    count = np.int64(0)
                    for k in range(reach - 1, 0, -1):
                        place = np.int64(scan[k])
                        at = 12 * (place >> 3) + (place & 7) + ORIGIN
                        context = level_context(
                            expected, at, k, count, k == reach - 1, p, near, classes
                        )
                        table = np.int64(tables[context])
                        size = sizes[k]
                        best = np.int64(0)
                        lowest = size * size + trade * bits[table, 0]
                        highest = min(np.int64(size + np.float32(0.5)), LARGEST)
                        for q in range(max(highest - 1, 1), highest + 1):
                            miss = size - np.float32(q)
                            cost = miss * miss + trade * level_bits(bits, table, q)
                            if cost < lowest:
                                lowest = cost
                                best = q
                        coded[k] = lowest
                        index = 64 * b + place
                        levels[index] = -best if coefficients[index] < 0 else best
                        if best > 0:
                            spread(expected, at, best, near)
                            count += 1
                    # The best end: what lies beyond it costs its whole energy.
                    total = np.float32(0.0)
                    for k in range(1, reach):
                        total += sizes[k] * sizes[k]
                    shortest = 0
                    lowest = total + trade * end_bits[end_table, 0]
                    k = 1
                    for candidate in range(1, end + 1):
                        while k < np.int64(end_places[candidate]):
                            total += coded[k] - sizes[k] * sizes[k]
                            k += 1
                        cost = total + trade * end_bits[end_table, candidate]
                        if cost < lowest:
                            lowest = cost
                            shortest = candidate
                    for k in range(np.int64(end_places[shortest]), reach):
                        levels[64 * b + np.int64(scan[k])] = 0
                    end = shortest
                    if end == 0:
                        break
                ends[b] = end
