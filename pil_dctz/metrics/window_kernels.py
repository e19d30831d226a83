"""Gaussian windows of structural similarity: four moments of a row, shared by both metrics.

The moments of two planes a and b are the blurs of a, b, a*a + b*b and a*b: all that SSIM needs.
Windows have 11 symmetric taps (a shorter one ends in zeros); samples outside count as zero.

Proof: `row_moments` writes padded[k, 5 + i] and reads padded[k, i .. i + 10] for i < w, and the
wrapper allocates padded as (4, w + 10); `column_moments` reads ring[(y + d) % 11] for |d| <= 5,
ring being (11, 4, w), and leaves out the rows outside 0..h-1. Work: 4 * 11 multiply-adds a sample.
"""

from __future__ import annotations

import numpy as np

from pil_dctz.kernels.declare import inner

RADIUS = 5
TAPS = 11


@inner
def row_moments(a, b, taps, padded, out):
    """Blur one row along x. a, b (w,), taps (6,) from the centre outwards, out (4, w)."""
    w = a.shape[0]
    for i in range(w):
        u = a[i]
        v = b[i]
        padded[0, i + RADIUS] = u
        padded[1, i + RADIUS] = v
        padded[2, i + RADIUS] = u * u + v * v
        padded[3, i + RADIUS] = u * v
    t0, t1, t2, t3, t4, t5 = taps[0], taps[1], taps[2], taps[3], taps[4], taps[5]
    for k in range(4):
        p = padded[k]
        row = out[k]
        for i in range(w):
            row[i] = (
                t0 * p[i + 5]
                + t1 * (p[i + 4] + p[i + 6])
                + t2 * (p[i + 3] + p[i + 7])
                + t3 * (p[i + 2] + p[i + 8])
                + t4 * (p[i + 1] + p[i + 9])
                + t5 * (p[i] + p[i + 10])
            )


@inner
def column_moments(ring, y, h, taps, out):
    """Blur along y at row y of h. ring[r % 11] holds the rows y - 5 .. y + 5; out (4, w)."""
    w = out.shape[1]
    for k in range(4):
        row = out[k]
        centre = ring[y % TAPS, k]
        for i in range(w):
            row[i] = taps[0] * centre[i]
        for d in range(1, RADIUS + 1):
            t = taps[d]
            if t == np.float32(0.0):
                continue
            if y - d >= 0:
                above = ring[(y - d) % TAPS, k]
                for i in range(w):
                    row[i] += t * above[i]
            if y + d < h:
                below = ring[(y + d) % TAPS, k]
                for i in range(w):
                    row[i] += t * below[i]
