"""What each 64x64 tile of an encoded group costs, by its levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.container.syntax import EncodedGroup, GroupShape
from pil_dctz.lossy.decoder.parse import SegmentLevels, parse_high, parse_low
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.syntax import coding_grid

__all__ = ["TILE", "block_bits", "tile_bits"]

TILE = 64
#: Bits of a level other than 0 with its zeros, of a doubling of it, and of a block, as guessed.
_LEVEL, _OCTAVE, _BLOCK = 4.0, 1.5, 4.0


def tile_bits(group: EncodedGroup, shape: GroupShape) -> NDArray[np.float64]:
    """(rows, columns): the bits of the group's streams, spread over the tiles."""
    tables = parse_tables(group.tables, shape)
    bits = np.zeros((-(-shape.height // TILE), -(-shape.width // TILE)))
    side = 1 << group.segment_log2 if group.segment_log2 else max(shape.width, shape.height)
    places = [(x, y) for y in range(0, shape.height, side) for x in range(0, shape.width, side)]
    for (x, y), low, high in zip(places, *group.streams, strict=True):
        width, height = min(side, shape.width - x), min(side, shape.height - y)
        grid = coding_grid(width, height, tables.factors)
        segment = parse_low(low, tables, grid)
        parse_high(high, tables, grid, segment)
        blocks = segment.partition.blocks
        first = np.flatnonzero(_is_first(blocks))
        rows, columns = blocks[first, 0] >> 3, blocks[first, 1] >> 3
        found = np.zeros((-(-height // TILE), -(-width // TILE)))
        total = 8 * (len(low) + len(high))
        found[rows, columns] = np.add.reduceat(block_bits(segment, total), first)
        bits[y // TILE :, x // TILE :][: found.shape[0], : found.shape[1]] = found
    return bits


def block_bits(segment: SegmentLevels, total: int) -> NDArray[np.float64]:
    """(blocks of the first plane,): the bits of all planes, `total` in all, spread over them by
    guess. All planes have one partition."""
    sizes = np.abs(segment.levels.astype(np.float32))
    costs = np.where(sizes > 0, _LEVEL + _OCTAVE * np.log2(np.maximum(sizes, 1)), 0)
    bits = np.full(len(segment.partition.blocks), _BLOCK)
    for plane in costs.reshape(len(segment.partition.parts), -1):
        bits += np.add.reduceat(plane, segment.partition.blocks[:, 5], dtype=np.float64)
    scaled: NDArray[np.float64] = bits * (total / bits.sum())
    return scaled


def _is_first(blocks: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether a block is the first of its tile: those of a tile follow each other."""
    tiles = (blocks[:, :2] >> 3).astype(np.int64)
    changed = np.ones(len(blocks), bool)
    changed[1:] = (tiles[1:] != tiles[:-1]).any(axis=1)
    return changed
