"""The learned layer of a frame that was encoded: strengths by a trial reconstruction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pil_dctz import schedule
from pil_dctz.colour.encoder.colour import samples_to_xyb
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.decoder.known import FOLDER, read_model
from pil_dctz.learned.encoder.strengths import Gains, choose_strengths, write_layer
from pil_dctz.learned.syntax import CELL, ID_BYTES, Learned, cell_grid
from pil_dctz.lossy.decoder.layer import allows_layer, square_facts
from pil_dctz.lossy.decoder.parse import parse_high, parse_low
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.syntax import coding_grid
from pil_dctz.picture.segments import Segment, segments_of

__all__ = ["encode_layer", "wanted_model"]

#: The model that `learned=True` takes.
DEFAULT = "filters.dctm"
#: A correction helps the eye less than it helps the squared error: it is taken as so much less.
CAUTION = 0.8
AS_TRAINED = 4


def wanted_model(learned: Learned) -> Path:
    """The file of the model that is asked for. Raises ValueError where there is none."""
    path = FOLDER / DEFAULT if isinstance(learned, bool) else Path(learned)
    if not path.is_file():
        raise ValueError(f"no model at {path}")
    return path


def encode_layer(
    samples: NDArray[np.uint8],
    group: EncodedGroup,
    shape: GroupShape,
    learned: Learned,
    threads: int,
) -> bytes | None:
    """The payload of the layer of a group, None where it helps nowhere or is not allowed."""
    if group.mode is not Mode.LOSSY:
        return None
    tables = parse_tables(group.tables, shape)
    if not allows_layer(tables) or samples.dtype != np.uint8:
        return None
    model = read_model(wanted_model(learned))

    def measure(segment: Segment) -> list[Gains]:
        area = segment.area
        grid = coding_grid(area.width, area.height, tables.factors)
        levels = parse_low(group.streams[0][segment.number], tables, grid)
        parse_high(group.streams[1][segment.number], tables, grid, levels)
        planes = reconstruct_planes(levels, tables, grid, 1)
        part = np.ascontiguousarray(samples[area.slices])
        original = np.empty(planes.shape, np.float32)
        samples_to_xyb(part, original)
        facts = square_facts(levels, tables)
        refined = planes.copy()
        cells = cell_grid(planes.shape[2], planes.shape[1])
        refine_planes(model, refined, facts, np.full((2, *cells), AS_TRAINED, np.uint8))
        steps = (tables.base / 8) * tables.curve[:, 9] / 1024  # in sixteenths of a unit
        size = (area.height, area.width)
        return _gains(original, planes, refined, steps, size)

    segments = list(segments_of(shape.width, shape.height, group.segment_log2))
    found = schedule.run(measure, segments, threads)
    luma, chroma = (np.concatenate([part[kind] for part in found]) for kind in (0, 1))
    varied, first, ranks = choose_strengths(luma, chroma)
    if not varied and first == (0, 0):
        return None
    return write_layer(model.digest[:ID_BYTES], varied, first, ranks)


def _gains(
    original: NDArray[np.float32],
    planes: NDArray[np.int16],
    refined: NDArray[np.int16],
    steps: NDArray[np.float64],
    size: tuple[int, int],
) -> list[Gains]:
    """Of luma and chroma by cell and strength. size: rows and columns that are shown."""
    rows, columns = size
    products, squares = [], []
    for p in range(len(planes)):
        base = planes[p, :rows, :columns].astype(np.float32)
        move = refined[p, :rows, :columns].astype(np.float32) - base
        error = 16 * original[p, :rows, :columns] - base
        scale = 1 / float(steps[p]) ** 2
        products.append(_by_cell(error * move) * scale)
        squares.append(_by_cell(move * move) * scale)
    strengths = np.arange(8) / AS_TRAINED
    gains = [
        squares[p][:, None] * strengths**2 - 2 * CAUTION * products[p][:, None] * strengths
        for p in range(len(planes))
    ]
    return [gains[0], np.add(*gains[1:]) if len(gains) > 1 else np.zeros((0, 8))]


def _by_cell(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums over cells, in raster order."""
    down = np.add.reduceat(values, range(0, values.shape[0], CELL), axis=0, dtype=np.float64)
    return np.add.reduceat(down, range(0, values.shape[1], CELL), axis=1).reshape(-1)
