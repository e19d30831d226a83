"""The normative contexts and histograms, loaded and checked once. Clause `lossy.model`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.entropy.histogram import Histograms, build_histograms
from pil_dctz.tables.load import load_array

__all__ = ["ENDS", "Model", "end_extents", "load_model", "load_scan"]

#: Scan positions below ENDS[class] may hold levels other than 0.
ENDS = (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38, 46, 55, 64)

MAGNITUDE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Model:
    """Histograms, the maps of contexts to them, weights and thresholds.

    *_tables: uint8, the histogram of each context. *_weights: int32, a row for each plane;
    level_weights int32 (3, 15, 144), see `weights_by_place`. dc_thresholds: int32 (23,).
    magnitudes: uint8 (4096,), the class of each expected magnitude.
    """

    map_histograms: Histograms
    dc_histograms: Histograms
    dc_tables: NDArray[np.uint8]
    dc_weights: NDArray[np.int32]
    dc_thresholds: NDArray[np.int32]
    end_histograms: Histograms
    end_tables: NDArray[np.uint8]
    end_weights: NDArray[np.int32]
    level_histograms: Histograms
    level_tables: NDArray[np.uint8]
    level_weights: NDArray[np.int32]
    magnitudes: NDArray[np.uint8]


@cache
def load_model() -> Model:
    """The model of `spec/tables/lossy-*`. Raises DctzError for a damaged installation."""
    dc_histograms = _histograms("dc", 17)
    end_histograms = _histograms("end", 16)
    level_histograms = _histograms("level", 17)
    return Model(
        map_histograms=_histograms("map", 13, 39),
        dc_histograms=dc_histograms,
        dc_tables=_context_map("dc", 3 * 24, dc_histograms),
        dc_weights=_array("lossy-dc-weights.txt", "int32", (3, 12)),
        dc_thresholds=_array("lossy-dc-thresholds.txt", "int32", (23,)),
        end_histograms=end_histograms,
        end_tables=_context_map("end", 3 * 32, end_histograms),
        end_weights=_array("lossy-end-weights.txt", "int32", (3, 9)),
        level_histograms=level_histograms,
        level_tables=_context_map("level", 9 * 24 * 5, level_histograms),
        level_weights=weights_by_place(_array("lossy-level-weights.txt", "int32", (9, 15))),
        magnitudes=magnitude_classes(_array("lossy-level-thresholds.txt", "int32", (23,))),
    )


@cache
def load_scan() -> NDArray[np.uint8]:
    """uint8 (64,): the place 8 * v + u of each scan position. Clause `lossy.scan`."""
    return _array("lossy-scan.txt", "uint8", (64,))


@cache
def end_extents() -> NDArray[np.uint8]:
    """uint8 (16, 2): columns and rows that may hold levels other than 0, by end class."""
    scan = load_scan().astype(np.int64)
    extents = [(int((scan[:e] % 8).max()) + 1, int((scan[:e] // 8).max()) + 1) for e in ENDS]
    return np.array(extents, np.uint8)


def weights_by_place(weights: NDArray[np.int32]) -> NDArray[np.int32]:
    """int32 (3, 15, 144): the weight of each input at each place, laid out as contexts_kernels.py
    says, of weights (9, 15) by plane and band of scan positions.
    """
    placed = np.zeros((3, 15, 144), np.int32)
    for position, place in enumerate(load_scan().tolist()):
        band = 0 if position < 6 else 1 if position < 20 else 2
        at = 12 * (place >> 3) + (place & 7) + 39
        placed[:, :, at] = weights.reshape(3, 3, 15)[:, band]
    return placed


def magnitude_classes(thresholds: NDArray[np.int32]) -> NDArray[np.uint8]:
    """uint8 (4096,): for each expected magnitude the number of thresholds that it reaches."""
    values = np.arange(MAGNITUDE_LIMIT)
    return np.searchsorted(thresholds, values, side="right").astype(np.uint8)


def _array(name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    return load_array(name, dtype, shape)


def _histograms(name: str, alphabet: int, rows: int = -1) -> Histograms:
    return build_histograms(_array(f"lossy-{name}-histograms.txt", "uint16", (rows, alphabet)))


def _context_map(name: str, contexts: int, histograms: Histograms) -> NDArray[np.uint8]:
    tables: NDArray[np.uint8] = _array(f"lossy-{name}-map.txt", "uint8", (contexts,))
    if int(tables.max()) >= histograms.cumulative.shape[0]:
        raise ValueError(f"lossy-{name}-map.txt names a histogram that is not there")
    return tables
