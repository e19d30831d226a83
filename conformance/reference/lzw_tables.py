"""Chapter 9b: the tables of the LZW method: palette, families of prefix codes."""

from __future__ import annotations

from dataclasses import dataclass, field

from .conventions import require, table, unzigzag
from .prefix import Bits, Code

MAX_LENGTH = 13
TOKENS = 338
NAMES = ("", "G", "AG", "GRB", "AGRB")  # channels in the order A, G, R, B


@dataclass
class Tables:
    """Clause `lzw.tables`. palette: entries as samples in channel order; None: the pixel kind.

    There is no set for a palette of one entry, and what follows it is of the pixel kind alone.
    """

    channels: int
    depth: int
    palette: list[list[int]] | None = None
    packed: bool = False
    set: int = field(init=False)
    cache_bits: int = field(init=False)
    colour: tuple[int, int, int] = (8, 8, 0)
    tile: int = field(init=False)
    predictor: int = field(init=False)
    token: list[Code] = field(default_factory=list)
    phrase: list[Code] = field(default_factory=list)
    index: list[Code] | None = None
    residual: list[Code] | None = None
    cache: list[Code] | None = None
    tile_predictor: list[Code] | None = None

    @property
    def per(self) -> int:
        """Clause `lzw.packed`: pixels of a number."""
        per = 1
        if self.palette is not None and self.packed:
            while len(self.palette) ** (per + 1) <= 256:
                per += 1
        return per

    @property
    def count(self) -> int:
        """Numbers of the palette kind."""
        assert self.palette is not None
        entries = len(self.palette)
        return int(entries**self.per)

    @property
    def names(self) -> str:
        return NAMES[self.channels]

    def token_class(self, context: int) -> int:
        return table("lzw-token-map.txt")[self.set * 1026 + context]

    def residual_class(self, context: int) -> int:
        return table("lzw-residual-map.txt")[self.set * 120 + context]

    def samples(self, pixel: int) -> list[int]:
        """The samples of a pixel value. Clause `lzw.pixels`."""
        if self.palette is not None:
            return self.palette[pixel]
        a, r, g, b = (pixel >> shift & 255 for shift in (24, 16, 8, 0))
        return ([], [g], [g, a], [r, g, b], [r, g, b, a])[self.channels]


def parse_tables(blob: bytes, channels: int, depth: int) -> Tables:
    here = "lzw.tables"
    bits = Bits(blob)
    tables = Tables(channels, depth)
    pixels = bits.raw(1)
    if pixels:
        require(depth <= 8, f"pixel kind at depth {depth}", "lzw.kind")
    else:
        tables.palette = read_palette(bits, channels, depth)
        if len(tables.palette) == 1:
            bits.end(here)
            return tables
    tables.set = bits.raw(2)
    if tables.set == 3 and tables.palette is not None and 2 <= len(tables.palette) <= 16:
        tables.packed = True
        tables.set = bits.raw(2)
    require(tables.set < 3, "set 3", here)
    if pixels:
        read_pixel_fields(bits, tables)
    sends = Sender(bits, tables)
    tables.token = sends.family("token")
    tables.phrase = sends.family("phrase")
    if not pixels:
        tables.index = sends.family("index")
    else:
        tables.residual = sends.family("residual")
        if tables.cache_bits:
            tables.cache = sends.family("cache")
        if tables.tile:
            tables.tile_predictor = sends.family("predictor")
    bits.end(here)
    return tables


def read_pixel_fields(bits: Bits, tables: Tables) -> None:
    here = "lzw.tables"
    tables.cache_bits = bits.raw(4)
    require(tables.cache_bits <= 11, "cache_bits", here)
    if tables.channels >= 3 and bits.raw(1):
        a, b, c = (bits.raw(5) - 8 for _ in range(3))
        tables.colour = (a, b, c)
    tables.tile = bits.raw(2)
    if tables.tile == 0:
        tables.predictor = bits.raw(4)
        require(tables.predictor <= 13, "predictor", here)


