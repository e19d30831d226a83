"""Raw mode: samples as they are, `depth` bits each. Clause `frame.raw`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.errors import DamagedError

__all__ = ["decode_raw", "encode_raw", "row_bytes"]

_CLAUSE = "frame.raw"


def row_bytes(width: int, channels: int, depth: int) -> int:
    """Bytes of a row."""
    return -(-width * channels * depth // 8)


def decode_raw(data: bytes, depth: int, out: Samples) -> None:
    """The stream of a segment into `out` (height, width, channels).

    Raises DamagedError, offset in `data`, for a wrong size or fill bits that are not 0.
    """
    height, width, channels = out.shape
    size = row_bytes(width, channels, depth)
    if len(data) != size * height:
        raise DamagedError(
            f"raw segment of {len(data)} bytes, must be {size * height}", offset=0, clause=_CLAUSE
        )
    rows = np.frombuffer(data, np.uint8).reshape(height, size)
    if depth == 8:
        out[...] = rows.reshape(out.shape)
    elif depth == 16:
        out[...] = rows.view("<u2").reshape(out.shape)
    else:
        for y in range(height):
            _unpack_row(rows[y], depth, out[y], y * size)


def _unpack_row(row: NDArray[np.uint8], depth: int, out: NDArray[Any], offset: int) -> None:
    bits = np.unpackbits(row, bitorder="little")
    used = out.size * depth
    if bits[used:].any():
        raise DamagedError("fill bits are not 0", offset=offset + row.size - 1, clause=_CLAUSE)
    weights = (1 << np.arange(depth, dtype=np.uint32)).astype(np.uint32)
    values = bits[:used].reshape(-1, depth).astype(np.uint32) @ weights
    out[...] = values.reshape(out.shape).astype(out.dtype)


def encode_raw(samples: Samples, depth: int) -> bytes:
    """A segment's stream from its samples (height, width, channels)."""
    if depth == 8:
        return samples.tobytes()
    if depth == 16:
        return samples.astype("<u2", copy=False).tobytes()
    shifts = np.arange(depth, dtype=np.uint16)
    rows = []
    for row in samples:
        bits = (row.reshape(-1, 1).astype(np.uint16) >> shifts & 1).astype(np.uint8)
        rows.append(np.packbits(bits.reshape(-1), bitorder="little").tobytes())
    return b"".join(rows)
