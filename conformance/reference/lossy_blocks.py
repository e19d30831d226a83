"""Chapter 8.2: the squares, blocks and map cells of a segment, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .conventions import INT18, ceil_div, clamp
from .lossy_tables import Tables, log2

SHAPES = ((1, 1), (2, 1), (1, 2), (2, 2), (4, 2), (2, 4), (4, 4), (8, 8))  # W, H
SIZE = (0, 1, 1, 1, 2, 2, 2, 3)

Place = tuple[int, int]  # (u, v) of a coefficient, (i, j) of a square


def mean(values: Iterable[int]) -> int:
    """Of a power of two of values. Clause `lossy.dc`."""
    a = list(values)
    return (sum(a) + (len(a) >> 1)) >> log2(len(a))


@dataclass
class Block:
    """A block of one component, and what its two streams say of it. Clause `lossy.shapes`."""

    number: int  # in coding order
    i: int
    j: int
    shape: int
    r: int = field(init=False)
    mean: int = field(init=False)
    direction: int = 0
    end: int = 0
    level: dict[Place, int] = field(default_factory=dict)  # (u, v); other levels are 0

    @property
    def w(self) -> int:
        return SHAPES[self.shape][0]

    @property
    def h(self) -> int:
        return SHAPES[self.shape][1]

    @property
    def size(self) -> int:
        return SIZE[self.shape]

    @property
    def squares(self) -> list[Place]:
        return [(self.i + y, self.j + x) for y in range(self.h) for x in range(self.w)]

    @property
    def left(self) -> list[Place]:
        """The squares left; none in column 0. Clause `lossy.dc`."""
        return [(self.i + y, self.j - 1) for y in range(self.h)] if self.j else []

    @property
    def above(self) -> list[Place]:
        return [(self.i - 1, self.j + x) for x in range(self.w)] if self.i else []

    def is_first(self) -> bool:
        """Block (0, 0)."""
        return self.i == 0 and self.j == 0

    def size_at(self, u: int, v: int) -> int:
        """min(abs(level), 255) at a place; 0 where nothing is decoded."""
        return min(abs(self.level.get((u, v), 0)), 255)


def size_in(block: Block | None, u: int, v: int) -> int:
    """0 also where there is no block."""
    return 0 if block is None else block.size_at(u, v)


@dataclass
class Component:
    """The squares and blocks of one component in a segment. Clause `lossy.blocks`."""

    rows: int
    columns: int
    shift_y: int
    shift_x: int
    blocks: list[Block] = field(default_factory=list)
    owner: dict[Place, Block] = field(default_factory=dict)  # of each square
    d: dict[Place, int] = field(default_factory=dict)  # of each square

    def add(self, i: int, j: int, shape: int) -> None:
        block = Block(len(self.blocks), i, j, shape)
        self.blocks.append(block)
        for square in block.squares:
            self.owner[square] = block

    def above_right(self, block: Block) -> Place | None:
        """The square above right, if there is one. Clause `lossy.dc`.

        "The lowest square of column j + W, above row i, whose block comes before this block in
        coding order."
        """
        j = block.j + block.w
        for i in reversed(range(block.i)):
            if (i, j) in self.owner and self.owner[i, j].number < block.number:
                return i, j
        return None


class Segment:
    """One segment of w x z samples. Clauses `lossy.segment`, `lossy.blocks`."""

    def __init__(self, tables: Tables, w: int, z: int) -> None:
        self.tables = tables
        self.w, self.z = w, z
        self.h_max = max(h for h, _ in tables.factors)
        self.v_max = max(v for _, v in tables.factors)
        self.components: list[Component] = []
        for h, v in tables.factors:
            columns = ceil_div(ceil_div(w * h, self.h_max), 8)
            rows = ceil_div(ceil_div(z * v, self.v_max), 8)
            shift_y, shift_x = int(v == self.v_max), int(h == self.h_max)
            self.components.append(Component(rows, columns, shift_y, shift_x))
        self.map = [[0] * ceil_div(w, 16) for _ in range(ceil_div(z, 16))]

    def map_level(self, c: int, block: Block) -> int:
        """m of a block; 0 in explicit groups. Clause `lossy.blockmap`."""
        component = self.components[c]
        cells = {(i >> component.shift_y, j >> component.shift_x) for i, j in block.squares}
        return (sum(self.map[i][j] for i, j in cells) + (len(cells) >> 1)) // len(cells)

    def step(self, c: int, block: Block, u: int, v: int) -> int:
        return self.tables.step(self.map_level(c, block), c, block.w, block.h, u, v)

    def dc_step(self, c: int, block: Block) -> int:
        """s of clause `lossy.dc`."""
        return 16 if self.tables.explicit else self.step(c, block, 0, 0)

    def same_block(self, c: int, other: int, block: Block) -> Block | None:
        """The same block of component `other`, if c > other and `cross`."""
        if c > other and self.tables.cross:
            return self.components[other].blocks[block.number]
        return None

    def coefficients(self, c: int, block: Block) -> list[list[int]]:
        """C[v][u] of a block. Clauses `lossy.coefficient`, `lossy.follow`."""
        out = self.own(c, block)
        if c > 0 and self.tables.partition:
            slope = self.slope(c, block)
            first = self.own(0, self.components[0].blocks[block.number])
            for v in range(4 * block.h):
                for u in range(4 * block.w):
                    if u >= block.w or v >= block.h:
                        f = (slope * first[v][u] + 512) >> 10
                        out[v][u] = clamp(out[v][u] + f, *INT18)
        return out

    def own(self, c: int, block: Block) -> list[list[int]]:
        """K[v][u] of a block. Clause `lossy.coefficient`."""
        out = [[0] * (8 * block.w) for _ in range(8 * block.h)]
        for (u, v), level in block.level.items():
            product = level * self.step(c, block, u, v)
            out[v][u] = clamp((product + 8) >> 4, *INT18)
        out[0][0] = self.eighth(c, block.mean)
        return out

    def slope(self, c: int, block: Block) -> int:
        """Clause `lossy.follow`."""
        first, own = self.components[0].d, self.components[c].d
        rows = range(block.i - 1, block.i + block.h + 1)
        columns = range(block.j - 1, block.j + block.w + 1)
        a = b = p = 0
        for i in rows:
            for j in columns:
                for at in ((i, j + 1), (i + 1, j)):
                    if (i, j) in own and at in own and at[0] in rows and at[1] in columns:
                        y = (first[at] >> 3) - (first[i, j] >> 3)
                        x = (own[at] >> 3) - (own[i, j] >> 3)
                        a += y * y + 16384
                        b += x * x + 2048
                        p += y * x
        s = (1024 * p) // (a + 1)
        return clamp((s * ((s * p) // (b + 1))) >> 10, -2048, 2048)

    def eighth(self, c: int, d: int) -> int:
        """A mean, or the d of a square, as a coefficient of the picture at 1:8."""
        explicit = self.tables.explicit
        return d if explicit is None else clamp(d * 64 * explicit[c][0], *INT18)
