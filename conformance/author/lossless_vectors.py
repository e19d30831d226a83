"""Vectors of chapters 6a, 9 and 9b: tables, cells, LZW."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import even, ladder
from conformance.author.cell_vectors import cells
from conformance.author.draw import Draw
from conformance.author.lossless import (
    CACHED,
    CB,
    DE,
    DW,
    EX,
    INDEX,
    INH,
    NE,
    NW,
    RESIDUALS,
    Lzw,
    N,
    Tokens,
    W,
    bucket,
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
from conformance.author.lossless_refused_vectors import (
    refused_codes,
    refused_segments,
    refused_tables,
)
from conformance.author.vector import Vector


def vectors() -> Iterator[Vector]:
    yield from palettes()
    yield from packed()
    yield from sources()
    yield from residuals()
    yield from codes()
    yield from contexts()
    yield from cells()
    yield from refused_tables()
    yield from refused_codes()
    yield from refused_segments()


def palettes() -> Iterator[Vector]:
    clauses = ("lzw.palette", "lzw.index", "lzw.tables", "lzw.kind", "lossless.tables")
    one = Lzw(3, palette=[(7, 200, 31)])
    yield Vector(
        "lossless/palette-1",
        file_of(lossless_group([b""], one), 20, 9, f.RGB),
        (*clauses, "lossless.segment"),
        "a palette of one entry: a segment of no bits",
    )
    draw = Draw(200)
    for channels, depth, count, rice in (
        (1, 1, 2, 0),
        (1, 16, 5, 15),
        (2, 8, 3, 2),
        (3, 8, 33, 1),
        (3, 12, 32, 9),
        (4, 8, 256, 3),
        (4, 5, 9, 0),
    ):
        palette = [tuple(draw.below(1 << depth) for _ in range(channels)) for _ in range(count)]
        lzw = Lzw(channels, depth, palette, rice)
        lzw.own = {"token": token_code(INDEX), "index": even(list(range(count)), count)}
        tokens = Tokens(lzw)
        for _ in range(12 * 7):
            tokens.index(draw.below(count))
        yield Vector(
            f"lossless/palette-{channels}x{depth}-{count}",
            file_of(lossless_group([tokens.bytes()], lzw), 12, 7, LAYOUT[channels], depth),
            clauses,
            f"{count} entries in no order, {channels} channels of {depth} bits, k {rice}",
        )
    gray: list[tuple[int, ...]] = [(v, v, v) for v in (9, 250, 0, 9)]
    opaque: list[tuple[int, ...]] = [(255, v, v, v) for v in (1, 2, 200)]
    for name, palette in (("gray", gray), ("opaque", opaque)):
        lzw = Lzw(len(palette[0]), palette=palette)
        lzw.own = {"token": token_code(INDEX)}
        lzw.own["index"] = even(list(range(len(palette))), len(palette))
        tokens = Tokens(lzw)
        for _ in range(9):
            tokens.index(draw.below(len(palette)))
        tokens.run(W, 3).run(N, 4).run(INH, 5)
        yield Vector(
            f"lossless/palette-{name}",
            file_of(lossless_group([tokens.bytes()], lzw), 7, 3, LAYOUT[lzw.channels]),
            clauses,
            "channels that are not sent; equal entries",
        )


#: Entries, pixels of a number. Clause `lzw.packed`.
PER = ((2, 8), (3, 5), (4, 4), (5, 3), (6, 3), (7, 2), (16, 2))


def packed() -> Iterator[Vector]:
    """Clause `lzw.packed`: every number of pixels, rows whose last number is not full."""
    clauses = ("lzw.packed", "lzw.palette", "lzw.tables", "lzw.index")
    draw = Draw(230)
    for count, per in PER:
        w = 2 * per + 1  # three numbers a row
        palette = [(draw.below(256), draw.below(256), draw.below(256)) for _ in range(count)]
        lzw = Lzw(3, palette=palette, per=per, set=count % 3)
        numbers = count**per
        lzw.own = {"token": token_code(INDEX), "index": even(list(range(numbers)), numbers)}
        tokens = Tokens(lzw)
        for _ in range(11):
            tokens.index(draw.below(numbers))
        tokens.run(W, 2).run(N, 4).run(INH, 4)
        yield Vector(
            f"lossless/packed-{count}",
            file_of(lossless_group([tokens.bytes()], lzw), w, 7, f.RGB),
            clauses,
            f"{per} indices of {count} entries in a number; the last of a row is not full",
        )


def sources() -> Iterator[Vector]:
    lzw = gray_lzw()
    clauses = ("lzw.token", "lzw.field", "lzw.length", "lzw.segment")
    w = 16
    tokens = Tokens(lzw)
    for z in (3, 9, 0, 0, 3, 9, 0, 0):  # N is 0 in the first row, so W predicts
        tokens.residuals(2, z)
    tokens.run(EX, 4, 4 + 5)  # from where the sixth last token began
    tokens.run(W, 4)
    tokens.run(N, 7).residuals(2, 20).run(INH, 8)
    tokens.run(EX, 2, 4 + 3).run(EX, 1, 0).run(NE, 4).run(NW, 3).run(DW, 2).run(INH, 4)
    tokens.run(INH, 7).run(EX, 3, 4 + 8, 1).run(EX, 2, 1).run(N, 4)
    tokens.run(DE, 3).run(INH, 13)
    tokens.run(N, 7 * w - tokens.pixels)
    yield Vector(
        "lossless/sources",
        file_of(lossless_group([tokens.bytes()], lzw), w, 7, f.GRAY),
        (*clauses, "lzw.phrase"),
        "runs from all sources but the hashes; displacements are inherited",
    )
    tokens = Tokens(lzw).residuals(2, 0).run(CB, 15).run(CB, 33).run(CB, 15)
    yield Vector(
        "lossless/candidates",
        file_of(lossless_group([tokens.bytes()], lzw), 16, 4, f.GRAY),
        ("lzw.candidates", "lzw.hash", "lzw.context"),
        "runs from the place with the same surroundings",
    )
    for w, h in ((1, 9), (2, 9), (3, 5)):
        tokens = Tokens(lzw).residuals(2, 5).run(W, 1)
        tokens.residuals(2, 7).run(NE, 1).run(NW, 1).run(N, 1)
        tokens.run(INH, w * h - 6)
        yield Vector(
            f"lossless/narrow-{w}x{h}",
            file_of(lossless_group([tokens.bytes()], lzw), w, h, f.GRAY),
            ("lzw.pixels", "lzw.field", "lzw.hash"),
            "distances in a segment of few columns",
        )
    tokens = Tokens(lzw).run(N, 2).residuals(2, 11).run(NW, 1).run(NE, 3).run(INH, 2).run(W, 1)
    yield Vector(
        "lossless/before-the-first",
        file_of(lossless_group([tokens.bytes()], lzw), 5, 2, f.GRAY),
        ("lzw.pixels",),
        "copies from before the first pixel give 0",
    )
    long = gray_lzw()
    lengths = [1, 2, 3, 4, 5, 6, 7, 9, 12, 16, 17, 33, 64, 65, 257, 4096, 4097, 32768, 32769, 65536]
    symbols = sorted({W << 5 | bucket(n)[0] for n in lengths} | {RESIDUALS + 2})
    long.own["token"] = even(symbols, 338)
    tokens = Tokens(long)
    for i, n in enumerate(lengths):
        tokens.residuals(2, 2 * i % 31).run(W, n)
    total = sum(lengths) + len(lengths)
    width = 512
    height = f.ceil_div(total, width)
    if total < width * height:
        tokens.residuals(2, 6)
        total += 1
    while total < width * height:
        n = max(n for n in lengths if n <= width * height - total)
        tokens.run(W, n)
        total += n
    yield Vector(
        "lossless/run-lengths",
        file_of(lossless_group([tokens.bytes()], long), width, height, f.GRAY),
        ("lzw.length",),
        "lengths at the edges of their buckets, up to 65536",
    )
    many = gray_lzw()
    many.own["phrase"] = even(list(range(4, 28)), 64)
    tokens = Tokens(many)
    draw = Draw(210)
    for _ in range(300):
        tokens.residuals(2, draw.below(9))
    for phrase in range(4, 22):
        n = 2 + ((phrase - 12) >> 1)
        for raw in {0, (1 << n) - 1} if phrase >= 12 else {0}:
            tokens.run(EX, 1, phrase, raw)
    tokens.run(W, 1)
    yield Vector(
        "lossless/phrase-ages",
        file_of(lossless_group([tokens.bytes()], many), tokens.pixels, 1, f.GRAY),
        ("lzw.phrase",),
        "ages at the edges of their classes",
    )


def residuals() -> Iterator[Vector]:
    draw = Draw(220)
    for channels in (1, 2, 3, 4):
        depth = 8 if channels != 2 else 3
        lzw = Lzw(channels, depth, cache_bits=channels + 1, tile=channels % 4)
        if channels >= 3:
            lzw.colour = ((-8, 23, 5), (11, 0, -1))[channels - 3]
        masks = [m for m in range(16) if m & ~MASKS[channels] == 0]
        lzw.own = {
            "token": token_code(CACHED, *(RESIDUALS + m for m in masks)),
            "residual": even(list(range(38)), 38),
            "cache": even(list(range(1 << lzw.cache_bits)), 1 << lzw.cache_bits),
        }
        if lzw.tile:
            lzw.own["predictor"] = even(list(range(15)), 15)
        tokens = Tokens(lzw)
        w, h = 39, 35
        seen: set[tuple[int, int]] = set()
        side = 4 << lzw.tile
        number = 0
        for p in range(w * h):
            if draw.below(9) == 0:
                tokens.cached(draw.below(1 << lzw.cache_bits))
                continue
            mask = masks[draw.below(len(masks))]
            tile = (p // w // side, p % w // side)
            predictor = None
            if lzw.tile and tile not in seen:
                seen.add(tile)
                predictor = (number := number + 1) % 15
            wide = draw.below(4) == 0
            z = [draw.below(256 if wide else 6) for _ in range(mask.bit_count())]
            tokens.residuals(mask, *z, predictor=predictor)
        yield Vector(
            f"lossless/residuals-{channels}",
            file_of(lossless_group([tokens.bytes()], lzw), w, h, LAYOUT[channels], depth),
            ("lzw.residual", "lzw.predictor", "lzw.cache", "lzw.energy", "lzw.tables"),
            f"literals of {channels} channels of {depth} bits: each mask, cached colours",
        )
    for predictor in range(14):
        lzw = Lzw(3, predictor=predictor)
        lzw.own = {
            "token": token_code(RESIDUALS + 14),
            "residual": even(list(range(38)), 38),
        }
        tokens = Tokens(lzw)
        for _ in range(11 * 6):
            tokens.residuals(14, *(draw.below(60) for _ in range(3)))
        yield Vector(
            f"lossless/predictor-{predictor}",
            file_of(lossless_group([tokens.bytes()], lzw), 11, 6, f.RGB),
            ("lzw.predictor", "lzw.residual"),
            f"predictor {predictor} everywhere",
        )


def codes() -> Iterator[Vector]:
    lzw = gray_lzw()
    lzw.own["token"] = even([RESIDUALS + 2], 338)
    lzw.own["residual"] = even([5], 38)
    del lzw.own["phrase"]
    yield Vector(
        "lossless/lone-symbols",
        file_of(lossless_group([b""], lzw), 9, 5, f.GRAY),
        ("prefix.code", "lzw.family"),
        "codes of one symbol: a segment of 45 literals has no bits",
    )
    lzw = gray_lzw()
    symbols = [RESIDUALS + 2, *range(12), 33]
    lzw.own["token"] = ladder(symbols, 338, 13)
    tokens = Tokens(lzw)
    for k in range(12):
        tokens.residuals(2, k + 1).run(INH, bucket_floor(k))
    total = 12 + sum(bucket_floor(k) for k in range(12))
    yield Vector(
        "lossless/longest-words",
        file_of(lossless_group([tokens.bytes()], lzw), total, 1, f.GRAY),
        ("prefix.code", "lzw.family"),
        "words of 1 to 13 bits",
    )
    for set_ in range(3):
        lzw = Lzw(1, set=set_, cache_bits=1, predictor=4)
        lzw.own = {"token": token_code(RESIDUALS + 2), "phrase": even(list(range(9)), 64)}
        lzw.own["residual"] = even([0, 9, 30], 38)
        tokens = Tokens(lzw).residuals(2, 9).residuals(2, 30).run(EX, 4, 5).run(W, 4)
        yield Vector(
            f"lossless/set-{set_}",
            file_of(lossless_group([tokens.bytes()], lzw), 5, 2, f.GRAY),
            ("lzw.family", "lzw.tables", "prefix.bits"),
            f"own codes told as differences to those of set {set_}",
        )


def contexts() -> Iterator[Vector]:
    """Each class has a code of one symbol: contexts alone make the picture, from no bits."""
    draw = Draw(250)
    runs = [source << 5 for source in (INH, N, W, NE, NW)]
    clauses = ("lzw.context", "lzw.candidates", "lzw.hash", "lzw.family", "lzw.field")
    for number, (channels, depth) in enumerate(((1, 8), (3, 8), (4, 4), (2, 8), (4, 8), (1, 5))):
        masks = [m for m in range(1, 16) if m & ~MASKS[channels] == 0]
        lzw = Lzw(channels, depth, set=number % 3, cache_bits=3 if number == 3 else 0)
        lzw.lone["token"] = [
            runs[draw.below(5)] if draw.below(5) < 2 else RESIDUALS + masks[draw.below(len(masks))]
            for _ in range(28)
        ]
        if lzw.cache_bits:
            lzw.lone["token"][::9] = [CACHED] * 4
            lzw.lone["cache"] = [5]
        lzw.lone["residual"] = [draw.below(32 if c % 4 == 0 else 9) for c in range(18)]
        yield Vector(
            f"lossless/contexts-{channels}x{depth}-{lzw.set}",
            file_of(lossless_group([b""], lzw), 37, 29, LAYOUT[channels], depth),
            (*clauses, "lzw.residual", "lzw.energy", "lzw.predictor"),
            f"lone symbols in all classes of set {lzw.set}, {channels} channels of {depth} bits",
        )
    for set_ in range(3):
        count = (7, 31, 16)[set_]
        palette = [(draw.below(256), draw.below(256), draw.below(256)) for _ in range(count)]
        lzw = Lzw(3, palette=palette, set=set_)
        lzw.lone["token"] = [runs[draw.below(5)] if draw.below(5) < 2 else INDEX for _ in range(28)]
        lzw.lone["index"] = [draw.below(count) for _ in range(count)]
        yield Vector(
            f"lossless/contexts-palette-{set_}",
            file_of(lossless_group([b""], lzw), 37, 29, f.RGB),
            (*clauses, "lzw.index"),
            f"the same with {count} palette entries",
        )
