"""Chapter 9a: prediction of the photo cells of a lossless group."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from .conventions import clamp, require, table_rows, unzigzag, width_of
from .prefix import Bits, Code, read_code
from .rans import Histogram, Rans

TOKENS, MAX_LENGTH = 72, 12
READS = ((), (0,), (0, 1), (0,))  # the earlier planes that a plane reads
# transform: the channel that is plane 0, and those that become plane 1 and 2 as differences to it
DIFFERENCES: tuple[tuple[int, ...], ...] = (
    (),
    (1, 0, 2),
    (1, 2, 0),
    (0, 1, 2),
    (0, 2, 1),
    (2, 1, 0),
    (2, 0, 1),
)

ENERGY = (
    (0, -1),
    (-1, 0),
    (-1, -1),
    (-1, 1),
    (0, -2),
    (-2, 0),
    (-1, 2),
    (-1, -2),
    (-2, 1),
    (-2, -1),
)

Samples = list[list[list[int]]]
AnyCode = Code | Histogram  # by the coder of the group


@dataclass
class Tables:
    """Clause `prediction.tables`."""

    channels: int
    transform: int
    values: list[int] | None
    max: int
    classes: int
    taps: list[list[tuple[int, int, int]]] = field(default_factory=list)  # (plane, dy, dx)
    c: list[list[list[int]]] = field(default_factory=list)  # [plane][class][tap]
    near: int = 0
    rans: bool = False
    differ: AnyCode | None = None
    same: AnyCode | None = None
    table_of: list[int] = field(default_factory=list)
    zeros: list[AnyCode | None] = field(default_factory=list)
    value: list[AnyCode] = field(default_factory=list)
    numbers: list[int] | None = None
    above: bool = False

    @property
    def levels(self) -> int:
        """L of clause `prediction.map`."""
        return 2 * max(8, self.max.bit_length()) + 2

    @property
    def rows(self) -> int:
        """R of clause `prediction.map`."""
        return self.levels + 8


def parse_tables(blob: bytes, channels: int, depth: int) -> Tables:
    here = "prediction.tables"
    bits = Bits(blob)
    transform = bits.raw(3) if channels >= 3 else 0
    require(transform <= 6, "transform 7", here)
    values = read_values(bits, depth) if bits.raw(1) else None
    top = (1 << depth) - 1 if values is None else len(values) - 1
    numbers = read_numbers(bits) if depth > 8 and bits.raw(1) else None
    t = Tables(channels, transform, values, top, 32, numbers=numbers)
    if values is None and numbers is None:
        t.near = bits.gamma(16) - 1
        require(t.near <= top, f"samples off by {t.near}", "prediction.near")
    is_preset = bits.raw(1)
    t.above = bits.raw(1) == 1
    if is_preset:
        preset(t)
    else:
        read_predictors(bits, t)
    t.rans = bits.raw(1) == 1

    def code(symbols: int) -> AnyCode:
        return read_histogram(bits, symbols) if t.rans else read_code(bits, symbols, MAX_LENGTH, 7)

    if t.classes > 1:
        t.differ = code(t.classes + 2)
        t.same = code(t.classes + 2)
    number = bits.raw(6) + 1
    t.table_of = read_map(bits, number, channels * t.rows * 20, t.rows)
    for _ in range(number):
        run = 0 if t.rans else bits.raw(1)
        t.zeros.append(code(TOKENS) if run else None)
        t.value.append(code(TOKENS))
    bits.end(here)
    return t


def read_predictors(bits: Bits, t: Tables) -> None:
    here = "prediction.tables"
    t.classes = bits.raw(6) + 1
    for plane in range(t.channels):
        own = bits.raw(5)
        require(1 <= own <= (16 if plane else 20), f"{own} own taps", here)
        cross = bits.raw(4) if plane else 0
        require(cross == 0 or 2 <= cross <= 13, f"{cross} taps of an earlier plane", here)
        taps = taps_of(plane, own, cross)
        t.taps.append(taps)
        t.c.append(read_coefficients(bits, plane, taps, t.classes))


def taps_of(plane: int, own: int, cross: int) -> list[tuple[int, int, int]]:
    """Clause `prediction.taps`."""
    rows = table_rows("prediction-taps.txt", 2)
    taps = [(plane, dy, dx) for dy, dx in rows[:own]]
    for earlier in READS[plane]:
        taps += [(earlier, dy, dx) for dy, dx in rows[20 : 20 + cross]]
    return taps


def preset(t: Tables) -> None:
    """Clause `prediction.preset`."""
    rows = table_rows("prediction-classes.txt", 39)
    for plane in range(t.channels):
        crossed = t.channels >= 3 and plane in (1, 2)
        taps = taps_of(plane, 16 if plane else 20, 13 if crossed else 0)
        t.taps.append(taps)
        first = 32 * plane if crossed else 0
        t.c.append([])
        for row in rows[first : first + 32]:
            sent = iter(row)
            c = [0 if (dy, dx) == (0, -1) else next(sent) for _, dy, dx in taps]
            fill_rest(c, plane, taps)
            t.c[plane].append(c)


def read_histogram(bits: Bits, symbols: int) -> Histogram:
    """Clause `prediction.histogram`, as slots (symbol, frequency, start)."""
    here = "prediction.histogram"
    count = bits.raw(7)
    require(1 <= count <= symbols, f"{count} symbols", here)
    k = bits.raw(2)
    last = 32
    weights = []
    for _ in range(count):
        n = bits.rice(k)
        if n == 3 << k:
            weights.append(0)
            continue
        last += unzigzag(n - 1 if n > 3 << k else n)
        require(0 <= last <= 47, f"exponent {last}", here)
        weights.append((16, 19, 23, 27)[last & 3] << (last >> 2))
    total = sum(weights)
    require(total > 0, "no symbol", here)
    f = [max(1, w * 4096 // total) if w else 0 for w in weights]
    f[weights.index(max(weights))] += 4096 - sum(f)
    slots: list[tuple[int, int, int]] = []
    for s, frequency in enumerate(f):
        slots += [(s, frequency, len(slots))] * frequency
    return tuple(slots)


def read_values(bits: Bits, depth: int) -> list[int]:
    """Clause `prediction.values`."""
    here = "prediction.values"
    values: list[int] = []
    v = 0
    used = bits.raw(1)
    while v < 1 << depth:
        run = bits.gamma(16)
        require(run <= (1 << depth) - v, "run of values", here)
        if used:
            values += range(v, v + run)
        v += run
        used = 1 - used
    require(bool(values), "no value", here)
    return values


def read_numbers(bits: Bits) -> list[int]:
    """Clause `prediction.numbers`."""
    count = bits.raw(16) + 1
    width = bits.raw(5)
    require(width <= 18, f"numbers of {width} bits", "prediction.numbers")
    return [bits.raw(width) for _ in range(count)]


def read_coefficients(
    bits: Bits, plane: int, taps: list[tuple[int, int, int]], classes: int
) -> list[list[int]]:
    """Clause `prediction.coefficients`: [class][tap], in 1/128."""
    c = [[0] * len(taps) for _ in range(classes)]
    for tap, (_, dy, dx) in enumerate(taps):
        if (dy, dx) == (0, -1):
            continue
        mean = bits.raw(10) - 512
        for row in c:
            row[tap] = mean
        if classes > 1:
            k = bits.raw(4)
            for row in c:
                row[tap] += unzigzag(bits.rice(k))
                require(abs(row[tap]) <= 2047, "coefficient", "prediction.coefficients")
    for row in c:
        fill_rest(row, plane, taps)
    return c


def fill_rest(c: list[int], plane: int, taps: list[tuple[int, int, int]]) -> None:
    """The rest taps of one class, which are 0 before. Clause `prediction.coefficients`."""
    for tap, (source, dy, dx) in enumerate(taps):
        if (dy, dx) == (0, -1):
            others = (a for a, (p, *_) in zip(c, taps, strict=True) if p == source)
            c[tap] = (128 if source == plane else 0) - sum(others)


def read_map(bits: Bits, number: int, contexts: int, rows: int) -> list[int]:
    """Clause `prediction.map`."""
    table_of = [0] * contexts
    if number == 1:
        return table_of
    code = read_code(bits, number + 1, MAX_LENGTH, 7)
    for context in range(contexts):
        s = code.symbol(bits)
        row = context // 20 % rows
        if s > 0:
            table_of[context] = s - 1
        elif row == 0:
            table_of[context] = table_of[context - 1]  # 0 before the first
        elif 2 <= row <= 16:
            table_of[context] = table_of[context - 40]
        else:
            table_of[context] = table_of[context - 20]
    return table_of


def decode(tables: Tables, data: bytes, cells: list[list[int]], out: Samples) -> None:
    """Clause `prediction.segment`: fill the photo cells of out[y][x][channel]."""
    segment = Segment(tables, Operations(data) if tables.rans else Bits(data), cells, out)
    segment.read_classes()
    for plane in range(tables.channels):
        segment.decode_plane(plane)
    segment.bits.end("prediction.segment")
    segment.to_channels(out)


class Operations:
    """A rANS stream that reads like a bit string. Clause `prediction.segment`."""

    def __init__(self, data: bytes) -> None:
        self.stream = Rans(data)

    def raw(self, n: int) -> int:
        return self.stream.raw(n)

    def end(self, _: str) -> None:
        self.stream.end()


class Segment:
    """The planes, residual sizes, classes and runs of a segment."""

    def __init__(
        self, t: Tables, bits: Bits | Operations, cells: list[list[int]], out: Samples
    ) -> None:
        self.t = t
        self.bits = bits
        self.cells = cells
        self.h, self.w = len(out), width_of(out)
        self.m = [[[0] * self.w for _ in range(self.h)] for _ in range(t.channels)]
        self.left = [0] * len(t.value)
        self.due = [0] * len(t.value)
        self.classes: dict[tuple[int, int], int] = {}
        # What stands in photo cells is not read before it is decoded.
        given = [[self.to_planes([self.rank(v) for v in pixel]) for pixel in row] for row in out]
        self.s = [[[planes[p] for planes in row] for row in given] for p in range(t.channels)]

    def photo(self, y: int, x: int) -> bool:
        return self.cells[y // 64][x // 64] == 1

    def rank(self, sample: int) -> int:
        """Clause `prediction.values`."""
        values = self.t.values
        if values is None:
            return sample
        below = bisect_left(values, sample)
        return below if values[below : below + 1] == [sample] else max(below - 1, 0)

    def to_planes(self, channels: list[int]) -> list[int]:
        """Clause `prediction.colour`."""
        if self.t.transform == 0:
            return channels
        base, first, second = DIFFERENCES[self.t.transform]
        c = channels
        return [c[base], c[first] - c[base], c[second] - c[base], *c[3:]]

    def to_channels(self, out: Samples) -> None:
        """Clause `prediction.colour`, backwards, in the photo cells."""
        t = self.t
        for y, row in enumerate(out):
            for x, pixel in enumerate(row):
                if not self.photo(y, x):
                    continue
                planes = [self.s[plane][y][x] for plane in range(t.channels)]
                channels = list(planes)
                if t.transform:
                    base, first, second = DIFFERENCES[t.transform]
                    channels[base] = planes[0]
                    channels[first] = planes[1] + planes[0]
                    channels[second] = planes[2] + planes[0]
                if t.near:
                    channels = [clamp(v, 0, t.max) for v in channels]
                inside = all(0 <= v <= t.max for v in channels)
                require(inside, f"samples {channels}", "prediction.colour")
                pixel[:] = channels if t.values is None else [t.values[v] for v in channels]

    def read_classes(self) -> None:
        """Clause `prediction.classes`."""
        t = self.t
        for i in range((self.h + 7) // 8):
            for j in range((self.w + 7) // 8):
                if not self.photo(8 * i, 8 * j):
                    continue
                if t.classes == 1:
                    self.classes[i, j] = 0
                    continue
                assert t.same is not None and t.differ is not None
                w = self.classes.get((i, j - 1), -1)
                n = self.classes.get((i - 1, j), -1)
                if w == -1:
                    w = n
                if n == -1:
                    n = w
                s = self.symbol(t.same if w == n else t.differ)
                require(s != 0 or w != -1, "class of a missing block", "prediction.classes")
                require(s != 1 or w != n, "class above, equal to the left", "prediction.classes")
                self.classes[i, j] = w if s == 0 else n if s == 1 else s - 2

    def near(self, plane: list[list[int]], y: int, x: int) -> int:
        """plane[y][x], also outside the segment. Clause `prediction.edges`."""
        y = clamp(y, 0, self.h - 1)
        if x < 0:
            return plane[max(y - 1, 0)][0]
        return plane[y][min(x, self.w - 1)]

    def decode_plane(self, p: int) -> None:
        """Clause `prediction.sample`."""
        t, s = self.t, self.s[p]
        difference = t.transform > 0 and p in (1, 2)
        low, high = (-t.max if difference else 0), t.max
        middle = 0 if difference else (t.max + 1) >> 1
        for y in range(self.h):
            for x in range(self.w):
                if not self.photo(y, x):
                    continue
                if y == 0:
                    a = 128 * (s[0][x - 1] if x > 0 else middle)
                else:
                    c = t.c[p][self.classes[y // 8, x // 8]]
                    a = 0
                    for weight, (source, dy, dx) in zip(c, t.taps[p], strict=True):
                        a += weight * self.near(self.s[source], y + dy, x + dx)
                guess = clamp((a + 64) >> 7, low, high)
                context, negate = self.context(p, y, x, a)
                z = self.residual(t.table_of[context])
                if t.numbers is not None:
                    require(z < len(t.numbers), f"number {z} of the list", "prediction.sample")
                    z = t.numbers[z]
                r = unzigzag(z)
                value = guess + (-r if negate else r) * (2 * t.near + 1)
                if t.near:
                    value = clamp(value, low, high)
                require(low <= value <= high, f"sample {value}", "prediction.sample")
                s[y][x] = value
                self.m[p][y][x] = abs(r)

    def level(self, p: int, y: int, x: int) -> int:
        """Clause `prediction.energy`."""
        weights = table_rows("prediction-energy.txt", 16)[p]
        u = weights[:10]
        own = self.m[p]
        if y == 0:
            e = sum(u) * (own[0][x - 1] if x > 0 and not self.t.above else 4)
        else:
            e = sum(
                weight * self.near(own, y + dy, x + dx)
                for weight, (dy, dx) in zip(u, ENERGY, strict=True)
                if dy < 0 or not self.t.above
            )
        for plane, v in zip(READS[p], (10, 13), strict=False):
            e += weights[v] * self.near(self.m[plane], y, x)
            e += weights[v + 1] * self.near(self.m[plane], y, x + 1)
            e += weights[v + 2] * self.near(self.m[plane], y + 1, x)
        e += 8
        b = e.bit_length()
        return min(2 * (b - 4) + (e >> (b - 2) & 1), self.t.levels - 1)

    def context(self, p: int, y: int, x: int, a: int) -> tuple[int, bool]:
        """Clause `prediction.context`."""
        if y == 0 or self.t.above:
            w, n, half, negate = 0, 2, 0, False
        else:
            from_w = 128 * self.near(self.s[p], y, x - 1) - a
            from_n = 128 * self.near(self.s[p], y - 1, x) - a
            negate = from_w < 0
            if negate:
                from_w, from_n = -from_w, -from_n
            step = 2 * self.t.near + 1
            w = sum(1 for threshold in (64, 192, 448) if threshold * step <= from_w)
            n = 2
            for threshold in (64, 192):
                n += (threshold * step <= from_n) - (threshold * step <= -from_n)
            half = 1 - (a >> 6 & 1)  # what is rounded to the next one
            if negate:
                half = 1 - half
        level = self.level(p, y, x)
        row = 2 * level + half if level < 8 else level + 8
        return ((p * self.t.rows + row) * 4 + w) * 5 + n, negate

    def symbol(self, code: AnyCode) -> int:
        if isinstance(self.bits, Operations):
            assert not isinstance(code, Code)
            return self.bits.stream.symbol(code)
        assert isinstance(code, Code)
        return code.symbol(self.bits)

    def number(self, code: AnyCode) -> int:
        t = self.symbol(code)
        if t < 16:
            return t
        n = 4 + ((t - 16) >> 2)
        return (4 + (t & 3)) << (n - 2) | self.bits.raw(n - 2)

    def residual(self, t: int) -> int:
        """Clause `prediction.residual`."""
        zeros, value = self.t.zeros[t], self.t.value[t]
        if zeros is None:
            return self.number(value)
        if self.left[t] == 0 and self.due[t] == 0:
            self.left[t] = self.number(zeros)
            require(self.left[t] <= 65535, "run of zeros", "prediction.residual")
            self.due[t] = int(self.left[t] < 65535)
        if self.left[t] > 0:
            self.left[t] -= 1
            return 0
        self.due[t] = 0
        return 1 + self.number(value)
