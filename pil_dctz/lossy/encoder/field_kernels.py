"""The quantization map by a trained network: what it sees of each cell, and its sums. Encoder only.

Checked by the wrapper: coefficients of 8x8 blocks of the first plane in raster order, float32
(64 * rows * columns or more); planes float32 (3, 8 * rows, 8 * columns); inverse float32[64];
power float32[64]; squares float32 (rows, columns, SQUARE); seen float32 (cell rows, cell columns,
SEEN), as many cells as `cells` uint8; scales float32 (2, SEEN); weights float32 (hidden, SEEN + 1);
last float32 (hidden + SEEN + 1); rows and columns are at least 1, cells half of them, rounded up.
Proof of indices: places of a square are 0..63; squares of a cell and cells near one are clamped to
those that there are; all else by the loops.
"""

import math

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

SQUARE = 14  # numbers of a square of 8x8
SEEN = 30  # numbers of a cell
FAR = 3  # cells, each way
MANY = np.float32(0.6)  # steps from which a coefficient is counted, and two more such sizes
SOME = np.float32(1.6)
FEW = np.float32(4.0)
LOST = np.float32(0.3)  # of a squared step: what a level leaves, at most, in
PARTS = np.float32(4096.0)
END = np.float32(4.0)  # of the scaled numbers


@inner
def logarithm(energy, floor):
    return np.float32(math.log2(max(energy, np.float32(0.0)) / np.float32(64.0) + floor))


@kernel(
    "void(f32ro[::1], f32ro[:, :, ::1], f32ro[::1], float32[::1], float32[:, ::1],"
    " float32[:, :, ::1])"
)
def describe_squares(coefficients, planes, inverse, power, sums, squares):
    # 0..3 log2 of the first plane's variance and of its parts in three bands, 4 that of rows by
    # that of columns, 5..7 how many coefficients are above three sizes in steps, 8 what is lost,
    # 9..11 means of the planes, 12, 13 log2 of the others' variances.
    # inverse: 1 / step of each place, 0 of the first. sums float32 (2, 8 * columns).
    # Integer sums, and sums by column, become vectors.
    rows, columns, _ = squares.shape
    for i in range(rows):
        for j in range(columns):
            at = 64 * (i * columns + j)
            block = coefficients[at : at + 64]
            many = np.int32(0)
            some = np.int32(0)
            few = np.int32(0)
            lost = np.int32(0)
            for k in range(64):
                size = abs(block[k]) * inverse[k]
                many += np.int32(size > MANY)
                some += np.int32(size > SOME)
                few += np.int32(size > FEW)
                lost += np.int32(min(size * size, LOST) * PARTS)
            for k in range(64):
                power[k] = block[k] * block[k]
            across = np.float32(0.0)
            down = np.float32(0.0)
            total = np.float32(0.0)
            for k in range(1, 8):
                across += power[k]
                down += power[8 * k]
            low = power[1] + power[2] + power[8] + power[9] + power[16]
            middle = -power[0] - low
            for v in range(6):
                for u in range(6 - v):
                    middle += power[8 * v + u]
            for u in range(8):
                power[u] += ((power[8 + u] + power[16 + u]) + (power[24 + u] + power[32 + u])) + (
                    (power[40 + u] + power[48 + u]) + power[56 + u]
                )
            for u in range(8):
                total += power[u]
            total -= block[0] * block[0]
            out = squares[i, j]
            out[0] = logarithm(total, np.float32(4.0))
            out[1] = logarithm(low, np.float32(4.0))
            out[2] = logarithm(middle, np.float32(4.0))
            out[3] = logarithm(total - low - middle, np.float32(4.0))
            out[4] = logarithm(across, np.float32(4.0)) - logarithm(down, np.float32(4.0))
            out[5] = many
            out[6] = some
            out[7] = few
            out[8] = np.float32(lost) / PARTS
            out[9] = block[0] / np.float32(8.0)
        for p in range(1, 3):
            sums[:] = 0.0
            for y in range(8 * i, 8 * i + 8):
                for x in range(8 * columns):
                    sums[0, x] += planes[p, y, x]
                    sums[1, x] += planes[p, y, x] * planes[p, y, x]
            for j in range(columns):
                mean = np.float32(0.0)
                squared = np.float32(0.0)
                for x in range(8 * j, 8 * j + 8):
                    mean += sums[0, x]
                    squared += sums[1, x]
                mean /= np.float32(64.0)
                squares[i, j, 9 + p] = mean
                variance = squared - np.float32(64.0) * mean * mean
                squares[i, j, 11 + p] = logarithm(variance, np.float32(1.0))


