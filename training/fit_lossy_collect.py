"""Counts what the coder meets in quantized segments; gathers normal equations of its weights."""

from __future__ import annotations

import numpy as np
from numba import njit

from pil_dctz.lossy.blocks_kernels import block_step, coefficient
from pil_dctz.lossy.contexts_kernels import (
    BANDS,
    BLOCKS,
    CLASSES,
    COLUMNS,
    COUNT,
    DC_INPUTS,
    END_INPUTS,
    EXPECTED,
    INPUTS,
    LEVELS,
    ROWS,
    SQUARES,
    STATES,
    corner_magnitude,
    corner_row,
    dc_context,
    dc_inputs,
    direction_context,
    end_context,
    end_inputs,
    expected_magnitude,
    level_context,
    level_row,
    map_context,
    map_level,
    partition_context,
    prepare_block,
    prepare_corner,
    put_profile,
    spread,
)
from pil_dctz.lossy.directions_kernels import LARGEST
from pil_dctz.lossy.encoder.tokens_kernels import token_of
from pil_dctz.lossy.signs_kernels import (
    ESTIMATES,
    REACH,
    SIGN_CLASSES,
    begin_borders,
    corner_borders,
    corner_estimate,
    corner_sign_row,
    is_estimated,
    level_estimate,
    level_sign_row,
    put_lines,
    sureness,
    take,
    take_corner,
)

#: Weights (input, row, input) that are 1 for one input alone: they read the inputs off.
UNITS = np.zeros((INPUTS, 27, INPUTS), np.int32)
for n in range(INPUTS):
    UNITS[n, :, n] = 1

#: Unknowns of the levels' weights of a plane and size: 8 of each band a level may come from, then
#: 7 of each band of the level that is expected.
UNKNOWNS = 8 * BANDS + 7 * BANDS
#: The same of corners, with three classes of distance for four bands.
CORNER_UNKNOWNS = 8 * 3 + 7 * 3
#: Borders that are far off tell no more than ones that are this many levels off; places with
#: such borders weigh less, by the square of this and of what they are off.
FAR, EDGE = 1000.0, 0.1


@njit(nogil=True)
def collect_partition(blocks, owners, rows, columns, rate, share, counts):
    shapes = np.zeros(rows * columns, np.uint8)
    for top in range(0, rows, 8):
        for left in range(0, columns, 8):
            choose(blocks, owners, shapes, rows, columns, top, left, 0, rate, share, counts)


@njit(nogil=True)
def choose(blocks, owners, shapes, rows, columns, i, j, level, rate, share, counts):
    side = 8 >> level
    if i >= rows or j >= columns or level == 3:
        return
    if i + side <= rows and j + side <= columns:
        shape = blocks[owners[i * columns + j], 4]
        first = 7 if level == 0 else (4 if level == 1 else 1)
        kind = 0
        if level == 0:
            kind = 1 if shape == 7 else 0
        elif first <= shape < first + 2:
            kind = shape - first + 2
        elif shape == first + 2:
            kind = 1
        counts[partition_context(shapes, columns, i, j, level, rate), kind] += share
        if kind > 0:
            for y in range(i, i + side):
                for x in range(j, j + side):
                    shapes[y * columns + x] = shape
            return
    half = side >> 1
    for n in range(4):
        choose(
            blocks, owners, shapes, rows, columns, i + half * (n >> 1), j + half * (n & 1),
            level + 1, rate, share, counts,
        )  # fmt: skip


