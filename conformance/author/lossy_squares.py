"""The squares of a component, as the writer of a segment sees them. Chapter 8, part 8.2."""

from __future__ import annotations

from conformance.author.lossy import HEIGHT, WIDTH

Rows = list[list[int]]
Block = tuple[int, int, int]  # first square (i, j), shape
NONE_YET = -1


def mean(a: list[int]) -> int:
    """Clause `lossy.dc`; of nothing: 0."""
    return (sum(a) + len(a) // 2) >> (len(a).bit_length() - 1) if a else 0


class Plane:
    """What is known of the squares of a component: the block's number, d, r, class, levels, way."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.number, self.d, self.r, self.end, self.end_level, self.way = (
            [[NONE_YET if first else 0] * columns for _ in range(rows)]
            for first in (True, False, False, False, False, False)
        )
        self.levels: list[dict[tuple[int, int], int]] = []  # of each block by number
        self.profiles: list[Rows] = []  # likewise, [y][x]
        self.mean: list[int] = []  # likewise
        self.below_line: dict[tuple[int, int], list[int]] = {}  # four values a square
        self.right_line: dict[tuple[int, int], list[int]] = {}

    def has(self, i: int, j: int) -> bool:
        return 0 <= i < self.rows and 0 <= j < self.columns

    def fill(self, grid: Rows, block: Block, v: int) -> None:
        for i, j in squares(block):
            grid[i][j] = v

    def left(self, block: Block) -> list[tuple[int, int]]:
        i, j, shape = block
        return [(y, j - 1) for y in range(i, i + HEIGHT[shape])] if j else []

    def above(self, block: Block) -> list[tuple[int, int]]:
        i, j, shape = block
        return [(i - 1, x) for x in range(j, j + WIDTH[shape])] if i else []

    def corner_square(self, block: Block) -> tuple[int, int] | None:
        """The square above right."""
        i, j, shape = block
        number, column = self.number[i][j], j + WIDTH[shape]
        if column >= self.columns:
            return None
        earlier = [y for y in range(i) if 0 <= self.number[y][column] < number]
        return (earlier[-1], column) if earlier else None


def squares(block: Block) -> list[tuple[int, int]]:
    i, j, shape = block
    return [(i + y, j + x) for y in range(HEIGHT[shape]) for x in range(WIDTH[shape])]
