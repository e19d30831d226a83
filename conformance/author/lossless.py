"""Lossless groups from given tokens and residuals. Chapters 9, 9a, 9b.

Every family sends one code of its own for all classes, so that no context has to be followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from conformance.author.bits import Bits, Code, Rans, even, table, zigzag
from conformance.author.fields import LOSSLESS, Group, leb, u8

FAMILIES = ("token", "phrase", "index", "residual", "cache", "predictor")
INH, N, W, NE, NW, CB, CS, DW, DE, EX = range(10)
INDEX, CACHED, RESIDUALS = 320, 321, 322


def flat(n: int) -> list[int]:
    """Clause `lzw.family`."""
    return even(list(range(n)), n)


def bucket(length: int) -> tuple[int, int, int]:
    """Clause `lzw.length`: bucket, number of raw bits, raw bits."""
    if length <= 4:
        return length - 1, 0, 0
    v = length - 1
    n = v.bit_length() - 2
    return 4 + 2 * (n - 1) + (v >> n & 1), n, v & ((1 << n) - 1)


def age_of(phrase: int) -> tuple[int, int]:
    """The least age of a phrase symbol from 4 on, and its raw bits. Clause `lzw.phrase`."""
    k = phrase - 4
    n = 2 + ((k - 8) >> 1) if k >= 8 else 0
    return (2 + (k & 1)) << n if k >= 8 else k, n


def put_residual(bits: Bits, code: Code, z: int) -> None:
    """Clause `lzw.residual`: a number."""
    if z < 32:
        bits.symbol(code, z)
        return
    n = z.bit_length() - 1
    bits.symbol(code, 32 + 2 * (n - 5) + (z >> (n - 1) & 1))
    bits.raw(n - 1, z & ((1 << (n - 1)) - 1))


@dataclass
class Lzw:
    """The tables of an LZW part. Clauses `lzw.tables`, `lzw.palette`, `lzw.family`.

    own: the lengths of each family's own code; a family that is left out sends none, and its
    default codes must not be needed; apart: it is sent for each class by itself, as differences to
    that class's default. lone: in place of that, a code of one symbol for each class,
    so that the contexts alone say what is decoded. palette: entries as samples in the order
    A, G, R, B (of the channels that the group has). per: pixels of a number (`lzw.packed`).
    """

    channels: int
    depth: int = 8
    palette: Sequence[tuple[int, ...]] | None = None
    rice: int = 3
    set: int = 0
    cache_bits: int = 0
    colour: tuple[int, int, int] | None = None
    tile: int = 0
    predictor: int = 0
    own: dict[str, list[int]] = field(default_factory=dict)
    lone: dict[str, list[int]] = field(default_factory=dict)
    apart: bool = False
    fill: int = 0
    per: int = 1

    def tables(self) -> bytes:
        bits = Bits().raw(1, int(self.palette is None))
        if self.palette is not None:
            self.put_palette(bits, self.palette)
            if len(self.palette) == 1:
                return bits.bytes(self.fill)
        if self.per > 1:
            bits.raw(2, 3)
        bits.raw(2, self.set)
        if self.palette is None:
            bits.raw(4, self.cache_bits)
            if self.channels >= 3:
                bits.raw(1, int(self.colour is not None))
                for v in self.colour or ():
                    bits.raw(5, v + 8)
            bits.raw(2, self.tile)
            if self.tile == 0:
                bits.raw(4, self.predictor)
        for name in self.families():
            self.put_family(bits, name)
        return bits.bytes(self.fill)

    def families(self) -> list[str]:
        if self.palette is not None:
            return ["token", "phrase", "index"]
        out = ["token", "phrase", "residual"]
        return out + ["cache"] * (self.cache_bits > 0) + ["predictor"] * (self.tile > 0)

    def put_palette(self, bits: Bits, palette: Sequence[tuple[int, ...]]) -> None:
        top = (1 << self.depth) - 1
        bits.raw(8, len(palette) - 1)
        sent = list(range(self.channels))
        if self.channels in (2, 4):
            opaque = all(entry[0] == top for entry in palette)
            bits.raw(1, int(opaque))
            sent = sent[1:] if opaque else sent
        if self.channels >= 3:
            g = self.channels - 3
            gray = all(entry[g] == entry[g + 1] == entry[g + 2] for entry in palette)
            bits.raw(1, int(gray))
            sent = [c for c in sent if c <= g] if gray else sent
        for c in sent:
            bits.raw(self.depth, palette[0][c])
        if len(palette) == 1:
            return
        for place, c in enumerate(sent):
            bits.raw(4, self.rice)
            for before, entry in pairwise(palette):
                step = (entry[c] - before[c]) % (1 << self.depth)
                if place:
                    half = 1 << (self.depth - 1)
                    step = zigzag(step - (1 << self.depth) if step > half else step)
                if step >> self.rice <= 15:
                    bits.rice(self.rice, step)
                else:
                    bits.raw(16, 65535).raw(self.depth + 1, step)

    def default(self, name: str, c: int = 0) -> tuple[int, list[int]]:
        """Number of classes, and the default lengths of class c."""
        if name == "index":
            assert self.palette is not None
            count = len(self.palette) ** self.per
            return min(count, 32), flat(count)
        if name == "cache":
            return 1, flat(1 << self.cache_bits)
        classes, n = {"token": (28, 338), "phrase": (1, 64), "residual": (18, 38)}.get(
            name, (1, 15)
        )
        begin = 0 if name == "predictor" else (self.set * classes + c) * n
        return classes, list(table(f"lzw-{name}-lengths.txt")[begin : begin + n])

    def put_family(self, bits: Bits, name: str) -> None:
        classes, base = self.default(name)
        if name in self.lone or (self.apart and name in self.own):
            codes = min(classes, 31)  # the last class of 32 shares the code before it
            bits.raw(5, codes)
            for c in range(classes):
                bits.raw(codes.bit_length(), min(c + 1, codes))
            for c in range(codes):
                base = self.default(name, c)[1]
                lone = self.lone.get(name)
                lengths = self.own[name] if lone is None else even([lone[c]], len(base))
                put_own_code(bits, name, base, lengths)
            return
        if name not in self.own:
            bits.raw(5, 0)
            return
        bits.raw(5, 1)
        for _ in range(classes):
            bits.raw(1, 1)
        put_own_code(bits, name, base, self.own[name])

    def code(self, name: str) -> Code:
        return Code(self.own[name] if name in self.own else self.default(name)[1])


def put_own_code(bits: Bits, name: str, base: list[int], lengths: list[int]) -> None:
    """Clause `lzw.family`, own_code."""
    begin = 48 * FAMILIES.index(name)
    sending = table("lzw-sending-lengths.txt")[begin : begin + 48]
    gaps, deltas = Code(list(sending[:23])), Code(list(sending[23:]))
    order = sorted(range(len(base)), key=lambda s: (base[s], s))
    used = [rank for rank, s in enumerate(order) if lengths[s]]
    bits.gamma(len(used))
    last = -1
    for rank in used:
        gap = rank - last - 1
        last = rank
        if gap < 16:
            bits.symbol(gaps, gap)
        else:
            n = gap.bit_length() - 1
            bits.symbol(gaps, n + 12).raw(n, gap - (1 << n))
        if len(used) > 1:
            bits.symbol(deltas, zigzag(lengths[order[rank]] - base[order[rank]]))


class Tokens:
    """The tokens of a segment. Clauses `lzw.token`, `lzw.phrase`, `lzw.residual`."""

    def __init__(self, lzw: Lzw) -> None:
        self.bits = Bits()
        self.codes = {name: lzw.code(name) for name in lzw.families()}
        self.pixels = 0

    def cells(self, flags: list[int] | int) -> Tokens:
        """Clause `lossless.cells`; an int: all cells are that."""
        if isinstance(flags, int):
            self.bits.raw(1, 1).raw(1, flags)
            return self
        self.bits.raw(1, 0).raw(1, flags[0])
        runs: list[list[int]] = []
        for flag in flags:
            if runs and runs[-1][0] == flag:
                runs[-1][1] += 1
            else:
                runs.append([flag, 1])
        for _, run in runs:
            self.bits.gamma(run)
        return self

    def run(self, source: int, length: int, phrase: int | None = None, raw: int = 0) -> Tokens:
        """A run; EX has a phrase symbol and its raw bits."""
        k, n, v = bucket(length)
        self.pixels += length
        self.bits.symbol(self.codes["token"], source << 5 | k).raw(n, v)
        if phrase is not None:
            self.bits.symbol(self.codes["phrase"], phrase).raw(age_of(phrase)[1], raw)
        return self

    def index(self, i: int) -> Tokens:
        self.pixels += 1
        self.bits.symbol(self.codes["token"], INDEX).symbol(self.codes["index"], i)
        return self

    def cached(self, i: int) -> Tokens:
        self.pixels += 1
        self.bits.symbol(self.codes["token"], CACHED).symbol(self.codes["cache"], i)
        return self

    def residuals(self, mask: int, *z: int, predictor: int | None = None) -> Tokens:
        """A residual literal: the z of each set bit; predictor where its tile has none yet."""
        self.pixels += 1
        self.bits.symbol(self.codes["token"], RESIDUALS + mask)
        if predictor is not None:
            self.bits.symbol(self.codes["predictor"], predictor)
        for v in z:
            put_residual(self.bits, self.codes["residual"], v)
        return self

    def bytes(self, fill: int = 0) -> bytes:
        return self.bits.bytes(fill)


@dataclass
class Prediction:
    """The tables of a prediction part. Clause `prediction.tables`.

    coefficients[plane]: for each tap that is not a rest tap its mean, and, with more than one
    class, what is added to it in each class. With rans, differ, same and value hold exponents of
    histograms (-1: the symbol does not occur) in place of lengths.
    """

    channels: int
    transform: int = 0
    values: list[int] | None = None  # runs, from the one of values that are not in the list on
    values_begin: int = 0
    classes: int = 1
    own: tuple[int, ...] = (1, 1, 1, 1)
    cross: tuple[int, ...] = (0, 0, 0, 0)
    cross_told: dict[int, int] = field(default_factory=dict)  # another number, by plane
    means: dict[tuple[int, int], int] = field(default_factory=dict)  # (plane, place): mean
    spread: dict[tuple[int, int, int], int] = field(default_factory=dict)  # and class: added
    rice: int = 2
    near: int = 0
    preset: bool = False  # with classes = 32
    above: bool = False
    rans: bool = False
    histogram_rice: int = 2
    differ: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    contexts: int = 0
    map_lengths: list[int] = field(default_factory=list)
    map_symbols: list[int] = field(default_factory=list)
    zeros: list[list[int] | None] = field(default_factory=lambda: [None])
    value: list[list[int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    depth: int = 8
    numbers: list[int] | None = None
    number_bits: int = 18
    fill: int = 0

    READS = ((), (0,), (0, 1), (0,))

    def tables(self) -> bytes:
        bits = Bits()
        if self.channels >= 3:
            bits.raw(3, self.transform)
        bits.raw(1, int(self.values is not None))
        if self.values is not None:
            bits.raw(1, self.values_begin)
            for run in self.values:
                bits.gamma(run)
        if self.depth > 8:
            bits.raw(1, int(self.numbers is not None))
            if self.numbers is not None:
                bits.raw(16, len(self.numbers) - 1).raw(5, self.number_bits)
                for number in self.numbers:
                    bits.raw(self.number_bits, number)
        if self.values is None and self.numbers is None:
            bits.gamma(self.near + 1)
        bits.raw(1, int(self.preset))
        bits.raw(1, int(self.above))
        if not self.preset:
            bits.raw(6, self.classes - 1)
            for plane in range(self.channels):
                bits.raw(5, self.own[plane])
                if plane:
                    bits.raw(4, self.cross_told.get(plane, self.cross[plane]))
                self.put_coefficients(bits, plane)
        bits.raw(1, int(self.rans))
        if self.classes > 1:
            self.put_code(bits, self.differ, "differ")
            self.put_code(bits, self.same, "same")
        bits.raw(6, len(self.value) - 1)
        if len(self.value) > 1:
            bits.lengths(self.map_lengths, 7)
            code = Code(self.map_lengths)
            for s in self.map_symbols:
                bits.symbol(code, s)
        for zeros, value in zip(self.zeros, self.value, strict=True):
            if not self.rans:
                bits.raw(1, int(zeros is not None))
            if zeros is not None:
                self.put_code(bits, zeros, "zeros")
            self.put_code(bits, value, "value")
        return bits.bytes(self.fill)

    def put_code(self, bits: Bits, code: list[int], name: str) -> None:
        """A prefix code, or clause `prediction.histogram`."""
        if not self.rans:
            bits.lengths(code, 7, count=self.counts.get(name))
            return
        k = self.histogram_rice
        bits.raw(7, self.counts.get(name, len(code))).raw(2, k)
        last = 32
        for exponent in code:
            n = 3 << k
            if exponent >= 0:
                z = zigzag(exponent - last)
                n = z + 1 if z >= 3 << k else z
                last = exponent
            bits.rice(k, n)

    def put_coefficients(self, bits: Bits, plane: int) -> None:
        """Clause `prediction.coefficients`."""
        crossed = max(0, self.cross[plane] - 1) * len(self.READS[plane])
        for place in range(self.own[plane] - 1 + crossed):
            bits.raw(10, self.means.get((plane, place), 0) + 512)
            if self.classes > 1:
                bits.raw(4, self.rice)
                for k in range(self.classes):
                    bits.rice(self.rice, zigzag(self.spread.get((plane, place, k), 0)))


def frequencies(exponents: list[int]) -> tuple[int, ...]:
    """Clause `prediction.histogram`."""
    weights = [(16, 19, 23, 27)[e % 4] * 2 ** (e // 4) if e >= 0 else 0 for e in exponents]
    f = [max(1, w * 4096 // sum(weights)) if w else 0 for w in weights]
    f[weights.index(max(weights))] += 4096 - sum(f)
    return tuple(f)


class Residuals:
    """The bits of a prediction part of a segment. Clauses `prediction.classes`, `.residual`."""

    def __init__(self, p: Prediction) -> None:
        self.bits = Bits()
        self.rans = Rans()
        self.p = p
        self.codes = {"differ": p.differ, "same": p.same}

    def symbol(self, code: list[int], s: int) -> None:
        if self.p.rans:
            self.rans.symbol(frequencies(code), s)
        else:
            self.bits.symbol(Code(code), s)

    def of_class(self, code: str, s: int) -> Residuals:
        self.symbol(self.codes[code], s)
        return self

    def number(self, code: list[int], v: int) -> Residuals:
        if v < 16:
            self.symbol(code, v)
            return self
        n = v.bit_length()
        self.symbol(code, 16 + 4 * (n - 1 - 4) + (v >> (n - 3) & 3))
        raw = v & ((1 << (n - 3)) - 1)
        if self.p.rans:
            self.rans.raw(n - 3, raw)
        else:
            self.bits.raw(n - 3, raw)
        return self

    def value(self, v: int, t: int = 0) -> Residuals:
        return self.number(self.p.value[t], v)

    def run(self, v: int, t: int = 0) -> Residuals:
        zeros = self.p.zeros[t]
        assert zeros is not None
        return self.number(zeros, v)

    def bytes(self, fill: int = 0) -> bytes:
        return self.rans.bytes() if self.p.rans else self.bits.bytes(fill)


def lossless_group(
    streams: list[bytes],
    lzw: Lzw | None = None,
    prediction: Prediction | None = None,
    *,
    log2: int = 0,
    parts: int | None = None,
    behind: bytes = b"",
) -> Group:
    """Clause `lossless.tables`. parts: another value than what is there."""
    told = (lzw is not None) | (prediction is not None) << 1 if parts is None else parts
    out = u8(told)
    if lzw is not None:
        blob = lzw.tables()
        out += (leb(len(blob)) if prediction is not None else b"") + blob
    if prediction is not None:
        out += prediction.tables()
    return Group(LOSSLESS, [streams], out + behind, log2)


def both(lzw_bits: bytes, prediction_bits: bytes) -> bytes:
    """Clause `lossless.segment`, a segment with both parts."""
    return leb(len(lzw_bits)) + lzw_bits + prediction_bits
