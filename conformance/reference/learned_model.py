"""Chapter 10.2: model files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

from .conventions import Cursor, Unsupported, require

SIGNATURE = bytes.fromhex("C443544D0D0A1A0A")


@dataclass
class Filters:
    """Clause `learned.filters`. tap: source, dy, dx, clip. weight[p][set][class][k]."""

    rate_threshold: list[int]
    activity_threshold: list[int]
    shift: list[int]
    tap: list[list[tuple[int, int, int, int]]]
    weight: list[list[list[list[int]]]]


@dataclass
class Layer:
    """Clause `learned.network`. weight[o][r][s][c], r and s 0..k - 1."""

    k: int
    positive: bool
    add: bool
    multiplier: list[int]
    shift: list[int]
    bias: list[int]
    weight: list[list[list[list[int]]]]


@dataclass
class Network:
    n: int
    layers: list[Layer]


@dataclass
class Model:
    hash: bytes
    body: Filters | Network


def signed(v: int, bits: int) -> int:
    """Two's complement."""
    return v - (1 << bits) if v >> (bits - 1) else v


def parse_model(data: bytes) -> Model:
    """Clause `learned.model`. No body needs 2^20 bytes: in a longer file bytes are left."""
    here = "learned.model"
    require(hashlib.sha256(data[:-32]).digest() == data[-32:], "hash", here, len(data) - 32)
    cursor = Cursor(data, 0, len(data) - 32)
    require(cursor.take(8, here) == SIGNATURE, "signature of a model", here, 0)
    version = cursor.u8(here)
    if version != 1:
        raise Unsupported(f"model version {version}", here, 8)
    kind = cursor.u8(here)
    if kind > 1:
        raise Unsupported(f"model kind {kind}", here, 9)
    cursor.take(cursor.leb(0, 32768, here), here)
    body = parse_filters(cursor) if kind == 0 else parse_network(cursor)
    require(cursor.left == 0, "bytes behind the model", here, cursor.at)
    return Model(data[-32:], body)


def ranged(cursor: Cursor, low: int, high: int, here: str) -> int:
    v = cursor.u8(here)
    require(low <= v <= high, f"{v} is not in {low}..{high}", here, cursor.at - 1)
    return v


def parse_filters(cursor: Cursor) -> Filters:
    here = "learned.filters"
    rates = ranged(cursor, 1, 16, here)
    rate = [ranged(cursor, 1, 79, here) for _ in range(rates - 1)]
    activities = ranged(cursor, 1, 16, here)
    activity = [int.from_bytes(cursor.take(2, here), "little") for _ in range(activities - 1)]
    for thresholds in (rate, [0, *activity]):
        rises = all(a < b for a, b in pairwise(thresholds))
        require(rises, "thresholds must rise", here, cursor.at)
    counts = [ranged(cursor, 0, 32, here) for _ in range(3)]
    shift = [ranged(cursor, 4, 15, here) for _ in range(3)]
    tap = [[parse_tap(cursor, p) for _ in range(counts[p])] for p in range(3)]
    weight = [
        [
            [parse_weights(cursor, counts[p], here) for _ in range(10 * activities)]
            for _ in range(rates)
        ]
        for p in range(3)
    ]
    return Filters(rate, activity, shift, tap, weight)


def parse_tap(cursor: Cursor, p: int) -> tuple[int, int, int, int]:
    here = "learned.filters"
    source = ranged(cursor, 0, 2 if p else 0, here)
    dy, dx = signed(cursor.u8(here), 8), signed(cursor.u8(here), 8)
    near = -4 <= dy <= 4 and -4 <= dx <= 4 and (dy, dx) != (0, 0)
    require(near, f"a tap at {dy}, {dx}", here, cursor.at - 2)
    return source, dy, dx, ranged(cursor, 1, 255, here)


def parse_weights(cursor: Cursor, count: int, here: str) -> list[int]:
    weights = [signed(v, 8) for v in cursor.take(count, here)]
    require(-128 not in weights, "weight -128", here, cursor.at)
    return weights


def parse_network(cursor: Cursor) -> Network:
    here = "learned.network"
    n = 1 << ranged(cursor, 1, 2, here)
    count = ranged(cursor, 1, 16, here)
    inputs = 3 * n * n + 4
    layers: list[Layer] = []
    products = 0
    for _ in range(count):
        layers.append(parse_layer(cursor, inputs))
        outputs = len(layers[-1].bias)
        products += outputs * layers[-1].k ** 2 * inputs
        inputs = outputs
    require(inputs == 3 * n * n, "outputs of the last layer", here, cursor.at)
    require(not layers[-1].positive, "a last layer that is positive", here, cursor.at)
    require(products <= 4096 * n * n, "too many products", here, cursor.at)
    return Network(n, layers)


def parse_layer(cursor: Cursor, inputs: int) -> Layer:
    here = "learned.network"
    k = 3 if ranged(cursor, 0, 1, here) else 1
    flags = ranged(cursor, 0, 3, here)
    outputs = ranged(cursor, 1, 64, here)
    multiplier = [int.from_bytes(cursor.take(2, here), "little") for _ in range(outputs)]
    require(all(1 <= m <= 32767 for m in multiplier), "multiplier", here, cursor.at)
    shift = [ranged(cursor, 1, 20, here) for _ in range(outputs)]
    bias = [signed(cursor.u32(here), 32) for _ in range(outputs)]
    weight = [
        [[parse_weights(cursor, inputs, here) for _ in range(k)] for _ in range(k)]
        for _ in range(outputs)
    ]
    require(outputs == inputs or not flags & 2, "`add` of other channels", here, cursor.at)
    for o in range(outputs):
        size = sum(abs(w) for row in weight[o] for place in row for w in place)
        most = 32767 * size + abs(bias[o]) + (1 << (shift[o] - 1))
        require(most < 1 << 31, f"sums of up to {most}", here, cursor.at)
    return Layer(k, bool(flags & 1), bool(flags & 2), multiplier, shift, bias, weight)
