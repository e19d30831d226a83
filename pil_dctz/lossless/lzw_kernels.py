# What both sides of LZW derive from pixels that are known. Clauses lzw.hash, lzw.context,
# lzw.energy, lzw.predictor.
#
# `pix` is uint32, position p at index q = pad + p, with pad = 2 * w + 2 zeros in front; all names
# here take q. Greatest distance read: max(2 * w, w + 1, 2) < pad. Proof of the arithmetic: pixels
# are below 2^32 and the factors below 2^31, so each product fits int64; sums are taken of
# products cut to 32 bits.

import numpy as np

from pil_dctz.kernels.declare import inner

MASK32 = 0xFFFFFFFF
HASH_W = 0x1E35A7BD
HASH_N = 0x2545F491
HASH_NE = 0x4F1BBCDD
HASH_NW = 0x7FEB352D
HASH_WW = 0x5851F42D
HASH_NN = 0x3C6EF373
HASH_NEE = 0x68E31DA5
HASH_MIX = 0x2C1B3C6D

# Columns of `setup`, the int64 array that describes a segment to the kernels.
SETUP_WIDTH = 0
SETUP_HEIGHT = 1
SETUP_KIND = 2  # 0 palette, 1 pixels
SETUP_DEPTH = 3
SETUP_CHANNELS = 4  # bits: 1 A, 2 G, 4 R, 8 B
SETUP_CACHE_BITS = 5
SETUP_A = 6
SETUP_B = 7
SETUP_C = 8
SETUP_TILE = 9
SETUP_PREDICTOR = 10
SETUP_COUNT = 11
SETUP_CELLS = 12  # 1: some cell is a photo cell
SETUP_SIZE = 13

# Parts of `rows`: which code table each context has.
ROWS_TOKEN = 0
ROWS_RESIDUAL = 1026
ROWS_INDEX = 1146
ROWS_PHRASE = 1178
ROWS_CACHE = 1179
ROWS_PREDICTOR = 1180
ROWS_SIZE = 1181

INH = 0
ABOVE = 1
LEFT = 2
ABOVE_RIGHT = 3
ABOVE_LEFT = 4
CB = 5
CS = 6
DW = 7
DE = 8
EX = 9
SOURCES = 10
INDEX = 320
CACHED = 321
RESIDUALS = 322


@inner
def shift_of(channel):
    # Bit position of A, G, R, B (0..3) in a pixel: 24, 8, 16, 0.
    if channel == 0:
        return 24
    if channel == 1:
        return 8
    if channel == 2:
        return 16
    return 0


@inner
def mix(h):
    return (((h ^ (h >> 15)) * HASH_MIX) & MASK32) >> 16


@inner
def small_sum(west, north, north_east):
    return (
        ((west * HASH_W) & MASK32) + ((north * HASH_N) & MASK32) + ((north_east * HASH_NE) & MASK32)
    ) & MASK32


@inner
def big_sum(small, north_west, west_west, north_north, north_east_east):
    return (
        small
        + ((north_west * HASH_NW) & MASK32)
        + ((west_west * HASH_WW) & MASK32)
        + ((north_north * HASH_NN) & MASK32)
        + ((north_east_east * HASH_NEE) & MASK32)
    ) & MASK32


@inner
def cache_slot(pixel, cache_bits):
    return ((pixel * HASH_W) & MASK32) >> (32 - cache_bits)


@inner
def pattern_of(west, north, north_west, north_east):
    # 0..14: the place of the restricted growth string in lexicographic order.
    if north == west:
        if north_west == west:
            return 0 if north_east == west else 1
        if north_east == west:
            return 2
        return 3 if north_east == north_west else 4
    if north_west == west:
        if north_east == west:
            return 5
        return 6 if north_east == north else 7
    if north_west == north:
        if north_east == west:
            return 8
        return 9 if north_east == north else 10
    if north_east == west:
        return 11
    if north_east == north:
        return 12
    return 13 if north_east == north_west else 14


@inner
def energy_of(west, north, north_west, north_east, shift):
    w = (west >> shift) & 255
    n = (north >> shift) & 255
    nw = (north_west >> shift) & 255
    ne = (north_east >> shift) & 255
    return abs(w - nw) + abs(n - nw) + abs(n - ne)


@inner
def energy_pattern(west, north, north_west, north_east):
    # 14..18 for four different neighbours. Absent channels are 0 and add nothing.
    e = energy_of(west, north, north_west, north_east, 0)
    e = max(e, energy_of(west, north, north_west, north_east, 8))
    e = max(e, energy_of(west, north, north_west, north_east, 16))
    e = max(e, energy_of(west, north, north_west, north_east, 24))
    return 14 + (e >= 6) + (e >= 16) + (e >= 40) + (e >= 100)


