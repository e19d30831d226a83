"""Vectors of chapters 7 and 8 with a partition: blocks of 8x8 to 64x64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Rans, table
from conformance.author.draw import Draw
from conformance.author.lossy import END, HEIGHT, NONE, WIDTH, XYB, YCBCR, Plan, places
from conformance.author.lossy_streams import Writer, lossy_group
from conformance.author.lossy_vectors import drawn, file_of, hash_of
from conformance.author.vector import Vector, refusal, view

CLAUSES = ("lossy.partition", "lossy.shapes", "lossy.segment")
MODEL = ("lossy.dc", "lossy.corner", "lossy.values", "lossy.end", "lossy.profile", "lossy.level")
GRAY: dict[str, Any] = {"components": 1, "transform": NONE}
# what the nodes of each level choose so that all of them become one shape, where they fit
UNIFORM = ((0, 0, 0), (0, 0, 2), (0, 0, 3), (0, 0, 1), (0, 2, 0), (0, 3, 0), (0, 1, 0), (1, 0, 0))


def vectors() -> Iterator[Vector]:
    yield from pictures()
    yield from grids()
    yield from classes()
    yield from extremes()
    yield from rates()
    yield from filtered()
    yield from views()
    yield from cut()
    yield from refused()


def blocks(seed: int, *, levels: int = 3, end: int = 34, **more: Any) -> Plan:
    """A drawn plan with drawn choices; levels other than 0 are rarer at higher places."""

    def choice(level: int, i: int, j: int) -> int:
        return Draw(hash_of(seed, 4, level, i, j)).below(4)

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        draw = Draw(hash_of(seed, 5, c, i, j, p))
        if draw.below(2 + p // n):
            return 0
        return draw.between(-levels, levels)

    given: dict[str, Any] = {"choice": choice, "level": level, **more}
    return drawn(seed, end=end, **given)


def uniform(shape: int) -> Callable[[int, int, int], int]:
    return lambda level, i, j: UNIFORM[shape][level]


def pictures() -> Iterator[Vector]:
    kinds: list[tuple[str, dict[str, Any], str]] = [
        ("xyb", {"transform": XYB}, "colour.xyb"),
        ("xyb-gray", {"transform": XYB, "components": 1}, "colour.xyb"),
        ("ycbcr", {"transform": YCBCR}, "colour.ycbcr"),
        ("none-4", {"transform": NONE, "components": 4}, "colour.none"),
    ]
    for seed, (name, given, clause) in enumerate(kinds):
        whole = Vector(
            f"lossy/blocks-{name}",
            file_of(blocks(300 + seed, base=700, end=24, **given), 75, 66),
            (*CLAUSES, *MODEL, "lossy.blockmap", "lossy.steps", "lossy.scan", clause),
            "a drawn partition, and drawn values of all kinds",
        )
        yield whole
        yield view(whole, "part", "a few samples of it", region=(29, 30, 9, 7))
    yield Vector(
        "lossy/blocks-places",
        file_of(blocks(310, choice=everywhere, end=12, base=900, **GRAY), 256, 256),
        CLAUSES,
        "each choice at each place of a tile",
        scale=4,
    )
    yield Vector(
        "lossy/blocks-above-right",
        file_of(blocks(311, choice=small_ones, end=14, size=40, **GRAY), 128, 136),
        ("lossy.dc", "lossy.end"),
        "blocks whose neighbour above right comes later: a higher square stands in",
        scale=2,
    )
    yield Vector(
        "lossy/blocks-map",
        file_of(blocks(312, choice=large_ones, end=12, size=20, base=2000, **GRAY), 192, 60),
        ("lossy.blockmap", "lossy.steps", "lossy.map"),
        "the mean of the map levels of 16, 4 and 2 cells",
        scale=2,
    )
    yield Vector(
        "lossy/blocks-no-high",
        file_of(blocks(313, base=900, empty_high=True), 72, 40),
        ("lossy.segment", "lossy.corner"),
        "an empty high stream behind corners",
    )
    flat = lossy_group(Plan(choice=uniform(7), empty_high=True), 64, 64)
    yield Vector(
        "lossy/blocks-constant",
        f.compact(f.header(64, 64, compact=True), flat),
        ("container.compact", "lossy.partition"),
        "one block of 64 x 64, nothing but zeros",
    )


def everywhere(level: int, i: int, j: int) -> int:
    """Choices that turn from tile to tile."""
    t = i // 8 * 4 + j // 8
    if level == 0:
        return 0
    if level == 1:
        return (t + 2 * (i // 4 % 2) + j // 4 % 2) % 4
    return (t // 4 + 2 * (i // 2 % 2) + j // 2 % 2) % 4


def small_ones(level: int, i: int, j: int) -> int:
    return 0 if level < 2 and (i + j) % 3 else Draw(hash_of(6, level, i, j)).below(4)


def large_ones(level: int, i: int, j: int) -> int:
    return Draw(hash_of(7, level, i, j)).between(1, 3) if level or j < 8 else 0


def grids() -> Iterator[Vector]:
    pairs = [(k, rows) for k in range(1, 10) for rows in {10 - k, (k + 3) % 9 + 1, 2 * k % 9 + 1}]
    for columns, rows in sorted(pairs):
        w, h = 8 * columns - columns % 8, 8 * rows - 3 * columns % 8
        yield Vector(
            f"lossy/blocks-grid-{columns}x{rows}",
            file_of(blocks(10 * columns + rows, base=600, end=14, **GRAY), w, h),
            ("lossy.low", "lossy.partition", "lossy.blocks"),
            "nodes that do not fit have no choice, squares that do not exist no node",
        )


def classes() -> Iterator[Vector]:
    """Each end class of each shape, over three components."""
    area = ((4, 3), (6, 4), (6, 4), (8, 6), (12, 8), (12, 8), (16, 12), (32, 24))
    for shape, (columns, rows) in enumerate(area):
        numbers: dict[tuple[int, int, int], int] = {}

        def end(c: int, i: int, j: int, numbers: dict[Any, int] = numbers) -> int:
            return numbers.setdefault((c, i, j), len(numbers)) % 34

        def level(c: int, i: int, j: int, p: int, n: int, end: Any = end) -> int:
            last = min(n + END[end(c, i, j)], 64 * n) - 1
            return 1 if p == last or (p >= n and hash_of(8, c, i, j, p) % 97 == 0) else 0

        plan = blocks(330 + shape, base=900, choice=uniform(shape), transform=NONE)
        plan.end, plan.level = end, level
        scale = {7: 4, 6: 2}.get(shape, 1)
        yield Vector(
            f"lossy/blocks-classes-{WIDTH[shape]}x{HEIGHT[shape]}",
            file_of(plan, 8 * columns, 8 * rows),
            ("lossy.end", "lossy.scan", "lossy.high"),
            "each end class, also beyond the places of the block; a level at the last place",
            scale=scale,
        )


def extremes() -> Iterator[Vector]:
    sizes = [0, 1, 7, 8, 11, 12, 15, 16, 31, 32, 63, 64, 95, 96, 127, 128, 255, 256]
    sizes += [511, 512, 1023, 1024, 4095, 4096, 8192, 16383, 16384, 32767]

    def signed(n: int) -> int:
        return sizes[n // 2 % len(sizes)] * (1 - 2 * (n & 1))

    for shape in (3, 7):
        plan = Plan(
            base=30,
            choice=uniform(shape),
            residual=lambda c, i, j: signed(i + 2 * j + 7 * c),
            end=lambda c, i, j: 16,
            level=lambda c, i, j, p, n: signed(p + i + 8 * j + 5 * c),
            **GRAY,
        )
        yield Vector(
            f"lossy/blocks-sizes-{8 * WIDTH[shape]}",
            file_of(plan, 64, 64),
            ("lossy.magnitude", "lossy.corner", "lossy.level", "lossy.dc"),
            "levels of all sizes in corners and beyond",
            scale=2,
        )
    for shape in range(8):
        w, h = WIDTH[shape], HEIGHT[shape]
        side = max(w, h)
        whole = Vector(
            f"lossy/blocks-clamps-{w}x{h}",
            file_of(greatest(shape), 8 * side, 8 * side),
            ("lossy.coefficient", "transform.inverse", "transform.corner", "lossy.profile"),
            "all coefficients at their limits, with the signs that give the greatest sums",
        )
        yield whole
        for scale in (2, 4, 8):
            yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)


def greatest(shape: int) -> Plan:
    """Coefficients at both limits: component 0 all greatest, 1 and 2 as some column has signs."""

    def peak(n: int) -> list[int]:
        """The column of Mn with the greatest sum, but the first."""
        begin = (n * n - 1) // 3
        rows = [table("lossy-dct.txt")[begin + n * k : begin + n * k + n] for k in range(n)]
        x = max(range(1, n), key=lambda x: sum(abs(row[x]) for row in rows))
        return [1 if row[x] > 0 else -1 for row in rows]

    across, down = peak(8 * WIDTH[shape]), peak(8 * HEIGHT[shape])

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        u, v = places(shape)[p]
        size = 32767 if p % 61 == 5 else 127
        return size * (1, across[u] * down[v], -across[u] * down[v])[c]

    return Plan(
        3,
        NONE,
        base=65535,
        choice=uniform(shape),
        map_level=lambda i, j: 12,
        residual=lambda c, i, j: (32767, 32767, -32767)[c],
        end=lambda c, i, j: 33,
        level=level,
    )


def rates() -> Iterator[Vector]:
    """The low streams alone, at 1:8, where larger pictures cost little."""
    for n, base in enumerate((1, 511, 512, 1024, 2048, 4096, 8192, 65535)):
        plan = blocks(360 + n, base=base, size=2, levels=1, empty_high=True, **GRAY)
        drawn_choice = plan.choice
        assert drawn_choice is not None

        def choice(level: int, i: int, j: int, other: Any = drawn_choice) -> int:
            return 0 if (level, i, j) == (0, 0, 0) else int(other(level, i, j))

        plan.choice = choice
        yield Vector(
            f"lossy/blocks-base-{base}",
            file_of(plan, 320, 317),
            ("lossy.partition", "lossy.steps", "transform.corner"),
            "the contexts of choices follow the base step",
            scale=8,
        )


def filtered() -> Iterator[Vector]:
    for transform, name in ((XYB, "xyb"), (YCBCR, "ycbcr")):
        plan = blocks(370 + transform, size=1, levels=1, end=9, base=900, filtered=True)
        plan.transform = transform
        yield Vector(
            f"lossy/blocks-deblock-{name}",
            file_of(plan, 79, 70),
            ("lossy.deblock", "lossy.planes"),
            "edges between blocks of different sizes, none inside of a block",
        )
    plan = blocks(375, size=30, levels=0, end=1, base=65535, filtered=True, **GRAY)
    yield Vector(
        "lossy/blocks-deblock-far",
        file_of(plan, 72, 64),
        ("lossy.deblock",),
        "differences and limits as great as they get",
    )


def views() -> Iterator[Vector]:
    plan = blocks(380, base=300, size=2, levels=2, end=20, filtered=True)
    whole = Vector(
        "lossy/blocks-views",
        file_of(plan, 139, 75, 6),
        ("frame.segments", "lossy.partition"),
        "six segments; the views show parts",
    )
    yield whole
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    yield view(whole, "across", "a region over four segments", region=(58, 60, 20, 8))
    yield view(whole, "across-2", "at 1:2", region=(58, 60, 20, 8), scale=2)
    data = bytearray(whole.data)
    data[-20] ^= 1
    yield Vector(
        "lossy/blocks-salvage",
        bytes(data),
        ("frame.tolerant",),
        "the last high stream is damaged: its segment comes from the low one",
        "salvage",
        stage="segment",
        twin=whole.id,
        tolerant=True,
    )


def cut() -> Iterator[Vector]:
    """The low streams of all segments are whole first, then one high stream after the other."""
    plan = blocks(17, base=900, levels=5, filtered=True, residual=lambda c, i, j: 6 * i - 5 * j)
    whole = Vector(
        "lossy/cut-twin", file_of(plan, 150, 70, 6), (*CLAUSES, "frame.data"), "six segments"
    )
    yield whole
    for percent in (25, 50, 75):
        for scale in (1, 2) if percent == 25 else (1,):
            yield Vector(
                f"lossy/cut-{percent}" + (f"-scale-{scale}" if scale > 1 else ""),
                whole.data[: len(whole.data) * percent // 100],
                ("frame.tolerant", "lossy.segment"),
                f"{percent} % of a file: segments as if their high streams were empty",
                "salvage",
                stage="segment",
                twin=whole.id,
                of=f"lossy/cut-{percent}" if scale > 1 else None,
                scale=scale,
                tolerant=True,
            )


def refused() -> Iterator[Vector]:
    plan = blocks(390, end=10)
    twin = "lossy/blocks-twin"
    whole = Vector(twin, file_of(plan, 36, 33), (*CLAUSES, *MODEL), "the twin of refusals")
    yield whole

    def bad(name: str, clause: str, why: str, stage: str, group: f.Group) -> Vector:
        data = f.still(f.header(36, 33), f.Frame([group]))
        return refusal(f"lossy/blocks-{name}", data, clause, why, twin=twin, stage=stage)

    def with_tables(other: Plan) -> f.Group:
        group = lossy_group(other, 36, 33)
        tables = other.tables()
        group.tables = bytes([tables[0] | 32]) + tables[1:]
        return group

    explicit = drawn(391, transform=YCBCR, explicit=[[9] * 64, None, None])
    why = "a partition with explicit tables"
    yield bad("explicit", "lossy.tables", why, "table", with_tables(explicit))
    sampled = drawn(392, transform=YCBCR, sampling=[3, 0, 0])
    why = "a partition with sampling"
    yield bad("sampled", "lossy.tables", why, "table", with_tables(sampled))
    ones = drawn(393, transform=YCBCR, sampling=[0, 0, 0])
    why = "a partition with sampling factors that are all 1"
    yield bad("sampled-ones", "lossy.tables", why, "table", with_tables(ones))

    def with_streams(low: bytes, high: bytes) -> f.Group:
        return f.Group(f.LOSSY, [[low], [high]], plan.tables())

    writer = Writer(plan, 36, 33)
    low, high = writer.low(), writer.high()
    good = low.bytes(), high.bytes()
    wrong = with_streams(good[0][:-2], good[1])
    yield bad("low-cut", "rans.stream", "the last word is missing", "segment", wrong)
    wrong = with_streams(good[0], good[1] + b"\0\0")
    yield bad("high-behind", "rans.end", "a word too many", "segment", wrong)
    longer = Rans()
    longer.operations = [*low.operations, (1, 0, 3)]
    wrong = with_streams(longer.bytes(), good[1])
    yield bad("low-longer", "rans.end", "an operation too many", "segment", wrong)
