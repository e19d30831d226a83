"""Decoding the photo cells of a segment. Chapter 9a.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz import arrays
from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossless.decoder.prediction_tables import PredictionTables, parse_prediction_tables
from pil_dctz.lossless.prediction import (
    TRANSFORMS,
    PredictionHead,
    SegmentGrid,
    block_cells,
    energy_table,
    plane_channels,
    rank_table,
    row_table,
)

__all__ = ["PredictionTables", "decode_prediction", "parse_prediction_tables"]

_KERNELS = "pil_dctz.lossless.decoder.prediction_kernels"
_STORE = "pil_dctz.lossless.decoder.prediction_store_kernels"
_QUICK = "pil_dctz.lossless.decoder.prediction_quick_kernels"
_ERRORS = {
    -1: ("a sample leaves its range", "prediction.sample"),
    -2: ("a run of zeros is too long", "prediction.residual"),
    -3: ("a block has no class", "prediction.classes"),
    -4: ("bits end too early", "prefix.bits"),
    -5: ("the states do not end where they should", "rans.end"),
    -6: ("less than 8 bytes", "rans.stream"),
    -7: ("a code beyond the list of numbers", "prediction.sample"),
}


def decode_prediction(
    tables: PredictionTables,
    payload: bytes | bytearray | memoryview,
    cells: npt.NDArray[np.uint8],
    out: npt.NDArray[Any],
) -> None:
    """The photo cells of one segment. Clause `prediction.segment`.

    payload: the segment's prediction bits, all of them.
    cells: uint8 (ceil(h / 64), ceil(w / 64)), 1: photo.
    out: (h, w, channels), uint8 for depths 1..8, else uint16; holds the pixels of the other cells;
        the photo cells are written.

    Raises DamagedError with an offset within payload; `out` is then as it was.
    """
    head = tables.head
    height, width = out.shape[:2]
    dtype = arrays.sample_dtype(head.shape.depth)
    arrays.require("out", out, dtype, (height, width, head.shape.channels))
    arrays.require("cells", cells, np.uint8, (-(-height // 64), -(-width // 64)))
    data = np.frombuffer(bytes(payload), np.uint8)
    grid = SegmentGrid(width, height)
    state = np.zeros(4, np.int64)
    samples = grid.buffer(head.shape.channels)
    if not cells.all():
        _load_known(head, grid, cells, out, samples)
    blocks = _decode_classes(tables, data, state, grid, cells)
    _decode_planes(tables, data, state, grid, blocks, samples)
    _check_end(tables, data, state)
    _store(head, grid, samples, cells, out)


def _load_known(
    head: PredictionHead,
    grid: SegmentGrid,
    cells: npt.NDArray[np.uint8],
    out: npt.NDArray[Any],
    samples: npt.NDArray[np.int32],
) -> None:
    """Planes of what the LZW method has decoded. Clause prediction.colour, forward."""
    if head.values is None and out.dtype == np.uint8:
        planes = np.array(plane_channels(out.shape[2], head.transform), np.int64)
        load(_STORE).load_known(out, grid.geometry(), cells, planes, samples)
        return
    inside = grid.inside(samples)
    known = out if head.values is None else rank_table(head.values, head.shape.depth)[out]
    for plane, (channel, below) in enumerate(plane_channels(out.shape[2], head.transform)):
        inside[plane] = known[..., channel]
        if below >= 0:
            inside[plane] -= known[..., below]


def _decode_classes(
    tables: PredictionTables,
    data: npt.NDArray[np.uint8],
    state: npt.NDArray[np.int64],
    grid: SegmentGrid,
    cells: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int16]:
    photo = block_cells(cells, grid)
    blocks = np.zeros(photo.shape, np.int16)
    kernels = load(_KERNELS)
    classes = tables.head.classes
    if tables.class_first is None:
        status = kernels.decode_classes(data, state, photo, tables.class_codes, classes, blocks)
    elif data.size < 8:
        status = -6
    else:
        status = kernels.decode_classes_rans(
            data, state, photo, tables.class_codes, tables.class_first, classes, blocks
        )
    if status < 0:
        raise _damaged(tables, int(status), int(state[0]), data.size)
    return blocks


def _decode_planes(
    tables: PredictionTables,
    data: npt.NDArray[np.uint8],
    state: npt.NDArray[np.int64],
    grid: SegmentGrid,
    blocks: npt.NDArray[np.int16],
    samples: npt.NDArray[np.int32],
) -> None:
    head = tables.head
    channels = head.shape.channels
    outer, offsets, counts, own = tables.split_taps(grid)
    kernels = load(_KERNELS)
    small = head.top <= 255 and head.numbers.size == 0
    more: list[Any] = [] if small else [head.numbers]
    codes: tuple[Any, ...]
    if tables.first is None:
        decode = kernels.decode_planes_8 if small else kernels.decode_planes_16
        left = np.zeros(tables.values.shape[0], np.int64)
        codes = (tables.values, tables.zeros, tables.fast, left)
        if small and head.is_above and not head.near:
            decode = load(_QUICK).decode_planes_quick
            more = [np.zeros(grid.stride, np.uint8), np.zeros(grid.stride, np.int32)]
    else:
        decode = kernels.decode_planes_rans_8 if small else kernels.decode_planes_rans_16
        codes = (tables.values, tables.first)
    status = decode(
        data,
        state,
        samples,
        np.zeros_like(samples),
        grid.geometry(),
        blocks,
        outer,
        offsets,
        counts,
        own,
        energy_table()[:channels],
        head.ranges(),
        row_table(head.levels),
        tables.context_map,
        *codes,
        np.zeros((1 + outer.shape[2]) * grid.stride, np.int32 if small else np.int64),
        np.zeros(grid.stride, np.int32),
        *more,
    )
    if status < 0:
        raise _damaged(tables, int(status), int(state[0]), data.size, f" in plane {state[1]}")


def _check_end(
    tables: PredictionTables, data: npt.NDArray[np.uint8], state: npt.NDArray[np.int64]
) -> None:
    position = int(state[0])
    if tables.first is not None:
        status = int(load(_KERNELS).check_end_rans(data, state))
        if status < 0:
            raise _damaged(tables, status, position, data.size)
        return
    used = (position + 7) >> 3
    if used > data.size:
        raise _damaged(tables, -4, position, data.size)
    fill = int(data[used - 1]) >> (8 - (8 * used - position)) if used * 8 > position else 0
    if used != data.size or fill:
        raise DamagedError(
            "the bits do not end in the last byte",
            offset=max(used - 1, 0),
            clause="prediction.segment",
        )


def _store(
    head: PredictionHead,
    grid: SegmentGrid,
    samples: npt.NDArray[np.int32],
    cells: npt.NDArray[np.uint8],
    out: npt.NDArray[Any],
) -> None:
    """Planes to samples, in the photo cells. Clause prediction.colour."""
    height, width, channels = out.shape
    if _is_plain(head, out):
        base, first, second = TRANSFORMS[head.transform]
        status = load(_STORE).store_differences(
            samples, grid.geometry(), cells, base, first, second, head.top, out
        )
        if status < 0:
            raise _out_of_range(-1 - int(status))
        return
    inside = grid.inside(samples)
    photo = None
    if not cells.all():
        photo = cells.repeat(64, 0).repeat(64, 1)[:height, :width] != 0
    planes = plane_channels(channels, head.transform)
    base = planes[0][0]
    decoded = np.empty((channels, height, width), np.int32)
    for plane, (channel, below) in enumerate(planes):
        decoded[channel] = inside[plane] if below < 0 else inside[plane] + decoded[base]
        if head.near and below >= 0:
            np.clip(decoded[channel], 0, head.top, out=decoded[channel])
        elif below >= 0:
            checked = decoded[channel] if photo is None else decoded[channel][photo]
            if checked.min() < 0 or checked.max() > head.top:
                raise _out_of_range(channel)
    for channel in range(channels):
        found = decoded[channel] if head.values is None else head.values[decoded[channel]]
        if photo is None:
            out[..., channel] = found
        else:
            out[..., channel][photo] = found[photo]


def _is_plain(head: PredictionHead, out: npt.NDArray[Any]) -> bool:
    """True if the kernel may store the planes: differences in 8 bits, exact."""
    return head.transform > 0 and head.values is None and not head.near and out.dtype == np.uint8


def _out_of_range(channel: int) -> DamagedError:
    return DamagedError(f"channel {channel} leaves its range", offset=0, clause="prediction.colour")


def _damaged(
    tables: PredictionTables, status: int, position: int, size: int, where: str = ""
) -> DamagedError:
    what, clause = _ERRORS[status]
    if tables.first is None:
        position >>= 3
    elif status == -4:
        what, clause = "words end too early", "rans.stream"
    return DamagedError(what + where, offset=min(position, size), clause=clause)
