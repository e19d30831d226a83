"""Which histograms share a code: k-means on coding cost, then merging. Encoder only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load

__all__ = ["SEEDS", "cluster_histograms", "coding_bits", "costs_of", "sums_of"]

SYMBOL_BITS = 3.5  # what a used symbol of a code costs in the tables
SEEDS = 256
_PART = 32  # rows of a product


def coding_bits(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """-log2 of the smoothed share of each symbol, (clusters, symbols)."""
    share = counts + 0.02
    share /= share.sum(axis=1, keepdims=True)
    found: npt.NDArray[np.float64] = -np.log2(share)
    return found


def costs_of(
    counts: npt.NDArray[np.float64], bits: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """counts @ bits.T, (rows, tables), in parts so small that OpenBLAS stays in one thread: its
    threads wait for each other longer than they work."""
    out = np.empty((counts.shape[0], bits.shape[0]))
    for first in range(0, counts.shape[0], _PART):
        np.matmul(counts[first : first + _PART], bits.T, out=out[first : first + _PART])
    return out


def sums_of(rows: npt.NDArray[Any], groups: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The sum of the rows of each group 0..n-1; none of them is empty."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(int(groups.max()) + 1))
    found: npt.NDArray[Any] = np.add.reduceat(rows[order], starts, axis=0)
    return found


def cluster_histograms(
    counts: npt.NDArray[np.int64], limit: int, seeds: int = SEEDS
) -> npt.NDArray[np.int64]:
    """A cluster 0..n-1, n <= limit, for each row of counts (rows, symbols); -1 for empty rows.

    seeds: groups that merging begins with; its time grows with their square.
    """
    cluster_of = np.full(counts.shape[0], -1, np.int64)
    filled = np.flatnonzero(counts.any(axis=1))
    if filled.size == 0:
        return cluster_of
    symbols = int(np.flatnonzero(counts.any(axis=0))[-1]) + 1
    rows = counts[filled, :symbols].astype(np.float64)
    groups = _seeded(rows, seeds)
    merged_into = _merge(sums_of(rows, groups), limit)
    kept = np.unique(merged_into)
    cluster_of[filled] = np.searchsorted(kept, merged_into[groups])
    return cluster_of


def _seeded(rows: npt.NDArray[np.float64], seeds: int) -> npt.NDArray[np.int64]:
    """At most `seeds` groups: the fullest rows, and to each the others that it codes best."""
    if rows.shape[0] <= seeds:
        return np.arange(rows.shape[0])
    fullest = rows[np.argsort(-rows.sum(axis=1), kind="stable")[:seeds]]
    groups = np.argmin(costs_of(rows, coding_bits(fullest)), axis=1)
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _merge(sums: npt.NDArray[np.float64], limit: int) -> npt.NDArray[np.int64]:
    count = sums.shape[0]
    cluster_of = np.zeros(count, np.int64)
    load("pil_dctz.entropy.encoder.clustering_kernels").merge_histograms(
        np.ascontiguousarray(sums, np.float32),
        limit,
        SYMBOL_BITS,
        cluster_of,
        np.zeros(count),
        np.zeros(count),
        np.zeros(count, np.int64),
    )
    return cluster_of
