"""Counts what the coder meets in quantized segments; gathers normal equations of its weights."""

from __future__ import annotations

import numpy as np
from numba import njit

from pil_dctz.lossy.contexts_kernels import (
    AREA,
    BANDS,
    DC_INPUTS,
    END_INPUTS,
    INPUTS,
    ORIGIN,
    band_of,
    cell_level,
    dc_context,
    dc_inputs,
    end_context,
    end_inputs,
    expected_magnitude,
    level_context,
    map_context,
    prepare_block,
    spread,
)
from pil_dctz.lossy.encoder.tokens_kernels import token_of

#: Weights (input, plane, input, place) that are 1 for one input alone: they read the inputs off.
UNITS = np.zeros((INPUTS, 3, INPUTS, AREA), np.int32)
for n in range(INPUTS):
    UNITS[n, :, n, :] = 1


@njit(nogil=True)
def collect_low(
    grid, steps, cross, weights, thresholds, cells, values, residuals,
    share, map_counts, dc_counts, matrices, rights,
):  # fmt: skip
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            map_counts[map_context(cells, i, j), cells[i, j]] += share
    x = np.zeros(DC_INPUTS, np.int64)
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        for i in range(grid[p, 1]):
            for j in range(columns):
                step = np.int64(steps[cell_level(cells, grid, p, i, j), p])
                dc_inputs(values, residuals, grid, p, i, j, step, cross, x)
                context = dc_context(x, weights, thresholds, p)
                size = abs(np.int64(residuals[grid[p, 2] + i * columns + j]))
                dc_counts[context, token_of(size)] += share
                expected = 0.0
                for n in range(DC_INPUTS):
                    expected += weights[p, n] * x[n]
                weight = share * (max(expected, 0.0) / 256.0 + 0.1) ** -1.7
                for n in range(DC_INPUTS):
                    rights[p, n] += weight * x[n] * min(size, 2000)
                    for o in range(DC_INPUTS):
                        matrices[p, n, o] += weight * x[n] * x[o]


@njit(nogil=True)
def collect_high(
    grid, steps, cross, scan, end_places, end_weights, weights, classes, units,
    cells, values, residuals, ends, levels,
    share, end_counts, end_matrices, end_rights, counts, matrices, rights,
):  # fmt: skip
    expected = np.zeros((INPUTS + 1, AREA), np.int32)
    sums = np.zeros(AREA, np.int32)
    inputs = np.zeros(END_INPUTS, np.int64)
    x = np.zeros(INPUTS)
    for p in range(grid.shape[0]):
        columns = grid[p, 0]
        for i in range(grid[p, 1]):
            for j in range(columns):
                b = grid[p, 2] + i * columns + j
                level = cell_level(cells, grid, p, i, j)
                step = np.int64(steps[level, p])
                end_inputs(values, residuals, ends, level, grid, p, i, j, step, cross, inputs)
                end = np.int64(ends[b])
                end_counts[end_context(inputs, end_weights, p), end] += share
                for n in range(END_INPUTS):
                    end_rights[p, n] += share * inputs[n] * end
                    for o in range(END_INPUTS):
                        end_matrices[p, n, o] += share * inputs[n] * inputs[o]
                if end == 0:
                    continue
                near = weights[p]
                prepare_block(levels, grid, p, i, j, cross, 8, weights, sums, expected[INPUTS])
                for n in range(INPUTS):
                    prepare_block(levels, grid, p, i, j, cross, 8, units[n], sums, expected[n])
                last = np.int64(end_places[end]) - 1
                count = np.int64(0)
                for k in range(last, 0, -1):
                    place = np.int64(scan[k])
                    row = BANDS * p + band_of(k)
                    at = 12 * (place >> 3) + (place & 7) + ORIGIN
                    first = k == last
                    m = expected_magnitude(expected[INPUTS], at, count, first, near)
                    context = level_context(expected[INPUTS], at, k, count, first, p, near, classes)
                    size = abs(np.int64(levels[64 * b + place]))
                    counts[context, token_of(size)] += share
                    for n in range(INPUTS):
                        x[n] = expected_magnitude(expected[n], at, count, first, units[n, p])
                    weight = share * (m / 256.0 + 0.1) ** -1.7
                    for n in range(INPUTS):
                        rights[row, n] += weight * x[n] * min(size, 255)
                        for o in range(n + 1):
                            matrices[row, n, o] += weight * x[n] * x[o]
                    if size > 0:
                        spread(expected[INPUTS], at, size, near)
                        for n in range(INPUTS):
                            spread(expected[n], at, size, units[n, p])
                        count += 1
