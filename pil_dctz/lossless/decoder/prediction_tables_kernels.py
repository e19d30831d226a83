"""Reading the tables of prediction. Chapter 9a.1.

Index proofs. Codes and histograms are read into rows of the alphabet's size, each count tested
against it; a run of values against those left. A row of look-ups has 4096 entries and is read at
12 bits. Contexts: c - 1, c - 20 and c - 40 are read where the row of c has one or two before it.
Work: the size of what is filled.
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek, read_bits
from pil_dctz.entropy.prefix_kernels import check_lengths, fill_row, read_lengths
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.prediction_kernels import SPLIT

MAX_LENGTH = 12
MASK = (1 << MAX_LENGTH) - 1


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


@kernel("int64(u8ro[::1], int64[::1], int64, uint8[::1])")
def read_values(data, state, used, is_listed):
    # Clause prediction.values: runs of ones and zeros, the first of `used`. Returns the values told
    # (all, or fewer where the bits end), -1 for a number that is too long, -2 for a run that is.
    size = is_listed.shape[0]
    v = np.int64(0)
    while v < size and not overran(data, state[0]):
        k = read_unary(data, state, 16)
        if k < 0:
            return np.int64(-1)
        run = (np.int64(1) << k) + read_bits(data, state, k)
        if run > size - v:
            return np.int64(-2)
        for n in range(v, v + run):
            is_listed[n] = used
        v += run
        used = 1 - used
    return v


@kernel("void(u8ro[::1], int64[::1], int64, int32[::1])")
def read_numbers(data, state, bits, out):
    # Clause prediction.numbers, bits <= 32: as many as `out` has.
    for n in range(out.shape[0]):
        out[n] = read_bits(data, state, bits)


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
