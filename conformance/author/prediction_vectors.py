"""Vectors of chapters 6a and 9a."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, even, ladder, zigzag
from conformance.author.draw import Draw
from conformance.author.lossless import Prediction, Residuals, lossless_group
from conformance.author.vector import Vector, refusal

LAYOUT = {1: f.GRAY, 2: f.GRAY_ALPHA, 3: f.RGB, 4: f.RGBA}
SMALL = even(list(range(16)), 72)


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


def made(
    p: Prediction, w: int, h: int, put: Callable[[Residuals], object], depth: int = 8
) -> bytes:
    p.depth = depth
    bits = Residuals(p)
    put(bits)
    group = lossless_group([bits.bytes()], prediction=p)
    return f.still(f.header(w, h, LAYOUT[p.channels], depth), f.Frame([group]))


def plain(seed: int, number: int, most: int = 4) -> Callable[[Residuals], object]:
    """So many residual values 0..most - 1."""

    def put(bits: Residuals) -> None:
        draw = Draw(seed)
        for _ in range(number):
            bits.value(draw.below(most))

    return put


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


def places(number: int, count: int) -> Callable[[Residuals], object]:
    """Places in a list whose entries 1 and 2 go up and down alike."""

    def put(bits: Residuals) -> None:
        for i in range(number):
            bits.value(0 if count == 1 else (0, 1, 0, 2)[i % 4])

    return put


def alternating(number: int, most: int) -> Callable[[Residuals], object]:
    """Residuals that stay near the middle: 0, and now and then down by one and up by one."""

    def put(bits: Residuals) -> None:
        for i in range(number):
            bits.value(0 if most == 1 or i % 6 > 2 else (0, 2, 1)[i % 6])

    return put


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


def refused_streams() -> Iterator[Vector]:
    p = Prediction(1, value=[[32] * 40], rans=True)
    bits = Residuals(p)
    plain(400, 9)(bits)
    stream = bits.bytes()
    twin = "prediction/stream-twin"

    def file(tables: bytes, stream: bytes) -> bytes:
        group = f.Group(f.LOSSLESS, [[stream]], b"\2" + tables)
        return f.still(f.header(3, 3, f.GRAY), f.Frame([group]))

    yield Vector(twin, file(p.tables(), stream), ("prediction.segment",), "the twin of refusals")

    def bad(name: str, stream: bytes, clause: str, why: str) -> Vector:
        data = file(p.tables(), stream)
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="segment")

    yield bad("stream-short", stream[:7], "rans.stream", "7 bytes")
    yield bad("stream-cut", stream[:-2], "rans.stream", "a word is missing")
    yield bad("stream-long", stream + b"\0\0", "rans.end", "a word is left")
    yield bad("stream-state", bits.rans.bytes((65536, 65537)), "rans.end", "a state is not 65536")

    def worse(name: str, p: Prediction, clause: str, why: str) -> Vector:
        data = file(p.tables(), stream)
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="table")

    def like(value: list[int], count: int | None = None) -> Prediction:
        counts = {} if count is None else {"value": count}
        return Prediction(1, value=[value], rans=True, counts=counts)

    here = "prediction.histogram"
    yield worse("histogram-count-0", like([32] * 40, 0), here, "no symbol is sent")
    yield worse("histogram-count-73", like([32] * 73), here, "73 of 72 symbols")
    yield worse("histogram-empty", like([-1] * 5), here, "no symbol occurs")
    yield worse("histogram-48", like([47, 48]), here, "an exponent of 48")
    blob = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 1).raw(6, 0)
    blob.raw(7, 2).raw(2, 3).rice(3, zigzag(-32) + 1).rice(3, zigzag(-1))
    group = f.Group(f.LOSSLESS, [[stream]], b"\2" + blob.bytes())
    data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
    yield refusal(
        "prediction/histogram-minus", data, here, "an exponent of -1", twin=twin, stage="table"
    )


def refused_tables() -> Iterator[Vector]:
    good = Prediction(3, 1, own=(3, 2, 2), value=[SMALL])
    bits = Residuals(good)
    plain(370, 27)(bits)
    stream = bits.bytes()
    twin = "prediction/twin"
    group = lossless_group([stream], prediction=good)
    yield Vector(
        twin,
        f.still(f.header(3, 3), f.Frame([group])),
        ("prediction.tables", "lossless.tables"),
        "the twin of refusals",
    )

    def bad(name: str, p: Prediction | bytes, clause: str, why: str) -> Vector:
        tables = p if isinstance(p, bytes) else p.tables()
        group = f.Group(f.LOSSLESS, [[stream]], b"\2" + tables)
        data = f.still(f.header(3, 3), f.Frame([group]))
        valued = clause == "prediction.values"
        near = "prediction/values-twin" if valued else twin
        return refusal(f"prediction/{name}", data, clause, why, twin=near, stage="table")

    def like(**more: object) -> Prediction:
        given: dict[str, object] = {
            "channels": 3, "transform": 1, "own": (3, 2, 2), "value": [SMALL], **more,
        }  # fmt: skip
        return Prediction(**given)  # type: ignore[arg-type]

    here = "prediction.tables"
    yield bad("transform-7", like(transform=7), here, "colour transform 7")
    yield bad("own-0", like(own=(0, 2, 2)), here, "no own tap")
    yield bad("own-21", like(own=(21, 2, 2)), here, "21 own taps of plane 0")
    yield bad("own-17", like(own=(2, 17, 2)), here, "17 own taps of plane 1")
    yield bad("cross-1", like(cross=(0, 1, 0)), here, "one tap of an earlier plane")
    yield bad("cross-14", like(cross=(0, 0, 14)), here, "14 taps of an earlier plane")
    tables = good.tables()
    yield bad("tables-long", tables + b"\0", here, "a byte behind the tables")
    yield bad("tables-cut", tables[:-1], "prefix.bits", "the tables end too early")
    filled = like(fill=255).tables()
    assert filled != tables
    yield bad("tables-fill", filled, here, "fill bits are 1")
    yield bad("near-256", like(near=256), "prediction.near", "samples of 8 bits off by 256")
    here = "prediction.values"
    yield bad("values-none", like(values=[256]), here, "no value in the list")
    yield bad("values-over", like(values=[200, 57]), here, "a run beyond 2^depth")
    here = "prediction.coefficients"
    wide = like(classes=2, differ=even([0, 2, 3], 4), same=even([0, 2, 3], 4), rice=8)
    wide.means, wide.spread = {(0, 0): 511}, {(0, 0, 1): 1537}
    yield bad("coefficient-2048", wide, here, "a coefficient of 2048")
    wide.means, wide.spread = {(0, 0): -512}, {(0, 0, 1): -1536}
    yield bad("coefficient-minus-2048", wide, here, "a coefficient of -2048")
    here = "prefix.lengths"
    yield bad("lengths-0", like(counts={"value": 0}), here, "no length")
    yield bad("lengths-73", like(value=[[*SMALL, 0]], counts={"value": 73}), here, "73 of 72")
    yield bad("length-13", like(value=[[13, 1, 2]]), here, "a length of 13")
    yield bad("length-0", like(value=[[]], counts={"value": 0}), here, "a count of 0")
    here = "prefix.code"
    yield bad("code-empty", like(value=[[0, 0, 0]], counts={"value": 3}), here, "no symbol")
    yield bad("code-lone-2", like(value=[[0, 2]]), here, "a lone symbol of length 2")
    yield bad("code-under", like(value=[[2, 2, 2]]), here, "three words of two bits")
    yield bad("code-over", like(value=[[1, 1, 2]]), here, "more than full")
    many = Bits().raw(3, 0).raw(1, 0).raw(6, 0)
    assert many.bits


def refused_segments() -> Iterator[Vector]:
    number = even(list(range(40)), 72)
    p = Prediction(1, value=[number])

    def bad(
        name: str, put: Callable[[Residuals], object], clause: str, why: str, **more: object
    ) -> Vector:
        bits = Residuals(p)
        put(bits)
        stream = bits.bytes(int(str(more.get("fill", 0)))) + bytes(int(str(more.get("behind", 0))))
        group = lossless_group([stream], prediction=p)
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        twin = "prediction/segment-twin"
        return refusal(f"prediction/{name}", data, clause, why, twin=twin, stage="segment")

    data = made(p, 3, 3, plain(380, 9))
    yield Vector("prediction/segment-twin", data, ("prediction.segment",), "the twin of refusals")
    here = "prediction.segment"
    yield bad("segment-long", plain(380, 9), here, "a byte behind the last sample", behind=1)
    yield bad("segment-fill", plain(380, 9), here, "fill bits are 1", fill=255)
    yield bad("segment-cut", plain(380, 7), "prefix.bits", "two samples are missing")
    here = "prediction.sample"
    yield bad("sample-256", lambda b: [b.value(255)] + [b.value(0)] * 8, here, "a sample of 256")
    yield bad("sample-minus", lambda b: [b.value(258)] + [b.value(0)] * 8, here, "a sample of -1")
    p = Prediction(3, 1, value=[number])
    colour = Residuals(p)
    for z in (0, 255, 0):
        colour.value(z)
    group = lossless_group([colour.bytes()], prediction=p)
    yield refusal(
        "prediction/channel-256",
        f.still(f.header(1, 1), f.Frame([group])),
        "prediction.colour",
        "a channel of 256: 128 and the difference 128",
        twin="prediction/size-1x1",
        stage="segment",
    )
    p = Prediction(1, zeros=[even(list(range(72)), 72)], value=[number])
    yield bad("run-65536", lambda b: b.run(65536), "prediction.residual", "a run of 65536")
    p = Prediction(1, classes=2, differ=even([0, 1, 2, 3], 4), same=even([0, 1, 2, 3], 4))
    p.value = [number]
    here = "prediction.classes"
    yield bad(
        "class-missing", lambda b: b.of_class("same", 0), here, "the class at the left of none"
    )
    yield bad(
        "class-above", lambda b: b.of_class("same", 1), here, "the class above where both are one"
    )


def refused_numbers() -> Iterator[Vector]:
    def bad(name: str, p: Prediction, put: Callable[[Residuals], object], why: str) -> Vector:
        table = name != "number-3"
        return refusal(
            f"prediction/{name}",
            made(p, 8, 5, put, 12),
            "prediction.numbers" if table else "prediction.sample",
            why,
            twin="prediction/numbers-ranks",
            stage="table" if table else "segment",
        )

    p = Prediction(1, value=[SMALL], numbers=[0, 1, 2], number_bits=19)
    yield bad("numbers-19-bits", p, places(40, 3), "residual numbers of 19 bits")
    p.number_bits = 2
    yield bad("number-3", p, lambda bits: bits.value(3), "place 3 in a list of 3")
