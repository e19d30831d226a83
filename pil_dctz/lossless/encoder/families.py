"""Which classes of a family share an own code, and how codes are written. Clause `lzw.family`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.bits import BitWriter
from pil_dctz.entropy.encoder.prefix import build_codes, build_lengths, code_bits
from pil_dctz.lossless import syntax
from pil_dctz.lossless.syntax import MAX_LENGTH, Family

__all__ = ["FittedFamily", "default_family", "fit_family", "write_family", "write_gamma"]

Counts = npt.NDArray[np.int64]

_GUESS_PER_SYMBOL = 6.0  # bits of a used symbol in an own code, before the code is known
_GUESS_PER_CODE = 9.0
MOST_CODES = 31


@dataclass(slots=True)
class FittedFamily:
    """A family with its codes for one group.

    use: int32 (classes,) 0: default, else own code. own: uint8 (codes, symbols) lengths.
    bits: what the counts take with these codes, sending included.
    """

    family: Family
    use: npt.NDArray[np.int32]
    own: npt.NDArray[np.uint8]
    bits: float = 0.0

    def costs(self, unused: float = 3.0) -> npt.NDArray[np.float32]:
        """Bits (classes, symbols); symbols without a word cost their default and `unused` more."""
        defaults = self.family.defaults.astype(np.float32)
        if self.own.shape[0] == 0:
            return defaults.copy()
        lengths = code_bits(self.own).astype(np.float32)
        out = lengths[np.maximum(self.use - 1, 0)]
        words = self.own[np.maximum(self.use - 1, 0)] > 0
        out = np.where(words, out, np.minimum(defaults + unused, 16.0))
        return np.where((self.use > 0)[:, None], out, defaults).astype(np.float32)

    def codes(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
        """Words (rows, symbols) as `build_codes` gives them, and the row of each class."""
        rows = np.where(self.use > 0, self.use - 1, 0).astype(np.int32)
        parts = [build_codes(self.own)] if self.own.shape[0] else []
        plain = np.flatnonzero(self.use == 0)
        if plain.size and self.family.table_set < 0:  # every class has the same flat code
            rows[plain] = self.own.shape[0]
            parts.append(_flat_words(self.family.symbols))
        elif plain.size:
            rows[plain] = self.own.shape[0] + np.arange(plain.size)
            parts.append(_default_words(self.family.number, self.family.table_set)[plain])
        return np.concatenate(parts), rows


@cache
def _flat_words(symbols: int) -> npt.NDArray[np.uint32]:
    return build_codes(syntax.flat_lengths(symbols)[None, :])


@cache
def _default_words(number: int, table_set: int) -> npt.NDArray[np.uint32]:
    return build_codes(syntax.trained_family(number, table_set).defaults)


def default_family(family: Family) -> FittedFamily:
    """The family with nothing sent."""
    return FittedFamily(
        family,
        np.zeros(family.classes, np.int32),
        np.zeros((0, family.symbols), np.uint8),
    )


def fit_family(family: Family, counts: Counts) -> FittedFamily:
    """Own codes for `counts` (classes, symbols) where they pay for being sent."""
    default_bits = (counts * family.defaults.astype(np.int64)).sum(axis=1).astype(np.float64)
    groups = _merge(counts, default_bits)
    best = default_family(family)
    best.bits = 5.0 + float(default_bits.sum())
    fitted = _own_codes(family, counts, default_bits, groups)
    for _ in range(2):
        if fitted.bits < best.bits:
            best = fitted
        groups = _reassign(fitted, counts, default_bits)
        fitted = _own_codes(family, counts, default_bits, groups)
    return fitted if fitted.bits < best.bits else best


def _entropy_bits(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ideal bits of each row and a guess at sending its code."""
    total = counts.sum(axis=-1)
    logs = np.where(counts > 0, counts * np.log2(np.maximum(counts, 1)), 0).sum(axis=-1)
    used = (counts > 0).sum(axis=-1)
    ideal = total * np.log2(np.maximum(total, 1)) - logs
    # A prefix code spends at least a bit on each symbol, unless there is just one.
    least = np.where(used > 1, np.maximum(ideal * 1.01, total), 0)
    found: npt.NDArray[np.float64] = least + _GUESS_PER_CODE + _GUESS_PER_SYMBOL * used
    return found


