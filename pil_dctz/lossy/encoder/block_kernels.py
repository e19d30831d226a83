"""Rate-distortion optimized quantization of one block with the real tables' costs. Encoder only.

Cost of a level q for a coefficient x, in steps: (x - q)^2 + trade * bits. Levels are decided in
coding order, so contexts are the coded ones; what they do to later blocks is not weighed, and to
later levels of the block only in a second turn.

Arrays as in contexts_kernels.py; coefficients float32 as levels, in units; inverse float32
(p, 13, 7, radii), 1 / step in 1/unit. Indices: see there; `sizes` and `coded`
float32[4096]; `ahead`: see later_bits.
"""

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.blocks_kernels import block_step
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    CLASSES,
    COLUMNS,
    COUNTS,
    LEVELS,
    STATES,
    bit_length,
    corner_magnitude,
    corner_row,
    dc_context,
    dc_inputs,
    end_context,
    end_inputs,
    expected_magnitude,
    level_context,
    level_row,
    map_level,
    prepare_block,
    prepare_corner,
    put_profile,
    spread,
)
from pil_dctz.lossy.encoder.tokens_kernels import raw_bits_of, token_of

LARGEST = 32767
NEVER = 1 << 30  # rank in the scan of places that hold no level
#: Where `spread` adds: rows down, columns right, which weight.
AROUND = np.array(
    (
        (0, -1, 0), (-1, 0, 0), (-1, -1, 1), (0, -2, 2), (-2, 0, 2), (-1, -2, 3), (-2, -1, 3),
        (0, -3, 4), (-3, 0, 4), (-2, -2, 5), (-1, -3, 5), (-3, -1, 5), (-1, 1, 6), (1, -1, 6),
        (-2, 1, 7), (1, -2, 7),
    ),
    np.int64,
)  # fmt: skip
VALUE_LIMIT = 131071


@inner
def level_bits(bits, table, magnitude):
    return bits[table, token_of(magnitude)] + np.float32(raw_bits_of(magnitude))


@inner
def choose_magnitude(size, trade, bits, table):
    # The cheaper of the nearest magnitude and those below: (magnitude, cost).
    best = np.int64(0)
    lowest = size * size + trade * bits[table, 0]
    highest = min(np.int64(size + np.float32(0.5)), LARGEST)
    for q in range(max(highest - 1, 1), highest + 1):
        miss = size - np.float32(q)
        cost = miss * miss + trade * level_bits(bits, table, q)
        if cost < lowest:
            lowest = cost
            best = np.int64(q)
    return best, lowest


@inner
def choose_weighed(size, trade, bits, table, tables, classes, ahead, at, stride, w, k):
    # As choose_magnitude, with what the magnitude at scan place k does to the cost of those coded
    # after it, if they stay as they were the turn before.
    before = np.int64(ahead[3, at])
    best = np.int64(0)
    cost = size * size + trade * bits[table, 0]
    lowest = cost + trade * later_bits(bits, tables, classes, ahead, at, stride, w, k, -before)
    highest = min(np.int64(size + np.float32(0.5)), LARGEST)
    for q in range(max(highest - 1, 1), highest + 1):
        miss = size - np.float32(q)
        own = miss * miss + trade * level_bits(bits, table, q)
        later = later_bits(bits, tables, classes, ahead, at, stride, w, k, q - before)
        if own + trade * later < lowest:
            lowest = own + trade * later
            cost = own
            best = np.int64(q)
    return best, cost


@inner
def later_bits(bits, tables, classes, ahead, at, stride, w, k, change):
    # Bits more for the levels coded after scan place k if its magnitude grows by `change`.
    # ahead int32 (4, 4624), by place as `expected`, of the turn before: rank in the scan, clamped
    # expected magnitude, context less what that adds, magnitude.
    total = np.float32(0.0)
    if change == 0:
        return total
    for n in range(AROUND.shape[0]):
        t = at + stride * AROUND[n, 0] + AROUND[n, 1]
        if ahead[0, t] < k:
            e = np.int64(ahead[1, t])
            moved = min(max(e + np.int64(w[AROUND[n, 2]]) * change, 0), 4095)
            base = np.int64(ahead[2, t])
            old = np.int64(tables[base + COUNTS * np.int64(classes[e])])
            new = np.int64(tables[base + COUNTS * np.int64(classes[moved])])
            token = token_of(np.int64(ahead[3, t]))
            total += bits[new, token] - bits[old, token]
    return total


