# Steps of the LZW decoder: looking up codes, candidates, copies and the displacement field,
# residual literals. Clauses lzw.candidates, lzw.field, lzw.residual.
#
# Proof of indices: as in lzw_kernels.py beside it, whose names these are. In the copies x + k < w,
# as a run is cut at the ends of its rows.

import numpy as np

from pil_dctz.entropy.bits_kernels import INDEX as PLAIN
from pil_dctz.entropy.bits_kernels import peek
from pil_dctz.kernels.declare import inner
from pil_dctz.lossless.lzw_kernels import (
    ROWS_RESIDUAL,
    SETUP_A,
    SETUP_B,
    SETUP_C,
    SETUP_CHANNELS,
    SETUP_DEPTH,
    SETUP_WIDTH,
    energy_level,
    energy_of,
    predict,
    select_west,
    shift_of,
    size_level,
    unzigzag,
    wrap_signed,
)

FIRST_BITS = 10  # of a code's bits that its first table sees; it may have 13
FIRST_MASK = 1023
LONG = 15  # the length in a first table where the code goes on


@inner
def code_entry(first, rest, begin, row, bits):
    # symbol << 4 | length of the code at the start of `bits`. Proof: a LONG entry holds the number
    # of a row of `rest` counted from begin[row]; build_codes has filled that row.
    entry = np.int64(first[row, bits & FIRST_MASK])
    if entry & 15 == LONG:
        entry = np.int64(rest[begin[row] + (entry >> 4), (bits >> FIRST_BITS) & 7])
    return entry


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
def read_residuals(data, position, mask, setup, first, rest, begin, rows, pix, q, p, x, predictor):
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
    elif x == 0:
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
            entry = code_entry(first, rest, begin, rows[ROWS_RESIDUAL + context], bits)
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
    # Clause lzw.field, for one pixel of a literal or of a copy from the nearest pixels. Where
    # D[x] is w, both cases leave it.
    d = np.int64(field[x])
    if d != w and pix[q - d] != pix[q]:
        field[x] = w


@inner
def copy_inherited(pix, field, q, x, w, length):
    # Source INH. Returns the column behind the run. Rows apart: no test for the edge in the loop.
    while length > 0:
        take = min(length, w - x)
        for k in range(take):
            i = (q + k) & PLAIN
            pix[i] = pix[(i - np.int64(field[(x + k) & PLAIN])) & PLAIN]
        q += take
        length -= take
        x += take
        if x == w:
            x = np.int64(0)
    return x


@inner
def copy_near(pix, field, q, x, w, length, distance):
    # Sources N, W, NE, NW: as copy_inherited.
    while length > 0:
        take = min(length, w - x)
        for k in range(take):
            i = (q + k) & PLAIN
            v = pix[(i - distance) & PLAIN]
            pix[i] = v
            d = np.int64(field[(x + k) & PLAIN])
            if d != w and pix[(i - d) & PLAIN] != v:
                field[(x + k) & PLAIN] = w
        q += take
        length -= take
        x += take
        if x == w:
            x = np.int64(0)
    return x


@inner
def copy_far(pix, field, q, x, w, length, distance):
    # Sources CB, CS, DW, DE, EX: as copy_inherited.
    while length > 0:
        take = min(length, w - x)
        for k in range(take):
            i = (q + k) & PLAIN
            pix[i] = pix[(i - distance) & PLAIN]
            field[(x + k) & PLAIN] = distance
        q += take
        length -= take
        x += take
        if x == w:
            x = np.int64(0)
    return x


@inner
def candidate(hashes, table, slot, pix, pad, w, west, north):
    # Clause lzw.candidates: the position, -1 if not valid. (Entries that hold W, N and the pixel
    # as well were slower: 2 MB leave the core's cache.)
    c = np.int64(hashes[table, slot])
    if c >= 0 and (pix[(pad + c - 1) & PLAIN] != west or pix[(pad + c - w) & PLAIN] != north):
        c = np.int64(-1)
    return c
