"""Lossless groups: drawn tables, and streams that keep the rules of the text.

What a token or a residual may be depends on the pixels before it. The reference's segments follow
them: they are asked to read, and each bit that they ask for is drawn, and written down.
"""

from __future__ import annotations

from conformance.author.bits import Bits, Rans
from conformance.author.fields import Group, ceil_div, rectangles
from conformance.author.lossless import (
    CACHED,
    INDEX,
    RESIDUALS,
    Lzw,
    Prediction,
    Tokens,
    W,
    both,
    lossless_group,
)
from conformance.generator.choose import Chooser, NoFileError
from conformance.reference import lzw, lzw_tables, prediction
from conformance.reference.conventions import Damaged
from conformance.reference.prefix import Bits as BitReader
from conformance.reference.prefix import Code as ReadCode

MASKS = {1: 2, 2: 3, 3: 14, 4: 15}  # all residuals of a group of so many channels
TRIES = 60  # of a token that has to fit


class DrawnBits(BitReader):
    """Answers with drawn bits and keeps them."""

    def __init__(self, draw: Chooser) -> None:
        super().__init__(b"")
        self.draw = draw
        self.bits: list[int] = []

    def raw(self, n: int) -> int:
        v = self.draw.below(1 << n) if n <= 30 else 0
        self.bits += [v >> i & 1 for i in range(n)]
        return v


class DrawnTokens(lzw.Segment):
    """Takes back a token that breaks a rule, and draws another one."""

    def token(self, p: int, stop: int) -> int:
        assert isinstance(self.bits, DrawnBits)
        for _ in range(TRIES):
            begin = len(self.bits.bits)
            kept = dict(self.tiles), self.last_predictor
            try:
                return super().token(p, stop)
            except Damaged:
                del self.bits.bits[begin:]
                self.tiles, self.last_predictor = kept
        raise NoFileError


def drawn_lzw(draw: Chooser, channels: int, depth: int, *, overlay: bool, pixels: bool) -> Lzw:
    """pixels: of the pixel kind, if the depth allows it."""
    out = Lzw(channels, depth, set=draw.below(3))
    if pixels and depth <= 8:
        out.cache_bits = draw.between(0, 11) if draw.one_in(2) else 0
        if channels >= 3 and draw.one_in(2):
            out.colour = (draw.between(-8, 23), draw.between(-8, 23), draw.between(-8, 23))
        out.tile = draw.below(4)
        out.predictor = draw.below(14)
        literals = [RESIDUALS + mask for mask in range(16) if not mask & ~MASKS[channels]]
        literals += [CACHED] * (out.cache_bits > 0)
    else:
        count = draw.log_uniform(2 if overlay else 1, 256)
        near = draw.one_in(2)
        first = [draw.below(1 << depth) for _ in range(channels)]
        out.palette = [
            tuple(
                (v + draw.below(9) * n) % (1 << depth) if near else draw.below(1 << depth)
                for v in first
            )
            for n in range(count)
        ]
        out.rice = draw.between(0, 15)
        literals = [INDEX]
        if not overlay and 2 <= count <= 16 and draw.one_in(2):
            per = 1
            while count ** (per + 1) <= 256:
                per += 1
            out.per = per
    if out.palette is not None and len(out.palette) == 1:
        return out
    for name in out.families():
        if draw.one_in(2):
            size = len(out.default(name)[1])
            symbols = draw.subset(range(size))
            if name == "token":  # a literal, and a run that is always right
                symbols = [s for s in symbols if s < 320 or s in literals]
                symbols = sorted({*symbols, draw.of(literals), W << 5})
            longest = min(13, max(1, (len(symbols) - 1).bit_length()) + draw.below(5))
            out.own[name] = draw.lengths(symbols, size, longest)
    return out


def token_of(v: int) -> int:
    """Clause `prediction.residual`."""
    n = v.bit_length()
    return v if v < 16 else 16 + 4 * (n - 5) + (v >> (n - 3) & 3)


