"""Vectors of the passes of chapter 8, and of files of them that are cut or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Rans
from conformance.author.lossy import NONE, XYB, YCBCR
from conformance.author.lossy_block_vectors import GRAY, blocks, uniform
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_streams import Writer, lossy_group
from conformance.author.lossy_vectors import drawn, file_of
from conformance.author.vector import Vector, refusal, view

CLAUSES = ("lossy.passes", "lossy.high", "frame.mode")
SYMBOLS = ("lossy.level", "lossy.borders", "lossy.profile")


def vectors() -> Iterator[Vector]:
    yield from pictures()
    yield from shapes()
    yield from streams()
    yield from salvaged()
    yield from refused()


def pictures() -> Iterator[Vector]:
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("xyb", {"transform": XYB}),
        ("ycbcr", {"transform": YCBCR}),
        ("none-4", {"transform": NONE, "components": 4}),
    ]
    for seed, (name, given) in enumerate(kinds):
        for passes in (2, 3):
            plan = predicted(700 + seed, end=24, size=2, levels=4, passes=passes, **given)
            yield Vector(
                f"lossy/passes-{passes}-{name}",
                file_of(plan, 75, 62),
                (*CLAUSES, *SYMBOLS),
                "a drawn partition, drawn directions",
            )
    plan = drawn(710, transform=YCBCR, explicit=[[9] * 64, [17] * 64, None], end=20, passes=3)
    yield Vector(
        "lossy/passes-explicit",
        file_of(plan, 41, 35),
        (*CLAUSES, "lossy.level"),
        "explicit tables: no borders",
    )
    plan = drawn(711, transform=YCBCR, sampling=[3, 0, 0], base=700, end=20, passes=2)
    yield Vector(
        "lossy/passes-sampled",
        file_of(plan, 41, 35),
        (*CLAUSES, *SYMBOLS),
        "components of different sizes",
    )


def shapes() -> Iterator[Vector]:
    """Levels everywhere, so that the later passes have many of earlier ones around."""
    for shape, (w, h) in ((0, (33, 25)), (3, (48, 33)), (7, (128, 64))):
        for passes in (2, 3):
            plan = blocks(720 + shape, end=34, levels=9, passes=passes, **GRAY)
            plan.choice = uniform(shape)
            plan.level = lambda c, i, j, p, n: (p * (p + 3 * i + 5 * j) + 7 * p) % 13 // 4 - 1
            yield Vector(
                f"lossy/passes-{passes}-shape-{shape}",
                file_of(plan, w, h),
                (*CLAUSES, *SYMBOLS),
                "end classes up to the last, levels of all sizes in every pass",
            )
    far = blocks(730, base=65535, end=34, passes=3, map_level=lambda i, j: 12, **GRAY)
    far.choice = uniform(5)
    far.level = lambda c, i, j, p, n: (-1) ** (p + i) * 32767
    yield Vector(
        "lossy/passes-far",
        file_of(far, 64, 64),
        (*CLAUSES, *SYMBOLS),
        "levels and steps as great as they get",
    )


def streams() -> Iterator[Vector]:
    """Which streams there are, and in which order."""
    for empty in ((0, 1), (1,), (1, 2)):
        plan = blocks(740, end=30, levels=4, passes=3, empty_passes=empty)
        yield Vector(
            f"lossy/passes-empty-{'-'.join(str(n + 1) for n in empty)}",
            file_of(plan, 72, 40),
            (*CLAUSES, "lossy.segment"),
            f"empty passes: {', '.join(str(n + 1) for n in empty)}",
        )
    colour = lossy_group(blocks(750, end=12, passes=2), 70, 66, 6)
    for passes in (1, 3):
        alpha = lossy_group(blocks(751, end=12, passes=passes, **GRAY), 70, 66)
        whole = Vector(
            f"lossy/passes-2-and-{passes}",
            f.still(f.header(70, 66, f.RGBA), f.Frame([colour, alpha])),
            (*CLAUSES, "frame.data", "frame.head", "frame.group"),
            f"colour in 2 passes and four segments, alpha in {passes} and one",
        )
        yield whole
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}", scale=scale)
    yield view(whole, "part", "the samples of two segments", region=(50, 3, 20, 30))


def salvaged() -> Iterator[Vector]:
    """Each pass of all segments is whole before the next begins."""
    plan = predicted(760, levels=5, end=24, filtered=True, passes=3)
    plan.residual = lambda c, i, j: 6 * i - 5 * j
    group = lossy_group(plan, 150, 70, 6)
    whole = Vector(
        "lossy/passes-twin",
        f.still(f.header(150, 70), f.Frame([group])),
        (*CLAUSES, *SYMBOLS, "frame.data"),
        "six segments of 3 passes",
    )
    yield whole

    def salvage(name: str, data: bytes, why: str, scale: int = 1) -> Vector:
        return Vector(
            f"lossy/passes-{name}" + (f"-scale-{scale}" if scale > 1 else ""),
            data,
            ("frame.tolerant", "lossy.passes"),
            why,
            "salvage",
            stage="segment",
            twin=whole.id,
            of=f"lossy/passes-{name}" if scale > 1 else None,
            scale=scale,
            tolerant=True,
        )

    for percent in (10, 25, 50, 75, 90):
        data = whole.data[: len(whole.data) * percent // 100]
        why = f"{percent} % of a file: the passes before the first that is not whole"
        for scale in (1, 2, 8) if percent == 50 else (1,):
            yield salvage(f"cut-{percent}", data, why, scale)
    first, second, third = (group.streams[n][0] for n in (1, 2, 3))
    at = whole.data.index(second)
    data = whole.data[:at] + bytes([whole.data[at] ^ 1]) + whole.data[at + 1 :]
    yield salvage("damaged", data, "the CRC of a second pass: the third is left out too")

    def with_streams(*high: bytes) -> bytes:
        changed = [list(streams) for streams in group.streams]
        for n, stream in enumerate(high):
            changed[1 + n][0] = stream
        made = f.Group(f.LOSSY, changed, group.tables, 6, group.coding_bits)
        return f.still(f.header(150, 70), f.Frame([made]))

    bad = {
        "bad-1": (first + b"\0\0", second, third),
        "bad-2": (first, second + b"\0\0", third),
        "bad-3": (first, second, third[:-2]),
        "bad-2-and-3": (first, second[:7], third + b"\0\0"),
    }
    for name, high in bad.items():
        yield salvage(name, with_streams(*high), "a right CRC, but no stream that can be decoded")


def refused() -> Iterator[Vector]:
    plan = blocks(770, end=20, levels=4, passes=2)
    twin = "lossy/passes-refused-twin"
    yield Vector(twin, file_of(plan, 36, 33), CLAUSES, "the twin of refusals")
    writer = Writer(plan, 36, 33)
    low, first, second = writer.low(), writer.high(0), writer.high(1)

    def bad(name: str, clause: str, why: str, stage: str, group: f.Group) -> Vector:
        data = f.still(f.header(36, 33), f.Frame([group]))
        return refusal(f"lossy/passes-{name}", data, clause, why, twin=twin, stage=stage)

    def with_streams(*streams: bytes, passes: int = 2) -> f.Group:
        listed = [[stream] for stream in streams]
        return f.Group(f.LOSSY, listed, plan.tables(), coding_bits=(passes - 1) << 2)

    good = low.bytes(), first.bytes(), second.bytes()
    four = with_streams(*good, b"", b"", passes=4)
    yield bad("four", "frame.group", "4 passes", "header", four)
    wrong = with_streams(good[0], good[1], good[2][:7])
    yield bad("short", "rans.stream", "a second pass of 7 bytes", "segment", wrong)
    wrong = with_streams(good[0], good[1] + b"\0\0", good[2])
    yield bad("first-behind", "rans.end", "a word too many in the first pass", "segment", wrong)
    wrong = with_streams(good[0], good[1], good[2][:-2])
    yield bad("second-cut", "rans.stream", "the second pass ends early", "segment", wrong)
    longer = Rans()
    longer.operations = [*second.operations, (1, 0, 3)]
    wrong = with_streams(good[0], good[1], longer.bytes())
    yield bad("second-longer", "rans.end", "an operation too many", "segment", wrong)
    wrong = with_streams(good[0], b"", good[2])
    yield bad(
        "unread", "rans.end", "a second pass of blocks without an end class", "segment", wrong
    )
    data = f.compact(f.header(36, 33, compact=True), with_streams(*good[:2], b""))
    why = "two passes in the compact form"
    near = "lossy/compact"
    yield refusal("lossy/passes-compact", data, "container.compact", why, twin=near, stage="header")
