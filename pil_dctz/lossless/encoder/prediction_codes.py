"""From contexts to codes: the context map, run tables, prefix codes. Clauses `prediction.map`,
`prediction.residual`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.encoder.clustering import (
    SEEDS,
    cluster_histograms,
    coding_bits,
    costs_of,
    sums_of,
)
from pil_dctz.entropy.encoder.prefix import build_lengths, code_bits, lengths_bits
from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_histograms import choose_exponents
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import (
    MAX_LENGTH,
    MAX_TABLES,
    TOKENS,
    PredictionHead,
    map_parents,
)

__all__ = ["RAW_BITS", "Codes", "choose_codes"]

PREFIX_TABLES = 32  # with prefix codes 64 tables save 0.1 % and cost the decoder's cache

KERNELS = "pil_dctz.lossless.encoder.prediction_kernels"
RAW_BITS = np.array([0 if t < 16 else 2 + ((t - 16) >> 2) for t in range(TOKENS)])
MAP_SAME, MAP_OTHER = 1.0, 5.0  # bits of a symbol of the context map
REASSIGNMENTS = 4
PREFIX_REASSIGNMENTS = 3  # by the bits of prefix codes, in the end
UNUSED_BITS = 16.0  # a symbol that a table has not
RUN_LOSS = 1.02  # what runs take, beside the ideal
FAST_SEEDS = 96  # of clustering, at low efforts


@dataclass(slots=True)
class Codes:
    """What `prediction.tables` sends after the coefficients.

    map_symbols: int64 (contexts,), as sent. context_map: uint8 (contexts,).
    Prefix codes: classes: uint8 (2, K + 2) code lengths: differ, same. values, zeros: uint8
    (tables, TOKENS); zeros of tables without runs are a lone symbol. is_run: uint8 (tables,).
    rANS: classes, values: exponents of choose_exponents; zeros, is_run are empty.
    """

    is_rans: bool
    map_symbols: npt.NDArray[np.int64]
    context_map: npt.NDArray[np.uint8]
    classes: npt.NDArray[Any]
    values: npt.NDArray[Any]
    zeros: npt.NDArray[np.uint8]
    is_run: npt.NDArray[np.uint8]

    @property
    def tables(self) -> int:
        return int(self.values.shape[0])


def choose_codes(
    segments: list[Segment], head: PredictionHead, *, is_rans: bool, is_fast: bool = False
) -> Codes:
    """Codes for the contexts and numbers of all (analysed) segments."""
    kernels = load(KERNELS)
    counts = np.zeros((head.contexts, TOKENS), np.int64)
    for segment in segments:
        kernels.count_tokens(segment.contexts, segment.numbers, counts)
    limit = MAX_TABLES if is_rans else PREFIX_TABLES
    clusters = cluster_histograms(counts, limit, FAST_SEEDS if is_fast else SEEDS)
    parents = map_parents(head.contexts, head.plane_contexts)
    clusters = _reassign(counts, clusters, parents, 1 if is_fast else REASSIGNMENTS, _ideal_bits)
    if not is_rans:
        clusters = _reassign(counts, clusters, parents, PREFIX_REASSIGNMENTS, _prefix_bits)
    symbols, context_map = _send_map(clusters, parents)
    classes = _class_counts(segments, head)
    if is_rans:
        sums = sums_of(counts, context_map)
        nothing = np.zeros(0, np.uint8)
        return Codes(
            True,
            symbols,
            context_map,
            choose_exponents(classes),
            choose_exponents(_never_empty(sums)),
            nothing,
            nothing,
        )
    is_run, values, zeros = _table_codes(segments, counts, context_map)
    lengths = build_lengths(classes, MAX_LENGTH)
    return Codes(False, symbols, context_map, lengths, values, zeros, is_run)


def _reassign(
    counts: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64],
    parents: npt.NDArray[np.int64],
    rounds: int,
    bits_of: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]],
) -> npt.NDArray[np.int64]:
    """Let each context take the table that is cheapest with its map symbol; numbers of tables
    without contexts vanish. bits_of: of each symbol (tables, TOKENS), by the sums of tables."""
    is_filled = counts.any(axis=1).astype(np.uint8)
    filled = np.flatnonzero(is_filled)
    if filled.size == 0:
        return np.where(clusters < 0, 0, clusters)
    used = counts[filled]
    weights = used.astype(np.float64)
    for _ in range(rounds):
        _, clusters[filled] = np.unique(clusters[filled], return_inverse=True)
        table_bits = bits_of(sums_of(used, clusters[filled]))
        bits = np.zeros((counts.shape[0], table_bits.shape[0]))
        bits[filled] = costs_of(weights, table_bits)
        load(KERNELS).reassign_contexts(bits, is_filled, parents, MAP_OTHER - MAP_SAME, clusters)
    return clusters


def _ideal_bits(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return coding_bits(sums.astype(np.float64))


def _prefix_bits(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Whole bits, but for tables that will have runs."""
    lengths = build_lengths(sums, MAX_LENGTH)
    bits = np.where(lengths > 0, code_bits(lengths), UNUSED_BITS).astype(np.float64)
    runs = sums[:, 0] * 2 > sums.sum(axis=1)
    bits[runs] = _ideal_bits(sums[runs]) * RUN_LOSS
    return bits


