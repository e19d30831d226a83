"""Vectors of chapters 6a and 9a."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author.bits import even
from conformance.author.draw import Draw
from conformance.author.lossless import Prediction, Residuals
from conformance.author.prediction_code_vectors import histograms, maps, residuals
from conformance.author.prediction_files import SMALL, alternating, made, places, plain
from conformance.author.prediction_refused_vectors import (
    refused_numbers,
    refused_segments,
    refused_streams,
    refused_tables,
)
from conformance.author.vector import Vector


def vectors() -> Iterator[Vector]:
    yield from colours()
    yield from taps()
    yield from classes()
    yield from presets()
    yield from nearly()
    yield from values()
    yield from numbers()
    yield from residuals()
    yield from maps()
    yield from histograms()
    yield from refused_tables()
    yield from refused_segments()
    yield from refused_streams()
    yield from refused_numbers()


def colours() -> Iterator[Vector]:
    for transform in range(7):
        for channels in (3, 4):
            p = Prediction(channels, transform, value=[SMALL])
            yield Vector(
                f"prediction/transform-{transform}-{channels}",
                made(p, 9, 6, plain(300 + transform, 54 * channels)),
                ("prediction.colour", "prediction.tables", "prediction.sample"),
                f"colour transform {transform}, {channels} channels",
            )
    p = Prediction(2, value=[SMALL])
    yield Vector(
        "prediction/channels-2",
        made(p, 9, 6, plain(310, 108)),
        ("prediction.colour",),
        "two planes that are the channels",
    )


def taps() -> Iterator[Vector]:
    draw = Draw(320)
    for own, cross, name in (
        ((20, 16, 16, 16), (0, 13, 13, 13), "most"),
        ((2, 3, 4, 5), (0, 2, 3, 0), "few"),
        ((6, 1, 1, 1), (0, 13, 2, 5), "crossed"),
    ):
        p = Prediction(4, 1, own=own, cross=cross, value=[SMALL])
        for plane in range(4):
            for place in range(45):
                p.means[plane, place] = draw.between(-9, 9)
        yield Vector(
            f"prediction/taps-{name}",
            made(p, 13, 11, plain(321, 143 * 4, 3)),
            ("prediction.taps", "prediction.coefficients", "prediction.edges"),
            f"own taps {own}, taps of earlier planes {cross}",
        )
    p = Prediction(1, own=(20,), value=[SMALL])
    p.means = {(0, 0): 511, (0, 1): -512, (0, 2): 300, (0, 8): -256}
    yield Vector(
        "prediction/clamped",
        made(p, 12, 9, lambda bits: [bits.value(2 if i < 12 else 0) for i in range(108)]),
        ("prediction.sample", "prediction.coefficients"),
        "coefficients at their limits; predictions are clamped",
    )
    for w, h in ((1, 1), (1, 9), (9, 1), (2, 3)):
        p = Prediction(3, 2, own=(20, 16, 16), cross=(0, 13, 13), value=[SMALL])
        for place in range(45):
            for plane in range(3):
                p.means[plane, place] = (place + plane) % 5 - 2
        yield Vector(
            f"prediction/size-{w}x{h}",
            made(p, w, h, plain(330, w * h * 3, 3)),
            ("prediction.edges",),
            "neighbours outside on all sides",
        )


def classes() -> Iterator[Vector]:
    for number in (2, 64):
        symbols = list(range(number + 2))
        code = even(symbols, number + 2)
        p = Prediction(1, classes=number, own=(4,), differ=code, same=code, value=[SMALL])
        p.rice = 15 if number == 64 else 2
        draw = Draw(340 + number)
        for k in range(number):
            for place in range(3):
                p.spread[0, place, k] = draw.between(0, 40)

        def put(bits: Residuals, number: int = number, draw: Draw = draw) -> None:
            grid: dict[tuple[int, int], int] = {}
            for i in range(3):
                for j in range(5):
                    w, n = grid.get((i, j - 1), -1), grid.get((i - 1, j), -1)
                    w = n if w == -1 else w
                    n = w if n == -1 else n
                    s = 2 + draw.below(number)
                    if w != -1 and draw.below(2):
                        s = 0
                    elif w != n and draw.below(2):
                        s = 1
                    bits.of_class("same" if w == n else "differ", s)
                    grid[i, j] = w if s == 0 else n if s == 1 else s - 2
            for _ in range(37 * 20):
                bits.value(draw.below(3))

        yield Vector(
            f"prediction/classes-{number}",
            made(p, 37, 20, put),
            ("prediction.classes", "prediction.coefficients", "prefix.lengths"),
            f"{number} classes, each way to tell one",
        )


def presets() -> Iterator[Vector]:
    code = even(list(range(34)), 34)
    for channels, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 12)):
        p = Prediction(
            channels, preset=True, classes=32, differ=code, same=code, value=[SMALL], depth=depth
        )

        def put(bits: Residuals, channels: int = channels) -> None:
            draw = Draw(346)
            for i in range(20):  # 5 x 4 blocks, each by the number of its class
                bits.of_class("differ" if i % 5 > 0 and i > 5 else "same", 2 + 7 * i % 32)
            for _ in range(37 * 30 * channels):
                bits.value(draw.below(4))

        yield Vector(
            f"prediction/preset-{channels}x{depth}",
            made(p, 37, 30, put, depth),
            ("prediction.preset", "prediction.taps", "prediction.classes"),
            f"the preset predictors in {channels} channels of {depth} bits",
        )
    yield from above()


def above() -> Iterator[Vector]:
    """Two tables whose words are alike, so that what a word means tells which one was taken."""
    for channels, depth, near, rans in (
        (1, 8, 0, False),
        (3, 8, 0, False),
        (4, 8, 0, True),
        (3, 12, 0, False),
        (3, 8, 1, False),
    ):
        p = Prediction(
            channels, preset=True, above=True, classes=32, depth=depth, near=near, rans=rans
        )
        kinds = list(range(8)), [*range(7), 9]
        p.value = [[32 if s in kind else -1 for s in range(72)] for kind in kinds]
        p.zeros = [None, None]
        p.differ = p.same = [32] * 34
        if not rans:
            p.value = [even(kind, 72) for kind in kinds]
            p.differ = p.same = even(list(range(34)), 34)
        rows = 2 * max(8, depth) + 10
        p.contexts = channels * rows * 20
        p.map_lengths = [0, 1, 1]
        # The second table from level 7 on, and where w is not 0 or n not 2.
        p.map_symbols = [1 + int(c // 20 % rows >= 14 or c % 20 != 2) for c in range(p.contexts)]

        def put(bits: Residuals, channels: int = channels) -> None:
            draw = Draw(348)
            for i in range(20):
                bits.of_class("differ" if i % 5 > 0 and i > 5 else "same", 2 + 7 * i % 32)
            for _ in range(37 * 30 * channels):
                bits.value(draw.below(8))

        yield Vector(
            f"prediction/above-{channels}x{depth}" + "-rans" * rans + f"-near-{near}" * (near > 0),
            made(p, 37, 30, put, depth),
            ("prediction.above", "prediction.energy", "prediction.context"),
            "contexts that know rows above and earlier planes alone",
        )
    code = even(list(range(34)), 34)
    zeros = even(list(range(72)), 72)
    p = Prediction(1, preset=True, above=True, classes=32, differ=code, same=code)
    p.value, p.zeros = [SMALL], [zeros]

    def runs(bits: Residuals) -> None:
        draw = Draw(351)
        for i in range(20):
            bits.of_class("differ" if i % 5 > 0 and i > 5 else "same", 2 + 7 * i % 32)
        left = 37 * 30
        while left > 0:
            run = draw.below(90) if draw.below(3) else 0
            bits.run(run)
            left -= run + 1
            if left >= 0:
                bits.value(draw.below(5))

    yield Vector(
        "prediction/above-runs",
        made(p, 37, 30, runs),
        ("prediction.above", "prediction.residual"),
        "runs of zeros where contexts know rows above alone",
    )
    for own in (4, 5, 13):
        yield above_own(own)


def above_own(own: int) -> Vector:
    """Predictors of its own, whose taps in the own row are one, two or three."""
    p = Prediction(
        3, 1, above=True, classes=3, own=(own,) * 3, cross=(0, 3, 3), value=[SMALL], rice=4
    )
    p.differ = p.same = even(list(range(5)), 5)
    for plane in range(3):
        for place in range(own - 1 + 2 * plane):
            p.means[plane, place] = (11 * place + 5 * plane) % 7 - 3
            for k in range(3):
                p.spread[plane, place, k] = (7 * place + 13 * k) % 5 - 2

    def put(bits: Residuals) -> None:
        draw = Draw(352 + own)
        for i in range(20):
            bits.of_class("differ" if i % 5 > 0 and i > 5 else "same", 2 + 2 * i % 3)
        for _ in range(37 * 30 * 3):
            bits.value(draw.below(3))

    return Vector(
        f"prediction/above-own-{own}",
        made(p, 37, 30, put),
        ("prediction.above", "prediction.coefficients", "prediction.sample"),
        f"{own} own taps of predictors that are sent, and contexts of rows above alone",
    )


def nearly() -> Iterator[Vector]:
    for channels, near, depth, most in (
        (1, 1, 8, 5),
        (3, 2, 8, 4),
        (4, 7, 5, 3),
        (3, 65535, 16, 3),
    ):
        p = Prediction(
            channels, min(channels - 1, 2), own=(4, 3, 2, 5), cross=(0, 2, 3, 2), near=near
        )
        p.value = [SMALL]
        p.means = {(plane, place): (-1) ** place * 20 for plane in range(4) for place in range(9)}
        yield Vector(
            f"prediction/near-{near}-{channels}x{depth}",
            made(p, 19, 11, plain(347, 19 * 11 * channels, most), depth),
            ("prediction.near", "prediction.sample", "prediction.colour", "prediction.context"),
            f"residuals in steps of {2 * near + 1}; planes and channels are clamped",
        )


def values() -> Iterator[Vector]:
    for name, channels, depth, begin, runs in (
        ("two", 1, 8, 0, [10, 1, 100, 1, 144]),
        ("all", 1, 4, 1, [16]),
        ("one", 1, 12, 0, [4095, 1]),
        ("every-second", 3, 5, 1, [1] * 32),
        ("ends", 2, 16, 1, [1, 65534, 1]),
    ):
        p = Prediction(channels, values=runs, values_begin=begin, value=[SMALL])
        listed = sum(runs[1 - begin :: 2])
        most = 1 if listed == 1 else 2
        yield Vector(
            f"prediction/values-{name}",
            made(p, 6, 4, alternating(24 * channels, most), depth),
            ("prediction.values", "prediction.tables", "prediction.colour"),
            f"{listed} values of 2^{depth}, coded as ranks",
        )


def numbers() -> Iterator[Vector]:
    for name, channels, depth, listed, bits in (
        ("ranks", 1, 12, [0, 725, 726, 363, 364], 10),
        ("few-values", 3, 16, [0, 5, 6], 18),
        ("one", 2, 9, [0], 0),
    ):
        p = Prediction(channels, value=[SMALL], numbers=listed, number_bits=bits)
        if name == "few-values":
            p.values = [255, 1] * 41
            p.values.append(65536 - sum(p.values))
        yield Vector(
            f"prediction/numbers-{name}",
            made(p, 8, 5, places(40 * channels, len(listed)), depth),
            ("prediction.numbers", "prediction.sample", "prediction.tables"),
            f"{len(listed)} residual numbers in a list, {depth} bits a sample",
        )
