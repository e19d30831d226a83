"""Quality 0..100 to the base step, calibrated on SSIMULACRA2 of photographs."""

from __future__ import annotations

import numpy as np

from pil_dctz.lossy.syntax import MAX_BASE

__all__ = ["base_of_quality"]

#: (quality, base step in units): the mean SSIMULACRA2 score over `train` at this base is the
#: quality, for 10..96; by training/fit_lossy_quality.py. Between them log base is linear.
CALIBRATION = (
    (0.0, 172.0),
    (10.0, 140),
    (20.0, 114),
    (30.0, 90.1),
    (40.0, 69.4),
    (50.0, 51.7),
    (55.0, 43.7),
    (60.0, 36.5),
    (65.0, 29.6),
    (70.0, 23.5),
    (75.0, 18.1),
    (80.0, 13.2),
    (85.0, 8.97),
    (90.0, 5.17),
    (92.0, 3.81),
    (94.0, 2.54),
    (95.0, 1.98),
    (96.0, 1.33),
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
