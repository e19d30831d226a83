"""Writes the tables of the lossy mode that follow from formulas: nothing is fitted here.

lossy-dct.txt     cosine matrices of 1, 2, 4 .. 64 points, rounded.
lossy-srgb.txt    for each code 1..255 the first linear value (16383 is white) that rounds to it.
lossy-srgb-deep.txt  the same for codes 1..4095 of 12 bits, white being 16383 * 64.
lossy-curve.txt   step multipliers of the planes Y, B-Y, X by radius 0..89, times 1024, from the
                  knots below, which were fitted on `train` in floating point.

    python -m training.fit_lossy_constants
"""

from __future__ import annotations

import math

import numpy as np

from training.checksums import TABLES, rewrite

FREQUENCIES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 11.4)
KNOTS = (
    (-1.675, -1.15, -0.675, -0.12, 0.155, 0.45, 0.725, 0.90),
    (-2.75, -1.47, -1.075, -0.95, -0.675, 0.10, 0.375, 0.55),
    (-2.26, -1.49, -0.625, -0.15, 0.125, 0.50, 0.775, 0.95),
)


def cosines(n: int) -> list[list[int]]:
    """Row k: sqrt(2) * cos (k = 0: 1) of n points, times 2048 or, above 8 points, 16384 / n."""
    rows = []
    for k in range(n):
        scale = min(2048, 16384 // n) * (1 if k == 0 else math.sqrt(2))
        angles = [math.pi * k * (2 * x + 1) / (2 * n) for x in range(n)]
        rows.append([round(scale * math.cos(angle)) for angle in angles])
    return rows


def srgb(most: int, white: int) -> list[int]:
    thresholds = []
    for code in range(1, most + 1):
        v = (code - 0.5) / most
        linear = v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        thresholds.append(math.ceil(linear * white))
    return thresholds


def curve() -> list[list[int]]:
    """By radius, in 1/8 of the frequency of an 8x8 block: 0..89."""
    at = [r / 8 for r in range(90)]
    return [
        [round(1024 * 2 ** float(np.interp(f, FREQUENCIES, knots))) for f in at] for knots in KNOTS
    ]


def write(name: str, comment: str, rows: list[list[int]]) -> None:
    lines = [f"# {comment}\n", *(" ".join(map(str, row)) + "\n" for row in rows)]
    (TABLES / name).write_text("".join(lines), "ascii")


def main() -> None:
    matrices = [row for n in (1, 2, 4, 8, 16, 32, 64) for row in cosines(n)]
    write("lossy-dct.txt", "cosines of 1, 2, 4 .. 64 points: transform.cosines", matrices)
    write("lossy-srgb.txt", "first linear value of codes 1..255: colour.srgb", [srgb(255, 16383)])
    deep = srgb(4095, 16383 * 64)
    rows = [deep[n : n + 64] for n in range(0, 4095, 64)]
    write("lossy-srgb-deep.txt", "first linear value of codes 1..4095: colour.srgb", rows)
    write("lossy-curve.txt", "step multipliers of Y, B-Y, X, times 1024: lossy.steps", curve())
    rewrite()


if __name__ == "__main__":
    main()
