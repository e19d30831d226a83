# Clause lzw.family: own codes as they are sent, and the tables that codes are looked up in.
#
# Proof of indices: rank is tested against the alphabet before `order` is read; order holds each
# symbol once; symbols of the gap and delta codes are below their alphabets. A code that
# check_lengths has passed is full, so what fill_code writes stays in its rows: see there.
# Work: each symbol read moves rank on by one at least, so at most as many as the alphabet has.

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.entropy.prefix_kernels import check_lengths, reversed_bits
from pil_dctz.kernels.declare import inner, kernel

MAX_LENGTH = 13
CODE_MASK = 8191
FIRST_BITS = 10
FIRST_SIZE = 1024
REST_SIZE = 8
LONG = 15
MOST_CODES = 31

TOO_SHORT = -1
TOO_MANY = -2
NO_SYMBOL = -3
BAD_LENGTH = -4
BAD_USE = -5
NO_USER = -6


@inner
def read_own_code(data, position, gaps, deltas, base, order, lengths):
    # Fills lengths (symbols, zeros before) and returns the new bit position, or a status.
    symbols = base.shape[0]
    zeros = np.int64(0)
    while peek(data, position) & 1:
        zeros += 1
        position += 1
        if zeros > 30:
            return TOO_MANY
    position += 1
    used = (np.int64(1) << zeros) + (peek(data, position) & ((np.int64(1) << zeros) - 1))
    position += zeros
    if overran(data, position):
        return TOO_SHORT
    if used > symbols:
        return TOO_MANY
    rank = np.int64(-1)
    for _ in range(used):
        bits = peek(data, position)
        entry = np.int64(gaps[0, bits & CODE_MASK])
        taken = entry & 15
        gap = entry >> 4
        if gap >= 16:
            k = gap - 12
            gap = (np.int64(1) << k) + ((bits >> taken) & ((np.int64(1) << k) - 1))
            taken += k
        position += taken
        rank += 1 + gap
        if rank >= symbols:
            return NO_SYMBOL
        symbol = order[rank]
        length = np.int64(1)
        if used > 1:
            entry = np.int64(deltas[0, peek(data, position) & CODE_MASK])
            position += entry & 15
            z = entry >> 4
            length = np.int64(base[symbol]) + ((z + 1) >> 1 if z & 1 else -(z >> 1))
        if overran(data, position):
            return TOO_SHORT
        if length < 1 or length > MAX_LENGTH:
            return BAD_LENGTH
        lengths[symbol] = length
    return position


@kernel(
    "int64(u8ro[::1], int64, u16ro[:, ::1], u16ro[:, ::1], u8ro[:, ::1], i64ro[:, ::1], "
    "int32[::1], uint8[:, ::1], int64[::1])"
)
def read_family(data, position, gaps, deltas, defaults, orders, use, own, state):
    # Clause lzw.family: use (classes), own (MOST_CODES, symbols or more; zeros before), the number
    # of own codes in state[0]. Returns the new bit position, or a status, the position of the
    # fault in state[1], a use above that number in state[2]. Checked by the wrapper: gaps, deltas
    # (1, 8192); defaults, orders (classes, symbols), or (1, symbols) where all classes have the
    # same.
    classes = use.shape[0]
    symbols = defaults.shape[1]
    count = peek(data, position) & 31
    position += 5
    state[0] = count
    state[1] = position
    if overran(data, position):
        return TOO_SHORT
    if count == 0:
        return position
    width = np.int64(0)
    while count >> width:
        width += 1
    for c in range(classes):
        use[c] = peek(data, position) & ((np.int64(1) << width) - 1)
        position += width
        if use[c] > count:
            state[1] = position
            state[2] = use[c]
            return BAD_USE
    if overran(data, position):
        return TOO_SHORT
    for t in range(count):
        first = np.int64(0)
        while first < classes and use[first] != t + 1:
            first += 1
        state[1] = position
        if first == classes:
            return NO_USER
        k = min(first, defaults.shape[0] - 1)
        position = read_own_code(
            data, position, gaps, deltas, defaults[k], orders[k], own[t, :symbols]
        )
        if position < 0:
            return position
    return position


@inner
def fill_code(lengths, row, first, rest, from_rest):
    # Codes of up to FIRST_BITS bits into first[row]; longer ones into rows of `rest`, which their
    # first bits name: (number of the row from from_rest on) << 4 | LONG. Returns the rows of rest
    # that are filled. Proof: the code is full, so a first part that is not a code has at least two
    # codes behind it; the wrapper has made a row of rest for every two codes of more bits.
    for i in range(FIRST_SIZE):
        first[row, i] = 0
    code = np.int64(0)
    seen = 0
    last = np.int64(0)
    parts = np.int64(0)
    for length in range(1, MAX_LENGTH + 1):
        code <<= 1
        for s in range(lengths.shape[1]):
            if np.int64(lengths[row, s]) != length:
                continue
            bits = reversed_bits(code, length)
            entry = np.uint16((s << 4) | length)
            if length <= FIRST_BITS:
                while bits < FIRST_SIZE:
                    first[row, bits] = entry
                    bits += np.int64(1) << length
            else:
                part = bits & (FIRST_SIZE - 1)
                if first[row, part] == 0:
                    first[row, part] = np.uint16(parts << 4 | LONG)
                    parts += 1
                more = from_rest + (np.int64(first[row, part]) >> 4)
                bits >>= FIRST_BITS
                while bits < REST_SIZE:
                    rest[more, bits] = entry
                    bits += np.int64(1) << (length - FIRST_BITS)
            code += 1
            seen += 1
            last = s
    if seen == 1:  # one symbol takes no bits
        for i in range(FIRST_SIZE):
            first[row, i] = np.uint16(last << 4)
    return parts


@kernel("int64(u8ro[:, ::1], uint16[:, ::1], uint16[:, ::1], int32[::1], int64[::1])")
def build_codes(lengths, first, rest, begin, bad_row):
    # All rows, or none. Returns the rows of `rest` that are filled, or a status of check_lengths,
    # the row in bad_row[0]. begin: the row of rest that the long codes of each row start at.
    # Checked by the wrapper: lengths (rows, at most 2048), first (rows, 1024), rest (half of all
    # lengths above 10, 8), begin (rows).
    for row in range(lengths.shape[0]):
        status = check_lengths(lengths, row, MAX_LENGTH)
        if status < 0:
            bad_row[0] = row
            return status
    filled = np.int64(0)
    for row in range(lengths.shape[0]):
        begin[row] = filled
        filled += fill_code(lengths, row, first, rest, filled)
    return filled
