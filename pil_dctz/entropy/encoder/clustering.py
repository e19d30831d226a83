"""Which histograms share a code: k-means on coding cost, then merging. Encoder only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load

__all__ = ["SEEDS", "cluster_histograms", "coding_bits"]

SYMBOL_BITS = 3.5  # what a used symbol of a code costs in the tables
SEEDS = 256


def coding_bits(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """-log2 of the smoothed share of each symbol, (clusters, symbols)."""
    share = counts + 0.02
    share /= share.sum(axis=1, keepdims=True)
    found: npt.NDArray[np.float64] = -np.log2(share)
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
    count = int(groups.max()) + 1
    sums = np.zeros((count, symbols))
    np.add.at(sums, groups, rows)
    merged_into = _merge(sums, limit)
    kept = np.unique(merged_into)
    cluster_of[filled] = np.searchsorted(kept, merged_into[groups])
    return cluster_of


def _seeded(rows: npt.NDArray[np.float64], seeds: int) -> npt.NDArray[np.int64]:
    """At most `seeds` groups: the fullest rows, and to each the others that it codes best."""
    if rows.shape[0] <= seeds:
        return np.arange(rows.shape[0])
    fullest = rows[np.argsort(-rows.sum(axis=1), kind="stable")[:seeds]]
    groups = np.argmin(rows @ coding_bits(fullest).T, axis=1)
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
