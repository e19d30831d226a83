"""Which strengths a frame's cells take, and the payload that says so. Clause `learned.layer`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Gains", "choose_strengths", "write_layer"]

#: What a bit weighs, in squared base steps: more than in the search of levels (0.064), since the
#: eye gains less than the squared error.
TRADE = 1.0

Gains = NDArray[np.float64]
"""Error of each strength 0..7 less that of 0, in squared base steps, by cell."""


def choose_strengths(luma: Gains, chroma: Gains) -> tuple[int, tuple[int, int], list[list[int]]]:
    """Whether strengths vary, the first ones, and the ranks of each kind by cell.

    luma, chroma: (cells, 8), all cells of a frame in file order; chroma has no cells of gray.
    """
    flat = [int(gains.sum(axis=0).argmin()) if len(gains) else 0 for gains in (luma, chroma)]
    uniform = sum(float(g[:, s].sum()) for g, s in zip((luma, chroma), flat, strict=True))
    ranks, total = [], 0.0
    for gains, first in zip((luma, chroma), flat, strict=True):
        chosen, cost = _walk(gains, first)
        ranks.append(chosen)
        total += cost
    varied = total < uniform
    return int(varied), (flat[0], flat[1]), ranks


def _walk(gains: Gains, first: int) -> tuple[list[int], float]:
    """The rank of each cell, the cheapest one after another, and what all cost."""
    order = [first, *(s for s in range(8) if s != first)]
    ranks, total = [], 0.0
    bits = np.minimum(np.arange(8) + 1, 7) * TRADE
    for cell in gains:
        costs = cell[order] + bits
        rank = int(costs.argmin())
        ranks.append(rank)
        total += float(costs[rank])
        order.insert(0, order.pop(rank))
    return ranks, total


def write_layer(
    identifier: bytes, varied: int, first: tuple[int, int], ranks: Sequence[Sequence[int]]
) -> bytes:
    """The payload of a `lrnd` chunk."""
    head = identifier + bytes((first[0] | first[1] << 3 | varied << 6,))
    if not varied:
        return head
    bits: list[int] = []
    kinds = [kind for kind in ranks if len(kind)]
    for cell in zip(*kinds, strict=True):
        for rank in cell:
            bits += [1] * rank + [0] * (rank < 7)
    return head + np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()
