"""Vectors of chapter 9b that depend on the entries of its tables: on the default lengths of all
symbols of all classes, on the words of what sends a code, and on which class a context has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Code, table, zigzag
from conformance.author.draw import Draw
from conformance.author.lossless import (
    CACHED,
    CB,
    CS,
    DE,
    DW,
    EX,
    INDEX,
    RESIDUALS,
    Lzw,
    N,
    Tokens,
    W,
    age_of,
    bucket,
    flat,
    lossless_group,
    put_residual,
)
from conformance.author.lossless_files import LAYOUT, bucket_floor, file_of
from conformance.author.lossy_vectors import hash_of
from conformance.author.lzw_walk_vectors import MOST, Walk
from conformance.author.vector import Vector

SHIFT = {"A": 24, "R": 16, "G": 8, "B": 0}
CHANNELS = {1: "G", 2: "AG", 3: "GRB", 4: "AGRB"}
COLLIDING: tuple[tuple[Any, ...], ...] = (
    ((1, 4, {"size": (70, 64), "most": 1}),),
    ((1, 8, {"size": (2, 2000), "most": 1}),),
    ((1, 8, {"size": (3, 1300), "most": 1}),),
)
"""So many tokens of so few colours that hashes of unlike places are alike."""
KINDS = (1, 2, 3, 7, 7, 4, 5, 6, 6, 7)


def vectors() -> Iterator[Vector]:
    yield from lengths()
    yield from sending()
    yield from sending_indices()
    yield from walks()


def lengths() -> Iterator[Vector]:
    """Each class's own code, told as differences to its default lengths of all symbols."""
    for number in range(3):
        lzw = Lzw(3, set=number, cache_bits=4, tile=1, apart=True)
        lzw.own = {
            "token": flat(338),
            "phrase": flat(64),
            "residual": flat(38),
            "cache": flat(16),
            "predictor": flat(15),
        }
        put = Tokens(lzw).residuals(14, 3, 40, 200, predictor=11).run(W, 9).cached(7).run(EX, 3, 6)
        put.run(N, 34 - put.pixels)
        yield Vector(
            f"lossless/lengths-{number}",
            file_of(lossless_group([put.bytes()], lzw), 17, 2, f.RGB),
            ("lzw.family",),
            f"own codes of all classes of set {number}, and of all their symbols",
        )


def uneven(seed: int, symbols: int, size: int, first: int = 0) -> list[int]:
    """Lengths of a full code over one symbol and so many drawn ones, as unlike as can be."""
    draw = Draw(seed)
    chosen = [first]
    while len(chosen) < symbols:
        s = draw.below(size)
        if s not in chosen:
            chosen.append(s)
    depths = [0]
    while len(depths) < symbols:
        at = draw.below(len(depths))
        if depths[at] < 13:
            depths[at] += 1
            depths.append(depths[at])
    out = [0] * size
    for s, depth in zip(chosen, depths, strict=True):
        out[s] = depth
    return out


def sending() -> Iterator[Vector]:
    """Own codes of drawn symbols and lengths: all gaps, and differences both ways."""
    for seed in range(6):
        lzw = Lzw(3, set=seed % 3, cache_bits=11, tile=1)
        lzw.own = {
            "token": uneven(500 + seed, 20 + 20 * seed, 338, RESIDUALS),
            "phrase": uneven(510 + seed, 4 + 4 * seed, 64),
            "residual": uneven(520 + seed, 4 + 5 * seed, 38),
            "cache": uneven(530 + seed, (12, 90, 500, 6, 30, 200)[seed], 2048),
            "predictor": uneven(540 + seed, 2 + 2 * seed, 15),
        }
        put = Tokens(lzw).residuals(0, predictor=0)
        yield Vector(
            f"lossless/sending-{seed}",
            file_of(lossless_group([put.bytes()], lzw), 1, 1, f.RGB),
            ("lzw.family",),
            "own codes of drawn symbols and lengths",
        )


