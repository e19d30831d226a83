"""What both sides of the layer share: the strengths of a frame. Clause `learned.strengths`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pil_dctz.learned.model import Model

__all__ = ["CELL", "FrameLayer", "Learned", "SegmentLayer", "cell_grid"]

#: Side of a cell of strengths, in samples.
CELL = 64
ID_BYTES = 8

#: The option of the public functions: True, False, or the path of a model file.
Learned: TypeAlias = bool | str | os.PathLike[str]


class SegmentLayer(NamedTuple):
    """What refines a segment. strengths: uint8 (2, cell rows, cell columns), luma and chroma."""

    model: Model
    strengths: NDArray[np.uint8]


class FrameLayer(NamedTuple):
    """What refines a frame: a model, and the strengths of each segment."""

    model: Model
    strengths: tuple[NDArray[np.uint8], ...]

    def of_segment(self, number: int) -> SegmentLayer:
        return SegmentLayer(self.model, self.strengths[number])

    @property
    def work_bytes(self) -> int:
        """Memory that the layer takes for a sample place of a segment."""
        return self.model.work_bytes


def cell_grid(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the cells of a segment of width x height samples."""
    return -(-height // CELL), -(-width // CELL)