class DrawnResiduals(prediction.Segment):
    """Draws classes and residuals, of codes that are there and samples that are in range."""

    def __init__(
        self,
        draw: Chooser,
        t: prediction.Tables,
        cells: list[list[int]],
        out: prediction.Samples,
    ) -> None:
        super().__init__(t, BitReader(b""), cells, out)
        self.draw = draw
        self.rans, self.string = Rans(), Bits()
        self.here = (0, 0, 0, 0)  # plane, y, x, guess
        self.negate = False

    def bytes(self) -> bytes:
        return self.rans.bytes() if self.t.rans else self.string.bytes()

    def put(self, code: prediction.AnyCode, s: int) -> None:
        if isinstance(code, ReadCode):
            if code.lone is None:
                length, word = next(key for key, symbol in code.words.items() if symbol == s)
                self.string.bits += [word >> i & 1 for i in reversed(range(length))]
        else:
            _, frequency, start = next(slot for slot in code if slot[0] == s)
            self.rans.operations.append((frequency, start, 12))

    def put_raw(self, n: int, v: int) -> None:
        if self.t.rans:
            self.rans.raw(n, v)
        else:
            self.string.raw(n, v)

    def put_number(self, code: prediction.AnyCode, v: int) -> None:
        if v < 16:
            self.put(code, v)
            return
        n = v.bit_length()
        self.put(code, token_of(v))
        self.put_raw(n - 3, v & ((1 << (n - 3)) - 1))

    @staticmethod
    def symbols(code: prediction.AnyCode) -> list[int]:
        if isinstance(code, ReadCode):
            return [code.lone] if code.lone is not None else sorted(code.words.values())
        return sorted({slot[0] for slot in code})

    def symbol(self, code: prediction.AnyCode) -> int:
        """Of a class: what its neighbours allow."""
        i, j = self.next_block()
        w = self.classes.get((i, j - 1), self.classes.get((i - 1, j), -1))
        n = self.classes.get((i - 1, j), w)
        allowed = [s for s in self.symbols(code) if (s != 0 or w != -1) and (s != 1 or w != n)]
        if not allowed:
            raise NoFileError
        s = self.draw.of(allowed)
        self.put(code, s)
        return s

    def next_block(self) -> tuple[int, int]:
        return next(
            (i, j)
            for i in range(ceil_div(self.h, 8))
            for j in range(ceil_div(self.w, 8))
            if self.photo(8 * i, 8 * j) and (i, j) not in self.classes
        )

    def context(self, p: int, y: int, x: int, a: int) -> tuple[int, bool]:
        low = -self.t.max if self.t.transform > 0 and p in (1, 2) else 0
        guess = max(low, min((a + 64) >> 7, self.t.max))
        context, self.negate = super().context(p, y, x, a)
        self.here = p, y, x, guess
        return context, self.negate

    def allowed(self, z: int) -> bool:
        """Whether the sample, and the channel made of it, are in range."""
        p, y, x, guess = self.here
        t = self.t
        if t.numbers is not None:
            if z >= len(t.numbers):
                return False
            z = t.numbers[z]
        if t.near:
            return z < 1 << 18
        r = (z + 1) >> 1 if z & 1 else -(z >> 1)
        value = guess + (-r if self.negate else r)
        if t.transform > 0 and p in (1, 2):
            return -t.max <= value <= t.max and 0 <= self.s[0][y][x] + value <= t.max
        return 0 <= value <= t.max

    def number_of(self, code: prediction.AnyCode, more: int) -> int:
        """A drawn number of the code that is allowed when `more` is added."""
        symbols = self.symbols(code)
        for n in range(TRIES):
            token = self.draw.of(symbols if n % 2 else symbols[:4])
            v = token
            if token >= 16:
                bits = 4 + ((token - 16) >> 2)
                v = (4 + (token - 16 & 3)) << (bits - 2) | self.draw.below(1 << (bits - 2))
            if self.allowed(v + more):
                return v
        for v in range(2 * self.t.max + 2):
            if token_of(v) in symbols and self.allowed(v + more):
                return v
        raise NoFileError

    def residual(self, t: int) -> int:
        zeros, value = self.t.zeros[t], self.t.value[t]
        if zeros is None:
            z = self.number_of(value, 0)
            self.put_number(value, z)
            return z
        if self.left[t] == 0 and self.due[t] == 0:
            runs = [s for s in self.symbols(zeros) if s < 24]
            if not runs:
                raise NoFileError
            token = self.draw.of(runs if self.allowed(0) else runs[:1])
            run = token if token < 16 else (4 + (token - 16 & 3)) << (2 + ((token - 16) >> 2))
            self.put_number(zeros, run)
            self.left[t] = run
            self.due[t] = 1
        if self.left[t] > 0:
            if not self.allowed(0):
                raise NoFileError
            self.left[t] -= 1
            return 0
        self.due[t] = 0
        z = self.number_of(value, 1)
        self.put_number(value, z)
        return 1 + z


