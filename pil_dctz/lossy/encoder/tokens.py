"""Levels of a segment to its two sub-streams. Clauses `lossy.low`, `lossy.high`."""

from __future__ import annotations

import numpy as np

from pil_dctz.arrays import require
from pil_dctz.entropy.encoder.rans import write_stream
from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import (
    DC_INPUTS,
    END_INPUTS,
    END_PLACES,
    HIGH_SCRATCH,
    SegmentLevels,
)
from pil_dctz.lossy.model import end_extents, load_model, load_scan
from pil_dctz.lossy.syntax import CodingGrid, LossyTables

__all__ = ["write_high", "write_low"]


def write_low(segment: SegmentLevels, tables: LossyTables, grid: CodingGrid) -> bytes:
    """The low stream: map and DC residuals (which must fit `values`)."""
    _check(segment, grid)
    model = load_model()
    operations = np.empty(segment.cells.size + 4 * grid.blocks, np.uint32)
    count = load("pil_dctz.lossy.encoder.tokens_kernels").low_operations(
        grid.planes,
        tables.dc_units(),
        tables.has_map,
        tables.cross,
        model.map_histograms.cumulative,
        model.dc_histograms.cumulative,
        model.dc_tables,
        model.dc_weights,
        model.dc_thresholds,
        segment.cells,
        segment.values,
        segment.residuals,
        np.zeros(DC_INPUTS, np.int64),
        operations,
    )
    return write_stream(operations, count)


def write_high(segment: SegmentLevels, tables: LossyTables, grid: CodingGrid) -> bytes:
    """The high stream: end classes and levels; no bytes where all of them are 0."""
    _check(segment, grid)
    if not segment.ends.any():
        return b""
    model = load_model()
    places = int(END_PLACES[segment.ends].sum())
    operations = np.empty(4 * places, np.uint32)
    count = load("pil_dctz.lossy.encoder.tokens_kernels").high_operations(
        grid.planes,
        tables.dc_units(),
        tables.cross,
        load_scan(),
        END_PLACES,
        model.end_histograms.cumulative,
        model.end_tables,
        model.end_weights,
        model.level_histograms.cumulative,
        model.level_tables,
        model.level_weights,
        model.magnitudes,
        end_extents(),
        segment.cells,
        segment.values,
        segment.residuals,
        segment.ends,
        segment.levels,
        np.zeros(END_INPUTS, np.int64),
        np.zeros(HIGH_SCRATCH, np.int32),
        operations,
    )
    return write_stream(operations, count)


def _check(segment: SegmentLevels, grid: CodingGrid) -> None:
    require("cells", segment.cells, np.uint8, grid.cells)
    require("values", segment.values, np.int32, (grid.blocks,))
    require("residuals", segment.residuals, np.int32, (grid.blocks,))
    require("ends", segment.ends, np.uint8, (grid.blocks,))
    require("levels", segment.levels, np.int16, (64 * grid.blocks,))
