# Divides a segment into tokens: greedy at first, then by the cost map of the pass before.
#
# The whole picture is known here, so pix holds all pixels from the start (photo cells 0). Proof of
# indices: as in the decoder, whose state this follows step by step; runs are compared up to
# `stop` <= n only; `offers` has room for all sources, 4 recent phrases, both chains and 3 literals.
# Work: fixed distances are compared once a pixel (their ends are kept); all others share `budget`
# pixel comparisons, and are cut to SHORT pixels once that is spent.

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.decoder.lzw_steps_kernels import front, literal_field, other_distance
from pil_dctz.lossless.encoder.lzw_match_kernels import (
    age_symbol,
    bucket_of,
    chain_hash,
    kind_after,
    match_at,
    match_field,
)
from pil_dctz.lossless.lzw_kernels import (
    ABOVE,
    ABOVE_LEFT,
    ABOVE_RIGHT,
    CACHED,
    CB,
    CS,
    DW,
    EX,
    INDEX,
    INH,
    LEFT,
    RESIDUALS,
    SETUP_CACHE_BITS,
    SETUP_CELLS,
    SETUP_COUNT,
    SETUP_HEIGHT,
    SETUP_KIND,
    SETUP_WIDTH,
    cache_slot,
    first_lzw,
    first_photo,
    surroundings,
)

LONGEST = 65536
SHORT = 32
LITERAL_BELOW = 17  # literals are tried when the longest copy is shorter
AHEAD = 256  # pixels of a next token that count in a look ahead
DEEP = 12  # pixels that entries of the second chain share
LOOK = 16  # what a look ahead costs, in pixel comparisons
OFFERS = 128
# Columns of `offers`.
SYMBOL = 0
LENGTH = 1
DISTANCE = 2
EXTRA = 3


@inner
def offer(offers, costs, count, cost, symbol, length, distance, extra):
    offers[count, SYMBOL] = symbol
    offers[count, LENGTH] = length
    offers[count, DISTANCE] = distance
    offers[count, EXTRA] = extra
    costs[count] = cost
    return count + 1


@inner
def phrase_risk(pix, q, w, distance, rest):
    # Short named phrases spoil the displacement field, unless the next row matches there too.
    if w + 1 >= rest or pix[q + w] != pix[q + w - distance]:
        return np.float32(3.0)
    if pix[q + w + 1] != pix[q + w + 1 - distance]:
        return np.float32(3.0)
    return np.float32(0.0)


@inner
def ahead_cost(
    pix,
    hashes,
    field,
    recent,
    token_class,
    token_cost,
    phrase_cost,
    value,
    p,
    stop,
    w,
    kind,
    palette,
):
    # Least bits from p to the end with one more token first; value[p] if none is better.
    best = value[p]
    if p >= stop:
        return best
    q = 2 * w + 2 + p
    x = p % w
    limit = min(stop - p, AHEAD)
    _, north, _, _, cb, cs, around = surroundings(pix, hashes, q, p, w, palette)
    differs = 1 if pix[q - field[x]] != north else 0
    row = np.int64(token_class[(kind * 57 + around) * 2 + differs])
    for k in range(10):
        symbol = np.int64(k * 32)
        extra = np.float32(0.0)
        if k == INH:
            length = match_field(pix, q, field, x, w, limit)
        else:
            distance = np.int64(0)
            if k == ABOVE:
                distance = w
            elif k == LEFT:
                distance = np.int64(1)
            elif k == ABOVE_RIGHT:
                distance = max(1, w - 1)
            elif k == ABOVE_LEFT:
                distance = w + 1
            elif k == CB:
                distance = p - cb if cb >= 0 else np.int64(0)
            elif k == CS:
                distance = p - cs if cs >= 0 else np.int64(0)
            else:
                distance = recent[k - 7]
                symbol = np.int64(EX * 32)
                extra = phrase_cost[k - 7] + np.float32(1.0)
            if distance == 0:
                continue
            length = match_at(pix, q, distance, limit)
        if length > 0:
            cost = token_cost[row, symbol + bucket_of(length)] + extra + value[p + length]
            best = min(best, cost)
    return best


