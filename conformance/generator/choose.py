"""Draws that the parts of a file share: odds, sizes, prefix codes, histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from conformance.author.draw import Draw

Item = TypeVar("Item")


class NoFileError(Exception):
    """What was drawn cannot go on: the next seed is taken."""


class Chooser(Draw):
    """Numbers from a seed, and choices made of them."""

    def one_in(self, n: int) -> bool:
        return self.below(n) == 0

    def of(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def log_uniform(self, low: int, high: int) -> int:
        """Of each number of bits alike; the ends more often than others."""
        if self.one_in(8):
            return self.of((low, high))
        bits = self.between(low.bit_length(), high.bit_length())
        return min(max(self.between((1 << bits) >> 1, (1 << bits) - 1), low), high)

    def side(self, most: int = 70) -> int:
        return self.of((self.between(1, 9), self.between(1, 24), self.between(1, most)))

    def subset(self, items: Sequence[int], *, least: int = 1) -> list[int]:
        """Some of them, in their order."""
        share = self.between(1, 8)
        chosen = [item for item in items if self.below(8) < share]
        while len(chosen) < min(least, len(items)):
            chosen = sorted({*chosen, self.of(items)})
        return chosen

    def lengths(self, symbols: Sequence[int], size: int, longest: int) -> list[int]:
        """A full code over some symbols of an alphabet, of any shape. Clause `prefix.code`."""
        leaves = [0]
        while len(leaves) < len(symbols):
            short = [i for i, depth in enumerate(leaves) if depth < longest]
            depth = leaves.pop(self.of(short))
            leaves += [depth + 1, depth + 1]
        if len(leaves) == 1:
            leaves = [1]
        lengths = [0] * size
        for symbol in symbols:
            lengths[symbol] = leaves.pop(self.below(len(leaves)))
        return lengths

    def exponents(self, symbols: Sequence[int], size: int, rice: int) -> list[int]:
        """Clause `prediction.histogram`; -1: the symbol does not occur."""
        out = [-1] * (1 + max(symbols))
        last, most = 32, 5 << rice
        for symbol in symbols:
            last = min(max(last + self.between(-most, most), 0), 47)
            out[symbol] = last
        return out[:size]