def _send_map(
    clusters: npt.NDArray[np.int64], parents: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Symbols of the map, tables numbered as they appear, and the map by those numbers."""
    _, first, place = np.unique(clusters, return_index=True, return_inverse=True)
    number = np.empty(first.size, np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    table_of = number[place]
    same = table_of == np.where(parents >= 0, table_of[parents], 0)
    return np.where(same, 0, 1 + table_of), table_of.astype(np.uint8)


def _table_codes(
    segments: list[Segment], counts: npt.NDArray[np.int64], context_map: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    plain = sums_of(counts, context_map)
    tables = plain.shape[0]
    run_counts = np.zeros_like(plain)
    value_counts = np.zeros_like(plain)
    may_run = plain[:, 0] * 2 > plain.sum(axis=1)
    if may_run.any():
        kernels = load(KERNELS)
        table_of = np.where(may_run[context_map], context_map.astype(np.int16), np.int16(-1))
        for segment in segments:
            segment.runs = np.zeros(segment.numbers.size, np.int32)
            work = np.zeros(tables, np.int64)
            kernels.find_runs(segment.contexts, segment.numbers, table_of, work, segment.runs)
            kernels.count_run_tokens(
                segment.contexts,
                segment.numbers,
                segment.runs,
                table_of,
                np.zeros((2, tables), np.int64),
                run_counts,
                value_counts,
            )
    plain_lengths = build_lengths(_never_empty(plain), MAX_LENGTH)
    run_lengths = build_lengths(_never_empty(run_counts), MAX_LENGTH)
    value_lengths = build_lengths(_never_empty(value_counts), MAX_LENGTH)
    as_runs = _size(run_counts, run_lengths, may_run) + _size(value_counts, value_lengths, may_run)
    is_run = may_run.copy()
    is_run[may_run] = as_runs < _size(plain, plain_lengths, may_run)
    lone = np.zeros(TOKENS, np.uint8)
    lone[0] = 1
    return (
        is_run.astype(np.uint8),
        np.where(is_run[:, None], value_lengths, plain_lengths),
        np.where(is_run[:, None], run_lengths, lone),
    )


def _size(
    counts: npt.NDArray[np.int64], lengths: npt.NDArray[np.uint8], asked: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Bits of data and table for each code that is asked for."""
    counts, lengths = counts[asked], lengths[asked]
    data = (counts * (code_bits(lengths) + RAW_BITS)).sum(axis=1)
    bits: npt.NDArray[np.int64] = data + np.array(
        [lengths_bits(row, 7) for row in lengths], np.int64
    )
    return bits


def _class_counts(segments: list[Segment], head: PredictionHead) -> npt.NDArray[np.int64]:
    counts = np.zeros((2, head.classes + 2), np.int64)
    kernels = load(KERNELS)
    for segment in segments:
        kernels.class_symbols(segment.blocks, np.zeros_like(segment.blocks), counts)
    return _never_empty(counts)


def _never_empty(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each row has a symbol: the first one, if none occurs."""
    counts[~counts.any(axis=1), 0] = 1
    return counts