@kernel("void(f32ro[:, :, ::1], float32, float32[:, :, ::1], float32[:, :, ::1])")
def describe_cells(squares, octaves, rows7, seen):
    # 0..13 means of the squares', 4 of its magnitude; 14, 15 the least and the greatest variance;
    # 16 log2 of the variance of their means; 17 of how many coefficients; then of the 3x3 cells
    # around and of the 7x7. octaves: log2 of the base step.
    # rows7 float32 (cell rows, cell columns, 3).
    rows, columns, _ = squares.shape
    high, wide, _ = seen.shape
    for i in range(high):
        for j in range(wide):
            out = seen[i, j]
            for k in range(14):
                out[k] = 0.0
            out[14] = np.float32(99.0)
            out[15] = np.float32(-99.0)
            squared = np.float32(0.0)
            for y in range(2 * i, 2 * i + 2):
                for x in range(2 * j, 2 * j + 2):
                    square = squares[min(y, rows - 1), min(x, columns - 1)]
                    for k in range(14):
                        out[k] += np.float32(0.25) * (abs(square[k]) if k == 4 else square[k])
                    out[14] = min(out[14], square[0])
                    out[15] = max(out[15], square[0])
                    squared += np.float32(0.25) * square[9] * square[9]
            out[8] = math.log2(out[8] + np.float32(0.5))
            spread = max(squared - out[9] * out[9], np.float32(0.0))
            out[16] = math.log2(spread + np.float32(1.0))
            out[17] = math.log2(out[5] + np.float32(0.4))
            out[29] = octaves
    for i in range(high):
        for j in range(wide):
            across = rows7[i, j]
            across[:] = 0.0
            for x in range(j - FAR, j + FAR + 1):
                cell = seen[i, min(max(x, 0), wide - 1)]
                across[0] += cell[0]
                across[1] += cell[3]
                across[2] += cell[5]
    for i in range(high):
        for j in range(wide):
            out = seen[i, j]
            out[18:24] = 0.0
            out[24] = np.float32(99.0)
            out[25] = np.float32(-99.0)
            for y in range(i - 1, i + 2):
                for x in range(j - 1, j + 2):
                    cell = seen[min(max(y, 0), high - 1), min(max(x, 0), wide - 1)]
                    out[18] += cell[0]
                    out[19] += cell[3]
                    out[20] += cell[17]
                    out[21] += cell[9]
                    out[22] += cell[12]
                    out[23] += cell[13]
                    out[24] = min(out[24], cell[14])
                    out[25] = max(out[25], cell[15])
            for k in range(18, 24):
                out[k] /= np.float32(9.0)
            out[26:29] = 0.0
            for y in range(i - FAR, i + FAR + 1):
                across = rows7[min(max(y, 0), high - 1), j]
                for k in range(3):
                    out[26 + k] += across[k] / np.float32(49.0)


@kernel(
    "void(f32ro[:, :, ::1], f32ro[:, ::1], f32ro[:, ::1], f32ro[::1], float32[::1], uint8[:, ::1])"
)
def predict_map(seen, scales, weights, last, scaled, cells):
    # scaled float32[SEEN]: numbers less their means by their spreads (the rows of scales). The
    # level: of weights, positive sums; of last, factors of these, then of the numbers, then 1.
    hidden = weights.shape[0]
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            level = last[hidden + SEEN]
            for k in range(SEEN):
                z = (seen[i, j, k] - scales[0, k]) * scales[1, k]
                scaled[k] = min(max(z, -END), END)
                level += last[hidden + k] * scaled[k]
            for n in range(hidden):
                total = weights[n, SEEN]
                for k in range(SEEN):
                    total += weights[n, k] * scaled[k]
                level += last[n] * max(total, np.float32(0.0))
            cells[i, j] = np.uint8(min(max(math.floor(level + np.float32(0.5)), 0), 12))
