"""Quality 0..100 to the base step, calibrated on SSIMULACRA2 of photographs."""

from __future__ import annotations

import numpy as np

from pil_dctz.lossy.syntax import MAX_BASE

__all__ = ["base_of_quality"]

#: (quality, base step in units): the mean SSIMULACRA2 score over `train` at this base is the
#: quality, for 20..96; by training/fit_lossy_quality.py. Between them log base is linear.
CALIBRATION = (
    (0.0, 225.0),
    (10.0, 180.0),
    (20.0, 143.0),
    (30.0, 112.0),
    (40.0, 83.8),
    (50.0, 60.9),
    (55.0, 51.3),
    (60.0, 42.6),
    (65.0, 34.6),
    (70.0, 27.4),
    (75.0, 20.8),
    (80.0, 15.0),
    (85.0, 9.89),
    (90.0, 5.57),
    (92.0, 4.04),
    (94.0, 2.63),
    (95.0, 2.02),
    (96.0, 1.34),
    (98.0, 0.5),
    (100.0, 0.25),
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
