# How far copies reach, and the numbers of lengths and ages, for the LZW encoder.
#
# Proof of indices: `limit` keeps q + k inside the picture; distances as in the decoder.

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossless.lzw_kernels import (
    ABOVE,
    ABOVE_LEFT,
    CACHED,
    CB,
    CS,
    EX,
    HASH_N,
    HASH_NE,
    HASH_W,
    INDEX,
    INH,
    LEFT,
    MASK32,
    mix,
)


@inner
def bucket_of(length):
    # Clause lzw.length: bucket 0..31 of a length 1..65536.
    v = length - 1
    if v < 4:
        return v
    n = np.int64(2)
    while v >> (n + 1):
        n += 1
    return 4 + 2 * (n - 2) + ((v >> (n - 1)) & 1)


@inner
def bucket_bits(bucket):
    return np.int64(0) if bucket < 4 else 1 + ((bucket - 4) >> 1)


@inner
def age_symbol(age):
    # Clause lzw.phrase: symbol 4..63 of an age, 64 if it is too old.
    if age < 8:
        return age + 4
    n = np.int64(3)
    while age >> (n + 1):
        n += 1
    if n > 28:
        return np.int64(64)
    return 12 + 2 * (n - 3) + ((age >> (n - 1)) & 1)


@inner
def match_at(pix, q, distance, limit):
    k = 0
    while k < limit and pix[q + k] == pix[q + k - distance]:
        k += 1
    return k


@inner
def match_field(pix, q, field, x, w, limit):
    k = 0
    while k < limit and pix[q + k] == pix[q + k - field[x]]:
        k += 1
        x += 1
        if x == w:
            x = np.int64(0)
    return k


@inner
def chain_hash(pix, q, count):
    # 16 bits of the `count` pixels from q on.
    h = np.int64(0)
    for k in range(q, q + count):
        h = (h * HASH_N + np.int64(pix[k]) * HASH_W + HASH_NE) & MASK32
    return mix(h)


@inner
def kind_after(symbol):
    # Clause lzw.token: the kind that the next token's context sees.
    if symbol >= INDEX:
        return 8 if symbol == CACHED else 0
    source = symbol >> 5
    if source == INH:
        return 1
    if source == ABOVE:
        return 2
    if source == LEFT:
        return 3
    if source == CB:
        return 4
    if source == CS:
        return 5
    if source <= ABOVE_LEFT or source == EX:
        return 7
    return 6