@inner
def choose_low(
    coefficients, n, p,
    parts, blocks, owners, cells, layout, scan, radii, bands,
    end_places, extents, gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights, bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    cross, trade, plain,
):  # fmt: skip
    # lossy.dc, lossy.corner of a block; returns the cost. plain: nearest, whatever it costs.
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    shape = np.int64(blocks[row, 4])
    kind = np.int64(layout[shape, 5])
    at_state = parts[p, STATES] + n
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    m = map_level(cells, parts, p, i, j, lw, lh)
    step = block_step(gains[m, lw + lh], curve, p, 0)
    prediction = dc_inputs(blocks, owners, values, residuals, parts, p, n, step, cross, inputs)
    context = dc_context(inputs, dc_weights, dc_thresholds, p, kind)
    x = coefficients[own] * np.float32(64.0) - np.float32(prediction)
    size = abs(x) * np.float32(16.0) / np.float32(step)
    table = np.int64(dc_tables[context])
    best = min(np.int64(size + np.float32(0.5)), LARGEST)
    total = (size - np.float32(best)) ** 2 + trade * level_bits(dc_bits, table, best)
    if best > 0 and not plain:
        below = best - 1
        cost = (size - np.float32(below)) ** 2 + trade * level_bits(dc_bits, table, below)
        if cost < total:
            total = cost
            best = below
    residual = -best if x < 0 else best
    residuals[at_state] = residual
    value = prediction + ((residual * step + 8) >> 4)
    means[at_state] = min(max(value, -VALUE_LIMIT), VALUE_LIMIT)
    corners[at_state] = 0
    if shape == 0:
        return total
    first = parts[0, LEVELS] + np.int64(blocks[row, 5])
    second = parts[1, LEVELS] + np.int64(blocks[row, 5]) if p > 1 else first
    prepare_corner(
        levels, first, second, lw, lh, p, kind, cross, inputs, residual, corner_weights, expected
    )
    offset = np.int64(layout[shape, 2])
    stride = (8 << lw) + 4
    count = np.int64(0)
    magnitudes = np.int64(0)
    for k in range((1 << (lw + lh)) - 1, 0, -1):
        place = np.int64(scan[offset + k])
        u = place & ((8 << lw) - 1)
        v = place >> (3 + lw)
        at = stride * (v + 3) + u + 3
        unit = corner_row(p, kind, u + v)
        near = corner_weights[unit]
        e = corner_magnitude(expected, at, count, u + v, near)
        context = unit * CLASSES + np.int64(classes[e])
        table = np.int64(corner_tables[context])
        c = coefficients[own + place]
        size = abs(c) * inverse[p, m, lw + lh, np.int64(radii[offset + place])]
        if plain:
            magnitude = min(np.int64(size + np.float32(0.5)), LARGEST)
            cost = (size - np.float32(magnitude)) ** 2
            cost += trade * level_bits(corner_bits, table, magnitude)
        else:
            magnitude, cost = choose_magnitude(size, trade, corner_bits, table)
        total += cost
        levels[own + place] = -magnitude if c < 0 else magnitude
        if magnitude > 0:
            spread(expected, at, stride, magnitude, near)
            count += 1
            magnitudes += magnitude
    corners[at_state] = bit_length(magnitudes)
    return total


@inner
def class_of(end_places, places):
    # The least end class with this many places.
    end = 0
    while end_places[end] < places:
        end += 1
    return end


