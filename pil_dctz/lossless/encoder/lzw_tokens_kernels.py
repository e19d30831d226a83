# Counting, costing and writing of tokens that parse_tokens made.
#
# Proof of indices: tokens come from parse_tokens of the same segment; their symbols, contexts,
# classes and slots are below the sizes that the wrappers check.

import numpy as np

from pil_dctz.entropy.bits_kernels import put
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.encoder.literals_kernels import residual_bits, residual_symbol
from pil_dctz.lossless.encoder.lzw_match_kernels import bucket_bits
from pil_dctz.lossless.lzw_kernels import (
    CACHED,
    EX,
    INDEX,
    RESIDUALS,
    ROWS_CACHE,
    ROWS_INDEX,
    ROWS_PHRASE,
    ROWS_PREDICTOR,
    ROWS_RESIDUAL,
    SETUP_COUNT,
    SETUP_HEIGHT,
    SETUP_TILE,
    SETUP_WIDTH,
)


@inner
def tile_symbol(setup, tiles, tile_predictor, p, last):
    # The predictor symbol that this residual literal sends (-1: none), and the new `last`.
    w = setup[SETUP_WIDTH]
    shift = 2 + setup[SETUP_TILE]
    if shift == 2:
        return np.int64(-1), last
    y = p // w
    x = p - y * w
    tile = (y >> shift) * (((w - 1) >> shift) + 1) + (x >> shift)
    if tiles[tile] != 255:
        return np.int64(-1), last
    predictor = np.int64(tile_predictor[tile])
    tiles[tile] = predictor
    if predictor == last:
        return np.int64(14), last
    return predictor, predictor


@kernel(
    "void(i64ro[::1], int64, i32ro[::1], u16ro[::1], i32ro[::1], i16ro[::1], u32ro[::1], "
    "u8ro[:, ::1], u8ro[:, ::1], u8ro[::1], uint8[::1], int64[:, ::1], int64[:, ::1], "
    "int64[:, ::1])"
)
def count_tokens(
    setup,
    tokens,
    start,
    symbol,
    extra,
    context,
    pix,
    literal_z,
    literal_context,
    tile_predictor,
    tiles,
    token_counts,
    residual_counts,
    other_counts,
):
    # Adds to token_counts (1026, 338), residual_counts (120, 38), other_counts (35, 2048): rows
    # 0..31 index, 32 phrase, 33 cache, 34 predictor. tiles: all 255.
    w = setup[SETUP_WIDTH]
    pad = 2 * w + 2
    count = setup[SETUP_COUNT]
    last = np.int64(0)
    for t in range(tokens):
        s = np.int64(symbol[t])
        p = np.int64(start[t])
        token_counts[np.int64(context[t]), s] += 1
        if s >= RESIDUALS:
            sent, last = tile_symbol(setup, tiles, tile_predictor, p, last)
            if sent >= 0:
                other_counts[34, sent] += 1
            for channel in range(4):
                z = np.int64(literal_z[p, channel])
                if z != 0:
                    residual_counts[np.int64(literal_context[p, channel]), residual_symbol(z)] += 1
        elif s == INDEX:
            west = np.int64(pix[pad + p - 1])
            north = np.int64(pix[pad + p - w])
            where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
            other_counts[where, extra[t]] += 1
        elif s == CACHED:
            other_counts[33, extra[t]] += 1
        elif s >> 5 == EX:
            other_counts[32, extra[t] & 255] += 1


