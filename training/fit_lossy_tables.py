"""Fits the lossy mode's model on `train`: weights, context maps and histograms of `lossy.model`.

Rounds: quantize pictures at several steps with the present tables, fit the weights of the expected
magnitudes (least squares of |level|, weighted by (expected + 0.1)^-1.7), count, cluster, write.
Every picture and step weighs the same, so the tables serve low rates as well as high ones.

    python -m training.fit_lossy_tables ../shared/data/train [--start] [--rounds 3] [--pictures 60]
"""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pil_dctz.lossy import model as models
from pil_dctz.tables import load as loader
from training.checksums import TABLES, rewrite
from training.fit_lossy_clusters import cluster, quantize_histograms

BASES = (2.5, 4.5, 8.0, 12.0, 18.0, 27.0, 40.0, 60.0)
SIDE = 256
LEVEL_TABLES, END_TABLES, DC_TABLES = 64, 16, 24


@dataclass
class Sums:
    """Counts and normal equations over all segments."""

    maps: Any = field(default_factory=lambda: np.zeros((39, 13)))
    dc: Any = field(default_factory=lambda: np.zeros((72, 17)))
    dc_matrices: Any = field(default_factory=lambda: np.zeros((3, 12, 12)))
    dc_rights: Any = field(default_factory=lambda: np.zeros((3, 12)))
    ends: Any = field(default_factory=lambda: np.zeros((96, 16)))
    end_matrices: Any = field(default_factory=lambda: np.zeros((3, 9, 9)))
    end_rights: Any = field(default_factory=lambda: np.zeros((3, 9)))
    levels: Any = field(default_factory=lambda: np.zeros((1080, 17)))
    level_matrices: Any = field(default_factory=lambda: np.zeros((9, 15, 15)))
    level_rights: Any = field(default_factory=lambda: np.zeros((9, 15)))


def write(name: str, comment: str, rows: NDArray[Any]) -> None:
    lines = [" ".join(map(str, row)) + "\n" for row in np.atleast_2d(rows).tolist()]
    (TABLES / name).write_text(f"# {comment}\n" + "".join(lines), "ascii")
    rewrite()


