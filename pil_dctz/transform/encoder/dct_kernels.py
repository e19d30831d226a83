"""Forward DCT of blocks in floating point: what `transform.inverse` undoes.

Proof of indices: all loops end at wide and high; the caller proves that plane holds high x wide
samples at (top, left) and out so many places at `at`; half float32[4096].
"""

import numpy as np

from pil_dctz.kernels.declare import inner

EIGHT = 8
FIRST = 21  # of the matrix of 8 points


@inner
def forward(plane, top, left, wide2, high2, cosines, half, out, at):
    # 2^wide2 x 2^high2 samples. cosines: matrices n * x + k of n = 1, 2, 4 .. points.
    if wide2 + high2 == 6:
        forward_8x8(plane, top, left, cosines, half, out, at)
        return
    wide = 1 << wide2
    high = 1 << high2
    across = (wide * wide - 1) // 3
    down = (high * high - 1) // 3
    for y in range(high):
        line = plane[top + y]
        row = half[wide * y : wide * y + wide]
        for u in range(wide):
            row[u] = np.float32(0.0)
        for x in range(0, wide, 2):
            # Two at once: half the loads and stores.
            one = line[left + x]
            two = line[left + x + 1]
            first = cosines[across + wide * x : across + wide * x + wide]
            second = cosines[across + wide * x + wide : across + wide * x + 2 * wide]
            for u in range(wide):
                row[u] += one * first[u] + two * second[u]
    for v in range(high):
        row = out[at + wide * v : at + wide * v + wide]
        for u in range(wide):
            row[u] = np.float32(0.0)
        for y in range(0, high, 2):
            one = cosines[down + high * y + v]
            two = cosines[down + high * y + high + v]
            first = half[wide * y : wide * y + wide]
            second = half[wide * y + wide : wide * y + 2 * wide]
            for u in range(wide):
                row[u] += one * first[u] + two * second[u]


@inner
def forward_8x8(plane, top, left, cosines, half, out, at):
    # The same with loops of known length: four times as fast.
    for y in range(EIGHT):
        line = plane[top + y]
        for u in range(EIGHT):
            total = np.float32(0.0)
            for x in range(EIGHT):
                total += line[left + x] * cosines[FIRST + EIGHT * x + u]
            half[EIGHT * y + u] = total
    for v in range(EIGHT):
        for u in range(EIGHT):
            total = np.float32(0.0)
            for y in range(EIGHT):
                total += half[EIGHT * y + u] * cosines[FIRST + EIGHT * y + v]
            out[at + EIGHT * v + u] = total
