"""Forward DCT of blocks in floating point: what `transform.inverse` undoes.

Cosines of even frequencies are the same in mirrored places, those of odd ones have other signs:
sums and differences of mirrored samples halve the products. A function for each width: with strides
and lengths that are known, compilers can make vector code.

Proof of indices: all loops end at wide and high; the caller proves that plane holds high x wide
samples at (top, left) and out so many places at `at`; half float32[4096 + 64]; cosines as
`lossy/encoder/quantize.py` makes them, the matrix of n points at (n * n - 64) / 6.
"""

import numpy as np
from numpy import uint64 as U  # noqa: N812  an unsigned index needs no test for < 0

from pil_dctz.kernels.declare import inner

EVEN = 4096  # in half: sums of one row
ODD = 4096 + 32


def across_of(wide2):
    wide = 1 << wide2
    middle = wide >> 1
    first = (wide * wide - 64) // 6

    @inner
    def across(plane, top, left, high, cosines, half):
        # The rows.
        even = half[EVEN : EVEN + middle]
        odd = half[ODD : ODD + middle]
        for y in range(high):
            line = plane[top + y, left : left + wide]
            for k in range(middle):
                even[k] = np.float32(0.0)
                odd[k] = np.float32(0.0)
            for x in range(0, middle, 2):
                # Two at once: half the loads and stores.
                sum0 = line[x] + line[wide - 1 - x]
                sum1 = line[x + 1] + line[wide - 2 - x]
                less0 = line[x] - line[wide - 1 - x]
                less1 = line[x + 1] - line[wide - 2 - x]
                c = first + wide * x
                for k in range(middle):
                    even[k] += sum0 * cosines[U(c + k)] + sum1 * cosines[U(c + wide + k)]
                    odd[k] += less0 * cosines[U(c + middle + k)]
                    odd[k] += less1 * cosines[U(c + wide + middle + k)]
            for k in range(middle):
                half[U(wide * y + 2 * k)] = even[k]
                half[U(wide * y + 2 * k + 1)] = odd[k]

    return across


def down_of(wide2):
    wide = 1 << wide2

    @inner
    def down(high, cosines, half, out, at):
        # The columns; the sums take the place of the upper rows, the differences of the lower ones.
        middle = high >> 1
        for y in range(middle):
            upper = wide * y
            lower = wide * (high - 1 - y)
            for u in range(wide):
                a = half[U(upper + u)]
                b = half[U(lower + u)]
                half[U(upper + u)] = a + b
                half[U(lower + u)] = a - b
        for v in range(high):
            row = out[at + wide * v : at + wide * v + wide]
            for u in range(wide):
                row[u] = np.float32(0.0)
            c = (high * high - 64) // 6 + (v >> 1)
            h = 0
            step = wide
            if v & 1:
                c += middle
                h = wide * (high - 1)
                step = -wide
            for _ in range(0, middle, 4):
                m0 = cosines[U(c)]
                m1 = cosines[U(c + high)]
                m2 = cosines[U(c + 2 * high)]
                m3 = cosines[U(c + 3 * high)]
                for u in range(wide):
                    row[u] += half[U(h + u)] * m0 + half[U(h + step + u)] * m1
                    row[u] += half[U(h + 2 * step + u)] * m2 + half[U(h + 3 * step + u)] * m3
                c += 4 * high
                h += 4 * step

    return down


across_8 = across_of(3)
across_16 = across_of(4)
across_32 = across_of(5)
across_64 = across_of(6)
down_8 = down_of(3)
down_16 = down_of(4)
down_32 = down_of(5)
down_64 = down_of(6)


@inner
def forward(plane, top, left, wide2, high2, cosines, half, out, at):
    # 2^wide2 x 2^high2 samples, 8 to 64 each way.
    high = 1 << high2
    if wide2 == 3:
        across_8(plane, top, left, high, cosines, half)
        down_8(high, cosines, half, out, at)
    elif wide2 == 4:
        across_16(plane, top, left, high, cosines, half)
        down_16(high, cosines, half, out, at)
    elif wide2 == 5:
        across_32(plane, top, left, high, cosines, half)
        down_32(high, cosines, half, out, at)
    else:
        across_64(plane, top, left, high, cosines, half)
        down_64(high, cosines, half, out, at)
