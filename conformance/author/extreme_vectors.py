"""Vectors of the least and the greatest: fields at their ends, clamps, and rare choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.author import fields as f
from conformance.author.bits import Bits, even
from conformance.author.draw import Draw, noise
from conformance.author.learned import Filters, Layer, Network, Tap, lmdl, lrnd
from conformance.author.learned_vectors import FULL
from conformance.author.lossless import (
    INDEX,
    RESIDUALS,
    Lzw,
    N,
    Prediction,
    Residuals,
    Tokens,
    W,
    lossless_group,
)
from conformance.author.lossless_files import (
    LAYOUT,
    MASKS,
    bucket_floor,
    file_of,
    gray_lzw,
    token_code,
)
from conformance.author.lossy import Plan
from conformance.author.lossy_block_vectors import blocks, uniform
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.prediction_files import SMALL, made, plain
from conformance.author.vector import Vector, refusal

FAR = 1 << 62


def vectors() -> Iterator[Vector]:
    yield from chunks()
    yield from heads()
    yield from samples()
    yield from lzw()
    yield from prediction()
    yield from lossy()
    yield from models()


def raw(layout: int = f.RGB, depth: int = 8) -> f.Group:
    return f.raw_group(noise(5, 3, f.CHANNELS[layout], depth, 9), depth)


def chunks() -> Iterator[Vector]:
    head, twin = f.header(5, 3), "container/plain"
    frame = f.Frame([raw()])

    def with_chunk(chunk: bytes) -> bytes:
        return f.still(head, frame, before=chunk)

    far = with_chunk(f.chunk("zzzz", size_field=f.leb(FAR)))
    here = "container.chunk"
    why = "a chunk of 2^62 bytes"
    yield refusal("container/chunk-2-62", far, here, why, twin=twin, stage="chunk")
    yield Vector(
        "frame/tolerant-2-62",
        far,
        (here, "frame.tolerant"),
        "the same for a tolerant decoder: nothing stands behind it",
        "refuse",
        "chunk",
        "frame/tolerant-whole",
        of="container/chunk-2-62",
        tolerant=True,
    )
    yield Vector(
        "frame/tolerant-empty-chunk",
        with_chunk(f.chunk("zzzz", check=1)),
        ("frame.tolerant", here),
        "an empty chunk with a wrong CRC is skipped",
        "salvage",
        "chunk",
        twin,
        tolerant=True,
    )
    for name, size in (("least", 1), ("most", FAR)):
        frames = [f.Frame([raw()], duration=1)]
        told = f.chunk("indx", f.leb(1) + f.leb(size) + f.leb(1))
        yield refusal(
            f"frame/index-size-{name}",
            f.animation(f.header(5, 3, loop=0), frames, told),
            "container.index",
            f"a frame of {size} bytes, says the index",
            twin="frame/animation-1",
            stage="chunk",
        )
    yield Vector(
        "container/metadata-one-byte",
        with_chunk(f.chunk("exif", f.deflated(b"x"))),
        ("container.metadata",),
        "a byte, deflated",
    )
    yield Vector(
        "container/metadata-2-24",
        with_chunk(f.chunk("exif", f.deflated(bytes(1 << 24)))),
        ("container.metadata", "conventions.refusals"),
        "16 MiB of zeros in 16 KB, the most that a chunk may hold",
        "may",
    )


def heads() -> Iterator[Vector]:
    head = f.header(5, 3)
    far = 1 << 30
    frames = [f.Frame([raw()], (far, far, far, far), 1)]
    yield refusal(
        "frame/place-most",
        f.animation(f.header(5, 3, loop=0), frames),
        "frame.head",
        "a frame of 2^30 x 2^30 at 2^30, 2^30",
        twin="frame/groups-differ",
        stage="header",
    )
    frame = f.Frame([raw()])
    frame.wrong_size = (1 << 40) - len(frame.in_order()[0])
    yield refusal(
        "frame/size-most",
        f.still(head, frame),
        "frame.data",
        "a segment of 2^40 bytes",
        twin="container/plain",
        stage="header",
    )
    payload = f.u8(64) + f.u8(f.LOSSLESS) + f.leb(4) + b"abc"
    yield refusal(
        "frame/tables-most",
        head + f.chunk("FRAM", payload) + f.chunk("SEGS") + f.chunk("DEND"),
        "frame.group",
        "tables as long as all that is left with their size",
        twin="lossless/twin",
        stage="header",
    )
    whole = lossy_group(drawn(81), 20, 9)
    small = f.header(20, 9, compact=True)
    for name, size in (("least", 0), ("most", -1)):
        body = small + whole.head()
        rest = whole.streams[0][0] + whole.streams[1][0]
        told = len(rest) + len(f.leb(len(rest))) if size else 0
        body += f.leb(told) + rest
        yield refusal(
            f"lossy/compact-low-{name}",
            body + f.crc(body),
            "container.compact" if size else "rans.stream",
            f"a low stream of {told} bytes",
            twin="lossy/compact",
            stage="segment",
        )


def samples() -> Iterator[Vector]:
    for depth in (6, 11, 14):
        data = f.still(f.header(5, 3, f.RGB, depth), f.Frame([raw(depth=depth)]))
        yield Vector(
            f"container/depth-{depth}",
            data,
            ("container.header", "frame.raw"),
            f"{depth} bits a sample",
        )
    for log2 in range(8, 15):
        group = raw()
        group.log2 = log2
        yield Vector(
            f"frame/segment-log2-{log2}",
            f.still(f.header(5, 3), f.Frame([group])),
            ("frame.segments",),
            f"segments of 2^{log2}, far larger than the picture",
        )


class Escaped(Lzw):
    """A palette whose second and third entry are told by the longest form, as 0 and all ones."""

    def put_palette(self, bits: Bits, palette: object) -> None:
        bits.raw(8, 2).raw(8, 5).raw(4, 3)
        bits.raw(16, 65535).raw(9, 0).raw(16, 65535).raw(9, 511)


def lzw() -> Iterator[Vector]:
    escaped = Escaped(1, palette=[(5,), (5,), (4,)])
    escaped.own = {"token": token_code(INDEX), "index": even([0, 1, 2], 3)}
    tokens = Tokens(escaped)
    for i in (0, 1, 2, 2, 1, 0):
        tokens.index(i)
    yield Vector(
        "lossless/palette-escapes",
        file_of(lossless_group([tokens.bytes()], escaped), 3, 2, f.GRAY),
        ("lzw.palette",),
        "palette steps of 0 and of 511 in the longest form",
    )
    for bits in range(7, 12):
        cached = gray_lzw(cache_bits=bits)
        cached.own["cache"] = even(list(range(1 << bits)), 1 << bits)
        tokens = Tokens(cached).residuals(2, 9)
        value = 9
        place = (value << 8) * 0x1E35A7BD % (1 << 32) >> (32 - bits)
        tokens.run(W, 2).cached(place).cached(0).run(W, 4)
        yield Vector(
            f"lossless/cache-{bits}",
            file_of(lossless_group([tokens.bytes()], cached), 3, 3, f.GRAY),
            ("lzw.cache", "lzw.tables"),
            f"a cache of 2^{bits} colours, a full place and an empty one",
        )
    runs = gray_lzw()
    tokens = Tokens(runs).residuals(2, 9)
    for k in (13, 15, 17, 19, 20, 22, 25, 26, 27, 28):
        tokens.run((W, N)[k % 2], bucket_floor(k))
        tokens.residuals(2, k)
    left = 256 * 200 - tokens.pixels
    tokens.run(W, left)
    yield Vector(
        "lossless/long-runs",
        file_of(lossless_group([tokens.bytes()], runs), 256, 200, f.GRAY),
        ("lzw.length",),
        "runs of each long bucket",
    )
    for number in (11, 12, 13):
        alpha = Lzw(2, predictor=number)
        alpha.own = {
            "token": token_code(RESIDUALS + MASKS[2]),
            "residual": even([*range(32), 32, 33, 36, 37], 38),
        }
        draw = Draw(650 + number)
        tokens = Tokens(alpha)
        for _ in range(15):
            tokens.residuals(MASKS[2], draw.below(40), draw.below(40))
        yield Vector(
            f"lossless/predictor-{number}-alpha",
            file_of(lossless_group([tokens.bytes()], alpha), 5, 3, f.GRAY_ALPHA),
            ("lzw.predictor", "lzw.residual"),
            f"predictor {number} of gray and alpha",
        )
    yield from refused_lzw()


def refused_lzw() -> Iterator[Vector]:
    here = "lzw.tables"

    def bad(name: str, tables: bytes, clause: str, why: str, twin: str = "lossless/twin") -> Vector:
        group = f.Group(f.LOSSLESS, [[b"\0" * 9]], tables)
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        return refusal(f"lossless/{name}", data, clause, why, twin=twin, stage="table")

    start = Bits().raw(1, 1).raw(2, 0)
    yield bad("cache-15", b"\1" + start.raw(4, 15).bytes(), here, "cache 15")
    start = Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 15)
    yield bad("predictor-15", b"\1" + start.bytes(), here, "predictor 15")
    why = "an LZW part as long as all that is left with its size"
    yield bad("lzw-size-most", b"\3\4abc", "lossless.tables", why, "lossless/cells-none")


def prediction() -> Iterator[Vector]:
    def bad(name: str, p: Prediction, clause: str, why: str, depth: int = 8) -> Vector:
        p.depth = depth
        group = f.Group(f.LOSSLESS, [[bytes(9)]], b"\2" + p.tables())
        layout = LAYOUT[p.channels]
        data = f.still(f.header(3, 3, layout, depth), f.Frame([group]))
        twin = "prediction/twin" if p.channels == 3 else "prediction/segment-twin"
        if clause == "prediction.numbers":
            twin = "prediction/numbers-ranks"
        if clause == "prediction.histogram":
            twin = "prediction/stream-twin"
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="table")

    here = "prediction.tables"
    yield bad("own-31", Prediction(1, own=(31,), value=[SMALL]), here, "31 own taps")
    crossed = Prediction(3, own=(1, 1, 1), cross=(0, 15, 0), value=[SMALL])
    yield bad("cross-15", crossed, here, "15 taps of an earlier plane")
    many = Prediction(1, value=[[32] * 72], rans=True, counts={"value": 127})
    yield bad("histogram-count-127", many, "prediction.histogram", "127 symbols of 72")
    many = Prediction(1, value=[[*SMALL, 0]], counts={"value": 127})
    yield bad("lengths-127", many, "prefix.lengths", "127 lengths of 72")
    wide = Prediction(1, value=[SMALL], numbers=[0], number_bits=31)
    yield bad("numbers-31-bits", wide, "prediction.numbers", "numbers of 31 bits", 12)
    p = Prediction(1, value=[SMALL], numbers=[0] * 65536, number_bits=0)
    yield Vector(
        "prediction/numbers-65536",
        made(p, 5, 3, plain(660, 15, 9), 12),
        ("prediction.numbers",),
        "65536 numbers of no bits",
    )
    p = Prediction(1, value=[SMALL], numbers=[0, 3], number_bits=2)
    yield Vector(
        "prediction/numbers-all-ones",
        made(p, 5, 1, lambda bits: [bits.value(v) for v in (0, 1, 0, 0, 0)], 12),
        ("prediction.numbers",),
        "a number that fills its bits",
    )
    code = even(list(range(4)), 4)
    p = Prediction(1, classes=2, own=(3,), differ=code, same=code, value=[SMALL], rice=0)
    p.spread = {(0, 0, 0): 1, (0, 1, 1): -2}
    yield Vector(
        "prediction/rice-0",
        made(p, 5, 3, lambda bits: (bits.of_class("same", 2), plain(661, 15, 3)(bits))),
        ("prediction.coefficients",),
        "coefficients by Rice codes without raw bits",
    )
    tokens = even(list(range(72)), 72)
    p = Prediction(1, near=1, value=[tokens])

    def rising(bits: Residuals) -> None:
        for y in range(64):
            size = max(1, (2 + y % 2) << (y // 4) >> 1)
            for _ in range(10):
                bits.value(2 * min(size, 65535) - 1)

    yield Vector(
        "prediction/energies",
        made(p, 10, 64, rising, 16),
        ("prediction.energy", "prediction.context", "prediction.near"),
        "residuals that double each four rows: the contexts of all energies of 16 bits",
    )


def lossy() -> Iterator[Vector]:
    yield Vector(
        "lossy/blocks-64-levels",
        f.still(
            f.header(64, 64),
            f.Frame([lossy_group(blocks(670, choice=uniform(7), end=20, base=900), 64, 64)]),
        ),
        ("lossy.level", "lossy.end", "lossy.shapes"),
        "a block of 64 x 64 with levels beyond its corner",
        scale=2,
    )
    yield Vector(
        "lossy/depth-11",
        f.still(f.header(20, 12, f.RGB, 11), f.Frame([lossy_group(drawn(671), 20, 12)])),
        ("colour.srgb", "lossy.tables"),
        "11 bits a sample",
    )
    most = [[65535] * 8] * 3
    yield Vector(
        "lossy/steps-most",
        f.still(
            f.header(24, 17),
            f.Frame([lossy_group(drawn(672, base=65535, curves=most, filtered=True), 24, 17)]),
        ),
        ("lossy.steps", "lossy.curves", "lossy.deblock"),
        "steps of 65536 and more are cut; so are the filter's thresholds",
    )


def models() -> Iterator[Vector]:
    def file(
        model: bytes, plan: Plan, size: tuple[int, int] = (20, 12), strength: int = 4
    ) -> bytes:
        frame = f.Frame([lossy_group(plan, *size)], between=lrnd(model, strength, strength))
        return f.still(f.header(*size, shape_bits=FULL), frame, before=lmdl(model))

    def vector(name: str, data: bytes, clauses: tuple[str, ...], why: str) -> Vector:
        return Vector(f"learned/{name}", data, clauses, why)

    small = drawn(903)
    here = "learned.filters"
    none = Filters(rates=[], activities=[], taps=[[], [], []])
    data = file(none.file(b" " * 32768), small)
    yield vector("model-metadata-most", data, ("learned.model",), "metadata of 32768 bytes")
    tap: Tap = (0, 0, 1, 9)
    rates = [*range(1, 15), 79]
    activities = [2 * n + 1 for n in range(15)]
    sets = Filters(rates=rates, activities=activities, taps=[[tap], [], []])
    data = file(sets.file(), small)
    why = "16 sets of 16 activities, thresholds from 1 to 79"
    yield vector("filters-sets-most", data, (here, "learned.classes"), why)
    taps = Filters(rates=[], activities=[], taps=[[tap] * 32, [], []])
    yield vector("filters-taps-most", file(taps.file(), small), (here,), "32 taps")
    here = "learned.network"
    one = Layer(1, k=1)
    deep = Network([*[one] * 15, Layer(12, k=1, shift=20)])
    yield vector("network-layers-most", file(deep.file(), small), (here,), "16 layers, 15 of one")
    loud = Layer(12, constant=127, shift=1, multiplier=32767, bias=1 << 20)
    above = Network(
        [replace(loud, outputs=16, flags=2), loud],
    )
    far = drawn(913, size=60, levels=0, end=1, base=65535)
    data = file(above.file(), far, (24, 16), 7)
    why = "corrections that take samples above their range"
    yield vector("network-saturated-above", data, ("learned.correction",), why)
    tall: Callable[..., Any] = lambda c, i, j: -30000 if c else 30000  # noqa: E731
    plan = drawn(914, base=1, levels=0, end=1, residual=tall)
    data = file(Network([Layer(12, k=1)]).file(), plan, (40, 24))
    yield vector("network-inputs-most", data, ("learned.cells",), "inputs are cut at both ends")
