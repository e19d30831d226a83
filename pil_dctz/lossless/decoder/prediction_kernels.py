"""Decoding the segments and the tables of prediction. Chapter 9a.

Index proofs. Plane buffers: see `lossless/prediction_kernels.py`. Classes are tested against K
before they are stored. Contexts: see `context_of`, ctx < context_map.size; context_map holds values
below the number of tables (tested when parsed). Tokens are below 72 because codes and histograms
have 72 symbols. rANS: a slot is 0..4095, `first` is read at slot >> 2, and the search ends at the
last symbol because its cumulative frequency is 4096. Samples are tested against their range before
they are stored, so sums and energies stay within the stated widths whatever the input. Work: photo
samples times taps; runs read at least nothing and give one sample each.

The state of reading: `position` in bits and two idle numbers with prefix codes; with rANS the two
states, the one whose turn it is first, and the position in bytes. `first` is None with prefix
codes, so that numba compiles each way alone; rANS gives any arrays for what it does not read.
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.entropy.decoder.rans_kernels import begin, decode_raw, ended, next_word
from pil_dctz.entropy.prefix_kernels import check_lengths, fill_row, read_lengths
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.prediction_kernels import (
    BLOCK,
    COLUMNS,
    HEIGHT,
    INDEX,
    ORIGIN,
    PLANE_SIZE,
    SPLIT,
    STRIDE,
    WIDTH,
    add_energy,
    add_taps,
    context_of,
    pad_above,
    pad_below,
    pad_left,
    pad_right,
    place_of,
    spread_taps,
)

TOKENS = 72
MAX_LENGTH = 12
MASK = (1 << MAX_LENGTH) - 1
SHORT_MASK = 511
RUN_LIMIT = 65535

# Statuses; the wrapper names them.
BAD_RANGE = -1
BAD_RUN = -2
BAD_CLASS = -3
OVERRUN = -4
BAD_END = -5
NO_NUMBER = -7
LOWEST = 65536


@inner
def read_number(data, position, tables, row):
    # Clause prediction.residual, number(): 0 .. 2^18 - 1, and the position after it.
    # tables: the short words' 512 entries first, which stay in the nearest cache.
    bits = peek(data, position)
    entry = np.int64(tables[row, bits & SHORT_MASK])
    if entry == 0:
        entry = np.int64(tables[row, SHORT_MASK + 1 + (bits & MASK)])
    length = entry & 15
    token = entry >> 4
    position += length
    if token < 16:
        return token, position
    n = 2 + ((token - 16) >> 2)
    raw = (bits >> length) & ((np.int64(1) << n) - 1)
    return ((4 + ((token - 16) & 3)) << n) | raw, position + n


@inner
def read_in_run(data, position, t, values, zeros, left, due):
    # Clause prediction.residual with run[t]; -1 for a run that is too long.
    if left[t] == 0 and due[t] == 0:
        run, position = read_number(data, position, zeros, t)
        if run > RUN_LIMIT:
            return np.int64(-1), position
        left[t] = run
        due[t] = 1 if run < RUN_LIMIT else 0
    if left[t] > 0:
        left[t] -= 1
        return np.int64(0), position
    due[t] = 0
    number, position = read_number(data, position, values, t)
    return number + 1, position


@inner
def rans_token(data, x, y, position, cumulative, first, row):
    # Clause rans.symbol, by histograms in which symbols may be missing: (token, states, position).
    slot = x & 4095
    token = np.int64(first[row, (slot >> 2) & INDEX])
    start = np.int64(cumulative[row, token & INDEX])
    stop = np.int64(cumulative[row, (token + 1) & INDEX])
    while stop <= slot:
        token += 1
        start = stop
        stop = np.int64(cumulative[row, (token + 1) & INDEX])
    x = (stop - start) * (x >> 12) + slot - start
    if x < LOWEST:
        x = (x << 16) | next_word(data, position)
        position += 2
    return token, y, x, position


@inner
def rans_number(data, x, y, position, cumulative, first, row):
    # Clause prediction.residual, number(), by rANS.
    token, x, y, position = rans_token(data, x, y, position, cumulative, first, row)
    if token < 16:
        return token, x, y, position
    n = 2 + ((token - 16) >> 2)
    raw, x, y, position = decode_raw(data, x, y, position, n)
    return ((4 + ((token - 16) & 3)) << n) | raw, x, y, position


@inner
def class_symbol(data, x, y, position, codes, first, same):
    if first is None:
        entry = np.int64(codes[same, peek(data, position) & MASK])
        return entry >> 4, x, y, position + (entry & 15)
    return rans_token(data, x, y, position, codes, first, same)


@inner
def is_beyond(data, position, first):
    if first is None:
        return overran(data, position)
    return position > data.shape[0]


@inner
def read_classes(data, state, photo, codes, first, classes, out):
    # Clause prediction.classes. photo, out: (rows, columns) of blocks; out: class, -1: no photo.
    # codes: rows differ, same. classes: K, 1..64. Returns 0 or a status.
    position, x, y = state[0], state[2], state[3]
    for by in range(photo.shape[0]):
        for bx in range(photo.shape[1]):
            if photo[by, bx] == 0:
                out[by, bx] = -1
                continue
            if classes == 1:
                out[by, bx] = 0
                continue
            west = np.int64(out[by, bx - 1]) if bx > 0 else np.int64(-1)
            north = np.int64(out[by - 1, bx]) if by > 0 else np.int64(-1)
            if west < 0:
                west = north
            if north < 0:
                north = west
            same = np.int64(west == north)
            s, x, y, position = class_symbol(data, x, y, position, codes, first, same)
            if s >= 2:
                k = s - 2
            elif s == 0:
                k = west
            else:
                k = north if same == 0 else np.int64(-1)
            if k < 0 or k >= classes:
                state[0] = position
                return BAD_CLASS
            out[by, bx] = k
        if is_beyond(data, position, first):
            state[0] = position
            return OVERRUN
    state[0], state[2], state[3] = position, x, y
    return 0


@kernel("int64(u8ro[::1], int64[::1], u8ro[:, ::1], u16ro[:, ::1], int64, int16[:, ::1])")
def decode_classes(data, state, photo, tables, classes, out):
    # tables: (2, 4096) look-up tables.
    return read_classes(data, state, photo, tables, None, classes, out)


@kernel(
    "int64(u8ro[::1], int64[::1], u8ro[:, ::1], u16ro[:, ::1], u8ro[:, ::1], int64, int16[:, ::1])"
)
def decode_classes_rans(data, state, photo, cumulative, first, classes, out):
    # Begins the stream, too. Checked by the wrapper: data has 8 bytes or more.
    state[2], state[3], state[0] = begin(data)
    return read_classes(data, state, photo, cumulative, first, classes, out)


@kernel("int64(u8ro[::1], int64[::1])")
def check_end_rans(data, state):
    # Clause rans.end.
    if state[0] > data.shape[0]:
        return OVERRUN
    return 0 if ended(data, state[2], state[3], state[0]) else BAD_END


@inner
def decode_plane(
    data, state, plane, samples, sizes, geometry, blocks, outer, offsets, outer_count, own,
    weights, low, high, middle, step, rows, planes, context_map, values, zeros, is_run, first,
    left, due, sums, energy, numbers,
):  # fmt: skip
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    plane_size = geometry[PLANE_SIZE]
    start = geometry[ORIGIN] + plane * plane_size
    u0 = weights[0]
    u4 = weights[4]
    own_weight = np.int64(0)
    for k in range(10):
        own_weight += weights[k]
    first_context = plane * (context_map.shape[0] // planes)
    position, state_x, state_y = state[0], state[2], state[3]
    unit = 64 * step
    for y in range(geometry[HEIGHT]):
        at = start + y * stride
        by = y // BLOCK
        if y > 0:
            pad_left(samples, at, y, stride)
            pad_left(sizes, at, y, stride)
            if y == 1 or y % BLOCK == 0:
                spread_taps(blocks, by, outer, outer_count, sums, stride)
            add_taps(samples, at, offsets, outer_count, sums, stride, width)
        add_energy(sizes, at, stride, plane_size, plane, y, weights, energy, width)
        for bx in range(geometry[COLUMNS]):
            k = np.int64(blocks[by, bx])
            if k < 0:
                continue
            c0 = np.int64(own[k, 0])
            c4 = np.int64(own[k, 1])
            c12 = np.int64(own[k, 2])
            i = at + bx * BLOCK
            west = np.int64(samples[i - 1])  # kept out of memory: they are in the longest chain
            west2 = np.int64(samples[i - 2])
            west3 = np.int64(samples[i - 3])
            size = np.int64(sizes[i - 1])
            size2 = np.int64(sizes[i - 2])
            for column in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
                x = column & INDEX
                i = (at + x) & INDEX
                e = np.int64(energy[x])
                if y > 0:
                    a = np.int64(sums[x]) + c12 * west3 + c4 * west2 + c0 * west
                    d_west = 128 * west - a
                    sign = d_west >> 63  # -1 or 0: negation without a jump that nobody can guess
                    place = place_of(
                        (d_west ^ sign) - sign,
                        ((128 * np.int64(samples[(i - stride) & INDEX]) - a) ^ sign) - sign,
                        unit,
                    )
                    half = ((a + 64) >> 6 ^ sign) & 1
                    e += u4 * size2 + u0 * size
                else:
                    a = 128 * (west if x > 0 else middle)
                    sign = np.int64(0)
                    place = np.int64(2)
                    half = np.int64(0)
                    e += own_weight * (size if x > 0 else np.int64(4))
                prediction = min(max((a + 64) >> 7, low), high)
                context = first_context + context_of(e, rows, place, half)
                t = np.int64(context_map[context & INDEX])
                if first is None:
                    if is_run[t] == 0:
                        z, position = read_number(data, position, values, t)
                    else:
                        z, position = read_in_run(data, position, t, values, zeros, left, due)
                        if z < 0:
                            state[0] = position
                            return BAD_RUN
                else:
                    z, state_x, state_y, position = rans_number(
                        data, state_x, state_y, position, values, first, t
                    )
                if numbers is not None and numbers.shape[0] > 0:
                    if z >= numbers.shape[0]:
                        state[0] = position
                        return NO_NUMBER
                    z = np.int64(numbers[z])
                size2 = size
                size = (z + 1) >> 1
                sign ^= (z & 1) - 1  # even numbers are negative
                change = (size ^ sign) - sign
                if step != 1:
                    change *= step
                value = prediction + change
                if value < low or value > high:
                    if step == 1:
                        state[0] = position
                        return BAD_RANGE
                    value = min(max(value, low), high)
                samples[i] = value
                sizes[i] = size
                west3 = west2
                west2 = west
                west = value
        pad_right(samples, at, width)
        pad_right(sizes, at, width)
        if y == 0:
            pad_left(samples, at, 0, stride)
            pad_left(sizes, at, 0, stride)
            pad_above(samples, at, stride, width)
            pad_above(sizes, at, stride, width)
        if is_beyond(data, position, first):
            state[0] = position
            return OVERRUN
    state[0], state[2], state[3] = position, state_x, state_y
    last = start + (geometry[HEIGHT] - 1) * stride
    pad_below(samples, last, stride, width)
    pad_below(sizes, last, stride, width)
    return 0


@inner
def decode_planes(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, is_run, first, counters, sums, energy, numbers,
):  # fmt: skip
    for plane in range(outer.shape[0]):
        status = decode_plane(
            data, state, plane, samples, sizes, geometry, blocks, outer[plane], offsets[plane],
            outer_counts[plane], own[plane], weights[plane], ranges[plane, 0], ranges[plane, 1],
            ranges[plane, 2], ranges[plane, 3], rows, outer.shape[0], context_map, values, zeros,
            is_run, first, counters[0], counters[1], sums, energy, numbers,
        )  # fmt: skip
        if status < 0:
            state[1] = plane
            return status
    return 0


# What all arguments are. data: the payload. state: position, the plane of an error, states of rANS.
# samples, sizes: plane buffers. geometry: see prediction_kernels. blocks: (rows, columns) class or
# -1. outer: (planes, K, taps) coefficients of the taps outside the own row, offsets: (planes, taps)
# their distances, outer_counts: (planes,) how many. own: (planes, K, 3) coefficients of (0, -1),
# (0, -2), (0, -3). weights: (planes, 16). ranges: (planes, 4) least, greatest, middle sample,
# step.
# rows: (8192,) of row_table. context_map: (planes * contexts of one,).
# values, zeros: (tables, 512 + 4096) look-up tables; is_run: (tables,). counters: (2, tables).
# cumulative, first: (tables, 73), (tables, 1024) of the histograms. sums: work, 1 + taps padded
# rows, energy: one. sums are int64 for samples above 255, else at most 46 taps of 2^16 times 255
# fit int32.
# numbers: those that codes stand for, empty for themselves; a code is tested against their count.
COMMON = (
    "int64(u8ro[::1], int64[::1], int32[::1], int32[::1], i64ro[::1], int16[:, ::1],"
    " i32ro[:, :, ::1], i64ro[:, ::1], i64ro[::1], i32ro[:, :, ::1], i64ro[:, ::1], i64ro[:, ::1],"
    " u16ro[::1], u8ro[::1], "
)
PREFIX = COMMON + "u16ro[:, ::1], u16ro[:, ::1], u8ro[::1], int64[:, ::1], "
RANS = COMMON + "u16ro[:, ::1], u8ro[:, ::1], int64[:, ::1], "


@kernel(PREFIX + "int32[::1], int32[::1])")
def decode_planes_8(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, is_run, counters, sums, energy,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, values, zeros, is_run, None, counters, sums,
        energy, None,
    )  # fmt: skip


@kernel(PREFIX + "int64[::1], int32[::1], i32ro[::1])")
def decode_planes_16(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, is_run, counters, sums, energy, numbers,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, values, zeros, is_run, None, counters, sums,
        energy, numbers,
    )  # fmt: skip


@kernel(RANS + "int32[::1], int32[::1])")
def decode_planes_rans_8(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, cumulative, first, counters, sums, energy,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, cumulative, cumulative, context_map, first,
        counters, sums, energy, None,
    )  # fmt: skip


@kernel(RANS + "int64[::1], int32[::1], i32ro[::1])")
def decode_planes_rans_16(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, cumulative, first, counters, sums, energy, numbers,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, cumulative, cumulative, context_map, first,
        counters, sums, energy, numbers,
    )  # fmt: skip


@inner
def read_unary(data, state, limit):
    # Clause prefix.bits, limit <= 31; -1 for more ones.
    bits = peek(data, state[0])
    ones = 0
    while ones <= limit and (bits >> ones) & 1:
        ones += 1
    if ones > limit:
        return np.int64(-1)
    state[0] += ones + 1
    return np.int64(ones)


@kernel("int64(u8ro[::1], int64[::1], int64, u8ro[::1], int32[:, ::1])")
def read_coefficients(data, state, classes, is_sent, out):
    # Clause prediction.coefficients, the sent ones. is_sent: (taps,), out: (K, taps). Returns 0,
    # -1 for a Rice number that is too long, -2 for a coefficient out of range.
    for t in range(out.shape[1]):
        if is_sent[t] == 0:
            continue
        bits = peek(data, state[0])
        mean = (bits & 1023) - 512
        state[0] += 10
        if classes == 1:
            out[0, t] = mean
            continue
        k = (bits >> 10) & 15
        state[0] += 4
        for c in range(classes):
            q = read_unary(data, state, 24)
            if q < 0:
                return -1
            z = (q << k) + (peek(data, state[0]) & ((np.int64(1) << k) - 1))
            state[0] += k
            value = mean + ((z + 1) >> 1 if z & 1 else -(z >> 1))
            if value < -2047 or value > 2047:
                return -2
            out[c, t] = value
    return 0


@kernel("int64(u8ro[::1], int64[::1], uint8[:, ::1], int64, int64)")
def read_code_lengths(data, state, lengths, row, count_bits):
    # Clause prefix.lengths into lengths[row]; returns the used symbols or a negative status:
    # -1..-4 of check_lengths, -5 for broken syntax.
    position = read_lengths(data, state[0], lengths, row, MAX_LENGTH, count_bits)
    if position < 0:
        return -5
    state[0] = position
    return check_lengths(lengths, row, MAX_LENGTH)


@kernel("int64(u8ro[::1], int64[::1], uint16[:, ::1], int64, int64[::1])")
def read_histogram(data, state, cumulative, row, work):
    # Clause prediction.histogram into cumulative[row]; work: (symbols,). Returns 0, or -1 for a
    # bad count, -2 for a number that is too long, -3 for an exponent out of range, -4: no symbol.
    # Widths: weights are at most 27 << 11, their sum below 2^22, a product below 2^28.
    symbols = work.shape[0]
    head = peek(data, state[0])
    count = head & 127
    k = (head >> 7) & 3
    state[0] += 9
    if count < 1 or count > symbols:
        return -1
    last = np.int64(32)
    total = np.int64(0)
    greatest = np.int64(0)
    for s in range(symbols):
        work[s] = 0
        if s >= count:
            continue
        q = read_unary(data, state, 24)
        if q < 0:
            return -2
        n = (q << k) + (peek(data, state[0]) & ((np.int64(1) << k) - 1))
        state[0] += k
        missing = np.int64(3) << k
        if n == missing:
            continue
        if n > missing:
            n -= 1
        last += (n + 1) >> 1 if n & 1 else -(n >> 1)
        if last < 0 or last > 47:
            return -3
        steps = last & 3
        work[s] = (16 + 3 * steps + steps // 2 + steps // 3) << (last >> 2)
        total += work[s]
        if work[s] > work[greatest]:
            greatest = s
    if total == 0:
        return -4
    spent = np.int64(0)
    for s in range(symbols):
        if work[s] > 0:
            work[s] = max(np.int64(1), work[s] * 4096 // total)
            spent += work[s]
    work[greatest] += 4096 - spent
    cumulative[row, 0] = 0
    spent = np.int64(0)
    for s in range(symbols):
        spent += work[s]
        cumulative[row, s + 1] = spent
    return 0


@kernel("int64(u8ro[::1], int64[::1], u8ro[:, ::1], uint16[:, ::1], int64, uint8[::1])")
def read_context_map(data, state, lengths, table, levels, out):
    # Clause prediction.map. lengths: (1, T + 1), valid. table: (1, 4096) work. out: (contexts,).
    fill_row(lengths, 0, MAX_LENGTH, table, 0)
    rows = levels + SPLIT
    for c in range(out.shape[0]):
        entry = np.int64(table[0, peek(data, state[0]) & MASK])
        state[0] += entry & 15
        s = entry >> 4
        row = c // 20 % rows
        if s > 0:
            out[c] = s - 1
        elif c == 0:
            out[c] = 0
        elif row == 0:
            out[c] = out[c - 1]
        else:
            out[c] = out[c - 40 if 2 <= row <= 2 * SPLIT else c - 20]
    return 0
