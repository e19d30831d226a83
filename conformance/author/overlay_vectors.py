"""Vectors of clause `frame.overlay`: exact cells in lossy pictures."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import even
from conformance.author.draw import Draw
from conformance.author.learned import Filters, lmdl, lrnd, some_taps
from conformance.author.lossless import (
    INDEX,
    RESIDUALS,
    Lzw,
    N,
    Prediction,
    Tokens,
    W,
    lossless_group,
)
from conformance.author.lossless_files import MASKS, token_code
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.vector import Vector, refusal, view

HERE = ("frame.overlay", "lossless.cells")
SIZE = (150, 80)
FULL = 32  # the header bit


def vectors() -> Iterator[Vector]:
    yield from pictures()
    yield from damaged()
    yield from refused()


def palette_lzw(channels: int = 3, depth: int = 8, seed: int = 500) -> Lzw:
    """Five colours; literals cost a few bits."""
    draw = Draw(seed)
    colours = [tuple(draw.below(1 << depth) for _ in range(channels)) for _ in range(5)]
    lzw = Lzw(channels, depth, colours, 9 if depth > 8 else 3)
    lzw.own = {"token": token_code(INDEX), "index": even(list(range(5)), 5)}
    return lzw


def pixel_lzw(channels: int = 3) -> Lzw:
    lzw = Lzw(channels, predictor=4)
    lzw.own = {
        "token": token_code(RESIDUALS + MASKS[channels]),
        "residual": even([*range(32), 32, 33, 36, 37], 38),
    }
    return lzw


def spans(width: int, height: int, left: list[int]) -> list[int]:
    """How many given pixels follow each other, in raster order."""
    columns = f.ceil_div(width, 64)
    out, run = [], 0
    for y in range(height):
        for x in range(width):
            if left[y // 64 * columns + x // 64]:
                out += [run] if run else []
                run = 0
            else:
                run += 1
    return [*out, run] if run else out


def segment(lzw: Lzw, width: int, height: int, left: list[int], seed: int = 0) -> bytes:
    """Drawn literals, each with a run to the end of its span or from above."""
    draw = Draw(510 + seed)
    alike = len(set(left)) == 1
    tokens = Tokens(lzw).cells(left[0] if alike else left)
    for n, pixels in enumerate(spans(width, height, left)):
        todo = pixels
        while todo > 0:
            if lzw.palette is not None:
                tokens.index(draw.below(len(lzw.palette)))
            else:
                z = [draw.below(40) for _ in range(lzw.channels)]
                tokens.residuals(MASKS[lzw.channels], *z)
            todo -= 1
            length = min(todo, draw.between(1, 40))
            if length:
                tokens.run(N if n % 3 == 2 else W, length)
                todo -= length
    return tokens.bytes()


def overlay(
    lzw: Lzw, size: tuple[int, int], left: list[int], log2: int = 0, seed: int = 0
) -> f.Group:
    """A group of one segment, or of segments that each have the map `left`, cut to their size."""
    streams = []
    for x, y, w, h in f.rectangles(*size, log2):
        columns, rows = f.ceil_div(w, 64), f.ceil_div(h, 64)
        streams.append(segment(lzw, w, h, left[: columns * rows], seed + x + y))
    return lossless_group(streams, lzw, log2=log2)


def base(seed: int, size: tuple[int, int], log2: int = 0, components: int = 3) -> f.Group:
    """A lossy group that is cheap to decode."""
    plan = drawn(seed, base=700, end=4, components=components)
    return lossy_group(plan, *size, log2)


MIDDLE = [1, 0, 1, 0, 1, 0]


def whole_picture() -> Vector:
    frame = f.Frame([base(520, SIZE)], overlay=overlay(palette_lzw(), SIZE, MIDDLE))
    return Vector(
        "frame/overlay",
        f.still(f.header(*SIZE), frame),
        (*HERE, "frame.head", "frame.data"),
        "cells of a palette over a lossy picture, cut at the right and lower edge",
    )


def pictures() -> Iterator[Vector]:
    whole = whole_picture()
    yield whole
    yield view(whole, "part", "a region in given and left cells", region=(60, 58, 77, 9))
    yield view(whole, "left", "a region in a left cell alone", region=(3, 5, 20, 11))
    for scale in (2, 4, 8):
        yield view(whole, f"scale-{scale}", "boxes of given cells, cut at the edge", scale=scale)
    frame = f.Frame([base(521, SIZE, 7)], overlay=overlay(pixel_lzw(), SIZE, [1, 0], 6))
    yield Vector(
        "frame/overlay-segments",
        f.still(f.header(*SIZE), frame),
        (*HERE, "frame.segments"),
        "lossy segments of 128, the overlay's of 64, of which the first cell is left in all",
    )
    two = palette_lzw()
    assert two.palette is not None
    two.palette, two.own["index"] = two.palette[:2], even([0, 1], 2)
    small = 70, 66
    frame = f.Frame([base(526, small)], overlay=overlay(two, small, [1, 0, 0, 1]))
    yield Vector(
        "frame/overlay-two-colours",
        f.still(f.header(*small), frame),
        (*HERE, "lzw.palette"),
        "the smallest palette that an overlay may have",
    )
    alternate = [
        lossless_group([segment(pixel_lzw(), 64, 64, [n % 2], n) for n in range(3)], pixel_lzw())
    ][0]
    alternate.log2 = 6
    frame = f.Frame([base(522, (192, 64))], overlay=alternate)
    yield Vector(
        "frame/overlay-alternate",
        f.still(f.header(192, 64), frame),
        HERE,
        "segments of one cell each: given, left (no bits but the cells), given",
    )
    size = (70, 66)
    for name, left, why in (("all", [0] * 4, "all cells given"), ("none", [1] * 4, "none given")):
        frame = f.Frame([base(523, size)], overlay=overlay(palette_lzw(), size, left))
        yield Vector(f"frame/overlay-{name}", f.still(f.header(*size), frame), HERE, why)
    alpha = f.raw_group([[(x + y & 255,) for x in range(70)] for y in range(66)], 8)
    frame = f.Frame([base(524, size), alpha], overlay=overlay(pixel_lzw(), size, [0, 1, 1, 0]))
    yield Vector(
        "frame/overlay-alpha",
        f.still(f.header(*size, f.RGBA), frame),
        (*HERE, "frame.group"),
        "colour, alpha apart, and an overlay of the colours",
    )
    frame = f.Frame(
        [base(525, size, components=1)], overlay=overlay(pixel_lzw(1), size, [0, 1, 0, 0])
    )
    yield Vector("frame/overlay-gray", f.still(f.header(*size, f.GRAY), frame), HERE, "gray")
    lzw = palette_lzw(3, 10)
    frame = f.Frame([base(526, size)], overlay=overlay(lzw, size, [0, 1, 1, 0]))
    yield Vector(
        "frame/overlay-10", f.still(f.header(*size, f.RGB, 10), frame), HERE, "10 bits, a palette"
    )
    frames = [
        f.Frame([base(527, size)], None, 40000, overlay=overlay(palette_lzw(), size, [0, 1, 1, 0])),
        f.Frame([base(528, (9, 8))], (60, 58, 9, 8), 40000),
    ]
    yield Vector(
        "frame/overlay-animation",
        f.animation(f.header(*size, loop=0), frames),
        (*HERE, "frame.compose"),
        "a frame with an overlay, then one without",
    )
    model = Filters(taps=some_taps()).file()
    frame = f.Frame(
        [base(529, size)],
        between=lrnd(model, 4, 5),
        overlay=overlay(palette_lzw(), size, [0, 1, 1, 0]),
    )
    yield Vector(
        "frame/overlay-learned",
        f.still(f.header(*size, shape_bits=FULL), frame, before=lmdl(model)),
        (*HERE, "learned.place"),
        "a learned layer of the lossy group, below the given cells",
    )


def damaged() -> Iterator[Vector]:
    whole = whole_picture()
    low = len(base(520, SIZE).streams[0][0])
    over = len(overlay(palette_lzw(), SIZE, MIDDLE).streams[0][0])
    begin = whole.data.index(b"SEGS") + 6  # a size of two bytes

    def salvage(name: str, data: bytes, why: str, of: str | None = None, scale: int = 1) -> Vector:
        return Vector(
            f"frame/overlay-{name}",
            data,
            ("frame.tolerant", "frame.overlay"),
            why,
            "salvage",
            stage="segment",
            twin=whole.id,
            tolerant=True,
            of=of,
            scale=scale,
        )

    def flipped(place: int) -> bytes:
        data = bytearray(whole.data)
        data[place] ^= 8
        return bytes(data)

    yield salvage("lost", flipped(begin + low + 4 + 9), "a bit of the overlay: no cell is given")
    yield salvage("low-lost", flipped(begin + 9), "a bit of the low stream: given cells are whole")
    cut = whole.data[: begin + low + 4 + over + 4]
    yield salvage("cut", cut, "the file ends behind the overlay: given cells on a blurred picture")
    yield salvage("cut-scale-2", cut, "the same at 1:2", of="frame/overlay-cut", scale=2)


def refused() -> Iterator[Vector]:
    size = (70, 66)

    def bad(name: str, group: f.Group, clause: str, why: str, stage: str = "header") -> Vector:
        data = f.still(f.header(*size), f.Frame([base(523, size)], overlay=group))
        twin = "frame/overlay-all"
        return refusal(f"frame/overlay-{name}", data, clause, why, twin=twin, stage=stage)

    here = "frame.overlay"
    good = overlay(palette_lzw(), size, [0] * 4)
    raw = f.raw_group([[(x, y, 7) for x in range(70)] for y in range(66)], 8)
    data = f.still(f.header(*size), f.Frame([raw], overlay=good))
    twin = "frame/overlay-all"
    why = "over raw samples"
    yield refusal("frame/overlay-over-raw", data, here, why, twin=twin, stage="header")
    data = f.still(f.header(*size), f.Frame([good], overlay=good))
    why = "over exact samples"
    yield refusal("frame/overlay-over-exact", data, here, why, twin=twin, stage="header")
    yield bad("raw", raw, here, "in raw mode")
    yield bad("lossy", base(523, size), here, "in lossy mode")
    one = Lzw(3, palette=[(7, 200, 31)])
    yield bad("palette-1", lossless_group([b"\x80"], one), here, "of one colour", "segment")
    packed = Lzw(3, palette=[(7, 200, 31), (8, 9, 10)], per=8)
    yield bad("packed", lossless_group([b"\x80"], packed), here, "packed indices", "segment")
    photo = Prediction(3, value=[even(list(range(16)), 72)])
    both = lossless_group([b""], pixel_lzw(), photo)
    yield bad("prediction", both, here, "with prediction", "segment")
    alone = lossless_group([b""], None, photo)
    yield bad("prediction-alone", alone, here, "with prediction alone", "segment")
    tokens = Tokens(palette_lzw())
    tokens.bits.raw(1, 0).raw(1, 0).gamma(5)
    many = lossless_group([tokens.bytes()], palette_lzw())
    yield bad("cells-long", many, "lossless.cells", "a run of five cells in four", "segment")
    stream = segment(palette_lzw(), *size, [0] * 4)
    behind = lossless_group([stream + b"\0"], palette_lzw())
    yield bad("behind", behind, "lossless.segment", "a byte behind its bits", "segment")
    fill = Tokens(palette_lzw()).cells(1).bytes(fill=1)
    yield bad(
        "fill", lossless_group([fill], palette_lzw()), "lossless.segment", "fill bits", "segment"
    )
