"""Peak signal-to-noise ratio over all colour samples."""

from __future__ import annotations

import math

import numpy as np

from pil_dctz.metrics.samples import Samples, peak_of, same_pictures

_ROWS = 256  # rows at a time, so that a large picture needs no second copy in 64 bits


def psnr(reference: Samples, distorted: Samples, *, peak: int | None = None) -> float:
    """10 log10(peak^2 / mean squared error) in decibels; infinity for equal pictures.

    Both: (height, width[, 1..4]), uint8 or uint16, one shape and dtype. The mean runs over the
    samples of all channels together, alpha included. peak: the value of white; None: 255 or 65535.
    Raises ValueError for other input.
    """
    same_pictures(reference, distorted)
    peak = peak_of(reference, peak)
    total = 0
    for y in range(0, reference.shape[0], _ROWS):
        a = reference[y : y + _ROWS].astype(np.int64)
        a -= distorted[y : y + _ROWS]
        total += int(np.vdot(a, a))
    if total == 0:
        return math.inf
    return 10 * math.log10(peak * peak * reference.size / total)
