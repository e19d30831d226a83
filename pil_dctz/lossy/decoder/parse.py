"""Sub-streams of a segment to levels. Clauses `lossy.low`, `lossy.high`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossy.model import ENDS, end_extents, load_model, load_scan
from pil_dctz.lossy.syntax import CodingGrid, LossyTables

__all__ = ["Bytes", "SegmentLevels", "parse_high", "parse_low"]

Bytes = bytes | bytearray | memoryview

END_PLACES = np.array(ENDS, np.uint8)
END_PLACES.flags.writeable = False
DC_INPUTS = 12
END_INPUTS = 9
HIGH_SCRATCH = 2 * 144
_STATUS = {
    1: "the bytes end before the last symbol",
    2: "the states or the bytes do not end as they must",
}


@dataclass(frozen=True, slots=True)
class SegmentLevels:
    """What the sub-streams of a segment say.

    cells: uint8 (rows, columns), map level 0..12 of each cell. Flat over the blocks of all planes:
    values int32, predicted DC; residuals int32; ends uint8, end class; levels int16, 64 a block
    by place 8 * v + u (place 0 is 0).
    """

    cells: NDArray[np.uint8]
    values: NDArray[np.int32]
    residuals: NDArray[np.int32]
    ends: NDArray[np.uint8]
    levels: NDArray[np.int16]


def parse_low(data: Bytes, tables: LossyTables, grid: CodingGrid) -> SegmentLevels:
    """The quantization map and the DC of a segment; ends and levels are still 0.

    Raises DamagedError.
    """
    stream = _stream(data, "low", "lossy.low")
    segment = SegmentLevels(
        np.zeros(grid.cells, np.uint8),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.uint8),
        np.zeros(0, np.int16),
    )
    model = load_model()
    status = load("pil_dctz.lossy.decoder.parse_kernels").parse_low(
        stream,
        grid.planes,
        tables.dc_units(),
        tables.has_map,
        tables.cross,
        model.map_histograms.cumulative,
        model.map_histograms.coarse,
        model.dc_histograms.cumulative,
        model.dc_histograms.coarse,
        model.dc_tables,
        model.dc_weights,
        model.dc_thresholds,
        segment.cells,
        segment.values,
        segment.residuals,
        np.zeros(DC_INPUTS, np.int64),
    )
    if status:
        raise DamagedError(f"low stream: {_STATUS[status]}", offset=0, clause="lossy.low")
    return segment


def parse_high(
    data: Bytes, tables: LossyTables, grid: CodingGrid, low: SegmentLevels
) -> SegmentLevels:
    """`low` with the end classes and the levels. No bytes at all: all of them are 0.

    Raises DamagedError.
    """
    levels = np.zeros(64 * grid.blocks, np.int16)
    segment = SegmentLevels(low.cells, low.values, low.residuals, low.ends, levels)
    if len(data) == 0:
        return segment
    stream = _stream(data, "high", "lossy.high")
    model = load_model()
    status = load("pil_dctz.lossy.decoder.parse_kernels").parse_high(
        stream,
        grid.planes,
        tables.dc_units(),
        tables.cross,
        load_scan(),
        END_PLACES,
        model.end_histograms.cumulative,
        model.end_histograms.coarse,
        model.end_tables,
        model.end_weights,
        model.level_histograms.cumulative,
        model.level_histograms.coarse,
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
    )
    if status:
        raise DamagedError(f"high stream: {_STATUS[status]}", offset=0, clause="lossy.high")
    return segment


def _stream(data: Bytes, name: str, clause: str) -> NDArray[np.uint8]:
    size = len(data)
    if size < 8:
        raise DamagedError(
            f"{name} stream of {size} bytes, 8 are the least", offset=0, clause=clause
        )
    return np.frombuffer(data, np.uint8)
