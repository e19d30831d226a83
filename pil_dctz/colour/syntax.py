"""Values of the colour field. Clause `lossy.tables`."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ColourTransform"]


class ColourTransform(IntEnum):
    """How planes become samples: `colour.xyb`, `colour.ycbcr`, `colour.none`."""

    XYB = 0
    YCBCR = 1
    NONE = 2
