"""Histograms of the rANS coder: exponents, frequencies. Clause `prediction.histogram`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.bits import BitWriter

__all__ = ["choose_exponents", "frequencies_of", "write_histogram"]

START = 32
LAST_EXPONENT = 47
TOTAL = 4096
_STEPS = np.array([16, 19, 23, 27], np.int64)

Exponents = npt.NDArray[np.int64]


def choose_exponents(counts: npt.NDArray[np.int64]) -> Exponents:
    """Quarter octaves 0..47 of each symbol's share, -1 where it does not occur.

    counts: (histograms, symbols), each row with a symbol that occurs.
    """
    share = counts / counts.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        exponents = np.rint(LAST_EXPONENT + 4 * np.log2(share))
    return np.where(counts > 0, np.maximum(exponents, 0), -1).astype(np.int64)


def frequencies_of(exponents: Exponents) -> npt.NDArray[np.int64]:
    """The frequencies, each row's sum 4096, as decoders make them."""
    weights = np.where(
        exponents >= 0, _STEPS[exponents & 3] << (np.maximum(exponents, 0) >> 2), 0
    ).astype(np.int64)
    shares = np.maximum(weights * TOTAL // weights.sum(axis=1, keepdims=True), 1)
    frequencies = np.where(weights > 0, shares, 0)
    rows = np.arange(weights.shape[0])
    frequencies[rows, weights.argmax(axis=1)] += TOTAL - frequencies.sum(axis=1)
    return frequencies


def write_histogram(writer: BitWriter, exponents: Exponents) -> None:
    """One row of choose_exponents."""
    count = int(np.flatnonzero(exponents >= 0)[-1]) + 1
    sent = exponents[:count]
    steps = np.diff(sent[sent >= 0], prepend=START)
    numbers = np.where(steps > 0, 2 * steps - 1, -2 * steps)
    missing = count - numbers.size
    k = min(range(4), key=lambda k: _size(numbers, missing, k))
    writer.write(count, 7)
    writer.write(k, 2)
    place = iter(numbers.tolist())
    for exponent in sent.tolist():
        number = 3 << k if exponent < 0 else _shifted(next(place), k)
        writer.unary(number >> k)
        writer.write(number & ((1 << k) - 1), k)


def _shifted(number: int, k: int) -> int:
    return number + 1 if number >= 3 << k else number


def _size(numbers: npt.NDArray[np.int64], missing: int, k: int) -> int:
    """Bits with Rice parameter k; many where a unary part would be too long."""
    shifted = numbers + (numbers >= 3 << k)
    if int((shifted >> k).max()) > 24:
        return 1 << 40
    return int((shifted >> k).sum()) + numbers.size * (k + 1) + missing * (4 + k)
