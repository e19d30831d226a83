"""A segment's sub-streams to samples: parse, reconstruct, colour. Clause `lossy.segment`."""

from __future__ import annotations

from collections.abc import Sequence

from pil_dctz.arrays import Samples, require, sample_dtype
from pil_dctz.colour.decoder.colour import planes_to_samples
from pil_dctz.learned.syntax import SegmentLayer
from pil_dctz.lossy.decoder.parse import Bytes, parse_low, parse_passes
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.syntax import LossyTables, coding_grid
from pil_dctz.workspace import of_this_thread

__all__ = ["decode_segment", "parse_tables"]


def decode_segment(
    tables: LossyTables,
    low: Bytes,
    high: Sequence[Bytes] | None,
    width: int,
    height: int,
    out: Samples,
    *,
    scale: int = 1,
    layer: SegmentLayer | None = None,
) -> None:
    """Decode a segment of width x height samples into `out`.

    low, high: its sub-streams, without check sums, the high ones a pass each, 1..3; None exactly
        at scale 8.
    out: (ceil(height / scale), ceil(width / scale), components), uint8, uint16 of more than 8 bits.
    scale: 1, 2, 4 or 8. layer: what refines the planes at scale 1 (chapter 10).

    Raises DamagedError with offsets in the sub-stream. Memory: about 20 bytes a sample place.
    """
    if scale not in (1, 2, 4, 8) or (high is None) != (scale == 8):
        raise ValueError(f"scale {scale} {'without' if high is None else 'with'} high stream")
    shape = (-(-height // scale), -(-width // scale), len(tables.factors))
    require("out", out, sample_dtype(tables.depth), shape)
    grid = coding_grid(width, height, tables.factors)
    workspace = of_this_thread()
    segment = parse_low(low, tables, grid, workspace)
    if high is not None:
        parse_passes(high, tables, grid, segment, workspace)
    planes = reconstruct_planes(segment, tables, grid, scale, workspace)
    if layer is not None and scale == 1:
        from pil_dctz.lossy.decoder.layer import refine_segment

        refine_segment(layer, planes, segment, tables)
    planes_to_samples(tables.colour, planes, out, tables.depth)
