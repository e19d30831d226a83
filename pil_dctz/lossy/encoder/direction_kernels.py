"""The choice of a block's direction, with what was coded before it. Encoder only.

The source's gradients suggest a direction; of those around it the ones that leave the least energy
are quantized in full beside no prediction.

Arrays and indices as in block_kernels.py and directions_kernels.py; block int32[1024], shadow
float32 (32, 32), saved int16[1024]; tensors float32, three sums a square; coefficients have room
for two blocks of 32x32 at their end.
"""

import math

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.blocks_kernels import block_step
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    COLUMNS,
    LEVELS,
    STATES,
    direction_context,
    map_level,
    put_profile,
)
from pil_dctz.lossy.directions_kernels import LARGEST, predict, put_edge
from pil_dctz.lossy.encoder.block_kernels import choose_high
from pil_dctz.transform.encoder.dct_kernels import forward

PLACES = 1024  # of the largest predicted block
FAR = np.float32(1e30)


@inner
def likely_direction(tensors, columns, i, j, lw, lh, coherence):
    # The direction 1..16 along which the source changes least; 0 if gradients agree by less than
    # `coherence`.
    xx = np.float32(0.0)
    yy = np.float32(0.0)
    xy = np.float32(0.0)
    for y in range(i, i + (1 << lh)):
        for x in range(j, j + (1 << lw)):
            xx += tensors[y * columns + x, 0]
            yy += tensors[y * columns + x, 1]
            xy += tensors[y * columns + x, 2]
    lean = xx - yy
    if lean * lean + 4 * xy * xy <= (coherence * (xx + yy)) ** 2:
        return np.int64(0)
    angle = -0.5 * math.atan2(2.0 * xy, lean) - math.pi / 2
    return (np.int64(math.floor(angle * (16 / math.pi) + 0.5)) & 15) + 1


@inner
def predicted_coefficients(edge, lw, lh, direction, slopes, block, shadow, cosines, half, out, at):
    # Coefficients, in units, of a prediction: out[at ..].
    predict(edge, lw, lh, direction, slopes, block)
    wide = 8 << lw
    for y in range(8 << lh):
        for x in range(wide):
            shadow[y, x] = np.float32(block[wide * y + x]) * np.float32(0.0625)
    forward(shadow, 0, 0, 3 + lw, 3 + lh, cosines, half, out, at)


@inner
def guess_rest(coefficients, at, other, steps, radii, lw, lh, guesses, bound):
    # Cost by magnitudes alone of what lies beyond the corner, less the coefficients at `other`
    # unless that is below 0; no longer exact above `bound`. guesses float32[64]: what the bits of a
    # magnitude weigh. radii: of the shape.
    total = np.float32(0.0)
    wide = 8 << lw
    for v in range(8 << lh):
        for u in range((1 << lw) if v < (1 << lh) else 0, wide):
            k = wide * v + u
            rest = coefficients[at + k]
            if other >= 0:
                rest -= coefficients[other + k]
            size = abs(rest) * steps[np.int64(radii[k])]
            q = np.int32(size + np.float32(0.5))
            miss = size - np.float32(q)
            total += min(size * size, miss * miss + guesses[min(q, np.int32(63))])
        if total > bound:
            return total
    return total


@inner
def rank_directions(
    source, top, left, lw, lh, edge, slopes, block, likely, width, prices, price
):  # fmt: skip
    # Of 2 * width + 1 directions around a likely one the two whose predictions leave the least
    # energy but for the mean; a direction's bits, prices, weigh `price` in squared 1/16 units each.
    first = np.int64(0)
    second = np.int64(0)
    least = FAR
    next_least = FAR
    wide = 8 << lw
    share = np.float32(1.0) / np.float32(64 << (lw + lh))
    for k in range(-width, width + 1):
        direction = ((likely - 1 + k) & 15) + 1
        predict(edge, lw, lh, direction, slopes, block)
        total = np.float32(0.0)
        energy = np.float32(0.0)
        for y in range(8 << lh):
            row = source[top + y, left : left + wide]
            guess = block[wide * y : wide * y + wide]
            for x in range(wide):
                rest = np.float32(16.0) * row[x] - np.float32(guess[x])
                total += rest
                energy += rest * rest
        energy += price * prices[direction] - total * total * share
        if energy < least:
            second = first
            next_least = least
            first = np.int64(direction)
            least = energy
        elif energy < next_least:
            second = np.int64(direction)
            next_least = energy
    return first, second


@inner
def bit_energy(trade, step, lw, lh):
    # What a bit weighs in squared 1/16 units of all samples, at this step in 1/1024 unit.
    size = np.float32(step) * np.float32(0.015625)
    return trade * size * size * np.float32(1 << (lw + lh))


@inner
def take_prediction(coefficients, at, origin, lw, lh):
    # Coefficients at `origin` less those of the prediction at the end become those at `at`.
    other = coefficients.shape[0] - PLACES
    for k in range(64 << (lw + lh)):
        coefficients[at + k] = coefficients[origin + k] - coefficients[other + k]


