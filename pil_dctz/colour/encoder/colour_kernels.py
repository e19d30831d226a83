"""Samples to planes, in floating point: what `colour/decoder` undoes.

The cube root is read from a table of 4097 entries over 0..1 (bias added) with linear
interpolation: within 1e-4 of a unit of the planes above code 3, and exact enough below.
Proof of indices: loops over shapes that the wrapper tested; linear light is 0..1, so the table's
place is 0..4096 and is cut to 4095 for the pair.
"""

import numpy as np

from pil_dctz.kernels.declare import inner, kernel

ROOTS = 4096


@inner
def root(value, roots):
    place = value * np.float32(ROOTS)
    i = min(np.int64(place), ROOTS - 1)
    part = place - np.float32(i)
    return roots[i] + (roots[i + 1] - roots[i]) * part


@kernel("void(u8ro[:, :, ::1], f32ro[::1], f32ro[::1], float32[:, :, ::1])")
def rgb_to_xyb(samples, linear, roots, planes):
    # planes (3, H, W) with H, W at least the samples' size; what is beyond repeats the edge.
    height, width, _ = samples.shape
    _, rows, columns = planes.shape
    for i in range(rows):
        y = min(i, height - 1)
        for j in range(width):
            r = linear[samples[y, j, 0]]
            g = linear[samples[y, j, 1]]
            b = linear[samples[y, j, 2]]
            long = root(np.float32(0.30) * r + np.float32(0.622) * g + np.float32(0.078) * b, roots)
            middle = root(
                np.float32(0.23) * r + np.float32(0.692) * g + np.float32(0.078) * b, roots
            )
            short = root(
                np.float32(0.24342268924547819) * r
                + np.float32(0.20476744424496821) * g
                + np.float32(0.5518098665095536) * b,
                roots,
            )
            luma = np.float32(0.5) * (long + middle)
            planes[0, i, j] = luma * np.float32(300.0) - np.float32(128.0)
            planes[1, i, j] = (short - luma) * np.float32(180.0)
            planes[2, i, j] = (long - middle) * np.float32(840.0)
        for j in range(width, columns):
            for p in range(3):
                planes[p, i, j] = planes[p, i, width - 1]


@kernel("void(u8ro[:, :, ::1], f32ro[::1], f32ro[::1], float32[:, :, ::1])")
def gray_to_xyb(samples, linear, roots, planes):
    # The Y plane alone.
    height, width, _ = samples.shape
    _, rows, columns = planes.shape
    for i in range(rows):
        y = min(i, height - 1)
        for j in range(columns):
            value = linear[samples[y, min(j, width - 1), 0]]
            planes[0, i, j] = root(value, roots) * np.float32(300.0) - np.float32(128.0)
