"""Levels to planes, at scale 1, 2, 4 or 8. Clauses `lossy.coefficient`, `lossy.planes`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.directions import EDGE, SLOPES
from pil_dctz.lossy.model import load_matrix
from pil_dctz.lossy.shapes import LAYOUT, extents
from pil_dctz.lossy.syntax import CodingGrid, LossyTables
from pil_dctz.workspace import Workspace

__all__ = ["SCRATCH", "reconstruct_planes"]

#: Clause `lossy.deblock`: the largest correction and the flatness it asks for, in 1/4096 of a step.
STRENGTH = 110
FLATNESS = 250
#: Clause `lossy.dering`: for each direction, rows and columns to the nearer and the farther tap.
TAPS = np.array(
    [
        [0, 1, 0, 2],
        [0, 1, 1, 2],
        [1, 1, 2, 2],
        [1, 0, 2, 1],
        [1, 0, 2, 0],
        [1, 0, 2, -1],
        [1, -1, 2, -2],
        [0, -1, 1, -2],
    ],
    np.int8,
)
SCRATCH = 3 * 4096 + 128 + EDGE + 64


def reconstruct_planes(
    segment: SegmentLevels,
    tables: LossyTables,
    grid: CodingGrid,
    scale: int,
    workspace: Workspace | None = None,
) -> NDArray[np.int16]:
    """int16 (components, rows, columns), sixteenths of a unit, of one size for all components.

    rows and columns cover the segment at this scale, in whole blocks. Components with fewer
    samples are repeated. workspace: where large arrays lie, the result too; None: its own arrays.
    """
    workspace = workspace or Workspace()
    if tables.directions and scale in (2, 4):
        return _averaged(reconstruct_planes(segment, tables, grid, 1, workspace), scale)
    kernels = load("pil_dctz.lossy.decoder.reconstruct_kernels")
    partition = segment.partition
    n = 8 // scale
    columns = n * int(grid.planes[:, 0].max())
    rows = n * int(grid.planes[:, 1].max())
    planes = workspace.empty("planes", (len(tables.factors), rows, columns), np.int16)
    scratch = np.empty(SCRATCH, np.int32)
    mean_scales = tables.mean_scales()
    for p in range(len(tables.factors)):
        size = (n * int(grid.planes[p, 1]), n * int(grid.planes[p, 0]))
        whole = bool(grid.planes[p, 2:4].all())  # not told by its blocks: few may hold all
        plane = planes[p] if whole else np.empty(size, np.int16)
        if scale == 8:
            kernels.reconstruct_eighth(
                partition.parts, p, int(mean_scales[p]), segment.values, plane
            )
        else:
            kernels.reconstruct_plane(
                partition.parts,
                p,
                tables.gains,
                tables.places,
                int(mean_scales[p]),
                LAYOUT,
                extents(),
                partition.blocks,
                partition.owners,
                segment.cells,
                segment.means,
                segment.ends,
                segment.levels,
                segment.directions,
                load_matrix(),
                SLOPES,
                scale.bit_length() - 1,
                scratch,
                plane,
                segment.values,
                tables.partition,
            )
        if tables.filtered and scale == 1:
            _filter(segment, tables, p, plane, workspace)
        if not whole:
            planes[p] = _repeat(plane, rows, columns, grid, p)
    return planes


def _filter(
    segment: SegmentLevels,
    tables: LossyTables,
    p: int,
    plane: NDArray[np.int16],
    workspace: Workspace,
) -> None:
    """Deblock component p's plane and, if it is the first, dering it, in place."""
    partition = segment.partition
    where = (
        partition.parts,
        p,
        tables.gains,
        tables.curve,
        int(tables.radii()[9]),
        partition.blocks,
        partition.owners,
        segment.cells,
    )
    deblock = load("pil_dctz.lossy.decoder.deblock_kernels").deblock_plane
    deblock(*where, STRENGTH, FLATNESS, np.empty(64, np.int32), plane)
    if p == 0:
        dering = load("pil_dctz.lossy.decoder.dering_kernels").dering_plane
        sums, samples = np.empty((3, plane.shape[1]), np.int32), np.empty((5, 64), np.int16)
        dering(*where, TAPS, _padded(plane, workspace), sums, samples, plane)


def _padded(plane: NDArray[np.int16], workspace: Workspace) -> NDArray[np.int16]:
    """The plane with two more samples on each side, those at its edge."""
    rows, columns = plane.shape
    padded = workspace.empty("padded", (rows + 4, columns + 4), np.int16)
    middle = padded[2:-2]
    middle[:, 2:-2] = plane
    middle[:, :2] = plane[:, :1]
    middle[:, -2:] = plane[:, -1:]
    padded[:2] = padded[2]
    padded[-2:] = padded[-3]
    return padded


def _averaged(planes: NDArray[np.int16], scale: int) -> NDArray[np.int16]:
    """Means of scale x scale samples, rounded: predictions need all samples. `lossy.planes`."""
    components, rows, columns = planes.shape
    parts = planes.reshape(components, rows // scale, scale, columns // scale, scale)
    sums = parts.sum((2, 4), dtype=np.int32)
    shift = 2 * (scale.bit_length() - 1)
    means: NDArray[np.int16] = ((sums + (1 << shift >> 1)) >> shift).astype(np.int16)
    return means


def _repeat(
    plane: NDArray[np.int16], rows: int, columns: int, grid: CodingGrid, p: int
) -> NDArray[np.int16]:
    """Each sample twice where the component has half the samples, cut to the common size."""
    for axis, shift in ((0, int(grid.planes[p, 3])), (1, int(grid.planes[p, 2]))):
        if shift == 0:
            plane = np.repeat(plane, 2, axis)
    return plane[:rows, :columns]
