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
LEVEL_WEIGHTS = "plane, size and band by input: lossy.level"
LEVEL_MAP = "histogram of a context: lossy.level"
LEVEL_HISTOGRAMS = "histograms of tokens: lossy.level"
CORNER_WEIGHTS = "plane, size and distance by input: lossy.corner"
LEVEL_ESTIMATES = "weights of the four borders by predicted and place: lossy.borders"
CORNER_ESTIMATES = "weights of the borders above and left by size and place: lossy.estimate"
SIGN_THRESHOLDS = "ratios where a class begins: lossy.sign"
SIGN_HISTOGRAMS = "signs as estimated, and opposite ones, by row and class: lossy.sign"
CORNER_MAP = "histogram of a context: lossy.corner"
CORNER_HISTOGRAMS = "histograms of tokens: lossy.corner"
DC_WEIGHTS = "plane and size by input: lossy.dc"
DC_MAP = "histogram of a context: lossy.dc"
DC_HISTOGRAMS = "histograms of tokens: lossy.dc"
END_WEIGHTS = "plane and size by input: lossy.end"
END_MAP = "histogram of a context: lossy.end"
END_HISTOGRAMS = "histograms of end classes: lossy.end"
MAP_HISTOGRAMS = "histograms of map levels: lossy.map"
DIRECTION_MAP = "histogram of a context: lossy.direction"
DIRECTION_HISTOGRAMS = "histograms of directions: lossy.direction"
PARTITION = "histograms of choices by rate, level and neighbours: lossy.partition"
LEVEL_TABLES, CORNER_TABLES, END_TABLES, DC_TABLES, DIRECTION_TABLES = 80, 24, 24, 32, 32
#: Equations of the levels' weights are gathered of one block in so many.
EVERY = 16
INPUTS = 15


