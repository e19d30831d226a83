"""Chapter 8.3: the low stream: partition, map, means and corners."""

from __future__ import annotations

import functools

from .conventions import INT18, clamp, table, table_rows, width_of
from .lossy_blocks import SHAPES, Block, Component, Place, Segment, mean, size_in
from .lossy_signs import CornerBorders, decode_sign, sureness
from .lossy_tables import square_radius
from .rans import Histogram, Rans, histograms
from .transform_colour import inverse_corner


def decode_low(segment: Segment, stream: bytes) -> None:
    """Clause `lossy.low`."""
    rans = Rans(stream)
    if segment.tables.partition:
        decode_partition(segment, rans)
    else:
        for component in segment.components:
            for i in range(component.rows):
                for j in range(component.columns):
                    component.add(i, j, 0)
    if segment.tables.explicit is None:
        decode_map(segment, rans)
    for c, component in enumerate(segment.components):
        for block in component.blocks:
            slopes = decode_dc(segment, rans, c, block)
            decode_corner(segment, rans, c, block, slopes)
            set_values(segment, c, block)
    rans.end()


def decode_partition(segment: Segment, rans: Rans) -> None:
    """The tiles; all components have the same blocks. Clauses `lossy.low`, `lossy.shapes`."""
    first = segment.components[0]
    for i in range(0, first.rows, 8):
        for j in range(0, first.columns, 8):
            decode_node(segment, rans, 0, i, j)
    for other in segment.components[1:]:
        for block in first.blocks:
            other.add(block.i, block.j, block.shape)


def decode_node(segment: Segment, rans: Rans, level: int, i: int, j: int) -> None:
    """Clause `lossy.partition`."""
    component = segment.components[0]
    if i >= component.rows or j >= component.columns:
        return
    if level == 3:
        component.add(i, j, 0)
        return
    side = 8 >> level
    half = side // 2
    choice = 0
    if i + side <= component.rows and j + side <= component.columns:
        context = partition_context(segment, level, i, j)
        choice = rans.symbol(histograms("lossy-partition-histograms.txt", 4)[context])
    if choice == 0:
        for n in range(4):
            decode_node(segment, rans, level + 1, i + half * (n >> 1), j + half * (n & 1))
    elif level == 0:
        component.add(i, j, 7)
    elif choice == 1:
        component.add(i, j, SHAPES.index((side, side)))
    elif choice == 2:
        component.add(i, j, SHAPES.index((side, half)))
        component.add(i + half, j, SHAPES.index((side, half)))
    else:
        component.add(i, j, SHAPES.index((half, side)))
        component.add(i, j + half, SHAPES.index((half, side)))


def partition_context(segment: Segment, level: int, i: int, j: int) -> int:
    owner = segment.components[0].owner
    assert segment.tables.base is not None
    left = owner[i, j - 1].size if j else 0
    top = owner[i - 1, j].size if i else 0
    rate = clamp(segment.tables.base.bit_length() - 9, 0, 5)
    return 7 * (3 * rate + level) + left + top


def decode_map(segment: Segment, rans: Rans) -> None:
    """Clause `lossy.map`."""
    model = histograms("lossy-map-histograms.txt", 13)
    cells = segment.map
    for i in range(len(cells)):
        for j in range(width_of(cells)):
            if i == 0 and j == 0:
                context = 18
            else:
                left = cells[i][j - 1] if j else cells[i - 1][j]
                top = cells[i - 1][j] if i else left
                context = 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)
            cells[i][j] = rans.symbol(model[context])


def magnitude_of(rans: Rans, histogram: Histogram) -> int:
    """Clause `lossy.magnitude`."""
    token = rans.symbol(histogram)
    if token < 8:
        return token
    if token < 16:
        n = 2 + ((token - 8) >> 1)
        return ((2 + (token & 1)) << n) + rans.raw(n)
    n = rans.raw(3) + 7
    return (1 << n) + rans.raw(n)


def number(rans: Rans, histogram: Histogram) -> int:
    """Clause `lossy.magnitude`."""
    magnitude = magnitude_of(rans, histogram)
    if magnitude and rans.raw(1):
        return -magnitude
    return magnitude


def classes(name: str, e: int) -> int:
    """The number of thresholds of a table that are <= e."""
    return sum(1 for threshold in table(name) if threshold <= e)


def weigh(name: str, row: int, inputs: list[int]) -> int:
    weights = table_rows(name, len(inputs))[row]
    return sum(weight * value for weight, value in zip(weights, inputs, strict=True))


def coded_number(rans: Rans, name: str, context: int) -> int:
    """A number whose histogram is that of a context, by a map: dc or level."""
    return number(rans, mapped_histogram(name, context))


def mapped_histogram(name: str, context: int) -> Histogram:
    which = table(f"lossy-{name}-map.txt")[context]
    return histograms(f"lossy-{name}-histograms.txt", 17)[which]


def eight_times(block: Block | None) -> int:
    return 0 if block is None else min(8 * abs(block.r), 255)


