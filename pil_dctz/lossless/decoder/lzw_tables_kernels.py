# Clause lzw.family: the lengths of one own code.
#
# Proof of indices: rank is tested against the alphabet before `order` is read; order holds each
# symbol once; symbols of the gap and delta codes are below their alphabets. Work: each symbol read
# moves rank on by one at least, so at most as many as the alphabet has.

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.kernels.declare import kernel

MAX_LENGTH = 13
CODE_MASK = 8191

TOO_SHORT = -1
TOO_MANY = -2
NO_SYMBOL = -3
BAD_LENGTH = -4


@kernel("int64(u8ro[::1], int64, u16ro[:, ::1], u16ro[:, ::1], u8ro[::1], i64ro[::1], uint8[::1])")
def read_own_code(data, position, gaps, deltas, base, order, lengths):
    # Fills lengths (symbols, zeros before) and returns the new bit position, or a status. Checked
    # by the wrapper: gaps, deltas (1, 8192); base, order, lengths of one size.
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
