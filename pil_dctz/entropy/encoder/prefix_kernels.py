"""Length-limited prefix codes by package-merge, optimal for the given counts.

Works level by level: `weights` holds the list of the level (leaves merged with pairs of the level
before), `is_pair[level, i]` what each item is. Walking back from the last level, the 2n - 2
cheapest items there name how many leaves of each level lengthen their code.
"""

from pil_dctz.kernels.declare import inner, kernel


@inner
def limited_lengths(counts, n, max_length, weights, merged, is_pair, lengths):
    # counts: int64, the first n sorted ascending, all > 0, n >= 2, n <= 2^max_length.
    # weights, merged: int64 (>= 2n); is_pair: uint8 (max_length, >= 2n); lengths: uint8 (>= n),
    # for the sorted symbols. Proof: a level has at most n + (2n - 1) // 2 < 2n items.
    for i in range(n):
        lengths[i] = 0
        weights[i] = counts[i]
        is_pair[0, i] = 0
    size = n
    for level in range(1, max_length):
        pairs = size >> 1
        a = 0
        b = 0
        k = 0
        while a < n or b < pairs:
            take_leaf = a < n
            if take_leaf and b < pairs:
                take_leaf = counts[a] <= weights[2 * b] + weights[2 * b + 1]
            if take_leaf:
                merged[k] = counts[a]
                is_pair[level, k] = 0
                a += 1
            else:
                merged[k] = weights[2 * b] + weights[2 * b + 1]
                is_pair[level, k] = 1
                b += 1
            k += 1
        size = k
        for i in range(size):
            weights[i] = merged[i]
    take = 2 * n - 2
    for back in range(max_length):
        level = max_length - 1 - back
        leaves = 0
        pairs = 0
        for i in range(take):
            if is_pair[level, i]:
                pairs += 1
            else:
                lengths[leaves] += 1
                leaves += 1
        take = 2 * pairs


@kernel(
    "int64(i64ro[:, ::1], int64, i64ro[:, ::1], int64[::1], int64[::1], int64[::1],"
    " uint8[:, ::1], uint8[::1], uint8[:, ::1])"
)
def build_lengths(counts, max_length, order, sorted_counts, weights, merged, is_pair, found, out):
    # Lengths of each row of counts. order: argsort of each row, ascending. Work arrays: 2 *
    # symbols + 2 items each. A row without symbols stays 0; a single symbol gets length 1.
    symbols = counts.shape[1]
    for row in range(counts.shape[0]):
        n = 0
        for i in range(symbols):
            s = order[row, i]
            out[row, s] = 0
            if counts[row, s] > 0:
                sorted_counts[n] = counts[row, s]
                n += 1
        if n == 0:
            continue
        first = symbols - n
        if n == 1:
            out[row, order[row, first]] = 1
            continue
        limited_lengths(sorted_counts, n, max_length, weights, merged, is_pair, found)
        for i in range(n):
            out[row, order[row, first + i]] = found[i]
    return 0
