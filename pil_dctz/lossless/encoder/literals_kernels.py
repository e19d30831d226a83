# What the literals of each pixel would be, before any parse. Clauses lzw.pixels, lzw.residual,
# lzw.predictor.
#
# Proof of indices: as in the decoder; the wrapper checks n, the tiles and the shapes, and takes
# places from masks of n pixels; wrap_signed gives at most 128 in size, for `logs`.

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.lzw_kernels import (
    SETUP_A,
    SETUP_B,
    SETUP_C,
    SETUP_CHANNELS,
    SETUP_DEPTH,
    SETUP_PREDICTOR,
    SETUP_TILE,
    SETUP_WIDTH,
    energy_level,
    energy_of,
    predict,
    select_west,
    shift_of,
    size_level,
    wrap_signed,
    zigzag,
)


@inner
def residual_symbol(z):
    if z < 32:
        return z
    n = np.int64(5)
    while z >> (n + 1):
        n += 1
    return 32 + 2 * (n - 5) + ((z >> (n - 1)) & 1)


@inner
def residual_bits(symbol):
    return np.int64(0) if symbol < 32 else 4 + ((symbol - 32) >> 1)


@inner
def zigzag_wrapped(v, depth):
    # zigzag of v, -2^(depth-1) as if it were +2^(depth-1): both wrap to the same sample.
    if v == -(np.int64(1) << (depth - 1)):
        v = -v
    return zigzag(v)


@kernel("void(i64ro[::1], u32ro[::1], i64ro[::1], u8ro[::1], uint8[:, ::1], uint8[:, ::1])")
def literals(setup, pix, places, tile_predictor, literal_z, literal_context):
    # Clause lzw.residual for the pixels at `places`, each 0..n - 1: zigzag residuals and raw
    # contexts of A, G, R, B.
    # literal_z, literal_context: (n, 4); tile_predictor: one for each tile, or (1).
    w = setup[SETUP_WIDTH]
    pad = 2 * w + 2
    depth = setup[SETUP_DEPTH]
    channels = setup[SETUP_CHANNELS]
    high = (np.int64(1) << depth) - 1
    tile_shift = 2 + setup[SETUP_TILE]
    tiles_per_row = ((w - 1) >> tile_shift) + 1
    to_east = max(1, w - 1)
    for p in places:
        q = pad + p
        y = p // w
        x = p - y * w
        west = np.int64(pix[q - 1])
        north = np.int64(pix[q - w])
        north_west = np.int64(pix[q - w - 1])
        north_east = np.int64(pix[q - to_east])
        pixel = np.int64(pix[q])
        predictor = setup[SETUP_PREDICTOR]
        if tile_shift > 2:
            predictor = np.int64(
                tile_predictor[(y >> tile_shift) * tiles_per_row + (x >> tile_shift)]
            )
        if y == 0:
            predictor = 5
        elif x == 0:
            predictor = 4
        select = predictor == 3 and select_west(west, north, north_west)
        before = np.int64(0)
        z_green = np.int64(0)
        v_green = np.int64(0)
        v_red = np.int64(0)
        for channel in range(4):
            literal_z[p, channel] = 0
            literal_context[p, channel] = 0
            if (channels >> channel) & 1 == 0:
                continue
            shift = shift_of(channel)
            guess = predict(
                predictor,
                (west >> shift) & 255,
                (north >> shift) & 255,
                (north_west >> shift) & 255,
                (north_east >> shift) & 255,
                select,
                high,
            )
            v = wrap_signed(((pixel >> shift) & 255) - guess, depth)
            if channel == 1:
                v_green = v
            elif channel == 2:
                v_red = v
                v = wrap_signed(v - ((setup[SETUP_A] * v_green) >> 3), depth)
            elif channel == 3:
                v -= (setup[SETUP_B] * v_green + setup[SETUP_C] * v_red) >> 3
                v = wrap_signed(v, depth)
            z = zigzag_wrapped(v, depth)
            e = energy_of(west, north, north_west, north_east, shift)
            literal_z[p, channel] = z
            literal_context[p, channel] = (channel * 6 + energy_level(e)) * 5 + size_level(before)
            if channel == 1:
                z_green = z
            before = max(z, z_green) if channel == 2 else z


@kernel("void(i64ro[::1], u8ro[:, ::1], u8ro[:, ::1], f32ro[:, ::1], float32[::1])")
def literal_costs(places, literal_z, literal_context, cost, out):
    # Bits of the residuals of the pixels at `places`, without the mask. cost: (120, 38), raw bits
    # in.
    for p in places:
        bits = np.float32(0.0)
        for channel in range(4):
            z = np.int64(literal_z[p, channel])
            if z != 0:
                bits += cost[np.int64(literal_context[p, channel]), residual_symbol(z)]
        out[p] = bits


@kernel("void(u8ro[:, :, ::1], int64, uint32[::1])")
def pack_pixels(samples, pad, pix):
    # Clause lzw.pixels: samples (h, w, c) into pix (pad + h * w).
    h, w, c = samples.shape
    for y in range(h):
        for x in range(w):
            if c <= 2:
                v = np.int64(samples[y, x, 0]) << 8
            else:
                v = (
                    np.int64(samples[y, x, 0]) << 16
                    | np.int64(samples[y, x, 1]) << 8
                    | np.int64(samples[y, x, 2])
                )
            if c == 2 or c == 4:
                v |= np.int64(samples[y, x, c - 1]) << 24
            pix[pad + y * w + x] = v


@kernel("void(i64ro[::1], u32ro[::1], i64ro[::1], f32ro[::1], float32[:, ::1])")
def predictor_costs(setup, pix, places, logs, cost):
    # Adds to cost (tiles, 14) the sum of log2(1 + |residual|) of each predictor over the pixels at
    # `places`, each 0..n - 1, below the first row. All tiles of setup's tile size, 8 or more.
    # logs: (257), log2(1 + i).
    w = setup[SETUP_WIDTH]
    pad = 2 * w + 2
    depth = setup[SETUP_DEPTH]
    channels = setup[SETUP_CHANNELS]
    high = (np.int64(1) << depth) - 1
    tile_shift = 2 + setup[SETUP_TILE]
    tiles_per_row = ((w - 1) >> tile_shift) + 1
    to_east = max(1, w - 1)
    for p in places:
        if p < w:
            continue
        q = pad + p
        y = p // w
        x = p - y * w
        tile = (y >> tile_shift) * tiles_per_row + (x >> tile_shift)
        west = np.int64(pix[q - 1])
        north = np.int64(pix[q - w])
        north_west = np.int64(pix[q - w - 1])
        north_east = np.int64(pix[q - to_east])
        pixel = np.int64(pix[q])
        select = select_west(west, north, north_west)
        for predictor in range(14):
            v_green = np.int64(0)
            v_red = np.int64(0)
            total = np.float32(0.0)
            for channel in range(4):
                if (channels >> channel) & 1 == 0:
                    continue
                shift = shift_of(channel)
                guess = predict(
                    predictor,
                    (west >> shift) & 255,
                    (north >> shift) & 255,
                    (north_west >> shift) & 255,
                    (north_east >> shift) & 255,
                    select,
                    high,
                )
                v = wrap_signed(((pixel >> shift) & 255) - guess, depth)
                if channel == 1:
                    v_green = v
                elif channel == 2:
                    v_red = v
                    v -= (setup[SETUP_A] * v_green) >> 3
                elif channel == 3:
                    v -= (setup[SETUP_B] * v_green + setup[SETUP_C] * v_red) >> 3
                total += logs[abs(wrap_signed(v, depth))]
            cost[tile, predictor] += total
