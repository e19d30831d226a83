"""Chapter 6b: histograms and rANS."""

from __future__ import annotations

import functools

from .conventions import require, table_rows

Histogram = tuple[tuple[int, int, int], ...]  # slot -> (symbol, frequency, start)


@functools.cache
def histograms(name: str, symbols: int) -> tuple[Histogram, ...]:
    """The histograms of a table file as slots. Clause `rans.histogram`."""
    result = []
    for frequencies in table_rows(name, symbols):
        slots = []
        start = 0
        for symbol, frequency in enumerate(frequencies):
            slots += [(symbol, frequency, start)] * frequency
            start += frequency
        if start != 4096:
            raise RuntimeError(f"a histogram of {name} does not sum to 4096")
        result.append(tuple(slots))
    return tuple(result)


class Rans:
    """A stream of operations. Clause `rans.stream`."""

    def __init__(self, data: bytes) -> None:
        require(len(data) >= 8, "less than 8 bytes", "rans.stream")
        self.data = data
        self.states = [int.from_bytes(data[0:4], "little"), int.from_bytes(data[4:8], "little")]
        self.at = 8
        self.turn = 0

    def _finish(self, x: int) -> None:
        if x < 65536:
            require(self.at + 2 <= len(self.data), "no word left", "rans.stream", self.at)
            x = x << 16 | int.from_bytes(self.data[self.at : self.at + 2], "little")
            self.at += 2
        self.states[self.turn] = x
        self.turn ^= 1

    def symbol(self, histogram: Histogram) -> int:
        """Clause `rans.symbol`."""
        x = self.states[self.turn]
        slot = x & 4095
        symbol, frequency, start = histogram[slot]
        self._finish(frequency * (x >> 12) + slot - start)
        return symbol

    def raw(self, n: int) -> int:
        """Clause `rans.raw`."""
        x = self.states[self.turn]
        self._finish(x >> n)
        return x & ((1 << n) - 1)

    def end(self) -> None:
        """Clause `rans.end`."""
        require(self.states == [65536, 65536], "final states", "rans.end")
        require(self.at == len(self.data), "bytes are left", "rans.end", self.at)
