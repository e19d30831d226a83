"""Chapter 8.5: blocks predicted along a direction from the samples around them."""

from __future__ import annotations

from .conventions import INT16, INT18, clamp
from .lossy_blocks import Block, Component, Place
from .transform_colour import cosines, inverse

Rows = list[list[int]]
# in 1/32 of a sample, by direction
ACROSS = {5: 32, 6: 21, 7: 13, 8: 6, 9: 0}
ACROSS |= {10: -6, 11: -13, 12: -21, 13: -32, 14: -48, 15: -77, 16: -161}
DOWN = {1: 0, 2: 6, 3: 13, 4: 21}
DOWN |= {10: 161, 11: 77, 12: 48, 13: 32, 14: 21, 15: 13, 16: 6}


class Edge:
    """E[-R] .. E[R + 1] of a block. Clause `lossy.edge`."""

    def __init__(self, plane: Rows, component: Component, block: Block) -> None:
        """plane: at scale 1, before any filter, with all blocks before this one."""
        i, j, reach = block.i, block.j, block.w + block.h
        y0, x0 = 8 * i, 8 * j
        columns = 8 * known(component, block, [(i - 1, j + n) for n in range(reach)])
        rows = 8 * known(component, block, [(i + n, j - 1) for n in range(reach)])
        above = [plane[y0 - 1][x0 + x] for x in range(columns)]  # E[1], E[2] ..
        left = [plane[y0 + y][x0 - 1] for y in range(rows)]  # E[-1], E[-2] ..
        if not above:
            self.zero, above = left[0], left[:1]
        elif not left:
            self.zero, left = above[0], above[:1]
        else:
            self.zero = plane[y0 - 1][x0 - 1]
        self.above, self.left = above, left
        self.end = 8 * reach  # R
        self.smooth = block.w * block.h > 1

    def __getitem__(self, k: int) -> int:
        if self.smooth and abs(k) < self.end:
            return (self.sample(k - 1) + 2 * self.sample(k) + self.sample(k + 1) + 2) >> 2
        return self.sample(k)

    def sample(self, k: int) -> int:
        """Before smoothing; the last one again where a side ends."""
        if k == 0:
            return self.zero
        side = self.above if k > 0 else self.left
        return side[min(abs(k), len(side)) - 1]


def known(component: Component, block: Block, squares: list[Place]) -> int:
    """How many of them come before the block, up to the first that does not."""
    for n, at in enumerate(squares):
        if at not in component.owner or component.owner[at].number >= block.number:
            return n
    return len(squares)


def predict(edge: Edge, block: Block) -> Rows:
    """Q[y][x] of a block that has a direction. Clause `lossy.predict`."""
    direction = block.direction
    q = []
    for y in range(8 * block.h):
        row = []
        for x in range(8 * block.w):
            if direction < 5:
                at = 32 * (-1 - y) - DOWN[direction] * (x + 1)
            else:
                at = 32 * (x + 1) + ACROSS[direction] * (y + 1)
                if at < 0:
                    at = DOWN[direction] * (x + 1) - 32 * (y + 1)
            k = at >> 5
            row.append(edge[k] + (((edge[k + 1] - edge[k]) * (at & 31) + 16) >> 5))
        q.append(row)
    return q


def without_corner(coefficients: Rows, q: Rows, block: Block) -> Rows:
    """C less the corner of the prediction. Clause `lossy.predict`."""
    across, down = cosines(8 * block.w), cosines(8 * block.h)
    result = [list(row) for row in coefficients]
    for u in range(block.w):
        g = [(sum(map(int.__mul__, row, across[u])) + 512) >> 10 for row in q]
        for v in range(block.h):
            corner = (sum(map(int.__mul__, g, down[v])) + 4096) >> 13
            result[v][u] = clamp(result[v][u] - corner, *INT18)
    return result


def predicted(plane: Rows, component: Component, block: Block, coefficients: Rows) -> Rows:
    """The samples of a predicted block at scale 1. Clause `lossy.predict`."""
    q = predict(Edge(plane, component, block), block)
    rest = inverse(without_corner(coefficients, q, block), block.w, block.h, 1)
    return [
        [clamp(s + p, *INT16) for s, p in zip(*rows, strict=True)]
        for rows in zip(rest, q, strict=True)
    ]
