"""Segments to levels: quantization of all blocks, and the search for the partition. Encoder only.

Checked by the wrapper: arrays as in decoder/parse_kernels.py and block_kernels.py. Indices: see
there. The long lists of arrays are one list, in one order everywhere: as a tuple it takes the
compiler minutes.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import add_block, block_step, put_node, put_values
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    COLUMNS,
    COUNT,
    ROWS,
    STATES,
    map_level,
    partition_context,
)
from pil_dctz.lossy.decoder.reconstruct_kernels import rebuild_block
from pil_dctz.lossy.directions_kernels import put_edge
from pil_dctz.lossy.encoder.block_kernels import choose_high, choose_low
from pil_dctz.lossy.encoder.direction_kernels import (
    FAR,
    PLACES,
    bit_energy,
    choose_block,
    guess_rest,
    likely_direction,
    predicted_coefficients,
    rank_directions,
    take_prediction,
)
from pil_dctz.lossy.encoder.follow_kernels import take_followed
from pil_dctz.transform.encoder.dct_kernels import forward

TRIAL = 4096  # places of the largest block
SEARCHED = 1  # size class of the largest block whose directions are guessed in the search
THOROUGH = 1.1  # margin from which what is mostly cut is tried as one block, too
ALONE = 32  # with a direction: no prediction is not tried


@kernel(
    "void(float32[::1], i64ro[:, ::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[:, ::1],"
    " u16ro[::1], u8ro[::1], u8ro[::1], i64ro[::1], u8ro[:, :, ::1],"
    " i64ro[:, ::1], i32ro[:, ::1], f32ro[:, :, :, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1], i32ro[::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1], u8ro[::1],"
    " int32[::1], int32[::1], int32[::1], uint8[::1], uint8[::1], int16[::1], uint8[::1],"
    " int64[::1], int32[::1], int32[::1], int32[::1], float32[::1], float32[::1], int32[:, ::1],"
    " uint8[::1], f32ro[:, ::1], u8ro[::1], i64ro[:, ::1], f32ro[:, ::1], int32[::1], int32[::1],"
    " float32[:, ::1], int16[:, :, ::1], f32ro[:, ::1], f32ro[::1], int16[::1], int32[::1],"
    " f32ro[::1], int64, int64, float32, float32, boolean,"
    " i32ro[::1], f32ro[:, ::1], boolean, boolean, float32, boolean, float32, int64, float32[::1])"
)
def quantize_blocks(
    coefficients, parts, blocks, owners, cells, layout,
    scan, radii, bands, end_places, extents,
    gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights,
    bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    directions, direction_bits, direction_tables, slopes, tensors, edge, block, shadow,
    planes, source, cosines, saved, scratch,
    guesses, tries, width, coherence, margin, predicted,
    matrix, places, cross, follow, trade, plain, rounding, passes, costs,
):  # fmt: skip
    # Both streams of all planes; costs float32 by block. passes below 0: the low stream alone.
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            at = parts[p, STATES] + n
            costs[at] = choose_low(
                coefficients, n, p,
                parts, blocks, owners, cells, layout, scan, radii, bands,
                end_places, extents, gains, curve, inverse,
                dc_bits, dc_tables, dc_weights, dc_thresholds,
                corner_bits, corner_tables, corner_weights,
                end_bits, end_tables, end_weights, bits, tables, weights, classes,
                values, means, residuals, corners, ends, levels, profiles,
                inputs, work, begun, expected, sizes, coded, ahead,
                cross, trade, plain,
            )  # fmt: skip
            row = parts[p, BLOCKS] + n
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            gain = gains[map_level(cells, parts, p, i, j, lw, lh), lw + lh]
            put_values(
                levels, parts, p, blocks, row, np.int64(means[at]), gain, curve, radii, layout,
                matrix, values, expected,
            )  # fmt: skip
    if passes < 0:
        return
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            if p > 0 and follow:
                take_followed(
                    coefficients, parts, p, n, blocks, cells, layout, radii, gains, curve, values,
                    ends, levels, extents,
                )  # fmt: skip
            costs[parts[p, STATES] + n] += choose_block(
                coefficients, n, p,
                parts, blocks, owners, cells, layout, scan, radii, bands,
                end_places, extents, gains, curve, inverse,
                dc_bits, dc_tables, dc_weights, dc_thresholds,
                corner_bits, corner_tables, corner_weights,
                end_bits, end_tables, end_weights, bits, tables, weights, classes,
                values, means, residuals, corners, ends, levels, profiles,
                inputs, work, begun, expected, sizes, coded, ahead,
                directions, direction_bits, direction_tables, slopes, tensors, edge, block, shadow,
                planes[p], source, cosines, saved, guesses, tries, width, coherence, margin,
                cross, trade, rounding, passes,
            )  # fmt: skip
            if predicted:
                rebuild_block(
                    parts, p, gains, places, 1, layout, extents, blocks, owners, cells, means,
                    ends, levels, directions, matrix, slopes, 0, scratch, planes[p], n, values,
                    follow,
                )  # fmt: skip


@kernel(
    "int64(float32[::1], i64ro[:, ::1], int32[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[:, ::1],"
    " u16ro[::1], u8ro[::1], u8ro[::1], i64ro[::1], u8ro[:, :, ::1],"
    " i64ro[:, ::1], i32ro[:, ::1], f32ro[:, :, :, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1], i32ro[::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1],"
    " f32ro[:, ::1], u8ro[::1], i32ro[:, ::1], u8ro[::1],"
    " int32[::1], int32[::1], int32[::1], uint8[::1], uint8[::1], int16[::1], uint8[::1],"
    " int64[::1], int32[::1], int32[::1], int32[::1], float32[::1], float32[::1], int32[:, ::1],"
    " i64ro[:, ::1], f32ro[:, ::1], int32[::1], int32[::1], float32[:, ::1], i16ro[:, ::1],"
    " i32ro[::1], f32ro[::1], uint8[::1], int64, float32,"
    " f32ro[:, ::1], f32ro[::1], f32ro[:, ::1], f32ro[::1], float32, int64, int64, float32,"
    " uint8[::1], f32ro[::1], float32[::1], int64[::1], float32[::1], float32[::1],"
    " int32[:, ::1], int32[::1])"
)
def search_partition(
    coefficients, parts, blocks, owners, cells, layout,
    scan, radii, bands, end_places, extents,
    gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights,
    bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    slopes, tensors, edge, block, shadow, known, ranks, line_prices, tried, width, coherence,
    plane, cosines, partition_bits, costs, trade, rate, largest, margin, shapes,
    guesses, guessed, tree, sums, rough, chosen, chosen_owners,
):  # fmt: skip
    # lossy.partition. The arrays describe the first plane in 8x8 blocks of raster order, quantized
    # at `costs`, and have room for one more block, the trial, and coefficients of three of 64x64.
    # Neighbours of a trial are taken as they are: contexts hardly differ. largest: greatest size
    # class tried, 1..3; margin: see best_of_node, at 0 `costs` are not read. guesses float32[64]:
    # what the bits of a magnitude weigh in a first guess.
    # tree int64[21], sums and rough float32[21]: choice, cost and guessed cost of a 64, its four
    # 32, its sixteen 16. guessed float32[4].
    # Returns the number of blocks in `chosen`.
    rows = parts[0, ROWS]
    columns = parts[0, COLUMNS]
    count = 0
    at = 0
    for top in range(0, rows, 8):
        for left in range(0, columns, 8):
            # From the sixteen nodes of 16 up to the one of 64. (One place that calls best_of_node:
            # each further one doubles the time of compiling.)
            for n in range(20, -1, -1):
                level = 2 if n > 4 else (1 if n > 0 else 0)
                place = n - 5 if level == 2 else n - 1
                i = top
                j = left
                if level == 2:
                    i += 2 * (place >> 2)
                    j += 2 * (place & 3)
                elif level == 1:
                    i += 4 * (place >> 1)
                    j += 4 * (place & 1)
                tree[n] = 0
                cut = 0
                sums[n] = 0
                rough[n] = 0
                if level == 2:
                    for y in range(i, min(i + 2, rows)):
                        for x in range(j, min(j + 2, columns)):
                            square = y * columns + x
                            bare, guess, _ = guess_block(
                                coefficients, parts, cells, layout, radii, gains, curve, inverse,
                                guesses, plane,
                                slopes, tensors, edge, block, shadow, known, ranks, line_prices,
                                width, coherence, cosines, sizes, trade, y, x, 0, 0, 0,
                                64 * square,
                            )  # fmt: skip
                            rough[n] += guess
                            sums[n] += costs[square] * (guess / bare)
                else:
                    first = 1 if level == 0 else 5 + 8 * (place >> 1) + 2 * (place & 1)
                    for k in range(4):
                        child = first + k if level == 0 else first + (k & 1) + 4 * (k >> 1)
                        sums[n] += sums[child]
                        rough[n] += rough[child]
                        cut += 1 if tree[child] == 0 else 0
                side = 8 >> level
                if level < 3 - largest or i + side > rows or j + side > columns:
                    continue
                if margin < THOROUGH and cut > 1 + level:
                    # What is mostly cut into smaller blocks is hardly ever best as one.
                    continue
                context = partition_context(shapes, columns, i, j, level, rate)
                tree[n], sums[n], rough[n] = best_of_node(
                    plane, cosines, coefficients,
                    parts, blocks, owners, cells, layout, scan, radii, bands,
                    end_places, extents, gains, curve, inverse,
                    dc_bits, dc_tables, dc_weights, dc_thresholds,
                    corner_bits, corner_tables, corner_weights,
                    end_bits, end_tables, end_weights, bits, tables, weights, classes,
                    values, means, residuals, corners, ends, levels, profiles,
                    inputs, work, begun, expected, sizes, coded, ahead,
                    slopes, tensors, edge, block, shadow, known, ranks, line_prices, tried,
                    width, coherence,
                    partition_bits[context], guesses, guessed, margin, trade, level, i, j,
                    sums[n], rough[n],
                )  # fmt: skip
            count, at = put_tree(
                tree, chosen, chosen_owners, shapes, rows, columns, count, at, top, left
            )
    return count


@inner
def shape_of(level, kind):
    # The shape of the blocks of a node that is not cut in four.
    if level == 0:
        return 7
    first = 1 if level == 2 else 4
    return first + 2 if kind == 1 else first + kind - 2


@inner
def best_of_node(
    plane, cosines, coefficients,
    parts, blocks, owners, cells, layout, scan, radii, bands,
    end_places, extents, gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights, bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    slopes, tensors, edge, block, shadow, known, ranks, line_prices, tried, width, coherence,
    prices, guesses, guessed, margin,
    trade, level, i, j, bare, rough,
):  # fmt: skip
    # The best way to code a node of the partition's tree, of 64 (level 0), 32 (1) or 16 (2)
    # samples, whose parts cost `bare` or, as guessed, `rough`: (symbol, cost, guessed cost).
    # prices: bits of the symbols. Only ways whose guess is at most margin times the best one are
    # tried in full; with margin 0 none is, and the best guess is taken.
    half = 4 >> level
    kinds = 2 if level == 0 else 4
    first = 64 * parts[0, ROWS] * parts[0, COLUMNS]
    least = rough
    for kind in range(1, kinds):
        shape = shape_of(level, kind)
        guess = trade * (prices[kind] - prices[0])
        for part in range(1 if kind == 1 else 2):
            y = i + (half * part if kind == 2 else 0)
            x = j + (half * part if kind == 3 else 0)
            place = first + TRIAL * (kind - 1) + part * np.int64(layout[shape, 3])
            lw = np.int64(layout[shape, 0])
            lh = np.int64(layout[shape, 1])
            forward(plane, 8 * y, 8 * x, 3 + lw, 3 + lh, cosines, sizes, coefficients, place)
            bare_price, price, direction = guess_block(
                coefficients, parts, cells, layout, radii, gains, curve, inverse, guesses, plane,
                slopes, tensors, edge, block, shadow, known, ranks, line_prices, width, coherence,
                cosines, sizes, trade, y, x, lw, lh, shape, place,
            )  # fmt: skip
            guess += price
            if direction > 0 and price * margin < bare_price:
                direction += ALONE
            tried[2 * kind + part] = direction
        guessed[kind] = guess
        least = min(least, guess)
    best = np.int64(0)
    if margin == 0:
        for kind in range(1, kinds):
            if guessed[kind] == least and guessed[kind] < rough:
                best = np.int64(kind)
        return best, least, least
    lowest = bare + trade * prices[0]
    for kind in range(1, kinds):
        if guessed[kind] > margin * least:
            continue
        shape = shape_of(level, kind)
        cost = trade * prices[kind]
        for part in range(1 if kind == 1 else 2):
            if cost < lowest:
                y = i + (half * part if kind == 2 else 0)
                x = j + (half * part if kind == 3 else 0)
                place = first + TRIAL * (kind - 1) + part * np.int64(layout[shape, 3])
                direction = np.int64(tried[2 * kind + part])
                cost += try_block(
                    coefficients,
                    parts, blocks, owners, cells, layout, scan, radii, bands,
                    end_places, extents, gains, curve, inverse,
                    dc_bits, dc_tables, dc_weights, dc_thresholds,
                    corner_bits, corner_tables, corner_weights,
                    end_bits, end_tables, end_weights, bits, tables, weights, classes,
                    values, means, residuals, corners, ends, levels, profiles,
                    inputs, work, begun, expected, sizes, coded, ahead,
                    slopes, tensors, edge, block, shadow, known, ranks, line_prices, tried,
                    width, coherence,
                    cosines, direction, trade, y, x, shape, place,
                )  # fmt: skip
        if cost < lowest:
            lowest = cost
            best = np.int64(kind)
    return best, lowest, least


@inner
def guess_block(
    coefficients, parts, cells, layout, radii, gains, curve, inverse, guesses, plane,
    slopes, tensors, edge, block, shadow, known, ranks, prices, width, coherence,
    cosines, half, trade, i, j, lw, lh, shape, place,
):  # fmt: skip
    # Cost by magnitudes alone: guesses float32[64] is what each magnitude's bits weigh, and, at 0,
    # what a block's DC and end do. (cost without a direction, least cost, its direction or 0).
    steps = inverse[0, map_level(cells, parts, 0, i, j, lw, lh), lw + lh]
    offset = np.int64(layout[shape, 2])
    places = np.int64(layout[shape, 3])
    total = guesses[0]
    corner = np.float32(0.0)
    wide = 8 << lw
    for k in range(1, places):
        size = abs(coefficients[place + k]) * steps[np.int64(radii[offset + k])]
        q = np.int32(size + np.float32(0.5))
        miss = size - np.float32(q)
        cost = min(size * size, miss * miss + guesses[min(q, np.int32(63))])
        total += cost
        if k < (wide << lh) and (k & (wide - 1)) < (1 << lw):
            corner += cost
    if (
        width < 0
        or max(lw, lh) > SEARCHED
        or i + j == 0
        or total - corner < np.float32(2) * guesses[0]
    ):
        return total, total, np.int64(0)
    columns = parts[0, COLUMNS]
    likely = likely_direction(tensors, columns, i, j, lw, lh, coherence)
    if likely == 0:
        return total, total, np.int64(0)
    put_edge(known, ranks, parts, 0, np.int64(ranks[i * columns + j]), i, j, lw, lh, edge)
    step = block_step(gains[map_level(cells, parts, 0, i, j, lw, lh), lw + lh], curve, 0, 9)
    direction, _ = rank_directions(
        plane, 8 * i, 8 * j, lw, lh, edge, slopes, block, likely, width, prices,
        bit_energy(trade, step, lw, lh),
    )  # fmt: skip
    other = coefficients.shape[0] - PLACES
    predicted_coefficients(
        edge, lw, lh, direction, slopes, block, shadow, cosines, half, coefficients, other
    )
    bare = guesses[0] + corner + trade * prices[direction]
    cost = bare + guess_rest(
        coefficients, place, other, steps, radii[offset : offset + places], lw, lh, guesses,
        total - bare,
    )  # fmt: skip
    if cost >= total:
        return total, total, np.int64(0)
    return total, cost, direction


@inner
def try_block(
    coefficients,
    parts, blocks, owners, cells, layout, scan, radii, bands,
    end_places, extents, gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights, bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    slopes, tensors, edge, block, shadow, known, ranks, line_prices, tried, width, coherence,
    cosines, direction, trade, i, j, shape, place,
):  # fmt: skip
    # Cost of a block of this shape at square (i, j), whose coefficients are there.
    trial = parts[0, ROWS] * parts[0, COLUMNS]
    blocks[trial, 0] = i
    blocks[trial, 1] = j
    blocks[trial, 2] = layout[shape, 0]
    blocks[trial, 3] = layout[shape, 1]
    blocks[trial, 4] = shape
    blocks[trial, 5] = place
    for k in range(np.int64(layout[shape, 3])):
        levels[place + k] = 0
    cost = choose_low(
        coefficients, trial, 0,
        parts, blocks, owners, cells, layout, scan, radii, bands,
        end_places, extents, gains, curve, inverse,
        dc_bits, dc_tables, dc_weights, dc_thresholds,
        corner_bits, corner_tables, corner_weights,
        end_bits, end_tables, end_weights, bits, tables, weights, classes,
        values, means, residuals, corners, ends, levels, profiles,
        inputs, work, begun, expected, sizes, coded, ahead,
        False, trade, False,
    )  # fmt: skip
    best = FAR
    begin = 1 if direction >= ALONE else 0
    direction &= ALONE - 1
    for turn in range(begin, 2 if direction > 0 else 1):
        price = np.float32(0.0)
        if turn > 0:
            lw = np.int64(layout[shape, 0])
            lh = np.int64(layout[shape, 1])
            n = np.int64(ranks[i * parts[0, COLUMNS] + j])
            put_edge(known, ranks, parts, 0, n, i, j, lw, lh, edge)
            predicted_coefficients(
                edge, lw, lh, direction, slopes, block, shadow, cosines, sizes, coefficients,
                coefficients.shape[0] - PLACES,
            )  # fmt: skip
            take_prediction(coefficients, place, place, lw, lh)
            price = trade * line_prices[direction]
            for k in range(1 << (lw + lh), np.int64(layout[shape, 3])):
                levels[place + np.int64(scan[np.int64(layout[shape, 2]) + k])] = 0
        price += choose_high(
            coefficients, trial, 0,
            parts, blocks, owners, cells, layout, scan, radii, bands,
            end_places, extents, gains, curve, inverse,
            dc_bits, dc_tables, dc_weights, dc_thresholds,
            corner_bits, corner_tables, corner_weights,
            end_bits, end_tables, end_weights, bits, tables, weights, classes,
            values, means, residuals, corners, ends, levels, profiles,
            inputs, work, begun, expected, sizes, coded, ahead,
            False, trade, np.float32(0.5), 1, False, turn > 0,
        )  # fmt: skip
        best = min(best, price)
    return cost + best


@inner
def put_tree(tree, blocks, owners, shapes, rows, columns, count, at, top, left):
    # The blocks of a 64x64 in coding order.
    if tree[0] == 1:
        return add_block(blocks, owners, shapes, columns, count, at, top, left, 7)
    for part in range(4):
        i = top + 4 * (part >> 1)
        j = left + 4 * (part & 1)
        if i >= rows or j >= columns:
            continue
        kind = tree[1 + part]
        if kind > 0:
            count, at = put_node(blocks, owners, shapes, columns, count, at, i, j, 1, kind)
            continue
        for quarter in range(4):
            v = i + 2 * (quarter >> 1)
            u = j + 2 * (quarter & 1)
            if v >= rows or u >= columns:
                continue
            kind = tree[5 + 4 * ((v - top) >> 1) + ((u - left) >> 1)]
            if kind > 0:
                count, at = put_node(blocks, owners, shapes, columns, count, at, v, u, 2, kind)
                continue
            for n in range(4):
                y = v + (n >> 1)
                x = u + (n & 1)
                if y < rows and x < columns:
                    count, at = add_block(blocks, owners, shapes, columns, count, at, y, x, 0)
    return count, at
