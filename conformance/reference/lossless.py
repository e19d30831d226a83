"""Chapter 9: the two methods of a lossless group, and which cell belongs to which."""

from __future__ import annotations

from dataclasses import dataclass

from . import lzw, prediction
from .conventions import Cursor, ceil_div, require
from .prefix import Bits

Samples = list[list[list[int]]]  # [y][x][channel]


@dataclass
class Tables:
    """Clause `lossless.tables`."""

    channels: int
    lzw: lzw.Tables | None
    prediction: prediction.Tables | None


def parse_tables(blob: bytes, channels: int, depth: int) -> Tables:
    here = "lossless.tables"
    cursor = Cursor(blob)
    parts = cursor.u8(here)
    require(1 <= parts <= 3, f"parts {parts}", here, 0)
    lzw_blob, prediction_blob = split(cursor, bool(parts & 1), bool(parts & 2), here)
    tables = Tables(channels, None, None)
    if lzw_blob is not None:
        tables.lzw = lzw.parse_tables(lzw_blob, channels, depth)
        palette = tables.lzw.palette is not None
        require(not (palette and parts & 2), "palette and prediction", here)
    if prediction_blob is not None:
        tables.prediction = prediction.parse_tables(prediction_blob, channels, depth)
    return tables


def split(
    cursor: Cursor, has_lzw: bool, has_prediction: bool, clause: str
) -> tuple[bytes | None, bytes | None]:
    """The two parts of tables or of a segment, as far as they are there."""
    lzw_part = None
    if has_lzw:
        both = has_prediction
        size = cursor.leb(1, cursor.left, clause) if both else cursor.left
        lzw_part = cursor.take(size, clause)
    return lzw_part, cursor.take(cursor.left, clause) if has_prediction else None


def decode_segment(tables: object, stream: bytes, width: int, height: int) -> Samples:
    """Clause `lossless.segment`: samples [y][x][channel]."""
    assert isinstance(tables, Tables)
    here = "lossless.segment"
    has_lzw, has_prediction = tables.lzw is not None, tables.prediction is not None
    lzw_bytes, prediction_bytes = split(Cursor(stream), has_lzw, has_prediction, here)
    out: Samples = [[[0] * tables.channels for _ in range(width)] for _ in range(height)]
    cells = [[1] * width for _ in range(height)]  # at least as many as there are
    if tables.lzw is not None:
        assert lzw_bytes is not None
        bits = Bits(lzw_bytes)
        cells = read_cells(bits, width, height, has_prediction)
        lzw.decode(tables.lzw, bits, cells, out)
        bits.end(here)
    if tables.prediction is not None:
        assert prediction_bytes is not None
        if any(1 in row for row in cells):
            prediction.decode(tables.prediction, prediction_bytes, cells, out)
        else:
            require(not prediction_bytes, "prediction bits without a photo cell", here)
    return out


def decode_overlay(
    tables: object, stream: bytes, width: int, height: int
) -> tuple[Samples, list[list[int]]]:
    """Clause `frame.overlay`: samples, and 1 for each cell that has none."""
    assert isinstance(tables, Tables) and tables.lzw is not None
    out: Samples = [[[] for _ in range(width)] for _ in range(height)]
    bits = Bits(stream)
    cells = read_cells(bits, width, height, True)
    lzw.decode(tables.lzw, bits, cells, out)
    bits.end("lossless.segment")
    return out, cells


def read_cells(bits: Bits, width: int, height: int, both: bool) -> list[list[int]]:
    """Clause `lossless.cells`: 1 for each photo cell."""
    columns, rows = ceil_div(width, 64), ceil_div(height, 64)
    if not both:
        return [[0] * columns for _ in range(rows)]
    n = columns * rows
    uniform, value = bits.raw(1), bits.raw(1)
    flat = [value] * n if uniform else []
    while len(flat) < n:
        run = bits.gamma(30)
        require(run <= n - len(flat), "run of cells", "lossless.cells")
        flat += [value] * run
        value = 1 - value
    return [flat[i : i + columns] for i in range(0, n, columns)]
