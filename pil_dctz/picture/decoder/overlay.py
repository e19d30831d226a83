"""Cells of a lossy picture that are given exactly. Clause `frame.overlay`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitReader
from pil_dctz.errors import DamagedError
from pil_dctz.lossless.decoder.lzw import decode_lzw, read_cells
from pil_dctz.lossless.decoder.segment import LosslessTables, parse_tables
from pil_dctz.lossless.syntax import CELL

__all__ = ["OverlayTables", "decode_cells", "parse_overlay_tables", "read_left", "where_given"]

OverlayTables = LosslessTables
Cells = NDArray[np.uint8]


def parse_overlay_tables(blob: bytes, shape: GroupShape) -> OverlayTables:
    """The tables of an overlay. Raises DamagedError with an offset within blob."""
    tables = parse_tables(blob, shape)
    clause = "frame.overlay"
    if tables.lzw is None or tables.prediction is not None:
        raise DamagedError("an overlay with prediction", offset=0, clause=clause)
    palette = tables.lzw.head.palette
    if palette is not None and len(palette) == 1:
        raise DamagedError("an overlay of one colour", offset=0, clause=clause)
    if tables.lzw.head.packed > 1:
        raise DamagedError("an overlay of packed indices", offset=0, clause=clause)
    return tables


def read_left(data: bytes, width: int, height: int) -> Cells:
    """uint8 (rows, columns): 1 for the cells of a segment that are left to the lossy group."""
    return read_cells(BitReader(data, clause="lossless.cells"), width, height)


def decode_cells(tables: OverlayTables, data: bytes, out: Samples) -> Cells:
    """A segment's samples into `out` (height, width, channels), in the cells that it gives.

    Returns the cells that it leaves, as `read_left`. Raises DamagedError with an offset within
    data; `out` is then of no use.
    """
    assert tables.lzw is not None
    height, width, _ = out.shape
    reader = BitReader(data, clause="lossless.cells")
    left = read_cells(reader, width, height)
    decode_lzw(tables.lzw, data, tables.shape, width, height, left, reader.position, out)
    return left


def where_given(left: Cells, scale: int, height: int, width: int) -> NDArray[np.bool_]:
    """Which of a segment's height x width samples at 1:scale lie in cells that it gives."""
    side = CELL // scale
    given = (left == 0).repeat(side, axis=0)[:height].repeat(side, axis=1)[:, :width]
    return np.asarray(given)
