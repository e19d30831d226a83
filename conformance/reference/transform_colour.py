"""Chapter 7: the inverse DCT and the inverse colour transforms of the lossy mode."""

from __future__ import annotations

import bisect
import functools

from .conventions import INT16, INT18, clamp, table

XYB, YCBCR, NONE = 0, 1, 2


@functools.cache
def cosines(n: int) -> list[list[int]]:
    """Mn, n = 1, 2, 4 .. 64. Clause `transform.cosines`."""
    flat = table("lossy-dct.txt")
    start = sum(m * m for m in (1, 2, 4, 8, 16, 32) if m < n)
    return [list(flat[start + n * k : start + n * k + n]) for k in range(n)]


def precision(n: int) -> int:
    """P(n) of clause `transform.cosines`."""
    return {16: 10, 32: 9, 64: 8}.get(n, 11)


def one_way(values: list[int], n: int, more: int) -> list[int]:
    """(sum over k of values[k] * Mn[k][x] + half) >> (P(n) + more), for x = 0..n - 1."""
    m = cosines(n)
    shift = precision(n) + more
    used = [(k, value) for k, value in enumerate(values[:n]) if value]
    return [
        (sum(value * m[k][x] for k, value in used) + (1 << (shift - 1))) >> shift for x in range(n)
    ]


def limited(v: int) -> int:
    return clamp(v, *INT18)


def inverse(coefficients: list[list[int]], w: int, h: int, scale: int) -> list[list[int]]:
    """C[v][u] of a block of w x h squares to s[y][x]. Clause `transform.inverse`."""
    n, m = 8 * w // scale, 8 * h // scale
    half = [[limited(x) for x in one_way(row, n, 0)] for row in coefficients[:m]]
    columns = [one_way([row[x] for row in half], m, 5) for x in range(n)]
    return [[clamp(column[y], *INT16) for column in columns] for y in range(m)]


def inverse_corner(coefficients: list[list[int]], w: int, h: int) -> list[list[int]]:
    """The corner of C[v][u] to d[y][x]. Clause `transform.corner`."""
    half = [[limited(x) for x in one_way(row, w, 0)] for row in coefficients[:h]]
    columns = [one_way([row[x] for row in half], h, 0) for x in range(w)]
    return [[limited(column[y]) for column in columns] for y in range(h)]


def mean_sample(d: int) -> int:
    """Clause `transform.mean`. Of 18 bits, so that what is left are less than 16."""
    return (d + 16) >> 5


@functools.cache
def deep(linear: int) -> int:
    """Clause `colour.srgb`."""
    return bisect.bisect_right(table("lossy-srgb-deep.txt"), linear)


@functools.cache
def srgb(linear: int) -> int:
    """Clause `colour.srgb`."""
    return sum(1 for threshold in table("lossy-srgb.txt") if threshold <= linear)


def cube(t: int) -> int:
    t = clamp(t, 0, 65535)
    return ((t * t * t) >> 24) - 12802


def code(v: int, d: int) -> int:
    """The clamps of the text change nothing: no threshold is below 0 or above white."""
    if d == 8:
        return srgb((v + 33554432) >> 26)
    return (deep((v + 524288) >> 20) * ((1 << d) - 1) + 2047) // 4095


def from_xyb(p: list[int], d: int) -> list[int]:
    """Clause `colour.xyb`: Y, B-Y, X to R, G, B; one component to gray."""
    luma, b_y, x_plane = p if len(p) == 3 else (p[0], 0, 0)
    y = 8 * luma + 22373
    b = (873813 * b_y + 32768) >> 16
    x = (93623 * x_plane + 32768) >> 16
    long, medium, short = cube(y + x), cube(y - x), cube(y + b)
    red = 3593658 * long - 3214269 * medium - 53628 * short
    green = -1060075 * long + 1439464 * medium - 53628 * short
    blue = -1191912 * long + 883765 * medium + 633908 * short
    if len(p) == 1:
        return [code(green, d)]
    return [code(red, d), code(green, d), code(blue, d)]


def from_ycbcr(p: list[int], d: int) -> list[int]:
    """Clause `colour.ycbcr`."""
    y = (p[0] << 16) + 134217728 + (1 << (27 - d))
    most = (1 << d) - 1
    return [
        clamp((y + 91881 * p[2]) >> (28 - d), 0, most),
        clamp((y - 22554 * p[1] - 46802 * p[2]) >> (28 - d), 0, most),
        clamp((y + 116130 * p[1]) >> (28 - d), 0, most),
    ]


def from_none(p: list[int], d: int) -> list[int]:
    """Clause `colour.none`."""
    half = (1 << (12 - d)) >> 1
    return [clamp((v + 2048 + half) >> (12 - d), 0, (1 << d) - 1) for v in p]


def to_samples(transform: int, p: list[int], depth: int) -> list[int]:
    return (from_xyb, from_ycbcr, from_none)[transform](p, depth)
