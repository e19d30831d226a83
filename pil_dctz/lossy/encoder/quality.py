"""Quality 0..100 to the base step, calibrated on SSIMULACRA2 of photographs."""

from __future__ import annotations

import numpy as np

from pil_dctz.lossy.syntax import MAX_BASE

__all__ = ["base_of_quality"]

#: (quality, base step in units): the mean score over `train` of this base is the quality, at
#: default effort, for 30..95. Below 30 and above 95 the line goes on in log base.
CALIBRATION = (
    (0.0, 160.0),
    (30.0, 68.0),
    (45.0, 48.2),
    (50.0, 41.6),
    (55.0, 35.5),
    (60.0, 30.0),
    (65.0, 24.8),
    (70.0, 20.0),
    (75.0, 15.6),
    (80.0, 11.6),
    (85.0, 7.9),
    (90.0, 4.61),
    (95.0, 2.0),
    (100.0, 0.5),
)


def base_of_quality(quality: float) -> int:
    """The base step of `quality`, in 1/128 unit: 1..65535, falling.

    Raises ValueError outside 0..100.
    """
    if not 0 <= quality <= 100:
        raise ValueError(f"quality must be 0..100, got {quality}")
    qualities, bases = np.array(CALIBRATION).T
    base = float(np.exp(np.interp(quality, qualities, np.log(bases))))
    return min(max(round(128 * base), 1), MAX_BASE)
