"""Fitting the classes of predictors and the class map, by rounds of regression and choice.

Each round: weighted least squares per class and plane; the bits of every block under every class,
by what residuals of their level cost in the last round; the cheapest class map; residuals and
levels anew. Floats decide nothing but how many bytes come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_presets import (
    are_like_presets,
    start_from_presets,
)
from pil_dctz.lossless.encoder.prediction_segments import Segment, analyse
from pil_dctz.lossless.prediction import (
    FRACTION,
    MAX_COEFFICIENT,
    PRESET_CLASSES,
    PlaneTaps,
    PredictionHead,
)

__all__ = [
    "Each",
    "choose_classes",
    "drop_classes",
    "fit_classes",
    "mapping",
    "round_coefficients",
    "solutions",
    "start_classes",
    "taps_of",
]

KERNELS = "pil_dctz.lossless.encoder.prediction_fit_kernels"
FINE = 88  # fine levels
SIZES = 256  # columns of the table of bits
CHUNK = 64  # blocks a matrix product takes at once
RIDGE = 2.0
EXACT_FACTOR = 1.05  # exact predictors cost more: their contexts tell less of W and N
CLASS_BITS = 6.0  # bits of a coefficient, when a class must earn them

F32 = npt.NDArray[np.float32]
Exact = Mapping[int, int]  # coefficients of own taps, 1: whole; the first tap takes the rest
F64 = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Levels:
    """What residuals of each plane and fine level cost and weigh.

    bits: float32 (planes, FINE, SIZES). scales: (planes, FINE), |r| to column.
    weights: (planes, FINE), square root of the regression's weight.
    """

    bits: F32
    scales: F32
    weights: F32


Each = Callable[..., Iterator[Any]]
"""`map`, or that of a pool of threads: the same results in the same order."""


def fit_classes(
    segments: list[Segment],
    head: PredictionHead,
    rounds: int,
    threads: int = 1,
    exact: Sequence[Exact] = (),
    *,
    may_start_from_presets: bool = True,
    step: int = 1,
) -> None:
    """Set the coefficients of `head` and the classes of all segments' blocks, and analyse them.

    head: own, cross, classes given; classes may shrink. rounds, threads: 1 or more; the number of
    threads changes no result. exact: predictors that as many classes begin with and keep. step: 1,
    or 2 to look at every second row of a block in all but the last choice and regression.
    """
    with mapping(min(threads, len(segments))) as each:
        presets = may_start_from_presets and not exact and are_like_presets(head)
        if presets and 1 < head.classes <= PRESET_CLASSES:
            start_from_presets(segments, head, each)
        else:
            _start_coefficients(head)
            start_classes(segments, head)
        levels = _measure(segments, head, each)
        for index in range(rounds):
            _solve(segments, head, levels, each, step)
            _set_exact(head, exact)
            if head.classes > 1:
                weight = min(1.0, (index + 1) / max(rounds - 1, 1))
                rows = step if index < rounds - 1 else 1
                list(each(partial(_choose, head, levels, weight, len(exact), rows), segments))
                if index == max(rounds - 2, 0):
                    kept = drop_classes(segments, head)
                    exact = [exact[k] for k in kept if k < len(exact)]
            levels = _measure(segments, head, each)
        _solve(segments, head, levels, each, 1)
        _set_exact(head, exact)
        list(each(lambda part: analyse(part, head), segments))


def choose_classes(segments: list[Segment], head: PredictionHead, threads: int = 1) -> None:
    """Classes for blocks that the fit has not seen, under the fitted coefficients; analysed."""
    with mapping(min(threads, len(segments))) as each:
        levels = _measure(segments, head, each)
        if head.classes > 1:
            list(each(partial(_choose, head, levels, 1.0, 0, 1), segments))
        list(each(lambda part: analyse(part, head), segments))


@contextmanager
def mapping(threads: int) -> Iterator[Each]:
    if threads <= 1:
        yield map
        return
    with ThreadPoolExecutor(threads) as pool:
        yield pool.map


def _start_coefficients(head: PredictionHead) -> None:
    """(W + N) / 2 for all."""
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        coefficients = np.zeros((head.classes, len(taps.places)), np.int32)
        if taps.own > 1:
            coefficients[:, 1] = 64
        taps.complete(coefficients)
        head.coefficients.append(coefficients)


def _set_exact(head: PredictionHead, exact: Sequence[Exact]) -> None:
    """Give the first classes the coefficients of `exact`."""
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        for k, given in enumerate(exact[: head.classes]):
            row = np.zeros((1, len(taps.places)), np.int32)
            for tap, coefficient in given.items():
                if tap < taps.own:
                    row[0, tap] = coefficient << FRACTION
            taps.complete(row)
            head.coefficients[plane][k] = row[0]


def start_classes(segments: list[Segment], head: PredictionHead) -> None:
    """Blocks by the variance of plane 0, in classes of equal number."""
    if head.classes == 1:
        return
    spreads = [_block_spread(segment) for segment in segments]
    steps = np.quantile(
        np.concatenate(spreads), np.arange(1, head.classes) / head.classes, method="lower"
    )
    for segment, spread in zip(segments, spreads, strict=True):
        chosen = np.searchsorted(steps, spread, side="left").astype(np.int16)
        segment.blocks.reshape(-1)[segment.block_index] = chosen


def _block_spread(segment: Segment) -> F64:
    grid = segment.grid
    inside = segment.samples[: grid.plane_size].reshape(-1, grid.stride)
    plane = inside[3 : 3 + 8 * grid.rows, 4 : 4 + 8 * grid.columns].astype(np.float64)
    blocks = plane.reshape(grid.rows, 8, grid.columns, 8)
    spread: F64 = blocks.var(axis=(1, 3)).reshape(-1)[segment.block_index]
    return spread


def _measure(segments: list[Segment], head: PredictionHead, each: Each) -> _Levels:
    """Analyse all segments, and learn from their residuals."""
    kernels = load(KERNELS)
    planes = head.shape.channels
    guess = _guessed_means()
    scales = np.tile((16 / np.maximum(guess, 16)).astype(np.float32), (planes, 1))

    def count(segment: Segment) -> tuple[F32, F64]:
        counts = np.zeros((planes, FINE, SIZES), np.float32)
        totals = np.zeros((planes, FINE, 2))
        sizes = analyse(segment, head)
        size = segment.grid.plane_size
        for plane in range(planes):
            part = slice(plane * size, (plane + 1) * size)
            kernels.count_sizes(
                sizes[part], segment.fine[part], scales[plane], counts[plane], totals[plane]
            )
        return counts, totals

    counts, totals = _sum_pairs(each(count, segments))
    means = (totals[..., 1] + 8 * guess) / (totals[..., 0] + 8)
    weights = (1 / (means + 0.3)).astype(np.float32)
    return _Levels(_bits(counts, means, scales), scales, weights)


def _sum_pairs(pairs: Iterator[tuple[F32, F64]]) -> tuple[F32, F64]:
    first, second = next(pairs)
    for more, others in pairs:
        first += more
        second += others
    return first, second


def _guessed_means() -> F64:
    """Mean |residual| of a fine level, before anything is known: the energy by its weights."""
    level = np.arange(FINE)
    energy = np.exp2(3 + level / 4) * (1 + 1 / 16) - 8
    return np.maximum(energy, 1) / 64


def _bits(counts: F32, means: F64, scales: F32) -> F32:
    """-log2 of the share of each column, the counts mixed with a Laplacian of the mean."""
    step = 1 / scales.astype(np.float64)
    mean = np.maximum(means / step, 0.02)
    theta = (np.sqrt(1 + mean * mean) - 1) / mean
    column = np.arange(SIZES)
    model = (1 - theta) / (1 + theta)
    shape = model[..., None] * np.power(theta[..., None], column)
    shape[..., 1:] *= 2
    shape = np.maximum(shape, 1e-9)
    strength = 40.0
    total = counts.sum(axis=-1, keepdims=True)
    share = (counts + strength * shape) / (total + strength)
    sign = (column > 0).astype(np.float64)
    found: F32 = (-np.log2(share) + sign + np.log2(step)[..., None]).astype(np.float32)
    return np.ascontiguousarray(found)


def taps_of(
    taps: PlaneTaps, plane: int, segment: Segment
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Buffer distances of the sent taps and the sample, and of their references, from plane 0."""
    grid = segment.grid
    shift = plane * grid.plane_size
    offsets = taps.offsets(plane, grid.plane_size, grid.stride)
    rest = taps.rest_of()
    sent = taps.sent
    places = np.append(offsets[sent], 0) + shift
    references = np.append(offsets[[rest[t] for t in sent]], offsets[0]) + shift
    return places.astype(np.int64), references.astype(np.int64)


