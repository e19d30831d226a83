"""Decodes the LZW part of a segment. Clauses `lzw.segment`, `lossless.cells`."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz import arrays
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitReader
from pil_dctz.errors import DamagedError, LimitError
from pil_dctz.kernels.load import load
from pil_dctz.lossless.decoder.lzw_tables import LzwTables, read_gamma
from pil_dctz.lossless.syntax import CELL, LzwHead, channel_bits

__all__ = ["cell_grid", "decode_lzw", "lzw_setup", "read_cells", "unpack"]

_WHAT = {
    -1: ("bits end too early", "lzw.segment"),
    -2: ("a run passes the end of its room", "lzw.segment"),
    -3: ("a copy has no source", "lzw.token"),
    -4: ("a phrase has no entry", "lzw.phrase"),
    -5: ("a literal of another kind", "lzw.token"),
    -6: ("a residual of a channel that the group has not", "lzw.residual"),
}

#: Highest number of pixels in one segment: positions are int32.
MAX_PIXELS = (1 << 31) - (1 << 16) - 1


#: Each thread's hashes, which decode_tokens leaves as it found them: nothing to fill for an icon.
_kept = threading.local()


def _take_hashes() -> npt.NDArray[np.int32]:
    found: npt.NDArray[np.int32] | None = _kept.__dict__.pop("hashes", None)
    return np.full((2, 1 << 16), -1, np.int32) if found is None else found


def cell_grid(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the segment's cells."""
    return -(-height // CELL), -(-width // CELL)


def read_cells(reader: BitReader, width: int, height: int) -> npt.NDArray[np.uint8]:
    """The map of photo cells (1), (rows, columns). Clause `lossless.cells`."""
    rows, columns = cell_grid(width, height)
    uniform = reader.read(1)
    value = reader.read(1)
    if uniform:
        return np.full((rows, columns), value, np.uint8)
    cells = np.zeros(rows * columns, np.uint8)
    at = 0
    while at < cells.size:
        run = read_gamma(reader)
        if run > cells.size - at:
            raise DamagedError(
                f"run of {run} cells, {cells.size - at} left",
                offset=reader.byte,
                clause="lossless.cells",
            )
        cells[at : at + run] = value
        value = 1 - value
        at += run
    return cells.reshape(rows, columns)


def lzw_setup(
    head: LzwHead, shape: GroupShape, width: int, height: int, mixed: bool
) -> npt.NDArray[np.int64]:
    """The kernels' description of a segment (SETUP_* of lzw_kernels)."""
    return np.array(
        [
            width,
            height,
            0 if head.palette is not None else 1,
            shape.depth,
            channel_bits(shape.channels),
            head.cache_bits,
            *head.colour,
            head.tile,
            head.predictor,
            head.count,
            int(mixed),
        ],
        np.int64,
    )


def decode_lzw(
    tables: LzwTables,
    bits: bytes,
    shape: GroupShape,
    width: int,
    height: int,
    cells: npt.NDArray[np.uint8] | None,
    position: int,
    out: npt.NDArray[Any],
) -> None:
    """The LZW pixels of a segment into `out`; pixels of photo cells become 0.

    bits: the whole LZW part, uint8 view or bytes; position: bits already read from it.
    cells: uint8 map of photo cells, None without prediction; none with packed indices.
    Raises DamagedError, offset within `bits`; LimitError for more pixels than int32 counts.
    """
    if width * height > MAX_PIXELS:
        raise LimitError(f"segment of {width} x {height} pixels")
    head = tables.head
    if head.palette is not None and head.palette.shape[0] == 1:
        if bits:
            raise DamagedError("bytes follow the segment", offset=0, clause="lossless.segment")
        out[:] = head.palette[0]
        return
    kernels = load("pil_dctz.lossless.decoder.lzw_kernels")
    arrays.require("out", out, arrays.sample_dtype(shape.depth), (height, width, shape.channels))
    width = -(-width // head.packed)
    grid = cell_grid(width, height)
    if cells is None:
        cells = np.zeros(grid, np.uint8)
    arrays.require("cells", cells, np.uint8, grid)
    pad = 2 * width + 2
    pix = np.zeros(pad + width * height, np.uint32)
    side = 4 << head.tile
    tiles = -(-width // side) * -(-height // side) if head.tile else 1
    state = np.zeros(6, np.int64)
    data = np.frombuffer(bits, np.uint8)
    hashes = _take_hashes()
    status = kernels.decode_tokens(
        data,
        position,
        lzw_setup(head, shape, width, height, bool(cells.any())),
        cells,
        *tables.codes,
        tables.rows,
        pix,
        np.full(width, width, np.int32),
        np.empty(width * height, np.int32),
        hashes,
        np.empty(width * height, np.uint32),
        np.zeros(2048, np.uint32),
        np.full(tiles, 255, np.uint8),
        state,
    )
    if status < 0:
        what, clause = _WHAT[status]
        y, x = divmod(int(state[5]), width)
        raise DamagedError(f"{what} at ({x}, {y})", offset=int(state[4]) >> 3, clause=clause)
    _kept.hashes = hashes
    if -(-status // 8) != data.size or (status & 7 and data[-1] >> (status & 7)):
        raise DamagedError(
            "bytes follow the segment", offset=status >> 3, clause="lossless.segment"
        )
    unpack(pix, pad, head, shape, out)


def unpack(
    pix: npt.NDArray[np.uint32],
    pad: int,
    head: LzwHead,
    shape: GroupShape,
    out: npt.NDArray[Any],
) -> None:
    """Pixels or palette indices as samples. Clauses `lzw.pixels`, `lzw.palette`, `lzw.packed`."""
    kernels = load("pil_dctz.lossless.decoder.lzw_kernels")
    if head.palette is not None and head.packed > 1:
        entries = head.palette.shape[0]
        digits = np.arange(head.count)[:, None] // entries ** np.arange(head.packed) % entries
        runs = np.ascontiguousarray(head.palette[digits])
        store = kernels.unpack_runs if shape.depth <= 8 else kernels.unpack_runs_16
        store(pix, pad, runs, out)
    elif head.palette is None:
        kernels.unpack_pixels(pix, pad, channel_bits(shape.channels), out)
    elif shape.depth <= 8:
        kernels.unpack_palette(pix, pad, head.palette, out)
    else:
        kernels.unpack_palette_16(pix, pad, head.palette, out)
