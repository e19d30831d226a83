"""Chapter 8: tables, low stream, high stream and reconstruction of a lossy group."""

from __future__ import annotations

from dataclasses import dataclass, field

from .conventions import Cursor, Unsupported, ceil_div, clamp, require, table, table_rows
from .lossy_filter import deblock
from .rans import Histogram, Rans, histograms
from .transform_colour import NONE, XYB, YCBCR, inverse, to_samples

END = (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38, 46, 55, 64)
MULTIPLIER = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)


@dataclass
class Tables:
    """Clauses `lossy.tables`, `lossy.sampling`, `lossy.steps`. step[m][c][place]."""

    transform: int
    explicit: bool
    deblock: bool
    factors: list[tuple[int, int]]
    step: list[list[list[int]]]

    @property
    def components(self) -> int:
        return len(self.factors)

    @property
    def cross(self) -> bool:
        return len(set(self.factors)) == 1


def parse_tables(blob: bytes, channels: int) -> Tables:
    here = "lossy.tables"
    cursor = Cursor(blob)
    flags = cursor.u8(here)
    transform = flags & 3
    require(transform < 3, "colour transform 3", here, 0)
    if flags >> 5:
        raise Unsupported("reserved flags", here, 0)
    fits = channels in {XYB: (1, 3), YCBCR: (3,), NONE: (1, 3, 4)}[transform]
    require(fits, f"{channels} channels with transform {transform}", here, 0)
    explicit = bool(flags & 4)
    factors = [(1, 1)] * channels
    if flags & 8:
        for c in range(channels):
            sampling = cursor.u8("lossy.sampling")
            require(sampling < 4, "sampling", "lossy.sampling", cursor.at - 1)
            factors[c] = ((sampling & 1) + 1, (sampling >> 1) + 1)
    if explicit:
        step = [parse_explicit(cursor, channels)]
    else:
        base = small_leb(cursor, here)
        rows = table_rows("lossy-curve.txt", 64)
        curve = [rows[0 if transform == NONE else c] for c in range(channels)]
        step = [
            [
                [clamp((base * k * multiplier + (1 << 20)) >> 21, 1, 65535) for k in curve[c]]
                for c in range(channels)
            ]
            for multiplier in MULTIPLIER
        ]
    require(cursor.left == 0, "bytes behind the tables", here, cursor.at)
    return Tables(transform, explicit, bool(flags & 16), factors, step)


def small_leb(cursor: Cursor, clause: str) -> int:
    begin = cursor.at
    value = cursor.leb(1, 65535, clause)
    require(cursor.at - begin <= 3, "LEB128 of more than 3 bytes", clause, begin)
    return value


def parse_explicit(cursor: Cursor, channels: int) -> list[list[int]]:
    """Clause `lossy.explicit`."""
    here = "lossy.explicit"
    tables: list[list[int]] = []
    for c in range(channels):
        same = cursor.u8(here)
        require(same == 0 or (same == 1 and c > 0), "same", here, cursor.at - 1)
        if same:
            tables.append(tables[-1])
        else:
            tables.append([64 * small_leb(cursor, here) for _ in range(64)])
    return tables