def sending_indices() -> Iterator[Vector]:
    for seed in range(4):
        draw = Draw(550 + seed)
        lzw = Lzw(1, palette=[(draw.below(256),) for _ in range(256)], set=seed % 3)
        lzw.own = {
            "token": uneven(560 + seed, 30, 338, INDEX),
            "phrase": uneven(570 + seed, 20, 64),
            "index": uneven(580 + seed, 8 + 9 * seed, 256),
        }
        put = Tokens(lzw).index(0)
        yield Vector(
            f"lossless/sending-index-{seed}",
            file_of(lossless_group([put.bytes()], lzw), 1, 1, f.GRAY),
            ("lzw.family",),
            "own codes of drawn symbols and lengths, of a palette",
        )


class Contexts(Walk):
    """A segment of drawn tokens in the default codes of their contexts' classes. Predictor 4."""

    def __init__(
        self,
        number: int,
        channels: int,
        entries: int = 0,
        *,
        colours: int = 6,
        spread: int = 255,
        size: tuple[int, int] = (37, 29),
        most: int = 9,
        used: set[tuple[str, int, int]] | None = None,
    ) -> None:
        """entries: of a palette; else so many colours whose samples differ by `spread` at most.

        most: pixels of a run. used: classes and symbols of other segments, which come last.
        """
        seed = 600 + hash_of(number, channels, entries, colours, spread, size, most) % 100000
        super().__init__(seed, *size, entries)
        self.number, self.channels, self.names = number, channels, CHANNELS[channels]
        self.lzw = Lzw(channels, set=number, cache_bits=0 if entries else 3, predictor=4)
        self.factors = (0, 0, 0)
        if entries:
            draw = self.draw
            self.lzw.palette = [tuple(draw.below(256) for _ in self.names) for _ in range(entries)]
        elif channels >= 3:
            a, b, c = (self.draw.between(-8, 23) for _ in range(3))
            self.factors = self.lzw.colour = a, b, c
        self.tokens = Tokens(self.lzw)
        self.kind = 0
        self.cache = [0] * 8
        self.spread, self.most = spread, most
        self.used = set() if used is None else used
        names = ("token", "residual", "phrase")
        self.wanted = {at for name in names for at in neighbours(name, number)}
        self.drawn = [self.colour() for _ in range(colours)]

    def colour(self) -> int:
        low = (255 - self.spread) // 2
        return sum((low + self.draw.below(self.spread + 1)) << SHIFT[name] for name in self.names)

    def choose(self, name: str, chosen: int, symbols: list[int]) -> int:
        """One of these symbols: one that mutants swap, or that was not used yet, or any."""
        fresh = [s for s in symbols if (name, chosen, s) not in self.used]
        first = [s for s in fresh if (name, chosen, s) in self.wanted]
        of = first or fresh or symbols if self.draw.below(2) else first or symbols
        symbol = of[self.draw.below(len(of))]
        self.used.add((name, chosen, symbol))
        return symbol

    def near(self) -> dict[str, int]:
        w, back = self.w, self.back
        return {"W": back(1), "N": back(w), "NW": back(w + 1), "NE": back(max(1, w - 1))}

    def energy(self, channel: str) -> int:
        """Clause `lzw.energy`."""
        near = {name: value >> SHIFT[channel] & 255 for name, value in self.near().items()}
        left = abs(near["W"] - near["NW"])
        return left + abs(near["N"] - near["NW"]) + abs(near["N"] - near["NE"])

    def context(self, cb: int | None, cs: int | None) -> int:
        """Clause `lzw.context`."""
        near = list(self.near().values())
        letters = "".join(str(sorted(set(near), key=near.index).index(value)) for value in near)
        order = "0000 0001 0010 0011 0012 0100 0101 0102 0110 0111 0112 0120 0121 0122 0123"
        pattern = order.split().index(letters)
        if pattern == 14 and not self.colours:
            most = max(self.energy(name) for name in self.names)
            pattern += sum(most >= limit for limit in (6, 16, 40, 100))
        c = cs if cb is None else cb
        other = 0 if c is None else 1 if self.pix[c] in near[:2] else 2
        differs = self.back(self.field[len(self.pix) % self.w]) != near[1]
        return ((self.kind * 19 + pattern) * 3 + other) * 2 + differs

    def code(self, name: str, context: int, contexts: int) -> tuple[int, Code]:
        chosen = table(f"lzw-{name}-map.txt")[self.number * contexts + context]
        return chosen, Code(self.lzw.default(name, chosen)[1])

    def token(self) -> None:
        p, bits = len(self.pix), self.tokens.bits
        hashed = self.hashes()
        allowed = self.distances(hashed)
        candidates = [
            self.candidate(c) for c in (self.big.get(hashed[1]), self.small.get(hashed[0]))
        ]
        if candidates[1] == candidates[0]:
            candidates[1] = None
        chosen, code = self.code("token", self.context(candidates[0], candidates[1]), 1026)
        phrases = [k for k in range(4, 64) if age_of(k)[0] < len(self.start)]
        phrases += range(min(4, len(self.recent)))
        if phrases:
            allowed[EX] = 0
        if self.draw.below(8) < 3:
            symbol = self.choose("token", chosen, self.literals())
            bits.symbol(code, symbol)
            self.put_literal(symbol)
        else:
            rare = [source for source in (CB, CS, DW, DE, EX) if source in allowed]
            sources = rare if rare and self.draw.below(2) else sorted(allowed)
            most = min(self.size - p, self.most if self.draw.below(2) else 3)
            runs = [s << 5 | k for s in sources for k in range(32) if bucket_floor(k) <= most]
            symbol = self.choose("token", chosen, runs)
            source, (_, n, _) = symbol >> 5, bucket(bucket_floor(symbol & 31))
            length = bucket_floor(symbol & 31)
            extra = self.draw.below(min(1 << n, most - length + 1))
            bits.symbol(code, symbol).raw(n, extra)
            distance = allowed[source]
            if source == EX:
                phrase = self.choose("phrase", 0, phrases)
                bits.symbol(Code(self.lzw.default("phrase")[1]), phrase)
                if phrase < 4:
                    distance = self.recent[phrase]
                else:
                    least, n = age_of(phrase)
                    more = self.draw.below(min(1 << n, len(self.start) - least))
                    bits.raw(n, more)
                    distance = p - self.start[-1 - least - more]
            self.copy(source, length + extra, distance)
            self.kind = KINDS[source]
        self.small[hashed[0]] = self.big[hashed[1]] = p
        self.start.append(p)

    def literals(self) -> list[int]:
        """INDEX, or CACHED, or residuals of all masks."""
        if self.colours:
            return [INDEX]
        if self.draw.below(6) == 0:
            return [CACHED]
        bits = [1 << "AGRB".index(name) for name in self.names]
        return [RESIDUALS + mask for mask in range(16) if mask & ~sum(bits) == 0]

    def put_literal(self, symbol: int) -> None:
        bits, near = self.tokens.bits, self.near()
        self.kind = 8 if symbol == CACHED else 0
        if symbol == INDEX:
            value = self.draw.below(self.colours)
            count = self.colours
            row = near["W"] if count <= 32 else near["W"] * 8 // count * 4 + near["N"] * 4 // count
            bits.symbol(Code(self.lzw.default("index", row)[1]), value)
        elif symbol == CACHED:
            place = self.draw.below(8)
            value = self.cache[place]
            bits.symbol(Code(self.lzw.default("cache")[1]), place)
        else:
            value = self.residuals(symbol - RESIDUALS, near)
            self.cache[(value * 0x1E35A7BD % MOST) >> 29] = value
        self.put(value)

    def residuals(self, mask: int, near: dict[str, int]) -> int:
        """Clause `lzw.residual`: a drawn colour as far as the mask lets it, or drawn numbers."""
        base = near["W"] if len(self.pix) < self.w else near["N"]
        aim = self.drawn[self.draw.below(len(self.drawn))]
        free = self.draw.below(3) == 0
        z, v, value = dict.fromkeys("AGRB", 0), dict.fromkeys("AGRB", 0), 0
        for place, name in enumerate("AGRB"):
            a, b, c = self.factors if self.factors != (0, 0, 0) else (8, 8, 0)
            add = {"R": a * v["G"] >> 3, "B": (b * v["G"] + c * v["R"]) >> 3}.get(name, 0)
            if mask >> place & 1:
                step = (aim >> SHIFT[name] & 255) - (base >> SHIFT[name] & 255) - add
                before = {"A": 0, "G": z["A"], "R": z["G"], "B": max(z["G"], z["R"])}[name]
                level = sum(self.energy(name) >= limit for limit in (4, 10, 24, 56, 120))
                size = sum(before >= limit for limit in (1, 5, 17, 65))
                chosen, code = self.code("residual", (place * 6 + level) * 5 + size, 120)
                z[name] = zigzag((step + 127) % 256 - 127)
                if free:
                    few = self.draw.below(3) and self.spread < 255
                    symbol = self.choose("residual", chosen, list(range(8 if few else 38)))
                    n = max(0, (symbol - 32) // 2 + 4)
                    least = symbol if symbol < 32 else (2 + symbol % 2) << n
                    z[name] = least + (self.draw.below(1 << n) if symbol >= 32 else 0)
                put_residual(self.tokens.bits, code, z[name])
            odd = z[name] & 1
            v[name] = ((z[name] + 1 >> 1 if odd else -(z[name] >> 1)) + add + 128) % 256 - 128
            if name in self.names:
                value |= ((base >> SHIFT[name]) + v[name]) % 256 << SHIFT[name]
        return value


def neighbours(name: str, number: int) -> list[tuple[str, int, int]]:
    """Classes and symbols of a set whose lengths mutants swap: twelve pairs in the whole table."""
    lengths = table(f"lzw-{name}-lengths.txt")
    classes, symbols = {"token": (28, 338), "residual": (18, 38), "phrase": (1, 64)}[name]
    pairs = [i for i in range(len(lengths) - 1) if lengths[i] != lengths[i + 1]]
    places = [i + more for i in pairs[:: len(pairs) // 12] for more in (0, 1)]
    begin = number * classes * symbols
    own = [i - begin for i in places if begin <= i < begin + classes * symbols]
    return [(name, *divmod(i, symbols)) for i in own]


def walks() -> Iterator[Vector]:
    for number in range(3):
        used: set[tuple[str, int, int]] = set()
        for channels, entries, more in (
            (3, 0, {}),
            (4, 0, {"colours": 3}),
            (1, 0, {"colours": 40, "spread": 40}),
            (3, 0, {"colours": 200, "spread": 60, "size": (60, 40)}),
            (4, 0, {"colours": 90, "spread": 9, "size": (50, 40)}),
            (4, 0, {"colours": 40, "spread": 25, "size": (61, 64), "most": 90}),
            (2, 0, {"colours": 4}),
            (2, 0, {"colours": 30, "spread": 20, "size": (64, 64), "most": 40}),
            (3, 5, {}),
            (1, 40, {}),
            (4, 17, {"size": (90, 80), "most": 700}),
            (1, 3, {"size": (120, 99), "most": 900}),
            (3, 0, {"colours": 5, "size": (130, 61), "most": 600}),
            (1, 3, {"size": (1, 160)}),
            (2, 0, {"colours": 4, "size": (2, 110)}),
            (1, 4, {"size": (3, 90)}),
            (3, 0, {"colours": 2}),
            *COLLIDING[number],
            (4, 0, {"colours": 12, "spread": 30, "size": (60, 40)}),
            (1, 0, {"colours": 2, "size": (60, 40), "most": 20}),
            (3, 0, {"colours": 30, "spread": 14, "size": (50, 50)}),
            (2, 6, {"size": (130, 120), "most": 1000}),
            (1, 0, {"colours": 4, "size": (130, 120), "most": 1000}),
        ):
            walk = Contexts(number, channels, entries, used=used, **more)
            group = walk.group()
            w, h = walk.w, walk.size // walk.w
            kind = f"{entries}-entries" if entries else f"{more.get('colours', 6)}-colours"
            yield Vector(
                f"lossless/default-{number}-{channels}-{kind}-{w}x{h}",
                file_of(group, w, h, LAYOUT[channels]),
                ("lzw.context", "lzw.index" if entries else "lzw.residual", "lzw.token"),
                f"drawn tokens in the default codes of set {number}",
            )
