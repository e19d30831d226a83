"""Canonical prefix codes: checking lengths, building look-up tables. Clause `prefix.code`.

Nothing is written before the lengths of a row are known to be valid, so a table is never filled
outside its row: with the Kraft sum exactly full, the filled entries are 2^max_length in number.
"""

import numpy as np

from pil_dctz.entropy.bits_kernels import peek
from pil_dctz.kernels.declare import inner, kernel

# What check_lengths says of bad lengths.
TOO_LONG = -1  # a length above the maximum
NO_SYMBOL = -2  # no symbol is used
NOT_FULL = -3  # the code has unused bit strings, or one symbol with a length other than 1
OVERFULL = -4  # two codes would begin alike


@inner
def check_lengths(lengths, row, max_length):
    # Returns the number of used symbols (1 or more), or one of the statuses above.
    used = 0
    total = np.int64(0)
    for s in range(lengths.shape[1]):
        length = np.int64(lengths[row, s])
        if length > max_length:
            return TOO_LONG
        if length > 0:
            used += 1
            total += np.int64(1) << (max_length - length)
    if used == 0:
        return NO_SYMBOL
    full = np.int64(1) << max_length
    if used == 1:
        return 1 if total * 2 == full else NOT_FULL
    if total < full:
        return NOT_FULL
    if total > full:
        return OVERFULL
    return used


@inner
def reversed_bits(code, length):
    out = np.int64(0)
    for _ in range(length):
        out = (out << 1) | (code & 1)
        code >>= 1
    return out


@inner
def fill_row(lengths, row, max_length, table, to):
    # table[to, :] from lengths that check_lengths has passed. Proof: a code of length n fills the
    # entries r, r + 2^n, ... below 2^max_length = table.shape[1]; codes stay below 2^n because
    # the Kraft sum is full.
    size = np.int64(1) << max_length
    code = np.int64(0)
    seen = 0
    last = np.int64(0)
    for length in range(1, max_length + 1):
        code <<= 1
        for s in range(lengths.shape[1]):
            if np.int64(lengths[row, s]) == length:
                entry = np.uint16((s << 4) | length)
                i = reversed_bits(code, length)
                while i < size:
                    table[to, i] = entry
                    i += np.int64(1) << length
                code += 1
                seen += 1
                last = s
    if seen == 1:  # one symbol takes no bits
        for i in range(size):
            table[to, i] = np.uint16(last << 4)


@kernel("int64(u8ro[:, ::1], int64, uint16[:, ::1], int64[::1])")
def build_tables(lengths, max_length, tables, bad_row):
    # All rows, or none: returns the number of rows, or a status of check_lengths, the row in
    # bad_row[0]. Checked by the wrapper: tables (rows, 1 << max_length), at most 4096 symbols,
    # max_length 1..15.
    for row in range(lengths.shape[0]):
        status = check_lengths(lengths, row, max_length)
        if status < 0:
            bad_row[0] = row
            return status
    for row in range(lengths.shape[0]):
        fill_row(lengths, row, max_length, tables, row)
    return lengths.shape[0]


@inner
def read_lengths(data, position, lengths, row, max_length, count_bits):
    # Clause prefix.lengths: fills lengths[row, :]. Returns the new position, or -1 for a count
    # of 0 or above the alphabet, -2 for a unary number that is too long, -3 for a bad length.
    bits = peek(data, position)
    count = bits & ((np.int64(1) << count_bits) - 1)
    position += count_bits
    if count < 1 or count > lengths.shape[1]:
        return np.int64(-1)
    for s in range(lengths.shape[1]):
        lengths[row, s] = 0
    last = np.int64(4)
    for s in range(count):
        bits = peek(data, position)
        n = 0
        while n < 31 and (bits >> n) & 1:
            n += 1
        if n == 31:
            return np.int64(-2)
        position += n + 1
        if n == 3:
            continue
        if n > 3:
            n -= 1
        step = (n + 1) >> 1 if n & 1 else -(n >> 1)
        last += step
        if last < 1 or last > max_length:
            return np.int64(-3)
        lengths[row, s] = np.uint8(last)
    return position