@dataclass
class Component:
    """The blocks of one component in a segment: what its two streams say of each."""

    rows: int
    columns: int
    shift_y: int
    shift_x: int
    r: list[list[int]] = field(default_factory=list)
    d: list[list[int]] = field(default_factory=list)
    end: list[list[int]] = field(default_factory=list)
    level: list[list[list[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.r = [[0] * self.columns for _ in range(self.rows)]
        self.d = [[0] * self.columns for _ in range(self.rows)]
        self.end = [[0] * self.columns for _ in range(self.rows)]
        self.level = [[[0] * 64 for _ in range(self.columns)] for _ in range(self.rows)]


class Segment:
    """One segment of w x z samples. Clauses `lossy.segment`, `lossy.blocks`."""

    def __init__(self, tables: Tables, w: int, z: int) -> None:
        self.tables = tables
        self.w, self.z = w, z
        self.h_max = max(h for h, _ in tables.factors)
        self.v_max = max(v for _, v in tables.factors)
        self.components = []
        for h, v in tables.factors:
            columns = ceil_div(ceil_div(w * h, self.h_max), 8)
            rows = ceil_div(ceil_div(z * v, self.v_max), 8)
            shift_y, shift_x = int(v == self.v_max), int(h == self.h_max)
            self.components.append(Component(rows, columns, shift_y, shift_x))
        self.map = [[0] * ceil_div(w, 16) for _ in range(ceil_div(z, 16))]

    def cell(self, c: int, i: int, j: int) -> int:
        """Map level of the cell of block (i, j). Clause `lossy.blocks`."""
        component = self.components[c]
        return self.map[i >> component.shift_y][j >> component.shift_x]

    def step(self, c: int, i: int, j: int) -> list[int]:
        return self.tables.step[self.cell(c, i, j)][c]

    def dc_step(self, c: int, i: int, j: int) -> int:
        """s of clause `lossy.dc`."""
        return 1 if self.tables.explicit else self.step(c, i, j)[0]


def decode_segment(
    tables: object, low: bytes, high: bytes | None, w: int, z: int, scale: int
) -> list[list[list[int]]]:
    """Samples [y][x][channel] of a segment. high is None at scale 8 alone."""
    assert isinstance(tables, Tables)
    segment = Segment(tables, w, z)
    decode_low(segment, low)
    if high:
        decode_high(segment, high)
    return reconstruct(segment, scale)


def decode_low(segment: Segment, stream: bytes) -> None:
    """Clause `lossy.low`."""
    rans = Rans(stream)
    if not segment.tables.explicit:
        decode_map(segment, rans)
    for c, component in enumerate(segment.components):
        for i in range(component.rows):
            for j in range(component.columns):
                decode_dc(segment, rans, c, i, j)
    rans.end()


def decode_map(segment: Segment, rans: Rans) -> None:
    """Clause `lossy.map`."""
    model = histograms("lossy-map-histograms.txt", 13)
    cells = segment.map
    for i in range(len(cells)):
        for j in range(len(cells[0])):
            if i == 0 and j == 0:
                context = 18
            else:
                left = cells[i][j - 1] if j else cells[i - 1][j]
                top = cells[i - 1][j] if i else left
                context = 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)
            cells[i][j] = rans.symbol(model[context])


def number(rans: Rans, histogram: Histogram) -> int:
    """Clause `lossy.magnitude`."""
    token = rans.symbol(histogram)
    if token < 8:
        magnitude = token
    elif token < 16:
        n = 2 + ((token - 8) >> 1)
        magnitude = ((2 + (token & 1)) << n) + rans.raw(n)
    else:
        n = rans.raw(3) + 7
        magnitude = (1 << n) + rans.raw(n)
    if magnitude and rans.raw(1):
        return -magnitude
    return magnitude


def classes(name: str, e: int) -> int:
    """The number of thresholds of a table that are <= e."""
    return sum(1 for threshold in table(name) if threshold <= e)


def weigh(name: str, row: int, inputs: list[int]) -> int:
    weights = table_rows(name, len(inputs))[row]
    return sum(weight * value for weight, value in zip(weights, inputs, strict=True))


def decode_dc(segment: Segment, rans: Rans, c: int, i: int, j: int) -> None:
    """Clause `lossy.dc`."""
    component = segment.components[c]
    d, r = component.d, component.r
    s = segment.dc_step(c, i, j)
    inputs = [0] * 12
    inputs[11] = 1
    prediction = 0
    if i or j:
        left = d[i][j - 1] if j else d[i - 1][j]
        top = d[i - 1][j] if i else left
        top_left = d[i - 1][j - 1] if i and j else left
        top_right = d[i - 1][j + 1] if i and j + 1 < component.columns else top
        left_left = d[i][j - 2] if j >= 2 else left
        top_top = d[i - 2][j] if i >= 2 else top
        g = clamp(left + top - top_left, min(left, top), max(left, top))
        prediction = (2 * g + left + top + 2) >> 2
        slopes = (
            top_left - left,
            top - top_left,
            top_right - top,
            left - left_left,
            top - top_top,
        )
        for n, slope in enumerate(slopes):
            inputs[n] = min(8 * abs(slope) // s, 255)
        for n, (row, column) in enumerate(((i, j - 1), (i - 1, j), (i - 1, j - 1), (i - 1, j + 1))):
            if row >= 0 and 0 <= column < component.columns:
                inputs[5 + n] = min(8 * abs(r[row][column]), 255)
    if segment.tables.cross:
        for n in range(min(c, 2)):
            inputs[9 + n] = min(8 * abs(segment.components[n].r[i][j]), 255)
    k = min(c, 2)
    e = weigh("lossy-dc-weights.txt", k, inputs)
    context = 24 * k + classes("lossy-dc-thresholds.txt", e)
    histogram = histograms("lossy-dc-histograms.txt", 17)[table("lossy-dc-map.txt")[context]]
    r[i][j] = number(rans, histogram)
    d[i][j] = prediction if r[i][j] == 0 else clamp(prediction + r[i][j] * s, -131071, 131071)


def decode_high(segment: Segment, stream: bytes) -> None:
    """Clause `lossy.high`."""
    rans = Rans(stream)
    for c, component in enumerate(segment.components):
        for i in range(component.rows):
            for j in range(component.columns):
                decode_end(segment, rans, c, i, j)
                decode_levels(segment, rans, c, i, j)
    rans.end()


def decode_end(segment: Segment, rans: Rans, c: int, i: int, j: int) -> None:
    """Clause `lossy.end`."""
    component = segment.components[c]
    end, d = component.end, component.d
    top = end[i - 1][j] if i else None
    right = end[i - 1][j + 1] if i and j + 1 < component.columns else top
    left = end[i][j - 1] if j else top
    if left is None:
        left = 0
    if top is None:
        top = left
    if right is None:
        right = left
    spread = 0
    for row, column in ((i, j - 1), (i - 1, j), (i, j + 1), (i + 1, j)):
        if 0 <= row < component.rows and 0 <= column < component.columns:
            spread += abs(d[i][j] - d[row][column])
    cross = segment.tables.cross
    inputs = [
        left + top,
        right,
        segment.components[0].end[i][j] if c > 0 and cross else 0,
        segment.components[1].end[i][j] if c > 1 and cross else 0,
        abs(component.r[i][j]).bit_length(),
        (2 * spread // segment.dc_step(c, i, j)).bit_length(),
        segment.cell(c, i, j),
        int(i == 0 and j == 0),
        1,
    ]
    k = min(c, 2)
    e = weigh("lossy-end-weights.txt", k, inputs)
    context = 32 * k + clamp(e >> 7, 0, 31)
    histogram = histograms("lossy-end-histograms.txt", 16)[table("lossy-end-map.txt")[context]]
    end[i][j] = rans.symbol(histogram)


def decode_levels(segment: Segment, rans: Rans, c: int, i: int, j: int) -> None:
    """The levels of a block, from its end back. Clauses `lossy.scan`, `lossy.level`."""
    component = segment.components[c]
    levels = component.level[i][j]
    scan = table("lossy-scan.txt")
    left = component.level[i][j - 1] if j else None
    top = component.level[i - 1][j] if i else None
    cross = segment.tables.cross
    first = segment.components[0].level[i][j] if c > 0 and cross else None
    second = segment.components[1].level[i][j] if c > 1 and cross else None

    def known(block: list[int] | None, u: int, v: int) -> int:
        if block is None or not (0 <= u < 8 and 0 <= v < 8):
            return 0
        return min(abs(block[8 * v + u]), 255)

    def a(u: int, v: int) -> int:
        return known(levels, u, v)

    def q(u: int, v: int) -> int:
        return known(left or top, u, v) + known(top or left, u, v)

    n = 0
    last = END[component.end[i][j]] - 1
    for p in range(last, 0, -1):
        v, u = divmod(scan[p], 8)
        inputs = [
            a(u + 1, v) + a(u, v + 1),
            a(u + 1, v + 1),
            a(u + 2, v) + a(u, v + 2),
            a(u + 2, v + 1) + a(u + 1, v + 2),
            a(u + 3, v) + a(u, v + 3),
            a(u + 2, v + 2) + a(u + 3, v + 1) + a(u + 1, v + 3),
            a(u - 1, v + 1) + a(u + 1, v - 1),
            a(u - 1, v + 2) + a(u + 2, v - 1),
            min(4 * q(u, v), 255),
            min(q(u - 1, v) + q(u + 1, v) + q(u, v - 1) + q(u, v + 1), 255),
            known(first, u, v),
            known(second, u, v),
            n,
            int(p == last),
            1,
        ]
        k = 3 * min(c, 2) + (0 if p < 6 else 1 if p < 20 else 2)
        e = clamp(weigh("lossy-level-weights.txt", k, inputs), 0, 4095)
        g = 0 if n == 0 else 1 if n == 1 else 2 if n < 4 else 3 if n < 8 else 4
        context = 5 * (24 * k + classes("lossy-level-thresholds.txt", e)) + g
        which = table("lossy-level-map.txt")[context]
        levels[scan[p]] = number(rans, histograms("lossy-level-histograms.txt", 17)[which])
        n += levels[scan[p]] != 0


def reconstruct(segment: Segment, scale: int) -> list[list[list[int]]]:
    """Clauses `lossy.coefficient`, `lossy.planes`."""
    tables = segment.tables
    n = 8 // scale
    planes = []
    for c, component in enumerate(segment.components):
        plane = [[0] * (n * component.columns) for _ in range(n * component.rows)]
        for i in range(component.rows):
            for j in range(component.columns):
                block = inverse(coefficients(segment, c, i, j), scale)
                for y in range(n):
                    plane[n * i + y][n * j : n * j + n] = block[y]
        if scale == 1 and tables.deblock:
            steps = [
                [segment.step(c, i, j)[9] for j in range(component.columns)]
                for i in range(component.rows)
            ]
            deblock(plane, steps)
        planes.append(plane)
    picture = []
    for y in range(ceil_div(segment.z, scale)):
        row = []
        for x in range(ceil_div(segment.w, scale)):
            p = [
                plane[y >> (v < segment.v_max)][x >> (h < segment.h_max)]
                for plane, (h, v) in zip(planes, tables.factors, strict=True)
            ]
            row.append(to_samples(tables.transform, p))
        picture.append(row)
    return picture


def coefficients(segment: Segment, c: int, i: int, j: int) -> list[list[int]]:
    component = segment.components[c]
    step = segment.step(c, i, j)
    levels = component.level[i][j]
    flat = [clamp(levels[place] * step[place], -131071, 131071) for place in range(64)]
    d = component.d[i][j] * (step[0] if segment.tables.explicit else 1)
    flat[0] = clamp(d, -131071, 131071)
    return [flat[8 * v : 8 * v + 8] for v in range(8)]
