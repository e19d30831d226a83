# Clauses lzw.segment to lzw.predictor: the tokens of one segment, and its pixels as samples.
#
# Proof of indices. Position p is 0..n-1, q = pad + p. Distances: the fixed ones are at most
# w + 1 < pad. D[x] is w, or the distance of a token that began at a position at or after the
# distance (p - c with c >= 0; or copied from such), so q - D[x] >= pad - w. The same holds for
# `recent`. Runs end at `stop` <= n, tested before the copy. Symbols are below their alphabet, as
# tables hold only such; row numbers come from the wrapper. start[] has n places and each token
# covers a pixel. Hashes are 16 bits, cache slots cache_bits <= 11 bits, tiles
# (y >> s) * tiles_per_row + (x >> s) lie in the grid the wrapper made.
# Time: each token covers a pixel at least, each pixel is written once.

import numpy as np

from pil_dctz.entropy.bits_kernels import overran, peek
from pil_dctz.kernels.declare import inner, kernel
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
    ROWS_RESIDUAL,
    SETUP_A,
    SETUP_B,
    SETUP_C,
    SETUP_CACHE_BITS,
    SETUP_CELLS,
    SETUP_CHANNELS,
    SETUP_COUNT,
    SETUP_DEPTH,
    SETUP_HEIGHT,
    SETUP_KIND,
    SETUP_PREDICTOR,
    SETUP_TILE,
    SETUP_WIDTH,
    cache_slot,
    energy_level,
    energy_of,
    first_lzw,
    first_photo,
    predict,
    select_west,
    shift_of,
    size_level,
    surroundings,
    unzigzag,
    wrap_signed,
)

CODE_MASK = 8191  # codes have at most 13 bits

TOO_SHORT = -1
RUN_TOO_LONG = -2
NO_SOURCE = -3
NO_PHRASE = -4
NO_LITERAL = -5
NO_CHANNEL = -6


@inner
def front(recent, distance):
    # Moves `distance` to the front of the four recent ones.
    last = recent[0]
    recent[0] = distance
    k = 1
    while k < 4 and last != distance:
        last, recent[k] = recent[k], last
        k += 1


@inner
def other_distance(field, x, w):
    # Source DE: the first other value right of x, 0 if there is none.
    own = field[x]
    for i in range(x + 1, min(x + 17, w)):
        if field[i] != own:
            return np.int64(field[i])
    return np.int64(0)


@inner
def read_residuals(data, position, mask, setup, tables, rows, pix, q, p, predictor):
    # Clause lzw.residual. Returns the new position and the pixel.
    depth = setup[SETUP_DEPTH]
    channels = setup[SETUP_CHANNELS]
    high = (np.int64(1) << depth) - 1
    width = setup[SETUP_WIDTH]
    west = np.int64(pix[q - 1])
    north = np.int64(pix[q - width])
    north_west = np.int64(pix[q - width - 1])
    north_east = np.int64(pix[q - max(1, width - 1)])
    if p < width:
        predictor = 5
    elif p % width == 0:
        predictor = 4
    select = predictor == 3 and select_west(west, north, north_west)
    pixel = np.int64(0)
    before = np.int64(0)
    z_green = np.int64(0)
    v_green = np.int64(0)
    v_red = np.int64(0)
    for channel in range(4):
        if (channels >> channel) & 1 == 0:
            continue
        shift = shift_of(channel)
        z = np.int64(0)
        if (mask >> channel) & 1:
            e = energy_of(west, north, north_west, north_east, shift)
            context = (channel * 6 + energy_level(e)) * 5 + size_level(before)
            bits = peek(data, position)
            entry = np.int64(tables[rows[ROWS_RESIDUAL + context], bits & CODE_MASK])
            z = entry >> 4
            used = entry & 15
            if z >= 32:
                k = 4 + ((z - 32) >> 1)
                z = ((2 + (z & 1)) << k) + ((bits >> used) & ((1 << k) - 1))
                used += k
            position += used
        v = unzigzag(z)
        if channel == 1:
            z_green = z
            v_green = wrap_signed(v, depth)
            v = v_green
        elif channel == 2:
            v_red = wrap_signed(v + ((setup[SETUP_A] * v_green) >> 3), depth)
            v = v_red
        elif channel == 3:
            v += (setup[SETUP_B] * v_green + setup[SETUP_C] * v_red) >> 3
        before = max(z, z_green) if channel == 2 else z
        guess = predict(
            predictor,
            (west >> shift) & 255,
            (north >> shift) & 255,
            (north_west >> shift) & 255,
            (north_east >> shift) & 255,
            select,
            high,
        )
        pixel |= ((guess + v) & high) << shift
    return position, pixel


