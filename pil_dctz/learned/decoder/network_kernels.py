"""Small integer convolutional networks. Clauses `learned.cells`, `learned.layers`,
`learned.correction`.

Activations lie channels last: int16 (rows + 2, (columns + 2) * channels), the outermost places
repeated on each side. Checked by the wrapper: planes have n * rows and n * columns samples, n = 1
<< side_log2; channels are rounded up to multiples of 4 (inputs and last outputs are such ones);
weights int16 (outputs, products rounded up to 16), 0 where there are none; products = k * k *
inputs; STRIP is even; patches (STRIP, products rounded up), sums int32 (STRIP * outputs), halves,
shifts, multipliers int32 (STRIP * outputs): those of the outputs, repeated. Proof of indices: rows
i..i + 2 and places j..j + 2 of an activation exist for i < rows, j < columns; a patch has k * k *
inputs of them. Widths: the loader has shown that no sum leaves int32 (`model.layer_fault`).
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


@inner
def fold_row(row, factor, half, places, line, out, channels, n):
    # A row of samples as inputs: scaled, then each n of them side by side in their place of `out`,
    # which begins at the channel of the first.
    for x in range(row.size):
        value = np.int32(np.int32(np.int32(row[x]) * factor) + half)
        value = np.int32(value >> (places & np.int32(31)))  # 31: else 64 bits wide
        line[x] = np.int16(clamp32(value, np.int32(-32767), np.int32(32767)))
    for j in range(row.size // n):
        for dx in range(n):
            out[j * channels + dx] = line[n * j + dx]


@inner
def fold_sides(levels, owners, i, per, fineness, out, channels):
    # The side inputs of a row of places; `out` begins at the first of them.
    y = i >> per
    upper = (i & ((1 << per) - 1)) == 0 and y > 0
    for x in range(levels.shape[1]):
        level = np.int16((np.int32(levels[y, x]) - 6) * 256)
        own = owners[y, x]
        above = np.int16(256 if upper and owners[y - 1, x] != own else 0)
        for j in range(x << per, (x + 1) << per):
            out[j * channels] = level
            out[j * channels + 1] = 0
            out[j * channels + 2] = above
            out[j * channels + 3] = fineness
        if x > 0 and owners[y, x - 1] != own:
            out[(x << per) * channels + 1] = np.int16(256)


@kernel(
    "void(i16ro[:, :, ::1], int64, int64, u8ro[:, ::1], i32ro[:, ::1], int16[::1], int16[:, ::1])"
)
def fold_planes(planes, side_log2, base, levels, owners, line, out):
    # The inputs of the first layer. levels, owners by square. line: room for a row of samples.
    n = 1 << side_log2
    samples = 3 * n * n
    channels = samples + 4
    rows = out.shape[0] - 2
    e = 0
    while (base >> (e + 1)) > 0:
        e += 1
    factor = np.int32((1 << (e + 14)) // base)
    half = np.int32(1 << (e + 4))
    fineness = np.int16((8 * e + (((base << 3) >> e) & 7) - 80) * 64)
    if planes.shape[0] < 3:
        out[:, :] = 0
    for i in range(rows):
        for p in range(planes.shape[0]):
            for dy in range(n):
                first = channels + (p * n + dy) * n
                fold_row(
                    planes[p, n * i + dy], factor, half, np.int32(e + 5), line,
                    out[i + 1, first:], channels, n,
                )  # fmt: skip
        fold_sides(
            levels, owners, i, 3 - side_log2, fineness, out[i + 1, channels + samples :], channels
        )
    repeat_edges(out, channels)


@inner
def product(a, b):
    return np.int32(np.int32(a) * np.int32(b))


@inner
def sum_products(patches, weights, biases, count, sums):
    # sums[j * outputs + o] = biases[o] + patches[j] . weights[o], for j < count; two places at
    # once, so of an odd count also for the one behind it, whose patch is an older one: no sum
    # of activations overflows, whichever they are.
    outputs = weights.shape[0]
    size = weights.shape[1]
    for j in range(0, count, 2):
        patch = patches[j]
        other = patches[j + 1]
        for o in range(0, outputs, 4):
            w0 = weights[o]
            w1 = weights[o + 1]
            w2 = weights[o + 2]
            w3 = weights[o + 3]
            s0 = t0 = biases[o]
            s1 = t1 = biases[o + 1]
            s2 = t2 = biases[o + 2]
            s3 = t3 = biases[o + 3]
            for k in range(size):
                s0 = np.int32(s0 + product(patch[k], w0[k]))
                s1 = np.int32(s1 + product(patch[k], w1[k]))
                s2 = np.int32(s2 + product(patch[k], w2[k]))
                s3 = np.int32(s3 + product(patch[k], w3[k]))
                t0 = np.int32(t0 + product(other[k], w0[k]))
                t1 = np.int32(t1 + product(other[k], w1[k]))
                t2 = np.int32(t2 + product(other[k], w2[k]))
                t3 = np.int32(t3 + product(other[k], w3[k]))
            at = j * outputs + o
            sums[at] = s0
            sums[at + 1] = s1
            sums[at + 2] = s2
            sums[at + 3] = s3
            sums[at + outputs] = t0
            sums[at + outputs + 1] = t1
            sums[at + outputs + 2] = t2
            sums[at + outputs + 3] = t3


@inner
def scale(sums, halves, shifts, multipliers, low, out):
    for x in range(out.size):
        t = np.int32(np.int32(sums[x] + halves[x]) >> (shifts[x] & np.int32(31)))
        t = clamp32(t, np.int32(-32767), np.int32(32767))
        v = np.int32(np.int32(np.int32(t * multipliers[x]) + np.int32(16384)) >> np.int32(15))
        out[x] = np.int16(clamp32(v, low, np.int32(32767)))


@kernel(
    "void(i16ro[:, ::1], int64, int64, i16ro[:, ::1], i32ro[::1], i32ro[::1], i32ro[::1],"
    " i32ro[::1], int64, int64, int16[:, ::1], int32[::1], int16[:, ::1])"
)
def convolve(
    inputs, channels, side, weights, biases, halves, shifts, multipliers, positive, add,
    patches, sums, out,
):  # fmt: skip
    # side: 1 or 3. patches is 0 beyond side * side * channels.
    outputs = weights.shape[0]
    rows = out.shape[0] - 2
    columns = out.shape[1] // outputs - 2
    peak = np.int32(32767)
    low = np.int32(0) if positive else -peak
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
            at = (left + 1) * outputs
            line = out[i + 1, at : at + count * outputs]
            scale(sums, halves, shifts, multipliers, -peak if add else low, line)
            if add:
                same = inputs[i + 1, at : at + count * outputs]
                for x in range(line.size):
                    v = np.int32(np.int32(line[x]) + np.int32(same[x]))
                    line[x] = np.int16(clamp32(v, low, peak))
    repeat_edges(out, outputs)


@kernel("void(i16ro[:, ::1], int64, int64, u8ro[:, :, ::1], int32[::1], int16[:, :, ::1])")
def correct_planes(outputs, side_log2, base, gains, factors, planes):
    # gains: strengths of luma and chroma by cell of 64x64 samples. factors: room for a row.
    n = 1 << side_log2
    channels = 3 * n * n
    columns = planes.shape[2]
    for p in range(planes.shape[0]):
        for y in range(planes.shape[1]):
            if (y & 63) == 0:
                for x in range(columns):
                    factors[x] = np.int32(base * np.int64(gains[min(p, 1), y >> 6, x >> 6]))
            first = channels + (p * n + (y & (n - 1))) * n
            values = outputs[(y >> side_log2) + 1, first:]
            row = planes[p, y]
            for j in range(columns // n):
                for dx in range(n):
                    v = clamp32(
                        np.int32(values[j * channels + dx]), np.int32(-2047), np.int32(2047)
                    )
                    move = np.int32(np.int32(v * factors[n * j + dx]) + np.int32(1024))
                    move = np.int32(move >> np.int32(11))
                    value = np.int32(np.int32(row[n * j + dx]) + move)
                    value = clamp32(value, np.int32(-32768), np.int32(32767))
                    row[n * j + dx] = np.int16(value)
