"""What a pass of the high stream knows of a block from those before it. Clause `lossy.passes`.

Proof of indices: scan positions below 16 a square lie in rows v < 5 * H, H up to 8, so that what is
touched in `expected` (contexts_kernels.py) reaches row 5 * 8 + 2 + 3 of 68; two columns beyond the
last are the next row's margin.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.blocks_kernels import block_step, coefficient
from pil_dctz.lossy.signs_kernels import take


@inner
def take_known(
    levels, own, corner, known, lw, scan, bands, rises, gain, curve, p, radii, wide, high, borders,
    expected,
):  # fmt: skip
    # The levels of earlier passes, scan positions corner .. known - 1: how many are not 0. They go
    # from the borders, and add to the expectations of places to the right and below. scan, bands,
    # radii: of the shape; rises int32 (4, 3): weights of the block's bands.
    count = np.int64(0)
    stride = (8 << lw) + 4
    for k in range(corner, known):
        place = np.int64(scan[U(k)])
        level = np.int64(levels[U(own + place)])
        if level != 0:
            count += 1
            u = place & ((8 << lw) - 1)
            v = place >> (3 + lw)
            if u < wide or v < high:
                step = block_step(gain, curve, p, np.int64(radii[U(place)]))
                take(borders, u, v, np.int64(coefficient(level, step)), wide, high)
            rise(
                expected, stride * (v + 3) + u + 3, stride, level, rises[np.int64(bands[U(place)])]
            )
    return count


@inner
def rise(expected, at, stride, level, w):
    # What a level other than 0 at `at` adds to places up to 2 columns right or 2 rows down.
    a = np.int32(min(abs(level), 255))
    below = at + stride
    e = a * w[U(0)]
    expected[U(at + 1)] += e
    expected[U(below)] += e
    expected[U(below + 1)] += a * w[U(1)]
    e = a * w[U(2)]
    expected[U(at + 2)] += e
    expected[U(below + stride)] += e
