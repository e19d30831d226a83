"""The payload of a `lrnd` chunk. Clauses `learned.layer`, `learned.strengths`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.errors import DamagedError
from pil_dctz.learned.syntax import ID_BYTES, cell_grid

__all__ = ["parse_layer"]

_LAYER = "learned.layer"
_STRENGTHS = "learned.strengths"


def parse_layer(
    payload: bytes, sizes: Sequence[tuple[int, int]], components: int
) -> tuple[bytes, tuple[NDArray[np.uint8], ...]]:
    """The model's identifier, and of each segment uint8 (2, cell rows, cell columns).

    sizes: (width, height) of the segments. components: 1 or 3. Raises DamagedError, offsets in the
    payload.
    """
    cursor = Cursor(payload, 0, "chunk lrnd")
    model = cursor.take(ID_BYTES, "model", _LAYER)
    head = cursor.u8("strengths", _LAYER)
    luma, chroma, varied = head & 7, head >> 3 & 7, head & 64
    if head & 128 or (chroma and components == 1):
        raise DamagedError(f"strengths {head:02X}", offset=ID_BYTES, clause=_LAYER)
    grids = [cell_grid(width, height) for width, height in sizes]
    if not varied:
        if cursor.left:
            raise DamagedError(
                f"{cursor.left} bytes behind the layer", offset=cursor.offset, clause=_LAYER
            )
        return model, tuple(_flat(grid, luma, chroma) for grid in grids)
    cells = sum(rows * columns for rows, columns in grids)
    kinds = 1 if components == 1 else 2
    if kinds * cells > 8 * cursor.left:
        raise DamagedError(
            f"{kinds * cells} strengths in {cursor.left} bytes", offset=9, clause=_STRENGTHS
        )
    ranks = _Ranks(cursor.take(cursor.left, "strengths", _STRENGTHS))
    lists = [_order(luma), _order(chroma)][:kinds]
    found = []
    for rows, columns in grids:
        strengths = np.zeros((2, rows, columns), np.uint8)
        for y in range(rows):
            for x in range(columns):
                for kind, order in enumerate(lists):
                    order.insert(0, order.pop(ranks.next()))
                    strengths[kind, y, x] = order[0]
        found.append(strengths)
    ranks.end()
    return model, tuple(found)


def _flat(grid: tuple[int, int], luma: int, chroma: int) -> NDArray[np.uint8]:
    """One strength everywhere, in no more memory than a cell's."""
    both = np.array([luma, chroma], np.uint8).reshape(2, 1, 1)
    return np.broadcast_to(both, (2, *grid))


def _order(first: int) -> list[int]:
    return [first, *(n for n in range(8) if n != first)]


class _Ranks:
    """Numbers 0..7 in unary, bits from the least of each byte."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _bit(self) -> int:
        if self._at >= 8 * len(self._data):
            raise DamagedError(
                "the bits end before the last strength",
                offset=9 + len(self._data),
                clause=_STRENGTHS,
            )
        bit = self._data[self._at >> 3] >> (self._at & 7) & 1
        self._at += 1
        return bit

    def next(self) -> int:
        rank = 0
        while rank < 7 and self._bit():
            rank += 1
        return rank

    def end(self) -> None:
        """What is left must be fill bits of the last byte, 0."""
        used = -(-self._at // 8)
        fill = self._data[used - 1] >> (self._at - 8 * (used - 1)) if used else 0
        if used != len(self._data) or fill:
            raise DamagedError("bits behind the last strength", offset=9 + used, clause=_STRENGTHS)
