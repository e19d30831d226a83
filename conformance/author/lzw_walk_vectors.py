"""Vectors of chapter 9b that draw each token among those allowed at its place.

A writer of the palette kind has to know pixels, displacements and candidates to say what is
allowed; it knows no context, since all classes have one code.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import even
from conformance.author.draw import Draw
from conformance.author.lossless import (
    CB,
    CS,
    DE,
    DW,
    EX,
    INDEX,
    INH,
    NE,
    NW,
    Lzw,
    N,
    Tokens,
    W,
    lossless_group,
)
from conformance.author.lossless_files import file_of
from conformance.author.vector import Vector

CLAUSES = ("lzw.token", "lzw.field", "lzw.phrase", "lzw.candidates", "lzw.hash", "lzw.segment")
MOST = 1 << 32


def vectors() -> Iterator[Vector]:
    for seed, (w, h, colours) in enumerate(((20, 24, 5), (37, 20, 3), (1, 90, 4), (2, 60, 4))):
        walk = Walk(260 + seed, w, h, colours)
        yield Vector(
            f"lossless/walk-{w}x{h}-{colours}",
            file_of(walk.group(), w, h, f.GRAY),
            CLAUSES,
            f"drawn tokens of all sources, {colours} palette entries",
        )


def mix(h: int) -> int:
    """Clause `lzw.hash`."""
    return (h ^ h >> 15) * 0x2C1B3C6D % MOST >> 16


class Walk:
    """A segment of drawn tokens."""

    def __init__(self, seed: int, w: int, h: int, colours: int) -> None:
        self.draw = Draw(seed)
        self.w, self.size, self.colours = w, w * h, colours
        self.lzw = Lzw(1, 8, palette=[(7 * i,) for i in range(colours)])
        runs = [source << 5 | k for source in range(10) for k in range(4)]
        self.lzw.own = {
            "token": even([*runs, INDEX], 338),
            "phrase": even(list(range(12)), 64),
            "index": even(list(range(colours)), colours),
        }
        self.tokens = Tokens(self.lzw)
        self.pix: list[int] = []
        self.field = [w] * w
        self.start: list[int] = []
        self.recent: list[int] = []
        self.big: dict[int, int] = {}
        self.small: dict[int, int] = {}

    def group(self) -> f.Group:
        while len(self.pix) < self.size:
            self.token()
        return lossless_group([self.tokens.bytes()], self.lzw)

    def back(self, distance: int) -> int:
        p = len(self.pix)
        return self.pix[p - distance] if p >= distance else 0

    def hashes(self) -> tuple[int, int]:
        """Small and big. Clause `lzw.hash`."""
        w, back = self.w, self.back
        small = back(1) * 0x1E35A7BD + back(w) * 0x2545F491 + back(max(1, w - 1)) * 0x4F1BBCDD
        big = small + back(w + 1) * 0x7FEB352D + back(2) * 0x5851F42D
        big += back(2 * w) * 0x3C6EF373 + back(max(1, w - 2)) * 0x68E31DA5
        return mix(small % MOST), mix(big % MOST)

    def candidate(self, c: int | None) -> int | None:
        if c is None:
            return None
        left, top = (self.pix[c - d] if c >= d else 0 for d in (1, self.w))
        return c if (left, top) == (self.back(1), self.back(self.w)) else None

    def distances(self, hashed: tuple[int, int]) -> dict[int, int]:
        """Of the sources that are allowed here."""
        p, w = len(self.pix), self.w
        x = p % w
        out = {INH: 0, N: w, W: 1, NE: max(1, w - 1), NW: w + 1}
        cb, cs = self.candidate(self.big.get(hashed[1])), self.candidate(self.small.get(hashed[0]))
        if cb is not None:
            out[CB] = p - cb
        if cs is not None and cs != cb:
            out[CS] = p - cs
        if x > 0:
            out[DW] = self.field[x - 1]
        others = [d for d in self.field[x + 1 : x + 17] if d != self.field[x]]
        if others:
            out[DE] = others[0]
        return out

    def token(self) -> None:
        p = len(self.pix)
        hashed = self.hashes()
        allowed = self.distances(hashed)
        length = min(1 + self.draw.below(4), self.size - p)
        phrases = [4 + age for age in range(min(8, len(self.start)))]
        phrases += range(min(4, len(self.recent)))
        rare = [source for source in (CB, CS, DW, DE) if source in allowed]
        kind = self.draw.below(6)
        if kind < 2 or p < 4:
            value = self.draw.below(self.colours)
            self.tokens.index(value)
            self.put(value)
        elif kind == 2 and phrases:
            phrase = phrases[self.draw.below(len(phrases))]
            distance = self.recent[phrase] if phrase < 4 else p - self.start[3 - phrase]
            self.tokens.run(EX, length, phrase)
            self.copy(EX, length, distance)
        else:
            sources = rare if rare and kind < 5 else sorted(allowed)
            source = sources[self.draw.below(len(sources))]
            self.tokens.run(source, length)
            self.copy(source, length, allowed[source])
        self.small[hashed[0]] = self.big[hashed[1]] = p
        self.start.append(p)

    def copy(self, source: int, length: int, distance: int) -> None:
        """Clause `lzw.field`."""
        if source in (CB, CS, EX):
            self.recent = [distance, *(d for d in self.recent if d != distance)][:4]
        for _ in range(length):
            x = len(self.pix) % self.w
            if source in (CB, CS, DW, DE, EX):
                self.pix.append(self.back(distance))
                self.field[x] = distance
            elif source == INH:
                self.pix.append(self.back(self.field[x]))
            else:
                self.put(self.back(distance))

    def put(self, value: int) -> None:
        x = len(self.pix) % self.w
        if self.back(self.field[x]) != value:
            self.field[x] = self.w
        self.pix.append(value)
