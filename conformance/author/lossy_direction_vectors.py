"""Vectors of chapter 8 with directions: blocks predicted from the samples around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Rans
from conformance.author.draw import Draw
from conformance.author.lossy import HEIGHT, NONE, WIDTH, XYB, YCBCR, Plan
from conformance.author.lossy_block_vectors import GRAY, blocks, everywhere, uniform
from conformance.author.lossy_streams import Writer, lossy_group
from conformance.author.lossy_vectors import file_of, hash_of
from conformance.author.vector import Vector, refusal, view

CLAUSES = ("lossy.direction", "lossy.edge", "lossy.predict")
SYMBOLS = ("lossy.direction", "lossy.end", "lossy.level")


def vectors() -> Iterator[Vector]:
    yield from shapes()
    yield from pictures()
    yield from sides()
    yield from symbols()
    yield from extremes()
    yield from views()
    yield from refused()


def predicted(seed: int, **more: Any) -> Plan:
    """A drawn plan with drawn directions: one in five is 0, the others are all alike."""

    def direction(i: int, j: int) -> int:
        draw = Draw(hash_of(seed, 6, i, j))
        return draw.between(1, 16) if draw.below(5) else 0

    def choice(level: int, i: int, j: int) -> int:
        """Few blocks of 64 x 64, which are not predicted."""
        draw = Draw(hash_of(seed, 4, level, i, j))
        return draw.below(4) if level else int(draw.below(5) == 0)

    given: dict[str, Any] = {"choice": choice, "direction": direction, "base": 900, **more}
    return blocks(seed, **given)


def in_turn(first: int, step: int = 1) -> Callable[[int, int], int]:
    """Directions 1..16 in turn, by the order in which blocks ask."""
    numbers: dict[tuple[int, int], int] = {}

    def direction(i: int, j: int) -> int:
        return 1 + (first + step * numbers.setdefault((i, j), len(numbers))) % 16

    return direction


def shapes() -> Iterator[Vector]:
    """Each direction of each shape."""
    area = ((72, 41), (80, 40), (40, 80), (96, 80), (160, 80), (80, 160), (96, 96))
    for shape, (w, h) in enumerate(area):
        for part in (0, 1) if shape == 6 else (0,):
            plan = predicted(400 + 10 * shape + part, end=20, choice=uniform(shape), **GRAY)
            plan.direction = in_turn(8 * part)
            yield Vector(
                f"lossy/directions-{WIDTH[shape]}x{HEIGHT[shape]}{('', '-b')[part]}",
                file_of(plan, w, h),
                (*CLAUSES, "lossy.planes"),
                "each direction in turn, of blocks of one shape",
            )


def pictures() -> Iterator[Vector]:
    kinds: list[tuple[str, dict[str, Any], str]] = [
        ("xyb", {"transform": XYB}, "colour.xyb"),
        ("xyb-gray", {"transform": XYB, "components": 1}, "colour.xyb"),
        ("ycbcr", {"transform": YCBCR}, "colour.ycbcr"),
        ("none-4", {"transform": NONE, "components": 4}, "colour.none"),
    ]
    for seed, (name, given, clause) in enumerate(kinds):
        yield Vector(
            f"lossy/directions-{name}",
            file_of(predicted(500 + seed, end=24, size=2, **given), 75, 62),
            (*CLAUSES, *SYMBOLS, clause),
            "a drawn partition, drawn directions, the same ones in all components",
        )
    for seed, (w, h) in enumerate(((136, 72), (72, 136))):
        for filtered in (False, True):
            plan = predicted(510 + seed, end=14, filtered=filtered, **GRAY)
            yield Vector(
                f"lossy/directions-{w}x{h}{'-filtered' * filtered}",
                file_of(plan, w, h),
                (*CLAUSES, "lossy.deblock", "lossy.planes"),
                "several tiles: squares above right and below left that are known, or come later; "
                "edges come before the filter",
            )
    plan = predicted(520, choice=everywhere, end=8, size=2, **GRAY)
    whole = Vector(
        "lossy/directions-places",
        file_of(plan, 192, 192),
        CLAUSES,
        "each choice at many places of a tile",
        scale=4,
    )
    yield whole
    yield view(whole, "part", "a few samples of it", region=(60, 50, 70, 90))


def sides() -> Iterator[Vector]:
    """Blocks in the first row and column."""
    for shape in range(4):
        for across in (True, False):
            plan = predicted(530 + shape, end=16, choice=uniform(shape), **GRAY)
            plan.direction = in_turn(0)
            w, h = 8 * WIDTH[shape], 8 * HEIGHT[shape]
            size = (17 * w, h) if across else (w, 17 * h)
            yield Vector(
                f"lossy/directions-{('column', 'row')[across]}-{WIDTH[shape]}x{HEIGHT[shape]}",
                file_of(plan, *size),
                ("lossy.edge", "lossy.direction"),
                f"no sample {('to the left', 'above')[across]}: a value stands in for all of them",
            )
    for w, h in ((9, 1), (1, 9), (12, 12), (17, 25)):
        yield Vector(
            f"lossy/directions-size-{w}x{h}",
            file_of(predicted(540 + w, direction=in_turn(w, 5), **GRAY), w, h),
            ("lossy.edge", "lossy.planes"),
            "edges beyond the picture, inside of its squares",
        )


def symbols() -> Iterator[Vector]:
    def pairs(i: int, j: int) -> int:
        return (i * (i + 1) // 2 + j) % 17

    for shape, scale in ((0, 1), (1, 4), (4, 4)):
        wide, high = WIDTH[shape], HEIGHT[shape]

        def direction(i: int, j: int, wide: int = wide, high: int = high) -> int:
            return pairs(i // high, j // wide)

        plan = predicted(550 + shape, end=1, size=1, base=300, choice=uniform(shape), **GRAY)
        plan.direction = direction
        yield Vector(
            f"lossy/directions-contexts-{wide}x{high}",
            file_of(plan, 144 * wide - 7, 144 * high - 7),
            ("lossy.direction",),
            "each direction to the left beside each one above",
            scale=scale,
        )
    for name, end in (("end-0", 1), ("end-all", 34)):
        plan = predicted(560, end=end, size=5, transform=YCBCR)
        yield Vector(
            f"lossy/directions-{name}",
            file_of(plan, 80, 48),
            (*SYMBOLS, "lossy.predict"),
            "predicted blocks of end class 0 (the prediction alone)"
            if end == 1
            else "predicted blocks of each end class",
        )
    plan = predicted(561, direction=lambda i, j: 0, transform=YCBCR)
    whole = Vector(
        "lossy/directions-none",
        file_of(plan, 40, 40),
        ("lossy.tables", "lossy.direction", "lossy.planes"),
        "all directions 0: at smaller scales the mean of samples all the same",
    )
    yield whole
    yield view(whole, "scale-2", "at 1:2", scale=2)
    plan = predicted(562, empty_high=True, size=9)
    whole = Vector(
        "lossy/directions-no-high",
        file_of(plan, 72, 40),
        ("lossy.segment", "lossy.planes"),
        "an empty high stream: all directions are 0",
    )
    yield whole
    for scale in (2, 4):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    plan = predicted(563, choice=uniform(0), transform=XYB, components=1)
    yield Vector(
        "lossy/directions-compact",
        f.compact(f.header(24, 16, f.GRAY, compact=True), lossy_group(plan, 24, 16)),
        ("container.compact", *CLAUSES),
        "the compact form",
    )


def extremes() -> Iterator[Vector]:
    for shape in (0, 3, 5):
        plan = predicted(570 + shape, end=34, base=65535, choice=uniform(shape), **GRAY)
        plan.map_level = lambda i, j: 12
        plan.residual, plan.level = large(570 + shape, 1), large(580 + shape, 3)
        plan.direction = in_turn(3, 5)
        yield Vector(
            f"lossy/directions-clamps-{WIDTH[shape]}x{HEIGHT[shape]}",
            file_of(plan, 64, 96),
            ("lossy.predict", "transform.inverse"),
            "samples, corners and sums at their limits",
        )
    plan = predicted(590, end=1, base=65535, choice=uniform(3))
    plan.map_level = lambda i, j: 12
    plan.residual = large(591, 1)
    yield Vector(
        "lossy/directions-far",
        file_of(plan, 80, 80),
        ("lossy.predict",),
        "predictions as far from the corners as they get",
    )


def large(seed: int, rare: int) -> Callable[..., int]:
    """Drawn numbers of all sizes; one of `rare` is not 0."""

    def value(*key: int) -> int:
        draw = Draw(hash_of(seed, *key))
        if draw.below(rare):
            return 0
        return draw.between(-1, 1) * draw.below(1 << draw.between(1, 12))

    return value


def views() -> Iterator[Vector]:
    plan = predicted(600, base=500, size=2, levels=2, end=20, filtered=True, transform=XYB)
    whole = Vector(
        "lossy/directions-views",
        file_of(plan, 139, 75, 6),
        ("frame.segments", "lossy.edge", "lossy.deblock"),
        "six segments, each predicted by itself; the views show parts",
    )
    yield whole
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    yield view(whole, "across", "a region over four segments", region=(58, 60, 20, 8))
    yield view(whole, "across-2", "at 1:2", region=(58, 60, 20, 8), scale=2)
    data = bytearray(whole.data)
    data[-20] ^= 1
    yield Vector(
        "lossy/directions-salvage",
        bytes(data),
        ("frame.tolerant",),
        "the last high stream is damaged: its segment comes from the low one",
        "salvage",
        stage="segment",
        twin=whole.id,
        tolerant=True,
    )
    plan = predicted(601, base=1500, size=2, end=9, transform=YCBCR)
    for filtered in (False, True):
        plan.filtered = filtered
        whole = Vector(
            f"lossy/directions-smaller{'-filtered' * filtered}",
            file_of(plan, 43, 37),
            (*CLAUSES, "lossy.planes"),
            "smaller views are means of samples" + ", filtered ones" * filtered,
        )
        yield whole
        for scale in (2, 4, 8):
            yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)


def refused() -> Iterator[Vector]:
    plan = predicted(610, end=10)
    twin = "lossy/directions-twin"
    yield Vector(twin, file_of(plan, 36, 33), SYMBOLS, "the twin of refusals")

    def bad(name: str, clause: str, why: str, group: f.Group, **more: str) -> Vector:
        data = f.still(f.header(36, 33), f.Frame([group]))
        given = {"twin": twin, "stage": "table", **more}
        return refusal(f"lossy/directions-{name}", data, clause, why, **given)

    def with_flags(flags: int) -> f.Group:
        group = lossy_group(blocks(611, choice=None, end=9), 36, 33)
        group.tables = bytes([group.tables[0] | flags]) + group.tables[1:]
        return group

    here = "lossy.tables"
    yield bad("alone", here, "directions without a partition", with_flags(64))
    explicit = blocks(612, choice=None, transform=YCBCR, explicit=[[9] * 64, None, None])
    for flags, why in ((64, "explicit tables, no partition"), (96, "explicit tables")):
        group = lossy_group(explicit, 36, 33)
        group.tables = bytes([group.tables[0] | flags]) + group.tables[1:]
        yield bad(f"explicit-{flags}", here, f"directions with {why}", group)

    writer = Writer(plan, 36, 33)
    low, high = writer.low(), writer.high()

    def with_high(stream: bytes) -> f.Group:
        return f.Group(f.LOSSY, [[low.bytes()], [stream]], plan.tables())

    wrong = with_high(high.bytes()[:-2])
    yield bad("high-cut", "rans.stream", "the last word is missing", wrong, stage="segment")
    longer = Rans()
    longer.operations = [*high.operations, (1, 0, 3)]
    wrong = with_high(longer.bytes())
    yield bad("high-longer", "rans.end", "an operation too many", wrong, stage="segment")
    other = Writer(predicted(610, end=10, direction=None), 36, 33)
    other.low()
    wrong = with_high(other.high().bytes())
    yield bad("not-coded", "rans.end", "a high stream without directions", wrong, stage="segment")