@inner
def choose_block(
    coefficients, n, p,
    parts, blocks, owners, cells, layout, scan, radii, bands,
    end_places, extents, gains, curve, inverse,
    dc_bits, dc_tables, dc_weights, dc_thresholds,
    corner_bits, corner_tables, corner_weights,
    end_bits, end_tables, end_weights, bits, tables, weights, classes,
    values, means, residuals, corners, ends, levels, profiles,
    inputs, work, begun, expected, sizes, coded, ahead,
    directions, direction_bits, direction_tables, slopes, tensors, edge, block, shadow,
    plane, source, cosines, saved, guesses, tries, width, coherence, margin,
    cross, trade, rounding, passes,
):  # fmt: skip
    # lossy.direction, unless tries is 0 or p is not: then it is given; and the rest as choose_high.
    # plane: samples of the blocks before; source: those of the first plane, in units. Prediction or
    # none is tried in full only where its guess is at most margin times the other's.
    # Returns the cost.
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    shape = np.int64(blocks[row, 4])
    kind = np.int64(layout[shape, 5])
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    offset = np.int64(layout[shape, 2])
    places = np.int64(layout[shape, 3])
    columns = parts[p, COLUMNS]
    state = parts[p, STATES] + n
    spare = coefficients.shape[0] - 2 * PLACES
    searched = tries > 0 and p == 0 and kind <= LARGEST and n > 0
    likely = np.int64(0)
    table = np.int64(0)
    if searched:
        context = direction_context(blocks, owners, directions, parts, n, i, j, kind)
        table = np.int64(direction_tables[context])
        likely = likely_direction(tensors, columns, i, j, lw, lh, coherence)
    first = np.int64(0) if searched else np.int64(directions[n])
    second = np.int64(0)
    if likely > 0 or first > 0:
        put_edge(plane, owners, parts, p, n, i, j, lw, lh, edge)
        for k in range(places):
            coefficients[spare + k] = coefficients[own + k]
    begin = 0
    turns = 1
    if likely > 0:
        m = map_level(cells, parts, 0, i, j, lw, lh)
        step = block_step(gains[m, lw + lh], curve, 0, 9)
        prices = direction_bits[table]
        first, second = rank_directions(
            source, 8 * i, 8 * j, lw, lh, edge, slopes, block, likely, width,
            prices, bit_energy(trade, step, lw, lh),
        )  # fmt: skip
        predicted_coefficients(
            edge, lw, lh, first, slopes, block, shadow, cosines, sizes, coefficients,
            coefficients.shape[0] - PLACES,
        )  # fmt: skip
        bare = trade * prices[0]
        lined = trade * prices[first]
        for side in range(2):
            guess = guess_rest(
                coefficients, own, coefficients.shape[0] - PLACES if side == 1 else np.int64(-1),
                inverse[0, m, lw + lh], radii[offset : offset + places], lw, lh, guesses, FAR,
            )  # fmt: skip
            if side == 0:
                bare += guess
            else:
                lined += guess
        begin = 1 if lined * margin < bare else 0
        turns = 1 if bare * margin < lined else (3 if second > 0 and tries > 1 else 2)
    best = FAR
    end = np.uint8(0)
    corner = np.int64(1) << (lw + lh)
    for turn in range(begin, turns):
        direction = first
        if searched:
            direction = np.int64(0) if turn == 0 else (first if turn == 1 else second)
        if direction > 0:
            if not searched or turn == 2:
                predicted_coefficients(
                    edge, lw, lh, direction, slopes, block, shadow, cosines, sizes, coefficients,
                    coefficients.shape[0] - PLACES,
                )  # fmt: skip
            take_prediction(coefficients, own, spare, lw, lh)
        if turn > begin:
            for k in range(corner, places):
                levels[own + np.int64(scan[offset + k])] = 0
        cost = choose_high(
            coefficients, n, p,
            parts, blocks, owners, cells, layout, scan, radii, bands,
            end_places, extents, gains, curve, inverse,
            dc_bits, dc_tables, dc_weights, dc_thresholds,
            corner_bits, corner_tables, corner_weights,
            end_bits, end_tables, end_weights, bits, tables, weights, classes,
            values, means, residuals, corners, ends, levels, profiles,
            inputs, work, begun, expected, sizes, coded, ahead,
            cross, trade, rounding, passes, turns - begin == 1, direction > 0,
        )  # fmt: skip
        if searched:
            cost += trade * direction_bits[table, direction]
        if cost < best:
            best = cost
            directions[n] = direction
            end = ends[state]
            if turns - begin > 1:
                for k in range(places):
                    saved[k] = levels[own + k]
    if turns - begin > 1:
        for k in range(places):
            levels[own + k] = saved[k]
        ends[state] = end
        wide = np.int64(extents[shape, np.int64(end), 0])
        high = np.int64(extents[shape, np.int64(end), 1])
        put_profile(levels, own, profiles, i * columns + j, columns, lw, lh, wide, high, work)
    if likely > 0 or first > 0:
        for k in range(places):
            coefficients[own + k] = coefficients[spare + k]
    return best