@inner
def choose_high(
    coefficients, n, p,
    parts, blocks, owners, cells, layout, scan, radii, bands,
    end_places, extents, gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights, bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    cross, trade, rounding, passes, keep, predicted,
):  # fmt: skip
    # lossy.end, lossy.level of a block; returns the cost. passes 0: round x + rounding down, no
    # costs. Otherwise so many times, from the second on with what a level does to later ones. Its
    # levels beyond the corner begin as zeros.
    # keep: put its profile into its squares.
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    shape = np.int64(blocks[row, 4])
    kind = np.int64(layout[shape, 5])
    at_state = parts[p, STATES] + n
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    offset = np.int64(layout[shape, 2])
    places = np.int64(layout[shape, 3])
    corner = np.int64(1) << (lw + lh)
    columns = parts[p, COLUMNS]
    square = i * columns + j
    m = map_level(cells, parts, p, i, j, lw, lh)
    steps = inverse[p, m, lw + lh]
    reach = np.int64(0)
    for k in range(corner, places):
        place = np.int64(scan[offset + k])
        size = abs(coefficients[own + place]) * steps[np.int64(radii[offset + place])]
        sizes[k] = size
        if size + rounding >= np.float32(1.0):
            reach = k + 1 - corner
    energy = np.float32(0.0)
    for k in range(corner, places):
        energy += sizes[k] * sizes[k]
    end = class_of(end_places, reach)
    if passes == 0:
        for k in range(corner, corner + reach):
            place = np.int64(scan[offset + k])
            q = min(np.int64(sizes[k] + rounding), LARGEST)
            levels[own + place] = -q if coefficients[own + place] < 0 else q
        ends[at_state] = end
        wide = np.int64(extents[shape, end, 0])
        high = np.int64(extents[shape, end, 1])
        put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)
        return energy
    step = block_step(gains[m, lw + lh], curve, p, 0)
    end_inputs(
        blocks, owners, values, residuals, corners, ends, parts, p, n, m, step, cross, inputs
    )
    end_table = np.int64(end_tables[end_context(inputs, end_weights, p, kind, predicted)])
    result = energy + trade * end_bits[end_table, 0]
    if end > 0:
        wide = np.int64(extents[shape, end, 0])
        high = np.int64(extents[shape, end, 1])
        first = parts[0, LEVELS] + np.int64(blocks[row, 5])
        second = parts[1, LEVELS] + np.int64(blocks[row, 5]) if p > 1 else first
        first_row = level_row(p, kind, predicted)
        near = weights[first_row : first_row + 4]
        stride = (8 << lw) + 4
        prepare_block(
            levels, own, first, second, profiles, square, columns, i, j, lw, lh, p, cross,
            wide, high, bands[offset:], near, work, begun,
        )  # fmt: skip
    for turn in range(passes):
        if end == 0:
            break
        last = min(corner + end_places[end], places) - 1
        for k in range(stride * (high + 4)):
            expected[k] = begun[k]
            if turn == 0 and passes > 1:
                ahead[0, k] = NEVER
        count = np.int64(0)
        for k in range(last, corner - 1, -1):
            place = np.int64(scan[offset + k])
            at = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
            band = np.int64(bands[offset + place])
            e = expected_magnitude(expected, at, count, k == last, near[band])
            context = level_context(classes, e, first_row + band, count)
            table = np.int64(tables[context])
            if turn > 0 and sizes[k] >= np.float32(0.5):
                best, lowest = choose_weighed(
                    sizes[k], trade, bits, table, tables, classes, ahead, at, stride, near[band], k
                )
            else:
                best, lowest = choose_magnitude(sizes[k], trade, bits, table)
            coded[k] = lowest
            levels[own + place] = -best if coefficients[own + place] < 0 else best
            if best > 0:
                spread(expected, at, stride, best, near[band])
                count += 1
            if turn + 1 < passes:
                ahead[0, at] = k
                ahead[1, at] = e
                ahead[2, at] = context - COUNTS * np.int64(classes[e])
                ahead[3, at] = best
        # The best end: what lies beyond it costs its whole energy.
        total = energy
        shortest = np.int64(0)
        result = total + trade * end_bits[end_table, 0]
        k = corner
        for candidate in range(1, end + 1):
            while k <= last and k < corner + end_places[candidate]:
                total += coded[k] - sizes[k] * sizes[k]
                k += 1
            cost = total + trade * end_bits[end_table, candidate]
            if cost < result:
                result = cost
                shortest = np.int64(candidate)
        for k in range(corner + end_places[shortest], last + 1):
            levels[own + np.int64(scan[offset + k])] = 0
        end = shortest
    ends[at_state] = end
    if keep:
        wide = np.int64(extents[shape, end, 0])
        high = np.int64(extents[shape, end, 1])
        put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)
    return result
