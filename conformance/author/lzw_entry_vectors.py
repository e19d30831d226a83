"""Vectors of chapter 9b for entries of its tables that drawn tokens hardly come to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Code, even, ladder, table
from conformance.author.lossless import (
    EX,
    INDEX,
    INH,
    Lzw,
    N,
    Prediction,
    Residuals,
    Tokens,
    W,
    age_of,
    both,
    bucket,
    lossless_group,
)
from conformance.author.lossless_files import file_of
from conformance.author.lzw_table_vectors import Contexts
from conformance.author.vector import Vector

CELLS = [0, 0, 1, 0]


def vectors() -> Iterator[Vector]:
    yield from ages()
    walk = Contexts(0, 1, colours=4, size=(7, 40), most=2)  # by trying
    yield Vector(
        "lossless/context-cached",
        file_of(walk.group(), 7, 40, f.GRAY),
        ("lzw.context", "lzw.token", "lzw.cache"),
        "cached colours among four colours, in the default codes of set 0",
    )
    yield beside_a_photo()


def ages() -> Iterator[Vector]:
    """Sixteen pixels, as many tokens of one pixel as the age says, and the sixteen again."""
    for number, phrase in ((1, 33), (2, 34)):
        again = EX << 5 | bucket(16)[0]
        lzw = Lzw(1, set=number, palette=[(17 * i,) for i in range(16)])
        lzw.own = {"token": ladder([INH << 5, INDEX, again], 338, 2)}
        put = Tokens(lzw)
        for i in range(16):
            put.index(7 * i % 16)
        age, raw_bits = age_of(phrase)
        width = 128
        while put.pixels < age + 1 or (put.pixels + 16) % width:
            put.run(INH, 1)
        put.run(EX, 16, phrase, put.pixels - 1 - age)
        assert put.pixels - 17 - age < 1 << raw_bits
        yield Vector(
            f"lossless/age-{age}",
            file_of(lossless_group([put.bytes()], lzw), width, put.pixels // width, f.GRAY),
            ("lzw.phrase", "lzw.family"),
            f"a phrase more than {age} tokens old, in the default code of set {number}",
        )


def beside_a_photo() -> Vector:
    """After a run of N, pixels W and NW differ only behind a photo cell, which LZW sees as 0.

    The codes of tokens and residuals are the default ones of set 0: told is the context of each
    token (kind, pattern, candidate), and of each residual (channel, energy, number before).
    """
    w, h = 66, 65
    lzw = Lzw(3, tile=1)
    lzw.own["predictor"] = even([14, 8], 15)  # ranks 0 and 8: a gap of 7
    put = Tokens(lzw).cells(CELLS)

    def use(name: str, context: int) -> None:
        chosen = table(f"lzw-{name}-map.txt")[context]
        put.codes[name] = Code(lzw.default(name, chosen)[1])

    def token(kind: int, pattern: int, candidate: int) -> None:
        use("token", ((kind * 19 + pattern) * 3 + candidate) * 2)

    def residual(channel: str, energy: int, before: int) -> None:
        use("residual", ("AGRB".index(channel) * 6 + energy) * 5 + before)

    token(0, 0, 0)
    put.run(N, 62)
    token(2, 0, 1)
    residual("R", 0, 0)
    put.residuals(4, 11, predictor=8)  # red: 6
    token(0, 9, 0)
    residual("G", 0, 0)
    put.residuals(6, 100)
    residual("R", 1, 4)
    put.bits.symbol(put.codes["residual"], 16)
    token(0, 9, 0)
    put.run(W, 1)
    token(3, 9, 1)
    put.run(N, 1 + 63 * w)
    token(2, 8, 0)
    put.run(N, 1)
    token(2, 6, 1)
    put.residuals(0, predictor=14)  # predictor 8 again: NE
    p = Prediction(3, value=[even(list(range(8)), 72)])
    photo = Residuals(p)
    for i in range(3 * 64):
        photo.value(int(i % 5 == 0))
    group = lossless_group([both(put.bytes(), photo.bytes())], lzw, p)
    return Vector(
        "lossless/context-beside-a-photo",
        file_of(group, w, h, f.RGB),
        ("lzw.context", "lzw.residual", "lzw.family", "lossless.cells"),
        "a token behind a photo cell, below an edge; small red after much green",
    )
