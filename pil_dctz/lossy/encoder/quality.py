"""Quality 0..100 to the base step, calibrated on SSIMULACRA2 of photographs."""

from __future__ import annotations

import numpy as np

from pil_dctz.lossy.syntax import MAX_BASE

__all__ = ["base_of_quality"]

#: (quality, base step in units): the mean SSIMULACRA2 score over `train` at this base is the
#: quality, for 10..96; by training/fit_lossy_quality.py. Between them log base is linear.
CALIBRATION = (
    (0.0, 180.0),
    (10.0, 145),
    (20.0, 116),
    (30.0, 90.3),
    (40.0, 68.8),
    (50.0, 50.8),
    (55.0, 42.8),
    (60.0, 35.4),
    (65.0, 28.8),
    (70.0, 22.7),
    (75.0, 17.4),
    (80.0, 12.7),
    (85.0, 8.52),
    (90.0, 4.94),
    (92.0, 3.63),
    (94.0, 2.43),
    (95.0, 1.86),
    (96.0, 1.28),
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
