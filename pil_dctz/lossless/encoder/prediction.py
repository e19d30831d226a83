"""Encoding photo cells: fit a group, then write its segments. Chapter 9a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.encoder.clustering import coding_bits
from pil_dctz.entropy.encoder.prefix import build_codes
from pil_dctz.entropy.encoder.rans import write_stream
from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_codes import RAW_BITS, Codes, choose_codes
from pil_dctz.lossless.encoder.prediction_deep import EXACT, list_numbers, packing_helps, recurs
from pil_dctz.lossless.encoder.prediction_fit import choose_classes, fit_classes, mapping
from pil_dctz.lossless.encoder.prediction_histograms import frequencies_of
from pil_dctz.lossless.encoder.prediction_near import quantize_segment
from pil_dctz.lossless.encoder.prediction_presets import choose_presets, set_presets
from pil_dctz.lossless.encoder.prediction_quick import fit_quickly
from pil_dctz.lossless.encoder.prediction_segments import Segment, analyse, cut_segments
from pil_dctz.lossless.encoder.prediction_tables import write_prediction_tables
from pil_dctz.lossless.prediction import MAX_CLASSES, TOKENS, PredictionHead

__all__ = ["PredictionModel", "encode_prediction", "estimate_cell_bits", "fit_prediction"]

KERNELS = "pil_dctz.lossless.encoder.prediction_kernels"
PACKING_SHARE = 0.6  # pack where fewer of the values occur
DEFAULT_TRANSFORM = 1
WHOLE = 1 << 30
RANS_EFFORT = 5  # from this effort on rANS in place of prefix codes where all is photographic,
RANS_ALWAYS = 8  # and from this one on in mixed and small pictures, too
RANS_PIXELS = 16384  # fewer do not pay for states and histograms
ESTIMATE_SIDE = 256
ESTIMATE_SHARE = 0.94  # what the default effort takes of the estimate's bits, on photographs


@dataclass(slots=True)
class PredictionModel:
    """A fitted group. tables: bytes of its tables; segments: by their place (x, y).

    words: with prefix codes those of values, zeros, classes (build_codes); with rANS the cumulative
    frequencies of values, classes.
    """

    tables: bytes
    head: PredictionHead
    codes: Codes
    words: tuple[npt.NDArray[Any], ...]
    segments: dict[tuple[int, int], Segment]


@dataclass(frozen=True, slots=True)
class _Effort:
    """classes: at most. rounds of fitting, by every rows-th row until the last one. own: taps of
    plane 0 and of others. cross: taps.
    step: 0, or a quick fit by every step-th row. preset: predictors of the specification. above:
    contexts for fast decoding.
    """

    classes: int
    rounds: int
    own: tuple[int, int] = (20, 16)
    cross: int = 13
    rows: int = 1
    step: int = 0
    preset: bool = False
    above: bool = False


_EFFORTS = (
    _Effort(8, 1, (4, 4), 3, step=4, above=True),
    _Effort(12, 1, (6, 4), 5, step=4),
    _Effort(12, 1, (12, 8), 9, step=2, preset=True),
    _Effort(16, 2, (12, 8), 9, step=1, preset=True),
    _Effort(26, 1, rows=2),
    _Effort(26, 2, rows=2),
    _Effort(28, 3, rows=2),
    _Effort(32, 4),
    _Effort(32, 5),
    _Effort(48, 8),
)
_ESTIMATE = _Effort(8, 1, (8, 6), 5)


def fit_prediction(
    samples: npt.NDArray[Any],
    shape: GroupShape,
    cells: npt.NDArray[np.uint8],
    *,
    effort: int,
    segment_log2: int,
    threads: int = 1,
    near: int = 0,
) -> PredictionModel:
    """Predictors, contexts and codes for the photo cells of a whole group.

    samples: (h, w, channels), values below 2**shape.depth. cells: uint8 (ceil(h / 64),
    ceil(w / 64)), 1: photo, at least one. effort: 0..9. segment_log2: 0 (one segment) or 6..15.
    threads: 1 or more, over segments. near: most that a sample in photo cells may be off.
    """
    if not cells.any():
        raise ValueError("no cell is a photo cell")
    side = 1 << segment_log2 if segment_log2 else WHOLE
    photo_samples = int(cells.sum()) * 64 * 64
    photo_samples = min(photo_samples, samples.shape[0] * samples.shape[1])
    head = _plan(samples, shape, photo_samples, _EFFORTS[effort], near)
    segments = cut_segments(samples, head, cells, side)
    deep = shape.depth > 8
    if deep:
        fitted = 0 if recurs(segments) else head.classes
        head.classes = min(fitted + len(EXACT), MAX_CLASSES)
    plan = _EFFORTS[effort]
    if plan.step and not deep:
        _fit_quickly(segments, head, plan, threads)
    else:
        exact = EXACT if deep else ()
        fit_classes(segments, head, plan.rounds, threads, exact, step=plan.rows)
    if near:
        for segment in segments:
            quantize_segment(head, segment)
            analyse(segment, head)
    elif deep:
        list_numbers(segments, head)
    for segment in segments:
        segment.forget()
    is_large = bool(cells.all()) and samples.shape[0] * samples.shape[1] >= RANS_PIXELS
    is_rans = effort >= (RANS_EFFORT if is_large else RANS_ALWAYS)
    codes = choose_codes(segments, head, is_rans=is_rans, is_fast=plan.step > 0)
    return PredictionModel(
        write_prediction_tables(head, codes),
        head,
        codes,
        _words(codes),
        {(segment.x, segment.y): segment for segment in segments},
    )


def _fit_quickly(
    segments: list[Segment], head: PredictionHead, plan: _Effort, threads: int
) -> None:
    """Presets, or predictors of few taps; the segments analysed."""
    with mapping(min(threads, len(segments))) as each:
        if head.is_preset:
            choose_presets(segments, head, each, plan.step)
        else:
            fit_quickly(segments, head, plan.rounds, plan.step, each)
        list(each(lambda part: analyse(part, head), segments))


def encode_prediction(model: PredictionModel, x: int, y: int) -> bytes:
    """The prediction bits of the segment whose corner is (x, y), empty without photo cells."""
    segment = model.segments.get((x, y))
    if segment is None:
        return b""
    symbols = np.zeros_like(segment.blocks)
    counts = np.zeros((2, model.head.classes + 2), np.int64)
    if model.head.classes > 1:
        load(KERNELS).class_symbols(segment.blocks, symbols, counts)
    else:
        symbols[:] = -1
    if model.codes.is_rans:
        return _rans_stream(segment, model, symbols)
    return _prefix_bits(segment, model, symbols)


def _words(codes: Codes) -> tuple[npt.NDArray[Any], ...]:
    if codes.is_rans:
        return _cumulative(codes.values), _cumulative(codes.classes)
    return build_codes(codes.values), build_codes(codes.zeros), build_codes(codes.classes)


def _rans_stream(segment: Segment, model: PredictionModel, symbols: npt.NDArray[np.int16]) -> bytes:
    kernels = load(KERNELS)
    values, classes = model.words
    operations = np.empty(symbols.size + 2 * segment.numbers.size, np.uint32)
    count = kernels.class_operations(symbols, classes, operations)
    count = kernels.number_operations(
        segment.contexts,
        segment.numbers,
        model.codes.context_map,
        values,
        operations,
        count,
    )
    return write_stream(operations, int(count))


def _cumulative(exponents: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
    sums = np.zeros((exponents.shape[0], exponents.shape[1] + 1), np.uint16)
    np.cumsum(frequencies_of(exponents), axis=1, out=sums[:, 1:])
    return sums


def _prefix_bits(segment: Segment, model: PredictionModel, symbols: npt.NDArray[np.int16]) -> bytes:
    kernels = load(KERNELS)
    codes = model.codes
    values, zeros, classes = model.words
    runs = segment.runs if codes.is_run.any() else np.zeros(segment.numbers.size, np.int32)
    # A number takes at most 12 + 15 bits, a run before it as many; a class 12.
    out = np.zeros(8 * segment.numbers.size + 2 * segment.blocks.size + 8, np.uint8)
    position = kernels.write_classes(symbols, classes, out, 0)
    position = kernels.write_numbers(
        segment.contexts,
        segment.numbers,
        runs,
        codes.context_map,
        values,
        zeros,
        codes.is_run,
        np.zeros((2, codes.tables), np.int64),
        out,
        position,
    )
    return out[: (position + 7) >> 3].tobytes()


def _plan(
    samples: npt.NDArray[Any], shape: GroupShape, photo_samples: int, plan: _Effort, near: int
) -> PredictionHead:
    """Colour transform, packing, taps and classes by effort and size."""
    used = _sparse_values(samples, shape.depth) if near == 0 else None
    if used is not None and shape.depth > 8 and not packing_helps(samples, used):
        used = None
    own, cross = plan.own, plan.cross
    if photo_samples < 16384:  # coefficients weigh much in small pictures
        own, cross = (min(own[0], 6), min(own[1], 4)), min(cross, 5)
    classes = int(np.clip(photo_samples // 6000, 1, plan.classes))
    head = PredictionHead(
        shape,
        DEFAULT_TRANSFORM if shape.channels >= 3 else 0,
        None if used is None else used.astype(np.uint16),
        (1 << shape.depth) - 1 if used is None else used.size - 1,
        [own[0]] + [own[1]] * (shape.channels - 1),
        [0] + [cross] * (shape.channels - 1),
        classes,
    )
    head.near = near
    if plan.preset and shape.depth <= 8:
        set_presets(head)
    head.is_above = plan.above and shape.depth <= 8
    return head


def _sparse_values(samples: npt.NDArray[Any], depth: int) -> npt.NDArray[np.int64] | None:
    """The values that occur, if so few that packing may pay; most pictures fail in a few rows."""
    for rows in (samples[::16], samples):
        used = np.flatnonzero(np.bincount(rows.reshape(-1), minlength=1 << depth))
        if used.size >= PACKING_SHARE * (1 << depth):
            return None
    return used


def estimate_cell_bits(
    samples: npt.NDArray[Any],
    shape: GroupShape,
    likely: npt.NDArray[np.uint8],
    asked: npt.NDArray[np.uint8],
    *,
    threads: int = 1,
    near: int = 0,
) -> npt.NDArray[np.float64]:
    """About how many bits each 64x64 cell takes by prediction at the default effort.

    samples: (h, w, channels). likely: uint8 (ceil(h / 64), ceil(w / 64)), 1 where the content is
    photographic; predictors and codes are fitted there alone. asked: like likely, and 1 where it
    is. Returns float64 like likely, infinite where not asked. One round with few classes, then
    ideal code lengths by energy level: within 4 % on photographs.
    """
    if not asked.any():
        return np.full(asked.shape, np.inf)
    if not likely.any():
        likely = np.ones_like(likely)
    head = _plan(samples, shape, int(likely.sum()) * 64 * 64, _ESTIMATE, near)
    segments = cut_segments(samples, head, likely, ESTIMATE_SIDE)
    fit_classes(segments, head, 1, threads)
    bits = _level_bits(segments, head)
    if not likely.all():
        segments = cut_segments(samples, head, asked, ESTIMATE_SIDE)
        choose_classes(segments, head, threads)
    out = np.zeros(likely.shape)
    for segment in segments:
        grid = segment.grid
        part = np.zeros((-(-grid.height // 64), -(-grid.width // 64)))
        geometry = np.array([grid.width, grid.height, shape.channels], np.int64)
        load(KERNELS).add_cell_bits(segment.contexts, segment.numbers, bits, geometry, part)
        y, x = segment.y // 64, segment.x // 64
        out[y : y + part.shape[0], x : x + part.shape[1]] = part
    return np.where(asked != 0, out * ESTIMATE_SHARE, np.inf)


def _level_bits(segments: list[Segment], head: PredictionHead) -> npt.NDArray[np.float32]:
    """Bits of each token by the energy level of its context, (contexts, TOKENS)."""
    counts = np.zeros((head.contexts, TOKENS), np.int64)
    for segment in segments:
        load(KERNELS).count_tokens(segment.contexts, segment.numbers, counts)
    levels = counts.reshape(-1, 20, TOKENS).sum(axis=1).astype(np.float64)
    bits: npt.NDArray[np.float32] = (coding_bits(levels) + RAW_BITS).astype(np.float32)
    return bits.repeat(20, axis=0)