def decode_dc(segment: Segment, rans: Rans, c: int, block: Block) -> int:
    """r and mean of a block; gives input[9] of its corner. Clause `lossy.dc`."""
    component = segment.components[c]
    i, j = block.i, block.j
    s = segment.dc_step(c, block)
    inputs = [0] * 12
    prediction = 0
    if not block.is_first():
        prediction, slopes = predict(component, block)
        inputs[:5] = [min(128 * abs(slope) // s, 255) for slope in slopes]
        right = component.above_right(block)
        near: list[Place | None] = [(i, j - 1), (i - 1, j), (i - 1, j - 1), right]
        inputs[5:9] = [eight_times(component.owner.get(at) if at else None) for at in near]
    inputs[9] = eight_times(segment.same_block(c, 0, block))
    inputs[10] = eight_times(segment.same_block(c, 1, block))
    inputs[11] = 1
    k = 4 * min(c, 2) + block.size
    e = weigh("lossy-dc-weights.txt", k, inputs)
    block.r = coded_number(rans, "dc", 24 * k + classes("lossy-dc-thresholds.txt", e))
    block.mean = prediction
    if block.r:
        block.mean = clamp(prediction + ((block.r * s + 8) >> 4), *INT18)
    return min(inputs[0] + inputs[1], 255)


def predict(component: Component, block: Block) -> tuple[int, tuple[int, ...]]:
    """The prediction, and z of inputs 0..4. Clause `lossy.dc`."""
    d, i, j = component.d, block.i, block.j
    found = [mean(d[at] for at in squares) for squares in (block.left, block.above) if squares]
    left, top = found[0], found[-1]  # L takes T, T takes L
    right = component.above_right(block)
    top_left = d.get((i - 1, j - 1), left)
    top_right = top if right is None else d[right]
    left_left = d.get((i, j - 2), left)
    top_top = d.get((i - 2, j), top)
    g = clamp(left + top - top_left, min(left, top), max(left, top))
    slopes = (
        top_left - left,
        top - top_left,
        top_right - top,
        left - left_left,
        top - top_top,
    )
    return (2 * g + left + top + 2) >> 2, slopes


@functools.cache
def scan(shape: int) -> tuple[Place, ...]:
    """The places (u, v) of a shape in scan order. Clause `lossy.scan`."""
    w, h = SHAPES[shape]
    places = [(u, v) for v in range(8 * h) for u in range(8 * w)]

    def order(place: Place) -> tuple[bool, int, int]:
        u, v = place
        return not (u < w and v < h), square_radius(w, h, u, v), v

    return tuple(sorted(places, key=order))


def terms(u: int, v: int) -> list[list[Place]]:
    """The places of the terms of inputs 0..7. Clause `lossy.level`."""
    return [
        [(u + 1, v), (u, v + 1)],
        [(u + 1, v + 1)],
        [(u + 2, v), (u, v + 2)],
        [(u + 2, v + 1), (u + 1, v + 2)],
        [(u + 3, v), (u, v + 3)],
        [(u + 2, v + 2), (u + 3, v + 1), (u + 1, v + 3)],
        [(u - 1, v + 1), (u + 1, v - 1)],
        [(u - 1, v + 2), (u + 2, v - 1)],
    ]


def row_of_corner(c: int, block: Block, u: int, v: int) -> int:
    """k of a corner's place. Clause `lossy.corner`."""
    band = 0 if u + v < 2 else 1 if u + v < 4 else 2
    return 3 * (3 * min(c, 2) + block.size - 1) + band


def decode_corner(segment: Segment, rans: Rans, c: int, block: Block, slopes: int) -> None:
    """slopes: min(input[0] + input[1] of `lossy.dc`, 255). Clause `lossy.corner`.

    A block of one square has no place in its corner but the mean's.
    """
    first, second = segment.same_block(c, 0, block), segment.same_block(c, 1, block)
    weights = table_rows("lossy-corner-weights.txt", 15)
    borders = CornerBorders.of(segment.components[c], block)
    sign_row = 3 * min(c, 2) + block.size - 1
    n = 0
    for u, v in scan(block.shape)[block.w * block.h - 1 : 0 : -1]:
        e = 0
        for i, places in enumerate(terms(u, v)):
            for at in places:
                if at in block.level:
                    e += weights[row_of_corner(c, block, *at)][i] * block.size_at(*at)
        step = segment.step(c, block, u, v)
        estimate = borders.estimate(block, u, v)
        inputs = [
            eight_times(block),
            slopes,
            size_in(first, u, v),
            size_in(second, u, v),
            n,
            u + v,
            1,
        ]
        k = row_of_corner(c, block, u, v)
        e += sum(weight * value for weight, value in zip(weights[k][8:], inputs, strict=True))
        e = clamp(e, 0, 4095)
        sure = sureness(estimate, step, 1, e)
        context = 16 * (24 * k + classes("lossy-level-thresholds.txt", e)) + sure
        magnitude = magnitude_of(rans, mapped_histogram("corner", context))
        if magnitude:
            level = decode_sign(rans, sign_row, estimate, step, magnitude, e)
            block.level[u, v] = level
            borders.take(u, v, clamp((level * step + 8) >> 4, *INT18))
            n += 1


def set_values(segment: Segment, c: int, block: Block) -> None:
    """d of the block's squares. Clause `lossy.values`."""
    d = segment.components[c].d
    if block.shape == 0:
        d[block.i, block.j] = block.mean
        return
    rows = inverse_corner(segment.own(c, block), block.w, block.h)
    for i, j in block.squares:
        d[i, j] = rows[i - block.i][j - block.j]
