"""Decoding planes whose contexts know rows above alone: first a row's residuals, then its samples.

So neither waits for the other: a code's table is known before the code at its left is read. For
8 bits, prefix codes, exact samples; what else there is goes by `prediction_kernels`. Index proofs:
as there. Four residuals of the fast table take at most 36 of the 57 bits that `hold` gives.
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import overran
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.decoder.prediction_kernels import (
    BAD_RANGE,
    BAD_RUN,
    FAST_BITS,
    FAST_MASK,
    OVERRUN,
    PREFIX,
    RUN_LIMIT,
    read_number,
    unfold,
)
from pil_dctz.lossless.prediction_kernels import (
    BLOCK,
    HEIGHT,
    INDEX,
    ORIGIN,
    PLANE_SIZE,
    STRIDE,
    WIDTH,
    add_energy,
    add_taps,
    context_of,
    is_far,
    pad_above,
    pad_below,
    pad_left,
    pad_right,
    span_of,
    spread_taps,
)

GROUP = 6  # residuals between two looks at the bytes


@inner
def hold(data, position):
    # The next 57 bits or more; 0 beyond the end.
    i = (position >> 3) & INDEX
    size = data.shape[0]
    word = np.int64(0)
    if i + 8 <= size:
        word = (
            np.int64(data[i])
            | (np.int64(data[i + 1]) << 8)
            | (np.int64(data[i + 2]) << 16)
            | (np.int64(data[i + 3]) << 24)
            | (np.int64(data[i + 4]) << 32)
            | (np.int64(data[i + 5]) << 40)
            | (np.int64(data[i + 6]) << 48)
            | (np.int64(data[i + 7]) << 56)
        )
    else:
        for k in range(8):
            if i + k < size:
                word |= np.int64(data[i + k]) << (8 * k)
    return word >> (position & 7)


@inner
def choose_tables(energy, first_context, rows, context_map, chosen, begin, end):
    # chosen[x]: the entry of context_map for samples begin .. end - 1 of a row. Returns whether one
    # has runs.
    runs = np.int64(0)
    for column in range(begin, end):
        x = column & INDEX
        context = first_context + context_of(np.int64(energy[x]), rows, 2, 0)
        t = np.int64(context_map[context & INDEX])
        chosen[x] = t
        runs |= t
    return runs & 1


@inner
def read_span(data, position, begin, end, values, fast, chosen, residuals):
    # The residuals of samples begin .. end - 1 of a row, none of them of a run table.
    for group in range(begin, end, GROUP):
        held = hold(data, position)
        for column in range(group, min(group + GROUP, end)):
            x = column & INDEX
            t = np.int64(chosen[x]) >> 1
            entry = np.int64(fast[((t << FAST_BITS) + (held & FAST_MASK)) & INDEX])
            position += entry & 15
            held >>= entry & 15
            residuals[x] = entry >> 4
            if entry == 0:
                number, position = read_number(data, position, values, t)
                residuals[x] = unfold(number)
                held = hold(data, position)
    return position


@inner
def read_span_runs(data, position, begin, end, values, zeros, fast, left, chosen, residuals):
    # As read_span, with run tables. Returns the position, or a status.
    for group in range(begin, end, GROUP):
        held = hold(data, position)
        for column in range(group, min(group + GROUP, end)):
            x = column & INDEX
            t = np.int64(chosen[x])
            run = t & 1
            t >>= 1
            is_zero = False
            if run:
                count = left[t]
                if count == 0:
                    count, position = read_number(data, position, zeros, t)
                    count = 2 * count + np.int64(count < RUN_LIMIT)
                    if count > 2 * RUN_LIMIT:
                        return np.int64(BAD_RUN)
                    held = hold(data, position)
                is_zero = count > 1
                left[t] = count - 2 if is_zero else 0
            r = np.int64(0)
            if not is_zero:
                entry = np.int64(fast[((t << FAST_BITS) + (held & FAST_MASK)) & INDEX])
                r = entry >> 4
                position += entry & 15
                held >>= entry & 15
                if entry == 0:
                    number, position = read_number(data, position, values, t)
                    r = unfold(number + run)
                    held = hold(data, position)
            residuals[x] = r
    return position


@inner
def read_row(
    data, position, at, blocks, by, width, runs, values, zeros, fast, left, chosen, sizes,
    residuals,
):  # fmt: skip
    # The residuals and sizes of a row's photo blocks. Returns the position, or a status.
    columns = blocks.shape[1]
    bx = 0
    while bx < columns:
        if blocks[by, bx] < 0:
            bx += 1
            continue
        begin = bx * BLOCK
        while bx < columns and blocks[by, bx] >= 0:
            bx += 1
        end = min(bx * BLOCK, width)
        if runs:
            position = read_span_runs(
                data, position, begin, end, values, zeros, fast, left, chosen, residuals
            )
            if position < 0:
                return position
        else:
            position = read_span(data, position, begin, end, values, fast, chosen, residuals)
        for column in range(begin, end):
            x = column & INDEX
            sizes[(at + x) & INDEX] = abs(residuals[x])
    return position


@inner
def add_row(samples, at, blocks, by, width, y, own, low, high, sums, residuals):
    # Samples from residuals. Returns 0, or a status.
    for bx in range(blocks.shape[1]):
        k = np.int64(blocks[by, bx])
        if k < 0:
            continue
        c0 = np.int64(own[k, 0]) if y > 0 else np.int64(128)
        c4 = np.int64(own[k, 1]) if y > 0 else np.int64(0)
        c12 = np.int64(own[k, 2]) if y > 0 else np.int64(0)
        i = at + bx * BLOCK
        west = np.int64(samples[i - 1])
        west2 = np.int64(samples[i - 2])
        west3 = np.int64(samples[i - 3])
        for column in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
            x = column & INDEX
            a = np.int64(sums[x]) + c12 * west3 + c4 * west2 + c0 * west
            value = min(max((a + 64) >> 7, low), high) + np.int64(residuals[x])
            if value < low or value > high:
                return np.int64(BAD_RANGE)
            samples[(at + x) & INDEX] = value
            west3 = west2
            west2 = west
            west = value
    return np.int64(0)


@inner
def add_row_west(samples, at, blocks, by, width, y, own, low, high, sums, residuals):
    # As add_row, where no class has taps (0, -2), (0, -3). Returns 0, or a status.
    west = np.int64(samples[at - 1])
    bad = np.int64(0)
    for bx in range(blocks.shape[1]):
        k = np.int64(blocks[by, bx])
        begin = bx * BLOCK
        end = min(begin + BLOCK, width)
        if k < 0:
            west = np.int64(samples[(at + end - 1) & INDEX])
            continue
        c0 = np.int64(own[k, 0]) if y > 0 else np.int64(128)
        for column in range(begin, end):
            x = column & INDEX
            a = np.int64(sums[x]) + c0 * west
            west = min(max((a + 64) >> 7, low), high) + np.int64(residuals[x])
            samples[(at + x) & INDEX] = west
            bad |= (west - low) | (high - west)
            west = min(max(west, low), high)
    return np.int64(BAD_RANGE) if bad < 0 else np.int64(0)


@inner
def decode_plane_quick(
    data, state, plane, samples, sizes, geometry, blocks, outer, offsets, outer_count, own,
    weights, low, high, middle, rows, planes, context_map, values, zeros, fast, left, sums, energy,
    chosen, residuals,
):  # fmt: skip
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    plane_size = geometry[PLANE_SIZE]
    start = geometry[ORIGIN] + plane * plane_size
    first_context = plane * (context_map.shape[0] // planes)
    is_west = True
    far = False
    begin = end = np.int64(0)
    for k in range(own.shape[0]):
        is_west = is_west and own[k, 1] == 0 and own[k, 2] == 0
    for y in range(geometry[HEIGHT]):
        at = start + y * stride
        by = y // BLOCK
        if y % BLOCK == 0:
            far = is_far(blocks, by)
            begin, end = span_of(blocks, by, width)
        if far:
            continue
        if y > 0:
            pad_left(samples, at, y, stride)
            pad_left(sizes, at, y, stride)
            if y == 1 or y % BLOCK == 0:
                spread_taps(blocks, by, outer, outer_count, sums, stride)
            add_taps(samples, at, offsets, outer_count, sums, stride, begin, end)
        else:
            samples[at - 1] = middle
            for x in range(width):
                sums[x] = 0
        add_energy(sizes, at, stride, plane_size, plane, y, weights, 1, energy, begin, end)
        runs = choose_tables(energy, first_context, rows, context_map, chosen, begin, end)
        position = read_row(
            data, state[0], at, blocks, by, width, runs, values, zeros, fast, left, chosen, sizes,
            residuals,
        )  # fmt: skip
        if position < 0:
            return position
        state[0] = position
        if overran(data, position):
            return np.int64(OVERRUN)
        if is_west:
            status = add_row_west(
                samples, at, blocks, by, width, y, own, low, high, sums, residuals
            )
        else:
            status = add_row(samples, at, blocks, by, width, y, own, low, high, sums, residuals)
        if status < 0:
            return status
        pad_right(samples, at, width)
        pad_right(sizes, at, width)
        if y == 0:
            pad_left(samples, at, 0, stride)
            pad_left(sizes, at, 0, stride)
            pad_above(samples, at, stride, width)
            pad_above(sizes, at, stride, width)
    last = start + (geometry[HEIGHT] - 1) * stride
    pad_below(samples, last, stride, width)
    pad_below(sizes, last, stride, width)
    return np.int64(0)


# Arguments: as those of decode_planes_8. residuals: work, one padded row.
@kernel(PREFIX + "int32[::1], int32[::1], uint8[::1], int32[::1])")
def decode_planes_quick(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, fast, left, sums, energy, chosen,
    residuals,
):  # fmt: skip
    for plane in range(outer.shape[0]):
        status = decode_plane_quick(
            data, state, plane, samples, sizes, geometry, blocks, outer[plane], offsets[plane],
            outer_counts[plane], own[plane], weights[plane], ranges[plane, 0], ranges[plane, 1],
            ranges[plane, 2], rows, outer.shape[0], context_map, values, zeros, fast, left, sums,
            energy, chosen, residuals,
        )  # fmt: skip
        if status < 0:
            state[1] = plane
            return status
    return 0
