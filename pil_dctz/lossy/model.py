"""The normative contexts and histograms, loaded and checked once. Clause `lossy.model`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.entropy.histogram import Histograms, build_histograms
from pil_dctz.lossy.passes import WHOLE, Zone
from pil_dctz.tables.load import load_array

__all__ = ["SIGN_CLASSES", "LevelModel", "Model", "level_model", "load_matrix", "load_model"]

MAGNITUDE_LIMIT = 4096
#: How sure an estimate may be. Clause `lossy.sureness`.
SIGN_CLASSES = 16


@dataclass(frozen=True, slots=True)
class Model:
    """Histograms, the maps of contexts to them, weights and thresholds.

    *_tables: uint8, the histogram of each context. *_weights: int32, rows as the clauses say.
    dc_thresholds: int32 (23,). magnitudes: uint8 (4096,), the class of each expected magnitude.
    sign_classes: uint8 (256,), how sure an estimate is.
    """

    partition_histograms: Histograms
    map_histograms: Histograms
    dc_histograms: Histograms
    dc_tables: NDArray[np.uint8]
    dc_weights: NDArray[np.int32]
    dc_thresholds: NDArray[np.int32]
    corner_histograms: Histograms
    corner_tables: NDArray[np.uint8]
    corner_weights: NDArray[np.int32]
    direction_histograms: Histograms
    direction_tables: NDArray[np.uint8]
    end_histograms: Histograms
    end_tables: NDArray[np.uint8]
    end_weights: NDArray[np.int32]
    level_histograms: Histograms
    level_tables: NDArray[np.uint8]
    level_weights: NDArray[np.int32]
    magnitudes: NDArray[np.uint8]
    corner_estimates: NDArray[np.int32]
    level_estimates: NDArray[np.int32]
    sign_histograms: Histograms
    sign_classes: NDArray[np.uint8]


@cache
def load_model() -> Model:
    """The model of `spec/tables/lossy-*`. Raises DctzError for a damaged installation."""
    dc_histograms = _histograms("dc", 17)
    corner_histograms = _histograms("corner", 17)
    direction_histograms = _histograms("direction", 17)
    end_histograms = _histograms("end", 34)
    level_histograms = _histograms("level", 17)
    return Model(
        partition_histograms=_histograms("partition", 4, 126),
        map_histograms=_histograms("map", 13, 39),
        dc_histograms=dc_histograms,
        dc_tables=_context_map("dc", 12 * 24, dc_histograms),
        dc_weights=_array("lossy-dc-weights.txt", "int32", (12, 12)),
        dc_thresholds=_array("lossy-dc-thresholds.txt", "int32", (23,)),
        corner_histograms=corner_histograms,
        corner_tables=_context_map("corner", 27 * 24 * SIGN_CLASSES, corner_histograms),
        corner_weights=_array("lossy-corner-weights.txt", "int32", (27, 15)),
        direction_histograms=direction_histograms,
        direction_tables=_context_map("direction", 867, direction_histograms),
        end_histograms=end_histograms,
        end_tables=_context_map("end", 21 * 32, end_histograms),
        end_weights=_array("lossy-end-weights.txt", "int32", (21, 10)),
        level_histograms=level_histograms,
        level_tables=_context_map("level", 72 * 24 * 5, level_histograms),
        level_weights=_array("lossy-level-weights.txt", "int32", (72, 15)),
        magnitudes=magnitude_classes(_array("lossy-level-thresholds.txt", "int32", (23,))),
        corner_estimates=_array("lossy-corner-estimates.txt", "int32", (75, 2)),
        level_estimates=_array("lossy-level-estimates.txt", "int32", (50, 4)),
        sign_histograms=_histograms("sign", 2, 27 * SIGN_CLASSES),
        sign_classes=sign_classes(_array("lossy-sign-thresholds.txt", "int32", (15,))),
    )


@dataclass(frozen=True, slots=True)
class LevelModel:
    """Of the levels of one pass. Clauses `lossy.level`, `lossy.passes`.

    tables: uint8 (8640,). weights: int32 (72, 15). rises: int32 (72, 3), what levels of earlier
    passes add.
    """

    tables: NDArray[np.uint8]
    weights: NDArray[np.int32]
    rises: NDArray[np.int32]


def level_model(zone: Zone) -> LevelModel:
    """What the levels of a pass are coded with: the only one, the first, a later one."""
    if zone is WHOLE:
        model = load_model()
        return LevelModel(model.level_tables, model.level_weights, _NO_RISES)
    return _pass_models()[int(zone[0] > 1)]


_NO_RISES = np.zeros((72, 3), np.int32)
_NO_RISES.flags.writeable = False


@cache
def _pass_models() -> tuple[LevelModel, LevelModel]:
    """Apart from `load_model`: most files have one pass."""
    histograms = load_model().level_histograms
    tables = _context_map("pass", 2 * 72 * 24 * 5, histograms).reshape(2, -1)
    weights = _array("lossy-pass-weights.txt", "int32", (2, 72, 18))
    first, later = (
        LevelModel(
            np.ascontiguousarray(tables[n]),
            np.ascontiguousarray(weights[n, :, :15]),
            np.ascontiguousarray(weights[n, :, 15:]),
        )
        for n in (0, 1)
    )
    return first, later


@cache
def load_matrix() -> NDArray[np.int32]:
    """int32 (5461,): the cosines of 1, 2, 4 .. 64 points. Clause `transform.cosines`."""
    return _array("lossy-dct.txt", "int32", (5461,))


def magnitude_classes(thresholds: NDArray[np.int32]) -> NDArray[np.uint8]:
    """uint8 (4096,): for each expected magnitude the number of thresholds that it reaches."""
    values = np.arange(MAGNITUDE_LIMIT)
    return np.searchsorted(thresholds, values, side="right").astype(np.uint8)


def sign_classes(thresholds: NDArray[np.int32]) -> NDArray[np.uint8]:
    """uint8 (256,): for each ratio of an estimate the number of thresholds that it reaches."""
    return np.searchsorted(thresholds, np.arange(256), side="right").astype(np.uint8)


def _array(name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    return load_array(name, dtype, shape)


def _histograms(name: str, alphabet: int, rows: int = -1) -> Histograms:
    return build_histograms(_array(f"lossy-{name}-histograms.txt", "uint16", (rows, alphabet)))


def _context_map(name: str, contexts: int, histograms: Histograms) -> NDArray[np.uint8]:
    tables: NDArray[np.uint8] = _array(f"lossy-{name}-map.txt", "uint8", (contexts,))
    if int(tables.max()) >= histograms.cumulative.shape[0]:
        raise ValueError(f"lossy-{name}-map.txt names a histogram that is not there")
    return tables