def drawn_prediction(draw: Chooser, channels: int, depth: int) -> Prediction:
    out = Prediction(channels, draw.below(7), depth=depth, rans=draw.one_in(2))
    top = (1 << depth) - 1
    kind = draw.below(8)
    if kind == 0 and channels < 3:
        out.values_begin, out.values = draw.below(2), []
        left = top + 1
        while left > 0:
            run = min(left, draw.log_uniform(1, top + 1))
            out.values.append(run)
            left -= run
        if out.values_begin == 0 and len(out.values) == 1:
            out.values_begin = 1
    elif kind == 1 and depth > 8:
        out.number_bits = draw.between(1, 18)
        count = draw.log_uniform(1, 300)
        drawn = sorted({draw.below(1 << min(out.number_bits, depth)) for _ in range(count)})
        out.numbers = [0, *(v for v in drawn if v)]
    elif kind == 2:
        out.near = draw.log_uniform(0, min(top, 65535))
    out.above = draw.one_in(3)
    out.preset = draw.one_in(4)
    if out.preset:
        out.classes = 32
    else:
        put_predictors(draw, out)
    put_codes(draw, out)
    return out


def put_predictors(draw: Chooser, out: Prediction) -> None:
    out.classes = draw.log_uniform(1, 64) if draw.one_in(2) else 1
    out.own = (draw.between(1, 20), *(draw.between(1, 16) for _ in range(3)))
    out.cross = (0, *(draw.of((0, draw.between(2, 13))) for _ in range(3)))
    out.rice = draw.between(0, 8)
    most = draw.of((4, 30, 511))
    wide = min(most, 12 << out.rice)
    for plane in range(out.channels):
        places = out.own[plane] - 1
        places += max(0, out.cross[plane] - 1) * len(out.READS[plane])
        for place in range(places):
            out.means[plane, place] = draw.between(-most, most)
            for k in range(out.classes if out.classes > 1 else 0):
                out.spread[plane, place, k] = draw.between(-wide, wide)


def put_codes(draw: Chooser, out: Prediction) -> None:
    def code(symbols: list[int], size: int) -> list[int]:
        if out.rans:
            return draw.exponents(symbols, size, out.histogram_rice)
        longest = min(12, max(1, (len(symbols) - 1).bit_length()) + draw.below(4))
        return draw.lengths(symbols, size, longest)

    out.histogram_rice = draw.below(4)
    if out.classes > 1:
        every = range(out.classes + 2)
        out.differ = code(sorted({2, *draw.subset(every)}), len(every))
        out.same = code(sorted({2, *draw.subset(every)}), len(every))
    number = draw.log_uniform(1, 64) if draw.one_in(2) else 1
    if number > 1:
        listed = 1 << out.depth
        if out.values is not None:
            listed = sum(out.values[1 - out.values_begin :: 2])
        rows = 2 * max(8, (listed - 1).bit_length()) + 10
        out.contexts = out.channels * rows * 20
        out.map_lengths = draw.lengths([0, *draw.subset(range(1, number + 1))], number + 1, 12)
        used = [s for s, length in enumerate(out.map_lengths) if length]
        out.map_symbols = [draw.of(used) if draw.one_in(6) else 0 for _ in range(out.contexts)]
    out.zeros, out.value = [], []
    most = 16 + 4 * max(0, out.depth - 3) if draw.one_in(2) else 16
    for _ in range(number):
        symbols = list(range(most)) if draw.one_in(2) else [0, 1, *draw.subset(range(2, most))]
        out.value.append(code(symbols, 72))
        run = not out.rans and draw.one_in(4)
        out.zeros.append(code([0, *draw.subset(range(1, 40))], 72) if run else None)