@dataclass
class Sums:
    """Counts and normal equations over all segments."""

    partition: Any = field(default_factory=lambda: np.zeros((126, 4)))
    maps: Any = field(default_factory=lambda: np.zeros((39, 13)))
    dc: Any = field(default_factory=lambda: np.zeros((288, 17)))
    dc_matrices: Any = field(default_factory=lambda: np.zeros((12, 12, 12)))
    dc_rights: Any = field(default_factory=lambda: np.zeros((12, 12)))
    corners: Any = field(default_factory=lambda: np.zeros((10368, 17)))
    corner_matrices: Any = field(default_factory=lambda: np.zeros((9, 45, 45)))
    corner_rights: Any = field(default_factory=lambda: np.zeros((9, 45)))
    estimate_matrices: Any = field(default_factory=lambda: np.zeros((75, 2, 2)))
    estimate_rights: Any = field(default_factory=lambda: np.zeros((75, 2)))
    level_estimate_matrices: Any = field(default_factory=lambda: np.zeros((50, 4, 4)))
    level_estimate_rights: Any = field(default_factory=lambda: np.zeros((50, 4)))
    signs: Any = field(default_factory=lambda: np.zeros((432, 2)))
    directions: Any = field(default_factory=lambda: np.zeros((867, 17)))
    ends: Any = field(default_factory=lambda: np.zeros((672, 34)))
    end_matrices: Any = field(default_factory=lambda: np.zeros((21, 10, 10)))
    end_rights: Any = field(default_factory=lambda: np.zeros((21, 10)))
    levels: Any = field(default_factory=lambda: np.zeros((8640, 17)))
    level_matrices: Any = field(default_factory=lambda: np.zeros((18, 60, 60)))
    level_rights: Any = field(default_factory=lambda: np.zeros((18, 60)))


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
    write("lossy-level-weights.txt", LEVEL_WEIGHTS, np.tile(weights, (72, 1)))
    weights = [40, 30, 20, 10, 10, 5, 10, 5, 4, 4, 20, 10, 10, -20, 100]
    write("lossy-corner-weights.txt", CORNER_WEIGHTS, np.tile(weights, (27, 1)))
    write(
        "lossy-dc-weights.txt", DC_WEIGHTS, np.tile([6, 6, 3, 2, 2, 3, 3, 1, 1, 2, 2, 40], (12, 1))
    )
    write(
        "lossy-end-weights.txt",
        END_WEIGHTS,
        np.tile([80, 40, 30, 30, 50, 50, 0, 0, 100, 20], (21, 1)),
    )
    places = np.tile(np.repeat(np.arange(24), 5), 72).reshape(72, 120)
    write("lossy-level-map.txt", LEVEL_MAP, places)
    write("lossy-level-histograms.txt", LEVEL_HISTOGRAMS, quantize_histograms(shapes))
    write("lossy-corner-estimates.txt", CORNER_ESTIMATES, np.full((75, 2), 32))
    write("lossy-level-estimates.txt", LEVEL_ESTIMATES, np.tile([20, 20, 5, 5], (50, 1)))
    ratios = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1, 1.4, 2, 3, 4.5, 7]
    write("lossy-sign-thresholds.txt", SIGN_THRESHOLDS, np.rint(32 * np.array(ratios)).astype(int))
    sure = np.tile(np.linspace(0.53, 0.98, 16), 27)
    signs = quantize_histograms(np.stack([sure, 1 - sure], 1))
    write("lossy-sign-histograms.txt", SIGN_HISTOGRAMS, signs)
    places = np.tile(np.repeat(np.arange(24), 16), 27).reshape(648, 16)
    write("lossy-corner-map.txt", CORNER_MAP, places)
    write("lossy-corner-histograms.txt", CORNER_HISTOGRAMS, quantize_histograms(shapes))
    write("lossy-dc-map.txt", DC_MAP, np.tile(np.arange(24), (12, 1)))
    write("lossy-dc-histograms.txt", DC_HISTOGRAMS, quantize_histograms(shapes))
    near = 1.0 / (1.0 + (np.arange(34)[None] - 2 * np.arange(17)[:, None]) ** 2)
    write("lossy-end-map.txt", END_MAP, np.tile(np.arange(32) // 2, (21, 1)))
    write("lossy-end-histograms.txt", END_HISTOGRAMS, quantize_histograms(near))
    turn = np.abs(np.arange(16)[None] - np.arange(16)[:, None])
    near = 1.0 / (1.0 + np.minimum(turn, 16 - turn) ** 2)
    shares = np.full((17, 17), 0.1)
    shares[0, 0], shares[1:, 0], shares[1:, 1:] = 8.0, near.sum(1), near
    left, top, _ = np.indices((17, 17, 3))
    write("lossy-direction-map.txt", DIRECTION_MAP, np.where(left, left, top).reshape(17, 51))
    write("lossy-direction-histograms.txt", DIRECTION_HISTOGRAMS, quantize_histograms(shares))
    near = 1.0 / (1.0 + (np.arange(13)[None] - np.arange(39)[:, None] // 3) ** 2)
    write("lossy-map-histograms.txt", MAP_HISTOGRAMS, quantize_histograms(near))
    share = np.ones((18, 7, 4))
    share[:, :, 0] = 3
    share[:, :4, 0] = 6
    share[::3, :, 2:] = 1e-3
    write("lossy-partition-histograms.txt", PARTITION, quantize_histograms(share.reshape(126, 4)))


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
    from pil_dctz.lossy.decoder.parse import END_PLACES, new_lines, new_profiles
    from pil_dctz.lossy.shapes import LAYOUT, bands, extents, scans
    from training import fit_lossy_collect as collect

    model = models.load_model()
    sums = Sums()
    for tables, grid, segment, share in segments:
        partition = segment.partition
        columns, rows = (int(n) for n in grid.planes[0, :2])
        collect.collect_partition(
            partition.blocks, partition.owners, rows, columns, tables.rate, share, sums.partition
        )
        common = (partition.parts, partition.blocks, partition.owners, segment.cells, LAYOUT)
        collect.collect_low(
            *common, scans(), tables.gains, tables.curve, tables.cross,
            model.dc_weights, model.dc_thresholds, model.corner_weights, model.magnitudes,
            collect.UNITS, tables.radii(), models.load_matrix(), model.corner_estimates,
            model.sign_classes, segment.values, segment.means, segment.residuals, segment.levels,
            share, sums.maps, sums.dc, sums.dc_matrices, sums.dc_rights,
            sums.corners, sums.corner_matrices, sums.corner_rights,
            sums.estimate_matrices, sums.estimate_rights, sums.signs,
        )  # fmt: skip
        collect.collect_high(
            *common, scans(), bands(), END_PLACES, extents(), tables.gains, tables.curve,
            tables.cross, model.end_weights, model.level_weights, model.magnitudes, collect.UNITS,
            tables.radii(), models.load_matrix(), model.level_estimates, model.sign_classes,
            segment.values, segment.means, segment.residuals, segment.corners, segment.ends,
            segment.directions, segment.levels, new_profiles(grid), new_lines(tables, grid), share,
            EVERY, sums.directions, sums.ends, sums.end_matrices, sums.end_rights,
            sums.levels, sums.level_matrices, sums.level_rights,
            sums.level_estimate_matrices, sums.level_estimate_rights, sums.signs,
        )  # fmt: skip
    return sums


def solve(matrix: NDArray[np.float64], right: NDArray[np.float64], scale: float) -> NDArray[Any]:
    """Rounded weights of one row, in 1/scale."""
    full = np.tril(matrix) + np.tril(matrix, -1).T
    ridge = (1e-6 * np.trace(full) / len(full) + 1e-9) * np.eye(len(full))
    return np.clip(np.rint(scale * np.linalg.solve(full + ridge, right)), -2000, 2000).astype(int)


def fit_weights(sums: Sums) -> None:
    for name, comment, matrices, rights in (
        ("level", LEVEL_WEIGHTS, sums.level_matrices, sums.level_rights),
        ("corner", CORNER_WEIGHTS, sums.corner_matrices, sums.corner_rights),
    ):
        rows = []
        for matrix, right in zip(matrices, rights, strict=True):
            found = solve(matrix, right, 256)
            classes = len(found) // INPUTS
            rows += [
                [*found[8 * k : 8 * k + 8], *found[8 * classes + 7 * k : 8 * classes + 7 * k + 7]]
                for k in range(classes)
            ]
        write(f"lossy-{name}-weights.txt", comment, np.array(rows))
    for name, comment, matrices, rights in (
        ("corner", CORNER_ESTIMATES, sums.estimate_matrices, sums.estimate_rights),
        ("level", LEVEL_ESTIMATES, sums.level_estimate_matrices, sums.level_estimate_rights),
    ):
        pairs = zip(matrices, rights, strict=True)
        found = np.stack([solve(matrix, right, 256) for matrix, right in pairs])
        write(f"lossy-{name}-estimates.txt", comment, found)
    for name, comment, matrices, rights in (
        ("dc", DC_WEIGHTS, sums.dc_matrices, sums.dc_rights),
        ("end", END_WEIGHTS, sums.end_matrices, sums.end_rights),
    ):
        found = [
            # End classes of blocks above 8x8 reach twice as far.
            solve(m, r, 128 if name == "end" and (row % 4 if row < 12 else row % 3) else 256)
            for row, (m, r) in enumerate(zip(matrices, rights, strict=True))
        ]
        write(f"lossy-{name}-weights.txt", comment, np.stack(found))


def fit_histograms(sums: Sums) -> None:
    for name, counts, number, width, map_comment, comment in (
        ("level", sums.levels, LEVEL_TABLES, 120, LEVEL_MAP, LEVEL_HISTOGRAMS),
        ("corner", sums.corners, CORNER_TABLES, 16, CORNER_MAP, CORNER_HISTOGRAMS),
        ("end", sums.ends, END_TABLES, 32, END_MAP, END_HISTOGRAMS),
        ("dc", sums.dc, DC_TABLES, 24, DC_MAP, DC_HISTOGRAMS),
        ("direction", sums.directions, DIRECTION_TABLES, 51, DIRECTION_MAP, DIRECTION_HISTOGRAMS),
    ):
        tables, histograms = cluster(counts, number)
        write(f"lossy-{name}-map.txt", map_comment, tables.reshape(-1, width))
        write(f"lossy-{name}-histograms.txt", comment, histograms)
    signs = sums.signs + 1e-3 * sums.signs.sum() / len(sums.signs)
    write("lossy-sign-histograms.txt", SIGN_HISTOGRAMS, quantize_histograms(signs))
    near = 0.2 ** abs(np.arange(13)[None] - np.arange(39)[:, None] // 3)
    maps = quantize_histograms(sums.maps + 1e-3 * sums.maps.sum() / 39 * near)
    write("lossy-map-histograms.txt", MAP_HISTOGRAMS, maps)
    choices = sums.partition + 1e-5 * sums.partition.sum() * (sums.partition.sum(0) + 1) / (
        sums.partition.sum() + 4
    )
    write("lossy-partition-histograms.txt", PARTITION, quantize_histograms(choices))
    kinds = {name: counts for name, counts in vars(sums).items() if "_" not in name}
    print("bytes: " + ", ".join(f"{name} {entropy(c):.0f}" for name, c in kinds.items()))


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