@kernel(
    "float64(i64ro[::1], int64, i32ro[::1], u16ro[::1], i32ro[::1], i32ro[::1], i16ro[::1], "
    "u32ro[::1], u8ro[::1], f32ro[:, ::1], f32ro[::1], f32ro[:, ::1], f32ro[::1], f32ro[::1], "
    "float32[::1], float64[:, ::1])"
)
def value_map(
    setup,
    tokens,
    start,
    symbol,
    length,
    extra,
    context,
    pix,
    token_class,
    token_cost,
    phrase_cost,
    index_cost,
    cache_cost,
    literal_cost,
    value,
    cell_bits,
):
    # value[p] (n + 1): bits from the start of the token that holds p to the end. Adds each token's
    # bits to cell_bits (rows, columns), shared out by its pixels. Returns all bits.
    w = setup[SETUP_WIDTH]
    n = w * setup[SETUP_HEIGHT]
    pad = 2 * w + 2
    count = setup[SETUP_COUNT]
    total = np.float64(0.0)
    value[n] = 0.0
    after = n
    for back in range(tokens):
        t = tokens - 1 - back
        s = np.int64(symbol[t])
        p = np.int64(start[t])
        bits = np.float64(token_cost[np.int64(token_class[np.int64(context[t])]), s])
        if s >= RESIDUALS:
            bits += literal_cost[p]
        elif s == INDEX:
            west = np.int64(pix[pad + p - 1])
            north = np.int64(pix[pad + p - w])
            where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
            bits += index_cost[where, extra[t]]
        elif s == CACHED:
            bits += cache_cost[extra[t]]
        elif s >> 5 == EX:
            bits += phrase_cost[extra[t] & 255]
        # Pixels of photo cells behind the token cost nothing here.
        for i in range(p + length[t], after):
            value[i] = total
        total += bits
        y = p // w
        x = p - y * w
        i = np.int64(0)
        run = np.int64(length[t])
        while i < run:
            take = min(run - i, 64 - (x & 63), w - x)
            cell_bits[y >> 6, x >> 6] += bits * take / run
            i += take
            x += take
            if x == w:
                x = 0
                y += 1
        for i in range(p, p + run):
            value[i] = total
        after = p
    for i in range(after):
        value[i] = total
    return total


@kernel(
    "int64(i64ro[::1], int64, i32ro[::1], u16ro[::1], i32ro[::1], i32ro[::1], i16ro[::1], "
    "u32ro[::1], u8ro[:, ::1], u8ro[:, ::1], u8ro[::1], uint8[::1], u32ro[:, ::1], i32ro[::1], "
    "uint8[::1], int64)"
)
def write_tokens(
    setup,
    tokens,
    start,
    symbol,
    length,
    extra,
    context,
    pix,
    literal_z,
    literal_context,
    tile_predictor,
    tiles,
    codes,
    rows,
    out,
    position,
):
    # Returns the position after the last bit (beyond `out` if that is too small). codes:
    # (rows, symbols) of code | bits << 16; rows: the row of each raw context (ROWS_*).
    w = setup[SETUP_WIDTH]
    pad = 2 * w + 2
    count = setup[SETUP_COUNT]
    last = np.int64(0)
    for t in range(tokens):
        s = np.int64(symbol[t])
        p = np.int64(start[t])
        code = np.int64(codes[rows[np.int64(context[t])], s])
        position = put(out, position, code & 0xFFFF, code >> 16)
        if s >= RESIDUALS:
            sent, last = tile_symbol(setup, tiles, tile_predictor, p, last)
            if sent >= 0:
                code = np.int64(codes[rows[ROWS_PREDICTOR], sent])
                position = put(out, position, code & 0xFFFF, code >> 16)
            for channel in range(4):
                z = np.int64(literal_z[p, channel])
                if z != 0:
                    r = residual_symbol(z)
                    row = rows[ROWS_RESIDUAL + np.int64(literal_context[p, channel])]
                    code = np.int64(codes[row, r])
                    position = put(out, position, code & 0xFFFF, code >> 16)
                    position = put(out, position, z, residual_bits(r))
        elif s == INDEX:
            west = np.int64(pix[pad + p - 1])
            north = np.int64(pix[pad + p - w])
            where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
            code = np.int64(codes[rows[ROWS_INDEX + where], extra[t]])
            position = put(out, position, code & 0xFFFF, code >> 16)
        elif s == CACHED:
            code = np.int64(codes[rows[ROWS_CACHE], extra[t]])
            position = put(out, position, code & 0xFFFF, code >> 16)
        else:
            # The raw bits are the lowest of length - 1.
            position = put(out, position, np.int64(length[t]) - 1, bucket_bits(s & 31))
            if s >> 5 == EX:
                phrase = np.int64(extra[t]) & 255
                code = np.int64(codes[rows[ROWS_PHRASE], phrase])
                position = put(out, position, code & 0xFFFF, code >> 16)
                if phrase >= 12:
                    age = np.int64(extra[t]) >> 8
                    position = put(out, position, age, 2 + ((phrase - 12) >> 1))
    return position
