"""Forward DCT of 8x8 blocks in floating point: orthonormal, what `transform.inverse` undoes.

Proof of indices: all loops end at 8; the caller proves that plane holds 8x8 samples at
(top, left) and out 64 places at `at`.
"""

import numpy as np

from pil_dctz.kernels.declare import inner


@inner
def forward(plane, top, left, cosines, half, out, at):
    # cosines float32[64]: 8 * k + x. half float32[64]. out[at + 8 * v + u].
    for y in range(8):
        line = plane[top + y]
        for u in range(8):
            half[8 * y + u] = np.float32(0.0)
        for x in range(8):
            sample = line[left + x]
            for u in range(8):
                half[8 * y + u] += sample * cosines[8 * x + u]
    for v in range(8):
        for u in range(8):
            out[at + 8 * v + u] = np.float32(0.0)
        for y in range(8):
            weight = cosines[8 * y + v]
            for u in range(8):
                out[at + 8 * v + u] += weight * half[8 * y + u]
