"""Fits the weights of the passes: `python -m training.fit_lossy_passes FOLDER` of PNG pictures.

Writes `spec/tables/lossy-pass-weights.txt`, by least squares of the magnitudes as in
fit_lossy_tables.py, and `lossy-pass-map.txt`: which of the histograms there are suits a context.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pil_dctz.lossy import model as models
from pil_dctz.lossy.contexts_kernels import (
    BANDS,
    BLOCKS,
    COLUMNS,
    COUNT,
    EXPECTED,
    INPUTS,
    LEVELS,
    STATES,
    expected_magnitude,
    level_context,
    level_row,
    prepare_block,
    put_profile,
    spread,
)
from pil_dctz.lossy.decoder.parse import END_PLACES, new_profiles
from pil_dctz.lossy.encoder.passes import known_after
from pil_dctz.lossy.encoder.tokens_kernels import token_of
from pil_dctz.lossy.model import LevelModel
from pil_dctz.lossy.passes import zone_of
from pil_dctz.lossy.passes_kernels import rise
from pil_dctz.lossy.shapes import LAYOUT, bands, extents, scans
from training.fit_lossy_collect import UNITS
from training.fit_lossy_tables import quantize_pictures, solve, write

BASES = (5.0, 12.0, 30.0)
EVERY = 3
WEIGHTS = "weights of levels in passes, the first, then later ones: lossy.passes"
MAP = "histogram of a context in passes, the first, then later ones: lossy.passes"
#: Passes that the tables of the first one, and of the others, are fitted on.
FITTED = (((1, 4),), ((4, 16), (16, 64), (4, 64)))
#: Symbols that each context is taken to have met besides, with its histogram of one pass.
FEW = 5.0
#: A place's neighbours at higher frequencies, 8 of each band; at lower ones, 3 of each; the rest.
UPS = 3
UNKNOWNS = (8 + UPS + 7) * BANDS


@njit(nogil=True)
def collect_pass(
    parts, blocks, owners, cells, layout, scan, bands, end_places, extents, cross, weights, rises,
    classes, units, ends, directions, levels, zone, profiles, every, share, counts, matrices,
    rights,
):  # fmt: skip
    expected = np.zeros((44 + 7 + 1, EXPECTED), np.int32)
    plain = expected[51]
    work = np.zeros(128, np.int32)
    x = np.zeros(UNKNOWNS)
    used = np.zeros(UNKNOWNS, np.int64)
    turn = 0
    for p in range(parts.shape[0]):
        columns = parts[p, COLUMNS]
        for n in range(parts[p, COUNT]):
            row = parts[p, BLOCKS] + n
            i = np.int64(blocks[row, 0])
            j = np.int64(blocks[row, 1])
            lw = np.int64(blocks[row, 2])
            lh = np.int64(blocks[row, 3])
            shape = np.int64(blocks[row, 4])
            kind = np.int64(layout[shape, 5])
            predicted = directions[n] > 0
            end = np.int64(ends[parts[p, STATES] + n])
            own = parts[p, LEVELS] + np.int64(blocks[row, 5])
            square = i * columns + j
            seen = min(end, zone[2 + lw + lh])
            wide = np.int64(extents[shape, seen, 0]) if end > 0 else 0
            high = np.int64(extents[shape, seen, 1]) if end > 0 else 0
            corner = 1 << (lw + lh)
            last = min(corner + end_places[end], np.int64(layout[shape, 3])) - 1
            known = zone[0] << (lw + lh)
            if end > 0 and last >= known:
                offset = np.int64(layout[shape, 2])
                first = parts[0, LEVELS] + np.int64(blocks[row, 5])
                second = parts[1, LEVELS] + np.int64(blocks[row, 5]) if p > 1 else first
                first_row = level_row(p, kind, predicted)
                near = weights[first_row : first_row + 4]
                prepare_block(
                    levels, own, first, second, profiles, square, columns, i, j, lw, lh, p, cross,
                    wide, high, bands[offset:], near, work, plain,
                )  # fmt: skip
                turn += 1
                gather = turn % every == 0
                stride = (8 << lw) + 4
                if gather:
                    for k in range(44):
                        expected[k, : stride * (high + 4)] = 0
                    for k in range(8, INPUTS):
                        prepare_block(
                            levels, own, first, second, profiles, square, columns, i, j, lw, lh, p,
                            cross, wide, high, bands[offset:], units[k], work, expected[44 + k - 8],
                        )  # fmt: skip
                count = end - seen
                for k in range(corner, known):
                    place = np.int64(scan[offset + k])
                    q = abs(np.int64(levels[own + place]))
                    if q > 0:
                        count += 1
                        band = np.int64(bands[offset + place])
                        spot = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
                        rise(plain, spot, stride, q, rises[first_row + band])
                        if gather:
                            for o in range(3):
                                rise(expected[32 + 3 * band + o], spot, stride, q, units[o, 0])
                for k in range(min(last, (zone[1] << (lw + lh)) - 1), known - 1, -1):
                    place = np.int64(scan[offset + k])
                    spot = stride * ((place >> (3 + lw)) + 3) + (place & ((8 << lw) - 1)) + 3
                    band = np.int64(bands[offset + place])
                    e = expected_magnitude(plain, spot, count, k == last, near[band])
                    size = abs(np.int64(levels[own + place]))
                    context = level_context(classes, e, first_row + band, count)
                    counts[context, token_of(size)] += share
                    if gather:
                        number = 0
                        for o in range(44):
                            if expected[o, spot] != 0:
                                x[o] = expected[o, spot]
                                used[number] = o
                                number += 1
                        for o in range(7):
                            value = expected[44 + o, spot]
                            if o == 4:
                                value = min(count, 63)
                            elif o == 5:
                                value = 1 if k == last else 0
                            if value != 0:
                                q = 44 + 7 * band + o
                                x[q] = value
                                used[number] = q
                                number += 1
                        weight = share * (e / 256.0 + 0.1) ** -1.7
                        group = first_row // BANDS
                        for a in range(number):
                            o = used[a]
                            rights[group, o] += weight * x[o] * min(size, 255)
                            for b in range(a + 1):
                                q = used[b]
                                matrices[group, o, q] += weight * x[o] * x[q]
                    if size > 0:
                        spread(plain, spot, stride, size, near[band])
                        if gather:
                            for o in range(8):
                                spread(expected[8 * band + o], spot, stride, size, units[o, 0])
                        count += 1
            put_profile(levels, own, profiles, square, columns, lw, lh, wide, high, work)


def collect(segments: list[Any], parts: list[LevelModel], bounds: tuple[int, int]) -> Any:
    """(counts, matrices, rights) of the levels of one pass of all segments."""
    sums = np.zeros((8640, 17)), np.zeros((18, UNKNOWNS, UNKNOWNS)), np.zeros((18, UNKNOWNS))
    zone = zone_of(*bounds)
    part = parts[int(bounds[0] > 1)]
    for tables, grid, segment, share in segments:
        partition = segment.partition
        collect_pass(
            partition.parts, partition.blocks, partition.owners, segment.cells, LAYOUT, scans(),
            bands(), END_PLACES, extents(), tables.cross, part.weights, part.rises,
            models.load_model().magnitudes, UNITS, segment.ends, segment.directions,
            known_after(segment, bounds[1]).levels, zone, new_profiles(grid), EVERY, share, *sums,
        )  # fmt: skip
    return sums


def fitted(matrices: NDArray[np.float64], rights: NDArray[np.float64]) -> tuple[Any, Any]:
    """Weights and rises of 72 rows."""
    weights, rises = np.zeros((72, INPUTS), np.int32), np.zeros((72, UPS), np.int32)
    for row in range(72):
        group, band = divmod(row, BANDS)
        found = solve(matrices[group], rights[group], 256)
        rest = (8 + UPS) * BANDS + 7 * band
        weights[row] = [*found[8 * band : 8 * band + 8], *found[rest : rest + 7]]
        rises[row] = found[8 * BANDS + UPS * band :][:UPS]
    return weights, rises


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=20)
    given = parser.parse_args()
    model = models.load_model()
    cumulative = model.level_histograms.cumulative.astype(np.int64)
    shares = np.diff(cumulative, axis=1) / 4096
    lengths = -np.log2(shares)
    segments = quantize_pictures(given.folder, given.pictures, BASES)
    start = LevelModel(model.level_tables, model.level_weights, np.zeros((72, UPS), np.int32))
    parts = [start, start]
    best: dict[int, LevelModel] = {}
    least: dict[int, float] = {}
    for _ in range(given.rounds):
        for number, zones in enumerate(FITTED):
            sums = [collect(segments, parts, bounds) for bounds in zones]
            counts, matrices, rights = (sum(column) for column in zip(*sums, strict=True))
            few = FEW * shares[model.level_tables]
            tables = ((counts + few) @ lengths.T).argmin(1).astype(np.uint8)
            bits = [(counts * lengths[chosen]).sum() for chosen in (parts[number].tables, tables)]
            print(f"pass {number}: {bits[0] / 8:.0f}, with its own map {bits[1] / 8:.0f} bytes")
            mapped = LevelModel(tables, parts[number].weights, parts[number].rises)
            if bits[1] <= least.get(number, bits[1]):
                best[number], least[number] = mapped, bits[1]
            parts[number] = LevelModel(tables, *fitted(matrices, rights))
    rows = [np.hstack([best[n].weights, best[n].rises]) for n in (0, 1)]
    write("lossy-pass-weights.txt", WEIGHTS, np.concatenate(rows))
    write("lossy-pass-map.txt", MAP, np.stack([best[n].tables for n in (0, 1)]).reshape(-1, 120))


if __name__ == "__main__":
    main()
