"""The passes that the high stream may be cut into. Clause `lossy.passes`."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pil_dctz.lossy.shapes import ENDS

__all__ = ["BOUNDS", "WHOLE", "Zone", "zone_of", "zones"]

#: int64 (9,): the first scan position of a pass and the one behind it, both in squares of the
#: block; for blocks of 1, 2, 4 .. 64 squares the least end class that reaches so far, of the last
#: pass the greatest there is.
Zone = NDArray[np.int64]

#: By the number of passes, the scan positions at which they begin and end, in squares of a block.
BOUNDS = ((1, 64), (1, 4, 64), (1, 4, 16, 64))


@cache
def zones(passes: int) -> tuple[Zone, ...]:
    """What each pass, of 1..3, has of a block."""
    bounds = BOUNDS[passes - 1]
    return tuple(zone_of(begin, end) for begin, end in pairwise(bounds))


def zone_of(begin: int, end: int) -> Zone:
    """Of the scan positions from `begin` to before `end`, in squares of a block."""
    reached = np.full(7, len(ENDS) - 1)
    if end < BOUNDS[0][-1]:
        reached = np.searchsorted(ENDS, [(end - 1) << log2 for log2 in range(7)])
    zone = np.array([begin, end, *reached], np.int64)
    zone.flags.writeable = False
    return zone


#: All of the high stream at once.
WHOLE = zones(1)[0]
