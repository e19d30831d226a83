"""Quality 0..100 to the base step, calibrated on SSIMULACRA2 of photographs."""

from __future__ import annotations

import numpy as np

from pil_dctz.lossy.syntax import MAX_BASE

__all__ = ["base_of_quality"]

#: (quality, base step in units): the mean SSIMULACRA2 score over `train` at this base is the
#: quality, for 10..96; by training/fit_lossy_quality.py. Between them log base is linear.
CALIBRATION = (
    (0.0, 190.0),
    (10.0, 153.0),
    (20.0, 123.0),
    (30.0, 96.9),
    (40.0, 74.6),
    (50.0, 55.4),
    (55.0, 46.1),
    (60.0, 38.3),
    (65.0, 30.8),
    (70.0, 24.4),
    (75.0, 18.7),
    (80.0, 13.5),
    (85.0, 9.02),
    (90.0, 5.12),
    (92.0, 3.75),
    (94.0, 2.5),
    (95.0, 1.94),
    (96.0, 1.31),
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
