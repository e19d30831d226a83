"""Look-up tables for canonical prefix codes. Clauses `prefix.code`, `prefix.table`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load

__all__ = ["build_decode_tables"]

_WHAT = {
    -1: "a code length is above the maximum",
    -2: "a prefix code has no symbol",
    -3: "a prefix code is not full",
    -4: "a prefix code is overfull",
}


def build_decode_tables(
    lengths: npt.NDArray[np.uint8], max_length: int, *, clause: str = "prefix.code"
) -> npt.NDArray[np.uint16]:
    """Tables for codes given by their lengths, all checked before anything is filled.

    lengths: uint8 (codes, symbols), at most 4096 symbols; 0: the symbol does not occur.
    max_length: 1..15.

    Returns uint16 (codes, 2**max_length): entry [code, next max_length bits of the stream, the
    first one lowest] is symbol << 4 | length. A code of a single symbol has length 0 there.

    Raises DamagedError (no offset) for a code that is not exactly full.
    """
    if lengths.ndim != 2 or lengths.shape[1] > 4096 or not 1 <= max_length <= 15:
        raise ValueError(f"prefix codes of shape {lengths.shape}, maximum {max_length}")
    tables = np.zeros((lengths.shape[0], 1 << max_length), np.uint16)
    bad_row = np.zeros(1, np.int64)
    kernels = load("pil_dctz.entropy.prefix_kernels")
    status = kernels.build_tables(
        np.ascontiguousarray(lengths, np.uint8), max_length, tables, bad_row
    )
    if status < 0:
        raise DamagedError(f"{_WHAT[status]} (code {bad_row[0]})", clause=clause)
    return tables
