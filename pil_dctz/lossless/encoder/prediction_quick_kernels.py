"""Sums of products for the quick fit of predictors. Encoder only, floats.

Index proofs: `places` are the top left samples of 8x8 blocks inside the padded grid (wrapper), so
taps stay inside the buffers (see `lossless/prediction_kernels.py`); classes are below
sums.shape[0] (wrapper).
"""

import numpy as np

from pil_dctz.kernels.declare import kernel
from pil_dctz.lossless.prediction_kernels import BLOCK, INDEX


@kernel(
    "int64(i32ro[::1], i64ro[::1], i16ro[::1], int64, int64, i64ro[::1], i64ro[::1],"
    " float32[:, ::1], float64[:, :, ::1])"
)
def add_products(samples, places, classes, stride, step, taps, references, rows, sums):
    # sums[class, i, j] += products of taps i and j, j <= i, each less its reference tap, over every
    # step-th row of the blocks, a block's products divided by the mean square of its last tap. The
    # last tap is 0 (the sample). rows: (taps, 64) work.
    # Columns of a block first, then vectors of them: products along taps take twice as long.
    count = taps.shape[0]
    used = (BLOCK // step) * BLOCK
    for b in range(places.shape[0]):
        for t in range(count):
            row = rows[t]
            for y in range(BLOCK // step):
                at = places[b] + (y * step + step // 2) * stride
                tap = (at + taps[t]) & INDEX
                reference = (at + references[t]) & INDEX
                for x in range(BLOCK):
                    row[y * BLOCK + x] = np.float32(samples[tap + x] - samples[reference + x])
        square = np.float32(0)
        last = rows[count - 1]
        for i in range(used):
            square += last[i] * last[i]
        weight = np.float32(1) / (square / np.float32(used) + np.float32(1))
        k = np.int64(classes[b])
        for i in range(count):
            one = rows[i]
            for j in range(i + 1):
                other = rows[j]
                total = np.float32(0)
                for x in range(used):
                    total += one[x] * other[x]
                sums[k, i, j] += total * weight
    return 0
