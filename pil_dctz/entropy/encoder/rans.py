"""Operations to bytes. Clause `rans.stream`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import require
from pil_dctz.kernels.load import load

__all__ = ["write_stream"]


def write_stream(operations: NDArray[np.uint32], count: int) -> bytes:
    """The stream of the first `count` operations, packed as `encoder/rans_kernels.py` says."""
    require("operations", operations, np.uint32, (None,))
    if not 0 <= count <= operations.size:
        raise ValueError(f"count must be 0..{operations.size}, got {count}")
    out = np.empty(8 + 2 * count, np.uint8)
    kernels = load("pil_dctz.entropy.encoder.rans_kernels")
    place = kernels.write_operations(operations, count, out)
    return out[place:].tobytes()
