"""Vectors of chapter 9a: residuals, context maps, histograms."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author.bits import even, ladder
from conformance.author.draw import Draw
from conformance.author.lossless import Prediction, Residuals
from conformance.author.prediction_files import SMALL, made, plain
from conformance.author.vector import Vector


def residuals() -> Iterator[Vector]:
    tokens = even(list(range(72)), 72)
    p = Prediction(1, value=[tokens])
    ups = [1, 3, 31, 33, 61, 63, 127, 129, 255, 257, 1023, 1025, 4095, 4097, 16383, 32767]

    def put(bits: Residuals) -> None:
        for z in ups:
            bits.value(z).value(z + 1)  # up, and down again
        bits.value(2 * 32768).value(2 * 65535 - 1)

    yield Vector(
        "prediction/residual-sizes",
        made(p, 2 * len(ups) + 2, 1, put, 16),
        ("prediction.residual", "prediction.energy"),
        "numbers at the edges of their tokens, from bottom to top of 16 bits",
    )
    zeros = even(list(range(72)), 72)
    p = Prediction(1, zeros=[zeros], value=[SMALL])

    def runs(bits: Residuals) -> None:
        draw = Draw(350)
        left = 40 * 9
        while left:
            run = draw.below(20) if draw.below(5) else 0
            bits.run(run)
            left -= min(run, left)
            if left:
                bits.value(draw.below(3))
                left -= 1

    yield Vector(
        "prediction/runs",
        made(p, 40, 9, runs),
        ("prediction.residual", "prediction.tables"),
        "runs of zeros, some of none, the last maybe beyond the end",
    )
    yield Vector(
        "prediction/run-beyond",
        made(p, 40, 9, lambda bits: bits.run(60000)),
        ("prediction.residual",),
        "one run, longer than the segment",
    )
    yield Vector(
        "prediction/run-65535",
        made(p, 256, 257, lambda bits: bits.run(65535).run(7).value(4).run(300)),
        ("prediction.residual",),
        "a run of 65535 is followed by another run",
    )
    yield Vector(
        "prediction/run-65534",
        made(p, 256, 257, lambda bits: bits.run(65534).value(4).run(300)),
        ("prediction.residual",),
        "a run of 65534 is followed by a value",
    )
    lone = even([0], 72)
    p = Prediction(1, value=[lone])
    yield Vector(
        "prediction/constant",
        made(p, 30, 20, lambda bits: None),
        ("prefix.code", "prediction.segment"),
        "a code of one symbol: no bits for a segment",
    )
    long = ladder([*range(12), 20], 72, 12)
    p = Prediction(1, value=[long])
    yield Vector(
        "prediction/longest-words",
        made(p, 13, 1, lambda bits: [bits.value(z) for z in (*range(12), 32)]),
        ("prefix.code", "prefix.lengths"),
        "words of 1 to 12 bits",
    )


def maps() -> Iterator[Vector]:
    for channels, number, depth in (
        (1, 2, 8),
        (1, 32, 8),
        (3, 20, 8),
        (4, 32, 7),
        (1, 31, 16),
        (1, 64, 10),
    ):
        levels = 2 * max(8, depth) + 2
        draw = Draw(360 + number)
        p = Prediction(channels, 1 if channels > 2 else 0, own=(5, 4, 6, 3), cross=(0, 2, 3, 4))
        p.means = {(plane, place): (-1) ** place * 9 for plane in range(4) for place in range(12)}
        most = {7: 3, 8: 7 - channels, 10: 9, 16: 16}[depth]
        p.value = [even([draw.below(most)], 72) for _ in range(number)]
        p.zeros = [None] * number
        p.map_lengths = even(list(range(number + 1)), number + 1)
        p.map_symbols = [draw.below(number + 1) for _ in range(channels * (levels + 8) * 20)]
        yield Vector(
            f"prediction/contexts-{channels}x{depth}-{number}",
            made(p, 20, 12, lambda bits: None, depth),
            ("prediction.map", "prediction.context", "prediction.energy", "prediction.sample"),
            f"{number} tables of one symbol each: no bits, the contexts alone make the picture",
        )


def histograms() -> Iterator[Vector]:
    """The coder rANS."""
    slope = [47 - 3 * s if s < 12 else -1 for s in range(15)] + [7]
    one = [-1, -1, -1, 20]
    for name, k, value, most in (
        ("slope", 2, slope, 12),
        ("gaps", 0, [42, -1, -1, 40, 41, -1, 39, 30], 1),
        ("flat", 1, [33] * 72, 6),
        ("steep", 3, [47, 0, 47, *[0] * 69], 3),
    ):
        p = Prediction(1, own=(3,), value=[value], rans=True, histogram_rice=k)
        yield Vector(
            f"prediction/histogram-{name}",
            made(p, 11, 9, plain(390, 99, most)),
            ("prediction.histogram", "prediction.segment", "rans.symbol", "rans.end"),
            f"a histogram of {sum(e >= 0 for e in value)} symbols",
        )
    p = Prediction(1, value=[[-1, -1, 5]], rans=True)
    yield Vector(
        "prediction/histogram-lone",
        made(p, 30, 1, lambda bits: [bits.value(2) for _ in range(30)]),
        ("prediction.histogram", "rans.end"),
        "a lone symbol: its stream is two states",
    )
    p = Prediction(1, value=[[30] * 72], rans=True)
    ups = [1, 15, 17, 31, 33, 61, 1023, 1025, 16383, 16385, 32767]

    def put(bits: Residuals) -> None:
        for z in ups:
            bits.value(z).value(z + 1)

    yield Vector(
        "prediction/histogram-raw",
        made(p, 2 * len(ups), 1, put, 16),
        ("prediction.histogram", "prediction.residual", "rans.raw"),
        "numbers with 0 to 13 raw bits",
    )
    p = Prediction(
        1, classes=3, own=(4,), differ=[40, 30, -1, 30, 20], same=[47, -1, 9, 30, 20], rans=True
    )
    p.value = [slope, one]
    p.zeros = [None, None]
    p.map_lengths = even([0, 1, 2], 3)
    draw = Draw(395)
    p.map_symbols = [draw.below(2) for _ in range((18 + 8) * 20)]
    p.spread = {(0, 0, 0): 20, (0, 1, 1): -30, (0, 2, 2): 11}

    def blocks(bits: Residuals) -> None:
        bits.of_class("same", 3).of_class("same", 0)  # the top row: 1, 1
        bits.of_class("same", 4).of_class("differ", 1)  # the lower row: 2, 1
        for _ in range(13 * 10):
            bits.value(draw.below(5))

    yield Vector(
        "prediction/histogram-classes",
        made(p, 13, 10, blocks),
        ("prediction.classes", "prediction.histogram", "prediction.segment"),
        "classes by histograms",
    )
