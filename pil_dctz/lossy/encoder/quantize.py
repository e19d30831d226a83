"""Samples of a segment to levels: colour, transform, map, quantization."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pil_dctz.colour.encoder.colour import samples_to_xyb
from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import DC_INPUTS, END_INPUTS, END_PLACES, SegmentLevels
from pil_dctz.lossy.model import end_extents, load_model, load_scan
from pil_dctz.lossy.syntax import CodingGrid, LossyTables

__all__ = ["Search", "quantize_coefficients", "quantize_segment"]

#: Bits weigh so many squared steps: fitted on `train`, lower than for the squared error alone.
TRADE = 0.064
MAP_SLOPE = 0.12
MAP_CENTRE = 6.0


@dataclass(frozen=True, slots=True)
class Search:
    """How levels are chosen.

    passes: over each block with real costs; 0: plain rounding. trade: what a bit weighs.
    rounding: of plain rounding, 0.5 is nearest; also the least size (1 - rounding) that opens
    a block. map_slope: octaves of step for each octave of variance.
    """

    passes: int
    trade: float = TRADE
    rounding: float = 0.5
    map_slope: float = MAP_SLOPE


def quantize_segment(
    samples: NDArray[np.uint8], tables: LossyTables, grid: CodingGrid, search: Search
) -> SegmentLevels:
    """Levels of a segment of XYB, samples (height, width, 1 or 3)."""
    columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
    planes = np.empty((samples.shape[2], 8 * rows, 8 * columns), np.float32)
    samples_to_xyb(samples, planes)
    analyse = load("pil_dctz.lossy.encoder.analyse_kernels")
    coefficients = np.empty(64 * grid.blocks, np.float32)
    analyse.transform_planes(
        planes, grid.planes, _cosines(), np.empty(64, np.float32), coefficients
    )
    segment = SegmentLevels(
        np.zeros(grid.cells, np.uint8),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.uint8),
        np.zeros(64 * grid.blocks, np.int16),
    )
    analyse.activity_map(coefficients, grid.planes, search.map_slope, MAP_CENTRE, segment.cells)
    quantize_coefficients(coefficients, segment, tables, grid, search)
    return segment


def quantize_coefficients(
    coefficients: NDArray[np.float32],
    segment: SegmentLevels,
    tables: LossyTables,
    grid: CodingGrid,
    search: Search,
) -> None:
    """Fill `segment` (zeros but for its cells) with the levels of `coefficients`.

    coefficients: float32 (64 * blocks,), in units, by block and place.
    """
    model = load_model()
    dc_bits, end_bits, level_bits = _bits()
    kernels = load("pil_dctz.lossy.encoder.quantize_kernels")
    kernels.quantize_low(
        coefficients,
        grid.planes,
        tables.dc_units(),
        tables.cross,
        search.trade if search.passes else 0.0,
        dc_bits,
        model.dc_tables,
        model.dc_weights,
        model.dc_thresholds,
        segment.cells,
        segment.values,
        segment.residuals,
        np.zeros(DC_INPUTS, np.int64),
    )
    kernels.quantize_high(
        coefficients,
        grid.planes,
        tables.dc_units(),
        np.float32(64) / tables.steps.astype(np.float32),
        tables.cross,
        search.trade,
        search.rounding,
        search.passes,
        load_scan(),
        END_PLACES,
        end_bits,
        model.end_tables,
        model.end_weights,
        level_bits,
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
        np.zeros(3 * 144, np.int32),
        np.zeros((2, 65), np.float32),
    )


@cache
def _cosines() -> NDArray[np.float32]:
    """float32 (64,): the orthonormal basis, 8 * x + k."""
    k = np.arange(8)
    x = k[:, None]
    weight = np.array([0.125**0.5] + 7 * [0.5])
    basis = weight * np.cos(np.pi * k * (2 * x + 1) / 16)
    return np.ascontiguousarray(basis.reshape(64), np.float32)


@cache
def _bits() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Code lengths of the DC, end and level histograms."""
    model = load_model()
    return (
        model.dc_histograms.bits(),
        model.end_histograms.bits(),
        model.level_histograms.bits(),
    )
