# Clauses lzw.segment to lzw.predictor: the tokens of one segment, and its pixels as samples.
#
# Proof of indices. Position p is 0..n-1, q = pad + p. Distances: the fixed ones are at most
# w + 1 < pad. D[x] is w, or the distance of a token that began at a position at or after the
# distance (p - c with c >= 0; or copied from such), so q - D[x] >= pad - w. The same holds for
# `recent`. Runs end at `stop` <= n, tested before the copy. Symbols are below their alphabet, as
# tables hold only such; row numbers come from the wrapper. start[] and slots[] have n places and
# each token covers a pixel. Hashes are 16 bits, cache slots cache_bits <= 11 bits, tiles
# (y >> s) * tiles_per_row + (x >> s) lie in the grid the wrapper made.
# Time: each token covers a pixel at least, each pixel is written once.

import numpy as np

from pil_dctz.entropy.bits_kernels import INDEX as PLAIN
from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.decoder.lzw_steps_kernels import (
    candidate,
    code_entry,
    copy_far,
    copy_inherited,
    copy_near,
    front,
    literal_field,
    other_distance,
    read_residuals,
)
from pil_dctz.lossless.lzw_kernels import (
    ABOVE,
    ABOVE_LEFT,
    ABOVE_RIGHT,
    CACHED,
    CB,
    CS,
    DE,
    DW,
    EX,
    INDEX,
    INH,
    LEFT,
    RESIDUALS,
    ROWS_CACHE,
    ROWS_INDEX,
    ROWS_PHRASE,
    ROWS_PREDICTOR,
    SETUP_CACHE_BITS,
    SETUP_CELLS,
    SETUP_CHANNELS,
    SETUP_COUNT,
    SETUP_HEIGHT,
    SETUP_KIND,
    SETUP_PREDICTOR,
    SETUP_TILE,
    SETUP_WIDTH,
    big_sum,
    cache_slot,
    energy_pattern,
    first_lzw,
    first_photo,
    mix,
    pattern_of,
    small_sum,
)

TOO_SHORT = -1
RUN_TOO_LONG = -2
NO_SOURCE = -3
NO_PHRASE = -4
NO_LITERAL = -5
NO_CHANNEL = -6