def start() -> None:
    """Rough tables to begin with: levels fall geometrically around the expected magnitude."""
    tokens = np.arange(17)
    expected = 0.035 * 2.0 ** (np.arange(24) / 2.5 - 0.5)
    ratio = (expected / (1 + expected))[:, None]
    width = np.where(tokens < 8, 1.0, 2.0 ** ((tokens - 8) // 2 + 2))
    place = np.where(tokens < 8, tokens, (2 + (tokens & 1)) * width)
    shapes = ratio**place * width + 1e-7
    write(
        "lossy-level-thresholds.txt",
        "magnitude classes: lossy.level",
        np.rint(256 * 0.035 * 2.0 ** (np.arange(23) / 2.5)).astype(int),
    )
    write(
        "lossy-dc-thresholds.txt",
        "residual classes: lossy.dc",
        np.rint(256 * 0.1 * 2.0 ** (np.arange(23) / 2)).astype(int),
    )
    weights = [57, 54, 52, 25, 24, 14, 13, -2, 1, 0, 5, 5, -1, 54, 30]
    write(
        "lossy-level-weights.txt", "plane and band by input: lossy.level", np.tile(weights, (9, 1))
    )
    write(
        "lossy-dc-weights.txt",
        "plane by input: lossy.dc",
        np.tile([6, 6, 3, 2, 2, 3, 3, 1, 1, 2, 2, 40], (3, 1)),
    )
    write(
        "lossy-end-weights.txt",
        "plane by input: lossy.end",
        np.tile([80, 40, 30, 30, 50, 50, 0, 0, 100], (3, 1)),
    )
    write(
        "lossy-level-map.txt",
        "histogram of a context: lossy.level",
        np.tile(np.repeat(np.arange(24), 5), 9).reshape(9, 120),
    )
    write(
        "lossy-level-histograms.txt",
        "histograms of tokens: lossy.level",
        quantize_histograms(shapes),
    )
    write("lossy-dc-map.txt", "histogram of a context: lossy.dc", np.tile(np.arange(24), (3, 1)))
    write(
        "lossy-dc-histograms.txt",
        "histograms of tokens: lossy.dc",
        quantize_histograms(np.roll(shapes, 0, 0)),
    )
    near = 1.0 / (1.0 + (np.arange(16)[None] - np.arange(16)[:, None]) ** 2)
    write(
        "lossy-end-map.txt",
        "histogram of a context: lossy.end",
        np.tile(np.arange(32) // 2, (3, 1)),
    )
    write(
        "lossy-end-histograms.txt",
        "histograms of end classes: lossy.end",
        quantize_histograms(near),
    )
    near = 1.0 / (1.0 + (np.arange(13)[None] - np.arange(39)[:, None] // 3) ** 2)
    write(
        "lossy-map-histograms.txt", "histograms of map levels: lossy.map", quantize_histograms(near)
    )


def reload_tables() -> None:
    for cached in (loader.load_table, loader.load_array, loader._checksums, models.load_model):
        cached.cache_clear()
    importlib.import_module("pil_dctz.lossy.encoder.quantize")._bits.cache_clear()


def quantize_pictures(folder: Path, number: int, bases: tuple[float, ...]) -> list[Any]:
    """(tables, grid, segment, share) of every segment of every picture at every base."""
    from pil_dctz.lossy.encoder.group import xyb_tables
    from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
    from pil_dctz.lossy.syntax import coding_grid

    paths = sorted(folder.glob("*.png"))
    done = []
    for path in paths[:: max(len(paths) // number, 1)][:number]:
        samples = np.asarray(Image.open(path).convert("RGB"))
        for base in bases:
            tables = xyb_tables(3, round(128 * base))
            parts = []
            for y in range(0, samples.shape[0], SIDE):
                for x in range(0, samples.shape[1], SIDE):
                    part = np.ascontiguousarray(samples[y : y + SIDE, x : x + SIDE])
                    grid = coding_grid(part.shape[1], part.shape[0], tables.factors)
                    parts.append((grid, quantize_segment(part, tables, grid, Search(2))))
            levels = sum(int((segment.levels != 0).sum()) for _, segment in parts)
            done += [(tables, grid, segment, 1e5 / (levels + 1000)) for grid, segment in parts]
    return done


def gather(segments: list[Any]) -> Sums:
    from pil_dctz.lossy.decoder.parse import END_PLACES
    from training import fit_lossy_collect as collect

    model, scan = models.load_model(), models.load_scan()
    sums = Sums()
    for tables, grid, segment, share in segments:
        common = (grid.planes, tables.dc_units(), tables.cross)
        collect.collect_low(
            *common, model.dc_weights, model.dc_thresholds,
            segment.cells, segment.values, segment.residuals, share,
            sums.maps, sums.dc, sums.dc_matrices, sums.dc_rights,
        )  # fmt: skip
        collect.collect_high(
            *common, scan, END_PLACES, model.end_weights, model.level_weights, model.magnitudes,
            collect.UNITS, segment.cells, segment.values, segment.residuals,
            segment.ends, segment.levels, share, sums.ends, sums.end_matrices, sums.end_rights,
            sums.levels, sums.level_matrices, sums.level_rights,
        )  # fmt: skip
    return sums


def solve(matrix: NDArray[np.float64], right: NDArray[np.float64], scale: float) -> NDArray[Any]:
    """Rounded weights of one row, in 1/scale."""
    full = np.tril(matrix) + np.tril(matrix, -1).T
    ridge = 1e-4 * np.trace(full) / len(full) * np.eye(len(full)) * 1e-2
    return np.clip(np.rint(scale * np.linalg.solve(full + ridge, right)), -2000, 2000).astype(int)


def fit_weights(sums: Sums) -> None:
    rows = [solve(m, r, 256) for m, r in zip(sums.level_matrices, sums.level_rights, strict=True)]
    write("lossy-level-weights.txt", "plane and band by input: lossy.level", np.stack(rows))
    rows = [solve(m, r, 256) for m, r in zip(sums.dc_matrices, sums.dc_rights, strict=True)]
    write("lossy-dc-weights.txt", "plane by input: lossy.dc", np.stack(rows))
    rows = [solve(m, r, 256) for m, r in zip(sums.end_matrices, sums.end_rights, strict=True)]
    write("lossy-end-weights.txt", "plane by input: lossy.end", np.stack(rows))


def fit_histograms(sums: Sums) -> None:
    tables, histograms = cluster(sums.levels, LEVEL_TABLES)
    write("lossy-level-map.txt", "histogram of a context: lossy.level", tables.reshape(9, 120))
    write("lossy-level-histograms.txt", "histograms of tokens: lossy.level", histograms)
    tables, histograms = cluster(sums.ends, END_TABLES)
    write("lossy-end-map.txt", "histogram of a context: lossy.end", tables.reshape(3, 32))
    write("lossy-end-histograms.txt", "histograms of end classes: lossy.end", histograms)
    tables, histograms = cluster(sums.dc, DC_TABLES)
    write("lossy-dc-map.txt", "histogram of a context: lossy.dc", tables.reshape(3, 24))
    write("lossy-dc-histograms.txt", "histograms of tokens: lossy.dc", histograms)
    near = 0.2 ** abs(np.arange(13)[None] - np.arange(39)[:, None] // 3)
    write(
        "lossy-map-histograms.txt",
        "histograms of map levels: lossy.map",
        quantize_histograms(sums.maps + 1e-3 * sums.maps.sum() / 39 * near),
    )
    kinds = {name: counts for name, counts in vars(sums).items() if "_" not in name}
    print("bits: " + ", ".join(f"{name} {entropy(c):.0f}" for name, c in kinds.items()))


def entropy(counts: NDArray[np.float64]) -> float:
    total = counts.sum(1, keepdims=True)
    return float(-(counts * np.log2(np.maximum(counts, 1e-9) / np.maximum(total, 1e-9))).sum() / 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--start", action="store_true", help="begin with rough tables")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--bases", type=int, default=1, help="take every n-th of the steps")
    options = parser.parse_args()
    if options.start:
        start()
        reload_tables()
    for _ in range(options.rounds):
        segments = quantize_pictures(options.folder, options.pictures, BASES[:: options.bases])
        for _ in range(3):
            fit_weights(gather(segments))
            reload_tables()
        fit_histograms(gather(segments))
        reload_tables()


if __name__ == "__main__":
    main()
