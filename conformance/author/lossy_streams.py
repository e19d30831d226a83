"""Writes the streams of a segment of a lossy group from its plan. Chapter 8, 8.3 and 8.4.

Everything is kept by square: what a block knows is written into all of its squares.
"""

from __future__ import annotations

from conformance.author.bits import Rans, table
from conformance.author.fields import LOSSY, Group, ceil_div, rectangles
from conformance.author.lossy import (
    BOUNDS,
    END,
    HEIGHT,
    LIMIT,
    WIDTH,
    Plan,
    away,
    by_map,
    histogram,
    places,
    put_number,
    put_size,
    rank,
    weigh,
)
from conformance.author.lossy_borders import (
    Corner,
    coefficient,
    put_lines,
    put_sign,
    sides_of,
    trust,
)
from conformance.author.lossy_squares import Block, Plane, mean, squares

# the terms of inputs 0..7 of clause `lossy.level`, from (u, v)
AROUND = (
    ((1, 0), (0, 1)),
    ((1, 1),),
    ((2, 0), (0, 2)),
    ((2, 1), (1, 2)),
    ((3, 0), (0, 3)),
    ((2, 2), (3, 1), (1, 3)),
    ((-1, 1), (1, -1)),
    ((-1, 2), (2, -1)),
)
# inputs 15..17 of clause `lossy.passes`
LOWER = (((-1, 0), (0, -1)), ((-1, -1),), ((-2, 0), (0, -2)))


