# Divides a segment into tokens: greedy at first, then by the cost map of the pass before.
#
# The whole picture is known here, so pix holds all pixels from the start (photo cells 0). Proof of
# indices: as in the decoder, whose state this follows step by step; runs are compared up to
# `stop` <= n only. Work: fixed distances are compared once a pixel (their ends are kept); all
# others share `budget` pixel comparisons, and are cut to SHORT pixels once that is spent.

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.decoder.lzw_kernels import front, literal_field, other_distance
from pil_dctz.lossless.lzw_kernels import (
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
    MASK32,
    RESIDUALS,
    SETUP_CACHE_BITS,
    SETUP_CELLS,
    SETUP_COUNT,
    SETUP_HEIGHT,
    SETUP_KIND,
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

LONGEST = 65536
SHORT = 32
LITERAL_BELOW = 17  # literals are tried when the longest copy is shorter
CHAIN_BITS = 16


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
def rate(cost, length, p, value, greedy):
    # The lower the better.
    if greedy:
        return cost - np.float32(1.5) * length
    return cost + value[p + length]


@inner
def chain_hash(pix, q):
    h = (
        ((np.int64(pix[q]) * 0x1E35A7BD) & MASK32)
        + ((np.int64(pix[q + 1]) * 0x2545F491) & MASK32)
        + ((np.int64(pix[q + 2]) * 0x4F1BBCDD) & MASK32)
    ) & MASK32
    return mix(h)


@kernel(
    "int64(i64ro[::1], u8ro[:, ::1], u32ro[::1], int32[::1], int32[::1], int32[:, ::1], "
    "uint32[::1], u8ro[::1], f32ro[:, ::1], f32ro[::1], f32ro[:, ::1], f32ro[::1], u8ro[:, ::1], "
    "f32ro[::1], f32ro[::1], int64[::1], int32[::1], int32[::1], uint16[::1], int32[::1], "
    "int32[::1], int16[::1])"
)
def parse_tokens(
    setup,
    cells,
    pix,
    field,
    start,
    hashes,
    cache,
    token_class,
    token_cost,
    phrase_cost,
    index_cost,
    cache_cost,
    literal_z,
    literal_cost,
    value,
    search,
    chain_head,
    chain_next,
    token_symbol,
    token_length,
    token_extra,
    token_context,
):
    # Returns the number of tokens. Checked by the wrapper: as decode_tokens, and token_class
    # (1026), token_cost (28, 338) with raw bits in, phrase_cost (64), index_cost (32, 256),
    # cache_cost (2048), literal_z (n, 4), literal_cost (n), value (n + 1; or (1) to be greedy),
    # search (chain depth, budget, 4 zeros), chain_head (65536) of -1, the others (n).
    # token_extra: phrase age << 8 | phrase symbol, index or cache slot.
    w = setup[SETUP_WIDTH]
    n = w * setup[SETUP_HEIGHT]
    pad = 2 * w + 2
    palette = setup[SETUP_KIND] == 0
    cache_bits = setup[SETUP_CACHE_BITS]
    count = setup[SETUP_COUNT]
    greedy = value.shape[0] < n
    depth = search[0]
    budget = search[1]
    recent = search[2:6]
    to_east = max(1, w - 1)
    to_east_east = max(1, w - 2)
    end_n = np.int64(0)
    end_w = np.int64(0)
    end_ne = np.int64(0)
    end_nw = np.int64(0)
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
        room = min(stop - p, LONGEST)
        pixel = np.int64(pix[q])
        west = np.int64(pix[q - 1])
        north = np.int64(pix[q - w])
        north_west = np.int64(pix[q - w - 1])
        # With w == 1 the pixel NE is W, never the one to come.
        north_east = np.int64(pix[q - to_east])
        small = small_sum(west, north, north_east)
        big = mix(
            big_sum(
                small,
                north_west,
                np.int64(pix[q - 2]),
                np.int64(pix[q - 2 * w]),
                np.int64(pix[q - to_east_east]),
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
        differs = 1 if pix[q - field[x]] != north else 0
        context = ((kind * 19 + pattern) * 3 + other) * 2 + differs
        row = np.int64(token_class[context])

        best = np.float32(1e30)
        best_symbol = np.int64(-1)
        best_length = np.int64(1)
        best_distance = np.int64(0)
        best_extra = np.int64(0)
        longest = np.int64(0)
        limit = room if budget > 0 else min(room, SHORT)
        for source in range(EX):
            distance = np.int64(0)
            length = np.int64(0)
            if source == INH:
                if pix[q] != pix[q - field[x]]:
                    continue
                length = match_field(pix, q, field, x, w, limit)
                budget -= length
            elif source <= ABOVE_LEFT:
                if source == 1:
                    if end_n <= p:
                        end_n = p + match_at(pix, q, w, n - p)
                    length = end_n - p
                elif source == LEFT:
                    if end_w <= p:
                        end_w = p + match_at(pix, q, 1, n - p)
                    length = end_w - p
                elif source == ABOVE_RIGHT:
                    if end_ne <= p:
                        end_ne = p + match_at(pix, q, to_east, n - p)
                    length = end_ne - p
                else:
                    if end_nw <= p:
                        end_nw = p + match_at(pix, q, w + 1, n - p)
                    length = end_nw - p
                length = min(length, room)
            else:
                if source == CB:
                    if cb >= 0:
                        distance = p - cb
                elif source == CS:
                    if cs >= 0:
                        distance = p - cs
                elif source == DW:
                    if x > 0:
                        distance = np.int64(field[x - 1])
                else:
                    distance = other_distance(field, x, w)
                if distance == 0:
                    continue
                length = match_at(pix, q, distance, limit)
                budget -= length
            if length == 0:
                continue
            longest = max(longest, length)
            symbol = source * 32 + bucket_of(length)
            r = rate(token_cost[row, symbol], length, p, value, greedy)
            if r < best:
                best = r
                best_symbol = symbol
                best_length = length
                best_distance = distance
        # Named phrases: the four recent ones, then entries that begin with the same three pixels.
        here = np.int64(-1)
        if room >= 2:
            for k in range(4):
                distance = recent[k]
                if distance == 0 or pix[q] != pix[q - distance]:
                    continue
                length = match_at(pix, q, distance, limit)
                budget -= length
                if length < 2:
                    continue
                longest = max(longest, length)
                symbol = EX * 32 + bucket_of(length)
                cost = token_cost[row, symbol] + phrase_cost[k]
                if p + w + 1 >= n or pix[q + w] != pix[q + w - distance]:
                    cost += np.float32(3.0)
                r = rate(cost, length, p, value, greedy)
                if r < best:
                    best = r
                    best_symbol = symbol
                    best_length = length
                    best_distance = distance
                    best_extra = np.int64(k)
        if room >= 3:
            here = chain_hash(pix, q)
            e = np.int64(chain_head[here])
            tries = depth
            while e >= 0 and tries > 0:
                tries -= 1
                distance = p - np.int64(start[e])
                # Only a longer match can pay for the greater age.
                if pix[q] == pix[q - distance]:
                    length = match_at(pix, q, distance, limit)
                    budget -= length
                    if length >= 3:
                        longest = max(longest, length)
                        age = entries - 1 - e
                        s = age_symbol(age)
                        if s < 64:
                            symbol = EX * 32 + bucket_of(length)
                            cost = token_cost[row, symbol] + phrase_cost[s]
                            if (
                                p + w + 2 >= n
                                or pix[q + w] != pix[q + w - distance]
                                or pix[q + w + 1] != pix[q + w + 1 - distance]
                            ):
                                cost += np.float32(3.0)
                            r = rate(cost, length, p, value, greedy)
                            if r < best:
                                best = r
                                best_symbol = symbol
                                best_length = length
                                best_distance = distance
                                best_extra = age << 8 | s
                else:
                    budget -= 1
                e = np.int64(chain_next[e])
                if budget <= 0:
                    tries = min(tries, 2)
        if longest < LITERAL_BELOW:
            if palette:
                where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
                cost = token_cost[row, INDEX] + index_cost[where, pixel]
                r = rate(cost, 1, p, value, greedy)
                if r < best:
                    best = r
                    best_symbol = np.int64(INDEX)
                    best_length = np.int64(1)
                    best_extra = pixel
            else:
                mask = np.int64(0)
                for channel in range(4):
                    if literal_z[p, channel] != 0:
                        mask |= np.int64(1) << channel
                cost = token_cost[row, RESIDUALS + mask] + literal_cost[p]
                r = rate(cost, 1, p, value, greedy)
                if r < best:
                    best = r
                    best_symbol = RESIDUALS + mask
                    best_length = np.int64(1)
                    best_extra = np.int64(0)
                if cache_bits > 0:
                    slot = cache_slot(pixel, cache_bits)
                    if cache[slot] == pix[q]:
                        cost = token_cost[row, CACHED] + cache_cost[slot]
                        r = rate(cost, 1, p, value, greedy)
                        if r < best:
                            best = r
                            best_symbol = np.int64(CACHED)
                            best_length = np.int64(1)
                            best_extra = slot

        token_symbol[entries] = np.uint16(best_symbol)
        token_length[entries] = best_length
        token_extra[entries] = best_extra
        token_context[entries] = context
        # The decoder's state after this token.
        if best_symbol < INDEX:
            source = best_symbol >> 5
            if source == INH:
                kind = 1
            elif source <= ABOVE_LEFT:
                kind = 2 if source == 1 else (3 if source == LEFT else 7)
                for i in range(q, q + best_length):
                    literal_field(pix, i, field, x, w)
                    x += 1
                    if x == w:
                        x = np.int64(0)
            else:
                kind = 4 if source == CB else (5 if source == CS else 6)
                if source == EX:
                    kind = 7
                if source != DW and source != DE:
                    front(recent, best_distance)
                for _ in range(best_length):
                    field[x] = best_distance
                    x += 1
                    if x == w:
                        x = np.int64(0)
        else:
            kind = 8 if best_symbol == CACHED else 0
            if best_symbol >= RESIDUALS and cache_bits > 0:
                cache[cache_slot(pixel, cache_bits)] = pix[q]
            literal_field(pix, q, field, x, w)
        hashes[0, big] = p
        hashes[1, small] = p
        start[entries] = p
        chain_next[entries] = -1
        if here >= 0:
            chain_next[entries] = chain_head[here]
            chain_head[here] = entries
        entries += 1
        p += best_length
        if p == stop and p < n:
            p = first_lzw(cells, w, n, p)
            stop = first_photo(cells, w, n, p)
    return entries
