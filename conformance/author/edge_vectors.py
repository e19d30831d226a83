"""Vectors at edges that mutants of the reference decoder showed to be unmet."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits
from conformance.author.container_vectors import small
from conformance.author.damage_vectors import salvage
from conformance.author.draw import noise
from conformance.author.frame_vectors import moving, part
from conformance.author.lossless import (
    N,
    Prediction,
    Residuals,
    Tokens,
    W,
    both,
    lossless_group,
)
from conformance.author.lossless_files import file_of, gray_lzw, mixed_tables
from conformance.author.lossy import YCBCR
from conformance.author.lossy_block_vectors import GRAY, blocks, uniform
from conformance.author.lossy_direction_vectors import predicted
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.lossy_vectors import file_of as lossy_file
from conformance.author.prediction_files import SMALL, made, plain
from conformance.author.vector import Vector, refusal, view

CORNER = 951  # a seed found by trying


def vectors() -> Iterator[Vector]:
    yield from container()
    yield from cells()
    yield from codes()
    yield from lossy()
    yield from heads()
    yield from damaged()
    yield from compact()
    yield from numbers()


def container() -> Iterator[Vector]:
    head, frame = small()

    def bad(name: str, data: bytes, clause: str, why: str, **more: str) -> Vector:
        given = {"twin": "container/plain", "stage": "header", **more}
        return refusal(f"container/{name}", data, clause, why, **given)

    open_end = f.header(5, 3, width_field=b"\x85" + b"\x80" * 8)
    yield bad(
        "leb-nine-open",
        f.still(open_end, frame),
        "container.header",
        "nine bytes that each say that another follows, then the height",
    )
    given = {"twin": "container/metadata-stored", "stage": "chunk"}
    here = "container.metadata"
    dpi = f.chunk("dpis", f.u32(1) + f.u32(2) + f.u32(3))
    yield bad("dpi-12", f.still(head, frame, dpi), here, "dpis of 12 bytes", **given)
    yield Vector(
        "container/dpi-1",
        f.still(head, frame, f.chunk("dpis", f.u32(1) + f.u32((1 << 32) - 1))),
        (here,),
        "the least and the greatest resolution",
    )
    given["twin"] = "container/metadata-deflate"
    most = bytes(1 << 24)
    yield Vector(
        "container/metadata-16-mebibytes",
        f.still(head, frame, f.chunk("iccp", f.deflated(most))),
        (here, "conventions.refusals"),
        "the longest ICC profile, 16 MiB of zeros in 16 KB",
        "may",
    )
    data = f.still(head, frame, f.chunk("iccp", f.deflated(most + b"\0")))
    yield bad("deflate-2-24", data, here, "a byte more than 2^24, and they are there", **given)
    frames = [part(None, 11), part(None, 12)]
    for each in frames:
        each.last = each is frames[-1]
    strange = f.chunk("zzZZ", b"between")
    out = f.leb(2) + f.leb(len(frames[0].chunks() + strange)) + f.leb(40000)
    out += f.leb(len(frames[1].chunks())) + f.leb(40000)
    data = moving() + f.chunk("indx", out) + frames[0].chunks() + strange + frames[1].chunks()
    yield Vector(
        "frame/animation-between",
        data + f.chunk("DEND"),
        ("container.index", "container.chunk"),
        "an unknown chunk between two frames: the first one's size holds it",
    )


def cells() -> Iterator[Vector]:
    pixels, prediction = mixed_tables()
    for w, h in ((65, 64), (64, 65)):
        tokens = Tokens(pixels).cells([0, 1])
        tokens.residuals(2, 9).run(W, 63)
        for _ in range(63):
            tokens.run(N, 64)
        photo = Residuals(prediction)
        for i in range(64):
            photo.value(i % 5)
        yield Vector(
            f"lossless/cells-{w}x{h}",
            file_of(
                lossless_group([both(tokens.bytes(), photo.bytes())], pixels, prediction),
                w,
                h,
                f.GRAY,
            ),
            ("lossless.cells", "lossless.segment"),
            "a cell of one column or row beside a whole one",
        )
    p = Prediction(1, value=[SMALL])
    for w, h in ((129, 1), (1, 129)):
        yield Vector(
            f"prediction/size-{w}x{h}",
            made(p, w, h, plain(w, 129, 3)),
            ("lossless.cells", "prediction.edges"),
            "three cells, the last of one sample",
        )
    lzw = gray_lzw()
    stream = Tokens(lzw).residuals(2, 9).run(W, 8).bytes()
    group = f.Group(f.LOSSLESS, [[stream]], b"\4" + lzw.tables())
    yield refusal(
        "lossless/parts-4-alone",
        f.still(f.header(3, 3, f.GRAY), f.Frame([group])),
        "lossless.tables",
        "a reserved bit of parts and no other",
        twin="lossless/twin",
        stage="table",
    )
    mixed = lossless_group([], pixels, prediction)

    def bad(name: str, bits: Bits, clause: str, why: str) -> Vector:
        mixed.streams = [[both(bits.bytes() + bytes(9), b"")]]
        data = file_of(mixed, 66, 3, f.GRAY)
        twin = "lossless/cells-none"
        return refusal(f"lossless/{name}", data, clause, why, twin=twin, stage="segment")

    here = "lossless.cells"
    start = Bits().raw(1, 0).raw(1, 0)
    start.gamma(1).gamma(2)
    yield bad("cells-run-second", start, here, "a second run beyond the last cell")
    for ones, clause in ((30, here), (31, "prefix.bits")):
        start = Bits().raw(1, 0).raw(1, 0).unary(ones)
        yield bad(f"cells-gamma-{ones}", start, clause, f"a run that begins with {ones} ones")


def codes() -> Iterator[Vector]:
    """Code lengths and numbers at the ends of what can be said."""
    twin = "prediction/segment-twin"

    def tables(tail: Bits) -> bytes:
        """Tables of one plane, up to the code of residuals."""
        bits = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 0).raw(6, 0)
        bits.raw(1, 0)
        bits.bits += tail.bits
        return bits.bytes()

    def bad(name: str, tail: Bits, clause: str, why: str) -> Vector:
        group = f.Group(f.LOSSLESS, [[b"\0" * 4]], b"\2" + tables(tail) + bytes(8))
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="table")

    here = "prefix.lengths"
    yield bad("length-step-0", Bits().raw(7, 3).unary(9).unary(5).unary(0), here, "a length of 0")
    yield bad("length-ones-30", Bits().raw(7, 3).unary(30), here, "a step of 15: a length of 19")
    yield bad("length-ones-31", Bits().raw(7, 3).unary(31), "prefix.bits", "31 ones")
    lone = Prediction(1, value=[[-1, -1, 5]], rans=True)
    group = lossless_group([Residuals(lone).bytes()[:7]], prediction=lone)
    yield refusal(
        "prediction/stream-seven",
        file_of(group, 3, 3, f.GRAY),
        "rans.stream",
        "two whole states but for a byte of 0, and no word is needed",
        twin="prediction/histogram-lone",
        stage="segment",
    )


def lossy() -> Iterator[Vector]:
    steps = [9] * 64
    explicit = lossy_group(drawn(120, transform=YCBCR, explicit=[steps, None, None]), 20, 12)
    good = explicit.tables
    explicit.tables = bytes([good[0] | 128]) + good[1:] + b"\0"
    yield refusal(
        "lossy/curves-explicit-ycbcr",
        f.still(f.header(20, 12), f.Frame([explicit])),
        "lossy.tables",
        "curves with explicit tables, transform 1",
        twin="lossy/curves-knots",
        stage="table",
    )
    plan = blocks(700, choice=uniform(7), direction=lambda i, j: 5, end=20, base=900, **GRAY)
    yield Vector(
        "lossy/directions-8x8",
        lossy_file(plan, 128, 64),
        ("lossy.direction", "lossy.level"),
        "two blocks of 64x64: none has a direction",
    )
    plan = predicted(CORNER, end=4, base=900, choice=uniform(6), **GRAY)
    yield Vector(
        "lossy/directions-rounded",
        lossy_file(plan, 96, 64),
        ("lossy.predict",),
        "a corner of a prediction a unit below the half of what is rounded away",
    )


def heads() -> Iterator[Vector]:
    """Heads of frames that break one rule where no other one does."""
    here = "frame.head"

    def bad(name: str, data: bytes, clause: str, why: str, **more: str) -> Vector:
        given = {"twin": "frame/animation-2", "stage": "header", **more}
        return refusal(f"frame/{name}", data, clause, why, **given)

    def told(*frames: f.Frame, durations: list[int] | None = None) -> bytes:
        for frame in frames:
            frame.last = frame is frames[-1]
        return f.animation(moving(), list(frames), f.index(list(frames), durations=durations))

    yield Vector(
        "frame/animation-2",
        told(part(None, 61), part(None, 62)),
        ("container.index", here),
        "the twin of refusals",
    )
    data = told(part(None, 61, dispose=3), part(None, 62))
    yield bad("dispose-3-animation", data, here, "dispose 3 in an animation")
    data = told(part(None, 61, duration=(1 << 40) + 1), durations=[1 << 40])
    yield bad("duration-2-40", data, here, "a duration of 2^40 + 1, 2^40 in the index")
    for name, place in (("width", (0, 0, 0, 3)), ("height", (0, 0, 3, 0))):
        none = f.Frame([f.Group(f.RAW, [[]])], place, 40000)
        flags = 1 | 2 | 64
        head = f.u8(flags) + b"".join(f.leb(v) for v in place) + f.leb(40000)
        chunks = f.chunk("FRAM", head + none.groups[0].head()) + f.chunk("SEGS")
        index = f.chunk("indx", f.leb(1) + f.leb(len(chunks)) + f.leb(40000))
        data = moving() + index + chunks + f.chunk("DEND")
        yield bad(f"place-no-{name}", data, here, f"a {name} of 0, and no segments")
    head, frame = small()
    twin = "container/plain"
    frame.groups[0].log2 = 5
    data = f.still(head, frame)
    yield bad("segment-log2-5-one", data, "frame.segments", "one segment of 32", twin=twin)
    frame.groups[0].log2 = 0
    for name, size, clause in (("", 1 << 40, "frame.data"), ("-1", (1 << 40) + 1, here)):
        frame.wrong_size = size - len(frame.in_order()[0])
        data = head + f.chunk("FRAM", frame.head()) + f.chunk("SEGS", frame.segments())
        why = f"a segment of 2^40{' + 1' * bool(name)} bytes"
        yield bad(f"size-2-40{name}", data + f.chunk("DEND"), clause, why, twin=twin)


def damaged() -> Iterator[Vector]:
    """What a tolerant decoder makes of small files."""
    head, frame = small()
    here = "frame.tolerant"
    data = f.still(head, frame, before=f.chunk("zZzz", b"x", check=1))
    yield salvage(
        "frame/tolerant-capital",
        data,
        "a damaged chunk of a type with a capital behind the first letter",
        "container/plain",
        "container.chunk",
    )
    raw = f.raw_group(noise(6, 4, 3, 8, 63), 8)
    yield Vector(
        "frame/tolerant-size-76",
        f.still(f.header(6, 4), f.Frame([raw])),
        (here, "frame.data"),
        "a size of seven bits, in one byte",
        tolerant=True,
    )
    group = f.raw_group(noise(70, 2, 1, 2, 64), 2, 6)
    yield salvage(
        "frame/tolerant-depth-2",
        f.still(f.header(70, 2, f.GRAY, 2), f.Frame([group], segment_check=1)),
        "a lost segment of two bits a sample: 2",
        "frame/segments-130x70-6",
    )
    wide = Vector(
        "frame/row",
        f.still(f.header(9, 1), f.Frame([f.raw_group(noise(9, 1, 3, 8, 65), 8)])),
        ("frame.raw",),
        "one row",
    )
    yield wide
    yield view(wide, "scale-2", "at 1:2", scale=2)


def compact() -> Iterator[Vector]:
    def bad(name: str, data: bytes, clause: str, why: str) -> Vector:
        twin = "container/compact-rgba"
        return refusal(f"container/{name}", data, clause, why, twin=twin, stage="header")

    head = f.header(5, 3, f.RGBA, compact=True)
    data = head + f.crc(head)
    yield bad("compact-empty", data, "frame.group", "the CRC is right, and there is no group")
    for width in range(1, 4000):
        head = f.header(width, 3, f.RGBA, compact=True)[:-1]
        check = f.crc(head)
        if 0 < check[0] < 128:  # a height, as it happens
            break
    yield bad("compact-short", head + check, "container.compact", "the height is in the CRC")


def numbers() -> Iterator[Vector]:
    """Numbers of 24 and 25 ones: exponents of a histogram, a step of 12 up and down."""
    for ones, exponent in ((24, 44), (25, 20)):
        p = Prediction(1, value=[[exponent, exponent]], rans=True, histogram_rice=0)
        data = made(p, 3, 3, plain(66, 9, 2))
        name = f"prediction/histogram-ones-{ones}"
        if ones == 24:
            yield Vector(name, data, ("prefix.bits", "prediction.histogram"), "24 ones")
        else:
            twin = "prediction/histogram-ones-24"
            yield refusal(name, data, "prefix.bits", "25 ones", twin=twin, stage="table")