def read_palette(bits: Bits, channels: int, depth: int) -> list[list[int]]:
    """Clause `lzw.palette`."""
    count = bits.raw(8) + 1
    opaque = channels in (2, 4) and bits.raw(1)
    gray = channels >= 3 and bits.raw(1)
    names = NAMES[channels]
    sent = [name for name in names if not ((name == "A" and opaque) or (name in "RB" and gray))]
    columns = {name: [bits.raw(depth)] for name in sent}
    if count > 1:
        for place, name in enumerate(sent):
            k = bits.raw(4)
            for _ in range(count - 1):
                step = short_rice(bits, k, depth)
                value = columns[name][-1] + (step if place == 0 else unzigzag(step))
                columns[name].append(value % (1 << depth))
    if opaque:
        columns["A"] = [(1 << depth) - 1] * count
    if gray:
        columns["R"] = columns["B"] = columns["G"]
    order = ("", "G", "GA", "RGB", "RGBA")[channels]
    return [[columns[name][i] for name in order] for i in range(count)]


def short_rice(bits: Bits, k: int, depth: int) -> int:
    q = 0
    while q < 16 and bits.raw(1):
        q += 1
    if q == 16:
        return bits.raw(depth + 1)
    return (q << k) + bits.raw(k)


def flat(n: int) -> list[int]:
    """Clause `lzw.family`."""
    b = n.bit_length()
    return [b - 1 if s < (1 << b) - n else b for s in range(n)]


class Sender:
    """Reads the codes of each family. Clause `lzw.family`."""

    ORDER = ("token", "phrase", "index", "residual", "cache", "predictor")

    def __init__(self, bits: Bits, tables: Tables) -> None:
        self.bits = bits
        self.tables = tables

    def defaults(self, name: str) -> list[list[int]]:
        """Default lengths of each class of a family."""
        chosen = self.tables.set
        if name == "index":
            count = self.tables.count
            return [flat(count)] * min(count, 32)
        if name == "cache":
            return [flat(1 << self.tables.cache_bits)]
        lengths = table(f"lzw-{name}-lengths.txt")
        if name == "predictor":
            return [list(lengths)]
        symbols, classes = {"token": (TOKENS, 28), "phrase": (64, 1), "residual": (38, 18)}[name]
        begin = chosen * classes * symbols
        return [
            list(lengths[begin + c * symbols : begin + (c + 1) * symbols]) for c in range(classes)
        ]

    def family(self, name: str) -> list[Code]:
        here = "lzw.family"
        bits = self.bits
        defaults = self.defaults(name)
        number = bits.raw(5)
        use = [bits.raw(number.bit_length()) for _ in defaults] if number else [0] * len(defaults)
        require(max(use) <= number, "use of a code that is not sent", here)
        own = {}
        for t in range(1, number + 1):
            require(t in use, "a code that no class uses", here)
            own[t] = self.own_code(self.ORDER.index(name), defaults[use.index(t)])
        return [
            own[use[c]] if use[c] else Code(lengths, MAX_LENGTH)
            for c, lengths in enumerate(defaults)
        ]

    def own_code(self, family: int, base: list[int]) -> Code:
        here = "lzw.family"
        bits = self.bits
        sending = table("lzw-sending-lengths.txt")[48 * family : 48 * family + 48]
        gaps, deltas = Code(list(sending[:23]), MAX_LENGTH), Code(list(sending[23:]), MAX_LENGTH)
        symbols = len(base)
        order = sorted(range(symbols), key=lambda s: (base[s], s))
        lengths = [0] * symbols
        used = bits.gamma(30)
        require(used <= symbols, f"{used} symbols of {symbols}", here)
        rank = -1
        for _ in range(used):
            gap = gaps.symbol(bits)
            if gap >= 16:
                n = gap - 12
                gap = (1 << n) + bits.raw(n)
            rank += 1 + gap
            require(rank < symbols, "rank", here)
            symbol = order[rank]
            length = base[symbol] + unzigzag(deltas.symbol(bits)) if used > 1 else 1
            require(1 <= length <= MAX_LENGTH, f"length {length}", here)
            lengths[symbol] = length
        return Code(lengths, MAX_LENGTH)
