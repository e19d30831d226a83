"""Vectors of clause `frame.tolerant`: what is decoded in spite of damage, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.draw import noise, picture
from conformance.author.learned import Filters, lmdl, lrnd, some_taps
from conformance.author.learned_vectors import FULL
from conformance.author.lossy_streams import Writer, lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.vector import Vector

HERE = "frame.tolerant"
SIZE = (41, 35)


def vectors() -> Iterator[Vector]:
    yield from layers()
    yield from chunks()
    yield from compact()
    yield from streams()


def salvage(name: str, data: bytes, why: str, twin: str, *more: str, scale: int = 1) -> Vector:
    """A damaged file of which something is left."""
    return Vector(
        name,
        data,
        (HERE, *more),
        why,
        "salvage",
        stage="chunk" if more else "segment",
        twin=twin,
        scale=scale,
        tolerant=True,
    )


def lost(name: str, data: bytes, clause: str, why: str, twin: str) -> Vector:
    """A file that even a tolerant decoder refuses."""
    return Vector(name, data, (clause, HERE), why, "refuse", "chunk", twin, tolerant=True)


def layers() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=3).file()
    group = lossy_group(drawn(920, base=700), *SIZE)
    head = f.header(*SIZE, shape_bits=FULL)
    layer = lrnd(model, 4, 5)

    def file(before: bytes, between: bytes) -> bytes:
        return f.still(head, f.Frame([group], between=between), before=before)

    broken = f.chunk("zzzz", b"between", check=1)
    yield salvage(
        "learned/tolerant-others",
        file(lmdl(model) + lmdl(b"a second one"), broken + layer + lrnd(model, 7, 7)),
        "the first model and the first layer count, damaged chunks beside them do not",
        "learned/zero",
        "learned.place",
    )
    yield salvage(
        "learned/tolerant-model",
        file(lmdl(model, check=1), layer),
        "a model with a wrong CRC: the base picture",
        "learned/zero",
        "learned.place",
    )
    raw = f.raw_group(noise(5, 3, 3, 8, 9), 8)
    frame = f.Frame([raw], between=lrnd(model, 0, 0))
    yield Vector(
        "learned/bad-raw",
        f.still(f.header(5, 3, shape_bits=FULL), frame, before=lmdl(model)),
        ("learned.place",),
        "a layer of a group in raw mode",
        "refuse",
        "chunk",
        "learned/zero",
    )
    yield Vector(
        "learned/model-between",
        file(b"", lmdl(model) + layer),
        ("learned.place", "learned.layer"),
        "a model behind the frame's head is none: the base picture",
    )


def chunks() -> Iterator[Vector]:
    group = f.raw_group(noise(5, 3, 3, 8, 9), 8)
    head, twin = f.header(5, 3), "container/plain"
    frame = f.Frame([group])
    whole = f.still(head, frame)
    place = whole.index(b"FRAM") + 5
    here = "container.chunk"
    yield lost(
        "frame/tolerant-head",
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        here,
        "a bit of the frame's head is wrong: nothing is left",
        twin,
    )
    yield Vector(
        "frame/tolerant-whole",
        whole,
        (HERE, here),
        "a whole file, decoded tolerantly",
        tolerant=True,
    )
    digit = f.still(head, frame, before=f.chunk("zzz9", b"x"))
    why = "no chunk's type where a chunk is due: its size is not believed"
    yield lost("frame/tolerant-type", digit, here, why, twin)
    yield salvage(
        "frame/tolerant-metadata",
        f.still(head, frame, before=f.chunk("text", f.stored(b"k\0v"), check=1)),
        "metadata with a wrong CRC are skipped",
        twin,
        "container.metadata",
    )


def compact() -> Iterator[Vector]:
    head = f.header(5, 3, f.RGBA, compact=True)
    group = f.raw_group(noise(5, 3, 4, 8, 5), 8)
    yield salvage(
        "container/compact-tolerant",
        f.compact(head, group, check=2),
        "the compact form with a wrong CRC: gray, opaque",
        "container/compact-rgba",
        "container.compact",
    )
    head = f.header(20, 9, compact=True)
    yield salvage(
        "lossy/compact-tolerant",
        f.compact(head, lossy_group(drawn(81), 20, 9), check=2),
        "the same in lossy mode: its low stream is not whole either",
        "lossy/compact",
        "container.compact",
    )


def streams() -> Iterator[Vector]:
    rows = picture(70, 5, lambda x, y: ((x + y) & 1,))
    group = f.raw_group(rows, 1, 6)
    data = f.still(f.header(70, 5, f.GRAY, 1), f.Frame([group], segment_check=1))
    twin = "frame/segments-130x70-6"
    yield salvage("frame/tolerant-bilevel", data, "a lost segment of one bit a sample: 0", twin)
    plan = drawn(120)
    writer = Writer(plan, 20, 12)
    low, high = writer.low().bytes(), writer.high().bytes()
    short = f.Group(f.LOSSY, [[low[:-2]], [high]], plan.tables())
    data = f.still(f.header(20, 12), f.Frame([short]))
    for scale in (1, 8):
        yield salvage(
            f"lossy/tolerant-low-{scale}",
            data,
            f"a low stream whose CRC is right and whose last word is missing, at 1:{scale}: gray",
            "lossy/twin",
            scale=scale,
        )
    short = f.Group(f.LOSSY, [[low], [high[:-2]]], plan.tables())
    yield salvage(
        "lossy/tolerant-high",
        f.still(f.header(20, 12), f.Frame([short])),
        "the same of the high stream: the low frequencies alone",
        "lossy/twin",
    )