@njit(nogil=True)
def collect_low(
    parts, blocks, owners, cells, layout, scan, gains, curve, cross,
    dc_weights, thresholds, corner_weights, classes, units, radii, matrix, estimates, sign_classes,
    values, means, residuals, levels, share, map_counts, dc_counts, dc_matrices, dc_rights,
    corner_counts, corner_matrices, corner_rights, estimate_matrices, estimate_rights, sign_counts,
):  # fmt: skip
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            map_counts[map_context(cells, i, j), cells[i, j]] += share
    x = np.zeros(DC_INPUTS, np.int64)
    f = np.zeros(CORNER_UNKNOWNS)
    expected = np.zeros((24 + 7 + 1, EXPECTED), np.int32)
    plain = expected[31]
    borders = np.zeros(16, np.int64)
    near_borders = np.zeros(2)
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i, j, lw, lh, shape, at = blocks[row]
            lw = np.int64(lw)
            lh = np.int64(lh)
            kind = layout[shape, 5]
            level = map_level(cells, parts, p, np.int64(i), np.int64(j), lw, lh)
            step = block_step(gains[level, lw + lh], curve, p, 0)
            dc_inputs(blocks, owners, values, residuals, parts, p, n, step, cross, x)
            context = dc_context(x, dc_weights, thresholds, p, kind)
            residual = np.int64(residuals[parts[p, STATES] + n])
            size = abs(residual)
            dc_counts[context, token_of(size)] += share
            expectation = 0.0
            unit = 4 * p + kind
            for k in range(DC_INPUTS):
                expectation += dc_weights[unit, k] * x[k]
            weight = share * (max(expectation, 0.0) / 256.0 + 0.1) ** -1.7
            for k in range(DC_INPUTS):
                dc_rights[unit, k] += weight * x[k] * min(size, 2000)
                for o in range(DC_INPUTS):
                    dc_matrices[unit, k, o] += weight * x[k] * x[o]
            if shape == 0:
                continue
            own = parts[p, LEVELS] + at
            first = parts[0, LEVELS] + at
            second = parts[1, LEVELS] + at if p > 1 else first
            prepare_corner(
                levels, first, second, lw, lh, p, kind, cross, x, residual, corner_weights,
                plain,
            )  # fmt: skip
            columns = parts[p, COLUMNS]
            square = parts[p, SQUARES] + i * columns + j
            mean = np.int64(means[parts[p, STATES] + n])
            corner_borders(values, square, columns, i, j, lw, lh, mean, matrix, borders)
            stride = (8 << lw) + 4
            expected[:24, : stride * ((1 << lh) + 4)] = 0
            for k in range(8, INPUTS):
                prepare_corner(
                    levels, first, second, lw, lh, p, kind, cross, x, residual, units[k],
                    expected[24 + k - 8],
                )  # fmt: skip
            count = 0
            for k in range((1 << (lw + lh)) - 1, 0, -1):
                place = np.int64(scan[layout[shape, 2] + k])
                u = place & ((8 << lw) - 1)
                v = place >> (3 + lw)
                spot = stride * (v + 3) + u + 3
                unit = corner_row(p, kind, u + v)
                near = corner_weights[unit]
                step = block_step(
                    gains[level, lw + lh], curve, p, np.int64(radii[layout[shape, 2] + place])
                )
                estimate = corner_estimate(borders, u, v, kind, estimates)
                e = corner_magnitude(plain, spot, count, u + v, near)
                q = np.int64(levels[own + place])
                size = abs(q)
                context = SIGN_CLASSES * (unit * CLASSES + np.int64(classes[e]))
                context += sureness(sign_classes, estimate, step, 1, e)
                corner_counts[context, token_of(size)] += share
                weight = share * (e / 256.0 + 0.1) ** -1.7
                distance = unit % 3
                f[24:] = 0
                for o in range(24):
                    f[o] = expected[o, spot]
                for o in range(7):
                    f[24 + 7 * distance + o] = expected[24 + o, spot]
                f[24 + 7 * distance + 4] = count
                f[24 + 7 * distance + 5] = u + v
                near_borders[0] = min(max(16.0 * borders[u] / step, -FAR), FAR)
                near_borders[1] = min(max(16.0 * borders[8 + v] / step, -FAR), FAR)
                rough = share / (
                    (e / 256.0 + 0.1) ** 2 + EDGE * (near_borders[0] ** 2 + near_borders[1] ** 2)
                )
                group = ESTIMATES * (kind - 1) + 5 * min(v, 4) + min(u, 4)
                for o in range(2):
                    estimate_rights[group, o] += rough * near_borders[o] * min(max(q, -255), 255)
                    for r in range(2):
                        product = near_borders[o] * near_borders[r]
                        estimate_matrices[group, o, r] += rough * product
                for o in range(CORNER_UNKNOWNS):
                    corner_rights[unit // 3, o] += weight * f[o] * min(size, 255)
                    for r in range(o + 1):
                        corner_matrices[unit // 3, o, r] += weight * f[o] * f[r]
                if size > 0:
                    context = SIGN_CLASSES * corner_sign_row(p, kind)
                    context += sureness(sign_classes, estimate, step, size, e)
                    sign_counts[context, 1 if (estimate < 0) != (q < 0) else 0] += share
                    take_corner(borders, u, v, np.int64(coefficient(q, step)), i, j)
                    spread(plain, spot, stride, size, near)
                    for o in range(8):
                        spread(expected[8 * distance + o], spot, stride, size, units[o, 0])
                    count += 1


@njit(nogil=True)
def collect_high(
    parts, blocks, owners, cells, layout, scan, bands, end_places, extents, gains, curve, cross,
    end_weights, weights, classes, units, radii, matrix, estimates, sign_classes, values, means,
    residuals, corners, ends, directions, levels, profiles, lines, share, every, direction_counts,
    end_counts, end_matrices, end_rights, counts, matrices, rights, estimate_matrices,
    estimate_rights, sign_counts,
):  # fmt: skip
    # every: equations of the levels are gathered of one block in so many.
    expected = np.zeros((32 + 7 + 1, EXPECTED), np.int32)
    plain = expected[39]
    work = np.zeros(128, np.int32)
    inputs = np.zeros(DC_INPUTS, np.int64)
    borders = np.zeros(48, np.int64)
    near_borders = np.zeros(4)
    x = np.zeros(UNKNOWNS)
    used = np.zeros(UNKNOWNS, np.int64)
    turn = 0
    for p in range(parts.shape[0]):
        columns = parts[p, COLUMNS]
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            at = np.int64(blocks[row, 5])
            kind = np.int64(layout[shape, 5])
            level = map_level(cells, parts, p, i, j, lw, lh)
            step = block_step(gains[level, lw + lh], curve, p, 0)
            end_inputs(
                blocks, owners, values, residuals, corners, ends, parts, p, n, level, step, cross,
                inputs,
            )  # fmt: skip
            end = np.int64(ends[parts[p, STATES] + n])
            if p == 0 and kind <= LARGEST and n > 0:
                context = direction_context(blocks, owners, directions, parts, n, i, j, kind)
                direction_counts[context, directions[n]] += share
            predicted = directions[n] > 0
            unit = 12 + 3 * p + kind if predicted else 4 * p + kind
            end_counts[end_context(inputs, end_weights, p, kind, predicted), end] += share
            for k in range(END_INPUTS):
                end_rights[unit, k] += share * inputs[k] * end
                for o in range(END_INPUTS):
                    end_matrices[unit, k, o] += share * inputs[k] * inputs[o]
            own = parts[p, LEVELS] + at
            square = i * columns + j
            wide = np.int64(extents[shape, end, 0]) if end > 0 else 0
            high = np.int64(extents[shape, end, 1]) if end > 0 else 0
            if end > 0:
                offset = np.int64(layout[shape, 2])
                first = parts[0, LEVELS] + at
                second = parts[1, LEVELS] + at if p > 1 else first
                first_row = level_row(p, kind, predicted)
                near = weights[first_row : first_row + 4]
                prepare_block(
                    levels, own, first, second, profiles, square, columns, i, j, lw, lh, p, cross,
                    wide, high, bands[offset:], near, work, plain,
                )  # fmt: skip
                turn += 1
                gather = turn % every == 0
                stride = (8 << lw) + 4
                if gather:
                    for k in range(32):
                        expected[k, : stride * (high + 4)] = 0
                    for k in range(8, INPUTS):
                        prepare_block(
                            levels, own, first, second, profiles, square, columns, i, j, lw, lh, p,
                            cross, wide, high, bands[offset:], units[k], work, expected[32 + k - 8],
                        )  # fmt: skip
                gain = gains[level, lw + lh]
                reach_u = min(4 << lw, REACH)
                reach_v = min(4 << lh, REACH)
                sides = begin_borders(
                    values, lines[0], lines[1], levels, own,
                    np.int64(means[parts[p, STATES] + n]), parts[p, SQUARES] + square, columns,
                    parts[p, ROWS], i, j, lw, lh, predicted, gain, curve, p, radii[offset:],
                    matrix, borders,
                )  # fmt: skip
                corner = 1 << (lw + lh)
                last = min(corner + end_places[end], np.int64(layout[shape, 3])) - 1
                count = 0
                for k in range(last, corner - 1, -1):
                    place = np.int64(scan[offset + k])
                    spot = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
                    band = np.int64(bands[offset + place])
                    e = expected_magnitude(plain, spot, count, k == last, near[band])
                    q = np.int64(levels[own + place])
                    size = abs(q)
                    if size > 0:
                        u = place & ((8 << lw) - 1)
                        v = place >> (3 + lw)
                        step = block_step(gain, curve, p, np.int64(radii[offset + place]))
                        if is_estimated(u, v, reach_u, reach_v):
                            estimate = level_estimate(borders, u, v, sides, predicted, estimates)
                            unit = SIGN_CLASSES * level_sign_row(p, kind, predicted)
                            unit += sureness(sign_classes, estimate, step, size, e)
                            sign_counts[unit, 1 if (estimate < 0) != (q < 0) else 0] += share
                            far = (e / 256.0 + 0.1) ** 2
                            for o in range(4):
                                off = borders[8 * o + (v if o & 1 else u)] * 16.0 / step
                                if not (sides >> o) & 1:
                                    off = 0.0
                                if o > 1 and (u if o & 1 else v) & 1:
                                    off = -off
                                near_borders[o] = min(max(off, -FAR), FAR)
                                far += EDGE * near_borders[o] ** 2
                            unit = (ESTIMATES if predicted else 0) + 5 * min(v, 4) + min(u, 4)
                            for o in range(4):
                                off = share / far * near_borders[o]
                                estimate_rights[unit, o] += off * min(max(q, -255), 255)
                                for r in range(4):
                                    estimate_matrices[unit, o, r] += off * near_borders[r]
                        take(borders, u, v, np.int64(coefficient(q, step)), reach_u, reach_v)
                    context = level_context(classes, e, first_row + band, count)
                    counts[context, token_of(size)] += share
                    if gather:
                        number = 0
                        for o in range(32):
                            if expected[o, spot] != 0:
                                x[o] = expected[o, spot]
                                used[number] = o
                                number += 1
                        for o in range(7):
                            value = expected[32 + o, spot]
                            if o == 4:
                                value = min(count, 63)
                            elif o == 5:
                                value = 1 if k == last else 0
                            if value != 0:
                                q = 32 + 7 * band + o
                                x[q] = value
                                used[number] = q
                                number += 1
                        weight = share * (e / 256.0 + 0.1) ** -1.7
                        group = first_row // BANDS
                        for a in range(number):
                            o = used[a]
                            rights[group, o] += weight * x[o] * min(size, 255)
                            for b in range(a + 1):
                                q = used[b]
                                matrices[group, o, q] += weight * x[o] * x[q]
                    if size > 0:
                        spread(plain, spot, stride, size, near[band])
                        if gather:
                            for o in range(8):
                                spread(expected[8 * band + o], spot, stride, size, units[o, 0])
                        count += 1
            put_lines(
                values, lines[0], lines[1], parts[p, SQUARES] + square, columns, i, j, lw, lh,
                end > 0 and not predicted, matrix, borders,
            )  # fmt: skip
            put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)
