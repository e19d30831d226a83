"""Coefficients estimated from what lies around their block, and contexts of signs.

Clauses `lossy.estimate`, `lossy.sign`. A plane goes on over the border of two blocks: what the
neighbours say of the border, less what the block's coefficients so far give there, is what the
coefficients to come have to give. Coefficients are in 1/64 unit; a border is its spectrum, scaled
as coefficients are.

`borders` int64[16]: of the corner's upper border at 0..7, by u, of its left one at 8..15, by v.

Widths: values and coefficients are below 2^17, rows of the matrices have absolute sums below
2^14.5. A corner's borders stay below 2^22; times weights (2^11), sums of two, 8 and 512, below
2^47. Beyond the corner at most 64 coefficients of 1.42 * 2^17 are taken from a border, eight of
which make a line: below 2^28, so int32 holds lines; borders stay below 2^30, estimates below 2^43,
ratios below 2^55.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.blocks_kernels import block_step, coefficient

SIGN_CLASSES = 16
REACH = 8  # places with u + v below it are estimated beyond corners
BORDERS = 48
ESTIMATES = 25  # places that differ in an estimate's weights: min(u, 4), min(v, 4)


@inner
def corner_borders(values, square, columns, i, j, lw, lh, mean, matrix, borders):
    # lossy.estimate: what the squares above and left say, less the block's mean. square: its
    # first, of all planes.
    for k in range(16):
        borders[U(k)] = 0
    if i > 0:
        first = ((1 << (2 * lw)) - 1) // 3
        for u in range(1 << lw):
            total = np.int64(0)
            for x in range(1 << lw):
                at = first + (u << lw) + x
                total += np.int64(values[square - columns + x]) * np.int64(matrix[at])
            borders[U(u)] = total >> (11 + lw)
        borders[0] -= mean
    if j > 0:
        first = ((1 << (2 * lh)) - 1) // 3
        for v in range(1 << lh):
            total = np.int64(0)
            for y in range(1 << lh):
                at = first + (v << lh) + y
                total += np.int64(values[square - 1 + y * columns]) * np.int64(matrix[at])
            borders[U(8 + v)] = total >> (11 + lh)
        borders[8] -= mean


@inner
def border_share(c, order):
    # What a coefficient gives to a border that it meets with this frequency across.
    return c if order == 0 else (181 * c) >> 7


@inner
def take_corner(borders, u, v, c, i, j):
    # A coefficient that is known now; borders that there are not stay 0.
    if i > 0:
        borders[U(u)] -= border_share(c, v)
    if j > 0:
        borders[U(8 + v)] -= border_share(c, u)


@inner
def corner_estimate(borders, u, v, kind, weights):
    # lossy.estimate, in 1/256. weights int32 (75, 2): by size class and place.
    row = ESTIMATES * (kind - 1) + 5 * min(v, 4) + min(u, 4)
    return np.int64(weights[row, 0]) * borders[U(u)] + np.int64(weights[row, 1]) * borders[U(8 + v)]


@inner
def sureness(classes, estimate, step, magnitude, e):
    # lossy.sureness: class 0..15 of an estimate beside what is expected, for this magnitude.
    ratio = 512 * abs(estimate) * min(magnitude, 8) // (step * (e + 26))
    return np.int64(classes[U(min(ratio, 255))])


@inner
def corner_sign_row(p, kind):
    return 3 * min(p, 2) + kind - 1


@inner
def line_spectrum(line, first, stride, unit, log2, limit, shift, matrix, borders, at):
    # lossy.lines: of 2^log2 squares with `unit` values each, at squares first, first + stride ...
    side = unit << log2
    base = (side * side - 1) // 3
    for u in range(limit):
        total = np.int64(0)
        for s in range(1 << log2):
            place = unit * (first + s * stride)
            row = base + u * side + s * unit
            for x in range(unit):
                total += np.int64(line[U(place + x)]) * np.int64(matrix[U(row + x)])
        borders[U(at + u)] = total >> shift


@inner
def precision(log2):
    # P(2^log2) of transform.cosines.
    return 11 if log2 < 4 else 14 - log2


@inner
def take(borders, u, v, c, wide, high):
    # A coefficient that is known now.
    if u < wide:
        a = border_share(c, v)
        borders[U(u)] -= a
        borders[U(16 + u)] -= -a if v & 1 else a
    if v < high:
        a = border_share(c, u)
        borders[U(8 + v)] -= a
        borders[U(24 + v)] -= -a if u & 1 else a


@inner
def begin_borders(
    values, bottoms, rights, levels, own, mean, square, columns, rows, i, j, lw, lh, predicted,
    gain, curve, p, radii, matrix, borders,
):  # fmt: skip
    # lossy.borders, before the levels beyond the corner; returns which sides there are (1 above,
    # 2 left, 4 below, 8 right). own: the block's first level; square: its first square, of all
    # planes; radii: of its shape.
    for k in range(BORDERS):
        borders[U(k)] = 0
    if predicted:
        return np.int64(15)
    wide = min(4 << lw, REACH)
    high = min(4 << lh, REACH)
    sides = np.int64(0)
    at = i * columns + j
    if i > 0:
        shift = precision(lw + 2) + lw + 2
        line_spectrum(bottoms, at - columns, 1, 4, lw, wide, shift, matrix, borders, 0)
        sides |= 1
    if j > 0:
        shift = precision(lh + 2) + lh + 2
        line_spectrum(rights, at - 1, columns, 4, lh, high, shift, matrix, borders, 8)
        sides |= 2
    if i + (1 << lh) < rows:
        first = square + (columns << lh)
        line_spectrum(values, first, 1, 1, lw, 1 << lw, 11 + lw, matrix, borders, 16)
        sides |= 4
    if j + (1 << lw) < columns:
        first = square + (1 << lw)
        line_spectrum(values, first, columns, 1, lh, 1 << lh, 11 + lh, matrix, borders, 24)
        sides |= 8
    for k in range(16):
        borders[U(32 + k)] = borders[U(16 + k)]
    take(borders, 0, 0, mean, wide, high)
    for v in range(1 << lh):
        for u in range(1 << lw):
            place = (v << (3 + lw)) + u
            level = np.int64(levels[U(own + place)])
            if place > 0 and level != 0:
                step = block_step(gain, curve, p, np.int64(radii[U(place)]))
                take(borders, u, v, np.int64(coefficient(level, step)), wide, high)
    return sides


@inner
def level_estimate(borders, u, v, sides, predicted, weights):
    # lossy.estimate, in 1/256. weights int32 (50, 4).
    row = (ESTIMATES if predicted else 0) + 5 * min(v, 4) + min(u, 4)
    estimate = np.int64(0)
    if sides & 1:
        estimate += np.int64(weights[U(row), U(0)]) * borders[U(u)]
    if sides & 2:
        estimate += np.int64(weights[U(row), U(1)]) * borders[U(8 + v)]
    if sides & 4:
        a = np.int64(weights[U(row), U(2)]) * borders[U(16 + u)]
        estimate += -a if v & 1 else a
    if sides & 8:
        a = np.int64(weights[U(row), U(3)]) * borders[U(24 + v)]
        estimate += -a if u & 1 else a
    return estimate


@inner
def is_estimated(u, v, wide, high):
    return u + v < REACH and u < wide and v < high


@inner
def level_sign_row(p, kind, predicted):
    return 9 + 3 * min(p, 2) + min(kind, 2) + (9 if predicted else 0)


@inner
def put_lines(values, bottoms, rights, square, columns, i, j, lw, lh, known, matrix, borders):
    # lossy.lines: the lower and the right border of a block, four values a square; those of its
    # squares where not `known`.
    w = 1 << lw
    h = 1 << lh
    under = (i + h - 1) * columns + j
    beside = i * columns + j + w - 1
    if not known:
        for x in range(w):
            d = values[square + columns * (h - 1) + x]
            for n in range(4):
                bottoms[U(4 * (under + x) + n)] = d
        for y in range(h):
            d = values[square + w - 1 + columns * y]
            for n in range(4):
                rights[U(4 * (beside + columns * y) + n)] = d
        return
    wide = min(4 << lw, REACH)
    side = 4 << lw
    base = (side * side - 1) // 3
    shift = precision(lw + 2)
    for x in range(side):
        total = np.int64(1) << (shift - 1)
        for u in range(wide):
            total += (borders[U(32 + u)] - borders[U(16 + u)]) * np.int64(
                matrix[U(base + u * side + x)]
            )
        bottoms[U(4 * under + x)] = total >> shift
    high = min(4 << lh, REACH)
    side = 4 << lh
    base = (side * side - 1) // 3
    shift = precision(lh + 2)
    for y in range(side):
        total = np.int64(1) << (shift - 1)
        for v in range(high):
            total += (borders[U(40 + v)] - borders[U(24 + v)]) * np.int64(
                matrix[U(base + v * side + y)]
            )
        rights[U(4 * (beside + columns * (y >> 2)) + (y & 3))] = total >> shift
