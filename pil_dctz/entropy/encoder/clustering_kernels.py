"""Merging of histograms, the pair first that loses least. Encoder only, floats."""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel


@inner
def weight_of(counts, n):
    # Sum of counts, coding cost in bits, used symbols, of one histogram.
    total = 0.0
    logs = 0.0
    used = 0
    for s in range(n):
        c = np.float64(counts[s])
        if c > 0:
            total += c
            logs += c * np.log2(c)
            used += 1
    cost = total * np.log2(total) - logs if total > 0 else 0.0
    return cost, used


@inner
def merged_weight(a, b, n):
    total = 0.0
    logs = 0.0
    used = 0
    for s in range(n):
        c = np.float64(a[s]) + np.float64(b[s])
        if c > 0:
            total += c
            logs += c * np.log2(c)
            used += 1
    cost = total * np.log2(total) - logs if total > 0 else 0.0
    return cost, used


@kernel(
    "int64(float32[:, ::1], int64, float64, int64[::1], float64[::1], float64[::1], int64[::1])"
)
def merge_histograms(counts, limit, symbol_bits, cluster_of, weights, losses, partners):
    # Merges rows of counts (n, symbols), at most `limit` stay, fewer while a merge saves bits: a
    # used symbol of a row costs symbol_bits. cluster_of: (n,), the row that holds each at the end.
    # weights, losses, partners: work, (n,). Returns the number of rows that stay.
    n = counts.shape[0]
    symbols = counts.shape[1]
    for i in range(n):
        cluster_of[i] = i
        cost, used = weight_of(counts[i], symbols)
        weights[i] = cost + symbol_bits * used
        partners[i] = -1
        losses[i] = np.inf
    for i in range(n):
        for j in range(i + 1, n):
            cost, used = merged_weight(counts[i], counts[j], symbols)
            loss = cost + symbol_bits * used - weights[i] - weights[j]
            if loss < losses[i]:
                losses[i] = loss
                partners[i] = j
    alive = n
    while alive > 1:
        best = -1
        for i in range(n):
            if partners[i] >= 0 and (best < 0 or losses[i] < losses[best]):
                best = i
        if best < 0 or (alive <= limit and losses[best] >= 0):
            break
        gone = partners[best]
        for s in range(symbols):
            counts[best, s] += counts[gone, s]
        weights[best] += weights[gone] + losses[best]
        partners[gone] = -1
        losses[gone] = np.inf
        weights[gone] = -1.0
        for i in range(n):
            if cluster_of[i] == gone:
                cluster_of[i] = best
        alive -= 1
        for i in range(n):
            if weights[i] < 0.0:
                continue
            if i == best or partners[i] == gone or partners[i] == best:
                partners[i] = -1
                losses[i] = np.inf
                for j in range(i + 1, n):
                    if weights[j] >= 0.0:
                        cost, used = merged_weight(counts[i], counts[j], symbols)
                        loss = cost + symbol_bits * used - weights[i] - weights[j]
                        if loss < losses[i]:
                            losses[i] = loss
                            partners[i] = j
            elif i < best:
                cost, used = merged_weight(counts[i], counts[best], symbols)
                loss = cost + symbol_bits * used - weights[i] - weights[best]
                if loss < losses[i]:
                    losses[i] = loss
                    partners[i] = best
    return alive