@inner
def choose(offers, costs, ahead, count, value, p):
    # The offer with the least bits to the end, by the cost map.
    best = 0
    for k in range(count):
        ahead[k] = costs[k] + value[p + offers[k, LENGTH]]
        if ahead[k] < ahead[best]:
            best = k
    return best


@kernel(
    "int64(i64ro[::1], u8ro[:, ::1], u32ro[::1], int32[::1], int32[::1], int32[:, ::1], "
    "uint32[::1], u8ro[::1], f32ro[:, ::1], f32ro[::1], f32ro[:, ::1], f32ro[::1], u8ro[:, ::1], "
    "f32ro[::1], f32ro[::1], int64[::1], int32[:, ::1], int32[:, ::1], int64[:, ::1], "
    "float32[:, ::1], uint16[::1], int32[::1], int32[::1], int16[::1])"
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
    offers,
    weights,
    token_symbol,
    token_length,
    token_extra,
    token_context,
):
    # Returns the number of tokens. Checked by the wrapper: as decode_tokens, and token_class
    # (1026), token_cost (28, 338) with raw bits in, phrase_cost (64), index_cost (32, 256),
    # cache_cost (2048), literal_z (n, 4), literal_cost (n), value (n + 1; fewer: greedy),
    # search (chain depth <= 50, budget, 4 zeros, bits within which offers look ahead), chain_head
    # (2, 65536) of -1, chain_next (2, n), offers (OFFERS, 4), weights (2, OFFERS), the others (n).
    # token_extra: phrase age << 8 | phrase symbol, index or cache slot.
    w = setup[SETUP_WIDTH]
    n = w * setup[SETUP_HEIGHT]
    pad = 2 * w + 2
    palette = setup[SETUP_KIND] == 0
    cache_bits = setup[SETUP_CACHE_BITS]
    count = setup[SETUP_COUNT]
    greedy = value.shape[0] <= n
    depth = search[0]
    budget = search[1]
    recent = search[2:6]
    within = np.float32(search[6])
    costs = weights[0]
    ahead = weights[1]
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
        west, north, big, small, cb, cs, around = surroundings(pix, hashes, q, p, w, palette)
        differs = 1 if pix[q - field[x]] != north else 0
        context = (kind * 57 + around) * 2 + differs
        row = np.int64(token_class[context])
        limit = room if budget > 0 else min(room, SHORT)
        longest = np.int64(0)
        made = 0
        for source in range(EX):
            distance = np.int64(0)
            length = np.int64(0)
            if source == INH:
                if pix[q] != pix[q - field[x]]:
                    continue
                length = match_field(pix, q, field, x, w, limit)
                budget -= length
            elif source <= ABOVE_LEFT:
                if source == ABOVE:
                    if end_n <= p:
                        end_n = p + match_at(pix, q, w, n - p)
                    length = end_n - p
                elif source == LEFT:
                    if end_w <= p:
                        end_w = p + match_at(pix, q, 1, n - p)
                    length = end_w - p
                elif source == ABOVE_RIGHT:
                    if end_ne <= p:
                        end_ne = p + match_at(pix, q, max(1, w - 1), n - p)
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
            made = offer(offers, costs, made, token_cost[row, symbol], symbol, length, distance, 0)
        # Named phrases: the four recent ones, then entries that begin with the same three pixels,
        # or the same DEEP ones.
        here = np.int64(-1)
        far = np.int64(-1)
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
                cost += phrase_risk(pix, q, w, distance, n - p)
                made = offer(offers, costs, made, cost, symbol, length, distance, k)
        if room >= 3:
            here = chain_hash(pix, q, 3)
        if room >= DEEP:
            far = chain_hash(pix, q, DEEP)
        for chain in range(2):
            first = far if chain == 1 else here
            if first < 0:
                continue
            e = np.int64(chain_head[chain, first])
            tries = depth
            while e >= 0 and tries > 0:
                tries -= 1
                distance = p - np.int64(start[e])
                length = match_at(pix, q, distance, limit)
                budget -= length + 1
                s = age_symbol(entries - 1 - e)
                if length >= 3 and s < 64:
                    longest = max(longest, length)
                    symbol = EX * 32 + bucket_of(length)
                    cost = token_cost[row, symbol] + phrase_cost[s]
                    cost += phrase_risk(pix, q, w, distance, n - p)
                    extra = (entries - 1 - e) << 8 | s
                    made = offer(offers, costs, made, cost, symbol, length, distance, extra)
                e = np.int64(chain_next[chain, e])
                if budget <= 0:
                    tries = min(tries, 2)
        if longest < LITERAL_BELOW:
            if palette:
                where = west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
                cost = token_cost[row, INDEX] + index_cost[where, pixel]
                made = offer(offers, costs, made, cost, INDEX, 1, 0, pixel)
            else:
                mask = np.int64(0)
                for channel in range(4):
                    if literal_z[p, channel] != 0:
                        mask |= np.int64(1) << channel
                cost = token_cost[row, RESIDUALS + mask] + literal_cost[p]
                made = offer(offers, costs, made, cost, RESIDUALS + mask, 1, 0, 0)
                if cache_bits > 0:
                    slot = cache_slot(pixel, cache_bits)
                    if cache[slot] == pix[q]:
                        cost = token_cost[row, CACHED] + cache_cost[slot]
                        made = offer(offers, costs, made, cost, CACHED, 1, 0, slot)

        best = 0
        if greedy:
            for k in range(made):
                ahead[k] = costs[k] - np.float32(1.5) * offers[k, LENGTH]
                if ahead[k] < ahead[best]:
                    best = k
        else:
            best = choose(offers, costs, ahead, made, value, p)
            if within > 0 and budget > 0:
                worst = ahead[best] + within
                least = ahead[best]
                for k in range(made):
                    if ahead[k] > worst:
                        continue
                    length = offers[k, LENGTH]
                    budget -= LOOK
                    after = ahead_cost(
                        pix,
                        hashes,
                        field,
                        recent,
                        token_class,
                        token_cost,
                        phrase_cost,
                        value,
                        p + length,
                        stop,
                        w,
                        kind_after(offers[k, SYMBOL]),
                        palette,
                    )
                    if costs[k] + after < least:
                        least = costs[k] + after
                        best = k
        best_symbol = offers[best, SYMBOL]
        best_length = offers[best, LENGTH]
        token_symbol[entries] = np.uint16(best_symbol)
        token_length[entries] = best_length
        token_extra[entries] = offers[best, EXTRA]
        token_context[entries] = context
        # The decoder's state after this token.
        kind = kind_after(best_symbol)
        if best_symbol < INDEX:
            source = best_symbol >> 5
            distance = offers[best, DISTANCE]
            if source == CB or source == CS or source == EX:
                front(recent, distance)
            if source != INH:
                for i in range(q, q + best_length):
                    if source <= ABOVE_LEFT:
                        literal_field(pix, i, field, x, w)
                    else:
                        field[x] = distance
                    x += 1
                    if x == w:
                        x = np.int64(0)
        else:
            if best_symbol >= RESIDUALS and cache_bits > 0:
                cache[cache_slot(pixel, cache_bits)] = pix[q]
            literal_field(pix, q, field, x, w)
        hashes[0, big] = p
        hashes[1, small] = p
        start[entries] = p
        if here >= 0:
            chain_next[0, entries] = chain_head[0, here]
            chain_head[0, here] = entries
        if far >= 0:
            chain_next[1, entries] = chain_head[1, far]
            chain_head[1, far] = entries
        entries += 1
        p += best_length
        if p == stop and p < n:
            p = first_lzw(cells, w, n, p)
            stop = first_photo(cells, w, n, p)
    return entries
