"""Fits the weights of the energy: `spec/tables/prediction-energy.txt`, clause `prediction.energy`.

    python -m training.fit_prediction_energy [--write]

Data: every sixth picture of `train/MANIFEST.tsv` in `../shared/data` beside the checkout or where
DCTZ_DATA says. Residuals are those of the encoder at effort 4. A residual is taken as Laplacian
with scale c + sum of weight * |residual| over the neighbours; c and the weights, 0 or more, have
the greatest likelihood; they are scaled so that the own ones sum to 60, and rounded.
Prints the rows with the mean bits of the fit and of the table that is there; writes on demand.

The shipped table is an earlier fit on pictures of the same set, by the same likelihood; this
script finds the same weights but for 1 or 2 in places, and no fewer bits.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.optimize import minimize

from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.encoder.prediction import fit_prediction
from pil_dctz.lossless.encoder.prediction_segments import analyse
from pil_dctz.lossless.prediction import energy_table
from training.checksums import TABLES, rewrite

SEED = 11
STEP = 6
SAMPLES = 6000  # of each plane of a segment
OWN = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, 2), (-1, -2), (-2, 1), (-2, -1))
CROSS = ((0, 0), (0, 1), (1, 0))
HEADING = (
    "# a plane a row: W N NW NE WW NN (-1,2) (-1,-2) (-2,1) (-2,-1), plane 0 C E S, plane 1 C E S:"
    " prediction.energy"
)

Floats = npt.NDArray[np.float64]


def collect() -> list[tuple[Floats, Floats]]:
    """For planes 0, 1, 2: sizes |r| (n,), and those around them (n, 16)."""
    folder = Path(os.environ.get("DCTZ_DATA", "../shared/data")) / "train"
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file, delimiter="\t")][::STEP]
    rng = np.random.default_rng(SEED)
    found: list[list[tuple[Floats, Floats]]] = [[], [], []]
    for name in names:
        with Image.open(folder / name) as image:
            samples = np.ascontiguousarray(image.convert("RGB"))
        for plane, part in enumerate(_sizes_of(samples, rng)):
            found[plane] += part
    return [
        (np.concatenate([t for t, _ in part]), np.concatenate([f for _, f in part]))
        for part in found
    ]


def _sizes_of(
    samples: npt.NDArray[np.uint8], rng: np.random.Generator
) -> list[list[tuple[Floats, Floats]]]:
    height, width = samples.shape[:2]
    cells = np.ones((-(-height // 64), -(-width // 64)), np.uint8)
    shape = GroupShape(width, height, 3, 8)
    model = fit_prediction(samples, shape, cells, effort=4, segment_log2=8)
    out: list[list[tuple[Floats, Floats]]] = [[], [], []]
    for segment in model.segments.values():
        grid = segment.grid
        sizes = analyse(segment, model.head).astype(np.float64)
        y = rng.integers(1, grid.height, SAMPLES)
        x = rng.integers(0, grid.width, SAMPLES)
        for plane in range(3):
            at = grid.origin + plane * grid.plane_size + y * grid.stride + x
            columns = [sizes[at + dy * grid.stride + dx] for dy, dx in OWN]
            for earlier in range(2):
                for dy, dx in CROSS:
                    there = at + (earlier - plane) * grid.plane_size + dy * grid.stride + dx
                    columns.append(sizes[there] if earlier < plane else np.zeros(SAMPLES))
            out[plane].append((sizes[at], np.stack(columns, axis=1)))
    return out


def mean_bits(target: Floats, features: Floats, weights: npt.NDArray[np.int64]) -> float:
    """Bits a residual by energy levels, with the ideal code of each level."""
    level = np.minimum(2 * np.log2(1 + features @ weights / 8), 17).astype(int)
    counts = np.zeros((18, 512))
    np.add.at(counts, (level, np.minimum(target, 511).astype(int)), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    bits = -(counts * np.log2(np.where(share > 0, share, 1))).sum()
    return float(bits / target.size)


def fit(target: Floats, features: Floats) -> npt.NDArray[np.int64]:
    """Sixteen whole weights of greatest likelihood, the first ten summing to about 60."""
    used = np.flatnonzero(features.any(axis=0))
    columns = np.concatenate((np.ones((target.size, 1)), features[:, used]), axis=1)

    def loss(logs: Floats) -> tuple[float, Floats]:
        weights = np.exp(logs)
        scale = columns @ weights
        slope = (1 / scale - target / scale**2) / target.size
        return float(np.mean(np.log(scale) + target / scale)), (columns.T @ slope) * weights

    start = np.log(np.concatenate(([0.1], np.full(used.size, 1 / used.size))))
    best = np.exp(minimize(loss, start, jac=True, method="L-BFGS-B").x)
    out = np.zeros(16, np.int64)
    out[used] = np.rint(best[1:] * 60 / best[1:11].sum())
    return out


def main() -> None:
    rows = []
    for plane, (target, features) in enumerate(collect()):
        weights = fit(target, features)
        now = energy_table()[plane]
        rows.append(weights)
        print(
            f"plane {plane}: {weights.tolist()}"
            f" {mean_bits(target, features, weights):.4f} bits,"
            f" now {mean_bits(target, features, now):.4f}"
        )
    rows.append(rows[1])
    if "--write" in sys.argv:
        lines = [HEADING, *(" ".join(map(str, row.tolist())) for row in rows)]
        (TABLES / "prediction-energy.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
        rewrite()


if __name__ == "__main__":
    main()
