"""Planes of 8-bit channels to samples. Clause `prediction.colour`."""

from pil_dctz.kernels.declare import kernel
from pil_dctz.lossless.prediction_kernels import INDEX, ORIGIN, PLANE_SIZE, STRIDE


@kernel("int64(i32ro[::1], i64ro[::1], int64, int64, int64, int64, uint8[:, :, :])")
def store_differences(samples, geometry, base, first, second, top, out):
    # Planes 0, 1, 2 are channel `base` and the others' differences to it; plane 3 is channel 3.
    # Returns 0, or -1 - channel where a sample leaves 0..top (then nothing is written).
    # Proof: base, first, second are 0..2, each once, out has 3 or 4 channels (the wrapper); y, x
    # are below the grid's height and width, so places lie in the planes (SegmentGrid).
    height, width, channels = out.shape
    size = geometry[PLANE_SIZE]
    stride = geometry[STRIDE]
    bad_first = 0
    bad_second = 0
    for y in range(height):
        at = geometry[ORIGIN] + y * stride
        for x in range(width):
            i = (at + x) & INDEX
            one = samples[i] + samples[(i + size) & INDEX]
            two = samples[i] + samples[(i + 2 * size) & INDEX]
            bad_first |= one | (top - one)
            bad_second |= two | (top - two)
    if bad_first < 0:
        return -1 - first
    if bad_second < 0:
        return -1 - second
    for y in range(height):
        at = geometry[ORIGIN] + y * stride
        for x in range(width):
            i = (at + x) & INDEX
            out[y, x, base] = samples[i]
            out[y, x, first] = samples[i] + samples[(i + size) & INDEX]
            out[y, x, second] = samples[i] + samples[(i + 2 * size) & INDEX]
        if channels == 4:
            for x in range(width):
                out[y, x, 3] = samples[(at + x + 3 * size) & INDEX]
    return 0
