"""Sub-streams of a segment to levels: no sample is touched. Clauses `lossy.low`, `lossy.high`.

Checked by the wrapper (parse.py): data.size >= 8; cells (rows, columns) of the map; `values` has a
place for each square, `means`, `residuals`, `corners` and `ends` for each block, `levels` 64 a
square; histograms, maps and weights are the normative tables, whose shapes and ranges the loader
tested: every context is below the map's size and every entry of a map below the number of
histograms. Indices: see contexts_kernels.py.

Status: 0, or 1 where the bytes end too early, or 2 where they do not end as they must.
Work: at most 64 levels a square; each block tests that the bytes have not run out.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.entropy.decoder.rans_kernels import (
    begin,
    decode_bit,
    decode_raw,
    decode_symbol,
    ended,
)
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import block_step, coefficient, put_values
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    CLASSES,
    COLUMNS,
    COUNT,
    END_INPUTS,
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
    "int64(u8ro[::1], int64[::1], i64ro[:, ::1], boolean, boolean, i64ro[:, ::1], i32ro[:, ::1],"
    " u8ro[::1], i32ro[:, ::1], u16ro[::1], i32ro[::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " i32ro[::1], u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1], u8ro[::1],"
    " i32ro[:, ::1], u16ro[:, ::1], u8ro[::1],"
    " i32ro[:, ::1], i32ro[::1], uint8[:, ::1], int32[::1], int32[::1], int32[::1], uint8[::1],"
    " int16[::1], int64[::1], int32[::1])"
)
def parse_low(
    data, reader, parts, has_map, cross, gains, curve,
    radii, layout, scan, matrix,
    map_sums, map_coarse, dc_sums, dc_coarse, dc_tables, dc_weights,
    dc_thresholds, corner_sums, corner_coarse, corner_tables, corner_weights, classes,
    estimates, sign_sums, sign_classes,
    blocks, owners, cells, values, means, residuals, corners,
    levels, inputs, scratch,
):  # fmt: skip
    # lossy.low, after the partition: the map, then DC and corner of each block of each plane.
    # `cells` and levels begin as zeros; inputs int64[12 + 16]; scratch int32[4624 + 128].
    borders = inputs[12:]
    x = reader[0]
    y = reader[1]
    position = reader[2]
    size = data.shape[0]
    expected = scratch[128:]
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
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            state = parts[p, STATES] + n
            level = map_level(
                cells, parts, p, np.int64(blocks[row, 0]), np.int64(blocks[row, 1]), lw, lh
            )
            gain = gains[level, lw + lh]
            step = block_step(gain, curve, p, 0)
            value = dc_inputs(blocks, owners, values, residuals, parts, p, n, step, cross, inputs)
            context = dc_context(inputs, dc_weights, dc_thresholds, p, kind)
            magnitude, x, y, position = decode_symbol(
                data, x, y, position, dc_sums, dc_coarse, np.int64(dc_tables[context])
            )
            residual = np.int64(0)
            if magnitude > 0:
                if magnitude > 7:
                    magnitude, x, y, position = decode_magnitude(data, x, y, position, magnitude)
                negative, x, y, position = decode_raw(data, x, y, position, 1)
                residual = -magnitude if negative else magnitude
                value += (residual * step + 8) >> 4
                value = min(max(value, -VALUE_LIMIT), VALUE_LIMIT)
            residuals[state] = residual
            means[state] = value
            corners[state] = 0
            if shape > 0:
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
                i = np.int64(blocks[row, 0])
                j = np.int64(blocks[row, 1])
                columns = parts[p, COLUMNS]
                square = parts[p, SQUARES] + i * columns + j
                corner_borders(values, square, columns, i, j, lw, lh, value, matrix, borders)
                offset = np.int64(layout[shape, 2])
                stride = (8 << lw) + 4
                count = np.int64(0)
                total = np.int64(0)
                for k in range((1 << (lw + lh)) - 1, 0, -1):
                    place = np.int64(scan[U(offset + k)])
                    u = place & ((8 << lw) - 1)
                    v = place >> (3 + lw)
                    at = stride * (v + 3) + u + 3
                    unit = corner_row(p, kind, u + v)
                    near = corner_weights[unit]
                    step = block_step(gain, curve, p, np.int64(radii[U(offset + place)]))
                    estimate = corner_estimate(borders, u, v, kind, estimates)
                    e = corner_magnitude(expected, at, count, u + v, near)
                    table = SIGN_CLASSES * (unit * CLASSES + np.int64(classes[U(e)]))
                    table += sureness(sign_classes, estimate, step, 1, e)
                    magnitude, x, y, position = decode_symbol(
                        data,
                        x,
                        y,
                        position,
                        corner_sums,
                        corner_coarse,
                        np.int64(corner_tables[U(table)]),
                    )
                    if magnitude > 0:
                        if magnitude > 7:
                            magnitude, x, y, position = decode_magnitude(
                                data, x, y, position, magnitude
                            )
                        unit = SIGN_CLASSES * corner_sign_row(p, kind)
                        unit += sureness(sign_classes, estimate, step, magnitude, e)
                        opposite, x, y, position = decode_bit(
                            data, x, y, position, np.int64(sign_sums[U(unit), U(1)])
                        )
                        q = -magnitude if (estimate < 0) != (opposite > 0) else magnitude
                        levels[U(own + place)] = q
                        c = np.int64(coefficient(q, step))
                        take_corner(borders, u, v, c, i, j)
                        spread(expected, at, stride, magnitude, near)
                        count += 1
                        total += magnitude
                corners[state] = bit_length(total)
            put_values(
                levels,
                parts,
                p,
                blocks,
                row,
                value,
                gain,
                curve,
                radii,
                layout,
                matrix,
                values,
                scratch,
            )
            if position > size:
                return SHORT
    reader[0] = x
    reader[1] = y
    reader[2] = position
    return 0 if ended(data, x, y, position) else LEFT_OVER


@kernel(
    "int64(u8ro[::1], i64ro[:, ::1], boolean, boolean, i64ro[:, ::1], i32ro[:, ::1],"
    " u8ro[::1], i32ro[:, ::1], u16ro[::1], i64ro[::1], i64ro[::1], u8ro[:, :, ::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u8ro[::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " u16ro[:, ::1], u8ro[:, ::1], u8ro[::1], i32ro[:, ::1], i32ro[:, ::1], u8ro[::1],"
    " u8ro[::1], i32ro[::1], i32ro[:, ::1], u16ro[:, ::1], u8ro[::1],"
    " i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[::1], i32ro[::1], i32ro[::1], u8ro[::1],"
    " uint8[::1], uint8[::1], int16[::1], uint8[::1], int64[::1], int32[:, ::1], int32[::1])"
)
def parse_high(
    data, parts, cross, directed, gains, curve,
    bands, layout, scan, end_places, zone, extents,
    direction_sums, direction_coarse, direction_tables,
    end_sums, end_coarse, end_tables, end_weights,
    level_sums, level_coarse, tables, weights, rises, classes,
    radii, matrix, estimates, sign_sums, sign_classes,
    blocks, owners, cells, values, means, residuals, corners,
    ends, directions, levels, profiles, inputs, lines, scratch,
):  # fmt: skip
    # lossy.high: for each plane, for each block: end class, then levels in reverse scan order, of
    # the scan positions zone[0] .. zone[1] - 1 (times the block's squares) alone; zone[2..8]: the
    # least end class that reaches beyond them, by log2 of the squares. The first pass, zone[0] 1,
    # has the directions and end classes.
    # inputs int64[10 + 48]; profiles uint8, 64 a square of one plane; lines int32 (2, n), 4 a
    # square of one plane, or of no square where no sign is estimated; scratch int32[4624 + 128].
    opens = zone[0] == 1
    estimated = lines.shape[1] > 0
    borders = inputs[END_INPUTS:]
    bottoms = lines[0]
    rights = lines[1]
    x, y, position = begin(data)
    size = data.shape[0]
    work = scratch[:128]
    expected = scratch[128:]
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
                    found, x, y, position = decode_symbol(
                        data, x, y, position, direction_sums, direction_coarse, table
                    )
                    directions[n] = found
                context = end_context(inputs, end_weights, p, kind, directed and directions[n] > 0)
                table = np.int64(end_tables[context])
                found, x, y, position = decode_symbol(
                    data, x, y, position, end_sums, end_coarse, table
                )
                ends[parts[p, STATES] + n] = found
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
                    place = np.int64(scan[U(offset + k)])
                    at = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
                    band = np.int64(bands[U(offset + place)])
                    e = expected_magnitude(expected, at, count, k == last, near[band])
                    context = level_context(classes, e, first_row + band, count)
                    magnitude, x, y, position = decode_symbol(
                        data, x, y, position, level_sums, level_coarse, np.int64(tables[U(context)])
                    )
                    if magnitude > 0:
                        if magnitude > 7:
                            magnitude, x, y, position = decode_magnitude(
                                data, x, y, position, magnitude
                            )
                        u = place & ((8 << lw) - 1)
                        v = place >> (3 + lw)
                        if u < reach_u or v < reach_v:
                            step = block_step(gain, curve, p, np.int64(radii[U(offset + place)]))
                            if is_estimated(u, v, reach_u, reach_v):
                                estimate = level_estimate(
                                    borders, u, v, sides, predicted, estimates
                                )
                                unit = SIGN_CLASSES * level_sign_row(p, kind, predicted)
                                unit += sureness(sign_classes, estimate, step, magnitude, e)
                                negative, x, y, position = decode_bit(
                                    data, x, y, position, np.int64(sign_sums[U(unit), U(1)])
                                )
                                negative ^= np.int64(estimate < 0)
                            else:
                                negative, x, y, position = decode_raw(data, x, y, position, 1)
                            q = -magnitude if negative else magnitude
                            levels[U(own + place)] = q
                            take(borders, u, v, np.int64(coefficient(q, step)), reach_u, reach_v)
                        else:
                            negative, x, y, position = decode_raw(data, x, y, position, 1)
                            levels[U(own + place)] = -magnitude if negative else magnitude
                        spread(expected, at, stride, magnitude, near[band])
                        count += 1
            if estimated:
                put_lines(
                    values, bottoms, rights, parts[p, SQUARES] + square, columns, i, j, lw, lh,
                    end > 0 and not predicted, matrix, borders,
                )  # fmt: skip
            put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)
            if position > size:
                return SHORT
    return 0 if ended(data, x, y, position) else LEFT_OVER
