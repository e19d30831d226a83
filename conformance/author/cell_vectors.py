"""Vectors of chapter 9: cells of both methods."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.draw import Draw
from conformance.author.lossless import (
    INH,
    NW,
    Lzw,
    N,
    Residuals,
    Tokens,
    W,
    both,
    lossless_group,
)
from conformance.author.lossless_files import (
    file_of,
    mixed_tables,
)
from conformance.author.vector import Vector


def cells() -> Iterator[Vector]:
    lzw, prediction = mixed_tables()
    w, h = 130, 70
    draw = Draw(230)
    clauses = ("lossless.cells", "lossless.segment", "lossless.tables", "prediction.segment")
    for name, flags in {
        "first": [1, 0, 0, 0, 0, 0],
        "last": [0, 0, 0, 0, 0, 1],
        "checker": [0, 1, 0, 1, 0, 1],
        "middle": [0, 1, 0, 0, 1, 0],
        "most": [1, 1, 1, 1, 0, 1],
    }.items():
        tokens = Tokens(lzw).cells(flags)
        put_free(tokens, flags, w, h, draw)
        photo = Residuals(prediction)
        put_photo(photo, flags, w, h, draw)
        data = both(tokens.bytes(), photo.bytes())
        yield Vector(
            f"lossless/cells-{name}",
            file_of(lossless_group([data], lzw, prediction), w, h, f.GRAY),
            clauses,
            f"photo cells {flags} of six, cut at the edges",
        )
    for value, name in ((0, "none"), (1, "all")):
        tokens = Tokens(lzw).cells(value)
        photo = Residuals(prediction)
        flags = [value] * 2
        put_free(tokens, flags, 66, 3, draw)
        put_photo(photo, flags, 66, 3, draw)
        data = both(tokens.bytes(), photo.bytes())
        yield Vector(
            f"lossless/cells-{name}",
            file_of(lossless_group([data], lzw, prediction), 66, 3, f.GRAY),
            clauses,
            "both parts are there, one of them codes no pixel",
        )
    groups = [lossless_group([Tokens(lzw).residuals(2, 9).run(W, 11).bytes()], lzw)]
    colour = lossless_group([b""], Lzw(3, palette=[(1, 2, 3)]))
    yield Vector(
        "lossless/alpha-apart",
        f.still(f.header(4, 3, f.RGBA), f.Frame([colour, *groups])),
        ("frame.group", "lossless.tables"),
        "two lossless groups with tables of their own",
    )
    yield Vector(
        "lossless/compact",
        f.compact(
            f.header(16, 16, compact=True), lossless_group([b""], Lzw(3, palette=[(9, 8, 7)]))
        ),
        ("container.compact", "lzw.palette"),
        "a picture of one colour in the compact form",
    )


def put_free(tokens: Tokens, flags: list[int], w: int, h: int, draw: Draw) -> None:
    """Runs and literals for all pixels outside photo cells."""
    columns = f.ceil_div(w, 64)
    photo = [bool(flags[y // 64 * columns + x // 64]) for y in range(h) for x in range(w)]
    p = 0
    while p < w * h:
        if photo[p]:
            p += 1
            continue
        stop = p
        while stop < w * h and not photo[stop]:
            stop += 1
        if draw.below(3) == 0:
            tokens.residuals(2, 1)
            p += 1
            continue
        n = min(stop - p, draw.between(1, 70))
        tokens.run((INH, N, W, NW)[draw.below(4)], n)
        p += n


def put_photo(photo: Residuals, flags: list[int], w: int, h: int, draw: Draw) -> None:
    """Small residuals for all pixels of photo cells."""
    columns = f.ceil_div(w, 64)
    for y in range(h):
        for x in range(w):
            if flags[y // 64 * columns + x // 64]:
                photo.value(draw.below(4) // 3)
