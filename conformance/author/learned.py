"""Chunks and models of chapter 10, field by field, each right by default and wrong on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.author.draw import Draw
from conformance.author.fields import chunk, leb, u8, u32

SIGNATURE = bytes.fromhex("C443544D0D0A1A0A")
Tap = tuple[int, int, int, int]  # source, dy, dx, clip


def i8(v: int) -> bytes:
    return u8(v & 255)


def u16(v: int) -> bytes:
    return v.to_bytes(2, "little")


def model_file(
    kind: int,
    body: bytes,
    metadata: bytes = b"",
    *,
    version: int = 1,
    signature: bytes = SIGNATURE,
    wrong_hash: int = 0,
) -> bytes:
    """Clause `learned.model`."""
    data = signature + u8(version) + u8(kind) + leb(len(metadata)) + metadata + body
    digest = bytearray(hashlib.sha256(data).digest())
    digest[-1] ^= wrong_hash
    return data + bytes(digest)


@dataclass
class Filters:
    """Clause `learned.filters`. weight(p, set, class, k)."""

    seed: int = 1
    most: int = 60
    rates: list[int] = field(default_factory=lambda: [40, 52])
    activities: list[int] = field(default_factory=lambda: [30, 200, 900])
    taps: list[list[Tap]] = field(default_factory=list)
    shifts: tuple[int, int, int] = (8, 8, 8)
    constant: int | None = None  # every weight
    rate_count: int | None = None
    behind: bytes = b""

    def body(self) -> bytes:
        rates = len(self.rates) + 1 if self.rate_count is None else self.rate_count
        out = u8(rates) + bytes(self.rates) + u8(len(self.activities) + 1)
        out += b"".join(u16(v) for v in self.activities)
        out += bytes(len(taps) for taps in self.taps) + bytes(self.shifts)
        for taps in self.taps:
            out += b"".join(u8(s) + i8(dy) + i8(dx) + u8(clip) for s, dy, dx, clip in taps)
        draw = Draw(self.seed)
        count = (len(self.rates) + 1) * 10 * (len(self.activities) + 1)
        for taps in self.taps:
            for _ in range(count * len(taps)):
                w = draw.between(-self.most, self.most) if self.constant is None else self.constant
                out += i8(w)
        return out + self.behind

    def file(self, metadata: bytes = b"") -> bytes:
        return model_file(0, self.body(), metadata)


def some_taps() -> list[list[Tap]]:
    """Near and far, of each plane's own and of the others."""
    return [
        [(0, 0, 1, 32), (0, 1, 0, 20), (0, -1, 1, 255), (0, 3, 4, 1)],
        [(1, 0, 1, 32), (0, 1, 1, 40), (2, -4, -4, 16)],
        [(2, 1, 0, 64), (0, 0, -2, 255)],
    ]


@dataclass
class Layer:
    """Clause `learned.network`."""

    outputs: int
    k: int = 3
    flags: int = 0  # bit 0 positive, bit 1 add
    seed: int = 1
    most: int = 30
    constant: int | None = None
    multiplier: int | list[int] = 20000  # of all outputs, or of each; so the bias
    shift: int = 8
    bias: int | list[int] | None = None
    form: int | None = None
    weights: bytes | None = None

    def bytes(self, inputs: int) -> bytes:
        draw = Draw(self.seed)
        form = (0 if self.k == 1 else 1) if self.form is None else self.form
        out = u8(form) + u8(self.flags) + u8(self.outputs)
        given = self.multiplier
        out += b"".join(map(u16, given)) if isinstance(given, list) else u16(given) * self.outputs
        out += u8(self.shift) * self.outputs
        for o in range(self.outputs):
            bias = self.bias[o] if isinstance(self.bias, list) else self.bias
            drawn = draw.between(-5000, 5000) if bias is None else bias
            out += u32(drawn & 0xFFFFFFFF)
        if self.weights is not None:
            return out + self.weights
        for _ in range(self.outputs * self.k * self.k * inputs):
            w = draw.between(-self.most, self.most) if self.constant is None else self.constant
            out += i8(w)
        return out


@dataclass
class Network:
    """Clause `learned.network`."""

    layers: list[Layer]
    side_log2: int = 1
    count: int | None = None
    behind: bytes = b""

    def body(self) -> bytes:
        inputs = 3 * 4**self.side_log2 + 4
        out = u8(self.side_log2) + u8(len(self.layers) if self.count is None else self.count)
        for layer in self.layers:
            out += layer.bytes(inputs)
            inputs = layer.outputs
        return out + self.behind

    def file(self, metadata: bytes = b"") -> bytes:
        return model_file(1, self.body(), metadata)


def lmdl(model: bytes, check: int = 0) -> bytes:
    """The chunk of a model."""
    return chunk("lmdl", model, check=check)


def lrnd(
    model: bytes,
    luma: int = 4,
    chroma: int = 4,
    ranks: bytes | None = None,
    *,
    identifier: bytes | None = None,
    bits: int = 0,
    behind: bytes = b"",
    check: int = 0,
) -> bytes:
    """Clause `learned.layer`. ranks: of all cells, makes it `varied`."""
    name = model[-32:-24] if identifier is None else identifier
    head = luma | chroma << 3 | (ranks is not None) << 6 | bits
    return chunk("lrnd", name + u8(head) + (ranks or b"") + behind, check=check)


def ranks_of(strengths: Sequence[tuple[int, ...]], first: tuple[int, ...]) -> bytes:
    """Clause `learned.strengths`: of each cell, luma and chroma or luma alone."""
    lists = [[f, *(s for s in range(8) if s != f)] for f in first]
    bits: list[int] = []
    for cell in strengths:
        for strength, order in zip(cell, lists, strict=True):
            rank = order.index(strength)
            bits += [1] * rank + [0] * (rank < 7)
            order.insert(0, order.pop(rank))
    bits += [0] * (-len(bits) % 8)
    return bytes(
        sum(bit << place for place, bit in enumerate(bits[at : at + 8]))
        for at in range(0, len(bits), 8)
    )
