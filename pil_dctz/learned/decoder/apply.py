"""Applies a model to the planes of a segment. Clauses 10.3 to 10.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import require
from pil_dctz.kernels.load import load
from pil_dctz.learned.model import FilterModel, Layer, Model, NetworkModel
from pil_dctz.learned.syntax import cell_grid
from pil_dctz.workspace import of_this_thread

__all__ = ["SquareFacts", "refine_planes"]

MARGIN = 4
STRIP = 32
#: Planes whose tables are kept: those of a model, 16 MB at the most.
MOST_TABLES = 3


@dataclass(frozen=True, slots=True)
class SquareFacts:
    """What the layer knows of a segment besides its planes. Clause `learned.inputs`.

    base: base step in 1/128 unit. By square of 8x8: local int64, levels uint8 (of the map), owners
    int32 (of two squares equal exactly if one block covers both).
    """

    base: int
    local: NDArray[np.int64]
    levels: NDArray[np.uint8]
    owners: NDArray[np.int32]


def refine_planes(
    model: Model, planes: NDArray[np.int16], facts: SquareFacts, strengths: NDArray[np.uint8]
) -> None:
    """Correct planes (1 or 3, rows, columns), of whole squares, in place.

    strengths: uint8 (2, cell rows, cell columns), 0..7, of luma and chroma; cells of the segment,
    those of its last squares' samples beyond the picture included.
    """
    require("planes", planes, np.int16, (None, None, None))
    count, rows, columns = planes.shape
    squares = (rows // 8, columns // 8)
    if count not in (1, 3) or rows % 8 or columns % 8:
        raise ValueError(f"planes of {planes.shape}")
    require("local", facts.local, np.int64, squares)
    require("levels", facts.levels, np.uint8, squares)
    require("owners", facts.owners, np.int32, squares)
    require("strengths", strengths, np.uint8, (2, *cell_grid(columns, rows)))
    if not strengths[: min(count, 2)].any():
        return
    if isinstance(model, FilterModel):
        _filter(model, planes, facts, strengths)
    else:
        _infer(model, planes, facts, strengths)


def _filter(
    model: FilterModel,
    planes: NDArray[np.int16],
    facts: SquareFacts,
    strengths: NDArray[np.uint8],
) -> None:
    kernels = load("pil_dctz.learned.decoder.filters_kernels")
    count, rows, columns = planes.shape
    room = of_this_thread()
    shape = (count, rows + 2 * MARGIN, columns + 2 * MARGIN)
    sources = room.empty("filter sources", shape, np.int16)
    for p in range(count):
        kernels.pad_plane(planes[p], sources[p])
    indices = room.empty("filter indices", (rows // 2, columns // 4), np.uint16)
    kernels.classify(
        sources[0],
        facts.local,
        facts.owners,
        np.array(model.rate_thresholds, np.int64),
        np.array(model.activity_thresholds, np.int64),
        room.empty("filter work", (3, 4, columns + 4), np.int32),
        indices,
    )
    pairs = room.empty("filter pairs", (3, columns), np.int16)
    sums = room.empty("filter sums", (columns,), np.int32)
    gains = room.empty("filter gains", (columns,), np.uint8)
    for p in range(count):
        taps, table = _taps_of(model, p, facts.base, count)
        kernels.filter_plane(
            sources,
            indices,
            taps,
            table,
            model.shifts[p],
            np.ascontiguousarray(strengths[min(p, 1)]),
            gains,
            room.empty("filter weights", (len(taps), columns), np.int16),
            pairs,
            sums,
            planes[p],
        )


def _taps_of(
    model: FilterModel, p: int, base: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the taps whose plane there is: int64 (taps, 4), source, dy, dx, T of `learned.sum`, and
    int64 (taps, 4 * sets * classes): four weights, as int16, of columns far from an edge, of
    columns whose left two are near one, whose right two are, which all are.
    """
    used = [k for k, tap in enumerate(model.taps[p]) if tap.source < count]
    taps = np.empty((len(used), 4), np.int64)
    for row, tap in zip(taps, (model.taps[p][k] for k in used), strict=True):
        row[:] = tap.source, tap.dy, tap.dx, min(max((tap.clip * base) >> 7, 1), 8191)
    return taps, _tables.of(model, p, used)