def _merge(counts: Counts, default_bits: npt.NDArray[np.float64]) -> list[list[int]]:
    """Groups of classes that deserve an own code, by greedy merging."""
    alive = np.flatnonzero(counts.any(axis=1))
    sums = counts[alive][:, counts.any(axis=0)].astype(np.float64)
    plain = default_bits[alive].copy()
    own = _entropy_bits(sums)
    members = [[int(c)] for c in alive]
    living = np.ones(alive.size, bool)

    def gains_of(a: int, others: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        both = _entropy_bits(sums[a] + sums[others])
        apart = min(own[a], plain[a]) + np.minimum(own[others], plain[others])
        gain: npt.NDArray[np.float64] = apart - np.minimum(both, plain[a] + plain[others])
        return gain

    gains = np.full((alive.size, alive.size), -np.inf)
    for a in range(alive.size - 1):
        gains[a, a + 1 :] = gains_of(a, np.arange(a + 1, alive.size))
    while alive.size > 1:
        a, b = divmod(int(gains.argmax()), alive.size)
        if gains[a, b] <= 0:
            break
        sums[a] += sums[b]
        members[a] += members[b]
        plain[a] += plain[b]
        own[a] = float(_entropy_bits(sums[a]))
        living[b] = False
        gains[b] = gains[:, b] = -np.inf
        others = np.flatnonzero(living & (np.arange(alive.size) != a))
        if others.size:
            gains[np.minimum(a, others), np.maximum(a, others)] = gains_of(a, others)
    return [sorted(members[c]) for c in np.flatnonzero(living) if own[c] < plain[c]]


def _own_codes(
    family: Family,
    counts: Counts,
    default_bits: npt.NDArray[np.float64],
    groups: list[list[int]],
) -> FittedFamily:
    groups = sorted(groups)[:MOST_CODES]
    use = np.zeros(family.classes, np.int32)
    sums = np.zeros((len(groups), family.symbols), np.int64)
    for t, group in enumerate(groups):
        use[group] = t + 1
        sums[t] = counts[group].sum(axis=0)
    own = build_lengths(sums, MAX_LENGTH) if groups else np.zeros((0, family.symbols), np.uint8)
    fitted = FittedFamily(family, use, own)
    writer = BitWriter()
    write_family(writer, fitted)
    fitted.bits = (
        writer.position
        + float(default_bits[use == 0].sum())
        + float((sums * code_bits(own).astype(np.int64)).sum())
    )
    return fitted


def _reassign(
    fitted: FittedFamily, counts: Counts, default_bits: npt.NDArray[np.float64]
) -> list[list[int]]:
    """Each class to the code that is cheapest for it."""
    bits = code_bits(fitted.own).astype(np.float64)
    bits[fitted.own == 0] = 1e9
    groups: list[list[int]] = [[] for _ in range(fitted.own.shape[0])]
    for c in range(fitted.family.classes):
        if not counts[c].any() or not groups:
            continue
        used = counts[c] > 0
        costs = (bits[:, used] * counts[c, used]).sum(axis=1)
        t = int(costs.argmin())
        if costs[t] < default_bits[c]:
            groups[t].append(c)
    return [group for group in groups if group]


def write_gamma(writer: BitWriter, value: int) -> None:
    """A number of 1 or more. Clause `lossless.cells`."""
    k = value.bit_length() - 1
    writer.unary(k)
    writer.write(value - (1 << k), k)


def write_family(writer: BitWriter, fitted: FittedFamily) -> None:
    """All codes of a family. Clause `lzw.family`."""
    count = fitted.own.shape[0]
    writer.write(count, 5)
    if count == 0:
        return
    width = count.bit_length()
    for c in fitted.use.tolist():
        writer.write(c, width)
    for t in range(count):
        first = int(np.flatnonzero(fitted.use == t + 1)[0])
        _write_own(writer, fitted.family, fitted.family.defaults[first], fitted.own[t])


def own_symbols(
    base: npt.NDArray[np.uint8], lengths: npt.NDArray[np.uint8]
) -> list[tuple[int, int]]:
    """What an own code is sent as: (gap, zigzag delta) of each used symbol by rank."""
    order = np.argsort(base, kind="stable")
    found = []
    last = -1
    for rank in np.flatnonzero(lengths[order] > 0).tolist():
        symbol = int(order[rank])
        delta = int(lengths[symbol]) - int(base[symbol])
        found.append((rank - last - 1, 2 * delta - 1 if delta > 0 else -2 * delta))
        last = rank
    return found


def gap_symbol(gap: int) -> int:
    """Clause `lzw.family`: 0..22."""
    return gap if gap < 16 else gap.bit_length() + 11


def _write_own(
    writer: BitWriter,
    family: Family,
    base: npt.NDArray[np.uint8],
    lengths: npt.NDArray[np.uint8],
) -> None:
    gaps, deltas = _sending_codes(family.number)
    symbols = own_symbols(base, lengths)
    write_gamma(writer, len(symbols))
    for gap, delta in symbols:
        s = gap_symbol(gap)
        writer.write(gaps[s] & 0xFFFF, gaps[s] >> 16)
        if s >= 16:
            writer.write(gap - (1 << (s - 12)), s - 12)
        if len(symbols) > 1:
            writer.write(deltas[delta] & 0xFFFF, deltas[delta] >> 16)


@cache
def _sending_codes(number: int) -> tuple[list[int], list[int]]:
    gaps, deltas = syntax.sending_lengths(number)
    return build_codes(gaps[None, :])[0].tolist(), build_codes(deltas[None, :])[0].tolist()