@inner
def surroundings(pix, hashes, q, p, w, palette):
    # Clauses lzw.hash, lzw.candidates, lzw.context at position p (q = pad + p): W, N, both hashes,
    # both candidates (-1: not valid), and pattern * 3 + other.
    pad = q - p
    west = np.int64(pix[q - 1])
    north = np.int64(pix[q - w])
    north_west = np.int64(pix[q - w - 1])
    north_east = np.int64(pix[q - max(1, w - 1)])
    small = small_sum(west, north, north_east)
    big = mix(
        big_sum(
            small,
            north_west,
            np.int64(pix[q - 2]),
            np.int64(pix[q - 2 * w]),
            np.int64(pix[q - max(1, w - 2)]),
        )
    )
    small = mix(small)
    cb = np.int64(hashes[0, big])
    if cb >= 0 and (pix[pad + cb - 1] != west or pix[pad + cb - w] != north):
        cb = np.int64(-1)
    cs = np.int64(hashes[1, small])
    if cs >= 0 and (cs == cb or pix[pad + cs - 1] != west or pix[pad + cs - w] != north):
        cs = np.int64(-1)
    pattern = pattern_of(west, north, north_west, north_east)
    if pattern == 14 and not palette:
        pattern = energy_pattern(west, north, north_west, north_east)
    other = 0
    if cb >= 0 or cs >= 0:
        there = np.int64(pix[pad + (cb if cb >= 0 else cs)])
        other = 1 if there == west or there == north else 2
    return west, north, big, small, cb, cs, pattern * 3 + other


@inner
def energy_level(e):
    return np.int64(0) + (e >= 4) + (e >= 10) + (e >= 24) + (e >= 56) + (e >= 120)


@inner
def size_level(z):
    return np.int64(0) + (z >= 1) + (z >= 5) + (z >= 17) + (z >= 65)


@inner
def wrap_signed(v, depth):
    half = np.int64(1) << (depth - 1)
    return ((v + half) & (2 * half - 1)) - half


@inner
def unzigzag(z):
    if z & 1:
        return (z + 1) >> 1
    return -(z >> 1)


@inner
def zigzag(v):
    if v > 0:
        return 2 * v - 1
    return -2 * v


@inner
def select_west(west, north, north_west):
    # Predictor 3: is W nearer to W + N - NW than N is, over all channels?
    to_west = np.int64(0)
    to_north = np.int64(0)
    for shift in range(0, 32, 8):
        nw = (north_west >> shift) & 255
        to_west += abs(((north >> shift) & 255) - nw)
        to_north += abs(((west >> shift) & 255) - nw)
    return to_west < to_north


@inner
def predict(number, w, n, nw, ne, select, high):
    # Predictor `number` (0..13) of one channel, samples 0..high. select: what select_west says.
    if number == 0:
        low = min(w, n)
        top = max(w, n)
        return min(max(w + n - nw, low), top)
    if number == 1:
        return (w + n) >> 1
    if number == 2:
        return (2 * w + n + ne + 2) >> 2
    if number == 3:
        return w if select else n
    if number == 4:
        return n
    if number == 5:
        return w
    if number == 6:
        g = w + n - nw
        to_w = abs(g - w)
        to_n = abs(g - n)
        to_nw = abs(g - nw)
        if to_w <= to_n and to_w <= to_nw:
            return w
        return n if to_n <= to_nw else nw
    if number == 7:
        m = (w + n) >> 1
        return min(max(m + ((m - nw) >> 1), 0), high)
    if number == 8:
        return ne
    if number == 9:
        return nw
    if number == 10:
        return (n + ne) >> 1
    if number == 11:
        return (n + nw) >> 1
    if number == 12:
        return (w + nw) >> 1
    return (w + n + nw + ne + 2) >> 2


@inner
def first_lzw(cells, w, n, p):
    # The first position from p on that is not in a photo cell; n if there is none.
    while p < n:
        y = p // w
        x = p - y * w
        column = x >> 6
        if cells[y >> 6, column] == 0:
            return p
        p = y * w + min((column + 1) << 6, w)
    return n


@inner
def first_photo(cells, w, n, p):
    # The first position from p on that is in a photo cell; n if there is none.
    while p < n:
        y = p // w
        x = p - y * w
        column = x >> 6
        if cells[y >> 6, column] != 0:
            return p
        p = y * w + min((column + 1) << 6, w)
    return n
