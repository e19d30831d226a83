"""Clusters contexts by code length, and makes histograms of 12 bits of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cluster", "quantize_histograms"]

TOTAL = 4096


def quantize_histograms(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Frequencies (n, symbols), each 1 or more, each row's sum 4096, near to the counts' shares."""
    rows = []
    for row in counts:
        shares = (row + 1e-9) / (row + 1e-9).sum()
        frequencies = np.maximum(np.rint(shares * TOTAL).astype(np.int64), 1)
        while (surplus := int(frequencies.sum()) - TOTAL) != 0:
            # The symbol whose change costs least, in expected code length.
            step = -1 if surplus > 0 else 1
            change = -shares * np.log2(np.maximum(frequencies + step, 0.5) / frequencies)
            change[frequencies + step < 1] = np.inf
            frequencies[int(np.argmin(change))] += step
        rows.append(frequencies)
    return np.stack(rows)


def _code_lengths(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits (..., ) that counts (..., symbols) cost with their own histogram."""
    total = counts.sum(-1)
    return _xlogx(total) - _xlogx(counts).sum(-1)


def _xlogx(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(x > 0, x * np.log2(np.maximum(x, 1e-300)), 0.0)


def cluster(
    counts: NDArray[np.float64], number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(cluster of each context, frequencies of each cluster) of counts (contexts, symbols).

    Contexts that never occur take the cluster of the nearest lower context that does.
    Greedy merging down to `number`, then k-means on code length.
    """
    used = np.flatnonzero(counts.sum(1) > 0)
    parts = counts[used]
    groups = _merge(parts, number)
    for _ in range(30):
        sums = np.stack([parts[groups == g].sum(0) for g in range(groups.max() + 1)])
        sums = sums[sums.sum(1) > 0]
        frequencies = quantize_histograms(sums)
        costs = parts @ (12 - np.log2(frequencies)).T
        fresh = np.argmin(costs, 1)
        if (fresh == groups).all():
            break
        groups = np.unique(fresh, return_inverse=True)[1]
    sums = np.stack([parts[groups == g].sum(0) for g in range(groups.max() + 1)])
    frequencies = quantize_histograms(sums)
    order = np.argsort((frequencies * np.arange(frequencies.shape[1])).sum(1), kind="stable")
    ranks = np.argsort(order)
    places = np.searchsorted(used, np.arange(counts.shape[0]), side="right") - 1
    return ranks[groups[np.maximum(places, 0)]], frequencies[order]


def _merge(parts: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Group of each row after merging the cheapest pairs until `number` are left."""
    sums = parts.copy()
    alive = np.ones(len(parts), bool)
    groups = np.arange(len(parts))
    own = _code_lengths(sums)
    price = np.full((len(parts), len(parts)), np.inf)
    for i in range(len(parts)):
        both = _code_lengths(sums[i] + sums[:i])
        price[i, :i] = both - own[i] - own[:i]
    price = np.minimum(price, price.T)
    nearest = np.argmin(price, 1)
    least = price[np.arange(len(parts)), nearest]
    for _ in range(len(parts) - number):
        i = int(np.argmin(least))
        j = int(nearest[i])
        sums[i] += sums[j]
        own[i] = _code_lengths(sums[i])
        alive[j] = False
        groups[groups == j] = i
        price[j, :] = price[:, j] = np.inf
        row = _code_lengths(sums[i] + sums) - own[i] - own
        row[~alive] = np.inf
        row[i] = np.inf
        price[i, :] = price[:, i] = row
        nearer = row < least
        nearest[nearer], least[nearer] = i, row[nearer]
        least[j] = np.inf
        for k in np.flatnonzero(alive & ((nearest == i) & ~nearer | (nearest == j))):
            nearest[k] = np.argmin(price[k])
            least[k] = price[k, nearest[k]]
        nearest[i] = np.argmin(row)
        least[i] = row[nearest[i]]
    return np.unique(groups, return_inverse=True)[1]
