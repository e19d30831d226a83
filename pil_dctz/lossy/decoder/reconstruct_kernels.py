"""Levels to planes. Clauses `lossy.coefficient`, `lossy.planes`, `transform.inverse`.

Checked by the wrapper: arrays as parse.py makes them; out is 8 / scale samples for each square,
both ways; extents uint8 (8, 34, 2); places float32 (planes, n), the curve at each place of each
shape. Indices: see contexts_kernels.py; ends are 0..33 (an alphabet of 34); what a block reads of
its rows is rounded up to 8 places, and rows have a multiple of 8.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.blocks_kernels import coefficient
from pil_dctz.lossy.contexts_kernels import (
    BLOCKS,
    COLUMNS,
    COUNT,
    LEVELS,
    ROWS,
    SQUARES,
    STATES,
    map_level,
)
from pil_dctz.lossy.directions_kernels import add_prediction, predict, put_edge, take_corner
from pil_dctz.lossy.follow_kernels import follow_slope, followed
from pil_dctz.transform.decoder.dct_kernels import inverse, limited, shifted, to_int16

LARGEST = 1 << 22
DOWN_27 = 2.0**-27


@inner
def dequantize(levels, curve, gain, out):
    # lossy.steps and lossy.coefficient in floating point, of which compilers make vector code.
    # Exact: gain x curve is below 2^53, or the step is the largest; products with levels are below
    # 2^24, or more than a coefficient may be, as all are from 2^22 on.
    for n in range(out.shape[0]):
        step = (gain * np.float64(curve[n]) + 67108864.0) * DOWN_27
        step = np.float32(np.int32(min(max(step, 1.0), 67108864.0)))
        product = np.float32(levels[n]) * step
        product = min(max(product, np.float32(-LARGEST)), np.float32(LARGEST))
        c = shifted(np.int32(product) + np.int32(8), 4)
        out[n] = limited(c)


@inner
def follow_first(
    levels, own, curve, offset, gain, slope, extent, lw, lh, wide, high, line, block
):  # fmt: skip
    # lossy.follow: add what the first component gives beyond the corner to the wide x high
    # coefficients of `block`; returns the new extent. line int32[64].
    side = 8 << lw
    first_wide = min((np.int64(extent[0]) + 7) & ~7, max(4 << lw, 8))
    first_high = min(np.int64(extent[1]), 4 << lh)
    last = min(first_wide, 4 << lw)
    most = max(wide, first_wide)
    for v in range(first_high):
        first = side * v
        for u in range(wide if v < high else 0, most):
            block[first + u] = 0
        dequantize(
            levels[own + first : own + first + first_wide],
            curve[offset + first : offset + first + first_wide],
            gain,
            line[:first_wide],
        )
        begin = (1 << lw) if v < (1 << lh) else 0
        for u in range(begin, last):
            block[first + u] = limited(np.int32(block[first + u] + followed(slope, line[u])))
    for v in range(first_high, high):
        for u in range(wide, most):
            block[side * v + u] = 0
    return most, max(high, first_high)


@inner
def rebuild_block(
    parts, p, gains, places, mean_scale, layout, extents, blocks, owners, cells, means, ends,
    levels, directions, matrix, slopes, scale2, scratch, out, n, values, follow,
):  # fmt: skip
    # One block into its plane; scratch int32[3 * 4096 + 128 + 130 + 64]. Those before it are there.
    # values, follow: of lossy.follow.
    block = scratch[:4096]
    half = scratch[4096:8192]
    line = scratch[8192:8320]
    row = parts[p, BLOCKS] + n
    i = np.int64(blocks[row, 0])
    j = np.int64(blocks[row, 1])
    lw = np.int64(blocks[row, 2])
    lh = np.int64(blocks[row, 3])
    shape = np.int64(blocks[row, 4])
    own = parts[p, LEVELS] + np.int64(blocks[row, 5])
    state = parts[p, STATES] + n
    mean = coefficient(np.int64(means[state]) * mean_scale, np.int64(16))
    end = np.int64(ends[state])
    direction = np.int64(directions[n])
    top = (8 * i) >> scale2
    left = (8 * j) >> scale2
    slope = np.int64(0)
    if follow and p > 0 and ends[n] > 0:
        slope = follow_slope(values, parts, p, i, j, lw, lh)
    if end == 0 and shape == 0 and direction == 0 and slope == 0:
        flat = to_int16((mean + np.int32(16)) >> np.int32(5))
        for y in range(top, top + (8 >> scale2)):
            for x in range(left, left + (8 >> scale2)):
                out[y, x] = flat
        return
    gain = np.float64(gains[map_level(cells, parts, p, i, j, lw, lh), lw + lh])
    offset = np.int64(layout[shape, 2])
    side = 8 << lw
    wide = (np.int64(extents[shape, end, 0]) + 7) & ~7
    high = np.int64(extents[shape, end, 1])
    curve = places[p]
    for v in range(high):
        first = side * v
        dequantize(
            levels[own + first : own + first + wide],
            curve[offset + first : offset + first + wide],
            gain,
            block[first : first + wide],
        )
    if slope != 0:
        wide, high = follow_first(
            levels, parts[0, LEVELS] + np.int64(blocks[row, 5]), places[0], offset, gain, slope,
            extents[shape, np.int64(ends[n])], lw, lh, wide, high, scratch[12546:], block,
        )  # fmt: skip
    block[0] = mean
    if direction > 0:
        edge = scratch[8320:8450]
        predicted = scratch[8450:12546]
        put_edge(out, owners, parts, p, n, i, j, lw, lh, edge)
        predict(edge, lw, lh, direction, slopes, predicted)
        take_corner(predicted, lw, lh, matrix, half, block)
    inverse(
        block, side, high, wide, 3 + lw - scale2, 3 + lh - scale2, matrix, half, line, out,
        top, left,
    )  # fmt: skip
    if direction > 0:
        add_prediction(scratch[8450:12546], lw, lh, out, top, left)


@kernel(
    "void(i64ro[:, ::1], int64, i64ro[:, ::1], f32ro[:, ::1], int64,"
    " i32ro[:, ::1], u8ro[:, :, ::1], i32ro[:, ::1], i32ro[::1], u8ro[:, ::1], i32ro[::1],"
    " u8ro[::1], i16ro[::1], u8ro[::1], i32ro[::1], i64ro[:, ::1], int64, int32[::1],"
    " int16[:, ::1], i32ro[::1], boolean)"
)
def reconstruct_plane(
    parts, p, gains, places, mean_scale, layout, extents, blocks, owners, cells, means, ends,
    levels, directions, matrix, slopes, scale2, scratch, out, values, follow,
):  # fmt: skip
    # scale2: log2 of the scale, 0..2; 0 where there are directions.
    for n in range(parts[p, COUNT]):
        rebuild_block(
            parts, p, gains, places, mean_scale, layout, extents, blocks, owners, cells, means,
            ends, levels, directions, matrix, slopes, scale2, scratch, out, n, values, follow,
        )  # fmt: skip


@kernel("void(i64ro[:, ::1], int64, int64, i32ro[::1], int16[:, ::1])")
def reconstruct_eighth(parts, p, mean_scale, values, out):
    # The picture at 1:8.
    columns = parts[p, COLUMNS]
    for i in range(parts[p, ROWS]):
        for j in range(columns):
            value = np.int64(values[parts[p, SQUARES] + i * columns + j]) * mean_scale
            d = coefficient(value, np.int64(16))
            out[i, j] = to_int16((d + np.int32(16)) >> np.int32(5))
