"""Vectors on either side of a limit that a field, a run or a list has."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, even, zigzag
from conformance.author.container_vectors import small
from conformance.author.draw import Draw
from conformance.author.learned import Filters, lrnd, model_file
from conformance.author.learned_vectors import file_of as layered
from conformance.author.lossless import (
    EX,
    RESIDUALS,
    Lzw,
    Prediction,
    Residuals,
    Tokens,
    W,
    both,
    flat,
    lossless_group,
)
from conformance.author.lossless_files import LAYOUT, MASKS, file_of, gray_lzw, token_code
from conformance.author.lossy_vectors import drawn
from conformance.author.prediction_files import SMALL, made, plain
from conformance.author.vector import Vector, refusal


def vectors() -> Iterator[Vector]:
    yield from chunks()
    yield from lzw()
    yield from families()
    yield from predictors()
    yield from streams()
    yield from mixed()
    yield from near()
    yield from models()


def chunks() -> Iterator[Vector]:
    """The size of a chunk is judged before its type."""
    head, frame = small()
    for name, size, kind, why in (
        ("critical-2-62", 1 << 62, "unsupported", "an unknown critical chunk of 2^62 bytes"),
        ("critical-beyond", (1 << 62) + 1, "refuse", "an unknown chunk of 2^62 + 1 bytes"),
    ):
        data = f.still(head, frame, f.chunk("ABCD", size_field=f.leb(size)))
        given = {"twin": "container/plain", "stage": "chunk", "kind": kind}
        yield refusal(f"container/{name}", data, "container.chunk", why, **given)


def lzw() -> Iterator[Vector]:
    coded = gray_lzw(cache_bits=2)
    coded.own["cache"] = flat(4)
    put = Tokens(coded).cached(3).residuals(2, 9).cached(1).cached(0).run(W, 2)
    yield Vector(
        "lossless/cache-unset",
        file_of(lossless_group([put.bytes()], coded), 6, 1, f.GRAY),
        ("lzw.cache", "lzw.token"),
        "colours of a cache before they are set: 0",
    )
    coded = gray_lzw(tile=1)
    coded.own["predictor"] = flat(15)
    put = Tokens(coded)
    for y in range(9):
        for x in range(17):
            first = y % 8 == 0 and x % 8 == 0
            number = (14, 14, 5, 14, 14, 2)[3 * (y // 8) + x // 8] if first else None
            put.residuals(2, (3 * x + 5 * y) % 7, predictor=number)
    yield Vector(
        "lossless/tiles-as-before",
        file_of(lossless_group([put.bytes()], coded), 17, 9, f.GRAY),
        ("lzw.predictor",),
        "the first tile has the predictor of the one before: 0",
    )
    coded = gray_lzw()
    put = Tokens(coded).residuals(2, 9).residuals(2, 3).residuals(2, 4)
    for age in range(3):
        put.run(EX, 1, 4 + 2 * age)
    for name, number in (("recent-three", 2), ("recent-fourth", 3)):
        last = Tokens(coded)
        last.bits.bits = [*put.bits.bits]
        last.run(EX, 3, number)
        data = file_of(lossless_group([last.bytes()], coded), 3, 3, f.GRAY)
        if number == 2:
            yield Vector(
                f"lossless/{name}", data, ("lzw.phrase",), "the third of three recent distances"
            )
        else:
            yield refusal(
                f"lossless/{name}",
                data,
                "lzw.phrase",
                "the fourth of three recent distances",
                twin="lossless/recent-three",
                stage="segment",
            )


def families() -> Iterator[Vector]:
    """Numbers of symbols of an own code with 30 ones and with 31; a code of the longest words."""
    bits = Tokens(gray_lzw()).residuals(2, 9).run(W, 8).bytes()
    for ones, clause in ((30, "lzw.family"), (31, "prefix.bits")):
        blob = Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 4).raw(5, 1)
        for _ in range(28):
            blob.raw(1, 1)
        blob.unary(ones).raw(31, 0)
        group = f.Group(f.LOSSLESS, [[bits]], b"\1" + blob.bytes() + bytes(400))
        yield refusal(
            f"lossless/family-ones-{ones}",
            file_of(group, 3, 3, f.GRAY),
            clause,
            f"a number of symbols that begins with {ones} ones",
            twin="lossless/twin",
            stage="table",
        )
    base = Lzw(1).default("residual")[1]
    order = sorted(range(38), key=lambda s: (base[s], s))
    words = {s: min(rank + 1, 13) for rank, s in enumerate(order[:14])}
    coded = gray_lzw()
    coded.own["residual"] = [words.get(s, 0) for s in range(38)]
    put = Tokens(coded)
    for s in sorted(words):
        put.residuals(2, s if s < 32 else (2 + s % 2) << (4 + (s - 32) // 2))
    data = file_of(lossless_group([put.bytes()], coded), put.pixels, 1, f.GRAY)
    yield Vector(
        "lossless/words-of-13", data, ("lzw.family", "prefix.code"), "words of 1 to 13 bits"
    )


def predictors() -> Iterator[Vector]:
    code = flat(34)
    p = Prediction(1, preset=True, classes=32, same=code, value=[SMALL])
    p.differ = flat(35)
    yield refusal(
        "prediction/differ-35",
        made(p, 3, 3, plain(272, 9)),
        "prefix.lengths",
        "35 symbols of a code of the preset's classes, which has 34",
        twin="prediction/preset-1x8",
        stage="table",
    )
    p = Prediction(3, preset=True, classes=32, same=code, differ=code, value=[SMALL])

    def all_classes(bits: Residuals) -> None:
        for i in range(40):
            bits.of_class("differ" if i > 8 and i % 8 > 0 else "same", 2 + 5 * i % 32)
        plain(277, 64 * 40 * 3, 16)(bits)

    yield Vector(
        "prediction/preset-all",
        made(p, 64, 40, all_classes, 12),
        ("prediction.preset", "prediction.classes"),
        "all classes of the preset predictors, over noise",
    )
    for name, mean, added in (("2047", 511, 1536), ("minus-2047", -512, -1535)):
        p = Prediction(1, classes=2, own=(3,), rice=8, value=[SMALL])
        p.differ = p.same = flat(4)
        p.means, p.spread = {(0, 0): mean}, {(0, 0, 1): added}

        def put(bits: Residuals) -> None:
            bits.of_class("same", 3)
            plain(273, 25, 2)(bits)

        yield Vector(
            f"prediction/coefficient-{name}",
            made(p, 5, 5, put, 16),
            ("prediction.coefficients", "prediction.sample"),
            f"a coefficient of {mean + added}",
        )
    p = Prediction(1, value=[even(list(range(8)), 72), even([*range(7), 9], 72)])
    p.zeros = [None, None]
    p.map_lengths = [2, 2, 1]
    p.map_symbols = [0] * 20 + [2] * 500
    yield Vector(
        "prediction/map-first",
        made(p, 23, 9, lambda bits: [bits.value(7 * (i % 31 == 5)) for i in range(207)]),
        ("prediction.map",),
        "the map begins with what is before it: table 0",
    )
    p = Prediction(1, value=[[30, 35, 30, 36, 31, 37, 32, 26, 31]], rans=True)
    yield Vector(
        "prediction/histogram-steps",
        made(p, 9, 7, plain(276, 63, 9)),
        ("prediction.histogram",),
        "exponents that rise and fall by 5 and 6: numbers just below that of no symbol",
    )
    p = Prediction(1, value=[SMALL], depth=16, values=[65536], values_begin=1)
    yield Vector(
        "prediction/values-65536",
        made(p, 5, 5, plain(275, 25, 5), 16),
        ("prediction.values",),
        "all values of 16 bits in one run",
    )

    def bad(name: str, clause: str, blob: bytes, why: str, twin: str, depth: int = 8) -> Vector:
        group = f.Group(f.LOSSLESS, [[b""]], b"\2" + blob)
        data = file_of(group, 5, 5, f.GRAY, depth)
        return refusal(
            f"prediction/{name}", data, clause, why, twin=f"prediction/{twin}", stage="table"
        )

    for name, bit, what in (("near", 0, "`near`"), ("values", 1, "a run")):
        blob = Bits().raw(1, bit).raw(1, bit).unary(17).raw(17, 0).bytes() + bytes(60)
        why = f"17 ones before {what}"
        yield bad(f"{name}-ones-17", "prefix.bits", blob, why, "values-65536", 16)
    start = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 0).raw(6, 0).raw(1, 0)
    start.raw(7, 2).unary(1 + zigzag(-4)).unary(zigzag(1))
    blob = start.bytes()
    yield bad("length-of-0", "prefix.lengths", blob, "the length 4 less 4", "segment-twin")


def streams() -> Iterator[Vector]:
    p = Prediction(3, 1, value=[flat(72)])
    bits = Residuals(p)
    for z in (2, 256, 0):  # 127, and 128 less
        bits.value(z)
    yield refusal(
        "prediction/channel-minus-1",
        f.still(f.header(1, 1), f.Frame([lossless_group([bits.bytes()], prediction=p)])),
        "prediction.colour",
        "a channel of -1: 127 and the difference -128",
        twin="prediction/size-1x1",
        stage="segment",
    )


TWO = [even(list(range(8)), 72), even([*range(7), 9], 72)]
"""Tables whose words are alike, so that what a word means tells which one was taken."""


def by_context(p: Prediction, seed: int) -> Prediction:
    """One of the two tables for each context, drawn."""
    draw = Draw(seed)
    p.value, p.zeros, p.map_lengths = TWO, [None, None], [0, 1, 1]
    p.map_symbols = [1 + draw.below(2) for _ in range(26 * 20 * p.channels)]
    return p


def mixed() -> Iterator[Vector]:
    """Cells of LZW whose pixels are noise, beside photo cells that are predicted from them."""
    runs = [60] + [1, 1, 1, 2] * 24 + [76]
    for name, channels, transform, values in (
        ("transform-3", 3, 3, None),
        ("transform-4", 3, 4, None),
        ("listed", 1, 0, runs),
    ):
        w, h, cells = 24, 130, [0, 1, 0]
        draw = Draw(280 + transform)
        lzw = Lzw(channels, predictor=4)
        mask = MASKS[channels]
        lzw.own = {
            "token": token_code(RESIDUALS + mask),
            "phrase": even(list(range(9)), 64),
            "residual": flat(38),
        }
        put = Tokens(lzw).cells(cells)
        grid: dict[tuple[int, int], tuple[int, ...]] = {}
        for y in range(h):
            for x in range(w):
                if cells[y // 64]:
                    continue
                before = grid.get((y - 1, x), (0, 0, 0)) if y else grid.get((0, x - 1), (0, 0, 0))
                if y and (y - 1, x) not in grid:
                    before = (0, 0, 0)  # of a photo cell, which LZW sees as 0
                own = tuple(draw.between(*((50, 150) if values else (40, 190))) for _ in range(3))
                grid[y, x] = own
                g, r, b = (own[c] - before[c] for c in (1, 0, 2))
                steps = (g, r - g, b - g) if channels == 3 else (g,)
                put.residuals(mask, *(zigzag((v + 127) % 256 - 127) for v in steps))
        p = by_context(Prediction(channels, transform, own=(5, 4, 4), cross=(0, 2, 2)), 285)
        p.values = values
        p.means = {
            (plane, place): (100 if values else 11, -14, 9, -5, 8)[place]
            for plane in range(3)
            for place in range(5)
        }
        photo = Residuals(p)
        for _ in range(channels * w * h - channels * len(grid)):
            few = (0, 1, 3, 5, 7) if values else (0, 1, 2, 3, 4, 7)
            often = draw.below(30 if values else 3) == 0
            photo.value(few[draw.below(len(few))] if often else 0)
        group = lossless_group([both(put.bytes(), photo.bytes())], lzw, p)
        yield Vector(
            f"prediction/mixed-{name}",
            file_of(group, w, h, LAYOUT[channels]),
            ("prediction.colour", "prediction.values", "prediction.energy", "lossless.cells"),
            "photo cells predicted from noise in cells of LZW",
        )


def near() -> Iterator[Vector]:
    """Contexts whose thresholds are as many times as far."""
    for seed, off in ((290, 1), (291, 5)):
        p = by_context(Prediction(1, own=(5,), near=off), seed)
        p.means = {(0, 0): 40, (0, 1): -30, (0, 2): 21, (0, 3): -9}
        yield Vector(
            f"prediction/near-contexts-{off}",
            made(p, 40, 30, plain(seed, 1200, 8)),
            ("prediction.near", "prediction.context"),
            f"two tables by context, samples off by {off}",
        )


def models() -> Iterator[Vector]:
    body = Filters(taps=[[(0, 0, 1, 32)], [], []]).body()
    text = b'{"about": "' + b"x" * (32768 - 13) + b'"}'
    for more in (0, 1):
        model = model_file(0, body, text[:12] + b"x" * more + text[12:])
        data = layered(drawn(940), (17, 9), model, lrnd(model, 3, 3))
        if more == 0:
            yield Vector(
                "learned/metadata-32768", data, ("learned.model",), "metadata of 32768 bytes"
            )
        else:
            yield refusal(
                "learned/metadata-32769",
                data,
                "learned.model",
                "metadata of 32769 bytes",
                twin="learned/metadata-32768",
                stage="chunk",
            )