class _Tables:
    """Tables of weights of the models that were last used: they take a millisecond to make."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int, int], tuple[FilterModel, NDArray[np.int64]]] = {}

    def of(self, model: FilterModel, p: int, used: list[int]) -> NDArray[np.int64]:
        key = (id(model), p, len(used))
        found = self._made.get(key)  # holds the model, so that its id is no other's
        if found is None:
            if len(self._made) >= MOST_TABLES:
                self._made.clear()
            found = self._made[key] = (model, _weight_table(model, p, used))
        return found[1]


_tables = _Tables()


def _weight_table(model: FilterModel, p: int, used: list[int]) -> NDArray[np.int64]:
    rates, classes, _ = model.weights[p].shape
    weights = model.weights[p][:, :, used].reshape(rates * classes, len(used)).T
    four = (weights.astype(np.int64) & 0xFFFF) * 0x0001_0001_0001_0001
    far, near = four[:, 0::2], four[:, 1::2]
    left = np.int64(0xFFFF_FFFF)
    table = np.empty((*far.shape, 4), np.int64)
    table[:, :, 0] = far
    table[:, :, 1] = (near & left) | (far & ~left)
    table[:, :, 2] = (far & left) | (near & ~left)
    table[:, :, 3] = near
    return table.reshape(len(used), 2 * rates * classes)


def _infer(
    model: NetworkModel,
    planes: NDArray[np.int16],
    facts: SquareFacts,
    strengths: NDArray[np.uint8],
) -> None:
    kernels = load("pil_dctz.learned.decoder.network_kernels")
    n = 1 << model.side_log2
    rows, columns = planes.shape[1] // n, planes.shape[2] // n
    channels = model.inputs
    room = of_this_thread()
    values = room.empty("network inputs", (rows + 2, (columns + 2) * channels), np.int16)
    kernels.fold_planes(
        planes,
        model.side_log2,
        facts.base,
        facts.levels,
        facts.owners,
        np.empty(planes.shape[2], np.int16),
        values,
    )
    for number, layer in enumerate(model.layers):
        packed = _packed(layer, channels)
        outputs = len(packed.biases)
        shape = (rows + 2, (columns + 2) * outputs)
        out = room.empty(f"network outputs {number & 1}", shape, np.int16)
        kernels.convolve(
            values,
            channels,
            layer.weights.shape[1],
            packed.weights,
            packed.biases,
            packed.halves,
            packed.shifts,
            packed.multipliers,
            int(layer.positive),
            int(layer.add),
            np.zeros((STRIP, packed.weights.shape[1]), np.int16),
            np.empty(STRIP * outputs, np.int32),
            out,
        )
        values, channels = out, outputs
    factors = np.empty(planes.shape[2], np.int32)
    kernels.correct_planes(values, model.side_log2, facts.base, strengths, factors, planes)


class _Packed(NamedTuple):
    """A layer as the kernels take it: outputs and inputs to a multiple of 4, products to one of 16,
    all 0 behind the real ones; halves, shifts and multipliers for STRIP places.
    """

    weights: NDArray[np.int16]
    biases: NDArray[np.int32]
    halves: NDArray[np.int32]
    shifts: NDArray[np.int32]
    multipliers: NDArray[np.int32]


def _packed(layer: Layer, channels: int) -> _Packed:
    count, k, _, inputs = layer.weights.shape
    outputs, products = _up(count, 4), k * k * channels
    wide = np.zeros((outputs, k, k, channels), np.int16)
    wide[:count, :, :, :inputs] = layer.weights
    weights = np.zeros((outputs, _up(products, 16)), np.int16)
    weights[:, :products] = wide.reshape(outputs, products)
    biases, shifts, multipliers = (np.zeros(outputs, np.int32) for _ in range(3))
    biases[:count] = layer.biases
    shifts[:count] = layer.shifts
    multipliers[:count] = layer.multipliers
    halves = np.where(shifts > 0, 1 << np.maximum(shifts - 1, 0), 0).astype(np.int32)
    return _Packed(
        weights, biases, *(np.tile(each, STRIP) for each in (halves, shifts, multipliers))
    )


def _up(number: int, step: int) -> int:
    """The next multiple of `step`."""
    return -(-number // step) * step
