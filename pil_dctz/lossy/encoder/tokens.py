"""Levels of a segment to its two sub-streams. Clauses `lossy.low`, `lossy.high`."""

from __future__ import annotations

import numpy as np

from pil_dctz.arrays import require
from pil_dctz.entropy.encoder.rans import write_stream
from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import (
    BORDERS,
    CORNER_BORDERS,
    DC_INPUTS,
    END_PLACES,
    SegmentLevels,
    new_lines,
    new_profiles,
)
from pil_dctz.lossy.model import level_model, load_matrix, load_model
from pil_dctz.lossy.passes import WHOLE, Zone
from pil_dctz.lossy.shapes import LAYOUT, bands, extents, scans
from pil_dctz.lossy.syntax import CodingGrid, LossyTables

__all__ = ["write_high", "write_low"]


def write_low(segment: SegmentLevels, tables: LossyTables, grid: CodingGrid) -> bytes:
    """The low stream: partition, map, DC residuals (which must fit `values`) and corners."""
    _check(segment, grid)
    model = load_model()
    partition = segment.partition
    squares = grid.squares
    operations = np.empty(segment.cells.size + 5 * squares, np.uint32)
    count = load("pil_dctz.lossy.encoder.tokens_kernels").low_operations(
        partition.parts,
        partition.blocks,
        partition.owners,
        segment.cells,
        LAYOUT,
        scans(),
        tables.partition,
        tables.has_map,
        tables.cross,
        tables.rate,
        tables.low_gains(),
        tables.low_curve(),
        model.partition_histograms.cumulative,
        model.map_histograms.cumulative,
        model.dc_histograms.cumulative,
        model.dc_tables,
        model.dc_weights,
        model.dc_thresholds,
        model.corner_histograms.cumulative,
        model.corner_tables,
        model.corner_weights,
        model.magnitudes,
        tables.radii(),
        load_matrix(),
        model.corner_estimates,
        model.sign_histograms.cumulative,
        model.sign_classes,
        segment.values,
        segment.means,
        segment.residuals,
        segment.levels,
        np.zeros(squares, np.uint8),
        np.zeros(DC_INPUTS + CORNER_BORDERS, np.int64),
        np.zeros(4624, np.int32),
        operations,
    )
    return write_stream(operations, count)


def write_high(
    segment: SegmentLevels, tables: LossyTables, grid: CodingGrid, zone: Zone = WHOLE
) -> bytes:
    """The high stream, or a pass of it: end classes and levels; no bytes where all of them are 0.

    Of a pass: there are no levels beyond its zone.
    """
    _check(segment, grid)
    if not (segment.ends.any() or segment.directions.any()):
        return b""
    model = load_model()
    levels = level_model(zone)
    partition = segment.partition
    places = int(END_PLACES[segment.ends].sum())
    operations = np.empty(2 * segment.ends.size + 4 * places, np.uint32)
    count = load("pil_dctz.lossy.encoder.tokens_kernels").high_operations(
        partition.parts,
        partition.blocks,
        partition.owners,
        segment.cells,
        LAYOUT,
        scans(),
        bands(),
        END_PLACES,
        zone,
        extents(),
        tables.cross,
        tables.directions,
        tables.low_gains(),
        tables.low_curve(),
        model.direction_histograms.cumulative,
        model.direction_tables,
        model.end_histograms.cumulative,
        model.end_tables,
        model.end_weights,
        model.level_histograms.cumulative,
        levels.tables,
        levels.weights,
        levels.rises,
        model.magnitudes,
        tables.radii(),
        load_matrix(),
        model.level_estimates,
        model.sign_histograms.cumulative,
        model.sign_classes,
        segment.values,
        segment.means,
        segment.residuals,
        segment.corners,
        segment.ends,
        segment.directions,
        segment.levels,
        new_profiles(grid),
        np.zeros(DC_INPUTS + BORDERS, np.int64),
        new_lines(tables, grid),
        np.zeros(128, np.int32),
        np.zeros(4624, np.int32),
        operations,
    )
    return write_stream(operations, count)


def _check(segment: SegmentLevels, grid: CodingGrid) -> None:
    states = segment.partition.states
    require("cells", segment.cells, np.uint8, grid.cells)
    require("values", segment.values, np.int32, (grid.squares,))
    require("means", segment.means, np.int32, (states,))
    require("residuals", segment.residuals, np.int32, (states,))
    require("corners", segment.corners, np.uint8, (states,))
    require("ends", segment.ends, np.uint8, (states,))
    require("levels", segment.levels, np.int16, (64 * grid.squares,))
