"""Which levels to lower, by a trained table in place of a search. Encoder only.

A coefficient of nearest magnitude m >= 1 keeps m if its size is at least m - 1/2 + margin of its
class, else it gets m - 1. The class is its plane, size of block, band, how large its neighbours in
the block are, and how many levels follow it. Arrays as in block_kernels.py; coefficients float32
as levels, in units; sizes float32 (66 * 66): a block's, with a border of zeros.
Proof of indices: u, v < 64 by the shape; classes end at their table's ends.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossy.contexts_kernels import BLOCKS, COUNT, LEVELS, STATES, map_level
from pil_dctz.lossy.encoder.follow_kernels import take_followed

LARGEST = 32767
STRIDE = 66
#: Classes of what the neighbours amount to, of levels that follow, of the magnitude.
NEIGHBOURS, FOLLOWING, MAGNITUDES = 8, 4, 2
BINS = 16


@inner
def fill_sizes(coefficients, own, lw, lh, offset, places, steps, scan, radii, sizes):
    # Sizes in steps at STRIDE * (v + 1) + u + 1; returns the last scan place of 0.5 or more, and 1.
    wide = 8 << lw
    high = 8 << lh
    for v in range(high):
        row = STRIDE * (v + 1) + 1
        for u in range(wide):
            place = wide * v + u
            c = abs(coefficients[own + place])
            sizes[row + u] = c * steps[np.int64(radii[offset + place])]
        sizes[row + wide] = np.float32(0.0)
    row = STRIDE * (high + 1) + 1
    for u in range(wide + 1):
        sizes[row + u] = np.float32(0.0)
    reach = np.int64(0)
    for k in range(places - 1, 0, -1):
        place = np.int64(scan[offset + k])
        if sizes[STRIDE * ((place >> (3 + lw)) + 1) + (place & (wide - 1)) + 1] >= 0.5:
            reach = np.int64(k + 1)
            break
    return reach


@inner
def class_of(sizes, at, p, kind, band, count, magnitude):
    near = min(sizes[at + 1], np.float32(4.0)) + min(sizes[at + STRIDE], np.float32(4.0))
    near += min(sizes[at - 1], np.float32(4.0)) + min(sizes[at - STRIDE], np.float32(4.0))
    near += np.float32(0.5) * (
        min(sizes[at + STRIDE + 1], np.float32(4.0)) + min(sizes[at + STRIDE - 1], np.float32(4.0))
    )
    near += np.float32(0.5) * min(sizes[at - STRIDE + 1], np.float32(4.0))
    place = min(np.int64(near * np.float32(1.6)), NEIGHBOURS - 1)
    follow = min(count, 1) + (1 if count > 3 else 0) + (1 if count > 12 else 0)
    first = ((4 * min(p, 2) + kind) * 4 + band) * NEIGHBOURS + place
    return (first * FOLLOWING + follow) * MAGNITUDES + (1 if magnitude > 1 else 0)


@kernel(
    "void(float32[::1], i64ro[:, ::1], i32ro[:, ::1], u8ro[:, ::1], i32ro[:, ::1], u16ro[::1],"
    " u8ro[::1], u8ro[::1], i64ro[::1], u8ro[:, :, ::1], i64ro[:, ::1], i32ro[:, ::1],"
    " f32ro[:, :, :, ::1], f32ro[::1], boolean, i32ro[::1], uint8[::1], int16[::1], float32[::1])"
)
def prune_blocks(
    coefficients, parts, blocks, cells, layout, scan, radii, bands, end_places, extents, gains,
    curve, inverse, margins, follow, values, ends, levels, sizes,
):  # fmt: skip
    # Levels beyond the corners, which begin as zeros, and ends of all blocks. margins by class;
    # follow, values: of lossy.follow, what other components follow goes from their coefficients.
    sizes[:] = np.float32(0.0)
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            own = parts[p, LEVELS] + np.int64(blocks[row, 5])
            offset = np.int64(layout[shape, 2])
            places = np.int64(layout[shape, 3])
            corner = np.int64(1) << (lw + lh)
            if follow and p > 0:
                take_followed(
                    coefficients, parts, p, n, blocks, cells, layout, radii, gains, curve, values,
                    ends, levels, extents,
                )  # fmt: skip
            m = map_level(
                cells, parts, p, np.int64(blocks[row, 0]), np.int64(blocks[row, 1]), lw, lh
            )
            reach = fill_sizes(
                coefficients, own, lw, lh, offset, places, inverse[p, m, lw + lh], scan, radii,
                sizes,
            )  # fmt: skip
            count = np.int64(0)
            last = np.int64(0)
            for k in range(reach - 1, corner - 1, -1):
                place = np.int64(scan[offset + k])
                at = STRIDE * ((place >> (3 + lw)) + 1) + (place & ((8 << lw) - 1)) + 1
                size = sizes[at]
                q = min(np.int64(size + np.float32(0.5)), LARGEST)
                if q > 0:
                    band = np.int64(bands[offset + place])
                    margin = margins[class_of(sizes, at, p, kind, band, count, q)]
                    if size < np.float32(q) - np.float32(0.5) + margin:
                        q -= 1
                    if q > 0:
                        count += 1
                        if last == 0:
                            last = k + 1 - corner
                levels[own + place] = -q if coefficients[own + place] < 0 else q
            end = 0
            while end_places[end] < last:
                end += 1
            ends[parts[p, STATES] + n] = end


@kernel(
    "void(f32ro[::1], i64ro[:, ::1], i32ro[:, ::1], u8ro[:, ::1], i32ro[:, ::1], u16ro[::1],"
    " u8ro[::1], u8ro[::1], f32ro[:, :, :, ::1], i16ro[::1], float32[::1], int64[:, :, ::1])"
)
def count_choices(
    coefficients, parts, blocks, cells, layout, scan, radii, bands, inverse, levels, sizes, counts,
):  # fmt: skip
    # What a search chose: counts int64 (classes, BINS, 2), by class, size above m - 1/2 in BINS,
    # and whether m was kept.
    sizes[:] = np.float32(0.0)
    for p in range(parts.shape[0]):
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            own = parts[p, LEVELS] + np.int64(blocks[row, 5])
            offset = np.int64(layout[shape, 2])
            places = np.int64(layout[shape, 3])
            corner = np.int64(1) << (lw + lh)
            m = map_level(
                cells, parts, p, np.int64(blocks[row, 0]), np.int64(blocks[row, 1]), lw, lh
            )
            reach = fill_sizes(
                coefficients, own, lw, lh, offset, places, inverse[p, m, lw + lh], scan, radii,
                sizes,
            )  # fmt: skip
            count = np.int64(0)
            for k in range(reach - 1, corner - 1, -1):
                place = np.int64(scan[offset + k])
                at = STRIDE * ((place >> (3 + lw)) + 1) + (place & ((8 << lw) - 1)) + 1
                q = min(np.int64(sizes[at] + np.float32(0.5)), LARGEST)
                found = abs(np.int64(levels[own + place]))
                if q > 0:
                    band = np.int64(bands[offset + place])
                    number = class_of(sizes, at, p, kind, band, count, q)
                    above = sizes[at] - (np.float32(q) - np.float32(0.5))
                    part = min(np.int64(above * np.float32(BINS)), BINS - 1)
                    counts[number, max(part, 0), 1 if found >= q else 0] += 1
                if found > 0:
                    count += 1
