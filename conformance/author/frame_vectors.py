"""Vectors of chapter 5: frames, groups, segments, composition, views, damage."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.draw import Picture, noise, picture
from conformance.author.vector import Vector, refusal, view


def vectors() -> Iterator[Vector]:
    yield from segments()
    yield from groups()
    yield from animations()
    yield from views()
    yield from refused_heads()
    yield from refused_raw()
    yield from refused_animations()


def slope(width: int, height: int, channels: int, depth: int) -> Picture:
    """Samples that differ from place to place and channel to channel."""
    top = (1 << depth) - 1
    return picture(
        width,
        height,
        lambda x, y: tuple((37 * x + 101 * y + 59 * c + x * y) & top for c in range(channels)),
    )


def segments() -> Iterator[Vector]:
    for log2, (w, h) in ((6, (130, 70)), (6, (64, 128)), (7, (129, 2)), (15, (9, 9))):
        group = f.raw_group(slope(w, h, 1, 1), 1, log2)
        yield Vector(
            f"frame/segments-{w}x{h}-{log2}",
            f.still(f.header(w, h, f.GRAY, 1), f.Frame([group])),
            ("frame.segments", "frame.data", "frame.raw"),
            f"segments of 2^{log2}, {len(group.streams[0])} of them, cut at the edges",
        )


def groups() -> Iterator[Vector]:
    colour = f.raw_group(slope(70, 66, 3, 3), 3, 6)
    alpha = f.raw_group(slope(70, 66, 1, 3), 3, 0)
    yield Vector(
        "frame/two-groups-rgba",
        f.still(f.header(70, 66, f.RGBA, 3), f.Frame([colour, alpha])),
        ("frame.group", "frame.mode", "frame.data", "frame.head"),
        "colour in four segments, alpha in one",
    )
    colour = f.raw_group(slope(66, 5, 1, 12), 12)
    alpha = f.raw_group(slope(66, 5, 1, 12), 12, 6)
    yield Vector(
        "frame/two-groups-gray",
        f.still(f.header(66, 5, f.GRAY_ALPHA, 12), f.Frame([colour, alpha])),
        ("frame.group", "frame.data"),
        "gray and alpha apart, alpha in two segments, 12 bits",
    )


def part(
    place: tuple[int, int, int, int] | None,
    seed: int,
    *,
    size: tuple[int, int] = (9, 7),
    layout: int = f.RGBA,
    depth: int = 8,
    duration: int = 40000,
    blend: int = 0,
    dispose: int = 0,
) -> f.Frame:
    """A frame of drawn samples; alpha is 0, half, full and others."""
    w, h = (place[2], place[3]) if place else size
    top = (1 << depth) - 1
    rows = noise(w, h, f.CHANNELS[layout], depth, seed)
    if layout in (f.GRAY_ALPHA, f.RGBA):
        rows = [
            [
                (*pixel[:-1], (0, top, pixel[-1], 1, top >> 1, pixel[-1])[(x + y + seed) % 6])
                for x, pixel in enumerate(row)
            ]
            for y, row in enumerate(rows)
        ]
    group = f.raw_group(rows, depth)
    return f.Frame([group], place, duration, blend, dispose)


def moving(layout: int = f.RGBA, depth: int = 8, loop: int = 0) -> bytes:
    return f.header(9, 7, layout, depth, loop=loop)


def animations() -> Iterator[Vector]:
    yield Vector(
        "frame/animation-1",
        f.animation(moving(f.RGB, loop=1), [part(None, 1, layout=f.RGB)]),
        ("container.index", "frame.head"),
        "an animation of one frame, played once",
    )
    frames = [part(None, i, layout=f.RGB, duration=d) for i, d in enumerate((0, 1 << 40, 1000))]
    yield Vector(
        "frame/durations",
        f.animation(moving(f.RGB, loop=65535), frames),
        ("container.index", "frame.head"),
        "durations of 0 and 2^40, the greatest loop count",
    )
    corner, middle, all_of_it = (0, 0, 4, 3), (2, 2, 5, 4), None
    for dispose, name in enumerate(("keep", "clear", "previous")):
        for blend, mix in enumerate(("replace", "over")):
            frames = [
                part(all_of_it, 11, blend=blend, dispose=dispose),
                part(middle, 12, blend=blend, dispose=dispose),
                part(corner, 13, blend=blend, dispose=dispose),
                part(all_of_it, 14, blend=blend, dispose=dispose),
                part((8, 6, 1, 1), 15, blend=blend),
            ]
            yield Vector(
                f"frame/{name}-{mix}",
                f.animation(moving(), frames),
                ("frame.compose", "frame.head", "container.index"),
                f"five frames, {mix}, {name}",
            )
    for layout, depth, name in ((f.GRAY_ALPHA, 3, "gray-3"), (f.RGBA, 16, "rgba-16")):
        frames = [
            part(None, 21, layout=layout, depth=depth),
            part(middle, 22, layout=layout, depth=depth, blend=1, dispose=2),
            part(corner, 23, layout=layout, depth=depth, blend=1, dispose=1),
            part(None, 24, layout=layout, depth=depth, blend=1),
        ]
        yield Vector(
            f"frame/over-{name}",
            f.animation(moving(layout, depth), frames),
            ("frame.compose",),
            f"blending at depth {depth}, mixed disposal",
        )
    frames = [part(middle, 31), part(middle, 32, blend=1)]
    frames[1].groups = [
        f.raw_group(slope(5, 4, 3, 8), 8, 6),
        f.raw_group([[(v[3],) for v in row] for row in slope(5, 4, 4, 8)], 8),
    ]
    frames[0].between = f.chunk("zzzz", b"between")
    yield Vector(
        "frame/groups-differ",
        f.animation(moving(), frames),
        ("frame.group", "frame.compose"),
        "one group, then two; the first frame does not fill the canvas",
    )
    frames = [part(None, 41, layout=f.RGB), part(middle, 42, layout=f.RGB, dispose=1)]
    extra = f.chunk("zzzz", b"abc") + f.index(frames) + f.chunk("text", f.stored(b"k\0v"))
    for frame in frames:
        frame.last = frame is frames[-1]
    extra = f.chunk("zzzz", b"abc") + f.index(frames) + f.chunk("text", f.stored(b"k\0v"))
    yield Vector(
        "frame/index-among-others",
        f.animation(moving(f.RGB), frames, extra),
        ("container.index", "container.order"),
        "other chunks around the index",
    )


def views() -> Iterator[Vector]:
    w, h = 131, 67
    colour, alpha = f.raw_group(slope(w, h, 3, 4), 4, 6), f.raw_group(slope(w, h, 1, 4), 4, 7)
    whole = Vector(
        "frame/views",
        f.still(f.header(w, h, f.RGBA, 4), f.Frame([colour, alpha])),
        ("frame.segments", "frame.group"),
        "the picture of which the views show parts",
    )
    yield whole
    regions = {
        "corner": (0, 0, 1, 1),
        "last": (130, 66, 1, 1),
        "across": (60, 60, 9, 7),
        "column": (127, 0, 3, 67),
        "all": (0, 0, w, h),
    }
    for name, region in regions.items():
        yield view(whole, name, f"the region {region}", region=region)
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", f"at 1:{scale}, boxes cut at the edge", scale=scale)
        yield view(
            whole,
            f"across-{scale}",
            f"a region at 1:{scale} that no box edge bounds",
            region=(61, 59, 11, 8),
            scale=scale,
        )
    yield from damaged(whole)


def damaged(whole: Vector) -> Iterator[Vector]:
    """Clause `frame.tolerant`."""
    data = bytearray(whole.data)
    place = data.index(b"SEGS") + 3000
    data[place] ^= 16
    end = bytes(data)

    def salvage(name: str, of: bytes, why: str, **more: int) -> Vector:
        return Vector(
            f"frame/salvage-{name}",
            of,
            ("frame.tolerant",),
            why,
            "salvage",
            stage="segment",
            twin=whole.id,
            tolerant=True,
            scale=more.get("scale", 1),
        )

    yield salvage("one-bit", end, "a bit of one segment is wrong")
    smaller = salvage("one-bit-scale-4", end, "the same at 1:4", scale=4)
    smaller.of = "frame/salvage-one-bit"
    yield smaller
    yield salvage("cut", whole.data[:-4000], "the file ends in a segment of colour")
    yield salvage("cut-head", whole.data[: whole.data.index(b"SEGS") + 2], "nothing of SEGS")
    begin = whole.data.index(b"SEGS")
    broken = whole.data[: begin + 4] + b"\xff" + whole.data[begin + 5 :]
    yield salvage("segs-size", broken, "the size field of SEGS is wrong")


def refused_heads() -> Iterator[Vector]:
    w, h = 70, 66

    def group(log2: int = 6, **more: int) -> f.Group:
        made = f.raw_group(slope(w, h, 3, 3), 3, log2)
        made.coding_bits = more.get("coding_bits", 0)
        return made

    def alpha() -> f.Group:
        return f.raw_group(slope(w, h, 1, 3), 3)

    head = f.header(w, h, f.RGBA, 3)

    def bad(name: str, frame: f.Frame, clause: str, why: str, **more: str) -> Vector:
        given = {"twin": "frame/two-groups-rgba", "stage": "header", **more}
        data = f.still(head, frame)
        return refusal(f"frame/{name}", data, clause, why, **given)

    here = "frame.head"
    pair = [group(), alpha()]
    yield bad("duration-still", f.Frame(pair, duration=1), here, "a duration in a still picture")
    yield bad("place-still", f.Frame(pair, place=(0, 0, w, h)), here, "a place in a still picture")
    yield bad("blend-still", f.Frame(pair, blend=1), here, "blend in a still picture")
    yield bad("dispose-still", f.Frame(pair, dispose=1), here, "dispose in a still picture")
    yield bad("dispose-3", f.Frame(pair, dispose=3), here, "dispose 3")
    yield bad("not-last", f.Frame(pair, last=False), here, "the only frame is not the last")
    yield bad("behind-sizes", f.Frame(pair, behind_sizes=b"\0"), here, "a byte behind the sizes")
    yield bad("mode-3", f.Frame([group(coding_bits=3), alpha()]), "frame.mode", "mode 3")
    bits = f.Frame([group(coding_bits=4), alpha()])
    yield bad("reserved-coding", bits, "frame.group", "bits 2..3 of coding")
    for log2 in (1, 5):
        small = f.Frame([group(), f.raw_group(slope(w, h, 1, 3), 3)])
        small.groups[1].log2 = log2
        yield bad(f"segment-log2-{log2}", small, "frame.segments", "segments below 64")
    tables = group()
    tables.tables = b"\0"
    yield bad("raw-tables", f.Frame([tables, alpha()]), "frame.raw", "tables of a raw group")
    yield bad("segs-short", f.Frame(pair, wrong_size=1), "frame.data", "SEGS ends too early")
    yield bad("segs-long", f.Frame(pair, behind_segments=b"\0"), "frame.data", "SEGS is longer")
    data = f.Frame(pair, segment_check=1)
    yield bad("segment-crc", data, "frame.data", "a wrong CRC of a segment", stage="segment")
    rgb = f.Frame([f.raw_group(slope(w, h, 2, 3), 3), alpha()])
    yield refusal(
        "frame/two-groups-rgb",
        f.still(f.header(w, h, f.RGB, 3), rgb),
        "frame.group",
        "two groups without alpha",
        twin="frame/two-groups-rgba",
        stage="header",
    )
    many = f.Frame([f.Group(f.RAW, [[b""]], log2=6)])
    yield refusal(
        "frame/segments-many",
        f.still(f.header(1 << 12, 1 << 12, f.GRAY, 1), many),
        "frame.segments",
        "4096 segments, one size",
        twin="frame/segments-130x70-6",
        stage="header",
    )
    pixels = noise(5, 3, 3, 8, 7)
    lossy = f.Frame([f.Group(f.LOSSY, [[b""], [b""]])])
    yield refusal(
        "frame/lossy-alpha",
        f.still(f.header(5, 3, f.RGBA), lossy),
        "frame.mode",
        "a lossy group that holds alpha beside colour",
        twin="container/layout-rgba",
        stage="header",
    )
    yield refusal(
        "frame/lossy-depth",
        f.still(f.header(5, 3, f.RGB, 13), lossy),
        "frame.mode",
        "a lossy group of 13 bits",
        twin="container/depth-10",
        stage="header",
        kind="unsupported",
    )
    assert len(pixels) == 3


def refused_raw() -> Iterator[Vector]:
    rows = slope(7, 4, 3, 5)

    def bad(name: str, group: f.Group, why: str) -> Vector:
        data = f.still(f.header(7, 4, f.RGB, 5), f.Frame([group]))
        return refusal(
            f"frame/{name}", data, "frame.raw", why, twin="frame/raw-fill-0", stage="segment"
        )

    yield Vector(
        "frame/raw-fill-0",
        f.still(f.header(7, 4, f.RGB, 5), f.Frame([f.raw_group(rows, 5)])),
        ("frame.raw",),
        "rows of 105 bits",
    )
    yield bad("raw-fill-1", f.raw_group(rows, 5, fill=64), "a fill bit is 1")
    short = f.raw_group(rows, 5)
    short.streams[0][0] = short.streams[0][0][:-1]
    yield bad("raw-short", short, "a byte is missing")
    long = f.raw_group(rows, 5)
    long.streams[0][0] += b"\0"
    yield bad("raw-long", long, "a byte too many")


def refused_animations() -> Iterator[Vector]:
    twin = "frame/keep-over"

    def bad(name: str, data: bytes, clause: str, why: str) -> Vector:
        return refusal(f"frame/{name}", data, clause, why, twin=twin, stage="header")

    def two(**more: tuple[int, int, int, int] | None) -> list[f.Frame]:
        return [part(None, 51), part(more.get("place"), 52, size=(9, 7))]

    head = moving()
    index = "container.index"
    frames = two()
    for i, frame in enumerate(frames):
        frame.last = i == 1
    wrong = f.index(frames, longer=1)
    yield bad("index-size", f.animation(head, frames, wrong), index, "a frame begins elsewhere")
    wrong = f.index(frames, durations=[1, 2])
    yield bad("index-duration", f.animation(head, frames, wrong), index, "another duration")
    wrong = f.index(frames[:1])
    yield bad("index-count", f.animation(head, frames, wrong), index, "fewer frames than there are")
    yield bad("index-0", f.animation(head, frames, f.chunk("indx", b"\0")), index, "0 frames")
    wrong = f.chunk("indx", f.leb(1 << 20) + f.leb(1) * 9)
    yield bad("index-many", f.animation(head, frames, wrong), index, "more frames than bytes")
    data = f.animation(head, frames, b"")
    yield bad("index-missing", data, "container.order", "an animation without an index")
    for name, place in (("right", (5, 0, 5, 7)), ("below", (0, 1, 9, 7))):
        frames = two(place=place)
        yield bad(f"place-{name}", f.animation(head, frames), "frame.head", "beyond the canvas")
    frames = two()
    data = f.animation(head, frames)
    for frame in frames:
        frame.last = True
    data = head + f.index(frames) + b"".join(x.chunks() for x in frames) + f.chunk("DEND")
    yield bad("last-twice", data, "frame.head", "the first of two frames says that it is last")
    frames = [part(None, 53, layout=f.RGB, blend=1)]
    data = f.animation(moving(f.RGB), frames)
    yield bad("over-rgb", data, "frame.head", "blend over without alpha")
    frames = [part(None, 54)]
    frames[0].duration = None
    yield bad("no-duration", f.animation(head, frames), "frame.head", "a frame without a duration")
    frames = [part(None, 55), part(None, 56)]
    for i, frame in enumerate(frames):
        frame.last = i == 1
    mixed = frames[0].chunks() + f.chunk("text", f.stored(b"k\0v")) + frames[1].chunks()
    size = len(frames[0].chunks()) + len(f.chunk("text", f.stored(b"k\0v")))
    told = f.leb(2) + f.leb(size) + f.leb(40000) + f.leb(len(frames[1].chunks())) + f.leb(40000)
    data = head + f.chunk("indx", told) + mixed + f.chunk("DEND")
    yield bad("text-among-frames", data, "container.order", "a text between two frames")
