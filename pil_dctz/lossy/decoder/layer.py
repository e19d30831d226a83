"""What the learned layer reads of a segment. Clause `learned.inputs`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.learned.decoder.apply import SquareFacts, refine_planes
from pil_dctz.learned.syntax import SegmentLayer
from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.syntax import LossyTables

__all__ = ["allows_layer", "refine_segment", "square_facts"]


def allows_layer(tables: LossyTables) -> bool:
    """Whether a group with these tables may have a layer. Clause `learned.place`."""
    whole = set(tables.factors) == {(1, 1)}
    return tables.colour == ColourTransform.XYB and tables.has_map and whole


def refine_segment(
    layer: SegmentLayer, planes: NDArray[np.int16], segment: SegmentLevels, tables: LossyTables
) -> None:
    """Correct a segment's planes (int16, of whole squares, deblocked) in place."""
    strengths = np.ascontiguousarray(layer.strengths)
    if strengths.any():
        refine_planes(layer.model, planes, square_facts(segment, tables), strengths)


def square_facts(segment: SegmentLevels, tables: LossyTables) -> SquareFacts:
    """The steps and borders of the blocks, by square."""
    columns, rows, shift_x, shift_y = segment.partition.parts[0, :4].tolist()
    first_owner, first_block, count = segment.partition.parts[0, 5:8].tolist()
    owners = segment.partition.owners[first_owner : first_owner + rows * columns]
    blocks = segment.partition.blocks[first_block : first_block + count].astype(np.int64)
    sums = np.zeros((segment.cells.shape[0] + 1, segment.cells.shape[1] + 1), np.int64)
    sums[1:, 1:] = segment.cells.cumsum(0, dtype=np.int64).cumsum(1)
    y, x = blocks[:, 0] >> shift_y, blocks[:, 1] >> shift_x
    high, wide = 1 << np.maximum(blocks[:, 3] - 1, 0), 1 << np.maximum(blocks[:, 2] - 1, 0)
    totals = sums[y + high, x + wide] - sums[y, x + wide] - sums[y + high, x] + sums[y, x]
    number = high * wide
    levels = ((totals + (number >> 1)) // number)[owners].reshape(rows, columns)
    local = (tables.gains[:, 0] >> 10)[levels]
    return SquareFacts(
        tables.base,
        np.ascontiguousarray(local),
        levels.astype(np.uint8),
        np.ascontiguousarray(owners.reshape(rows, columns)),
    )
