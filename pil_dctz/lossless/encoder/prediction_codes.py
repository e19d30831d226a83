"""From contexts to codes: the context map, run tables, prefix codes. Clauses `prediction.map`,
`prediction.residual`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.encoder.clustering import cluster_histograms, coding_bits
from pil_dctz.entropy.encoder.prefix import build_lengths, code_bits, lengths_bits
from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import MAX_LENGTH, MAX_TABLES, TOKENS, PredictionHead

__all__ = ["RAW_BITS", "Codes", "choose_codes"]

KERNELS = "pil_dctz.lossless.encoder.prediction_kernels"
RAW_BITS = np.array([0 if t < 16 else 2 + ((t - 16) >> 2) for t in range(TOKENS)])
MAP_SAME, MAP_OTHER = 1.0, 5.0  # bits of a symbol of the context map
REASSIGNMENTS = 4


@dataclass(slots=True)
class Codes:
    """What `prediction.tables` sends after the coefficients.

    class_lengths: uint8 (2, K + 2): differ, same. context_map: uint8 (contexts,).
    map_symbols: int64 (contexts,), as sent. is_run: uint8 (tables,). values, zeros: uint8
    (tables, TOKENS) code lengths; zeros of tables without runs are a lone symbol.
    """

    class_lengths: npt.NDArray[np.uint8]
    map_symbols: npt.NDArray[np.int64]
    context_map: npt.NDArray[np.uint8]
    is_run: npt.NDArray[np.uint8]
    values: npt.NDArray[np.uint8]
    zeros: npt.NDArray[np.uint8]


def choose_codes(
    segments: list[Segment], head: PredictionHead, max_tables: int = MAX_TABLES
) -> Codes:
    """Codes for the contexts and numbers of all (analysed) segments."""
    kernels = load(KERNELS)
    counts = np.zeros((head.contexts, TOKENS), np.int64)
    for segment in segments:
        kernels.count_tokens(segment.contexts, segment.numbers, counts)
    clusters = cluster_histograms(counts, max_tables)
    clusters = _reassign(counts, clusters, head.levels * 20)
    symbols, context_map = _send_map(clusters, head.levels * 20)
    is_run, values, zeros = _table_codes(segments, counts, context_map)
    return Codes(_class_lengths(segments, head), symbols, context_map, is_run, values, zeros)


def _parents(contexts: int, per_plane: int) -> npt.NDArray[np.int64]:
    """The context whose table is sent most cheaply, -1: none."""
    c = np.arange(contexts)
    return np.where(c % per_plane >= 20, c - 20, c - 1)


def _reassign(
    counts: npt.NDArray[np.int64], clusters: npt.NDArray[np.int64], per_plane: int
) -> npt.NDArray[np.int64]:
    """Let each context take the table that is cheapest with its map symbol; numbers of tables
    without contexts vanish."""
    parents = _parents(counts.shape[0], per_plane)
    weights = counts.astype(np.float64)
    filled = np.flatnonzero(clusters >= 0)
    if filled.size == 0:
        return np.where(clusters < 0, 0, clusters)
    for _ in range(REASSIGNMENTS):
        _, clusters[filled] = np.unique(clusters[filled], return_inverse=True)
        sums = np.zeros((int(clusters.max()) + 1, counts.shape[1]))
        np.add.at(sums, clusters[filled], weights[filled])
        bits = weights @ coding_bits(sums).T + MAP_OTHER
        for c in range(counts.shape[0]):
            parent = clusters[parents[c]] if parents[c] >= 0 else 0
            if clusters[c] < 0 or not weights[c].any():
                clusters[c] = parent
                continue
            bits[c, parent] -= MAP_OTHER - MAP_SAME
            clusters[c] = bits[c].argmin()
        filled = np.flatnonzero(weights.any(axis=1))
    return clusters


def _send_map(
    clusters: npt.NDArray[np.int64], per_plane: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Symbols of the map, tables numbered as they appear, and the map by those numbers."""
    parents = _parents(clusters.size, per_plane)
    number: dict[int, int] = {}
    table_of = np.zeros(clusters.size, np.uint8)
    symbols = np.zeros(clusters.size, np.int64)
    for c, cluster in enumerate(clusters.tolist()):
        table = number.setdefault(cluster, len(number))
        table_of[c] = table
        parent = int(table_of[parents[c]]) if parents[c] >= 0 else 0
        symbols[c] = 0 if table == parent else 1 + table
    return symbols, table_of


def _table_codes(
    segments: list[Segment], counts: npt.NDArray[np.int64], context_map: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    tables = int(context_map.max()) + 1
    plain = np.zeros((tables, TOKENS), np.int64)
    np.add.at(plain, context_map, counts)
    run_counts = np.zeros_like(plain)
    value_counts = np.zeros_like(plain)
    if (plain[:, 0] * 2 > plain.sum(axis=1)).any():
        kernels = load(KERNELS)
        for segment in segments:
            runs = np.zeros(segment.numbers.size, np.int32)
            work = np.zeros(tables, np.int64)
            kernels.find_runs(segment.contexts, segment.numbers, context_map, work, runs)
            counters = np.zeros((2, tables), np.int64)
            kernels.count_run_tokens(
                segment.contexts,
                segment.numbers,
                runs,
                context_map,
                counters,
                run_counts,
                value_counts,
            )
    for table in (plain, run_counts, value_counts):
        table[~table.any(axis=1), 0] = 1
    plain_lengths = build_lengths(plain, MAX_LENGTH)
    run_lengths = build_lengths(run_counts, MAX_LENGTH)
    value_lengths = build_lengths(value_counts, MAX_LENGTH)
    as_runs = _size(run_counts, run_lengths) + _size(value_counts, value_lengths)
    is_run = (plain[:, 0] * 2 > plain.sum(axis=1)) & (as_runs < _size(plain, plain_lengths))
    lone = np.zeros(TOKENS, np.uint8)
    lone[0] = 1
    return (
        is_run.astype(np.uint8),
        np.where(is_run[:, None], value_lengths, plain_lengths),
        np.where(is_run[:, None], run_lengths, lone),
    )


def _size(counts: npt.NDArray[np.int64], lengths: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Bits of data and table for each code."""
    data = (counts * (code_bits(lengths) + RAW_BITS)).sum(axis=1)
    bits: npt.NDArray[np.int64] = data + np.array([lengths_bits(row, 7) for row in lengths])
    return bits


def _class_lengths(segments: list[Segment], head: PredictionHead) -> npt.NDArray[np.uint8]:
    counts = np.zeros((2, head.classes + 2), np.int64)
    kernels = load(KERNELS)
    for segment in segments:
        kernels.class_symbols(segment.blocks, np.zeros_like(segment.blocks), counts)
    counts[~counts.any(axis=1), 0] = 1
    return build_lengths(counts, MAX_LENGTH)
