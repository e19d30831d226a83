"""Fitting classes of predictors: regression rows, costs, the class map. Encoder only, floats.

Index proofs: `places` are the top left samples of 8x8 blocks inside the padded grid (wrapper), so
taps stay inside the buffers (see `lossless/prediction_kernels.py`). Fine levels are below
tables.shape[0] or 255; cost indices are limited to the last column.
"""

import numpy as np

from pil_dctz.kernels.declare import kernel
from pil_dctz.lossless.prediction_kernels import BLOCK, COLUMNS, HEIGHT, INDEX, STRIDE, WIDTH

NO_LEVEL = 255


@kernel(
    "int64(i32ro[::1], u8ro[::1], i64ro[::1], int64, int64, i64ro[::1], i64ro[::1], f32ro[::1],"
    " float32[::1], float32[:, ::1])"
)
def gather(samples, fine, places, stride, step, taps, references, weights, weight_of, out):
    # Columns of the regression for the samples of some blocks: out[t, 64 * b + i] is tap t minus
    # its reference tap, the last row the sample minus its first reference, all times the weight
    # of the sample's fine level (0 for samples that teach nothing). With step 2, of every second
    # row of a block: out[t, 32 * b + i]. weight_of: work, a column each.
    # taps, references: distances in the buffer, the last tap is 0 (the sample).
    # A row at a time, so that eight neighbours are one vector: 3 times as fast as by samples.
    for b in range(places.shape[0]):
        for y in range(BLOCK // step):
            at = (places[b] + (y * step + step // 2) * stride) & INDEX
            column = (b * (BLOCK // step) + y) * BLOCK
            for x in range(BLOCK):
                level = np.int64(fine[at + x])
                weight_of[column + x] = np.float32(0) if level == NO_LEVEL else weights[level]
    for t in range(taps.shape[0]):
        row = out[t]
        for b in range(places.shape[0]):
            for y in range(BLOCK // step):
                at = places[b] + (y * step + step // 2) * stride
                tap = (at + taps[t]) & INDEX
                reference = (at + references[t]) & INDEX
                column = (b * (BLOCK // step) + y) * BLOCK
                for x in range(BLOCK):
                    row[column + x] = weight_of[column + x] * np.float32(
                        samples[tap + x] - samples[reference + x]
                    )
    return 0


@kernel(
    "int64(f32ro[:, ::1], u8ro[::1], i64ro[::1], int64, int64, f32ro[:, ::1], f32ro[::1],"
    " float32[:, ::1])"
)
def add_costs(residuals, fine, places, stride, step, bits, scales, costs):
    # costs[b, k] += bits of block b with the residuals of class k, by [fine level][scaled size], of
    # the rows that `gather` takes.
    classes = residuals.shape[1]
    last = np.float32(bits.shape[1] - 1)
    row = 0
    for b in range(places.shape[0]):
        for y in range(step // 2, BLOCK, step):
            at = places[b] + y * stride
            for x in range(BLOCK):
                level = np.int64(fine[at + x])
                if level != NO_LEVEL:
                    scale = scales[level]
                    for k in range(classes):
                        size = abs(residuals[row, k]) * scale + np.float32(0.5)
                        costs[b, k] += bits[level, np.int32(min(size, last))]
                row += 1
    return 0


@kernel("int64(i32ro[::1], u8ro[::1], f32ro[::1], float32[:, ::1], float64[:, ::1])")
def count_sizes(sizes, fine, scales, counts, totals):
    # counts[fine level, scaled |residual|] += 1; totals[fine level] gets number and sum.
    # sizes, fine: one plane's buffer.
    last = counts.shape[1] - 1
    for i in range(sizes.shape[0]):
        level = np.int64(fine[i])
        if level != NO_LEVEL:
            size = np.float32(sizes[i])
            counts[level, min(np.int64(size * scales[level] + np.float32(0.5)), last)] += 1
            totals[level, 0] += 1
            totals[level, 1] += size
    return 0


@kernel(
    "int64(i32ro[::1], int64, i64ro[::1], i32ro[:, ::1], i64ro[::1], int64, int32[::1],"
    " int64[:, :, ::1])"
)
def add_sizes(samples, start, geometry, coefficients, offsets, step, line, sums):
    # sums[block row, block column, class] += 128 * |residual|, unrounded, over every step-th row of
    # a plane whose sample 0 is at `start`. coefficients: (K, taps), taps a multiple of 4, offsets
    # their distances; line: work, a padded row. Checked by the wrapper: samples up to 255, so that
    # int32 holds all; sums (rows, columns, K).
    width = geometry[WIDTH]
    columns = geometry[COLUMNS]
    for y in range(step // 2, geometry[HEIGHT], step):
        at = (start + y * geometry[STRIDE]) & INDEX
        for k in range(coefficients.shape[0]):
            for x in range(width):
                line[x] = -128 * samples[at + x]
            for t in range(0, offsets.shape[0], 4):
                c0, c1 = coefficients[k, t], coefficients[k, t + 1]
                c2, c3 = coefficients[k, t + 2], coefficients[k, t + 3]
                p0 = (at + offsets[t]) & INDEX
                p1 = (at + offsets[t + 1]) & INDEX
                p2 = (at + offsets[t + 2]) & INDEX
                p3 = (at + offsets[t + 3]) & INDEX
                for x in range(width):
                    line[x] += (
                        c0 * samples[p0 + x]
                        + c1 * samples[p1 + x]
                        + c2 * samples[p2 + x]
                        + c3 * samples[p3 + x]
                    )
            for x in range(width):
                line[x] = abs(line[x])
            for bx in range(columns):
                total = np.int64(0)
                for x in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
                    total += line[x & INDEX]
                sums[y // BLOCK, bx, k] += total
    return 0


@kernel("int64(float32[:, :, ::1], int16[:, ::1], float32[::1], float64)")
def sweep_classes(costs, blocks, trial, weight):
    # One raster sweep: each photo block takes the class of least cost, its own map bits and those
    # of its right and lower neighbour counted with `weight`. costs: (rows, columns, K). Bits of a
    # block's class: 0.7 where equal to the block at the left, else 2.2 above, else 3 + log2 K.
    # trial: (K,) work. Returns how many blocks changed.
    rows, columns, classes = costs.shape
    west_bits = np.float32(0.9 * weight)
    north_bits = np.float32(2.0 * weight)
    new_bits = np.float32((2.0 + np.log2(np.float64(classes))) * weight)
    changed = 0
    for by in range(rows):
        for bx in range(columns):
            if blocks[by, bx] < 0:
                continue
            west = np.int64(blocks[by, bx - 1]) if bx > 0 else np.int64(-1)
            north = np.int64(blocks[by - 1, bx]) if by > 0 else np.int64(-1)
            for k in range(classes):
                trial[k] = costs[by, bx, k] + new_bits
            if north >= 0:
                trial[north] = costs[by, bx, north] + north_bits
            if west >= 0:
                trial[west] = costs[by, bx, west] + west_bits
            east = np.int64(blocks[by, bx + 1]) if bx + 1 < columns else np.int64(-1)
            if east >= 0:
                # Being the east block's west neighbour saves it the price of its other choice.
                above = np.int64(blocks[by - 1, bx + 1]) if by > 0 else np.int64(-1)
                other = north_bits if above == east else new_bits
                trial[east] -= other - west_bits
            south = np.int64(blocks[by + 1, bx]) if by + 1 < rows else np.int64(-1)
            if south >= 0:
                beside = np.int64(blocks[by + 1, bx - 1]) if bx > 0 else np.int64(-1)
                if beside != south:
                    trial[south] -= new_bits - north_bits
            best = 0
            for k in range(1, classes):
                if trial[k] < trial[best]:
                    best = k
            if best != blocks[by, bx]:
                changed += 1
                blocks[by, bx] = best
    return changed