def _solve(
    segments: list[Segment], head: PredictionHead, levels: _Levels, each: Each, step: int
) -> None:
    """Weighted least squares per class and plane, drawn a little towards the group's own."""
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        count = len(taps.sent)
        if count == 0:
            continue
        weights = levels.weights[plane]
        sums = np.zeros((head.classes, count + 1, count + 1))
        for part in each(partial(_sums, head.classes, taps, plane, weights, step), segments):
            sums += part
        coefficients = np.zeros((head.classes, len(taps.places)), np.int32)
        coefficients[:, taps.sent] = round_coefficients(solutions(sums), head.classes)
        taps.complete(coefficients)
        head.coefficients[plane] = coefficients


def _sums(
    classes: int, taps: PlaneTaps, plane: int, weights: F32, step: int, segment: Segment
) -> F64:
    """Sums of products of a segment's rows (taps, sample), float64 (classes, taps + 1 twice)."""
    kernels = load(KERNELS)
    places, references = taps_of(taps, plane, segment)
    fine = _plane_fine(segment, plane)
    rows, work = _gathered(places.size)
    sums = np.zeros((classes, places.size, places.size))
    chosen = segment.classes()
    order = np.argsort(chosen, kind="stable")
    ends = np.searchsorted(chosen[order], np.arange(classes + 1))
    for k in range(classes):
        members = segment.places[order[ends[k] : ends[k + 1]]]
        for first in range(0, members.size, CHUNK):
            part = members[first : first + CHUNK]
            kernels.gather(
                segment.samples,
                fine,
                part,
                segment.grid.stride,
                step,
                places,
                references,
                weights,
                work,
                rows,
            )
            used = _stacked(rows, part.size * 64 // step)
            sums[k] += np.matmul(used, used.transpose(0, 2, 1)).sum(axis=0)
    return sums


def _gathered(taps: int) -> tuple[F32, F32]:
    """Room for a chunk's rows, a row for each tap, and its work array."""
    return np.empty((taps, 64 * CHUNK), np.float32), np.empty(64 * CHUNK, np.float32)


def _stacked(rows: F32, samples: int) -> F32:
    """The first `samples` columns of `rows` as small matrices (n, taps, samples of one), a view.

    OpenBLAS spreads larger products over threads of its own, which wait for each other longer
    than they work (10 times the processor time on a busy machine); these stay in one thread.
    """
    side = 128 if samples % 128 == 0 else 32
    count = samples // side
    return rows[:, :samples].reshape(rows.shape[0], count, side).transpose(1, 0, 2)


def _plane_fine(segment: Segment, plane: int) -> npt.NDArray[np.uint8]:
    size = segment.grid.plane_size
    return segment.fine[plane * size : (plane + 1) * size]


def solutions(sums: F64) -> F64:
    """Coefficients (classes, taps), 1.0 = whole, from the sums of products."""
    count = sums.shape[1] - 1
    unit = np.eye(count)
    total = sums.sum(axis=0)
    common = np.linalg.solve(total[:count, :count] + RIDGE * unit, total[:count, count])
    matrices: F64 = sums[:, :count, :count] + RIDGE * unit
    targets = sums[:, :count, count] + RIDGE * common
    found: F64 = np.linalg.solve(matrices, targets[..., None])[..., 0].astype(np.float64)
    return found


def round_coefficients(solutions: F64, classes: int) -> npt.NDArray[np.int32]:
    limit = MAX_COEFFICIENT if classes > 1 else 511
    scaled = np.rint(solutions * (1 << FRACTION))
    return np.clip(scaled, -limit, limit).astype(np.int32)


def _choose(
    head: PredictionHead, levels: _Levels, weight: float, exact: int, step: int, segment: Segment
) -> None:
    """The cheapest class map of a segment under the present coefficients."""
    kernels = load(KERNELS)
    costs = _block_costs(segment, head, levels, step)
    costs[:, :exact] *= EXACT_FACTOR
    whole = np.zeros((segment.blocks.size, head.classes), np.float32)
    whole[segment.block_index] = costs
    cube = whole.reshape(*segment.blocks.shape, head.classes)
    segment.blocks.reshape(-1)[segment.block_index] = costs.argmin(axis=1)
    trial = np.zeros(head.classes, np.float32)
    for _ in range(2):
        kernels.sweep_classes(cube, segment.blocks, trial, weight)


def _block_costs(segment: Segment, head: PredictionHead, levels: _Levels, step: int) -> F32:
    """Bits of each photo block under each class, float32 (blocks, classes), by step-th rows."""
    kernels = load(KERNELS)
    costs = np.zeros((segment.places.size, head.classes), np.float32)
    ones = np.ones(256, np.float32)
    for plane in range(head.shape.channels):
        taps = head.taps(plane)
        places, references = taps_of(taps, plane, segment)
        fine = _plane_fine(segment, plane)
        rows, work = _gathered(places.size)
        matrix = np.ones((places.size, head.classes), np.float32)
        matrix[:-1] = head.coefficients[plane][:, taps.sent].T / np.float32(-(1 << FRACTION))
        residuals = np.empty((64 * CHUNK, head.classes), np.float32)
        for first in range(0, segment.places.size, CHUNK):
            part = segment.places[first : first + CHUNK]
            kernels.gather(
                segment.samples,
                fine,
                part,
                segment.grid.stride,
                step,
                places,
                references,
                ones,
                work,
                rows,
            )
            used = _stacked(rows, part.size * 64 // step).transpose(0, 2, 1)
            found = residuals[: part.size * 64 // step]
            np.matmul(used, matrix, out=found.reshape(*used.shape[:2], -1))
            kernels.add_costs(
                found,
                fine,
                part,
                segment.grid.stride,
                step,
                levels.bits[plane],
                levels.scales[plane] / np.float32(head.step),
                costs[first : first + CHUNK],
            )
    costs *= step
    return costs


def drop_classes(segments: list[Segment], head: PredictionHead) -> list[int]:
    """Remove classes that too few blocks use to pay for their coefficients. Returns those kept."""
    used = np.zeros(head.classes, np.int64)
    for segment in segments:
        used += np.bincount(segment.classes(), minlength=head.classes)
    price = CLASS_BITS * sum(len(head.taps(p).sent) for p in range(head.shape.channels))
    # A block gains about 12 bits by a class of its own (measured on photographs).
    keep = np.flatnonzero(used * 12.0 > price)
    if keep.size == 0:
        keep = np.array([int(used.argmax())])
    kept: list[int] = keep.tolist()
    if keep.size == head.classes:
        return kept
    renamed = np.full(head.classes, np.searchsorted(keep, used.argmax()), np.int16)
    renamed[keep] = np.arange(keep.size)
    for segment in segments:
        flat = segment.blocks.reshape(-1)
        flat[segment.block_index] = renamed[flat[segment.block_index]]
    head.classes = int(keep.size)
    head.coefficients = [np.ascontiguousarray(c[keep]) for c in head.coefficients]
    return kept
