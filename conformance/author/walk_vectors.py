"""Vectors of what decoders pass, judge and leave unjudged on their way to the samples."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.damage_vectors import HERE, SIZE, lost, salvage
from conformance.author.draw import noise, picture
from conformance.author.learned import Filters, lmdl, lrnd, some_taps
from conformance.author.learned_vectors import FULL
from conformance.author.lossy import Plan
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.overlay_vectors import base, overlay, pixel_lzw
from conformance.author.vector import Vector, refusal, view


def vectors() -> Iterator[Vector]:
    yield from before_frame()
    yield from before_segments()
    yield from layers()
    yield from judged()
    yield from scaled()


def before_frame() -> Iterator[Vector]:
    group = f.raw_group(noise(5, 3, 3, 8, 9), 8)
    head, frame, twin = f.header(5, 3), f.Frame([group]), "frame/tolerant-whole"
    order, chunk = "container.order", "container.chunk"
    end = f.chunk("DEND")
    fram, segs = f.chunk("FRAM", frame.head()), f.chunk("SEGS", frame.segments())
    for name, first in (("segs", segs), ("dend", end)):
        why = f"{name.upper()} before FRAM, decoded tolerantly"
        yield lost(
            f"frame/tolerant-{name}-first", head + first + fram + segs + end, order, why, twin
        )
    critical = f.still(head, frame, before=f.chunk("ZZZZ", b"x"))
    yield Vector(
        "frame/tolerant-critical",
        critical,
        (chunk, HERE),
        "an unknown critical chunk before FRAM, decoded tolerantly",
        "unsupported",
        "chunk",
        twin,
        tolerant=True,
    )
    index = f.still(head, frame, before=f.chunk("indx", b"\0"))
    why = "an index, which is none, in a still picture"
    yield salvage("frame/tolerant-index", index, why, twin, order)
    last = f.still(head, f.Frame([group], last=False))
    yield lost("frame/tolerant-last", last, "frame.head", "one frame that is not the last", twin)
    group = f.raw_group(noise(5, 3, 3, 8, 9), 8)
    group.tables = b"\0"
    tables = f.still(head, f.Frame([group]))
    yield lost("frame/tolerant-tables", tables, "frame.raw", "tables of a raw group", twin)


def before_segments() -> Iterator[Vector]:
    group = f.raw_group(noise(5, 3, 3, 8, 9), 8)
    head, twin = f.header(5, 3), "container/plain"
    whole = f.still(head, f.Frame([group]))
    for name, kind, why in (
        ("ancillary", b"sEGS", "an ancillary chunk of the very size, its CRC wrong, is SEGS"),
        ("critical", b"SEGT", "an unknown critical chunk where SEGS is due is taken for it"),
        ("digit", b"SE\7S", "no type at all where SEGS is due is taken for it"),
        ("small", b"sE\7S", "the same, with a small first letter"),
    ):
        data = whole.replace(b"SEGS", kind)
        yield salvage(f"frame/tolerant-segs-{name}", data, why, twin, "container.chunk")
    longer = whole.replace(b"SEGS" + f.leb(49), b"sEGS" + f.leb(100))
    why = "an ancillary chunk that ends beyond the file is SEGS"
    yield salvage("frame/tolerant-segs-longer", longer, why, twin, "container.chunk")
    for name, between, why in (
        ("text", f.chunk("text", f.stored(b"k\0v")), "text between FRAM and SEGS is passed"),
        ("same", f.chunk("zzzz", bytes(49)), "so is a whole chunk of the size of SEGS"),
        ("mixed", f.chunk("zZzz", b"x"), "so is one with a capital behind the first letter"),
        ("end", f.chunk("DEND"), "DEND is taken for SEGS, whose streams then are not whole"),
    ):
        data = f.still(head, f.Frame([group], between=between))
        yield salvage(f"frame/tolerant-between-{name}", data, why, twin, "container.order")

    rows = picture(150, 5, lambda x, y: ((7 * x + 5 * y) & 255,))
    data = f.still(f.header(150, 5, f.GRAY), f.Frame([f.raw_group(rows, 8, 6)], segment_check=1))
    part = salvage(
        "frame/tolerant-part",
        data,
        "a region across a whole segment and a lost one",
        "frame/segments-130x70-6",
        "frame.region",
    )
    part.region = (100, 1, 45, 3)
    yield part


def layered(plan: Plan, size: tuple[int, int], before: bytes, between: bytes) -> bytes:
    frame = f.Frame([lossy_group(plan, *size)], between=between)
    return f.still(f.header(*size, shape_bits=FULL), frame, before=before)


def layers() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=3).file()
    layer, place = lrnd(model, 4, 5), "learned.place"
    plan = drawn(920, base=700)
    yield salvage(
        "learned/tolerant-first-model",
        layered(plan, SIZE, lmdl(model, check=1) + lmdl(model), layer),
        "a model with a wrong CRC is the first all the same: the base picture",
        "learned/zero",
        place,
    )
    yield salvage(
        "learned/tolerant-first-layer",
        layered(plan, SIZE, lmdl(model), lrnd(model, 4, 5, check=1) + layer),
        "so is a layer",
        "learned/zero",
        place,
    )
    plan = drawn(921, base=700, end=20, passes=3)
    second = lossy_group(plan, *SIZE).streams[2][0]
    data = layered(plan, SIZE, lmdl(model), layer)
    assert data.count(second) == 1
    yield salvage(
        "learned/tolerant-pass",
        data.replace(second, bytes([second[0] ^ 1]) + second[1:]),
        "a segment whose second pass is damaged has no layer",
        "learned/zero",
        place,
    )


def judged() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=3).file()
    broken = Filters(taps=some_taps(), seed=4, rate_count=17).file()
    plan, place = drawn(922, base=700), "learned.place"
    twin = "learned/zero"
    yield refusal(
        "learned/bad-other-model",
        layered(plan, SIZE, lmdl(broken), lrnd(model, 4, 5)),
        "learned.filters",
        "a damaged model in the file, which the frame does not name",
        twin=twin,
        stage="chunk",
    )
    yield refusal(
        "learned/bad-without-model",
        layered(plan, SIZE, b"", lrnd(model, bits=128)),
        "learned.layer",
        "a damaged layer, whose model is nowhere",
        twin=twin,
        stage="chunk",
    )
    bad = layered(plan, SIZE, lmdl(b"no model"), lrnd(model, bits=128))
    yield Vector(
        "learned/unjudged-half",
        bad,
        (place, "frame.scale"),
        "neither a layer nor a model is judged at a smaller scale",
        scale=2,
    )
    yield Vector(
        "learned/unjudged-model",
        layered(plan, SIZE, lmdl(b"no model"), b""),
        (place, "learned.model"),
        "nor is a model where no frame has a layer",
    )


def scaled() -> Iterator[Vector]:
    model = Filters(taps=some_taps(), seed=5).file()
    plan = predicted(923, base=700, end=20, size=1, filtered=True)
    whole = Vector(
        "learned/directions",
        layered(plan, SIZE, lmdl(model), lrnd(model, 4, 5)),
        ("learned.place", "lossy.planes", "lossy.direction"),
        "a layer of predicted blocks",
    )
    yield whole
    for name, scale in (("half", 2), ("quarter", 4)):
        why = "planes made of those of scale 1, without the layer"
        yield view(whole, name, why, scale=scale)
    size = (150, 80)
    frame = f.Frame([base(924, size)], overlay=overlay(pixel_lzw(), size, [0, 1], 6))
    pieces = Vector(
        "frame/overlay-pieces",
        f.still(f.header(*size), frame),
        ("frame.overlay", "frame.segments"),
        "an overlay in segments of a cell each",
    )
    yield pieces
    for name, scale in (("half", 2), ("eighth", 8)):
        yield view(pieces, name, "segments of an overlay that do not begin at 0", scale=scale)
    part = view(pieces, "part", "a region of it at 1:2", region=(60, 30, 77, 45), scale=2)
    part.clauses += ("frame.overlay",)
    yield part
