"""Segments of levels for tests: any tables, any sampling, no picture behind them."""

from __future__ import annotations

import numpy as np

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.encoder.quantize import Search, quantize_coefficients
from pil_dctz.lossy.syntax import CodingGrid, LossyTables, coding_grid

__all__ = ["draw_segment", "explicit_tables", "same_levels"]


def explicit_tables(
    colour: ColourTransform, factors: tuple[tuple[int, int], ...], seed: int = 0
) -> LossyTables:
    """JPEG-like tables: one for component 0, another for the rest."""
    rng = np.random.default_rng(seed)
    ramp = np.add.outer(np.arange(8), np.arange(8)).ravel()
    tables = [3 + ramp * 2 + rng.integers(0, 3, 64) for _ in range(2)]
    steps = np.stack([tables[min(c, 1)] for c in range(len(factors))])[None] * 64
    return LossyTables(colour, factors, 0, steps.astype(np.int32), deblock=False)


def draw_segment(
    tables: LossyTables, width: int, height: int, *, seed: int = 0, size: float = 60.0
) -> tuple[SegmentLevels, CodingGrid]:
    """Random coefficients that fall with frequency, quantized; the map random too."""
    rng = np.random.default_rng(seed)
    grid = coding_grid(width, height, tables.factors)
    fall = size / (1 + np.add.outer(np.arange(8), np.arange(8)).ravel() ** 1.5)
    coefficients = (rng.laplace(0, 1, (grid.blocks, 64)) * fall).astype(np.float32)
    coefficients[:, 0] *= 4
    if not tables.has_map:
        coefficients[:, 0] /= (
            np.repeat(tables.steps[0, :, 0] / 64, grid.planes[:, 0] * grid.planes[:, 1]) * 64
        )  # in explicit groups the DC is predicted in levels
    cells = rng.integers(0, 13, grid.cells) if tables.has_map else np.zeros(grid.cells)
    segment = SegmentLevels(
        cells.astype(np.uint8),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.int32),
        np.zeros(grid.blocks, np.uint8),
        np.zeros(64 * grid.blocks, np.int16),
    )
    quantize_coefficients(coefficients.reshape(-1), segment, tables, grid, Search(2))
    return segment, grid


def same_levels(one: SegmentLevels, other: SegmentLevels) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("cells", "values", "residuals", "ends", "levels")
    )