@inner
def literal_field(pix, q, field, x, w):
    # Clause lzw.field, for one pixel of a literal or of a copy from the nearest pixels.
    if pix[q - field[x]] != pix[q]:
        field[x] = w


@kernel(
    "int64(u8ro[::1], int64, i64ro[::1], u8ro[:, ::1], u16ro[:, ::1], i32ro[::1], uint32[::1], "
    "int32[::1], int32[::1], int32[:, ::1], uint32[::1], uint8[::1], int64[::1])"
)
def decode_tokens(
    data, position, setup, cells, tables, rows, pix, field, start, hashes, cache, tiles, state
):
    # Returns the bit position after the last token, or one of the statuses above with the bit
    # position in state[4] and p in state[5]. Checked by the wrapper: setup (SETUP_SIZE), cells
    # (ceil(h / 64), ceil(w / 64)), tables (rows, 8192), rows (ROWS_SIZE) with values below the
    # tables' rows, pix (pad + n) zeros, field (w) filled with w, start (n), hashes (2, 65536)
    # filled with -1, cache (2048) zeros, tiles filled with 255, state (6) zeros.
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
    kind = 0
    entries = 0
    p = np.int64(0)
    stop = n
    if setup[SETUP_CELLS] != 0:
        p = first_lzw(cells, w, n, 0)
        stop = first_photo(cells, w, n, p)
    while p < n:
        q = pad + p
        x = p % w
        west, north, big, small, cb, cs, around = surroundings(pix, hashes, q, p, w, palette)
        differs = 1 if pix[q - field[x]] != north else 0
        context = (kind * 57 + around) * 2 + differs

        bits = peek(data, position)
        entry = np.int64(tables[rows[context], bits & CODE_MASK])
        used = entry & 15
        symbol = entry >> 4
        length = np.int64(1)
        state[4] = position
        state[5] = p
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
                kind = 1
                for i in range(q, q + length):
                    pix[i] = pix[i - field[x]]
                    x += 1
                    if x == w:
                        x = np.int64(0)
            elif source <= ABOVE_LEFT:
                if source == ABOVE:
                    kind = 2
                    distance = w
                elif source == LEFT:
                    kind = 3
                    distance = np.int64(1)
                else:
                    kind = 7
                    distance = to_east if source == ABOVE_RIGHT else w + 1
                for i in range(q, q + length):
                    v = pix[i - distance]
                    pix[i] = v
                    if pix[i - field[x]] != v:
                        field[x] = w
                    x += 1
                    if x == w:
                        x = np.int64(0)
            else:
                distance = np.int64(0)
                if source == CB:
                    kind = 4
                    if cb >= 0:
                        distance = p - cb
                elif source == CS:
                    kind = 5
                    if cs >= 0:
                        distance = p - cs
                elif source == DW:
                    kind = 6
                    if x > 0:
                        distance = np.int64(field[x - 1])
                elif source == DE:
                    kind = 6
                    distance = other_distance(field, x, w)
                else:
                    kind = 7
                    bits = peek(data, position)
                    entry = np.int64(tables[rows[ROWS_PHRASE], bits & CODE_MASK])
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
                for i in range(q, q + length):
                    pix[i] = pix[i - distance]
                    field[x] = distance
                    x += 1
                    if x == w:
                        x = np.int64(0)
        else:
            position += used
            if symbol == INDEX:
                if not palette:
                    return NO_LITERAL
                where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
                entry = np.int64(tables[rows[ROWS_INDEX + where], peek(data, position) & CODE_MASK])
                position += entry & 15
                pix[q] = np.uint32(entry >> 4)
                kind = 0
            elif symbol == CACHED:
                if palette or cache_bits == 0:
                    return NO_LITERAL
                entry = np.int64(tables[rows[ROWS_CACHE], peek(data, position) & CODE_MASK])
                position += entry & 15
                pix[q] = cache[entry >> 4]
                kind = 8
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
                        entry = np.int64(
                            tables[rows[ROWS_PREDICTOR], peek(data, position) & CODE_MASK]
                        )
                        position += entry & 15
                        predictor = entry >> 4
                        if predictor == 14:
                            predictor = last_predictor
                        last_predictor = predictor
                        tiles[tile] = predictor
                position, pixel = read_residuals(
                    data, position, mask, setup, tables, rows, pix, q, p, predictor
                )
                pix[q] = np.uint32(pixel)
                if cache_bits > 0:
                    cache[cache_slot(pixel, cache_bits)] = np.uint32(pixel)
                kind = 0
            literal_field(pix, q, field, x, w)
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
