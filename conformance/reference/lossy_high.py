"""Chapter 8.4: the high stream, or its passes: end classes and the levels beyond the corners."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from .conventions import INT18, clamp, table, table_rows
from .lossy_blocks import SHAPES, SIZE, Block, Component, Place, Segment, mean, size_in
from .lossy_low import classes, magnitude_of, mapped_histogram, scan, terms, weigh
from .lossy_signs import BlockBorders, Lines, decode_sign, put_lines
from .lossy_tables import log2, square_radius
from .rans import Histogram, Rans, histograms

END = (
    *(0, 1, 2, 3, 5, 7, 9, 12, 15, 19, 24, 30, 37, 45, 54, 63, 80, 101, 127, 160, 202, 254, 320),
    *(404, 509, 641, 808, 1018, 1282, 1616, 2036, 2565, 3232, 4032),
)
# Where passes begin and end, in squares of a block, by their number.
BOUNDS = ((1, 64), (1, 4, 64), (1, 4, 16, 64))
Profile = dict[Place, int]  # of bins (x, y)


@dataclass
class Pass:
    """The scan positions begin * W * H .. end * W * H - 1 of all blocks. Clause `lossy.passes`."""

    begin: int
    end: int

    @property
    def alone(self) -> bool:
        return (self.begin, self.end) == (1, 64)

    def row(self, k: int) -> tuple[int, ...]:
        """The weights of row k: those of higher and of lower places apart from the rest."""
        if self.alone:
            return table_rows("lossy-level-weights.txt", 15)[k]  # nothing is known of lower ones
        return table_rows("lossy-pass-weights.txt", 18)[k + 72 * (self.begin > 1)]

    def histogram(self, context: int) -> Histogram:
        if self.alone:
            return mapped_histogram("level", context)
        which = table("lossy-pass-map.txt")[context + 8640 * (self.begin > 1)]
        return histograms("lossy-level-histograms.txt", 17)[which]

    def unseen(self, block: Block) -> int:
        """How far the end class lies beyond the first one that reaches over this pass."""
        if self.end == 64:
            return 0
        reach = (self.end - 1) * block.w * block.h
        return max(block.end - sum(1 for places in END if places < reach), 0)


def decode_high(segment: Segment, streams: list[bytes]) -> None:
    """Clauses `lossy.high`, `lossy.passes`. An empty stream has levels 0."""
    bounds = BOUNDS[len(streams) - 1]
    for stream, begin, end in zip(streams, bounds, bounds[1:], strict=False):
        if stream:
            decode_pass(segment, stream, Pass(begin, end))


def decode_pass(segment: Segment, stream: bytes, part: Pass) -> None:
    rans = Rans(stream)
    for c, component in enumerate(segment.components):
        profiles: list[Profile] = []
        lines: tuple[Lines, Lines] = ({}, {})
        for block in component.blocks:
            if part.begin == 1:
                if segment.tables.directions:
                    decode_direction(segment, rans, c, block)
                decode_end(segment, rans, c, block)
            borders = None
            if segment.tables.explicit is None and block.end:
                borders = BlockBorders.of(segment, c, block, lines)
            q = neighbours(component, profiles, block)
            decode_levels(segment, rans, c, block, q, borders, part)
            put_lines(component, block, None if block.direction else borders, lines)
            profiles.append(profile(block))
    rans.end()


def decode_direction(segment: Segment, rans: Rans, c: int, block: Block) -> None:
    """Coded for component 0 alone. Clause `lossy.direction`."""
    first = segment.same_block(c, 0, block)
    if first:
        block.direction = first.direction
    elif block.size < 3 and block.number > 0:
        owner = segment.components[c].owner
        left = owner[block.left[0]].direction if block.left else 0
        top = owner[block.above[0]].direction if block.above else 0
        context = 3 * (17 * left + top) + block.size
        which = table("lossy-direction-map.txt")[context]
        block.direction = rans.symbol(histograms("lossy-direction-histograms.txt", 17)[which])


def end_level(block: Block) -> int:
    """Clause `lossy.end`."""
    return max(block.end - 3 * log2(block.w * block.h), 0)


def decode_end(segment: Segment, rans: Rans, c: int, block: Block) -> None:
    """Clause `lossy.end`."""
    component = segment.components[c]
    left = right = top = None
    if block.left:
        left = mean(end_level(component.owner[at]) for at in block.left)
    if block.above:
        top = mean(end_level(component.owner[at]) for at in block.above)
    at = component.above_right(block)
    right = end_level(component.owner[at]) if at else top
    if left is None:
        left = top
    if top is None:
        top = right = left
    s = segment.dc_step(c, block)
    first, second = segment.same_block(c, 0, block), segment.same_block(c, 1, block)
    corner = sum(abs(level) for level in block.level.values())  # those of the high stream follow
    inputs = [
        (left or 0) + (top or 0),
        right or 0,
        first.end if first else 0,
        second.end if second else 0,
        abs(block.r).bit_length(),
        (32 * spread(component, block) // s).bit_length(),
        segment.map_level(c, block),
        int(block.is_first()),
        1,
        corner.bit_length(),
    ]
    k = (12 + 3 * min(c, 2) if block.direction else 4 * min(c, 2)) + block.size
    e = weigh("lossy-end-weights.txt", k, inputs)
    context = 32 * k + clamp(e >> 7, 0, 31)
    which = table("lossy-end-map.txt")[context]
    block.end = rans.symbol(histograms("lossy-end-histograms.txt", 34)[which])


def spread(component: Component, block: Block) -> int:
    """D of clause `lossy.end`."""
    d = component.d
    total = 0
    for i, j in block.squares:
        for at in ((i, j - 1), (i - 1, j), (i, j + 1), (i + 1, j)):
            if at in d:
                total += abs(d[i, j] - d[at])
    return total >> log2(block.w * block.h)


def profile(block: Block) -> Profile:
    """Clause `lossy.profile`."""
    sums: Profile = {}
    for u, v in block.level:
        at = (u // block.w, v // block.h)
        sums[at] = sums.get(at, 0) + block.size_at(u, v)
    sums[0, 0] = 0
    return {at: min((4 * total) >> log2(block.w * block.h), 255) for at, total in sums.items()}


def neighbours(component: Component, profiles: list[Profile], block: Block) -> Profile:
    """q(x, y) of a block, for the bins inside of 0..7. Clause `lossy.profile`."""
    q: Profile = {}
    for x in range(8):
        for y in range(8):

            def side(squares: list[Place], at: Place = (x, y)) -> int:
                return mean(profiles[component.owner[s].number].get(at, 0) for s in squares)

            if block.left and block.above:
                q[x, y] = side(block.above) + side(block.left)
            elif block.above:
                q[x, y] = 2 * side(block.above)
            elif block.left:
                q[x, y] = 2 * side(block.left)
    return q


@functools.cache
def row_of_weights(c: int, shape: int, predicted: bool, u: int, v: int) -> int:
    """k of a place. Clause `lossy.level`."""
    r = square_radius(*SHAPES[shape], u, v)
    band = sum(1 for limit in (80, 320, 1280) if limit <= r)
    return 4 * (3 * min(c, 2) + min(SIZE[shape], 2) + 9 * predicted) + band


def lower_terms(u: int, v: int) -> list[list[Place]]:
    """The places of the terms of inputs 15..17. Clause `lossy.passes`."""
    return [[(u - 1, v), (u, v - 1)], [(u - 1, v - 1)], [(u - 2, v), (u, v - 2)]]


def decode_levels(
    segment: Segment,
    rans: Rans,
    c: int,
    block: Block,
    q: Profile,
    borders: BlockBorders | None,
    part: Pass,
) -> None:
    """The levels beyond the corner, from the last back. Clauses `lossy.high`, `lossy.level`."""
    first, second = segment.same_block(c, 0, block), segment.same_block(c, 1, block)
    w, h = block.w, block.h
    kind = c, block.shape, block.direction > 0
    known = {at for at in block.level if at[0] >= w or at[1] >= h}  # of earlier passes
    n = part.unseen(block) + sum(1 for at in known if block.level[at])
    last = min(w * h + END[block.end], 64 * w * h) - 1
    for p in range(min(last, part.end * w * h - 1), part.begin * w * h - 1, -1):
        u, v = scan(block.shape)[p]
        e = 0
        for i, places in enumerate(terms(u, v)):
            for at in places:
                in_corner = at[0] < w and at[1] < h
                if at in block.level and not in_corner and at not in known:
                    e += part.row(row_of_weights(*kind, *at))[i] * block.size_at(*at)
        for i, places in enumerate(lower_terms(u, v)):
            for at in places:
                if at in known:
                    e += part.row(row_of_weights(*kind, *at))[15 + i] * block.size_at(*at)
        x, y = u // w, v // h
        around = ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1))
        inputs = [
            min(q.get((x, y), 0), 255),
            min(sum(q.get(at, 0) for at in around) >> 2, 255),
            size_in(first, u, v),
            size_in(second, u, v),
            min(n, 63),
            int(p == last),
            1,
        ]
        k = row_of_weights(*kind, u, v)
        weights = part.row(k)[8:15]
        e += sum(weight * value for weight, value in zip(weights, inputs, strict=True))
        g = 0 if n == 0 else 1 if n == 1 else 2 if n < 4 else 3 if n < 8 else 4
        e = clamp(e, 0, 4095)
        t = classes("lossy-level-thresholds.txt", e)
        magnitude = magnitude_of(rans, part.histogram(5 * (24 * k + t) + g))
        level = magnitude
        if magnitude:
            n += 1
            step = segment.step(c, block, u, v)
            if borders and borders.estimates(u, v):
                row = 9 + 3 * min(c, 2) + min(block.size, 2) + 9 * (block.direction > 0)
                level = decode_sign(rans, row, borders.estimate(u, v), step, magnitude, e)
            elif rans.raw(1):
                level = -magnitude
            if borders:
                borders.take(u, v, clamp((level * step + 8) >> 4, *INT18))
        block.level[u, v] = level
