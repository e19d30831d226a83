"""Vectors of chapters 5 to 10 that are the only ones to reach a rule or a way of a decoder."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, Code, even, table
from conformance.author.draw import Draw
from conformance.author.learned import Filters, lmdl, lrnd, model_file
from conformance.author.learned_vectors import FULL
from conformance.author.lossless import (
    CACHED,
    EX,
    FAMILIES,
    INDEX,
    RESIDUALS,
    Lzw,
    Prediction,
    Residuals,
    Tokens,
    W,
    both,
    lossless_group,
)
from conformance.author.lossless_files import MASKS, file_of, gray_lzw, token_code
from conformance.author.lossy_streams import lossy_group
from conformance.author.lossy_vectors import drawn
from conformance.author.prediction_files import SMALL
from conformance.author.vector import Vector, refusal


def vectors() -> Iterator[Vector]:
    yield from mixed()
    yield from lzw()
    yield from codes()
    yield from frames()
    yield from models()


def mixed() -> Iterator[Vector]:
    """Prediction reads the samples of LZW cells: as planes, and as ranks in a list of values."""
    w, h = 70, 5
    for name, channels, transform, values in (
        ("values", 1, 0, [10, 4, 40, 1, 201]),  # 10..13 and 54
        ("values-colour", 3, 4, [10, 60, 186]),  # 10..69
        ("transform", 3, 1, None),
        ("transform-alpha", 4, 6, None),
    ):
        draw = Draw(600 + channels)
        pixels = Lzw(channels, predictor=4)
        pixels.own = {
            "token": token_code(RESIDUALS + MASKS[channels]),
            "residual": even([*range(32), 32, 33, 36, 37], 38),
        }
        p = Prediction(channels, transform, values=values, value=[SMALL])
        p.own, p.cross = (5, 3, 3, 2), (0, 2, 3, 2)
        tokens = Tokens(pixels).cells([0, 1])
        for _ in range(h):
            for _ in range(16):
                tokens.residuals(MASKS[channels], *(draw.below(40) for _ in range(channels)))
                tokens.run(W, 3)
        photo = Residuals(p)
        for _ in range(channels * h * (w - 64)):
            photo.value(0)
        group = lossless_group([both(tokens.bytes(), photo.bytes())], pixels, p)
        layout = {1: f.GRAY, 3: f.RGB, 4: f.RGBA}[channels]
        yield Vector(
            f"lossless/cells-{name}",
            file_of(group, w, h, layout),
            ("prediction.colour", "prediction.values", "lossless.segment", "prediction.edges"),
            "prediction beside exact samples that its own part does not code",
        )


def lzw() -> Iterator[Vector]:
    phrases = gray_lzw()
    tokens = Tokens(phrases).residuals(2, 9).run(EX, 1, 4).run(EX, 1, 0).run(W, 6)
    yield Vector(
        "lossless/phrase-twin",
        file_of(lossless_group([tokens.bytes()], phrases), 3, 3, f.GRAY),
        ("lzw.phrase",),
        "the twin of refusals: a phrase by age, then by its recent distance",
    )
    palette = Lzw(1, palette=[(5,), (9,)])
    palette.own = {"token": token_code(INDEX, CACHED), "index": even([0, 1], 2)}
    symbol = Bits().symbol(palette.code("token"), CACHED).bytes()
    yield refusal(
        "lossless/cached-palette",
        file_of(lossless_group([symbol], palette), 3, 3, f.GRAY),
        "lzw.token",
        "a cached colour in the palette kind",
        twin="lossless/palette-1x1-2",
        stage="segment",
    )
    # One own code for all 28 classes of tokens, of two symbols, the second beyond the last rank.
    sending = table("lzw-sending-lengths.txt")[48 * FAMILIES.index("token") :][:48]
    gaps, deltas = Code(list(sending[:23])), Code(list(sending[23:]))
    blob = Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 4).raw(5, 1)
    for _ in range(28):
        blob.raw(1, 1)
    blob.gamma(2).symbol(gaps, 0).symbol(deltas, 0)
    blob.symbol(gaps, 20).raw(8, 338 - 256)
    group = f.Group(f.LOSSLESS, [[b"\0"]], b"\1" + blob.bytes() + bytes(8))
    yield refusal(
        "lossless/rank-338",
        f.still(f.header(3, 3, f.GRAY), f.Frame([group])),
        "lzw.family",
        "a symbol of rank 339 of 338",
        twin="lossless/twin",
        stage="table",
    )


def codes() -> Iterator[Vector]:
    def file(tables: bytes) -> bytes:
        group = f.Group(f.LOSSLESS, [[bytes(8)]], b"\2" + tables)
        return f.still(f.header(3, 3, f.GRAY), f.Frame([group]))

    start = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 0).raw(6, 0).raw(1, 0)
    yield refusal(
        "prediction/length-31-ones",
        file(start.raw(7, 2).unary(31).bytes() + bytes(4)),
        "prefix.bits",
        "31 ones where a length takes 30",
        twin="prediction/segment-twin",
        stage="table",
    )
    like = Prediction(3, 1, own=(3, 2, 2), value=[SMALL], values=[256], values_begin=1)
    bits = Residuals(like)
    for _ in range(27):
        bits.value(0)
    yield Vector(
        "prediction/values-twin",
        f.still(f.header(3, 3), f.Frame([lossless_group([bits.bytes()], prediction=like)])),
        ("prediction.values",),
        "the twin of refusals: a list of all values",
    )


def frames() -> Iterator[Vector]:
    frame = f.Frame([f.Group(f.LOSSY, [[b""], [b""]])])
    yield refusal(
        "frame/lossy-gray-alpha",
        f.still(f.header(5, 3, f.GRAY_ALPHA), frame),
        "frame.mode",
        "a lossy group of gray and alpha",
        twin="frame/two-groups-gray",
        stage="header",
    )
    frames = [f.Frame([f.raw_group([[(7,) * 3] * 5] * 3, 8)], duration=1, last=True)]
    told = f.leb(1) + f.leb(len(frames[0].chunks())) + f.leb(1)
    yield refusal(
        "frame/index-behind",
        f.animation(f.header(5, 3, loop=0), frames, f.chunk("indx", told + b"\0")),
        "container.index",
        "a byte behind the index",
        twin="frame/animation-1",
        stage="chunk",
    )


def models() -> Iterator[Vector]:
    small = drawn(903)

    def file(model: bytes) -> bytes:
        frame = f.Frame([lossy_group(small, 20, 12)], between=lrnd(model))
        return f.still(f.header(20, 12, shape_bits=FULL), frame, before=lmdl(model))

    def taps(dy: int, dx: int) -> bytes:
        return Filters(rates=[], activities=[], taps=[[(0, dy, dx, 1)], [], []]).file()

    yield Vector(
        "learned/model-twin",
        file(taps(-4, 4)),
        ("learned.filters",),
        "the twin of refusals: one tap, as far away as may be",
    )
    yield refusal(
        "learned/model-tap-right",
        file(taps(0, 5)),
        "learned.filters",
        "a tap five columns away",
        twin="learned/model-twin",
        stage="chunk",
    )
    later = model_file(0, b"what a later version says", version=2)
    yield Vector(
        "learned/later-version",
        file(later),
        ("learned.model", "learned.layer"),
        "a model of a version that this one does not define: the base picture",
    )
