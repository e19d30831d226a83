"""Bits, least significant first. Clause `prefix.bits`.

Reading. A reader is a byte array and a bit position; the position only grows, so overrun is
sticky by itself: bits beyond the end read as 0, and the caller tests `overran(data, position)`
once, at the end (or wherever a loop must stop early). In a hot loop keep the position in a local
int64 and use `peek`; elsewhere `state[0]` holds it:

    bits = peek(data, position)                 # at least 32 bits, the next one is bit 0
    entry = np.int64(tables[row, bits & mask])  # mask = (1 << max_length) - 1
    position += entry & 15
    token = entry >> 4

    value = read_bits(data, state, 7)
    token = read_token(data, state, tables, row, mask)

Writing. The output array begins as zeros; `put` sets bits from `position` on and returns the new
position, `put_bits` keeps it in `state[0]`. What does not fit is dropped, the position goes on:
the caller tests `overran(out, position)` once.

Proof of indices: `peek` reads whole bytes i .. i + 7 only if i + 8 <= size, else byte by byte,
each tested; `put` tests that its last byte is inside before it touches any. Positions start at
0 or more and grow.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

MASK32 = 0xFFFFFFFF
# Changes no index; but with it the compiler knows that none is negative, and joins eight byte
# loads into one (peek: 8 instructions, not 45).
INDEX = 0xFFFFFFFFFFF


@inner
def peek(data, position):
    # The 32 bits from `position` on (0 beyond the end), as int64 0 .. 2^32 - 1.
    i = (position >> 3) & INDEX
    size = data.shape[0]
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
        return (word >> (position & 7)) & MASK32
    word = np.int64(0)
    for k in range(5):
        if i + k < size:
            word |= np.int64(data[i + k]) << (8 * k)
    return (word >> (position & 7)) & MASK32


@inner
def read_bits(data, state, count):
    # `count` bits, 0..32, as int64; moves state[0].
    value = peek(data, state[0]) & ((np.int64(1) << count) - 1)
    state[0] += count
    return value


@inner
def read_token(data, state, tables, row, mask):
    # One symbol by row `row` of the look-up tables of `prefix.table`; moves state[0].
    entry = np.int64(tables[row, peek(data, state[0]) & mask])
    state[0] += entry & 15
    return entry >> 4


@inner
def overran(data, position):
    # True if bits beyond the end were read or written.
    return position > 8 * np.int64(data.shape[0])


@inner
def put(out, position, value, count):
    # The low `count` bits (0..32) of value at `position` of zeroed bytes. Returns the position
    # after them.
    end = position + count
    if end <= 8 * np.int64(out.shape[0]):
        i = (position >> 3) & INDEX
        word = (value & ((np.int64(1) << count) - 1)) << (position & 7)
        while word != 0:
            out[i] = np.uint8(np.int64(out[i]) | (word & 255))
            word >>= 8
            i += 1
    return end


@inner
def put_bits(out, state, value, count):
    # As `put`, the position in state[0].
    state[0] = put(out, state[0], value, count)


@kernel("int64(i64ro[::1], i64ro[::1], uint8[::1], int64)")
def pack(values, counts, out, position):
    # The low counts[i] bits (0..32, checked by the wrapper) of each value. Returns the position.
    for i in range(values.shape[0]):
        position = put(out, position, values[i], counts[i])
    return position
