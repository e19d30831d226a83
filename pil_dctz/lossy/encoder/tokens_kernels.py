"""Levels to rANS operations, in the order of the parser. Clauses `lossy.low`, `lossy.high`.

Checked by the wrapper: arrays as in decoder/parse_kernels.py, and `operations` holds enough for
the worst case: cells + 4 a block for the low stream, blocks + 4 * 63 a block for the high one.
"""

import numpy as np

from pil_dctz.entropy.encoder.rans_kernels import raw_operation, symbol_operation
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import block_step, coefficient
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    CLASSES,
    COLUMNS,
    COUNT,
    DC_INPUTS,
    LEVELS,
    ROWS,
    SQUARES,
    STATES,
    bit_length,
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
from pil_dctz.lossy.passes_kernels import take_known
from pil_dctz.lossy.signs_kernels import (
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
    count = put_magnitude(operations, count, sums, table, magnitude)
    if magnitude == 0:
        return count
    operations[count] = raw_operation(1 if level < 0 else 0, 1)
    return count + 1


@inner
def put_magnitude(operations, count, sums, table, magnitude):
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
    return count


@kernel(
    "int64(i64ro[:, ::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[:, ::1], u16ro[::1],"
    " boolean, boolean, boolean, int64, i64ro[:, ::1], i32ro[:, ::1],"
    " u16ro[:, ::1], u16ro[:, ::1], u16ro[:, ::1], u8ro[::1], i32ro[:, ::1], i32ro[::1],"
    " u16ro[:, ::1], u8ro[::1], i32ro[:, ::1], u8ro[::1],"
    " u8ro[::1], i32ro[::1], i32ro[:, ::1], u16ro[:, ::1], u8ro[::1],"
    " i32ro[::1], i32ro[::1], i32ro[::1], i16ro[::1],"
    " uint8[::1], int64[::1], int32[::1], uint32[::1])"
)
def low_operations(
    parts, blocks, owners, cells, layout, scan,
    has_partition, has_map, cross, rate, gains, curve,
    partition_sums, map_sums, dc_sums, dc_tables, dc_weights, dc_thresholds,
    corner_sums, corner_tables, corner_weights, classes,
    radii, matrix, estimates, sign_sums, sign_classes, values, means, residuals, levels,
    shapes, inputs, expected, operations,
):  # fmt: skip
    # shapes uint8 by square, begins as 0; values and residuals are whole: only what was coded
    # before a block is looked at. inputs int64[12 + 16].
    borders = inputs[12:]
    done = 0
    if has_partition:
        done = partition_operations(
            blocks, owners, shapes, parts[0, ROWS], parts[0, COLUMNS], rate, partition_sums,
            operations,
        )  # fmt: skip
    if has_map:
        for i in range(cells.shape[0]):
            for j in range(cells.shape[1]):
                row = map_context(cells, i, j)
                operations[done] = symbol_operation(map_sums, row, np.int64(cells[i, j]))
                done += 1
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            level = map_level(cells, parts, p, i, j, lw, lh)
            step = block_step(gains[level, lw + lh], curve, p, 0)
            dc_inputs(blocks, owners, values, residuals, parts, p, n, step, cross, inputs)
            context = dc_context(inputs, dc_weights, dc_thresholds, p, kind)
            residual = np.int64(residuals[parts[p, STATES] + n])
            done = put_level(operations, done, dc_sums, np.int64(dc_tables[context]), residual)
            if shape == 0:
                continue
            own = parts[p, LEVELS] + np.int64(blocks[row, 5])
            first = parts[0, LEVELS] + np.int64(blocks[row, 5])
            second = parts[1, LEVELS] + np.int64(blocks[row, 5]) if p > 1 else first
            prepare_corner(
                levels,
                first,
                second,
                lw,
                lh,
                p,
                kind,
                cross,
                inputs,
                residual,
                corner_weights,
                expected,
            )
            gain = gains[level, lw + lh]
            columns = parts[p, COLUMNS]
            square = parts[p, SQUARES] + i * columns + j
            mean = np.int64(means[parts[p, STATES] + n])
            corner_borders(values, square, columns, i, j, lw, lh, mean, matrix, borders)
            offset = np.int64(layout[shape, 2])
            stride = (8 << lw) + 4
            count = np.int64(0)
            for k in range((1 << (lw + lh)) - 1, 0, -1):
                place = np.int64(scan[offset + k])
                u = place & ((8 << lw) - 1)
                v = place >> (3 + lw)
                at = stride * (v + 3) + u + 3
                unit = corner_row(p, kind, u + v)
                near = corner_weights[unit]
                step = block_step(gain, curve, p, np.int64(radii[offset + place]))
                estimate = corner_estimate(borders, u, v, kind, estimates)
                e = corner_magnitude(expected, at, count, u + v, near)
                context = SIGN_CLASSES * (unit * CLASSES + np.int64(classes[e]))
                context += sureness(sign_classes, estimate, step, 1, e)
                q = np.int64(levels[own + place])
                table = np.int64(corner_tables[context])
                done = put_magnitude(operations, done, corner_sums, table, abs(q))
                if q != 0:
                    unit = SIGN_CLASSES * corner_sign_row(p, kind)
                    unit += sureness(sign_classes, estimate, step, abs(q), e)
                    opposite = np.int64((estimate < 0) != (q < 0))
                    operations[done] = symbol_operation(sign_sums, unit, opposite)
                    done += 1
                    take_corner(borders, u, v, np.int64(coefficient(q, step)), i, j)
                    spread(expected, at, stride, abs(q), near)
                    count += 1
    return done


@inner
def partition_operations(blocks, owners, shapes, rows, columns, rate, sums, operations):
    # lossy.partition: what parse_partition reads.
    done = 0
    for top in range(0, rows, 8):
        for left in range(0, columns, 8):
            whole = np.int64(0)
            if top + 8 <= rows and left + 8 <= columns:
                done, whole = put_choice(
                    blocks, owners, shapes, columns, top, left, 0, rate, sums, operations, done
                )
            if whole > 0:
                continue
            for part in range(4):
                i = top + 4 * (part >> 1)
                j = left + 4 * (part & 1)
                kind = np.int64(0)
                if i + 4 <= rows and j + 4 <= columns:
                    done, kind = put_choice(
                        blocks, owners, shapes, columns, i, j, 1, rate, sums, operations, done
                    )
                if kind > 0:
                    continue
                for quarter in range(4):
                    v = i + 2 * (quarter >> 1)
                    u = j + 2 * (quarter & 1)
                    if v + 2 <= rows and u + 2 <= columns:
                        done, kind = put_choice(
                            blocks, owners, shapes, columns, v, u, 2, rate, sums, operations, done
                        )
    return done


@inner
def put_choice(blocks, owners, shapes, columns, i, j, level, rate, sums, operations, done):
    # The symbol of a node that lies in the grid, and its squares' shapes where it is not cut.
    shape = np.int64(blocks[np.int64(owners[i * columns + j]), 4])
    kind = np.int64(0)
    if level == 0:
        kind = np.int64(1 if shape == 7 else 0)
    elif level == 1:
        kind = np.int64(1 if shape == 6 else (shape - 2 if shape == 4 or shape == 5 else 0))
    else:
        kind = np.int64(1 if shape == 3 else (shape + 1 if shape == 1 or shape == 2 else 0))
    context = partition_context(shapes, columns, i, j, level, rate)
    operations[done] = symbol_operation(sums, context, kind)
    if kind > 0:
        side = 8 >> level
        for y in range(i, i + side):
            for x in range(j, j + side):
                shapes[y * columns + x] = shape
    return done + 1, kind


@kernel(
    "int64(i64ro[:, ::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[:, ::1], u16ro[::1],"
    " u8ro[::1], i64ro[::1], i64ro[::1], u8ro[:, :, ::1], boolean, boolean, i64ro[:, ::1],"
    " i32ro[:, ::1], u16ro[:, ::1], u8ro[::1],"
    " u16ro[:, ::1], u8ro[::1], i32ro[:, ::1], u16ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " i32ro[:, ::1], u8ro[::1],"
    " u8ro[::1], i32ro[::1], i32ro[:, ::1], u16ro[:, ::1], u8ro[::1],"
    " i32ro[::1], i32ro[::1], i32ro[::1], u8ro[::1], u8ro[::1], u8ro[::1], i16ro[::1],"
    " uint8[::1], int64[::1], int32[:, ::1], int32[::1], int32[::1], uint32[::1])"
)
def high_operations(
    parts, blocks, owners, cells, layout, scan,
    bands, end_places, zone, extents, cross, directed, gains, curve,
    direction_sums, direction_tables,
    end_sums, end_tables, end_weights, level_sums, tables, weights, rises, classes,
    radii, matrix, estimates, sign_sums, sign_classes,
    values, means, residuals, corners, ends, directions, levels, profiles,
    inputs, lines, work, expected, operations,
):  # fmt: skip
    # zone, lines as in parse_high; inputs int64[12 + 48]; work int32[128]; expected int32[4624].
    opens = zone[0] == 1
    estimated = lines.shape[1] > 0
    borders = inputs[DC_INPUTS:]
    bottoms = lines[0]
    rights = lines[1]
    done = 0
    for p in range(parts.shape[0]):
        columns = parts[p, COLUMNS]
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            level = map_level(cells, parts, p, i, j, lw, lh)
            gain = gains[level, lw + lh]
            if opens:
                step = block_step(gain, curve, p, 0)
                end_inputs(
                    blocks, owners, values, residuals, corners, ends, parts, p, n, level, step,
                    cross, inputs,
                )  # fmt: skip
                if directed and p == 0 and kind <= LARGEST and n > 0:
                    context = direction_context(blocks, owners, directions, parts, n, i, j, kind)
                    table = np.int64(direction_tables[context])
                    found = np.int64(directions[n])
                    operations[done] = symbol_operation(direction_sums, table, found)
                    done += 1
                context = end_context(inputs, end_weights, p, kind, directed and directions[n] > 0)
                found = np.int64(ends[parts[p, STATES] + n])
                operations[done] = symbol_operation(end_sums, np.int64(end_tables[context]), found)
                done += 1
            predicted = directed and directions[n] > 0
            end = np.int64(ends[parts[p, STATES] + n])
            own = parts[p, LEVELS] + np.int64(blocks[row, 5])
            square = i * columns + j
            wide = np.int64(0)
            high = np.int64(0)
            if end > 0:
                seen = min(end, zone[2 + lw + lh])
                wide = np.int64(extents[shape, seen, 0])
                high = np.int64(extents[shape, seen, 1])
                offset = np.int64(layout[shape, 2])
                first = parts[0, LEVELS] + np.int64(blocks[row, 5])
                second = parts[1, LEVELS] + np.int64(blocks[row, 5]) if p > 1 else first
                first_row = level_row(p, kind, predicted)
                near = weights[first_row : first_row + 4]
                corner = np.int64(1) << (lw + lh)
                last = min(corner + end_places[end], np.int64(layout[shape, 3])) - 1
                known = zone[0] << (lw + lh)
                if last >= known:
                    prepare_block(
                        levels, own, first, second, profiles, square, columns, i, j, lw, lh, p,
                        cross, wide, high, bands[offset:], near, work, expected,
                    )  # fmt: skip
                reach_u = np.int64(0)
                reach_v = np.int64(0)
                sides = np.int64(0)
                if estimated:
                    reach_u = min(4 << lw, REACH)
                    reach_v = min(4 << lh, REACH)
                    sides = begin_borders(
                        values, bottoms, rights, levels, own,
                        np.int64(means[parts[p, STATES] + n]), parts[p, SQUARES] + square, columns,
                        parts[p, ROWS], i, j, lw, lh, predicted, gain, curve, p, radii[offset:],
                        matrix, borders,
                    )  # fmt: skip
                stride = (8 << lw) + 4
                count = end - seen
                if not opens:
                    count += take_known(
                        levels, own, corner, min(known, last + 1), lw, scan[offset:],
                        bands[offset:], rises[first_row : first_row + 4], gain, curve, p,
                        radii[offset:], reach_u, reach_v, borders, expected,
                    )  # fmt: skip
                for k in range(min(last, (zone[1] << (lw + lh)) - 1), known - 1, -1):
                    place = np.int64(scan[offset + k])
                    at = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
                    band = np.int64(bands[offset + place])
                    e = expected_magnitude(expected, at, count, k == last, near[band])
                    table = np.int64(tables[level_context(classes, e, first_row + band, count)])
                    q = np.int64(levels[own + place])
                    done = put_magnitude(operations, done, level_sums, table, abs(q))
                    if q != 0:
                        u = place & ((8 << lw) - 1)
                        v = place >> (3 + lw)
                        step = block_step(gain, curve, p, np.int64(radii[offset + place]))
                        if is_estimated(u, v, reach_u, reach_v):
                            estimate = level_estimate(borders, u, v, sides, predicted, estimates)
                            unit = SIGN_CLASSES * level_sign_row(p, kind, predicted)
                            unit += sureness(sign_classes, estimate, step, abs(q), e)
                            opposite = np.int64((estimate < 0) != (q < 0))
                            operations[done] = symbol_operation(sign_sums, unit, opposite)
                        else:
                            operations[done] = raw_operation(np.int64(q < 0), 1)
                        done += 1
                        take(borders, u, v, np.int64(coefficient(q, step)), reach_u, reach_v)
                        spread(expected, at, stride, abs(q), near[band])
                        count += 1
            if estimated:
                put_lines(
                    values, bottoms, rights, parts[p, SQUARES] + square, columns, i, j, lw, lh,
                    end > 0 and not predicted, matrix, borders,
                )  # fmt: skip
            put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)
    return done
