"""What filters multiply, what they add up to, and how that moves with their weights.

Checked by the wrapper (filters.py): sources int16 (planes, rows + 8, columns + 8), padded by
`pad_plane`; taps int64 (n, 4) of source, dy, dx, limit, |dy|, |dx| <= 4; sums (n, rows, columns),
classes (rows, columns) below weights.shape[0], weights (classes, n).
Proof of indices: row + 4 + dy is 0..rows + 7, columns likewise; the rest loops over shapes.
Widths: |c| <= 16383, differences clipped to 8191.
"""

import numpy as np

from pil_dctz.kernels.declare import kernel

MARGIN = 4


@kernel("void(i16ro[:, :, ::1], i64ro[:, ::1], float32[:, :, ::1])")
def pair_differences(sources, taps, sums):
    # `learned.sum`: of each tap, both differences, clipped.
    rows = sums.shape[1]
    columns = sums.shape[2]
    for k in range(taps.shape[0]):
        source = sources[taps[k, 0]]
        dy = taps[k, 1]
        dx = taps[k, 2]
        limit = np.int32(taps[k, 3])
        for y in range(rows):
            own = source[y + MARGIN, MARGIN : MARGIN + columns]
            ahead = source[y + MARGIN + dy, MARGIN + dx : MARGIN + dx + columns]
            behind = source[y + MARGIN - dy, MARGIN - dx : MARGIN - dx + columns]
            out = sums[k, y]
            for x in range(columns):
                a = np.int32(np.int32(ahead[x]) - np.int32(own[x]))
                b = np.int32(np.int32(behind[x]) - np.int32(own[x]))
                a = min(max(a, -limit), limit)
                b = min(max(b, -limit), limit)
                out[x] = np.float32(a + b)


@kernel("void(float32[:, :, ::1], uint16[:, ::1], float64[:, ::1], float32[:, ::1])")
def weigh(sums, classes, weights, out):
    # out: the sum over taps, each by the weight of the sample's class.
    out[:, :] = np.float32(0.0)
    for k in range(sums.shape[0]):
        for y in range(out.shape[0]):
            for x in range(out.shape[1]):
                out[y, x] += np.float32(weights[classes[y, x], k]) * sums[k, y, x]


@kernel("void(float32[:, :, ::1], uint16[:, ::1], float32[:, ::1], float64[:, ::1])")
def weights_gradient(sums, classes, by_move, slopes):
    # Adds to slopes (classes, n) what each weight does to an error whose gradient is by_move.
    for k in range(sums.shape[0]):
        for y in range(by_move.shape[0]):
            for x in range(by_move.shape[1]):
                slopes[classes[y, x], k] += by_move[y, x] * sums[k, y, x]
