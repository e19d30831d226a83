"""Vectors of chapters 9a and 9b at edges that mutants of the reference decoder showed unmet."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, Code, even, table, zigzag
from conformance.author.draw import Draw
from conformance.author.lossless import (
    DE,
    EX,
    INDEX,
    INH,
    NE,
    NW,
    Lzw,
    N,
    Prediction,
    Residuals,
    Tokens,
    W,
    lossless_group,
)
from conformance.author.lossless_files import file_of, gray_lzw
from conformance.author.prediction_files import SMALL, made, plain
from conformance.author.vector import Vector, refusal

PHRASES = 64


def vectors() -> Iterator[Vector]:
    yield from tokens()
    yield from families()
    yield from prediction()
    yield from refused_prediction()


def tokens() -> Iterator[Vector]:
    lzw = gray_lzw(cache_bits=1)
    lzw.own["cache"] = even([0, 1], 2)
    put = Tokens(lzw).residuals(2, 9).cached(0).cached(1).residuals(2, 4).cached(1).cached(0)
    yield Vector(
        "lossless/cache-two",
        file_of(lossless_group([put.bytes()], lzw), 6, 1, f.GRAY),
        ("lzw.token", "lzw.cache"),
        "a cache of two colours",
    )
    lzw = gray_lzw()
    put = Tokens(lzw).residuals(2, 9).run(W, 16).run(EX, 1, 4).residuals(2, 3).run(W, 21)
    put.run(DE, 1).run(W, 39)
    yield refusal(
        "lossless/de-17",
        file_of(lossless_group([put.bytes()], lzw), 40, 2, f.GRAY),
        "lzw.token",
        "DE whose only other displacement is 17 columns away",
        twin="lossless/twin",
        stage="segment",
    )
    draw = Draw(396)  # found by trying
    runs = [source << 5 for source in (INH, N, W, NE, NW)]
    for count in (32, 33):
        palette = [(draw.below(256), draw.below(256), draw.below(256)) for _ in range(count)]
        lone = Lzw(3, palette=palette)
        lone.lone["token"] = [
            runs[draw.below(5)] if draw.below(3) == 0 else INDEX for _ in range(28)
        ]
        lone.lone["index"] = [draw.below(count) for _ in range(32)]
        yield Vector(
            f"lossless/contexts-index-{count}",
            file_of(lossless_group([b""], lone), 37, 29, f.RGB),
            ("lzw.index", "lzw.context"),
            f"lone symbols in all classes, {count} palette entries",
        )


def families() -> Iterator[Vector]:
    """Tables of the pixel kind that break a rule of clause `lzw.family` and no other."""

    def start() -> Bits:
        return Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 4)

    def bad(name: str, bits: Bits, why: str) -> Vector:
        put = Tokens(gray_lzw()).residuals(2, 9).run(W, 8)
        group = f.Group(f.LOSSLESS, [[put.bytes()]], b"\1" + bits.bytes() + bytes(400))
        data = file_of(group, 3, 3, f.GRAY)
        twin = "lossless/twin"
        return refusal(f"lossless/{name}", data, "lzw.family", why, twin=twin, stage="table")

    three = start().raw(5, 2)
    for use in [1, 2, 3] + [1] * 25:
        three.raw(2, use)
    yield bad("use-3", three, "a third code, where two are sent and used")
    sending = table("lzw-sending-lengths.txt")[48:96]  # of phrases
    gaps, deltas = Code(list(sending[:23])), Code(list(sending[23:]))
    base = min(table("lzw-phrase-lengths.txt")[:PHRASES])
    beyond = start().raw(5, 0).raw(5, 1).raw(1, 1)
    beyond.gamma(1).symbol(gaps, 18).raw(6, 0)
    yield bad("rank-64", beyond, "a code of symbol 64 of 64")
    none = start().raw(5, 0).raw(5, 1).raw(1, 1)
    none.gamma(2).symbol(gaps, 0).symbol(deltas, zigzag(-base))
    yield bad("length-0", none, "a symbol of length 0")


def prediction() -> Iterator[Vector]:
    one = Prediction(1, value=[[32]], rans=True)
    yield Vector(
        "prediction/histogram-one",
        made(one, 3, 3, lambda bits: [bits.value(0) for _ in range(9)]),
        ("prediction.histogram",),
        "a histogram of one symbol",
    )
    listed = Prediction(1, value=[SMALL], zeros=[SMALL], numbers=[0, 5, 9])
    yield Vector(
        "prediction/numbers-runs",
        made(listed, 6, 2, in_runs, 10),
        ("prediction.numbers", "prediction.residual"),
        "runs of the first number of a list",
    )
    levels = Prediction(1, value=[even([2], 72), even([3], 72)], map_lengths=[2, 2, 1])
    levels.zeros = [None, None]
    levels.map_symbols = [1] * 20 + [2] * 20 + [0] * (26 * 20 - 40)
    data = lossless_group([b""], prediction=levels)
    yield Vector(
        "prediction/map-rows",
        file_of(data, 23, 17, f.GRAY),
        ("prediction.map", "prediction.context"),
        "two tables of a lone symbol each; from the third row on the map is that of rows before",
    )


def in_runs(bits: Residuals) -> None:
    for run, value in ((0, 1), (3, 0), (2, 1), (1, 0)):
        bits.run(run).value(value)
    bits.run(2)


def refused_prediction() -> Iterator[Vector]:
    twin = "prediction/segment-twin"

    def bad(name: str, p: Prediction, why: str) -> Vector:
        data = made(p, 3, 3, plain(271, 9))
        return refusal(f"prediction/{name}", data, "prefix.lengths", why, twin=twin, stage="table")

    for name in ("differ", "same"):
        p = Prediction(1, value=[SMALL], classes=2)
        p.differ = p.same = even(list(range(4)), 4)
        setattr(p, name, even(list(range(5)), 5))
        yield bad(f"{name}-5", p, "five symbols of a code of classes, where there are two")
    p = Prediction(1, value=[SMALL, SMALL], zeros=[None, None], map_lengths=[2, 2, 2, 2])
    p.map_symbols = [0] * 520
    yield bad("map-4", p, "four symbols of a map of two tables")
