"""Samples of 8 bits to planes and back, cell by cell. Clause `prediction.colour`.

Proof of indices, for both kernels: cells has a place for each 64x64 part of `out` (wrapper), y, x
are below its height and width, which are the grid's, so places lie in the planes (SegmentGrid).
"""

from pil_dctz.kernels.declare import inner, kernel
from pil_dctz.lossless.prediction_kernels import INDEX, ORIGIN, PLANE_SIZE, STRIDE

CELL = 64


@inner
def is_near(cells, cy, cx):
    # Is the cell or one around it a photo cell?
    for y in range(max(cy - 1, 0), min(cy + 2, cells.shape[0])):
        for x in range(max(cx - 1, 0), min(cx + 2, cells.shape[1])):
            if cells[y, x] != 0:
                return True
    return False


@kernel("int64(uint8[:, :, :], i64ro[::1], u8ro[:, ::1], i64ro[:, ::1], int32[::1])")
def load_known(out, geometry, cells, planes, samples):
    # The planes of all cells that photo cells may look into. planes: the channel of each plane, and
    # the one it is the difference to, or -1; channels of `out` (wrapper).
    height, width, _ = out.shape
    for p in range(planes.shape[0]):
        channel = planes[p, 0]
        below = planes[p, 1]
        for y in range(height):
            cy = y // CELL
            at = geometry[ORIGIN] + p * geometry[PLANE_SIZE] + y * geometry[STRIDE]
            for cx in range(cells.shape[1]):
                if not is_near(cells, cy, cx):
                    continue
                for x in range(cx * CELL, min(cx * CELL + CELL, width)):
                    v = int(out[y, x, channel])
                    if below >= 0:
                        v -= int(out[y, x, below])
                    samples[(at + x) & INDEX] = v
    return 0


@inner
def run_end(cells, cy, cx):
    # The end of the run of photo cells that begins at cx.
    while cx < cells.shape[1] and cells[cy, cx] != 0:
        cx += 1
    return cx


@kernel("int64(i32ro[::1], i64ro[::1], u8ro[:, ::1], int64, int64, int64, int64, uint8[:, :, :])")
def store_differences(samples, geometry, cells, base, first, second, top, out):
    # The photo cells. Planes 0, 1, 2 are channel `base` and the others' differences to it; plane 3
    # is channel 3. Returns 0, or -1 - channel where a sample leaves 0..top (then nothing is
    # written). Proof: base, first, second are 0..2, each once, out has 3 or 4 channels (wrapper).
    height, width, channels = out.shape
    size = geometry[PLANE_SIZE]
    stride = geometry[STRIDE]
    bad_first = 0
    bad_second = 0
    for y in range(height):
        at = geometry[ORIGIN] + y * stride
        cx = 0
        while cx < cells.shape[1]:
            end = run_end(cells, y // CELL, cx)
            for x in range(cx * CELL, min(end * CELL, width)):
                i = (at + x) & INDEX
                one = samples[i] + samples[(i + size) & INDEX]
                two = samples[i] + samples[(i + 2 * size) & INDEX]
                bad_first |= one | (top - one)
                bad_second |= two | (top - two)
            cx = end + 1
    if bad_first < 0:
        return -1 - first
    if bad_second < 0:
        return -1 - second
    for y in range(height):
        at = geometry[ORIGIN] + y * stride
        cx = 0
        while cx < cells.shape[1]:
            end = run_end(cells, y // CELL, cx)
            last = min(end * CELL, width)
            for x in range(cx * CELL, last):
                i = (at + x) & INDEX
                out[y, x, base] = samples[i]
                out[y, x, first] = samples[i] + samples[(i + size) & INDEX]
                out[y, x, second] = samples[i] + samples[(i + 2 * size) & INDEX]
            if channels == 4:
                for x in range(cx * CELL, last):
                    out[y, x, 3] = samples[(at + x + 3 * size) & INDEX]
            cx = end + 1
    return 0
