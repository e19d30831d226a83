"""Chapter 10.3 to 10.5: the planes of a segment after the layer."""

from __future__ import annotations

from collections.abc import Callable

from .conventions import INT16, clamp, width_of
from .learned_model import Filters, Layer, Model, Network
from .lossy_blocks import Block, Place, Segment
from .lossy_tables import MULTIPLIER

Rows = list[list[int]]
Strengths = list[list[list[int]]]  # [row][column]: luma, chroma


def refine(model: Model, planes: list[Rows], segment: Segment, strength: Strengths) -> list[Rows]:
    """New planes, of whole squares."""
    body = model.body
    if isinstance(body, Filters):
        return filtered(body, planes, segment, strength)
    return corrected(body, planes, segment, strength)


def base_of(segment: Segment) -> int:
    base = segment.tables.base
    assert base is not None
    return base


def level_at(segment: Segment, y: int, x: int) -> int:
    """m of the block of the square of a sample."""
    return segment.map_level(0, owners(segment)[y // 8, x // 8])


def owners(segment: Segment) -> dict[Place, Block]:
    """The block of each square, which is alike in all components."""
    first, *_ = segment.components
    return first.owner


def is_edge(segment: Segment, one: Place, other: Place) -> bool:
    """Whether two squares belong to different blocks."""
    return owners(segment)[one] is not owners(segment)[other]


def strength_at(strength: Strengths, y: int, x: int, p: int) -> int:
    return strength[y // 64][x // 64][min(p, 1)]


def reader(plane: Rows) -> Callable[[int, int], int]:
    """c(y, x): outside of the plane the nearest sample."""
    bottom, right = len(plane) - 1, width_of(plane) - 1

    def c(y: int, x: int) -> int:
        v = plane[clamp(y, 0, bottom)][clamp(x, 0, right)]
        return clamp(v, -16383, 16383)

    return c


# 10.4 Filters


def filtered(
    model: Filters, planes: list[Rows], segment: Segment, strength: Strengths
) -> list[Rows]:
    """Clause `learned.sum`."""
    base = base_of(segment)
    luma, *_ = planes
    readers = [reader(plane) for plane in planes]
    own, *_ = readers
    of_block = {
        (y, x): class_of(model, own, segment, y, x)
        for y in range(0, len(luma), 4)
        for x in range(0, width_of(luma), 4)
    }
    out = [[list(row) for row in plane] for plane in planes]
    for y in range(len(luma)):
        for x in range(width_of(luma)):
            chosen, number = of_block[y - y % 4, x - x % 4]
            number += near(segment, y, x)
            for p in range(len(planes)):
                v = 0
                weights = model.weight[p][chosen][number]
                for weight, (source, dy, dx, clip) in zip(weights, model.tap[p], strict=True):
                    t = clamp((clip * base) >> 7, 1, 8191)
                    c = readers[source]
                    one = clamp(c(y + dy, x + dx) - c(y, x), -t, t)
                    other = clamp(c(y - dy, x - dx) - c(y, x), -t, t)
                    v += weight * (one + other)
                g, s = strength_at(strength, y, x, p), model.shift[p]
                moved = planes[p][y][x] + ((g * v + (1 << (s + 1))) >> (s + 2))
                out[p][y][x] = clamp(moved, *INT16)
    return out


def class_of(
    model: Filters, c: Callable[[int, int], int], segment: Segment, top: int, left: int
) -> tuple[int, int]:
    """The set and, but for the nearness, the class of a block of 4x4. Clause `learned.classes`."""
    h = v = d = e = 0
    for y in range(top - 2, top + 6):
        for x in range(left - 2, left + 6):
            h += abs(2 * c(y, x) - c(y, x - 1) - c(y, x + 1))
            v += abs(2 * c(y, x) - c(y - 1, x) - c(y + 1, x))
            d += abs(2 * c(y, x) - c(y - 1, x - 1) - c(y + 1, x + 1))
            e += abs(2 * c(y, x) - c(y - 1, x + 1) - c(y + 1, x - 1))
    local = base_of(segment) * MULTIPLIER[level_at(segment, top, left)]
    activity = sum(((h + v) << 17) >= t * local for t in model.activity_threshold)
    if 2 * max(h, v) <= 3 * min(h, v) and 2 * max(d, e) <= 3 * min(d, e):
        direction = 0
    elif max(h, v) * min(d, e) >= max(d, e) * min(h, v):
        direction = 1 if h >= v else 2
    else:
        direction = 3 if d >= e else 4
    exponent = local.bit_length() - 1
    rate = 4 * (exponent - 8) + (((local << 2) >> exponent) & 3)
    return sum(t <= rate for t in model.rate_threshold), 10 * activity + 2 * direction


def near(segment: Segment, y: int, x: int) -> int:
    """1 for a sample in one of the two columns or rows next to an edge of its square."""
    i, j = y // 8, x // 8
    for other, close in (
        ((i, j - 1), x % 8 < 2),
        ((i, j + 1), x % 8 > 5),
        ((i - 1, j), y % 8 < 2),
        ((i + 1, j), y % 8 > 5),
    ):
        if close and other in owners(segment) and is_edge(segment, (i, j), other):
            return 1
    return 0


# 10.5 Network


def corrected(
    model: Network, planes: list[Rows], segment: Segment, strength: Strengths
) -> list[Rows]:
    """Clause `learned.correction`."""
    base, n = base_of(segment), model.n
    places = inputs(model, planes, segment)
    for layer in model.layers:
        places = convolved(layer, places)
    out = [[list(row) for row in plane] for plane in planes]
    for p, plane in enumerate(out):
        for y, row in enumerate(plane):
            for x in range(len(row)):
                output = places[y // n][x // n][(p * n + y % n) * n + x % n]
                product = clamp(output, -2047, 2047) * base * strength_at(strength, y, x, p)
                row[x] = clamp(row[x] + ((product + 1024) >> 11), *INT16)
    return out


def inputs(model: Network, planes: list[Rows], segment: Segment) -> list[Rows]:
    """[i][j][channel] of the first layer. Clause `learned.cells`."""
    base, n = base_of(segment), model.n
    e = base.bit_length() - 1
    places = []
    luma, *_ = planes
    for i in range(len(luma) // n):
        line = []
        for j in range(width_of(luma) // n):
            place = []
            for p in range(3):
                for y in range(n * i, n * i + n):
                    for x in range(n * j, n * j + n):
                        v = planes[p][y][x] if p < len(planes) else 0
                        v = (v * ((1 << (e + 14)) // base) + (1 << (e + 4))) >> (e + 5)
                        place.append(clamp(v, -32767, 32767))
            square = (n * i // 8, n * j // 8)
            place.append((level_at(segment, n * i, n * j) - 6) * 256)
            for k, (dy, dx) in ((j, (0, 1)), (i, (1, 0))):
                other = (square[0] - dy, square[1] - dx)
                border = k > 0 and n * k % 8 == 0
                place.append(256 if border and is_edge(segment, square, other) else 0)
            place.append((8 * e + (((base << 3) >> e) & 7) - 80) * 64)
            line.append(place)
        places.append(line)
    return places


def convolved(layer: Layer, x: list[Rows]) -> list[Rows]:
    """Clause `learned.layers`."""
    bottom, right = len(x) - 1, width_of(x) - 1
    out = []
    for i in range(len(x)):
        line = []
        for j in range(width_of(x)):
            around = [
                [
                    x[clamp(i + r - layer.k // 2, 0, bottom)][clamp(j + s - layer.k // 2, 0, right)]
                    for s in range(layer.k)
                ]
                for r in range(layer.k)
            ]
            place = []
            for o, bias in enumerate(layer.bias):
                acc = bias
                for r in range(layer.k):
                    for s in range(layer.k):
                        weights = layer.weight[o][r][s]
                        acc += sum(w * c for w, c in zip(weights, around[r][s], strict=True))
                t = clamp((acc + (1 << (layer.shift[o] - 1))) >> layer.shift[o], -32767, 32767)
                v = (t * layer.multiplier[o] + 16384) >> 15
                if layer.add:
                    v += x[i][j][o]
                place.append(clamp(v, 0 if layer.positive else -32767, 32767))
            line.append(place)
        out.append(line)
    return out
