"""Bit strings, prefix codes and rANS streams. Chapters 6a, 6b."""

from __future__ import annotations

from functools import cache
from pathlib import Path

TABLES = Path(__file__).resolve().parents[2] / "spec" / "tables"


@cache
def table(name: str) -> tuple[int, ...]:
    """The integers of a file of the specification's tables."""
    lines = (TABLES / name).read_text("ascii").splitlines()
    return tuple(int(v) for line in lines if not line.startswith("#") for v in line.split())


def zigzag(v: int) -> int:
    return 2 * v - 1 if v > 0 else -2 * v


class Bits:
    """A bit string under construction, least significant bit first. Clause `prefix.bits`."""

    def __init__(self) -> None:
        self.bits: list[int] = []

    def raw(self, n: int, v: int) -> Bits:
        if not 0 <= v < 1 << n:
            raise ValueError(f"{v} does not fit {n} bits")
        self.bits += [v >> i & 1 for i in range(n)]
        return self

    def unary(self, v: int) -> Bits:
        self.bits += [1] * v + [0]
        return self

    def gamma(self, v: int) -> Bits:
        """Clause `lossless.cells`."""
        k = v.bit_length() - 1
        return self.unary(k).raw(k, v - (1 << k))

    def rice(self, k: int, v: int) -> Bits:
        return self.unary(v >> k).raw(k, v & ((1 << k) - 1))

    def symbol(self, code: Code, s: int) -> Bits:
        length, word = code.words[s]
        self.bits += [word >> i & 1 for i in reversed(range(length))]
        return self

    def lengths(self, lengths: list[int], width: int, *, count: int | None = None) -> Bits:
        """Clause `prefix.lengths`; count: symbols sent, if not up to the last one used."""
        last_used = max((i for i, n in enumerate(lengths) if n), default=-1) + 1
        count = last_used if count is None else count
        self.raw(width, count)
        last = 4
        for length in lengths[:count]:
            if length == 0:
                self.unary(3)
                continue
            n = zigzag(length - last)
            self.unary(n if n < 3 else n + 1)
            last = length
        return self

    def bytes(self, fill: int = 0) -> bytes:
        """All bits, then bits of `fill` up to a whole byte."""
        n = -len(self.bits) % 8
        bits = self.bits + [fill >> i & 1 for i in range(n)]
        return bytes(
            sum(bit << i for i, bit in enumerate(bits[k : k + 8])) for k in range(0, len(bits), 8)
        )


class Code:
    """Words of a prefix code of given lengths. Clause `prefix.code`."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.words: dict[int, tuple[int, int]] = {}
        used = sorted((length, s) for s, length in enumerate(lengths) if length)
        if len(used) == 1:
            self.words[used[0][1]] = (0, 0)
            return
        word = last = 0
        for length, s in used:
            word <<= length - last
            last = length
            self.words[s] = (length, word)
            word += 1


def even(symbols: list[int], size: int) -> list[int]:
    """Lengths of a full code over some symbols of an alphabet, as even as can be."""
    n = len(symbols)
    lengths = [0] * size
    if n == 1:
        lengths[symbols[0]] = 1
        return lengths
    b = (n - 1).bit_length()
    for i, s in enumerate(symbols):
        lengths[s] = b - 1 if i < (1 << b) - n else b
    return lengths


def ladder(symbols: list[int], size: int, longest: int) -> list[int]:
    """Lengths 1, 2, 3 ... longest, longest of longest + 1 symbols; the rest must be none."""
    if len(symbols) != longest + 1:
        raise ValueError(f"{longest + 1} symbols wanted")
    lengths = [0] * size
    for i, s in enumerate(symbols):
        lengths[s] = min(i + 1, longest)
    return lengths


class Rans:
    """Operations of a rANS stream. Clauses `rans.stream`, `rans.symbol`, `rans.raw`."""

    def __init__(self) -> None:
        self.operations: list[tuple[int, int, int]] = []  # frequency, start, bits

    def symbol(self, frequencies: tuple[int, ...], s: int) -> None:
        self.operations.append((frequencies[s], sum(frequencies[:s]), 12))

    def raw(self, n: int, v: int) -> None:
        if not 0 <= v < 1 << n:
            raise ValueError(f"{v} does not fit {n} bits")
        self.operations.append((1, v, n))

    def bytes(self, states: tuple[int, int] = (65536, 65536)) -> bytes:
        """The stream; states: where a reader ends, for wrong streams."""
        x = list(states)
        words: list[int] = []
        for i, (f, c, b) in reversed(list(enumerate(self.operations))):
            v = x[i & 1]
            if v >= f << (32 - b):
                words.append(v & 65535)
                v >>= 16
            x[i & 1] = ((v // f) << b) + v % f + c
        out = b"".join(v.to_bytes(4, "little") for v in x)
        return out + b"".join(w.to_bytes(2, "little") for w in reversed(words))
