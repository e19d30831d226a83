"""Vectors of chapters 6b, 7 and 8."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Rans
from conformance.author.draw import Draw
from conformance.author.lossy import END, NONE, XYB, YCBCR, Plan
from conformance.author.lossy_streams import Writer, lossy_group
from conformance.author.vector import Vector, refusal, view

CLAUSES = ("lossy.segment", "lossy.blocks", "lossy.low", "lossy.high", "frame.mode")
EVERYWHERE = ("scope.exact", "conventions.numbers", "conventions.tables", "transform.cosines")
MODEL = ("lossy.map", "lossy.dc", "lossy.end", "lossy.level", "lossy.magnitude", "lossy.model")


def vectors() -> Iterator[Vector]:
    yield from pictures()
    yield from extremes()
    yield from sampled()
    yield from curved()
    yield from deep()
    yield from views()
    yield from refused_tables()
    yield from refused_streams()


def drawn(seed: int, *, size: int = 3, end: int = 16, levels: int = 3, **more: Any) -> Plan:
    """A plan whose values are drawn: residuals within size, end classes below end."""
    draws: dict[tuple[object, ...], int] = {}

    def value(low: int, high: int, *key: object) -> int:
        if key not in draws:
            draws[key] = Draw(hash_of(seed, *key)).between(low, high)
        return draws[key]

    def level(c: int, i: int, j: int, p: int, n: int) -> int:
        if p < n:  # a corner
            return value(-levels, levels, 3, c, i, j, p)
        return value(-levels, levels, 3, c, i, j, p) // (1 + p // 5) if n == 1 else 0

    given: dict[str, Any] = {
        "map_level": lambda i, j: value(0, 12, 0, i, j),
        "residual": lambda c, i, j: value(-size, size, 1, c, i, j),
        "end": lambda c, i, j: value(0, end - 1, 2, c, i, j),
        "level": level,
        **more,
    }
    return Plan(**given)


def hash_of(*key: object) -> int:
    """A seed that is unlike those of keys beside it."""
    return int.from_bytes(hashlib.sha256(repr(key).encode("ascii")).digest()[:8], "little")


def file_of(plan: Plan, w: int, h: int, log2: int = 0, **header: Any) -> bytes:
    layout = {1: f.GRAY, 3: f.RGB, 4: f.FOUR}[plan.components]
    head = f.header(w, h, layout, **header)
    return f.still(head, f.Frame([lossy_group(plan, w, h, log2)]))


def pictures() -> Iterator[Vector]:
    more = (*CLAUSES, *MODEL, "lossy.tables", "lossy.steps", "lossy.scan", "rans.stream")
    kinds: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("xyb", {"transform": XYB}, ("colour.xyb", "colour.srgb")),
        ("xyb-gray", {"transform": XYB, "components": 1}, ("colour.xyb", "colour.srgb")),
        ("ycbcr", {"transform": YCBCR}, ("colour.ycbcr",)),
        ("none", {"transform": NONE}, ("colour.none",)),
        ("none-1", {"transform": NONE, "components": 1}, ("colour.none",)),
        ("none-4", {"transform": NONE, "components": 4}, ("colour.none",)),
    ]
    for seed, (name, given, clauses) in enumerate(kinds):
        plan = drawn(seed, base=700, **given)
        yield Vector(
            f"lossy/{name}",
            file_of(plan, 41, 35),
            (*more, *clauses),
            "drawn map levels, residuals, end classes and levels",
        )
    for w, h in ((1, 1), (8, 8), (9, 1), (1, 17), (16, 33)):
        yield Vector(
            f"lossy/size-{w}x{h}",
            file_of(drawn(10 * w + h, base=500), w, h),
            ("lossy.blocks", "lossy.planes"),
            "blocks and cells cut at the edges",
        )
    for seed, base in enumerate((1, 40, 3000, 65535)):
        yield Vector(
            f"lossy/base-{base}",
            file_of(drawn(60 + seed, base=base, levels=2), 24, 17),
            ("lossy.steps", "lossy.tables", "lossy.coefficient"),
            f"base step {base}",
        )
    for transform, name in ((XYB, "xyb"), (YCBCR, "ycbcr")):
        plan = drawn(70 + transform, size=1, levels=1, end=6, base=900, filtered=True)
        plan.transform = transform
        yield Vector(
            f"lossy/deblock-{name}",
            file_of(plan, 45, 38),
            ("lossy.deblock", "lossy.planes"),
            "filtered over vertical edges, then horizontal ones, steps that differ by cell",
        )
    plan = drawn(75, size=60, levels=0, end=1, base=65535, filtered=True)
    yield Vector(
        "lossy/deblock-far",
        file_of(plan, 40, 24),
        ("lossy.deblock",),
        "differences and limits as great as they get",
    )
    plan = drawn(80, size=4, base=300, empty_high=True)
    yield Vector(
        "lossy/no-high",
        file_of(plan, 40, 24),
        ("lossy.segment", "lossy.high"),
        "an empty high stream",
    )
    compact = f.compact(f.header(20, 9, compact=True), lossy_group(drawn(81), 20, 9))
    yield Vector(
        "lossy/compact", compact, ("container.compact", "lossy.segment"), "the compact form"
    )
    yield Vector(
        "lossy/constant",
        f.compact(f.header(16, 16, compact=True), lossy_group(Plan(empty_high=True), 16, 16)),
        ("container.compact", "rans.stream", "lossy.magnitude"),
        "nothing but zeros: middle gray",
    )
    rgb, alpha = (
        lossy_group(drawn(82), 70, 20, 6),
        lossy_group(drawn(83, components=1, transform=NONE), 70, 20),
    )
    yield Vector(
        "lossy/alpha-lossy",
        f.still(f.header(70, 20, f.RGBA), f.Frame([rgb, alpha])),
        ("frame.mode", "frame.group", "frame.data"),
        "alpha lossy too, in one segment; colour in two",
    )
    frames = [f.Frame([lossy_group(drawn(84 + i), 20, 12)], None, 1000) for i in range(2)]
    yield Vector(
        "lossy/animation",
        f.animation(f.header(20, 12, loop=0), frames),
        ("frame.compose", "lossy.segment"),
        "two lossy frames",
    )


def extremes() -> Iterator[Vector]:
    sizes = [0, 1, 7, 8, 11, 12, 15, 16, 31, 32, 63, 64, 95, 96, 127, 128, 255, 256]
    sizes += [511, 512, 1023, 1024, 4095, 4096, 8192, 16383, 16384, 32767]

    def signed(n: int) -> int:
        return sizes[n // 2 % len(sizes)] * (1 - 2 * (n & 1))

    plan = Plan(
        1,
        NONE,
        base=30,
        end=lambda c, i, j: 15,
        level=lambda c, i, j, p, n: signed(63 * j + p),
    )
    yield Vector(
        "lossy/level-sizes",
        file_of(plan, 16, 8),
        ("lossy.magnitude", "lossy.level", "lossy.coefficient"),
        "each token, with its least and greatest raw bits, both signs",
    )
    plan = Plan(1, NONE, base=1, residual=lambda c, i, j: signed(8 * i + j), empty_high=True)
    yield Vector(
        "lossy/residual-sizes",
        file_of(plan, 64, 56),
        ("lossy.magnitude", "lossy.dc", "rans.raw"),
        "residuals of each size and sign, at the finest step",
    )
    plan = Plan(
        3,
        XYB,
        base=65535,
        map_level=lambda i, j: 12,
        residual=lambda c, i, j: (-1) ** (i + j + c) * 32767,
        end=lambda c, i, j: 15,
        level=lambda c, i, j, p, n: (-1) ** (p + i) * 32767,
    )
    yield Vector(
        "lossy/clamps",
        file_of(plan, 24, 24),
        ("lossy.dc", "lossy.coefficient", "transform.inverse", "colour.xyb", *EVERYWHERE),
        "coefficients, samples and colours at their limits",
    )
    for transform, name in ((YCBCR, "ycbcr"), (NONE, "none")):
        plan.transform = transform
        yield Vector(
            f"lossy/clamps-{name}",
            file_of(plan, 16, 16),
            ("lossy.coefficient", f"colour.{name}"),
            "the same with another colour transform",
        )
    levels = [m for pair in zip(range(13), reversed(range(13)), strict=True) for m in pair]
    plan = drawn(90, size=1, levels=1, base=600)
    plan.map_level = lambda i, j: levels[(5 * i + j) % 26]
    yield Vector(
        "lossy/map-levels",
        file_of(plan, 208, 34),
        ("lossy.map", "lossy.steps", "rans.symbol", "rans.histogram"),
        "each map level beside many others",
    )
    plan = drawn(91, size=1, levels=1, base=600)
    plan.end = lambda c, i, j: (i * 6 + j + c) % 16
    yield Vector(
        "lossy/end-classes",
        file_of(plan, 48, 24),
        ("lossy.end", "lossy.scan"),
        "each end class in each component",
    )
    plan = drawn(92, base=600)
    plan.level = lambda c, i, j, p, n: int(p == END[plan.end(c, i, j)])
    yield Vector(
        "lossy/last-level",
        file_of(plan, 32, 24),
        ("lossy.level",),
        "one level, at the last scan position of each block",
    )
    plan = drawn(93, base=600, end=16, levels=0)
    yield Vector(
        "lossy/zero-levels",
        file_of(plan, 32, 24),
        ("lossy.level", "lossy.end"),
        "end classes above 0, and all levels 0",
    )


def sampled() -> Iterator[Vector]:
    draw = Draw(100)
    steps: list[int] = [draw.between(1, 40) for _ in range(64)]
    chroma: list[int] = [draw.between(1, 300) for _ in range(64)]
    chroma[5], chroma[63] = 65535, 127
    jpeg: dict[str, Any] = {
        "transform": YCBCR, "explicit": [steps, chroma, None], "size": 9, "levels": 2, "end": 10,
    }  # fmt: skip
    clauses = ("lossy.sampling", "lossy.explicit", "lossy.planes", "lossy.steps")
    for name, sampling in {
        "420": [3, 0, 0],
        "422": [1, 0, 0],
        "440": [2, 0, 0],
        "mixed": [3, 1, 2],
        "444": [0, 0, 0],
        "444-twos": [3, 3, 3],
    }.items():
        yield Vector(
            f"lossy/jpeg-{name}",
            file_of(drawn(101, sampling=sampling, **jpeg), 39, 21),
            clauses,
            f"explicit tables and sampling {name}, as in JPEG files",
        )
    plan = drawn(102, components=1, transform=NONE, explicit=[steps], levels=2, size=9)
    yield Vector("lossy/jpeg-gray", file_of(plan, 20, 19), ("lossy.explicit",), "gray with a table")
    plan = drawn(103, components=4, transform=NONE, explicit=[steps, None, chroma, None])
    plan.sampling = [3, 0, 0, 3]
    yield Vector(
        "lossy/jpeg-four",
        file_of(plan, 33, 17),
        clauses,
        "four components, two of them at half size, two tables",
    )
    plan = drawn(104, sampling=[3, 0, 0], transform=YCBCR, base=400, filtered=True)
    yield Vector(
        "lossy/420-map",
        file_of(plan, 52, 37),
        ("lossy.sampling", "lossy.blocks", "lossy.deblock"),
        "half-size components with a map: their blocks lie in cells of their own size",
    )
    plan = drawn(105, sampling=[0, 3, 0], transform=XYB, base=400)
    yield Vector(
        "lossy/first-small",
        file_of(plan, 30, 30, 0),
        ("lossy.sampling",),
        "the first component at half size",
    )
    plan = drawn(106, components=4, sampling=[3, 0, 1, 2], transform=NONE, base=900, size=9)
    yield Vector(
        "lossy/sampled-narrow",
        file_of(plan, 4, 7),
        ("lossy.sampling", "lossy.planes"),
        "components of fewer samples in as many blocks as the others, each way to be smaller",
    )


def curved() -> Iterator[Vector]:
    draw = Draw(130)
    knots = [[draw.between(100, 3000) for _ in range(8)] for _ in range(3)]
    knots[1] = [1, 65535, 1, 1024, 1025, 700, 127, 128]
    kinds: dict[str, dict[str, Any]] = {
        "flat": {"transform": YCBCR, "curves": 0},
        "half": {"transform": XYB, "curves": 1},
        "half-none": {"transform": NONE, "components": 4, "curves": 1},
        "knots": {"transform": XYB, "curves": knots},
        "knots-gray": {"transform": NONE, "components": 1, "curves": knots[:1]},
        "knots-420": {"transform": YCBCR, "curves": knots, "sampling": [3, 0, 0]},
    }
    for seed, (name, given) in enumerate(kinds.items()):
        plan = drawn(131 + seed, base=700, levels=2, filtered=True, **given)
        yield Vector(
            f"lossy/curves-{name}",
            file_of(plan, 34, 27),
            ("lossy.curves", "lossy.steps", "lossy.tables"),
            "steps by a curve that the file names or holds",
        )


def deep() -> Iterator[Vector]:
    kinds: list[tuple[str, dict[str, Any], str]] = [
        ("xyb", {"transform": XYB}, "colour.xyb"),
        ("gray", {"transform": XYB, "components": 1}, "colour.xyb"),
        ("ycbcr", {"transform": YCBCR}, "colour.ycbcr"),
        ("none-4", {"transform": NONE, "components": 4}, "colour.none"),
    ]
    for depth in (9, 10, 12):
        for name, given, clause in kinds:
            if depth != 9 or name != "gray":
                plan = drawn(140 + depth, size=5, base=700, **given)
                yield Vector(
                    f"lossy/depth-{depth}-{name}",
                    file_of(plan, 27, 19, depth=depth),
                    (clause, "frame.mode", "colour.srgb"),
                    f"samples of {depth} bits",
                )
    far: dict[str, Any] = {
        "base": 65535,
        "map_level": lambda i, j: 12,
        "residual": lambda c, i, j: (-1) ** (i + j + c) * 32767,
    }
    for name, transform in (("xyb", XYB), ("ycbcr", YCBCR), ("none", NONE)):
        yield Vector(
            f"lossy/depth-12-clamps-{name}",
            file_of(Plan(3, transform, empty_high=True, **far), 24, 24, depth=12),
            (f"colour.{name}",),
            "samples of 12 bits at their limits",
        )
    for depth in (7, 13):
        data = file_of(drawn(150), 20, 12, depth=depth)
        yield refusal(
            f"lossy/depth-{depth}", data, "frame.mode", f"lossy samples of {depth} bits",
            twin="lossy/twin", stage="header", kind="unsupported",
        )  # fmt: skip


def views() -> Iterator[Vector]:
    plan = drawn(110, base=300, size=2, levels=2, filtered=True)
    whole = Vector(
        "lossy/views",
        file_of(plan, 75, 69, 6),
        ("frame.segments", "lossy.segment"),
        "four segments; the views show parts",
    )
    yield whole
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    yield view(whole, "across", "a region over all four segments", region=(50, 60, 20, 8))
    yield view(whole, "across-8", "at 1:8", region=(50, 60, 20, 8), scale=8)
    jpeg = Vector(
        "lossy/views-420",
        file_of(drawn(111, sampling=[3, 0, 0], transform=YCBCR, base=300), 37, 27),
        ("lossy.sampling",),
        "half-size colour; the views show it smaller",
    )
    yield jpeg
    for scale in (2, 4, 8):
        yield view(jpeg, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    data = bytearray(whole.data)
    data[-20] ^= 1
    for scale in (1, 2, 8):
        yield Vector(
            f"lossy/salvage-high-{scale}",
            bytes(data),
            ("frame.tolerant",),
            f"the last high stream is damaged: its segment comes from the low one, at 1:{scale}",
            "salvage",
            stage="segment",
            twin=whole.id,
            of=None if scale == 1 else "lossy/salvage-high-1",
            scale=scale,
            tolerant=True,
        )


def refused_tables() -> Iterator[Vector]:
    def bad(name: str, plan: Plan, tables: bytes, why: str, **more: str) -> Vector:
        given = {"clause": "lossy.tables", "twin": "lossy/twin", "stage": "table", **more}
        layout = {1: f.GRAY, 3: f.RGB, 4: f.FOUR}[plan.components]
        group = lossy_group(plan, 20, 12)
        group.tables = tables
        data = f.still(f.header(20, 12, layout), f.Frame([group]))
        return refusal(f"lossy/{name}", data, why=why, **given)

    plan = drawn(120)
    good = plan.tables()
    yield Vector("lossy/twin", file_of(plan, 20, 12), MODEL, "the twin of refusals")
    yield bad("transform-3", plan, b"\3" + good[1:], "colour transform 3")
    tables = bytes([good[0] | 128]) + good[1:]
    curves = {"clause": "lossy.curves", "twin": "lossy/curves-knots"}
    yield bad("curves-missing", plan, tables, "no curves field", **curves)
    why = "curves of a later version"
    yield bad("curves-3", plan, tables + b"\3", why, kind="unsupported", **curves)
    yield bad("knots-23", plan, tables + b"\2" + b"\7" * 23, "a knot is missing", **curves)
    yield bad("knot-0", plan, tables + b"\2" + b"\7" * 23 + b"\0", "a knot of 0", **curves)
    far = tables + b"\2" + b"\7" * 23 + f.leb(65536)
    yield bad("knot-65536", plan, far, "a knot of 65536", **curves)
    yield bad("no-tables", plan, b"", "no tables")
    yield bad("base-0", plan, b"\0\0", "a base of 0")
    yield bad("base-65536", plan, b"\0" + f.leb(65536), "a base of 65536")
    yield bad("base-long", plan, b"\0" + f.leb(512, 1), "a longer LEB128 field")
    yield bad("base-missing", plan, b"\0", "no base")
    yield bad("base-behind", plan, good + b"\0", "a byte behind the tables")
    four = drawn(120, components=4, transform=NONE)
    tables = bytes([XYB]) + four.tables()[1:]
    yield bad("xyb-4", four, tables, "XYB of four components", twin="lossy/none-4")
    one = drawn(120, components=1, transform=NONE)
    tables = bytes([YCBCR]) + one.tables()[1:]
    yield bad("ycbcr-1", one, tables, "YCbCr of one component", twin="lossy/none-1")
    sampled = drawn(120, sampling=[0, 0, 0], transform=YCBCR)
    tables = sampled.tables()[:1] + b"\4" + sampled.tables()[2:]
    twin = {"twin": "lossy/jpeg-444"}
    yield bad("sampling-4", sampled, tables, "4", clause="lossy.sampling", **twin)
    steps = [9] * 64
    explicit = drawn(120, explicit=[steps, steps, steps])
    twin["clause"] = "lossy.explicit"
    good = explicit.tables()
    why = "the first table is said to be as the one before"
    yield bad("same-first", explicit, good[:1] + b"\1" + good[66:], why, **twin)
    yield bad("same-2", explicit, good[:66] + b"\2" + good[67:], "same is 2", **twin)
    yield bad("step-0", explicit, good[:-1] + b"\0", "a step of 0", **twin)
    yield bad("step-65536", explicit, good[:-1] + f.leb(65536), "a step of 65536", **twin)
    yield bad("steps-63", explicit, good[:-1], "a step is missing", **twin)
    tables = bytes([good[0] | 128]) + good[1:] + b"\0"
    why = "curves with explicit tables"
    yield bad("curves-explicit", explicit, tables, why, twin="lossy/curves-knots")


def refused_streams() -> Iterator[Vector]:
    def bad(name: str, low: bytes, high: bytes, clause: str, why: str) -> Vector:
        group = f.Group(f.LOSSY, [[low], [high]], drawn(120).tables())
        data = f.still(f.header(20, 12), f.Frame([group]))
        return refusal(f"lossy/{name}", data, clause, why, twin="lossy/twin", stage="segment")

    writer = Writer(drawn(120), 20, 12)
    low, high = writer.low(), writer.high()
    good = low.bytes(), high.bytes()
    yield bad("low-empty", b"", good[1], "rans.stream", "an empty low stream")
    short = bad("low-7", good[0][:7], good[1], "rans.stream", "seven bytes")
    short.clauses += ("lossy.segment",)
    yield short
    yield bad("high-7", good[0], good[1][:7], "rans.stream", "seven bytes of the high stream")
    yield bad("low-cut", good[0][:-2], good[1], "rans.stream", "the last word is missing")
    yield bad("high-odd", good[0], good[1][:-1], "rans.stream", "half a word is missing")
    yield bad("high-behind", good[0], good[1] + b"\0\0", "rans.end", "a word too many")
    yield bad("low-behind", good[0] + b"\0", good[1], "rans.end", "a byte too many")
    wrong = low.bytes((65537, 65536))
    yield bad("state-x", wrong, good[1], "rans.end", "the first state ends elsewhere")
    wrong = high.bytes((65536, 65539))
    yield bad("state-y", good[0], wrong, "rans.end", "the second state ends elsewhere")
    longer = Rans()
    longer.operations = [*low.operations, (1, 0, 3)]
    yield bad("low-longer", longer.bytes(), good[1], "rans.end", "an operation too many")
