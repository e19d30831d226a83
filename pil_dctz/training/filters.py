"""Kind (a): class-adaptive linear filters, by least squares, then down the slope of the metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.kernels.load import load
from pil_dctz.learned.decoder.apply import SquareFacts
from pil_dctz.learned.model import FilterModel, Tap

__all__ = [
    "FilterPlan",
    "NormalEquations",
    "Weights",
    "classes_of",
    "export",
    "filter_moves",
    "filter_slopes",
    "pair_sums",
]

MARGIN = 4
Weights = list[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class FilterPlan:
    """What a FilterModel has but its weights."""

    rate_thresholds: tuple[int, ...]
    activity_thresholds: tuple[int, ...]
    taps: tuple[tuple[Tap, ...], ...]

    @property
    def classes(self) -> int:
        """Of all sets."""
        return (len(self.rate_thresholds) + 1) * 10 * (len(self.activity_thresholds) + 1)


def classes_of(plan: FilterPlan, luma: NDArray[np.int16], facts: SquareFacts) -> NDArray[np.uint16]:
    """Set and class of each sample, as one number: `learned.classes`."""
    kernels = load("pil_dctz.learned.decoder.filters_kernels")
    rows, columns = luma.shape
    indices = np.empty((rows // 2, columns // 4), np.uint16)
    kernels.classify(
        _padded(luma[None])[0],
        facts.local,
        facts.owners,
        np.array(plan.rate_thresholds, np.int64),
        np.array(plan.activity_thresholds, np.int64),
        np.empty((3, 4, columns + 4), np.int32),
        indices,
    )
    near = np.stack((indices & 1, indices >> 1 & 1), 2)  # of the left two columns, the right two
    classes = ((indices >> 2) * np.uint16(2))[:, :, None] + near
    return np.repeat(np.repeat(classes.reshape(rows // 2, columns // 2), 2, 0), 2, 1)


def _padded(planes: NDArray[np.int16]) -> NDArray[np.int16]:
    kernels = load("pil_dctz.learned.decoder.filters_kernels")
    count, rows, columns = planes.shape
    padded = np.empty((count, rows + 2 * MARGIN, columns + 2 * MARGIN), np.int16)
    for plane, out in zip(planes, padded, strict=True):
        kernels.pad_plane(np.ascontiguousarray(plane), out)
    return padded


def pair_sums(taps: tuple[Tap, ...], planes: NDArray[np.int16], base: int) -> NDArray[np.float32]:
    """float32 (taps, rows, columns): what each weight multiplies, `learned.sum`, in 1/16 unit."""
    kernels = load("pil_dctz.training.filters_kernels")
    rows = [(t.source, t.dy, t.dx, min(max((t.clip * base) >> 7, 1), 8191)) for t in taps]
    found = np.empty((len(taps), *planes.shape[1:]), np.float32)
    kernels.pair_differences(_padded(planes), np.array(rows, np.int64), found)
    return found


def filter_moves(
    weights: NDArray[np.float64], sums: NDArray[np.float32], classes: NDArray[np.uint16]
) -> NDArray[np.float32]:
    """float32 (rows, columns): what filters (classes, taps) add to a plane, of `pair_sums`."""
    moves = np.empty(classes.shape, np.float32)
    load("pil_dctz.training.filters_kernels").weigh(sums, classes, weights, moves)
    return moves


def filter_slopes(
    by_move: NDArray[np.float32],
    sums: NDArray[np.float32],
    classes: NDArray[np.uint16],
    count: int,
) -> NDArray[np.float64]:
    """float64 (count, taps): the gradient by weights, of that by moves."""
    slopes = np.zeros((count, len(sums)))
    kernels = load("pil_dctz.training.filters_kernels")
    kernels.weights_gradient(sums, classes, np.ascontiguousarray(by_move), slopes)
    return slopes


class NormalEquations:
    """Least squares of each class of a plane, gathered picture by picture."""

    def __init__(self, classes: int, taps: int) -> None:
        self._matrices = np.zeros((classes, taps, taps))
        self._rights = np.zeros((classes, taps))
        self._counts = np.zeros(classes)

    def add(
        self, pairs: NDArray[np.float32], missing: NDArray[Any], classes: NDArray[np.uint16]
    ) -> None:
        """pairs (taps, rows, columns), missing: what the sums of weight x pair should be."""
        flat = classes.ravel()
        order = np.argsort(flat, kind="stable")
        numbers, begins = np.unique(flat[order], return_index=True)
        ends = [*begins[1:], flat.size]
        x = pairs.reshape(len(pairs), -1)[:, order]
        y = missing.reshape(-1).astype(np.float32)[order]
        for number, begin, end in zip(numbers, begins, ends, strict=True):
            part = x[:, begin:end]
            self._matrices[number] += part @ part.T
            self._rights[number] += part @ y[begin:end]
            self._counts[number] += end - begin

    def solve(self, ridge: float = 0.02) -> NDArray[np.float64]:
        """float64 (classes, taps). Classes of few samples lean on all classes together."""
        count = max(float(self._counts.sum()), 1)
        pooled = self._matrices.sum(0) / count
        size = float(np.trace(pooled)) / len(pooled)
        unit = np.eye(len(pooled))
        common = np.linalg.solve(pooled + 1e-3 * size * unit, self._rights.sum(0) / count)
        weights = np.empty_like(self._rights)
        for n, (matrix, right) in enumerate(zip(self._matrices, self._rights, strict=True)):
            lean = ridge * float(np.trace(matrix)) / len(matrix) + 2000 * size
            weights[n] = np.linalg.solve(matrix + lean * unit, right + lean * common)
        return weights


def export(plan: FilterPlan, weights: Weights, metadata: dict[str, Any]) -> FilterModel:
    """The integers: a shift for each plane so that its largest weight fits in int8."""
    shifts, tables = [], []
    for plane in weights:
        largest = float(np.abs(plane).max(initial=1e-9))
        shift = min(max(int(np.floor(np.log2(127.4 / largest))), 4), 15)
        table = np.clip(np.rint(plane * 2.0**shift), -127, 127).astype(np.int8)
        rates = len(plan.rate_thresholds) + 1
        shifts.append(shift)
        tables.append(np.ascontiguousarray(table.reshape(rates, -1, plane.shape[1])))
    return FilterModel(
        plan.rate_thresholds,
        plan.activity_thresholds,
        plan.taps,
        tuple(shifts),
        tuple(tables),
        metadata,
    )
