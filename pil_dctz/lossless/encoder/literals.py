"""How literals are coded: predictors, colour coefficients, cached colours. Chapter 9b."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt

from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.lzw_segment import Segment
from pil_dctz.lossless.syntax import LzwHead

__all__ = ["choose_cache", "choose_literals"]

_KERNELS = "pil_dctz.lossless.encoder.literals_kernels"
_MULTIPLY = 0x1E35A7BD
_TILE_BITS = 4.0  # a tile's predictor
_SAMPLES = 20000  # literals that the colour search looks at
_PREDICTORS = 14
_LOGS = np.log2(1.0 + np.arange(257)).astype(np.float32)


def choose_literals(
    segments: list[Segment], head: LzwHead, *, first: bool, thorough: bool = True
) -> None:
    """Sets the head's tile, predictor and colour, and each segment's tile predictors.

    first: nothing is parsed yet; pixels unlike their neighbours stand for the literals.
    thorough: all sizes of tiles are tried.
    """
    wanted = [
        np.flatnonzero(segment.unlike()) if first else segment.literal_pixels()
        for segment in segments
    ]
    if not first and segments[0].shape.channels >= 3:
        head.colour = _choose_colour(segments, head, wanted)
    costs = [
        _costs(segment, head, places) for segment, places in zip(segments, wanted, strict=True)
    ]
    total = np.sum([cost.sum(axis=(0, 1)) for cost in costs], axis=0)
    best: tuple[float, int, list[npt.NDArray[np.uint8]]]
    best = float(total.min()), 0, [np.zeros(1, np.uint8) for _ in segments]
    for tile in (1, 2, 3) if thorough else (2,):
        flat = [_of_tiles(cost, tile) for cost in costs]
        choice = [_tile_choice(cost) for cost in flat]
        bits = sum(_tile_bits(cost, chosen) for cost, chosen in zip(flat, choice, strict=True))
        if bits < best[0]:
            best = bits, tile, choice
    _, head.tile, choice = best
    head.predictor = int(total.argmin())
    for segment, chosen in zip(segments, choice, strict=True):
        segment.tile_predictor = chosen


def _costs(
    segment: Segment, head: LzwHead, places: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Bits of all predictors in tiles of 8x8: (rows, columns, predictors)."""
    rows, columns = -(-segment.height // 8), -(-segment.width // 8)
    cost = np.zeros((rows * columns, _PREDICTORS), np.float32)
    setup = segment.setup(replace(head, tile=1))
    load(_KERNELS).predictor_costs(setup, segment.pix, places, _LOGS, cost)
    return cost.reshape(rows, columns, _PREDICTORS)


def _of_tiles(cost: npt.NDArray[np.float32], tile: int) -> npt.NDArray[np.float32]:
    """The sums over tiles of 4 << tile pixels: (tiles, predictors)."""
    step = 1 << (tile - 1)
    rows = np.add.reduceat(cost, np.arange(0, cost.shape[0], step), axis=0)
    sums: npt.NDArray[np.float32] = np.add.reduceat(rows, np.arange(0, rows.shape[1], step), axis=1)
    return sums.reshape(-1, _PREDICTORS)


def _tile_choice(cost: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """The best predictor of each tile, staying with the last one unless it pays."""
    total = cost.sum(axis=0)
    # The predictor that is best for all costs half as much to name.
    favour = np.where(np.arange(_PREDICTORS) == int(total.argmin()), 2.0, _TILE_BITS)
    changes = np.zeros(cost.shape[0], np.int64)
    chosen = np.zeros(cost.shape[0], np.uint8)
    last = 0
    for tile in np.flatnonzero(cost.any(axis=1)).tolist():  # the others stay with the last one
        row = cost[tile] + favour
        row[last] = cost[tile, last] + 1.0
        last = int(row.argmin())
        chosen[tile] = last
        changes[tile] = tile
    np.maximum.accumulate(changes, out=changes)
    return chosen[changes]


def _tile_bits(cost: npt.NDArray[np.float32], chosen: npt.NDArray[np.uint8]) -> float:
    used = cost.any(axis=1)
    changes = int((np.diff(chosen[used].astype(np.int64)) != 0).sum())
    return (
        float(cost[np.arange(chosen.size), chosen].sum()) + _TILE_BITS * changes + float(used.sum())
    )


def _choose_colour(
    segments: list[Segment], head: LzwHead, wanted: list[npt.NDArray[np.int64]]
) -> tuple[int, int, int]:
    """Coefficients with the least sum of log2(1 + |residual|) over the literals."""
    plain = LzwHead(table_set=head.table_set, colour=(0, 0, 0), tile=head.tile)
    plain.predictor = head.predictor
    found = []
    for segment, places in zip(segments, wanted, strict=True):
        sample = places[:: max(1, places.size * len(segments) // _SAMPLES)].copy()
        z = np.zeros((segment.size, 4), np.uint8)
        load(_KERNELS).literals(
            segment.setup(plain), segment.pix, sample, segment.tile_predictor, z, np.zeros_like(z)
        )
        found.append(z[sample])
    z = np.concatenate(found).astype(np.int64)
    if z.shape[0] == 0:
        return 8, 8, 0
    signed = np.where(z & 1, (z + 1) >> 1, -(z >> 1))
    green, red, blue = signed[:, 1], signed[:, 2], signed[:, 3]
    half = 1 << (segments[0].shape.depth - 1)

    def cost(values: npt.NDArray[np.int64]) -> float:
        wrapped = ((values + half) & (2 * half - 1)) - half
        return float(np.log2(1.0 + np.abs(wrapped)).sum())

    a = min(range(-8, 24), key=lambda a: cost(red - ((a * green) >> 3)))
    coarse = min(
        product(range(-8, 24, 4), range(-8, 24, 4)),
        key=lambda pair: cost(blue - ((pair[0] * green + pair[1] * red) >> 3)),
    )
    pairs = product(
        range(max(-8, coarse[0] - 3), min(24, coarse[0] + 4)),
        range(max(-8, coarse[1] - 3), min(24, coarse[1] + 4)),
    )
    b, c = min(pairs, key=lambda pair: cost(blue - ((pair[0] * green + pair[1] * red) >> 3)))
    default = cost(red - green) + cost(blue - green)
    own = cost(red - ((a * green) >> 3)) + cost(blue - ((b * green + c * red) >> 3))
    return (a, b, c) if own * 1.1 + 20 < default else (8, 8, 0)


def choose_cache(segments: list[Segment], head: LzwHead) -> None:
    """Sets the head's cache_bits by the colours of the last parse's literals."""
    best_bits, best = 0.0, 0
    for cache_bits in (4, 6, 8, 10, 11):
        bits = 0.0
        hits_by_slot = np.zeros(1 << cache_bits, np.int64)
        for segment in segments:
            places = segment.literal_pixels()
            pixels = segment.pix[segment.pad + places]
            slots = ((pixels.astype(np.uint64) * _MULTIPLY) & 0xFFFFFFFF) >> (32 - cache_bits)
            order = np.argsort(slots, kind="stable")
            same_slot = slots[order][1:] == slots[order][:-1]
            same = same_slot & (pixels[order][1:] == pixels[order][:-1])
            hits = order[1:][same]
            # Bits that the residuals of the hits would have taken.
            bits += float(segment.literal_cost[places[hits]].sum())
            hits_by_slot += np.bincount(slots[hits].astype(np.int64), minlength=1 << cache_bits)
        total = int(hits_by_slot.sum())
        used = hits_by_slot[hits_by_slot > 0]
        spent = float((used * np.log2(total / used)).sum()) + 7.0 * used.size if total else 0.0
        if bits - spent > best_bits:
            best_bits, best = bits - spent, cache_bits
    head.cache_bits = best
