"""Building, numbering, sending canonical prefix codes. Clauses `prefix.code`, `prefix.lengths`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.bits import BitWriter
from pil_dctz.kernels.load import load

__all__ = ["build_codes", "build_lengths", "code_bits", "lengths_bits", "write_lengths"]


def build_lengths(counts: npt.NDArray[np.int64], max_length: int) -> npt.NDArray[np.uint8]:
    """Optimal code lengths of at most `max_length` (1..15) for each row of counts.

    counts: (codes, symbols), 0 or more. A row of zeros gives no code (all 0): give it a count
    before if a code is needed. A row with one used symbol gives length 1, which takes no bits.
    """
    counts = np.ascontiguousarray(counts, np.int64)
    codes, symbols = counts.shape
    if int((counts > 0).sum(axis=1, initial=0).max(initial=0)) > 1 << max_length:
        raise ValueError(f"more than {1 << max_length} symbols in a code")
    order = np.argsort(counts, axis=1, kind="stable")
    work = 2 * symbols + 2
    out = np.zeros((codes, symbols), np.uint8)
    load("pil_dctz.entropy.encoder.prefix_kernels").build_lengths(
        counts,
        max_length,
        np.ascontiguousarray(order, np.int64),
        np.zeros(work, np.int64),
        np.zeros(work, np.int64),
        np.zeros(work, np.int64),
        np.zeros((max_length, work), np.uint8),
        np.zeros(work, np.uint8),
        out,
    )
    return out


def build_codes(lengths: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """The code of each symbol as it is written: code | bits << 16, least significant bit first.

    lengths: uint8 (codes, symbols), valid (`prefix.code`). A lone symbol gets 0 bits.
    `put(out, position, entry & 0xFFFF, entry >> 16)` writes the symbol.
    """
    out = np.zeros(lengths.shape, np.uint32)
    for row, words in zip(lengths.tolist(), out, strict=True):
        used = sorted((n, s) for s, n in enumerate(row) if n)
        if len(used) == 1:
            continue
        code = 0
        length = 0
        for n, s in used:
            code <<= n - length
            length = n
            words[s] = int(f"{code:0{n}b}"[::-1], 2) | n << 16
            code += 1
    return out


def code_bits(lengths: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Bits each symbol takes: the lengths, but 0 in codes of a single symbol."""
    single = (lengths > 0).sum(axis=1, keepdims=True) == 1
    return np.where(single, 0, lengths).astype(np.uint8)


def _unary_numbers(lengths: npt.NDArray[np.uint8]) -> list[int]:
    numbers: list[int] = []
    last = 4
    size = 0
    for length in lengths.tolist():
        number = 3
        if length:
            step = length - last
            number = 2 * step - 1 if step > 0 else -2 * step
            number += number >= 3
            last = length
            size = len(numbers) + 1
        numbers.append(number)
    return numbers[:size]


def write_lengths(writer: BitWriter, lengths: npt.NDArray[np.uint8], count_bits: int) -> None:
    """One code, uint8 (symbols,), as `prefix.lengths`; its used part fits `count_bits` bits."""
    numbers = _unary_numbers(lengths)
    writer.write(len(numbers), count_bits)
    for number in numbers:
        writer.unary(number)


def lengths_bits(lengths: npt.NDArray[np.uint8], count_bits: int) -> int:
    """Bits that `write_lengths` takes."""
    numbers = _unary_numbers(lengths)
    return count_bits + sum(numbers) + len(numbers)
