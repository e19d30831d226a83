"""Sub-streams of a segment to levels. Clauses `lossy.low`, `lossy.high`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossy.model import level_model, load_matrix, load_model
from pil_dctz.lossy.passes import WHOLE, Zone, zones
from pil_dctz.lossy.shapes import ENDS, LAYOUT, bands, extents, scans
from pil_dctz.lossy.syntax import (
    CodingGrid,
    LossyTables,
    Partition,
    raster_partition,
    shared_partition,
)
from pil_dctz.workspace import Workspace

__all__ = ["Bytes", "SegmentLevels", "new_segment", "parse_high", "parse_low", "parse_passes"]

Bytes = bytes | bytearray | memoryview

END_PLACES = np.array(ENDS, np.int64)
END_PLACES.flags.writeable = False
DC_INPUTS = 12
#: Of the low and of the high stream: signs_kernels.py.
CORNER_BORDERS, BORDERS = 16, 48
END_INPUTS = 10
SCRATCH = 128 + 4624
_STATUS = {
    1: "the bytes end before the last symbol",
    2: "the states or the bytes do not end as they must",
}


@dataclass(frozen=True, slots=True)
class SegmentLevels:
    """What the sub-streams of a segment say.

    cells: uint8 (rows, columns), map level 0..12 of each cell. By square of all planes: values
    int32, the picture at 1:8. By block of all planes: means int32, DC coefficients; residuals
    int32; corners uint8, bits of the sum of magnitudes in the corner; ends uint8, end class;
    directions uint8, 0..16, of the first plane for all.
    levels: int16, by block and place v * N + u (place 0 is 0).
    """

    partition: Partition
    cells: NDArray[np.uint8]
    values: NDArray[np.int32]
    means: NDArray[np.int32]
    residuals: NDArray[np.int32]
    corners: NDArray[np.uint8]
    ends: NDArray[np.uint8]
    directions: NDArray[np.uint8]
    levels: NDArray[np.int16]


def new_segment(
    grid: CodingGrid, partition: Partition, workspace: Workspace | None = None
) -> SegmentLevels:
    """A segment of zeros; its levels lie in the workspace."""
    workspace = workspace or Workspace()
    states = partition.states
    return SegmentLevels(
        partition,
        np.zeros(grid.cells, np.uint8),
        np.zeros(grid.squares, np.int32),
        np.zeros(states, np.int32),
        np.zeros(states, np.int32),
        np.zeros(states, np.uint8),
        np.zeros(states, np.uint8),
        np.zeros(states, np.uint8),
        workspace.zeros("levels", (64 * grid.squares,), np.int16),
    )


def parse_low(
    data: Bytes, tables: LossyTables, grid: CodingGrid, workspace: Workspace | None = None
) -> SegmentLevels:
    """The partition, the quantization map, DC and corners of a segment; the rest is still 0.

    workspace: where large arrays lie, those of the result too; None: arrays of its own. Raises
    DamagedError.
    """
    stream = _stream(data, "low", "lossy.low")
    model = load_model()
    kernels = load("pil_dctz.lossy.decoder.parse_kernels")
    if tables.partition:
        columns, rows = int(grid.planes[0, 0]), int(grid.planes[0, 1])
        blocks = np.empty((columns * rows, 6), np.int32)
        owners = np.zeros(columns * rows, np.int32)
        reader = np.empty(3, np.int64)
        partition_kernels = load("pil_dctz.lossy.decoder.partition_kernels")
        count = partition_kernels.parse_partition(
            stream,
            rows,
            columns,
            tables.rate,
            model.partition_histograms.cumulative,
            model.partition_histograms.coarse,
            np.zeros(columns * rows, np.uint8),
            blocks,
            owners,
            reader,
        )
        partition = shared_partition(grid, blocks[:count], owners)
    else:
        partition = raster_partition(grid)
        states = np.frombuffer(data, "<u4", 2)
        reader = np.array([states[0], states[1], 8], np.int64)
    segment = new_segment(grid, partition, workspace)
    status = kernels.parse_low(
        stream,
        reader,
        partition.parts,
        tables.has_map,
        tables.cross,
        tables.low_gains(),
        tables.low_curve(),
        tables.radii(),
        LAYOUT,
        scans(),
        load_matrix(),
        model.map_histograms.cumulative,
        model.map_histograms.coarse,
        model.dc_histograms.cumulative,
        model.dc_histograms.coarse,
        model.dc_tables,
        model.dc_weights,
        model.dc_thresholds,
        model.corner_histograms.cumulative,
        model.corner_histograms.coarse,
        model.corner_tables,
        model.corner_weights,
        model.magnitudes,
        model.corner_estimates,
        model.sign_histograms.cumulative,
        model.sign_classes,
        partition.blocks,
        partition.owners,
        segment.cells,
        segment.values,
        segment.means,
        segment.residuals,
        segment.corners,
        segment.levels,
        np.zeros(DC_INPUTS + CORNER_BORDERS, np.int64),
        np.zeros(SCRATCH, np.int32),
    )
    if status:
        raise DamagedError(f"low stream: {_STATUS[status]}", offset=0, clause="lossy.low")
    return segment


def parse_high(
    data: Bytes,
    tables: LossyTables,
    grid: CodingGrid,
    segment: SegmentLevels,
    zone: Zone = WHOLE,
    workspace: Workspace | None = None,
) -> None:
    """Add the end classes and the levels of the high stream, or of one of its passes, to what
    `parse_low` and the passes before it gave.

    No bytes at all: all of them are 0. workspace: as in `parse_low`. Raises DamagedError.
    """
    if len(data) == 0:
        return
    stream = _stream(data, "high", "lossy.high")
    model = load_model()
    levels = level_model(zone)
    partition = segment.partition
    status = load("pil_dctz.lossy.decoder.parse_kernels").parse_high(
        stream,
        partition.parts,
        tables.cross,
        tables.directions,
        tables.low_gains(),
        tables.low_curve(),
        bands(),
        LAYOUT,
        scans(),
        END_PLACES,
        zone,
        extents(),
        model.direction_histograms.cumulative,
        model.direction_histograms.coarse,
        model.direction_tables,
        model.end_histograms.cumulative,
        model.end_histograms.coarse,
        model.end_tables,
        model.end_weights,
        model.level_histograms.cumulative,
        model.level_histograms.coarse,
        levels.tables,
        levels.weights,
        levels.rises,
        model.magnitudes,
        tables.radii(),
        load_matrix(),
        model.level_estimates,
        model.sign_histograms.cumulative,
        model.sign_classes,
        partition.blocks,
        partition.owners,
        segment.cells,
        segment.values,
        segment.means,
        segment.residuals,
        segment.corners,
        segment.ends,
        segment.directions,
        segment.levels,
        new_profiles(grid, workspace),
        np.zeros(END_INPUTS + BORDERS, np.int64),
        new_lines(tables, grid, workspace),
        np.zeros(SCRATCH, np.int32),
    )
    if status:
        raise DamagedError(f"high stream: {_STATUS[status]}", offset=0, clause="lossy.high")


def parse_passes(
    streams: Sequence[Bytes],
    tables: LossyTables,
    grid: CodingGrid,
    segment: SegmentLevels,
    workspace: Workspace | None = None,
) -> None:
    """All passes of the high stream, 1..3, to what `parse_low` gave. Raises DamagedError."""
    for stream, zone in zip(streams, zones(len(streams)), strict=True):
        parse_high(stream, tables, grid, segment, zone, workspace)


def new_profiles(grid: CodingGrid, workspace: Workspace | None = None) -> NDArray[np.uint8]:
    """Room for the profiles of the largest plane; none is read before it is written."""
    return (workspace or Workspace()).empty("profiles", (64 * _largest(grid),), np.uint8)


def new_lines(
    tables: LossyTables, grid: CodingGrid, workspace: Workspace | None = None
) -> NDArray[np.int32]:
    """Room for borders of the largest plane, none where no sign is estimated."""
    places = 4 * _largest(grid) if tables.has_map else 0
    return (workspace or Workspace()).zeros("lines", (2, places), np.int32)


def _largest(grid: CodingGrid) -> int:
    """Squares of the largest plane."""
    return int((grid.planes[:, 0] * grid.planes[:, 1]).max())


def _stream(data: Bytes, name: str, clause: str) -> NDArray[np.uint8]:
    size = len(data)
    if size < 8:
        raise DamagedError(
            f"{name} stream of {size} bytes, 8 are the least", offset=0, clause=clause
        )
    return np.frombuffer(data, np.uint8)