class Writer:
    """One segment of w x z samples."""

    def __init__(self, plan: Plan, w: int, z: int) -> None:
        self.plan = plan
        factors = plan.factors()
        self.most = max(h for h, _ in factors), max(v for _, v in factors)
        self.factors = factors
        self.cross = len(set(factors)) == 1
        self.planes = [
            Plane(
                ceil_div(ceil_div(z * v, self.most[1]), 8),
                ceil_div(ceil_div(w * h, self.most[0]), 8),
            )
            for h, v in factors
        ]
        self.map = [[6] * ceil_div(w, 16) for _ in range(ceil_div(z, 16))]
        self.blocks: list[list[Block]] = [[] for _ in self.planes]

    def level_of_map(self, c: int, block: Block) -> int:
        """Clause `lossy.blockmap`."""
        if self.plan.explicit is not None:
            return 0
        h, v = self.factors[c]
        a, b = int(v == self.most[1]), int(h == self.most[0])
        cells = sorted({(i >> a, j >> b) for i, j in squares(block)})
        return mean([self.map[i][j] for i, j in cells])

    def low(self) -> Rans:
        """Clause `lossy.low`."""
        rans = Rans()
        if self.plan.choice is not None:
            first = self.planes[0]
            for i in range(0, first.rows, 8):
                for j in range(0, first.columns, 8):
                    self.put_node(rans, 0, i, j)
        else:
            for plane, blocks in zip(self.planes, self.blocks, strict=True):
                blocks += [(i, j, 0) for i in range(plane.rows) for j in range(plane.columns)]
        if self.plan.explicit is None:
            self.put_map(rans)
        for c, plane in enumerate(self.planes):
            for n, block in enumerate(self.blocks[c]):
                plane.fill(plane.number, block, n)
                plane.levels.append({})
                self.put_mean(rans, c, block)
        return rans

    def put_node(self, rans: Rans, level: int, i: int, j: int) -> None:
        """Clause `lossy.partition`."""
        plane = self.planes[0]
        if not plane.has(i, j):
            return
        if level == 3:
            self.found((i, j, 0))
            return
        half = 4 >> level
        choice = 0
        if i + 2 * half <= plane.rows and j + 2 * half <= plane.columns:
            assert self.plan.choice is not None
            choice = self.plan.choice(level, i, j)
            context = (
                7 * (3 * self.rate() + level) + self.size_at(i, j - 1) + self.size_at(i - 1, j)
            )
            rans.symbol(histogram("partition", 4, context), choice)
        if choice == 0:
            for n in range(4):
                self.put_node(rans, level + 1, i + half * (n // 2), j + half * (n % 2))
        elif level == 0:
            self.found((i, j, 7))
        elif choice == 1:
            self.found((i, j, 6 if level == 1 else 3))
        else:
            shape = {(1, 2): 4, (1, 3): 5, (2, 2): 1, (2, 3): 2}[level, choice]
            self.found((i, j, shape))
            self.found((i + half, j, shape) if choice == 2 else (i, j + half, shape))

    def rate(self) -> int:
        return max(0, min(self.plan.base.bit_length() - 9, 5))

    def size_at(self, i: int, j: int) -> int:
        covering = [b for b in self.blocks[0] if (i, j) in squares(b)]
        return (0, 1, 1, 1, 2, 2, 2, 3)[covering[0][2]] if covering else 0

    def found(self, block: Block) -> None:
        for blocks in self.blocks:
            blocks.append(block)

    def put_map(self, rans: Rans) -> None:
        """Clause `lossy.map`."""
        grid = self.map
        for i, row in enumerate(grid):
            for j in range(len(row)):
                if i or j:
                    left = row[j - 1] if j else grid[i - 1][0]
                    top = grid[i - 1][j] if i else left
                    context = 3 * ((left + top + 1) >> 1) + min(abs(left - top), 2)
                else:
                    context = 18
                row[j] = self.plan.map_level(i, j)
                rans.symbol(histogram("map", 13, context), row[j])

    def put_mean(self, rans: Rans, c: int, block: Block) -> None:
        """Clauses `lossy.dc`, `lossy.corner`, `lossy.values`."""
        plane = self.planes[c]
        i, j, shape = block
        s = self.plan.dc_step(c, self.level_of_map(c, block), shape)
        inputs = [0] * 12
        inputs[11] = 1
        guess = 0
        right = plane.corner_square(block)
        if i or j:
            guess, slopes = self.guess(plane, block)
            inputs[:5] = [min(128 * abs(slope) // s, 255) for slope in slopes]
            near = [(i, j - 1), (i - 1, j), (i - 1, j - 1), right]
            known = [at for at in near if at is not None and plane.has(*at)]
            for n, at in enumerate(near):
                if at in known:
                    inputs[5 + n] = min(8 * abs(plane.r[at[0]][at[1]]), 255)
        if self.cross:
            for n in range(min(c, 2)):
                inputs[9 + n] = min(8 * abs(self.planes[n].r[i][j]), 255)
        k = 4 * min(c, 2) + self.size(shape)
        context = 24 * k + rank("dc", weigh("dc", k, inputs))
        r = self.plan.residual(c, i, j)
        put_number(rans, by_map("dc", 17, context), r)
        plane.fill(plane.r, block, r)
        whole = max(-LIMIT, min(guess + ((r * s + 8) >> 4), LIMIT)) if r else guess
        plane.mean.append(whole)
        if shape:
            self.put_corner(rans, c, block, min(inputs[0] + inputs[1], 255), whole)
        self.set_values(c, block, whole)

    @staticmethod
    def size(shape: int) -> int:
        """0..3; the greater side of a shape is 2^size."""
        return max(WIDTH[shape], HEIGHT[shape]).bit_length() - 1

    def guess(self, plane: Plane, block: Block) -> tuple[int, list[int]]:
        """The prediction and the five differences of clause `lossy.dc`."""
        i, j, _ = block
        left = mean([plane.d[y][x] for y, x in plane.left(block)])
        top = mean([plane.d[y][x] for y, x in plane.above(block)])
        if j == 0:
            left = top
        if i == 0:
            top = left
        right = plane.corner_square(block)
        tl = plane.d[i - 1][j - 1] if i and j else left
        tr = plane.d[right[0]][right[1]] if right else top
        ll = plane.d[i][j - 2] if j >= 2 else left
        tt = plane.d[i - 2][j] if i >= 2 else top
        g = max(min(left, top), min(left + top - tl, max(left, top)))
        slopes = [tl - left, top - tl, tr - top, left - ll, top - tt]
        return (2 * g + left + top + 2) >> 2, slopes

    def put_corner(self, rans: Rans, c: int, block: Block, slopes: int, whole: int) -> None:
        """Clause `lossy.corner`."""
        plane = self.planes[c]
        i, j, shape = block
        number = plane.number[i][j]
        levels = plane.levels[number]
        squares_in_it = WIDTH[shape] * HEIGHT[shape]
        above = [plane.d[y][x] for y, x in plane.above(block)]
        left = [plane.d[y][x] for y, x in plane.left(block)]
        borders = Corner(above, left, self.size(shape), whole)
        m = self.level_of_map(c, block)
        n = 0
        for p in reversed(range(1, squares_in_it)):
            u, v = places(shape)[p]
            e = 0
            for term, input_places in enumerate(AROUND):
                for du, dv in input_places:
                    size = min(abs(levels.get((u + du, v + dv), 0)), 255)
                    k = self.corner_row(c, shape, u + du + v + dv)
                    e += table("lossy-corner-weights.txt")[15 * k + term] * size
            inputs = [0] * 8 + [min(8 * abs(plane.r[i][j]), 255), slopes]
            inputs += self.crossed(c, number, u, v)
            step = self.plan.step(c, m, shape, u, v)
            estimate = borders.estimate(u, v)
            inputs += [n, u + v, 1]
            k = self.corner_row(c, shape, u + v)
            e = max(0, min(e + weigh("corner", k, inputs), 4095))
            level = self.plan.level(c, i, j, p, squares_in_it)
            context = 16 * (24 * k + rank("level", e)) + trust(estimate, step, 1, e)
            put_size(rans, by_map("corner", 17, context), abs(level))
            levels[u, v] = level
            if level:
                row = 3 * min(c, 2) + self.size(shape) - 1
                put_sign(rans, row, estimate, step, level, e)
                borders.known(u, v, coefficient(level, step))
                n += 1

    def corner_row(self, c: int, shape: int, away: int) -> int:
        return 9 * min(c, 2) + 3 * (self.size(shape) - 1) + (away >= 2) + (away >= 4)

    def crossed(self, c: int, number: int, u: int, v: int) -> list[int]:
        """Levels of the same block of components 0 and 1."""
        out = [0, 0]
        for n in range(min(c, 2) if self.cross else 0):
            out[n] = min(abs(self.planes[n].levels[number].get((u, v), 0)), 255)
        return out

    def set_values(self, c: int, block: Block, whole: int) -> None:
        """Clauses `lossy.values`, `lossy.coefficient`, `transform.corner`."""
        plane = self.planes[c]
        i, j, shape = block
        if shape == 0:
            plane.d[i][j] = whole
            return
        m = self.level_of_map(c, block)
        w, h = WIDTH[shape], HEIGHT[shape]

        def limited(v: int) -> int:
            return max(-LIMIT, min(v, LIMIT))

        def points(values: list[int]) -> list[int]:
            n = len(values)
            begin = (n * n - 1) // 3
            matrix = table("lossy-dct.txt")[begin : begin + n * n]
            sums = (sum(values[k] * matrix[n * k + x] for k in range(n)) for x in range(n))
            return [limited((total + 1024) >> 11) for total in sums]

        coefficients = [[0] * w for _ in range(h)]
        for (u, v), level in plane.levels[plane.number[i][j]].items():
            coefficients[v][u] = limited((level * self.plan.step(c, m, shape, u, v) + 8) >> 4)
        coefficients[0][0] = whole
        half = [points(row) for row in coefficients]
        for x in range(w):
            for y, value in enumerate(points([row[x] for row in half])):
                plane.d[i + y][j + x] = value

    def high(self, number: int = 0) -> Rans:
        """Clause `lossy.high`; of a pass, counted from 0, `lossy.passes`. To be called in order."""
        rans = Rans()
        self.part = BOUNDS[self.plan.passes][number : number + 2]
        for c, blocks in enumerate(self.blocks):
            self.planes[c].profiles.clear()
            for block in blocks:
                if number == 0:
                    self.put_way(rans, c, block)
                    self.put_end(rans, c, block)
                self.put_levels(rans, c, block)
        return rans

    def weights(self, k: int) -> tuple[int, ...]:
        """Row k of the pass's weights: 15, and 3 of lower places."""
        if self.plan.passes == 1:
            return (*table("lossy-level-weights.txt")[15 * k : 15 * k + 15], 0, 0, 0)
        k += 72 if self.part[0] > 1 else 0
        return table("lossy-pass-weights.txt")[18 * k : 18 * k + 18]

    def levels_histogram(self, context: int) -> tuple[int, ...]:
        if self.plan.passes == 1:
            return by_map("level", 17, context)
        context += 8640 if self.part[0] > 1 else 0
        return histogram("level", 17, table("lossy-pass-map.txt")[context])

    def put_way(self, rans: Rans, c: int, block: Block) -> None:
        """Clause `lossy.direction`. In planes: the direction of each square's block."""
        plane = self.planes[c]
        i, j, shape = block
        size = self.size(shape)
        if self.plan.direction is None or size == 3 or plane.number[i][j] == 0:
            return
        way = self.plan.direction(i, j)
        if c == 0:
            left = plane.way[i][j - 1] if j else 0
            top = plane.way[i - 1][j] if i else 0
            rans.symbol(by_map("direction", 17, 51 * left + 3 * top + size), way)
        plane.fill(plane.way, block, way)

    def put_end(self, rans: Rans, c: int, block: Block) -> None:
        """Clause `lossy.end`."""
        plane = self.planes[c]
        i, j, shape = block
        doublings = (WIDTH[shape] * HEIGHT[shape]).bit_length() - 1
        left = mean([plane.end_level[y][x] for y, x in plane.left(block)])
        top = mean([plane.end_level[y][x] for y, x in plane.above(block)])
        at = plane.corner_square(block)
        right = plane.end_level[at[0]][at[1]] if at else top
        if j == 0:
            left = top
        if i == 0:
            top = right = left
        spread = sum(
            abs(plane.d[y][x] - plane.d[y + dy][x + dx])
            for y, x in squares(block)
            for dy, dx in ((0, -1), (-1, 0), (0, 1), (1, 0))
            if plane.has(y + dy, x + dx)
        )
        m = self.level_of_map(c, block)
        corner = sum(abs(level) for level in plane.levels[plane.number[i][j]].values())
        inputs = [
            left + top,
            right,
            self.planes[0].end[i][j] if c > 0 and self.cross else 0,
            self.planes[1].end[i][j] if c > 1 and self.cross else 0,
            abs(plane.r[i][j]).bit_length(),
            (32 * (spread >> doublings) // self.plan.dc_step(c, m, shape)).bit_length(),
            m,
            int(not (i or j)),
            1,
            corner.bit_length(),
        ]
        k = self.size(shape) + (12 + 3 * min(c, 2) if plane.way[i][j] else 4 * min(c, 2))
        context = 32 * k + max(0, min(weigh("end", k, inputs) >> 7, 31))
        end = self.plan.end(c, i, j)
        rans.symbol(by_map("end", 34, context), end)
        plane.fill(plane.end, block, end)
        plane.fill(plane.end_level, block, max(end - 3 * doublings, 0))

    def q(self, plane: Plane, block: Block, x: int, y: int) -> int:
        """Clause `lossy.profile`."""
        if not (0 <= x < 8 and 0 <= y < 8):
            return 0

        def side(at: list[tuple[int, int]]) -> int:
            return mean([plane.profiles[plane.number[i][j]][y][x] for i, j in at])

        left, above = plane.left(block), plane.above(block)
        return side(above or left) + side(left or above)

    def put_levels(self, rans: Rans, c: int, block: Block) -> None:
        """Clause `lossy.level`."""
        plane = self.planes[c]
        i, j, shape = block
        w, h = WIDTH[shape], HEIGHT[shape]
        number = plane.number[i][j]
        m = self.level_of_map(c, block)

        def step_at(u: int, v: int) -> int:
            return self.plan.step(c, m, shape, u, v)

        sides = None if self.plan.explicit is not None else sides_of(plane, block, step_at)
        q = [[self.q(plane, block, x, y) for x in range(-1, 9)] for y in range(-1, 9)]
        high: dict[tuple[int, int], int] = {}
        begin, end = (bound * w * h for bound in self.part)
        seen = {
            at: plane.levels[number][at]
            for at in places(shape)[w * h : begin]
            if at in plane.levels[number]
        }
        row = 12 * min(c, 2) + 4 * min(self.size(shape), 2) + (36 if plane.way[i][j] else 0)
        own_end = plane.end[i][j]
        n = sum(level != 0 for level in seen.values())
        if self.part[1] < 64:
            n += sum(reach >= (self.part[1] - 1) * w * h for reach in END[:own_end])
        first = min(w * h + END[own_end], 64 * w * h) - 1
        for p in range(min(first, end - 1), begin - 1, -1):
            u, v = places(shape)[p]
            e = 0
            for term, input_places in enumerate(AROUND):
                for du, dv in input_places:
                    size = min(abs(high.get((u + du, v + dv), 0)), 255)
                    k = row + self.band(shape, u + du, v + dv) if size else row
                    e += self.weights(k)[term] * size
            for term, input_places in enumerate(LOWER):
                for du, dv in input_places:
                    size = min(abs(seen.get((u + du, v + dv), 0)), 255)
                    k = row + self.band(shape, u + du, v + dv) if size else row
                    e += self.weights(k)[15 + term] * size
            x, y = u // w + 1, v // h + 1
            inputs = [
                min(q[y][x], 255),
                min((q[y][x - 1] + q[y][x + 1] + q[y - 1][x] + q[y + 1][x]) >> 2, 255),
                *self.crossed(c, number, u, v),
                min(n, 63),
                int(p == first),
                1,
            ]
            k = row + self.band(shape, u, v)
            e += sum(a * b for a, b in zip(self.weights(k)[8:15], inputs, strict=True))
            context = 5 * (24 * k + rank("level", max(0, min(e, 4095)))) + min(n.bit_length(), 4)
            level = self.plan.level(c, i, j, p, w * h)
            put_size(rans, self.levels_histogram(context), abs(level))
            if level:
                if sides is None or not sides.has(u, v):
                    rans.raw(1, int(level < 0))
                else:
                    sign_row = 9 + 3 * min(c, 2) + min(self.size(shape), 2)
                    sign_row += 9 if plane.way[i][j] else 0
                    e = max(0, min(e, 4095))
                    put_sign(rans, sign_row, sides.estimate(u, v), step_at(u, v), level, e)
                if sides is not None:
                    sides.known(u, v, coefficient(level, step_at(u, v)))
                high[u, v] = level
                n += 1
        put_lines(plane, block, sides)
        sums = [[0] * 8 for _ in range(8)]
        for (u, v), level in (high | seen).items():
            sums[v // h][u // w] += min(abs(level), 255)
        doublings = (w * h).bit_length() - 1
        plane.profiles.append([[min((4 * total) >> doublings, 255) for total in r] for r in sums])
        plane.levels[number].update(high)

    @staticmethod
    def band(shape: int, u: int, v: int) -> int:
        return sum(limit <= away(shape, u, v) for limit in (80, 320, 1280))


def lossy_group(plan: Plan, width: int, height: int, log2: int = 0) -> Group:
    """All segments of a group; each has the same plan."""
    streams: list[list[bytes]] = [[] for _ in range(1 + plan.passes)]
    for _, _, w, z in rectangles(width, height, log2):
        writer = Writer(plan, w, z)
        streams[0].append(writer.low().bytes())
        for n in range(plan.passes):
            empty = plan.empty_high or n in plan.empty_passes
            streams[1 + n].append(b"" if empty else writer.high(n).bytes())
    return Group(LOSSY, streams, plan.tables(), log2, (plan.passes - 1) << 2)
