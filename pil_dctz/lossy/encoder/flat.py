"""The low stream of a segment without a picture: what stands for one that is lost."""

from __future__ import annotations

from pil_dctz.lossy.decoder.parse import new_segment
from pil_dctz.lossy.encoder.quantize import squares_in_order
from pil_dctz.lossy.encoder.tokens import write_low
from pil_dctz.lossy.syntax import LossyTables, coding_grid, raster_partition

__all__ = ["write_flat_low"]


def write_flat_low(tables: LossyTables, width: int, height: int) -> bytes:
    """Of width x height samples, gray, for a group of these tables."""
    grid = coding_grid(width, height, tables.factors)
    partition = raster_partition(grid)
    if tables.partition:
        partition = squares_in_order(partition, grid)
    return write_low(new_segment(grid, partition), tables, grid)
