"""Chapter 7: the inverse DCT and the inverse colour transforms of the lossy mode."""

from __future__ import annotations

import functools

from .conventions import clamp, table

XYB, YCBCR, NONE = 0, 1, 2


@functools.cache
def cosines(n: int) -> list[list[int]]:
    """M8, M4 or M2. Clause `transform.cosines`."""
    flat = table("lossy-dct.txt")
    start = {8: 0, 4: 64, 2: 80}[n]
    return [list(flat[start + n * k : start + n * k + n]) for k in range(n)]


def inverse(coefficients: list[list[int]], scale: int) -> list[list[int]]:
    """Clauses `transform.inverse`, `transform.mean`: C[v][u] to s[y][x]."""
    if scale == 8:
        return [[clamp((coefficients[0][0] + 16) >> 5, -32768, 32767)]]
    n = 8 // scale
    m = cosines(n)
    shift = {1: 12, 2: 13, 4: 14}[scale]
    h = [
        [(sum(coefficients[v][u] * m[u][x] for u in range(n)) + 8192) >> 14 for x in range(n)]
        for v in range(n)
    ]
    return [
        [
            clamp(
                (sum(h[v][x] * m[v][y] for v in range(n)) + (1 << (shift - 1))) >> shift,
                -32768,
                32767,
            )
            for x in range(n)
        ]
        for y in range(n)
    ]


@functools.cache
def srgb(linear: int) -> int:
    """Clause `colour.srgb`."""
    return sum(1 for threshold in table("lossy-srgb.txt") if threshold <= linear)


def cube(t: int) -> int:
    t = clamp(t, 0, 65535)
    return ((t * t * t) >> 24) - 12802


def code(v: int) -> int:
    return srgb(clamp((v + 33554432) >> 26, 0, 16383))


def from_xyb(p: list[int]) -> list[int]:
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
        return [code(green)]
    return [code(red), code(green), code(blue)]


def from_ycbcr(p: list[int]) -> list[int]:
    """Clause `colour.ycbcr`."""
    y = (p[0] << 16) + 134742016
    return [
        clamp((y + 91881 * p[2]) >> 20, 0, 255),
        clamp((y - 22554 * p[1] - 46802 * p[2]) >> 20, 0, 255),
        clamp((y + 116130 * p[1]) >> 20, 0, 255),
    ]


def from_none(p: list[int]) -> list[int]:
    """Clause `colour.none`."""
    return [clamp((v + 2056) >> 4, 0, 255) for v in p]


def to_samples(transform: int, p: list[int]) -> list[int]:
    return (from_xyb, from_ycbcr, from_none)[transform](p)
