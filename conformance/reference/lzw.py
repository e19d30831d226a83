"""Chapter 9b: the LZW method of the lossless mode: a segment's tokens."""

from __future__ import annotations

from .conventions import ceil_div, require, table, unzigzag, width_of
from .lzw_predict import predict, wrap
from .lzw_tables import Tables, parse_tables
from .prefix import Bits

__all__ = ["Tables", "decode", "parse_tables"]

M32 = 1 << 32
PATTERNS = (
    *("0000", "0001", "0010", "0011", "0012", "0100", "0101", "0102", "0110", "0111", "0112"),
    *("0120", "0121", "0122", "0123"),
)
KINDS = (1, 2, 3, 7, 7, 4, 5, 6, 6, 7)
INH, N, W, NE, NW, CB, CS, DW, DE, EX = range(10)
SHIFTS = {"A": 24, "R": 16, "G": 8, "B": 0}


def decode(
    tables: Tables, bits: Bits, cells: list[list[int]], picture: list[list[list[int]]]
) -> None:
    """Clause `lzw.segment`: fill the LZW cells of picture[y][x][channel]."""
    height, width = len(picture), width_of(picture)
    if tables.per > 1:
        decode_packed(tables, bits, picture)
        return
    if tables.palette is not None and len(tables.palette) == 1:
        pix = [0] * (width * height)
    else:
        pix = Segment(tables, bits, cells, width, height).decode()
    for y in range(height):
        for x in range(width):
            if not cells[y // 64][x // 64]:
                picture[y][x][:] = tables.samples(pix[y * width + x])


def decode_packed(tables: Tables, bits: Bits, picture: list[list[list[int]]]) -> None:
    """Clause `lzw.packed`."""
    assert tables.palette is not None
    height, per, entries = len(picture), tables.per, len(tables.palette)
    w = ceil_div(width_of(picture), per)
    cells = [[0] * w for _ in range(height)]  # at least as many as there are
    pix = Segment(tables, bits, cells, w, height).decode()
    for y, row in enumerate(picture):
        for x, samples in enumerate(row):
            number = pix[y * w + x // per]
            samples[:] = tables.palette[number // entries ** (x % per) % entries]


class Segment:
    """The state of clause `lzw.segment`."""

    def __init__(
        self, tables: Tables, bits: Bits, cells: list[list[int]], width: int, height: int
    ) -> None:
        self.tables = tables
        self.bits = bits
        self.w = width
        self.size = width * height
        self.photo = [bool(cells[y // 64][x // 64]) for y in range(height) for x in range(width)]
        self.pix = [0] * self.size
        self.D = [width] * width
        self.start: list[int] = []
        self.recent: list[int] = []  # of the four those above 0
        self.big: dict[int, int] = {}
        self.small: dict[int, int] = {}
        self.cache = [0] * (1 << tables.cache_bits) if tables.palette is None else []
        self.kind = 0
        self.tiles: dict[tuple[int, int], int] = {}
        self.last_predictor = 0

    def at(self, p: int) -> int:
        return self.pix[p] if p >= 0 else 0

    def next_free(self, p: int) -> int:
        while p < self.size and self.photo[p]:
            p += 1
        return p

    def decode(self) -> list[int]:
        p = self.next_free(0)
        while p < self.size:
            stop = p
            while stop < self.size and not self.photo[stop]:
                stop += 1
            while p < stop:
                p = self.token(p, stop)
            p = self.next_free(p)
        return self.pix

    def around(self, p: int) -> dict[str, int]:
        """Clause `lzw.pixels`."""
        w = self.w
        distances = {
            "W": 1, "N": w, "NW": w + 1, "NE": max(1, w - 1), "WW": 2, "NN": 2 * w,
            "NEE": max(1, w - 2),
        }  # fmt: skip
        return {name: self.at(p - distance) for name, distance in distances.items()}

    def token(self, p: int, stop: int) -> int:
        """Clauses `lzw.segment`, `lzw.token`: one token at p; the position behind it."""
        tables, bits = self.tables, self.bits
        near = self.around(p)
        small, big = hashes(near)
        cb, cs = self.candidates(p, near, big, small)
        chosen = tables.token_class(self.context(p, near, cb, cs))
        t = tables.token[chosen].symbol(bits)
        length = 1
        here = "lzw.token"
        if t < 320:
            source = t >> 5
            length = run_length(bits, t & 31)
            distance = self.distance(source, p, cb, cs)
            require(p + length <= stop, "a run beyond its end", "lzw.segment")
            self.copy(source, p, length, distance)
            self.kind = KINDS[source]
            if source in (CB, CS, EX):
                self.remember(distance)
        else:
            if t == 320:
                require(tables.palette is not None, "index literal in the pixel kind", here)
                value = self.index_literal(near)
            elif t == 321:
                allowed = tables.palette is None and tables.cache_bits > 0
                require(allowed, "cached colour without a cache", here)
                assert tables.cache is not None
                (code,) = tables.cache
                value = self.cache[code.symbol(bits)]
            else:
                require(tables.palette is None, "residual literal in the palette kind", here)
                value = self.residual_literal(p, near, t - 322)
            self.kind = 8 if t == 321 else 0
            self.pix[p] = value
            self.follow(p)
        self.big[big] = p
        self.small[small] = p
        self.start.append(p)
        return p + length

    def candidates(
        self, p: int, near: dict[str, int], big: int, small: int
    ) -> tuple[int | None, int | None]:
        """Clause `lzw.candidates`: cb and cs, None if not valid."""
        cb, cs = self.big.get(big), self.small.get(small)

        def valid(c: int | None) -> bool:
            at = self.at
            return c is not None and at(c - 1) == near["W"] and at(c - self.w) == near["N"]

        cb = cb if valid(cb) else None
        cs = cs if valid(cs) and cs != cb else None
        return cb, cs

    def context(self, p: int, near: dict[str, int], cb: int | None, cs: int | None) -> int:
        """Clause `lzw.context`."""
        letters: dict[int, str] = {}
        for name in ("W", "N", "NW", "NE"):
            letters.setdefault(near[name], str(len(letters)))
        word = "".join(letters[near[name]] for name in ("W", "N", "NW", "NE"))
        pattern = PATTERNS.index(word)
        if pattern == 14 and self.tables.palette is None:
            e = max(energy(near, channel) for channel in self.tables.names)
            pattern += sum(1 for limit in (6, 16, 40, 100) if e >= limit)
        c = cb if cb is not None else cs
        other = 0
        if c is not None:
            other = 1 if self.pix[c] in (near["W"], near["N"]) else 2
        differs = int(self.at(p - self.D[p % self.w]) != near["N"])
        return ((self.kind * 19 + pattern) * 3 + other) * 2 + differs

    def distance(self, source: int, p: int, cb: int | None, cs: int | None) -> int:
        """Clause `lzw.token`, the table of sources. That of INH is one a column: not used."""
        here = "lzw.token"
        w, x = self.w, p % self.w
        if source in (CB, CS):
            c = cb if source == CB else cs
            require(c is not None, "no such candidate", here)
            assert c is not None
            return p - c
        if source == DW:
            require(x > 0, "DW in the first column", here)
            return self.D[x - 1]
        if source == DE:
            others = [d for d in self.D[x : x + 17] if d != self.D[x]]
            require(len(others) > 0, "DE without another displacement", here)
            return others[0]
        if source == EX:
            return self.phrase(p)
        return {INH: w, N: w, W: 1, NE: max(1, w - 1), NW: w + 1}[source]

    def copy(self, source: int, p: int, length: int, distance: int) -> None:
        """Clauses `lzw.token`, `lzw.field`: a run, pixel by pixel."""
        for q in range(p, p + length):
            x = q % self.w
            self.pix[q] = self.at(q - (self.D[x] if source == INH else distance))
            if source in (CB, CS, DW, DE, EX):
                self.D[x] = distance
            elif source != INH:
                self.follow(q)

    def follow(self, q: int) -> None:
        """Clause `lzw.field`, last line."""
        x = q % self.w
        if self.at(q - self.D[x]) != self.pix[q]:
            self.D[x] = self.w

    def phrase(self, p: int) -> int:
        """Clause `lzw.phrase`."""
        here = "lzw.phrase"
        (code,) = self.tables.phrase
        s = code.symbol(self.bits)
        if s < 4:
            require(s < len(self.recent), "recent distance 0", here)
            return self.recent[s]
        age = s - 4
        if age >= 8:
            n = 3 + ((age - 8) >> 1)
            age = ((2 + (age & 1)) << (n - 1)) + self.bits.raw(n - 1)
        require(age < len(self.start), f"age {age}", here)
        return p - self.start[len(self.start) - 1 - age]

    def remember(self, distance: int) -> None:
        if distance in self.recent:
            self.recent.remove(distance)
        self.recent = [distance, *self.recent][:4]

    def index_literal(self, near: dict[str, int]) -> int:
        """Clause `lzw.index`."""
        assert self.tables.index is not None
        count = self.tables.count
        chosen = near["W"]
        if count > 32:
            chosen = (near["W"] * 8 // count) * 4 + near["N"] * 4 // count
        return self.tables.index[chosen].symbol(self.bits)

    def residual_literal(self, p: int, near: dict[str, int], mask: int) -> int:
        """Clauses `lzw.residual`, `lzw.cache`."""
        here = "lzw.residual"
        tables = self.tables
        predictor = self.predictor(p)
        z = dict.fromkeys("AGRB", 0)
        for bit, channel in enumerate("AGRB"):
            if not mask >> bit & 1:
                continue
            require(channel in tables.names, "residual of a missing channel", here)
            level = sum(1 for limit in (4, 10, 24, 56, 120) if energy(near, channel) >= limit)
            before = {"A": 0, "G": z["A"], "R": z["G"], "B": max(z["G"], z["R"])}[channel]
            size = sum(1 for limit in (1, 5, 17, 65) if before >= limit)
            z[channel] = self.residual(tables.residual_class((bit * 6 + level) * 5 + size))
        depth, (a, b, c) = tables.depth, tables.colour
        v = {"A": wrap(unzigzag(z["A"]), depth), "G": wrap(unzigzag(z["G"]), depth)}
        v["R"] = wrap(unzigzag(z["R"]) + ((a * v["G"]) >> 3), depth)
        v["B"] = wrap(unzigzag(z["B"]) + ((b * v["G"] + c * v["R"]) >> 3), depth)
        value = 0
        for channel in tables.names:
            shift = SHIFTS[channel]
            guess = predict(predictor, p, self.w, near, channel, tables.names, depth)
            value |= ((guess + v[channel]) % (1 << depth)) << shift
        if tables.cache_bits:
            self.cache[(value * 0x1E35A7BD % M32) >> (32 - tables.cache_bits)] = value
        return value

    def residual(self, chosen: int) -> int:
        assert self.tables.residual is not None
        s = self.tables.residual[chosen].symbol(self.bits)
        if s < 32:
            return s
        n = 5 + ((s - 32) >> 1)
        return ((2 + (s & 1)) << (n - 1)) + self.bits.raw(n - 1)

    def predictor(self, p: int) -> int:
        """Clause `lzw.predictor`: that of the pixel's tile, read when it is first needed."""
        tables = self.tables
        if tables.tile == 0:
            return tables.predictor
        side = 4 << tables.tile
        tile = (p // self.w // side, p % self.w // side)
        if tile not in self.tiles:
            assert tables.tile_predictor is not None
            (code,) = tables.tile_predictor
            s = code.symbol(self.bits)
            if s < 14:
                self.last_predictor = s
            self.tiles[tile] = self.last_predictor
        return self.tiles[tile]


def hashes(near: dict[str, int]) -> tuple[int, int]:
    """Clause `lzw.hash`: hash_small, hash_big."""
    s = near["W"] * 0x1E35A7BD + near["N"] * 0x2545F491 + near["NE"] * 0x4F1BBCDD
    b = s + near["NW"] * 0x7FEB352D + near["WW"] * 0x5851F42D
    b += near["NN"] * 0x3C6EF373 + near["NEE"] * 0x68E31DA5
    return mix(s % M32), mix(b % M32)


def mix(h: int) -> int:
    return ((h ^ (h >> 15)) * 0x2C1B3C6D % M32) >> 16


def energy(near: dict[str, int], channel: str) -> int:
    """Clause `lzw.energy`."""
    w, n, nw, ne = (near[name] >> SHIFTS[channel] & 255 for name in ("W", "N", "NW", "NE"))
    return abs(w - nw) + abs(n - nw) + abs(n - ne)


def run_length(bits: Bits, k: int) -> int:
    """Clause `lzw.length`."""
    n = max((k >> 1) - 1, 0)  # raw bits: none up to 3
    return 1 + ((k - 2 * n) << n) + bits.raw(n)


assert len(table("lzw-token-map.txt")) == 3 * 1026
