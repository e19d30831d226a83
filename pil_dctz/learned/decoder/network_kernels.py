"""Small integer convolutional networks. Clauses `learned.cells`, `learned.layers`,
`learned.correction`.

Activations lie channels last: int16 (rows + 2, (columns + 2) * channels), the outermost places
repeated on each side. Checked by the wrapper: planes have n * rows and n * columns samples, n =
1 << side_log2; weights int16 (outputs rounded up to 4, products rounded up to 16), 0 where there
are none; products = k * k * inputs; patches (STRIP, products rounded up), sums (STRIP, outputs
rounded up). Proof of indices: rows i..i + 2 and places j..j + 2 of an activation exist for
i < rows, j < columns; a patch has 3 * 3 * inputs of them.
Widths: the loader has shown that no sum leaves int32 (`model.layer_fault`).
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

STRIP = 32


@inner
def clamp32(value, low, high):
    value = value if value < high else high
    return value if value > low else low


@inner
def repeat_edges(out, channels):
    # The outermost places of an activation from those next to them.
    rows = out.shape[0] - 2
    last = out.shape[1] - channels
    for y in range(1, rows + 1):
        for c in range(channels):
            out[y, c] = out[y, channels + c]
            out[y, last + c] = out[y, last - channels + c]
    for x in range(out.shape[1]):
        out[0, x] = out[1, x]
        out[rows + 1, x] = out[rows, x]


@kernel("void(i16ro[:, :, ::1], int64, int64, u8ro[:, ::1], i32ro[:, ::1], int16[:, ::1])")
def fold_planes(planes, side_log2, base, levels, owners, out):
    # The inputs of the first layer. levels, owners by square.
    n = 1 << side_log2
    channels = 3 * n * n + 4
    rows = out.shape[0] - 2
    columns = out.shape[1] // channels - 2
    e = 0
    while (base >> (e + 1)) > 0:
        e += 1
    factor = np.int32((1 << (e + 14)) // base)
    half = np.int32(1 << (e + 4))
    places = np.int32(e + 5)
    fineness = np.int16((8 * e + (((base << 3) >> e) & 7) - 80) * 64)
    per = 3 - side_log2
    mask = (1 << per) - 1
    out[:, :] = 0
    for i in range(rows):
        for j in range(columns):
            at = (j + 1) * channels
            for p in range(planes.shape[0]):
                for dy in range(n):
                    for dx in range(n):
                        value = np.int32(planes[p, n * i + dy, n * j + dx])
                        value = np.int32(np.int32(value * factor) + half) >> places
                        value = clamp32(value, np.int32(-32767), np.int32(32767))
                        out[i + 1, at + (p * n + dy) * n + dx] = np.int16(value)
            at += 3 * n * n
            y = i >> per
            x = j >> per
            out[i + 1, at] = np.int16((np.int32(levels[y, x]) - 6) * 256)
            if (j & mask) == 0 and x > 0 and owners[y, x - 1] != owners[y, x]:
                out[i + 1, at + 1] = np.int16(256)
            if (i & mask) == 0 and y > 0 and owners[y - 1, x] != owners[y, x]:
                out[i + 1, at + 2] = np.int16(256)
            out[i + 1, at + 3] = fineness
    repeat_edges(out, channels)


@inner
def sum_products(patches, weights, biases, count, sums):
    # sums[j, o] = biases[o] + patches[j] . weights[o], for j < count.
    size = weights.shape[1]
    for j in range(count):
        patch = patches[j]
        for o in range(0, weights.shape[0], 4):
            w0 = weights[o]
            w1 = weights[o + 1]
            w2 = weights[o + 2]
            w3 = weights[o + 3]
            s0 = biases[o]
            s1 = biases[o + 1]
            s2 = biases[o + 2]
            s3 = biases[o + 3]
            for k in range(size):
                value = np.int32(patch[k])
                s0 = np.int32(s0 + value * np.int32(w0[k]))
                s1 = np.int32(s1 + value * np.int32(w1[k]))
                s2 = np.int32(s2 + value * np.int32(w2[k]))
                s3 = np.int32(s3 + value * np.int32(w3[k]))
            sums[j, o] = s0
            sums[j, o + 1] = s1
            sums[j, o + 2] = s2
            sums[j, o + 3] = s3


@inner
def scale(sums, shifts, multipliers, low, out):
    for o in range(out.size):
        half = np.int32(np.int32(1) << np.int32(shifts[o] - np.int32(1)))
        t = np.int32(sums[o] + half) >> shifts[o]
        t = clamp32(t, np.int32(-32767), np.int32(32767))
        v = np.int32(np.int32(t * multipliers[o]) + np.int32(16384)) >> np.int32(15)
        out[o] = np.int16(clamp32(v, low, np.int32(32767)))


@kernel(
    "void(i16ro[:, ::1], int64, int64, i16ro[:, ::1], i32ro[::1], i32ro[::1], i32ro[::1], int64,"
    " int64, int64, int16[:, ::1], int32[:, ::1], int16[:, ::1])"
)
def convolve(
    inputs, channels, side, weights, biases, shifts, multipliers, outputs, positive, add,
    patches, sums, out,
):  # fmt: skip
    # side: 1 or 3. patches is 0 beyond side * side * channels.
    rows = out.shape[0] - 2
    columns = out.shape[1] // outputs - 2
    low = np.int32(0 if positive else -32767)
    peak = np.int32(32767)
    first = 1 if side == 1 else 0
    run = side * channels
    for i in range(rows):
        for left in range(0, columns, STRIP):
            count = min(STRIP, columns - left)
            for j in range(count):
                at = (left + j + first) * channels
                for r in range(side):
                    row = inputs[i + first + r, at : at + run]
                    patch = patches[j, r * run : r * run + run]
                    for k in range(run):
                        patch[k] = row[k]
            sum_products(patches, weights, biases, count, sums)
            for j in range(count):
                at = (left + j + 1) * outputs
                scale(
                    sums[j],
                    shifts,
                    multipliers,
                    -peak if add else low,
                    out[i + 1, at : at + outputs],
                )
                if add:
                    line = out[i + 1, at : at + outputs]
                    same = inputs[i + 1, at : at + outputs]
                    for o in range(outputs):
                        v = np.int32(np.int32(line[o]) + np.int32(same[o]))
                        line[o] = np.int16(clamp32(v, low, peak))
    repeat_edges(out, outputs)


@kernel("void(i16ro[:, ::1], int64, int64, u8ro[:, :, ::1], int16[:, :, ::1])")
def correct_planes(outputs, side_log2, base, gains, planes):
    # gains: strengths of luma and chroma by cell of 64x64 samples.
    n = 1 << side_log2
    channels = 3 * n * n
    rows = outputs.shape[0] - 2
    columns = outputs.shape[1] // channels - 2
    for i in range(rows):
        for j in range(columns):
            y = (n * i) >> 6
            x = (n * j) >> 6
            for p in range(planes.shape[0]):
                gain = np.int32(base * np.int64(gains[min(p, 1), y, x]))
                if gain == 0:
                    continue
                at = (j + 1) * channels + p * n * n
                for dy in range(n):
                    for dx in range(n):
                        v = np.int32(outputs[i + 1, at + n * dy + dx])
                        v = clamp32(v, np.int32(-2047), np.int32(2047))
                        move = np.int32(np.int32(v * gain) + np.int32(1024)) >> np.int32(11)
                        value = np.int32(planes[p, n * i + dy, n * j + dx]) + move
                        value = clamp32(value, np.int32(-32768), np.int32(32767))
                        planes[p, n * i + dy, n * j + dx] = np.int16(value)
