"""What a lossy group says, before it is written: given choices, map levels, residuals,
directions, end classes and levels. Chapter 8, parts 8.1 and 8.2.

A writer has to follow the contexts, since they say which histogram codes a symbol; it makes the
picture at 1:8, which contexts need, but no sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from conformance.author.bits import Rans, table
from conformance.author.fields import leb, u8

XYB, YCBCR, NONE = range(3)
END = (
    *(0, 1, 2, 3, 5, 7, 9, 12, 15, 19, 24, 30, 37, 45, 54, 63, 80, 101, 127, 160, 202, 254, 320),
    *(404, 509, 641, 808, 1018, 1282, 1616, 2036, 2565, 3232, 4032),
)
MULTIPLIER = (362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896)
SHRINK = (1024, 724, 512, 362, 256, 181, 128)
LIMIT = 131071
WIDTH = (1, 2, 1, 2, 4, 2, 4, 8)  # of the shapes, in squares
HEIGHT = (1, 1, 2, 2, 2, 4, 4, 8)


# Scan positions at which passes begin and end, by their number. Clause `lossy.passes`.
BOUNDS = {1: (1, 64), 2: (1, 4, 64), 3: (1, 4, 16, 64)}


def nothing(*_: int) -> int:
    return 0


@cache
def places(shape: int) -> tuple[tuple[int, int], ...]:
    """The places (u, v) of a shape in scan order. Clause `lossy.scan`."""
    w, h = WIDTH[shape], HEIGHT[shape]
    area = [(u, v) for u in range(8 * w) for v in range(8 * h)]
    area.sort(key=lambda at: (away(shape, *at), at[1]))
    corner = [(u, v) for u, v in area if u < w and v < h]
    return (*corner, *(at for at in area if at not in set(corner)))


def away(shape: int, u: int, v: int) -> int:
    """The square of a place's distance from place (0, 0), in places of a block of shape 0."""
    x, y = 8 * u // WIDTH[shape], 8 * v // HEIGHT[shape]
    return x * x + y * y


def whole_root(square: int) -> int:
    """The whole part of a root, by trial."""
    root = 0
    while (root + 1) * (root + 1) <= square:
        root += 1
    return root


@dataclass
class Plan:
    """What a lossy group says. The functions take component, row, column of a block's first square.

    choice takes level, row and column of a node; level a block's scan position and number of
    squares besides, and says the levels of the corner too.
    """

    components: int = 3
    transform: int = XYB
    base: int = 512
    explicit: list[list[int] | None] | None = None  # a table of 64 each; None: the same
    sampling: list[int] | None = None
    filtered: bool = False
    curves: int | list[list[int]] | None = None  # a kind, or knots of each component
    choice: Callable[[int, int, int], int] | None = None  # None: no partition
    map_level: Callable[[int, int], int] = lambda i, j: 6
    residual: Callable[[int, int, int], int] = nothing
    direction: Callable[[int, int], int] | None = None  # None: no flag; of row and column alone
    end: Callable[[int, int, int], int] = nothing
    level: Callable[[int, int, int, int, int], int] = nothing
    empty_high: bool = False
    passes: int = 1
    empty_passes: tuple[int, ...] = ()
    flag_bits: int = 0
    behind: bytes = b""
    base_field: bytes | None = None

    def tables(self) -> bytes:
        """Clauses `lossy.tables`, `lossy.sampling`, `lossy.explicit`."""
        explicit = self.explicit is not None
        flags = self.transform | explicit << 2 | (self.sampling is not None) << 3
        flags |= self.filtered << 4 | (self.choice is not None) << 5
        flags |= (self.direction is not None) << 6 | (self.curves is not None) << 7
        out = u8(flags | self.flag_bits)
        out += bytes(self.sampling or [])
        if self.explicit is None:
            out += leb(self.base) if self.base_field is None else self.base_field
            if isinstance(self.curves, int):
                return out + u8(self.curves)
            if self.curves is not None:
                out += u8(2) + b"".join(leb(knot) for knots in self.curves for knot in knots)
            return out
        for steps in self.explicit:
            out += u8(1) if steps is None else u8(0) + b"".join(leb(step) for step in steps)
        return out + self.behind

    def factors(self) -> list[tuple[int, int]]:
        sampling = self.sampling or [0] * self.components
        return [((s & 1) + 1, (s >> 1) + 1) for s in sampling]

    def step(self, c: int, m: int, shape: int, u: int, v: int) -> int:
        """Clause `lossy.steps`, for groups without explicit tables."""
        product = self.base * self.curve(c, whole_root(away(shape, u, v))) * MULTIPLIER[m]
        product *= SHRINK[(WIDTH[shape] * HEIGHT[shape]).bit_length() - 1]
        return max(1, min((product + (1 << 26)) >> 27, 1 << 26))

    def curve(self, c: int, radius: int) -> int:
        """Clauses `lossy.steps`, `lossy.curves`."""
        if isinstance(self.curves, list):
            at = [0, 8, 16, 24, 32, 48, 64, 89]
            n = next(n for n in range(7) if radius <= at[n + 1])
            wide, beyond = at[n + 1] - at[n], radius - at[n]
            low, high = self.curves[c][n : n + 2]
            return (low * (wide - beyond) + high * beyond + wide // 2) // wide
        row = 0 if self.transform == NONE else c
        listed = table("lossy-curve.txt")[90 * row + radius]
        return {None: listed, 0: 1024, 1: whole_root(1024 * listed)}[self.curves]

    def dc_step(self, c: int, m: int, shape: int) -> int:
        """s of clause `lossy.dc`."""
        return 16 if self.explicit is not None else self.step(c, m, shape, 0, 0)


def histogram(name: str, n: int, number: int) -> tuple[int, ...]:
    return table(f"lossy-{name}-histograms.txt")[n * number : n * number + n]


def by_map(name: str, n: int, context: int) -> tuple[int, ...]:
    """The histogram that the map of `name` gives to a context."""
    return histogram(name, n, table(f"lossy-{name}-map.txt")[context])


def rank(name: str, e: int) -> int:
    """The number of thresholds that are <= e."""
    return sum(threshold <= e for threshold in table(f"lossy-{name}-thresholds.txt"))


def weigh(name: str, row: int, inputs: list[int]) -> int:
    n = len(inputs)
    weights = table(f"lossy-{name}-weights.txt")[n * row : n * row + n]
    return sum(a * b for a, b in zip(weights, inputs, strict=True))


def put_number(rans: Rans, frequencies: tuple[int, ...], v: int) -> None:
    """Clause `lossy.magnitude`."""
    put_size(rans, frequencies, abs(v))
    if v:
        rans.raw(1, int(v < 0))


def put_size(rans: Rans, frequencies: tuple[int, ...], size: int) -> None:
    """A magnitude."""
    if size < 8:
        rans.symbol(frequencies, size)
    elif size < 128:
        n = size.bit_length() - 2
        rans.symbol(frequencies, 8 + 2 * (n - 2) + (size >> n & 1))
        rans.raw(n, size & ((1 << n) - 1))
    else:
        n = size.bit_length() - 1
        rans.symbol(frequencies, 16)
        rans.raw(3, n - 7)
        rans.raw(n, size - (1 << n))
