"""Planes to coefficients, and the quantization map from local activity. Encoder only.

Checked by the wrapper: planes float32 (components, 8 * rows, 8 * columns) of one grid for all.
Proof of indices: blocks lie in the grid; a cell's four squares are tested.
"""

import math

import numpy as np

from pil_dctz.kernels.declare import kernel
from pil_dctz.lossy.contexts_kernels import BLOCKS, COUNT, LEVELS
from pil_dctz.transform.encoder.dct_kernels import forward


@kernel(
    "void(f32ro[:, :, ::1], i64ro[:, ::1], i32ro[:, ::1], f32ro[::1], float32[::1], float32[::1])"
)
def transform_planes(planes, parts, blocks, cosines, half, coefficients):
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            at = parts[p, LEVELS] + np.int64(blocks[row, 5])
            wide2 = 3 + np.int64(blocks[row, 2])
            high2 = 3 + np.int64(blocks[row, 3])
            forward(planes[p], 8 * i, 8 * j, wide2, high2, cosines, half, coefficients, at)


@kernel("void(f32ro[:, ::1], float32[:, ::1])")
def gradient_tensors(plane, tensors):
    # By square in raster order: sums of x^2, y^2 and x * y of the gradient.
    high, wide = plane.shape
    for y in range(high):
        for x in range(wide):
            square = (y >> 3) * (wide >> 3) + (x >> 3)
            gx = plane[y, min(x + 1, wide - 1)] - plane[y, max(x - 1, 0)]
            gy = plane[min(y + 1, high - 1), x] - plane[max(y - 1, 0), x]
            tensors[square, 0] += gx * gx
            tensors[square, 1] += gy * gy
            tensors[square, 2] += gx * gy


@kernel("void(f32ro[::1], int64, int64, float64, float64, uint8[:, ::1])")
def activity_map(coefficients, rows, columns, slope, centre, cells):
    # Level 6 + 4 * slope * (A - centre), A the mean of log2(variance + 4) over the cell's squares.
    # coefficients: of 8x8 blocks in raster order.
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            total = 0.0
            count = 0
            for y in range(2 * i, min(2 * i + 2, rows)):
                for x in range(2 * j, min(2 * j + 2, columns)):
                    at = 64 * (y * columns + x)
                    energy = 0.0
                    for n in range(1, 64):
                        c = np.float64(coefficients[at + n])
                        energy += c * c
                    total += math.log2(energy / 64.0 + 4.0)
                    count += 1
            level = 6.0 + 4.0 * slope * (total / count - centre)
            cells[i, j] = np.uint8(min(max(math.floor(level + 0.5), 0), 12))
