"""Decoding the segments of prediction. Chapter 9a.

Index proofs. Plane buffers: see `lossless/prediction_kernels.py`. Classes are tested against K
before they are stored. Contexts: see `context_of`, ctx < context_map.size; context_map holds values
below the number of tables (tested when parsed), so `fast` is read below tables * 512. Tokens are
below 72 because codes and histograms have 72 symbols. rANS: a slot is 0..4095, `first` is read at
slot >> 2, and the search ends at the last symbol because its cumulative frequency is 4096. Samples
are tested against their range before they are stored, so sums and energies stay within the stated
widths whatever the input. Work: photo samples times taps; runs read at least nothing and give one
sample each.

The state of reading: `position` in bits and two idle numbers with prefix codes; with rANS the two
states, the one whose turn it is first, and the position in bytes. `first` is None with prefix
codes, so that numba compiles each way alone; rANS gives any arrays for what it does not read.
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.entropy.decoder.rans_kernels import begin, decode_raw, ended, refill
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.prediction_kernels import (
    BLOCK,
    COLUMNS,
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
    place_of,
    span_of,
    spread_taps,
    west_weights,
)

TOKENS = 72
MAX_LENGTH = 12
MASK = (1 << MAX_LENGTH) - 1
FAST_BITS = 9
FAST_MASK = (1 << FAST_BITS) - 1
RUN_LIMIT = 65535

# Statuses; the wrapper names them.
BAD_RANGE = -1
BAD_RUN = -2
BAD_CLASS = -3
OVERRUN = -4
BAD_END = -5
NO_NUMBER = -7


@inner
def read_number(data, position, tables, row):
    # Clause prediction.residual, number(): 0 .. 2^18 - 1, and the position after it.
    bits = peek(data, position)
    entry = np.int64(tables[row, bits & MASK])
    length = entry & 15
    token = entry >> 4
    position += length
    if token < 16:
        return token, position
    n = 2 + ((token - 16) >> 2)
    raw = (bits >> length) & ((np.int64(1) << n) - 1)
    return ((4 + ((token - 16) & 3)) << n) | raw, position + n


@inner
def unfold(number):
    # unzigzag of clause prefix.bits, without a jump.
    odd = (number & 1) - 1
    return (((number + 1) >> 1) ^ odd) - odd


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
    x, position = refill(data, (stop - start) * (x >> 12) + slot - start, position)
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
    weights, low, high, middle, step, above, rows, planes, context_map, values, zeros, fast, first,
    left, sums, energy, numbers,
):  # fmt: skip
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    plane_size = geometry[PLANE_SIZE]
    start = geometry[ORIGIN] + plane * plane_size
    first_context = plane * (context_map.shape[0] // planes)
    position, state_x, state_y = state[0], state[2], state[3]
    unit = 64 * step
    far = False
    begin = end = np.int64(0)
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
        else:  # its prediction is W alone, and what is at the left of its first sample:
            samples[at - 1] = middle
            sizes[at - 1] = 4
            for x in range(width):
                sums[x] = 0
        add_energy(sizes, at, stride, plane_size, plane, y, weights, above, energy, begin, end)
        u0, u4 = west_weights(weights, y, above)
        side = np.int64(-1 if y > 0 and not above else 0)  # 0: contexts know no W and N
        for bx in range(geometry[COLUMNS]):
            k = np.int64(blocks[by, bx])
            if k < 0:
                continue
            c0 = np.int64(own[k, 0]) if y > 0 else np.int64(128)
            c4 = np.int64(own[k, 1]) if y > 0 else np.int64(0)
            c12 = np.int64(own[k, 2]) if y > 0 else np.int64(0)
            i = at + bx * BLOCK
            west = np.int64(samples[i - 1])  # kept out of memory: they are in the longest chain
            west2 = np.int64(samples[i - 2])
            west3 = np.int64(samples[i - 3])
            size = np.int64(sizes[i - 1])
            size2 = np.int64(sizes[i - 2])
            for column in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
                x = column & INDEX
                i = (at + x) & INDEX
                a = np.int64(sums[x]) + c12 * west3 + c4 * west2 + c0 * west
                d_west = (128 * west - a) & side
                sign = d_west >> 63  # -1 or 0: negation without a jump that nobody can guess
                d_north = (128 * np.int64(samples[(i - stride) & INDEX]) - a) & side
                place = place_of((d_west ^ sign) - sign, (d_north ^ sign) - sign, unit)
                half = ((a + 64) >> 6 ^ sign) & side & 1
                e = np.int64(energy[x]) + u4 * size2 + u0 * size
                prediction = min(max((a + 64) >> 7, low), high)
                context = first_context + context_of(e, rows, place, half)
                t = np.int64(context_map[context & INDEX])
                if first is None:
                    run = t & 1
                    t >>= 1
                    is_zero = False
                    if run:
                        count = left[t]
                        if count == 0:
                            count, position = read_number(data, position, zeros, t)
                            count = 2 * count + np.int64(count < RUN_LIMIT)
                            if count > 2 * RUN_LIMIT:
                                state[0] = position
                                return BAD_RUN
                        is_zero = count > 1
                        left[t] = count - 2 if is_zero else 0
                    r = np.int64(0)
                    if not is_zero:
                        # Written out: numba calls read_number, and would call this, too.
                        bits = peek(data, position)
                        entry = np.int64(fast[((t << FAST_BITS) + (bits & FAST_MASK)) & INDEX])
                        r = entry >> 4
                        position += entry & 15
                        if entry == 0:
                            z, position = read_number(data, position, values, t)
                            r = unfold(z + run)
                else:
                    z, state_x, state_y, position = rans_number(
                        data, state_x, state_y, position, values, first, t
                    )
                    r = unfold(z)
                if numbers is not None and numbers.shape[0] > 0:
                    z = 2 * abs(r) - np.int64(r > 0)
                    if z >= numbers.shape[0]:
                        state[0] = position
                        return NO_NUMBER
                    r = unfold(np.int64(numbers[z]))
                size2 = size
                size = abs(r)
                change = (r ^ sign) - sign
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
    ranges, rows, context_map, values, zeros, fast, first, left, sums, energy, numbers,
):  # fmt: skip
    for plane in range(outer.shape[0]):
        status = decode_plane(
            data, state, plane, samples, sizes, geometry, blocks, outer[plane], offsets[plane],
            outer_counts[plane], own[plane], weights[plane], ranges[plane, 0], ranges[plane, 1],
            ranges[plane, 2], ranges[plane, 3], ranges[plane, 4], rows, outer.shape[0],
            context_map, values, zeros, fast, first, left, sums, energy, numbers,
        )  # fmt: skip
        if status < 0:
            state[1] = plane
            return status
    return 0


# What all arguments are. data: the payload. state: position, the plane of an error, states of rANS.
# samples, sizes: plane buffers. geometry: see prediction_kernels. blocks: (rows, columns) class or
# -1. outer: (planes, K, taps) coefficients of the taps outside the own row, offsets: (planes, taps)
# their distances, outer_counts: (planes,) how many. own: (planes, K, 3) coefficients of (0, -1),
# (0, -2), (0, -3). weights: (planes, 16). ranges: (planes, 5) least, greatest, middle sample,
# step, above.
# rows: (8192,) of row_table. context_map: (planes * contexts of one,), tables, with prefix codes
# twice the table plus its run flag.
# values, zeros: (tables, 4096) look-up tables. fast: (tables * 512,): for the next 9 bits a
# residual << 4 | its bits, 0: look in values. left: (tables,), 0 at first: twice what is left of a
# run of zeros, plus 1 where a number is due behind it.
# cumulative, first: (tables, 73), (tables, 1024) of the histograms. sums: work, 1 + taps padded
# rows, energy: one. sums are int64 for samples above 255, else at most 46 taps of 2^16 times 255
# fit int32.
# numbers: those that codes stand for, empty for themselves; a code is tested against their count.
COMMON = (
    "int64(u8ro[::1], int64[::1], int32[::1], int32[::1], i64ro[::1], int16[:, ::1],"
    " i32ro[:, :, ::1], i64ro[:, ::1], i64ro[::1], i32ro[:, :, ::1], i32ro[:, ::1], i64ro[:, ::1],"
    " u16ro[::1], u8ro[::1], "
)
PREFIX = COMMON + "u16ro[:, ::1], u16ro[:, ::1], i16ro[::1], int64[::1], "
RANS = COMMON + "u16ro[:, ::1], u8ro[:, ::1], "


@kernel(PREFIX + "int32[::1], int32[::1])")
def decode_planes_8(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, fast, left, sums, energy,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, values, zeros, fast, None, left, sums,
        energy, None,
    )  # fmt: skip


@kernel(PREFIX + "int64[::1], int32[::1], i32ro[::1])")
def decode_planes_16(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, values, zeros, fast, left, sums, energy, numbers,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, values, zeros, fast, None, left, sums,
        energy, numbers,
    )  # fmt: skip


@kernel(RANS + "int32[::1], int32[::1])")
def decode_planes_rans_8(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, cumulative, first, sums, energy,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, cumulative, cumulative, context_map, first,
        state, sums, energy, None,
    )  # fmt: skip


@kernel(RANS + "int64[::1], int32[::1], i32ro[::1])")
def decode_planes_rans_16(
    data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
    ranges, rows, context_map, cumulative, first, sums, energy, numbers,
):  # fmt: skip
    return decode_planes(
        data, state, samples, sizes, geometry, blocks, outer, offsets, outer_counts, own, weights,
        ranges, rows, context_map, cumulative, cumulative, context_map, first,
        state, sums, energy, numbers,
    )  # fmt: skip
