"""Residuals, contexts and bits of prediction, as the decoder will see them. Chapter 9a.2.

Index proofs. Plane buffers: see `lossless/prediction_kernels.py`. Classes in `blocks` are -1 or
below K by the wrapper. Contexts: see `context_of`; numbers are below 2^18, so tokens are below
72 = TOKENS. Tables of contexts are below the number of codes (made so).
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import put
from pil_dctz.entropy.encoder.rans_kernels import raw_operation, symbol_operation
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
    pad_left,
    pad_plane,
    place_of,
    spread_taps,
    west_weights,
)

TOKENS = 72
RUN_LIMIT = 65535
NO_CONTEXT = 65535  # samples outside photo cells
NO_LEVEL = 255  # samples that teach nothing: outside photo cells, in row 0, in the pads


@inner
def token_of(number):
    # Clause prediction.residual: token | raw bits << 8; their count is token_raw.
    if number < 16:
        return np.int64(number)
    n = 4
    while number >> (n + 1):
        n += 1
    return np.int64(16 + 4 * (n - 4) + ((number >> (n - 2)) & 3))


@inner
def token_raw(token):
    return np.int64(0) if token < 16 else 2 + ((token - 16) >> 2)


@inner
def row_places(samples, at, stride, sums, width, unit, side, places, out):
    # places: 2 * (w * 5 + n) and the half of the prediction's fraction, of a row below the first.
    # side: -1, or 0 where contexts know rows above alone.
    # One array written a loop, no jumps: so the loops become vectors.
    west = (at - 1) & INDEX
    north = (at - stride) & INDEX
    for x in range(width):
        a = np.int64(sums[x])
        d_west = (128 * np.int64(samples[west + x]) - a) & side
        sign = d_west >> 63
        d_north = (128 * np.int64(samples[north + x]) - a) & side
        place = place_of((d_west ^ sign) - sign, (d_north ^ sign) - sign, unit)
        places[out + x] = 2 * place + (((a + 64) >> 6 ^ sign) & side & 1)


@inner
def row_numbers(samples, at, sums, width, low, high, step, side, numbers, out):
    west = (at - 1) & INDEX
    here = at & INDEX
    for x in range(width):
        a = np.int64(sums[x])
        sign = ((128 * np.int64(samples[west + x]) - a) & side) >> 63
        r = np.int64(samples[here + x]) - min(max((a + 64) >> 7, low), high)
        r = (r ^ sign) - sign
        numbers[out + x] = 2 * abs(r) - np.int64(r > 0)
    if step != 1:
        for x in range(width):
            number = np.int64(numbers[out + x])
            size = (((number + 1) >> 1) + (step >> 1)) // step
            numbers[out + x] = 2 * size - (number & 1 if size > 0 else 0)


@inner
def top_row(samples, at, width, middle, low, high, step, places, numbers, out):
    for x in range(width):
        prediction = np.int64(samples[(at + x - 1) & INDEX]) if x > 0 else middle
        r = np.int64(samples[(at + x) & INDEX]) - min(max(prediction, low), high)
        size = (abs(r) + (step >> 1)) // step
        places[out + x] = 4
        numbers[out + x] = 2 * size - np.int64(r > 0 and size > 0)


@inner
def residual_rows(
    plane, samples, sizes, geometry, blocks, outer, offsets, count, low, high, middle, step, above,
    sums, places, numbers,
):  # fmt: skip
    # Residual numbers (before the contexts) and sizes of one plane; places: see row_places, 255
    # outside photo cells. outer, offsets: all taps, those of the own row too.
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    start = geometry[ORIGIN] + plane * geometry[PLANE_SIZE]
    side = np.int64(0 if above else -1)
    for y in range(geometry[HEIGHT]):
        at = (start + y * stride) & INDEX
        out = ((plane * geometry[HEIGHT] + y) * width) & INDEX
        by = y // BLOCK
        if y == 0:
            top_row(samples, at, width, middle, low, high, step, places, numbers, out)
        else:
            if y == 1 or y % BLOCK == 0:
                spread_taps(blocks, by, outer, count, sums, stride)
            add_taps(samples, at, offsets, count, sums, stride, 0, width)
            row_places(samples, at, stride, sums, width, 64 * step, side, places, out)
            row_numbers(samples, at, sums, width, low, high, step, side, numbers, out)
        for bx in range(geometry[COLUMNS]):
            if blocks[by, bx] < 0:
                for x in range(bx * BLOCK, min(bx * BLOCK + BLOCK, width)):
                    places[out + x] = 255
                    numbers[out + x] = 0
        for x in range(width):
            sizes[at + x] = (numbers[out + x] + 1) >> 1
    pad_plane(sizes, start, stride, width, geometry[HEIGHT])


@inner
def context_rows(
    plane, sizes, geometry, weights, above, rows, fine_of, first_context, energy, places, contexts,
    fine,
):  # fmt: skip
    width = geometry[WIDTH]
    stride = geometry[STRIDE]
    plane_size = geometry[PLANE_SIZE]
    start = geometry[ORIGIN] + plane * plane_size
    for y in range(geometry[HEIGHT]):
        at = start + y * stride
        out = (plane * geometry[HEIGHT] + y) * width
        add_energy(sizes, at, stride, plane_size, plane, y, weights, above, energy, 0, width)
        u0, u4 = west_weights(weights, y, above)
        if y == 0:
            sizes[at - 1] = 4
        for x in range(width):
            if places[out + x] == 255:
                contexts[out + x] = NO_CONTEXT
                fine[at + x] = NO_LEVEL
                continue
            i = at + x
            e = np.int64(energy[x]) + u0 * np.int64(sizes[i - 1]) + u4 * np.int64(sizes[i - 2])
            if y > 0:
                index = e + 8
                if index >= 4096:
                    index = 4096 + min(index >> 8, 4095)
                fine[i] = fine_of[index & 8191]
            else:
                fine[i] = NO_LEVEL
            place = np.int64(places[out + x])
            contexts[out + x] = first_context + context_of(e, rows, place >> 1, place & 1)
        if y == 0:
            pad_left(sizes, at, 0, stride)


@inner
def analyse_planes(
    samples, sizes, geometry, blocks, outer, offsets, outer_counts, fine_of, weights, ranges, rows,
    plane_contexts, sums, energy, places, contexts, numbers, fine,
):  # fmt: skip
    for plane in range(outer.shape[0]):
        residual_rows(
            plane, samples, sizes, geometry, blocks, outer[plane], offsets[plane],
            outer_counts[plane], ranges[plane, 0], ranges[plane, 1], ranges[plane, 2],
            ranges[plane, 3], ranges[plane, 4], sums, places, numbers,
        )  # fmt: skip
    for plane in range(outer.shape[0]):
        context_rows(
            plane, sizes, geometry, weights[plane], ranges[plane, 4], rows, fine_of,
            plane * plane_contexts, energy, places, contexts, fine,
        )  # fmt: skip
    return 0


# Arguments up to `energy` as in the decoder's decode_planes, but outer and offsets have all taps.
# fine_of: (8192,), the fine level of an energy, indexed as rows is. places: uint8 work, contexts:
# uint16, numbers: int32, (planes * height * width,) each, in order of coding. fine: uint8, a buffer
# like samples: the fine level of each sample, 255 where there is none.
@kernel(
    "int64(i32ro[::1], int32[::1], i64ro[::1], int16[:, ::1], i32ro[:, :, ::1], i64ro[:, ::1],"
    " i64ro[::1], u8ro[::1], i32ro[:, ::1], i64ro[:, ::1], u16ro[::1], int64, int32[::1],"
    " int32[::1], uint8[::1], uint16[::1], int32[::1], uint8[::1])"
)
def analyse_planes_8(
    samples, sizes, geometry, blocks, outer, offsets, outer_counts, fine_of, weights, ranges, rows,
    plane_contexts, sums, energy, places, contexts, numbers, fine,
):  # fmt: skip
    return analyse_planes(
        samples, sizes, geometry, blocks, outer, offsets, outer_counts, fine_of, weights, ranges,
        rows, plane_contexts, sums, energy, places, contexts, numbers, fine,
    )  # fmt: skip


@kernel(
    "int64(i32ro[::1], int32[::1], i64ro[::1], int16[:, ::1], i32ro[:, :, ::1], i64ro[:, ::1],"
    " i64ro[::1], u8ro[::1], i32ro[:, ::1], i64ro[:, ::1], u16ro[::1], int64, int64[::1],"
    " int32[::1], uint8[::1], uint16[::1], int32[::1], uint8[::1])"
)
def analyse_planes_16(
    samples, sizes, geometry, blocks, outer, offsets, outer_counts, fine_of, weights, ranges, rows,
    plane_contexts, sums, energy, places, contexts, numbers, fine,
):  # fmt: skip
    return analyse_planes(
        samples, sizes, geometry, blocks, outer, offsets, outer_counts, fine_of, weights, ranges,
        rows, plane_contexts, sums, energy, places, contexts, numbers, fine,
    )  # fmt: skip


@kernel("int64(int32[::1], i64ro[::1], int64)")
def pad_planes(samples, geometry, planes):
    # Clause prediction.edges for planes whose samples are all known.
    for plane in range(planes):
        start = geometry[ORIGIN] + plane * geometry[PLANE_SIZE]
        pad_plane(samples, start, geometry[STRIDE], geometry[WIDTH], geometry[HEIGHT])
    return 0


@kernel("int64(u16ro[::1], i32ro[::1], int64[:, ::1])")
def count_tokens(contexts, numbers, counts):
    # counts[context, token] += 1 for each sample.
    for i in range(contexts.shape[0]):
        c = np.int64(contexts[i])
        if c != NO_CONTEXT:
            counts[c, token_of(np.int64(numbers[i]))] += 1
    return 0


@kernel("int64(f64ro[:, ::1], u8ro[::1], i64ro[::1], float64, int64[::1])")
def reassign_contexts(bits, is_filled, parents, saved, clusters):
    # In order, the cheapest cluster of each context: bits[context, cluster], less `saved` in that
    # of its parent; contexts that do not occur take their parent's. Parents are below their
    # context or -1 (cluster 0), clusters below bits.shape[1] (made so).
    for c in range(bits.shape[0]):
        parent = clusters[parents[c]] if parents[c] >= 0 else np.int64(0)
        best = parent
        if is_filled[c]:
            for k in range(bits.shape[1]):
                cost = bits[c, k] - (saved if k == parent else 0.0)
                if cost < bits[c, best] - (saved if best == parent else 0.0):
                    best = k
        clusters[c] = best
    return 0


@kernel("int64(u16ro[::1], i32ro[::1], i16ro[::1], int64[::1], int32[::1])")
def find_runs(contexts, numbers, table_of, zeros, runs):
    # runs[i]: zeros from sample i on in its table's own sequence. zeros: (tables,) work. table_of:
    # of contexts, -1: none that may have runs; their samples are left out.
    for t in range(zeros.shape[0]):
        zeros[t] = 0
    for back in range(contexts.shape[0]):
        i = contexts.shape[0] - 1 - back
        c = np.int64(contexts[i])
        if c == NO_CONTEXT:
            continue
        t = np.int64(table_of[c])
        if t < 0:
            continue
        if numbers[i] == 0:
            zeros[t] += 1
        else:
            zeros[t] = 0
        runs[i] = zeros[t]
    return 0


@kernel(
    "int64(u16ro[::1], i32ro[::1], i32ro[::1], i16ro[::1], int64[:, ::1], int64[:, ::1],"
    " int64[:, ::1])"
)
def count_run_tokens(contexts, numbers, runs, table_of, counters, run_counts, value_counts):
    # Tokens that each table needs if it is a run table: of its runs and of its other numbers.
    # counters: (2, tables), zeros. table_of: as in find_runs.
    for i in range(contexts.shape[0]):
        c = np.int64(contexts[i])
        if c == NO_CONTEXT:
            continue
        t = np.int64(table_of[c])
        if t < 0:
            continue
        if counters[0, t] == 0 and counters[1, t] == 0:
            run = min(np.int64(runs[i]), RUN_LIMIT)
            run_counts[t, token_of(run)] += 1
            counters[0, t] = run
            counters[1, t] = 1 if run < RUN_LIMIT else 0
        if counters[0, t] > 0:
            counters[0, t] -= 1
        else:
            counters[1, t] = 0
            value_counts[t, token_of(np.int64(numbers[i]) - 1)] += 1
    return 0


@inner
def put_number(out, position, held, number, codes, row):
    # At most 27 bits. held: the bits of the last, unfinished 32, position & 31 of them. Returns
    # position and held. Proof: whole words are written only if they fit.
    token = token_of(number)
    entry = np.int64(codes[row, token])
    length = entry >> 16
    raw = token_raw(token)
    word = (entry & 0xFFFF) | ((number & ((np.int64(1) << raw) - 1)) << length)
    used = position & 31
    held |= word << used
    position += length + raw
    if used + length + raw >= 32:
        i = ((position >> 5) - 1) * 4
        if i + 4 <= out.shape[0]:
            i &= INDEX
            out[i] = held & 255
            out[i + 1] = (held >> 8) & 255
            out[i + 2] = (held >> 16) & 255
            out[i + 3] = (held >> 24) & 255
        held >>= 32
    return position, held


@kernel(
    "int64(u16ro[::1], i32ro[::1], i32ro[::1], u8ro[::1], u32ro[:, ::1], u32ro[:, ::1], u8ro[::1],"
    " int64[:, ::1], uint8[::1], int64)"
)
def write_numbers(
    contexts, numbers, runs, table_of, values, zeros, is_run, counters, out, position
):
    # Clause prediction.residual, all samples of a segment. values, zeros: codes of build_codes.
    # counters: (2, tables), zeros. Returns the position in bits, beyond out if it is too small.
    # Bits of `out` before the position are kept, those after it were 0.
    held = np.int64(0)
    first = position >> 5 << 2
    for k in range(4):
        if first + k < out.shape[0]:
            held |= np.int64(out[first + k]) << (8 * k)
    for i in range(contexts.shape[0]):
        c = np.int64(contexts[i])
        if c == NO_CONTEXT:
            continue
        t = np.int64(table_of[c])
        number = np.int64(numbers[i])
        if is_run[t] == 0:
            position, held = put_number(out, position, held, number, values, t)
            continue
        if counters[0, t] == 0 and counters[1, t] == 0:
            run = min(np.int64(runs[i]), RUN_LIMIT)
            position, held = put_number(out, position, held, run, zeros, t)
            counters[0, t] = run
            counters[1, t] = 1 if run < RUN_LIMIT else 0
        if counters[0, t] > 0:
            counters[0, t] -= 1
        else:
            counters[1, t] = 0
            position, held = put_number(out, position, held, number - 1, values, t)
    first = position >> 5 << 2
    for k in range(4):
        if first + k < out.shape[0]:
            out[first + k] = (held >> (8 * k)) & 255
    return position


@kernel("int64(u16ro[::1], i32ro[::1], u8ro[::1], u16ro[:, ::1], uint32[::1], int64)")
def number_operations(contexts, numbers, table_of, cumulative, operations, count):
    # Clause prediction.residual as operations of rANS from index `count` on; returns their number.
    # Checked by the wrapper: operations has room for two a sample.
    for i in range(contexts.shape[0]):
        c = np.int64(contexts[i])
        if c == NO_CONTEXT:
            continue
        number = np.int64(numbers[i])
        token = token_of(number)
        operations[count] = symbol_operation(cumulative, np.int64(table_of[c]), token)
        count += 1
        raw = token_raw(token)
        if raw > 0:
            operations[count] = raw_operation(number & ((np.int64(1) << raw) - 1), raw)
            count += 1
    return count


@kernel("int64(int16[:, ::1], u16ro[:, ::1], uint32[::1])")
def class_operations(symbols, cumulative, operations):
    # The symbols of class_symbols as operations from index 0 on; returns their number. Checked by
    # the wrapper: operations has room for one a block.
    count = np.int64(0)
    for by in range(symbols.shape[0]):
        for bx in range(symbols.shape[1]):
            s = np.int64(symbols[by, bx])
            if s >= 0:
                operations[count] = symbol_operation(cumulative, s >> 10, s & 1023)
                count += 1
    return count


@kernel("int64(int16[:, ::1], int16[:, ::1], int64[:, ::1])")
def class_symbols(blocks, symbols, counts):
    # Clause prediction.classes. symbols: s + 1024 * (same), -1 where no block is coded; counts:
    # (2, K + 2), added to.
    for by in range(blocks.shape[0]):
        for bx in range(blocks.shape[1]):
            k = np.int64(blocks[by, bx])
            if k < 0:
                symbols[by, bx] = -1
                continue
            west = np.int64(blocks[by, bx - 1]) if bx > 0 else np.int64(-1)
            north = np.int64(blocks[by - 1, bx]) if by > 0 else np.int64(-1)
            if west < 0:
                west = north
            if north < 0:
                north = west
            same = np.int64(west == north)
            if k == west:
                s = np.int64(0)
            elif k == north:
                s = np.int64(1)
            else:
                s = 2 + k
            counts[same, s] += 1
            symbols[by, bx] = s + 1024 * same
    return 0


@kernel("int64(int16[:, ::1], u32ro[:, ::1], uint8[::1], int64)")
def write_classes(symbols, codes, out, position):
    # The symbols of class_symbols by the codes (differ, same). Returns the position.
    for by in range(symbols.shape[0]):
        for bx in range(symbols.shape[1]):
            s = np.int64(symbols[by, bx])
            if s >= 0:
                entry = np.int64(codes[s >> 10, s & 1023])
                position = put(out, position, entry & 0xFFFF, entry >> 16)
    return position


@kernel("int64(u16ro[::1], i32ro[::1], f32ro[:, ::1], i64ro[::1], float64[:, ::1])")
def add_cell_bits(contexts, numbers, bits, geometry, cells):
    # Bits of each 64x64 cell: bits[context, token] summed over all planes. geometry: width,
    # height, planes; cells: (ceil(height / 64), ceil(width / 64)), added to.
    width = geometry[0]
    i = 0
    for _ in range(geometry[2]):
        for y in range(geometry[1]):
            for x in range(width):
                c = np.int64(contexts[i])
                if c != NO_CONTEXT:
                    cells[y >> 6, x >> 6] += bits[c, token_of(np.int64(numbers[i]))]
                i += 1
    return 0
