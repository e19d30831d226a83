"""Levels lowered where a trained table says that this is cheaper, in place of a search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.kernels.load import load
from pil_dctz.lossy.decoder.parse import END_PLACES, SegmentLevels
from pil_dctz.lossy.shapes import LAYOUT, bands, extents, scans
from pil_dctz.lossy.steps import inverse_steps
from pil_dctz.lossy.syntax import LossyTables
from pil_dctz.tables.load import load_array

__all__ = ["CLASSES", "count_choices", "prune_levels"]

#: By plane, size class, band, neighbours, levels that follow, magnitude 1 or more.
CLASSES = 3 * 4 * 4 * 8 * 4 * 2
BINS = 16
#: Room of the largest block with a border.
_ROOM = 66 * 66


def prune_levels(
    coefficients: NDArray[np.float32], segment: SegmentLevels, tables: LossyTables
) -> None:
    """Set the levels beyond the corners, zeros so far, and the ends; no block may be predicted.

    What other components follow goes from `coefficients`.
    """
    margins = load_array("lossy-pruning.txt", "int32", (CLASSES,)).astype(np.float32)
    partition = segment.partition
    load("pil_dctz.lossy.encoder.pruning_kernels").prune_blocks(
        coefficients,
        partition.parts,
        partition.blocks,
        segment.cells,
        LAYOUT,
        scans(),
        tables.radii(),
        bands(),
        END_PLACES,
        extents(),
        tables.gains,
        tables.curve,
        inverse_steps(tables.gains, tables.curve),
        margins / np.float32(256),
        tables.partition,
        segment.values,
        segment.ends,
        segment.levels,
        np.zeros(_ROOM, np.float32),
    )


def count_choices(
    coefficients: NDArray[np.float32],
    segment: SegmentLevels,
    tables: LossyTables,
    counts: NDArray[np.int64],
) -> None:
    """Add what a search chose to counts, int64 (CLASSES, BINS, 2): by class, by how far the size is
    above the next lower half, and whether the nearest magnitude was kept."""
    partition = segment.partition
    load("pil_dctz.lossy.encoder.pruning_kernels").count_choices(
        coefficients,
        partition.parts,
        partition.blocks,
        segment.cells,
        LAYOUT,
        scans(),
        tables.radii(),
        bands(),
        inverse_steps(tables.gains, tables.curve),
        segment.levels,
        np.zeros(_ROOM, np.float32),
        counts,
    )
