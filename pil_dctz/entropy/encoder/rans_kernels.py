"""rANS, writing side: operations are collected in coding order, then written from the last.

An operation is one uint32. A symbol: start of its slots in bits 0..15, frequency - 1 in bits
16..27. `raw(n)`: the value in bits 0..15, n in bits 16..20, bit 28 set.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

LOWEST = 65536
RAW = 1 << 28


@inner
def symbol_operation(cumulative, table, symbol):
    start = np.int64(cumulative[table, symbol])
    frequency = np.int64(cumulative[table, symbol + 1]) - start
    return np.uint32(start | ((frequency - 1) << 16))


@inner
def raw_operation(value, count):
    return np.uint32(value | (count << 16) | RAW)


@kernel("int64(u32ro[::1], int64, uint8[::1])")
def write_operations(operations, count, out):
    # rans.stream, from the end of `out` backwards: returns the index of its first byte, or -1.
    # Checked by the wrapper: 0 <= count <= operations.size; out.size >= 8 + 2 * count.
    # Proof: each operation writes at most one word, the states take 8 bytes, so place >= 0.
    # The last of `count` operations is decoded with state (count - 1) & 1, counted from 0.
    place = out.shape[0]
    even = np.int64(LOWEST)
    odd = np.int64(LOWEST)
    for i in range(count - 1, -1, -1):
        operation = np.int64(operations[i])
        x = odd if i & 1 else even
        if operation & RAW:
            bits = (operation >> 16) & 31
            frequency = np.int64(1)
            start = operation & 65535
        else:
            bits = np.int64(12)
            frequency = ((operation >> 16) & 4095) + 1
            start = operation & 65535
        if x >= (frequency << (32 - bits)):
            place -= 2
            out[place] = x & 255
            out[place + 1] = (x >> 8) & 255
            x >>= 16
        x = ((x // frequency) << bits) + x % frequency + start
        if i & 1:
            odd = x
        else:
            even = x
    place -= 8
    for i in range(4):
        out[place + i] = (even >> (8 * i)) & 255
        out[place + 4 + i] = (odd >> (8 * i)) & 255
    return place
