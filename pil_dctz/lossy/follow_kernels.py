"""How the other components follow the first. Clause `lossy.follow`.

Indices: a window of squares is cut to those of the plane; values hold a number for each square of
each component (see contexts_kernels.py), and with a partition all components have the same squares.
"""

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.contexts_kernels import COLUMNS, ROWS, SQUARES
from pil_dctz.transform.decoder.dct_kernels import shifted

# What each pair of squares adds to the squared differences of the first and the other component,
# in 1/64 unit.
DAMPING = 16384
DAMPING_OTHER = 2048
STEEPEST = 2048  # slope


@inner
def follow_slope(values, parts, p, i, j, lw, lh):
    # lossy.follow: change of component p for one of the first, in 1/1024, around a block.
    columns = parts[p, COLUMNS]
    top = max(i - 1, 0)
    left = max(j - 1, 0)
    below = min(i + (np.int64(1) << lh) + 1, parts[p, ROWS])
    right = min(j + (np.int64(1) << lw) + 1, columns)
    first = parts[0, SQUARES]
    other = parts[p, SQUARES]
    squares = np.int64(0)
    others = np.int64(0)
    products = np.int64(0)
    for a in range(top, below):
        for b in range(left, right):
            at = a * columns + b
            y = np.int64(values[first + at]) >> 3
            x = np.int64(values[other + at]) >> 3
            if b > left:
                dy = y - (np.int64(values[first + at - 1]) >> 3)
                dx = x - (np.int64(values[other + at - 1]) >> 3)
                squares += dy * dy
                others += dx * dx
                products += dy * dx
            if a > top:
                dy = y - (np.int64(values[first + at - columns]) >> 3)
                dx = x - (np.int64(values[other + at - columns]) >> 3)
                squares += dy * dy
                others += dx * dx
                products += dy * dx
    high = below - top
    wide = right - left
    pairs = high * (wide - 1) + (high - 1) * wide
    # Widths: differences below 2^15, at most 180 pairs: sums below 2^38, both quotients' dividends
    # below 2^48 (products^2 <= squares * others).
    slope = (products << 10) // (squares + DAMPING * pairs + 1)
    sure = (slope * products) // (others + DAMPING_OTHER * pairs + 1)
    return min(max((slope * sure) >> 10, -STEEPEST), STEEPEST)


@inner
def followed(slope, c):
    # What a coefficient of the first component adds to that of another. Width: 2^11 * 2^17.
    return shifted(np.int32(slope) * np.int32(c) + np.int32(512), 10)
