"""What the other components' coefficients are without what they follow. Encoder only.

Clause `lossy.follow`. Indices: see contexts_kernels.py; coefficients float32 as levels, in units.
"""

import numpy as np

from pil_dctz.kernels.declare import inner
from pil_dctz.lossy.blocks_kernels import block_step, coefficient
from pil_dctz.lossy.contexts_kernels import BLOCKS, LEVELS, STATES, map_level
from pil_dctz.lossy.follow_kernels import follow_slope, followed


@inner
def take_followed(
    coefficients, parts, p, n, blocks, cells, layout, radii, gains, curve, values, ends, levels,
    extents,
):  # fmt: skip
    # Take from block n of component p what the levels of the first give there.
    end = np.int64(ends[parts[0, STATES] + n])
    if end == 0:
        return
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    slope = follow_slope(values, parts, p, i, j, lw, lh)
    if slope == 0:
        return
    shape = np.int64(blocks[row, 4])
    offset = np.int64(layout[shape, 2])
    gain = gains[map_level(cells, parts, p, i, j, lw, lh), lw + lh]
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    first = parts[0, LEVELS] + np.int64(blocks[row, 5])
    high = min(np.int64(extents[shape, end, 1]), 4 << lh)
    wide = min(np.int64(extents[shape, end, 0]), 4 << lw)
    for v in range(high):
        for u in range((1 << lw) if v < (1 << lh) else 0, wide):
            k = (8 << lw) * v + u
            level = np.int64(levels[first + k])
            if level != 0:
                c = coefficient(level, block_step(gain, curve, 0, np.int64(radii[offset + k])))
                coefficients[own + k] -= np.float32(followed(slope, c)) * np.float32(0.015625)
