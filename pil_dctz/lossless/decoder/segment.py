"""Top of the lossless decoder: a group's tables, a segment. Chapter 9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pil_dctz import arrays
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitReader
from pil_dctz.errors import DamagedError
from pil_dctz.lossless.decoder.lzw import cell_grid, decode_lzw, read_cells
from pil_dctz.lossless.decoder.lzw_tables import LzwTables, parse_lzw_tables

if TYPE_CHECKING:
    from pil_dctz.lossless.decoder.prediction import PredictionTables

__all__ = ["LosslessTables", "decode_segment", "parse_tables"]

HAS_LZW = 1
HAS_PREDICTION = 2


@dataclass(slots=True)
class LosslessTables:
    """A group's tables in lossless mode; a part that the group has not is None."""

    shape: GroupShape
    lzw: LzwTables | None
    prediction: PredictionTables | None


def parse_tables(blob: bytes, shape: GroupShape) -> LosslessTables:
    """The `tables` of a plane group. Clause `lossless.tables`.

    Raises DamagedError with an offset within blob.
    """
    blob = bytes(blob)
    if not blob or blob[0] not in (HAS_LZW, HAS_PREDICTION, HAS_LZW | HAS_PREDICTION):
        what = f"parts {blob[0]}" if blob else "no tables"
        raise DamagedError(what, offset=0, clause="lossless.tables")
    start, end = 1, len(blob)
    if blob[0] == HAS_LZW | HAS_PREDICTION:
        size, start = _read_size(blob, 1, "lossless.tables")
        end = start + size
    lzw = prediction = None
    if blob[0] & HAS_LZW:
        try:
            lzw = parse_lzw_tables(blob[start:end], shape)
        except DamagedError as error:
            raise error.within("LZW tables", start) from None
        if lzw.head.palette is not None and blob[0] & HAS_PREDICTION:
            raise DamagedError(
                "a palette beside prediction", offset=start, clause="lossless.tables"
            )
        start = end
    if blob[0] & HAS_PREDICTION:
        from pil_dctz.lossless.decoder.prediction import parse_prediction_tables

        try:
            prediction = parse_prediction_tables(blob[start:], shape)
        except DamagedError as error:
            raise error.within("prediction tables", start) from None
    return LosslessTables(shape, lzw, prediction)


def decode_segment(
    tables: LosslessTables,
    payload: bytes | bytearray | memoryview,
    width: int,
    height: int,
    out: npt.NDArray[Any],
) -> None:
    """One segment of width x height samples into `out`. Clause `lossless.segment`.

    out: (height, width, channels), C-contiguous, uint8 for depths 1..8, else uint16.
    Raises DamagedError with an offset within payload; `out` is then of no use.
    """
    shape = tables.shape
    arrays.require("out", out, arrays.sample_dtype(shape.depth), (height, width, shape.channels))
    data = bytes(payload)
    if tables.lzw is not None and tables.prediction is not None:
        size, start = _read_size(data, 0, "lossless.segment")
        bits = data[start : start + size]
        try:
            reader = BitReader(bits, clause="lossless.cells")
            cells = read_cells(reader, width, height)
            decode_lzw(tables.lzw, bits, shape, width, height, cells, reader.position, out)
        except DamagedError as error:
            raise error.within("LZW", start) from None
        _decode_prediction(tables.prediction, data, start + size, cells, out)
    elif tables.lzw is not None:
        decode_lzw(tables.lzw, data, shape, width, height, None, 0, out)
    elif tables.prediction is not None:
        cells = np.ones(cell_grid(width, height), np.uint8)
        _decode_prediction(tables.prediction, data, 0, cells, out)


def _decode_prediction(
    tables: PredictionTables,
    data: bytes,
    start: int,
    cells: npt.NDArray[np.uint8],
    out: npt.NDArray[Any],
) -> None:
    if not cells.any():
        if start != len(data):
            raise DamagedError("bytes follow the segment", offset=start, clause="lossless.segment")
        return
    from pil_dctz.lossless.decoder.prediction import decode_prediction

    try:
        decode_prediction(tables, data[start:], cells, out)
    except DamagedError as error:
        raise error.within("prediction", start) from None


def _read_size(data: bytes, start: int, clause: str) -> tuple[int, int]:
    """A LEB128 size (clause `conventions.leb`), 1..bytes left behind it, and where it ends."""
    value = 0
    for count in range(9):
        if start + count >= len(data):
            raise DamagedError("bytes end too early", offset=len(data), clause=clause)
        byte = data[start + count]
        value |= (byte & 127) << (7 * count)
        if byte < 128:
            if byte == 0 and count > 0:
                break
            end = start + count + 1
            if not 1 <= value <= len(data) - end:
                raise DamagedError(f"size {value}", offset=start, clause=clause)
            return value, end
    raise DamagedError("LEB128 is not in its shortest form", offset=start, clause=clause)
