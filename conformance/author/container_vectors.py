"""Vectors of chapters 3 and 4."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.draw import Draw, noise
from conformance.author.vector import Vector, refusal

LAYOUTS = ("gray", "gray-alpha", "rgb", "rgba", "four")


def raw_frame(width: int, height: int, layout: int, depth: int, seed: int) -> f.Frame:
    group = f.raw_group(noise(width, height, f.CHANNELS[layout], depth, seed), depth)
    return f.Frame([group])


def small() -> tuple[bytes, f.Frame]:
    """The header and frame that most refusals here start from: RGB, 5 x 3, raw."""
    return f.header(5, 3), raw_frame(5, 3, f.RGB, 8, 7)


def vectors() -> Iterator[Vector]:
    yield from shapes()
    yield from metadata()
    yield from chunks()
    yield from refused_headers()
    yield from refused_chunks()
    yield from refused_metadata()
    yield from refused_compact()


def shapes() -> Iterator[Vector]:
    for layout, name in enumerate(LAYOUTS):
        data = f.still(f.header(5, 3, layout), raw_frame(5, 3, layout, 8, layout))
        yield Vector(
            f"container/layout-{name}",
            data,
            ("container.header", "container.signature", "container.version", "frame.raw"),
            f"layout {layout}, {f.CHANNELS[layout]} channels of 8 bits",
        )
    for depth in (1, 2, 3, 5, 7, 9, 10, 12, 15, 16):
        layout = (f.GRAY, f.RGB, f.GRAY_ALPHA, f.RGBA)[depth % 4]
        frame = raw_frame(7, 4, layout, depth, depth)
        yield Vector(
            f"container/depth-{depth}",
            f.still(f.header(7, 4, layout, depth), frame),
            ("container.header", "frame.raw"),
            f"{depth} bits a sample: rows are filled up to whole bytes",
        )
    one = noise(1, 1, 1, 8, 3)
    yield Vector(
        "container/compact-1x1",
        f.compact(f.header(1, 1, f.GRAY, compact=True), f.raw_group(one, 8)),
        ("container.compact",),
        "the smallest picture in the smallest file",
    )
    yield Vector(
        "container/compact-rgba",
        f.compact(f.header(5, 3, f.RGBA, compact=True), f.raw_group(noise(5, 3, 4, 8, 5), 8)),
        ("container.compact", "frame.raw"),
        "the compact form with alpha in the one group",
    )
    colour = (9, 16, 0, 1)
    data = f.still(f.header(5, 3, colour=colour), raw_frame(5, 3, f.RGB, 8, 9))
    yield Vector(
        "container/colour",
        data,
        ("container.colour", "container.header"),
        "code points of CICP do not change a sample",
    )
    data = f.still(f.header(5, 3, shape_bits=32), raw_frame(5, 3, f.RGB, 8, 10))
    yield Vector(
        "container/profile-full",
        data,
        ("scope.profiles", "learned.place"),
        "profile full: the base picture is shown",
    )
    frame = f.Frame([f.raw_group(noise(300, 1, 1, 1, 11), 1)])
    yield Vector(
        "container/wide",
        f.still(f.header(300, 1, f.GRAY, 1), frame),
        ("conventions.leb", "container.header"),
        "a width of two LEB128 bytes",
    )
    frame = f.Frame([f.raw_group(noise(1, 16400, 1, 1, 12), 1)])
    yield Vector(
        "container/tall",
        f.still(f.header(1, 16400, f.GRAY, 1), frame),
        ("conventions.leb", "conventions.fields"),
        "a height of three LEB128 bytes, one byte a row",
    )
    head, frame = small()
    yield Vector(
        "container/plain",
        f.still(head, frame),
        ("container.order", "container.chunk", "container.end", "conventions.crc"),
        "header, FRAM, SEGS, DEND and nothing else",
    )


def metadata() -> Iterator[Vector]:
    head, frame = small()
    draw = Draw(20)
    profile, exif, xmp = draw.bytes(40), b"II*\0" + draw.bytes(12), b"<x:xmpmeta/>"
    dpi = f.chunk("dpis", f.u32(72009) + f.u32(300000))
    texts = [b"Title\0ein Bild", "Ort\0Zürich".encode(), b"Comment\0"]
    before = f.chunk("iccp", f.stored(profile)) + f.chunk("exif", f.stored(exif))
    before += f.chunk("xmpd", f.stored(xmp)) + dpi
    before += b"".join(f.chunk("text", f.stored(text)) for text in texts)
    yield Vector(
        "container/metadata-stored",
        f.still(head, frame, before),
        ("container.metadata", "container.order"),
        "each kind of metadata once, three texts, one of them empty, one not ASCII",
    )
    long = b"profile " * 90
    before = f.chunk("iccp", f.deflated(long)) + f.chunk("exif", f.deflated(exif * 9))
    before += f.chunk("xmpd", f.deflated(xmp)) + f.chunk("text", f.deflated(b"k\0" + b"v" * 300))
    yield Vector(
        "container/metadata-deflate",
        f.still(head, frame, before),
        ("container.metadata",),
        "deflate, also where it is longer",
    )
    after = f.chunk("xmpd", f.stored(xmp)) + f.chunk("text", f.stored(b"a\0b"))
    after += f.chunk("exif", f.stored(exif))
    before = f.chunk("text", f.stored(b"A\0B"))
    yield Vector(
        "container/metadata-behind",
        f.still(head, frame, before, after),
        ("container.metadata", "container.order"),
        "Exif, XMP and text behind the samples, keys that differ in case",
    )
    yield Vector(
        "container/metadata-5-mebibytes",
        f.still(head, frame, f.chunk("iccp", f.deflated(bytes(5 << 20)))),
        ("container.metadata", "conventions.refusals"),
        "an ICC profile of 5 MiB of zeros in 5 KB: more than a careful decoder inflates",
        "may",
    )
    empty = f.chunk("iccp", f.stored(b"")) + f.chunk("xmpd", f.stored(b""))
    yield Vector(
        "container/metadata-empty",
        f.still(head, frame, empty),
        ("container.metadata",),
        "metadata of no bytes is there all the same",
    )
    long_key = "é" * 39 + "e"
    yield Vector(
        "container/text-long-key",
        f.still(head, frame, f.chunk("text", f.stored(long_key.encode() + b"\0v\0w"))),
        ("container.metadata",),
        "a key of 79 bytes; a value with a zero byte",
    )


def chunks() -> Iterator[Vector]:
    head, frame = small()
    strange = f.chunk("zzZZ", b"abc") + f.chunk("segs") + f.chunk("fram", b"\xff" * 200)
    strange += f.chunk("dEND")  # the first letter alone tells
    frame.between = strange + f.chunk("zyZY", b"model")
    yield Vector(
        "container/unknown-ancillary",
        f.still(head, frame, strange, strange),
        ("container.chunk", "container.order", "learned.place"),
        "unknown ancillary chunks wherever they may stand",
    )
    head, frame = small()
    yield Vector(
        "container/bytes-behind",
        f.still(head, frame) + b"SEGS behind the end",
        ("container.end",),
        "bytes behind DEND are ignored",
    )


def refused_headers() -> Iterator[Vector]:
    head, frame = small()
    tail = f.still(b"", frame)

    def bad(name: str, data: bytes, clause: str, why: str, **more: str) -> Vector:
        given = {"twin": "container/plain", "stage": "header", **more}
        return refusal(f"container/{name}", data, clause, why, **given)

    sig = "container.signature"
    for name, signature in (
        ("signature-seven-bit", b"\x44CTZ\r\n\x1a\n"),
        ("signature-line-ends", b"\xc4CTZ\n\x1a\n"),
        ("signature-other", b"\x89PNG\r\n\x1a\n"),
    ):
        data = f.header(5, 3, signature=signature) + tail
        yield bad(name, data, sig, "not ours: damaged by text-mode copying", stage="signature")
    yield bad("signature-short", f.SIGNATURE[:7], sig, "shorter than 8 bytes", stage="signature")
    yield bad("nothing", b"", sig, "no bytes at all", stage="signature")
    yield bad("header-cut", head[:10], "container.header", "the bytes end in the header")
    for version in (0, 2, 16, 17):
        yield bad(
            f"version-{version >> 4}-{version & 15}",
            f.header(5, 3, version=version) + tail,
            "container.version",
            "another version than 0.1",
            kind="unsupported",
        )
    here = "container.header"
    for layout in (5, 6, 7):
        data = f.header(5, 3, layout) + tail
        yield bad(f"layout-{layout}", data, here, "a layout that does not exist")
    reserved = bad("reserved-shape", f.header(5, 3, shape_bits=128) + tail, here, "bit 7 of shape")
    reserved.clauses += ("conventions.fields",)
    yield reserved
    deep = f.still(b"", raw_frame(5, 3, f.RGB, 24, 1))  # whole, if 24 were a depth
    yield bad("reserved-depth", f.header(5, 3, depth_bits=16) + deep, here, "bits 4..7 of depth")
    deep = f.still(b"", raw_frame(5, 3, f.RGB, 17, 1))
    data = f.header(5, 3, depth=1, depth_bits=16) + deep
    yield bad("depth-17", data, here, "bit 4 of depth and no other: 17 bits")
    gray = f.still(b"", raw_frame(5, 3, f.GRAY, 8, 1))
    data = f.header(5, 3, f.GRAY, shape_bits=128) + gray
    yield bad("reserved-shape-gray", data, here, "bit 7 of shape and no other")
    # whole, if a picture could have no samples: no segments
    head = f.chunk("FRAM", f.u8(64) + f.Group(f.RAW, [[]]).head())
    nothing = head + f.chunk("SEGS") + f.chunk("DEND")
    yield bad("width-0", f.header(0, 3) + nothing, here, "a width of 0")
    yield bad("height-0", f.header(5, 0) + nothing, here, "a height of 0")
    yield bad("width-2-30", f.header((1 << 30) + 1, 3) + tail, here, "a width above 2^30")
    yield bad("height-2-30", f.header(5, (1 << 30) + 1) + tail, here, "a height above 2^30")
    moving = raw_frame(5, 3, f.RGB, 8, 1)
    moving.duration = 1
    data = f.animation(f.header(5, 3, loop=65536), [moving])
    yield bad("loop-65536", data, here, "a loop count above 65535", twin="frame/animation-1")
    for name, field, why in (
        ("leb-long", f.leb(5, 1), "a LEB128 field one byte longer than it need be"),
        ("leb-ten-bytes", f.leb(5 << 57, 1), "a LEB128 field of ten bytes"),
    ):
        wrong = bad(name, f.header(5, 3, width_field=field) + tail, here, why)
        wrong.clauses += ("conventions.leb",)
        yield wrong
    data = f.header(5, 3, colour=(1, 13, 0, 2)) + tail
    yield bad("range-2", data, here, "range 2", twin="container/colour")
    yield bad("header-crc", f.header(5, 3, check=1) + tail, here, "a wrong CRC of the header")
    data = f.header(1 << 30, 1 << 30) + tail
    yield bad("limit", data, "conventions.refusals", "2^60 samples", kind="unsupported")


def refused_chunks() -> Iterator[Vector]:
    head, frame = small()
    twin = "container/plain"
    fram, segs = f.chunk("FRAM", frame.head()), f.chunk("SEGS", frame.segments())
    end = f.chunk("DEND")
    exif = f.chunk("exif", f.stored(b"II*\0"))

    def bad(name: str, data: bytes, clause: str, why: str, **more: str) -> Vector:
        given = {"twin": twin, "stage": "chunk", **more}
        return refusal(f"container/{name}", head + data, clause, why, **given)

    order, chunk = "container.order", "container.chunk"
    yield bad("chunk-type", f.chunk("te t") + fram + segs + end, chunk, "a type with a space")
    yield bad("chunk-type-high", f.chunk("t\xe9st") + fram + segs + end, chunk, "a byte above 127")
    yield bad("chunk-crc", fram + segs + f.chunk("DEND", check=1), chunk, "a wrong CRC of DEND")
    data = f.chunk("FRAM", frame.head(), check=1 << 31) + segs + end
    yield bad("fram-crc", data, chunk, "a wrong CRC of FRAM")
    data = fram + f.chunk("SEGS", frame.segments(), check=256) + end
    yield bad("segs-crc", data, chunk, "a wrong CRC of the type and size of SEGS")
    data = f.chunk("zzzz", b"abc", check=1) + fram + segs + end
    yield bad("ancillary-crc", data, chunk, "a wrong CRC of an unknown ancillary chunk")
    data = fram + f.chunk("SEGS", frame.segments(), size_field=f.leb(1 << 40)) + end
    yield bad("chunk-size", data, chunk, "a chunk larger than the file")
    data = f.chunk("zzzz", size_field=f.leb(0, 1)) + fram + segs + end
    yield bad("chunk-size-long", data, chunk, "a size of two bytes where one is enough")
    data = f.chunk("ABCD") + fram + segs + end
    yield bad("critical", data, chunk, "an unknown critical chunk", kind="unsupported")
    data = fram + segs + f.chunk("XEND") + end
    yield bad("critical-behind", data, chunk, "the same behind the frame", kind="unsupported")
    data = fram + segs + f.chunk("XEND", b"abc", check=1) + end
    yield bad("critical-crc", data, chunk, "judged before its CRC", kind="unsupported")
    yield bad("no-end", fram + segs, chunk, "the file ends before DEND", stage="end")
    yield bad("cut-end", fram + segs + end[:-1], chunk, "the last byte is missing", stage="end")
    yield bad("end-payload", fram + segs + f.chunk("DEND", b"x"), "container.end", "DEND of 1 byte")
    yield bad("no-frame", end, order, "no frame")
    yield bad("two-frames", fram + segs + fram + segs + end, order, "two frames in a still picture")
    yield bad("segs-first", segs + fram + end, order, "SEGS before FRAM")
    yield bad("fram-fram", fram + fram + segs + end, order, "FRAM behind FRAM")
    yield bad("fram-end", fram + end, order, "FRAM without SEGS")
    yield bad("between", fram + exif + segs + end, order, "Exif between FRAM and SEGS")
    yield bad("two-exif", exif + fram + segs + exif + end, order, "Exif twice")
    icc = f.chunk("iccp", f.stored(b"profile"))
    yield bad("icc-behind", fram + segs + icc + end, order, "an ICC profile behind the frame")
    dpi = f.chunk("dpis", f.u32(1) + f.u32(1))
    yield bad("dpi-behind", fram + segs + dpi + end, order, "dpis behind the frame")
    index = f.index([frame])
    yield bad("index-still", index + fram + segs + end, order, "an index in a still picture")


def refused_metadata() -> Iterator[Vector]:
    head, frame = small()

    def bad(name: str, type: str, payload: bytes, why: str, **more: str) -> Vector:
        given = {"twin": "container/metadata-stored", "stage": "chunk", **more}
        data = f.still(head, frame, f.chunk(type, payload))
        return refusal(f"container/{name}", data, "container.metadata", why, **given)

    deflate = {"twin": "container/metadata-deflate"}
    yield bad("blob-empty", "exif", b"", "no method")
    yield bad("blob-method", "exif", b"\2abc", "method 2", kind="unsupported")
    yield bad("deflate-more", "exif", f.deflated(b"abcd", raw_size=3), "a byte too many", **deflate)
    yield bad("deflate-less", "exif", f.deflated(b"abcd", raw_size=5), "a byte too few", **deflate)
    yield bad("deflate-behind", "xmpd", f.deflated(b"abcd", behind=b"x"), "bytes behind", **deflate)
    stream = bytearray(f.deflated(b"abcd" * 9))
    stream[-1] ^= 1
    yield bad("deflate-adler", "iccp", bytes(stream), "a wrong Adler-32 of the stream", **deflate)
    cut = f.deflated(b"abcd" * 9)[:-2]
    yield bad("deflate-cut", "iccp", cut, "the stream does not end", **deflate)
    yield bad("deflate-nothing", "exif", f.deflated(b""), "a size of 0", **deflate)
    huge = b"\1" + f.leb((1 << 24) + 1) + zlib.compress(b"abc")
    yield bad("deflate-size", "exif", huge, "a size above 2^24", **deflate)
    yield bad("text-no-key", "text", f.stored(b"\0value"), "an empty key")
    yield bad("text-no-zero", "text", f.stored(b"key"), "no zero byte")
    yield bad("text-key-80", "text", f.stored(b"k" * 80 + b"\0v"), "a key of 80 bytes")
    yield bad("text-key-utf8", "text", f.stored(b"k\xff\0v"), "a key that is not UTF-8")
    yield bad("text-value-utf8", "text", f.stored(b"k\0\xc3"), "a value that is not UTF-8")
    yield bad("dpi-size", "dpis", f.u32(1), "dpis of 4 bytes")
    yield bad("dpi-0", "dpis", f.u32(1) + f.u32(0), "0 dots per inch")
    two = f.chunk("text", f.stored(b"k\0v")) * 2
    yield refusal(
        "container/text-twice",
        f.still(head, frame, two),
        "container.metadata",
        "two texts of one key",
        twin="container/metadata-stored",
        stage="chunk",
    )


def refused_compact() -> Iterator[Vector]:
    head = f.header(5, 3, f.RGBA, compact=True)
    group = f.raw_group(noise(5, 3, 4, 8, 5), 8)

    def bad(name: str, data: bytes, why: str, clause: str = "container.compact") -> Vector:
        twin = "container/compact-rgba"
        return refusal(f"container/{name}", data, clause, why, twin=twin, stage="header")

    yield bad("compact-crc", f.compact(head, group, check=2), "a wrong CRC of the file")
    yield bad("compact-cut", head + b"\0\0\0", "too short for the CRC")
    group.log2 = 6
    yield bad("compact-segments", f.compact(head, group), "segment_log2 is not 0")
    group = f.raw_group(noise(5, 3, 4, 8, 5), 8)
    moving = f.header(5, 3, f.RGBA, compact=True, shape_bits=16) + b"\0"
    data = f.compact(moving, group)
    yield bad("compact-animated", data, "compact and animated", "container.header")
    data = f.compact(head, group)
    yield bad("compact-behind", data + b"\0", "a byte behind the CRC, which so is elsewhere")