def drawn_cells(draw: Chooser, w: int, h: int) -> list[int]:
    return [draw.below(2) for _ in range(ceil_div(w, 64) * ceil_div(h, 64))]


def drawn_group(
    draw: Chooser, size: tuple[int, int], channels: int, depth: int, log2: int, *, overlay: bool
) -> Group:
    """A lossless group of one method or both; overlay: as clause `frame.overlay` allows it."""
    parts = 1 if overlay else draw.between(1, 3)
    if depth > 8 and parts == 3:
        parts = 2
    own = None
    if parts & 1:
        pixels = parts == 3 or draw.one_in(2)
        own = drawn_lzw(draw, channels, depth, overlay=overlay, pixels=pixels)
    photo = drawn_prediction(draw, channels, depth) if parts & 2 else None
    streams = [
        drawn_segment(draw, own, photo, (w, h), channels, depth, overlay=overlay)
        for _, _, w, h in rectangles(*size, log2)
    ]
    return lossless_group(streams, own, photo, log2=log2)


def drawn_segment(
    draw: Chooser,
    own: Lzw | None,
    photo: Prediction | None,
    size: tuple[int, int],
    channels: int,
    depth: int,
    *,
    overlay: bool,
) -> bytes:
    w, h = size
    columns = ceil_div(w, 64)
    flags = drawn_cells(draw, w, h)
    cells = [flags[i : i + columns] for i in range(0, len(flags), columns)]
    out: prediction.Samples = [[[0] * channels for _ in range(w)] for _ in range(h)]
    token_bytes = b""
    if own is not None:
        tables = lzw_tables.parse_tables(own.tables(), channels, depth)
        bits = DrawnBits(draw)
        if photo is not None or overlay:
            tokens = Tokens(own)
            tokens.cells(flags[0] if len(set(flags)) == 1 else flags)
            bits.bits += tokens.bits.bits
        else:
            cells = [[0] * columns for _ in cells]
        follow(tables, bits, cells, out)
        string = Bits()
        string.bits = bits.bits
        token_bytes = string.bytes()
    if photo is None:
        return token_bytes
    if own is None:
        cells = [[1] * columns for _ in cells]
    if not any(1 in row for row in cells):
        return both(token_bytes, b"")
    read = prediction.parse_tables(photo.tables(), channels, depth)
    residuals = DrawnResiduals(draw, read, cells, out)
    residuals.read_classes()
    for plane in range(channels):
        residuals.decode_plane(plane)
    residuals.to_channels(out)
    return residuals.bytes() if own is None else both(token_bytes, residuals.bytes())


def follow(
    tables: lzw_tables.Tables,
    bits: DrawnBits,
    cells: list[list[int]],
    out: prediction.Samples,
) -> None:
    """Draws the tokens of a segment and fills its cells of `out`."""
    h, w = len(out), len(out[0])
    if tables.palette is not None and len(tables.palette) == 1:
        pixels = [0] * (w * h)
    elif tables.per > 1:
        wide = ceil_div(w, tables.per)
        plain = [[0] * ceil_div(wide, 64) for _ in cells]
        DrawnTokens(tables, bits, plain, wide, h).decode()
        return
    else:
        pixels = DrawnTokens(tables, bits, cells, w, h).decode()
    for y, row in enumerate(out):
        for x, samples in enumerate(row):
            if not cells[y // 64][x // 64]:
                samples[:] = tables.samples(pixels[y * w + x])
