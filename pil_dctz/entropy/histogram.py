"""Static histograms: frequencies that sum to 4096, ready for decoding. Clause `rans.histogram`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PRECISION", "TOTAL", "Histograms", "build_histograms"]

PRECISION = 12
TOTAL = 1 << PRECISION


@dataclass(frozen=True, slots=True)
class Histograms:
    """n histograms over one alphabet of `size` symbols.

    cumulative: uint16 (n, size + 1), from 0 to 4096, rising at every symbol.
    coarse: uint8 (n, 256), the symbol that slot 16 * i falls in: where a search for one of the
    slots 16 * i .. 16 * i + 15 begins.
    """

    cumulative: NDArray[np.uint16]
    coarse: NDArray[np.uint8]

    @property
    def size(self) -> int:
        return int(self.cumulative.shape[1]) - 1

    def bits(self) -> NDArray[np.float32]:
        """Code length of each symbol in bits, float32 (n, size): what encoders weigh."""
        frequencies = np.diff(self.cumulative.astype(np.float64), axis=1)
        return np.ascontiguousarray(PRECISION - np.log2(frequencies), np.float32)


def build_histograms(frequencies: NDArray[np.integer]) -> Histograms:
    """Histograms from frequencies (n, size): every one 1 or more, each row's sum 4096.

    Raises ValueError otherwise: the callers' tables are normative, so this is never a file's fault.
    """
    rows, size = frequencies.shape
    if not 2 <= size <= 256 or frequencies.min() < 1:
        raise ValueError("a histogram has 2 to 256 symbols, each with a frequency of at least 1")
    if (frequencies.sum(axis=1) != TOTAL).any():
        raise ValueError(f"the frequencies of a histogram must sum to {TOTAL}")
    cumulative = np.zeros((rows, size + 1), np.uint16)
    np.cumsum(frequencies, axis=1, out=cumulative[:, 1:])
    starts = np.arange(0, TOTAL, 16)
    coarse = np.stack([np.searchsorted(row, starts, side="right") - 1 for row in cumulative])
    return Histograms(cumulative, np.ascontiguousarray(coarse, np.uint8))