@kernel(
    "int64(u8ro[::1], int64, i64ro[::1], u8ro[:, ::1], u16ro[:, ::1], u16ro[:, ::1], i32ro[::1], "
    "i32ro[::1], uint32[::1], int32[::1], int32[::1], int32[:, ::1], uint32[::1], "
    "uint32[::1], uint8[::1], int64[::1])"
)
def decode_tokens(
    data,
    position,
    setup,
    cells,
    first,
    rest,
    begin,
    rows,
    pix,
    field,
    start,
    hashes,
    slots,
    cache,
    tiles,
    state,
):
    # Returns the bit position after the last token, or one of the statuses above with the bit
    # position in state[4] and p in state[5]. Checked by the wrapper: setup (SETUP_SIZE), cells
    # (ceil(h / 64), ceil(w / 64)), first, rest, begin as build_codes makes them, rows (ROWS_SIZE)
    # with values below the rows of `first`, pix (pad + n) zeros, field (w) filled with w, start
    # (n), hashes (2, 65536) filled with -1, slots (n), cache (2048) zeros, tiles filled with 255,
    # state (6) zeros. Without an error `hashes` are left as they came.
    w = setup[SETUP_WIDTH]
    n = w * setup[SETUP_HEIGHT]
    pad = 2 * w + 2
    palette = setup[SETUP_KIND] == 0
    channels = setup[SETUP_CHANNELS]
    cache_bits = setup[SETUP_CACHE_BITS]
    count = setup[SETUP_COUNT]
    tile_shift = 2 + setup[SETUP_TILE]
    tiles_per_row = ((w - 1) >> tile_shift) + 1
    last_predictor = np.int64(0)
    to_east = max(1, w - 1)
    to_east_east = max(1, w - 2)
    kind = np.int64(0)
    entries = np.int64(0)
    p = np.int64(0)
    x = np.int64(0)
    stop = n
    if setup[SETUP_CELLS] != 0:
        p = first_lzw(cells, w, n, 0)
        stop = first_photo(cells, w, n, p)
        x = p % w
    while p < n:
        q = (pad + p) & PLAIN
        west = np.int64(pix[(q - 1) & PLAIN])
        north = np.int64(pix[(q - w) & PLAIN])
        north_west = np.int64(pix[(q - w - 1) & PLAIN])
        north_east = np.int64(pix[(q - to_east) & PLAIN])
        small = small_sum(west, north, north_east)
        big = mix(
            big_sum(
                small,
                north_west,
                np.int64(pix[(q - 2) & PLAIN]),
                np.int64(pix[(q - 2 * w) & PLAIN]),
                np.int64(pix[(q - to_east_east) & PLAIN]),
            )
        )
        small = mix(small)
        cb = candidate(hashes, 0, big, pix, pad, w, west, north)
        cs = candidate(hashes, 1, small, pix, pad, w, west, north)
        if cs == cb:
            cs = np.int64(-1)
        around = pattern_of(west, north, north_west, north_east)
        if around == 14 and not palette:
            around = energy_pattern(west, north, north_west, north_east)
        around *= 3
        if cb >= 0 or cs >= 0:
            there = np.int64(pix[(pad + (cb if cb >= 0 else cs)) & PLAIN])
            around += 1 if there == west or there == north else 2
        differs = 1 if pix[(q - np.int64(field[x])) & PLAIN] != north else 0
        context = (kind * 57 + around) * 2 + differs

        bits = peek(data, position)
        entry = code_entry(first, rest, begin, np.int64(rows[context & PLAIN]), bits)
        used = entry & 15
        symbol = entry >> 4
        length = np.int64(1)
        state[4] = position
        state[5] = p
        slots[entries] = big << 16 | small
        if symbol < INDEX:
            source = symbol >> 5
            bucket = symbol & 31
            if bucket < 4:
                length = bucket + 1
            else:
                k = 1 + ((bucket - 4) >> 1)
                length = 1 + ((2 + (bucket & 1)) << k) + ((bits >> used) & ((1 << k) - 1))
                used += k
            position += used
            if p + length > stop:
                return RUN_TOO_LONG
            if source == INH:
                kind = np.int64(1)
                x = copy_inherited(pix, field, q, x, w, length)
            elif source <= ABOVE_LEFT:
                if source == ABOVE:
                    kind = np.int64(2)
                    distance = w
                elif source == LEFT:
                    kind = np.int64(3)
                    distance = np.int64(1)
                else:
                    kind = np.int64(7)
                    distance = to_east if source == ABOVE_RIGHT else w + 1
                x = copy_near(pix, field, q, x, w, length, distance)
            else:
                distance = np.int64(0)
                if source == CB:
                    kind = np.int64(4)
                    if cb >= 0:
                        distance = p - cb
                elif source == CS:
                    kind = np.int64(5)
                    if cs >= 0:
                        distance = p - cs
                elif source == DW:
                    kind = np.int64(6)
                    if x > 0:
                        distance = np.int64(field[x - 1])
                elif source == DE:
                    kind = np.int64(6)
                    distance = other_distance(field, x, w)
                else:
                    kind = np.int64(7)
                    bits = peek(data, position)
                    entry = code_entry(first, rest, begin, np.int64(rows[ROWS_PHRASE]), bits)
                    used = entry & 15
                    s = entry >> 4
                    if s < 4:
                        distance = state[s]
                    else:
                        age = s - 4
                        if age >= 8:
                            k = 2 + ((age - 8) >> 1)
                            age = ((2 + (age & 1)) << k) + ((bits >> used) & ((1 << k) - 1))
                            used += k
                        if age < entries:
                            distance = p - np.int64(start[entries - 1 - age])
                    position += used
                    if distance == 0:
                        return NO_PHRASE
                if distance == 0:
                    return NO_SOURCE
                if source <= CS or source == EX:
                    front(state, distance)
                x = copy_far(pix, field, q, x, w, length, distance)
        else:
            position += used
            if symbol == INDEX:
                if not palette:
                    return NO_LITERAL
                where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
                row = np.int64(rows[ROWS_INDEX + where])
                entry = code_entry(first, rest, begin, row, peek(data, position))
                position += entry & 15
                pix[q] = np.uint32(entry >> 4)
                kind = np.int64(0)
            elif symbol == CACHED:
                if palette or cache_bits == 0:
                    return NO_LITERAL
                row = np.int64(rows[ROWS_CACHE])
                entry = code_entry(first, rest, begin, row, peek(data, position))
                position += entry & 15
                pix[q] = cache[entry >> 4]
                kind = np.int64(8)
            else:
                mask = symbol - RESIDUALS
                if palette:
                    return NO_LITERAL
                if mask & ~channels != 0:
                    return NO_CHANNEL
                predictor = setup[SETUP_PREDICTOR]
                if tile_shift > 2:
                    tile = ((p // w) >> tile_shift) * tiles_per_row + (x >> tile_shift)
                    predictor = np.int64(tiles[tile])
                    if predictor == 255:
                        row = np.int64(rows[ROWS_PREDICTOR])
                        entry = code_entry(first, rest, begin, row, peek(data, position))
                        position += entry & 15
                        predictor = entry >> 4
                        if predictor == 14:
                            predictor = last_predictor
                        last_predictor = predictor
                        tiles[tile] = predictor
                position, pixel = read_residuals(
                    data, position, mask, setup, first, rest, begin, rows, pix, q, p, x, predictor
                )
                pix[q] = np.uint32(pixel)
                if cache_bits > 0:
                    cache[cache_slot(pixel, cache_bits)] = np.uint32(pixel)
                kind = np.int64(0)
            literal_field(pix, q, field, x, w)
            x += 1
            if x == w:
                x = np.int64(0)
        if overran(data, position):
            return TOO_SHORT
        hashes[0, big] = p
        hashes[1, small] = p
        start[entries] = p
        entries += 1
        p += length
        if p == stop and p < n:
            p = first_lzw(cells, w, n, p)
            stop = first_photo(cells, w, n, p)
            x = p % w
    for k in range(entries):
        hashes[0, np.int64(slots[k]) >> 16] = -1
        hashes[1, np.int64(slots[k]) & 65535] = -1
    return position


@kernel("void(u32ro[::1], int64, int64, uint8[:, :, ::1])")
def unpack_pixels(pix, pad, channels, out):
    # Clause lzw.pixels. Checked by the wrapper: pix (pad + h * w), out (h, w, 1..4).
    h, w, c = out.shape
    for y in range(h):
        for x in range(w):
            v = np.int64(pix[pad + y * w + x])
            if c <= 2:
                out[y, x, 0] = np.uint8((v >> 8) & 255)
            else:
                out[y, x, 0] = np.uint8((v >> 16) & 255)
                out[y, x, 1] = np.uint8((v >> 8) & 255)
                out[y, x, 2] = np.uint8(v & 255)
            if channels & 1:
                out[y, x, c - 1] = np.uint8(v >> 24)


@kernel("void(u32ro[::1], int64, u16ro[:, ::1], uint8[:, :, ::1])")
def unpack_palette(pix, pad, palette, out):
    # Clause lzw.palette, depth 1..8. Indices are below the palette's rows: symbols of codes over
    # that alphabet, copies of such, and 0.
    h, w, c = out.shape
    for y in range(h):
        for x in range(w):
            v = np.int64(pix[pad + y * w + x])
            for k in range(c):
                out[y, x, k] = np.uint8(palette[v, k])


@kernel("void(u32ro[::1], int64, u16ro[:, ::1], uint16[:, :, ::1])")
def unpack_palette_16(pix, pad, palette, out):
    # As unpack_palette, depth 9..16.
    h, w, c = out.shape
    for y in range(h):
        for x in range(w):
            v = np.int64(pix[pad + y * w + x])
            for k in range(c):
                out[y, x, k] = palette[v, k]


@inner
def store_runs(pix, pad, runs, out):
    # Clause lzw.packed. runs: (count, packed, channels), the samples of each number; pix (pad + h *
    # ceil(w / packed)). Numbers are below `count`, as in unpack_palette.
    h, w, c = out.shape
    packed = runs.shape[1]
    i = pad
    for y in range(h):
        for x in range(0, w, packed):
            v = np.int64(pix[i])
            i += 1
            for j in range(min(packed, w - x)):
                for k in range(c):
                    out[y, x + j, k] = runs[v, j, k]


@kernel("void(u32ro[::1], int64, u16ro[:, :, ::1], uint8[:, :, ::1])")
def unpack_runs(pix, pad, runs, out):
    store_runs(pix, pad, runs, out)


@kernel("void(u32ro[::1], int64, u16ro[:, :, ::1], uint16[:, :, ::1])")
def unpack_runs_16(pix, pad, runs, out):
    store_runs(pix, pad, runs, out)
