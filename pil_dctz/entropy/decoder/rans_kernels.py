"""rANS with two interleaved states, reading side. Clauses `rans.stream`, `rans.symbol`, `rans.raw`.

A reader is four int64 in the caller's locals: the state whose turn it is (x), the other one (y),
the position of the next word, and the array's size. Every operation gives them back with the
states exchanged. Words beyond the end read as 0 and the position goes on, so overrun is sticky:
callers test `position > size` where a loop must stop early, and `ended` at the end.

Proof of indices: a word is read only if position + 2 <= size; position starts at 8 and grows.
In `decode_symbol`, x & 4095 is 0..4095, so coarse is read at 0..255; the symbol search ends at
the last symbol because cumulative[table, size] = 4096 > slot. Callers prove `table`.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0: 12 % faster

from pil_dctz.kernels.declare import inner

LOWEST = 65536


@inner
def begin(data):
    # (x, y, position). Callers have tested that data holds at least 8 bytes.
    x = np.int64(0)
    y = np.int64(0)
    for i in range(4):
        x |= np.int64(data[i]) << (8 * i)
        y |= np.int64(data[4 + i]) << (8 * i)
    return x, y, np.int64(8)


@inner
def next_word(data, position):
    # The little-endian u16 at `position`, 0 beyond the end.
    if position + 2 <= data.shape[0]:
        return np.int64(data[U(position)]) | (np.int64(data[U(position + 1)]) << 8)
    return np.int64(0)


@inner
def refill(data, x, position):
    # (x, position). Without a jump that nobody can guess: a fifth of the symbols need a word.
    need = np.int64(x < LOWEST)
    x = (x << (need << 4)) | (next_word(data, position) & -need)
    return x, position + 2 * need


@inner
def decode_symbol(data, x, y, position, cumulative, coarse, table):
    # (symbol, x, y, position). Width: f <= 4096 and x < 2^32, so f * (x >> 12) < 2^32.
    slot = x & 4095
    symbol = np.int64(coarse[U(table), U(slot >> 4)])
    start = np.int64(cumulative[U(table), U(symbol)])
    stop = np.int64(cumulative[U(table), U(symbol + 1)])
    while stop <= slot:
        symbol += 1
        start = stop
        stop = np.int64(cumulative[U(table), U(symbol + 1)])
    x = (stop - start) * (x >> 12) + slot - start
    if x < LOWEST:
        x = (x << 16) | next_word(data, position)
        position += 2
    return symbol, y, x, position


@inner
def decode_bit(data, x, y, position, share):
    # (symbol, x, y, position) of a histogram of two symbols, the first of which has `share`.
    slot = x & 4095
    bit = np.int64(slot >= share)
    width = 4096 - share if bit else share
    x = width * (x >> 12) + slot - (share if bit else 0)
    if x < LOWEST:
        x = (x << 16) | next_word(data, position)
        position += 2
    return bit, y, x, position


@inner
def decode_raw(data, x, y, position, count):
    # (value of `count` bits, x, y, position), count 0..16.
    value = x & ((np.int64(1) << count) - 1)
    x >>= count
    if x < LOWEST:
        x = (x << 16) | next_word(data, position)
        position += 2
    return value, y, x, position


@inner
def ended(data, x, y, position):
    # Both states as the encoder began, and every byte used.
    return x == LOWEST and y == LOWEST and position == data.shape[0]
