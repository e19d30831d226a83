"""Writes the tables of the lossy mode that follow from formulas: nothing is fitted here.

lossy-dct.txt     cosine matrices of 8, 4 and 2 points, times 4096, rounded.
lossy-scan.txt    the 64 places of a block (8 * v + u) by rising frequency.
lossy-srgb.txt    for each code 1..255 the first linear value (16383 is white) that rounds to it.
lossy-curve.txt   step multipliers of the planes Y, B-Y, X (8 rows of 8 each), times 1024, from the
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
    (-2.175, -0.90, -0.825, -0.70, -0.425, 0.35, 0.625, 0.80),
    (-1.275, -0.50, -0.375, 0.10, 0.375, 0.75, 1.025, 1.20),
)


def cosines(n: int) -> list[list[int]]:
    """Row k: the k-th orthonormal basis function of n points, times 4096."""
    rows = []
    for k in range(n):
        weight = math.sqrt((1 if k == 0 else 2) / n)
        angles = [math.pi * k * (2 * x + 1) / (2 * n) for x in range(n)]
        rows.append([round(4096 * weight * math.cos(angle)) for angle in angles])
    return rows


def scan() -> list[int]:
    """Places by u^2 + v^2, equal ones by v - u: first the one nearer to the top row."""
    return sorted(range(64), key=lambda p: ((p % 8) ** 2 + (p // 8) ** 2, p // 8 - p % 8))


def srgb() -> list[int]:
    thresholds = []
    for code in range(1, 256):
        v = (code - 0.5) / 255
        linear = v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        thresholds.append(math.ceil(linear * 16383))
    return thresholds


def curve() -> list[list[int]]:
    rows = []
    for knots in KNOTS:
        for v in range(8):
            at = [math.hypot(u, v) for u in range(8)]
            rows.append([round(1024 * 2 ** float(np.interp(f, FREQUENCIES, knots))) for f in at])
    return rows


def write(name: str, comment: str, rows: list[list[int]]) -> None:
    lines = [f"# {comment}\n", *(" ".join(map(str, row)) + "\n" for row in rows)]
    (TABLES / name).write_text("".join(lines), "ascii")


def main() -> None:
    matrices = cosines(8) + cosines(4) + cosines(2)
    write("lossy-dct.txt", "cosines of 8, 4 and 2 points, times 4096: transform.cosines", matrices)
    write("lossy-scan.txt", "places 8 * v + u in scan order: lossy.scan", [scan()])
    write("lossy-srgb.txt", "first linear value of codes 1..255: colour.srgb", [srgb()])
    write("lossy-curve.txt", "step multipliers of Y, B-Y, X, times 1024: lossy.steps", curve())
    rewrite()


if __name__ == "__main__":
    main()
