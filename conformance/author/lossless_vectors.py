"""Vectors of chapters 6a, 9 and 9b: tables, cells, LZW."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, even, ladder
from conformance.author.draw import Draw
from conformance.author.lossless import (
    CACHED,
    CB,
    CS,
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
    Prediction,
    Residuals,
    Tokens,
    W,
    both,
    bucket,
    lossless_group,
)
from conformance.author.vector import Vector, refusal

LAYOUT = {1: f.GRAY, 2: f.GRAY_ALPHA, 3: f.RGB, 4: f.RGBA}
MASKS = {1: 2, 2: 3, 3: 14, 4: 15}  # all residuals of a group of so many channels
RUNS = range(320)


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


def token_code(*more: int) -> list[int]:
    """A code over runs of all sources and some literals."""
    return even(sorted({*RUNS, *more}), 338)


def file_of(group: f.Group, w: int, h: int, layout: int, depth: int = 8) -> bytes:
    return f.still(f.header(w, h, layout, depth), f.Frame([group]))


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


def gray_lzw(**more: object) -> Lzw:
    """A gray group whose literals cost a few bits."""
    given: dict[str, object] = {"predictor": 4, **more}
    lzw = Lzw(1, **given)  # type: ignore[arg-type]
    lzw.own = {
        "token": token_code(RESIDUALS + 2, RESIDUALS, CACHED),
        "phrase": even(list(range(20)), 64),
        "residual": even([*range(32), 32, 33, 36, 37], 38),
        **lzw.own,
    }
    return lzw


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


def bucket_floor(k: int) -> int:
    """The least length of a bucket whose raw bits are 0."""
    if k < 4:
        return k + 1
    return 1 + ((2 + (k & 1)) << (1 + ((k - 4) >> 1)))


def mixed_tables() -> tuple[Lzw, Prediction]:
    prediction = Prediction(1, value=[even(list(range(16)), 72)])
    return gray_lzw(), prediction


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


def refused_tables() -> Iterator[Vector]:
    lzw = gray_lzw()
    bits = Tokens(lzw).residuals(2, 9).run(W, 4).run(N, 4).bytes()
    yield Vector(
        "lossless/twin",
        file_of(lossless_group([bits], lzw), 3, 3, f.GRAY),
        ("lossless.tables", "lzw.tables"),
        "the twin of refusals",
    )

    def bad(name: str, tables: bytes, clause: str, why: str, **more: object) -> Vector:
        group = f.Group(f.LOSSLESS, [[more.get("bits", bits)]], tables)  # type: ignore[list-item]
        depth, layout = more.get("depth", 8), more.get("layout", f.GRAY)
        data = f.still(f.header(3, 3, layout, depth), f.Frame([group]))  # type: ignore[arg-type]
        twin = str(more.get("twin", "lossless/twin"))
        return refusal(f"lossless/{name}", data, clause, why, twin=twin, stage="table")

    good = lzw.tables()
    here = "lossless.tables"
    yield bad("no-tables", b"", here, "no tables")
    yield bad("no-parts", b"\0", here, "neither part")
    yield bad("parts-4", b"\5" + good, here, "a reserved bit of parts")
    yield bad("lzw-size-0", b"\3\0" + good, here, "lzw_size 0", twin="lossless/cells-none")
    yield bad("lzw-size", b"\3\x7f" + good[:20], here, "lzw_size is beyond the tables")
    palette = Lzw(1, palette=[(5,), (9,)])
    both_parts = lossless_group([], palette, mixed_tables()[1]).tables
    yield bad("palette-both", both_parts, here, "a palette beside prediction")
    yield bad("pixels-9", b"\1" + good, "lzw.kind", "the pixel kind at depth 9", depth=9)
    here = "lzw.tables"
    yield bad("set-3", b"\1" + bytes([good[0] | 6]) + good[1:], here, "set 3")
    few = Lzw(1, palette=[(5,), (9,)], per=8, set=3).tables()
    many = Lzw(1, palette=[(v,) for v in range(17)], set=3).tables()
    yield bad("packed-set-3", b"\1" + few, here, "packed indices, and set 3 again")
    yield bad("packed-17", b"\1" + many, here, "packed indices of 17 entries")
    yield bad("cache-12", b"\1" + Bits().raw(1, 1).raw(2, 0).raw(4, 12).bytes(), here, "cache 12")
    start = Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 14)
    yield bad("predictor-14", b"\1" + start.bytes(), here, "predictor 14")
    yield bad("lzw-tables-long", b"\1" + good + b"\0", here, "a byte behind the tables")
    lzw.fill = 128
    filled = lzw.tables()
    n = 8 - (len(bits_of(lzw)) % 8)
    lzw.fill = 1 << (n - 1)
    filled = lzw.tables()
    yield bad("lzw-tables-fill", b"\1" + filled, here, "a fill bit is 1")
    yield bad("lzw-tables-cut", b"\1" + good[:-1], "prefix.bits", "the tables end too early")
    one = Lzw(1, palette=[(5,)]).tables()
    yield bad("palette-1-bits", b"\1" + one, "lossless.segment", "bits of a constant segment")


def bits_of(lzw: Lzw) -> list[int]:
    """The bits of the tables without fill."""
    count = len(lzw.tables()) * 8
    for n in range(8):
        marked = Lzw(**{**lzw.__dict__, "fill": 255})
        last = marked.tables()[-1]
        if last >> (7 - n) & 1 == 0:
            return [0] * (count - n)
    return [0] * (count - 8)


def refused_codes() -> Iterator[Vector]:
    """Own codes that are not valid. Clauses `lzw.family`, `prefix.code`."""
    lzw = gray_lzw()
    bits = Tokens(lzw).residuals(2, 9).run(W, 4).run(N, 4).bytes()

    def bad(name: str, clause: str, why: str, own: dict[str, list[int]]) -> Vector:
        wrong = gray_lzw()
        wrong.own |= own
        group = lossless_group([bits], wrong)
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        return refusal(f"lossless/{name}", data, clause, why, twin="lossless/twin", stage="table")

    over, under = even(list(range(38)), 38), even(list(range(38)), 38)
    over[37] -= 1
    under[0] += 1
    here = "prefix.code"
    yield bad("code-overfull", here, "the sum is above 1", {"residual": over})
    yield bad("code-underfull", here, "the sum is below 1", {"residual": under})
    two = [0] * 38
    two[3], two[4] = 1, 2
    yield bad("code-two", here, "two symbols that do not fill a code", {"residual": two})
    far = [0] * 38
    far[0], far[1] = 14, 1
    yield bad("code-14", "lzw.family", "a length of 14", {"residual": far})
    start = Bits().raw(1, 1).raw(2, 0).raw(4, 0).raw(2, 0).raw(4, 4)

    def raw_tables(name: str, tail: Bits, why: str) -> Vector:
        blob = Bits()
        blob.bits = start.bits + tail.bits
        group = f.Group(f.LOSSLESS, [[bits]], b"\1" + blob.bytes() + b"\0" * 8)
        data = f.still(f.header(3, 3, f.GRAY), f.Frame([group]))
        return refusal(
            f"lossless/{name}", data, "lzw.family", why, twin="lossless/twin", stage="table"
        )

    use = Bits().raw(5, 2)
    for c in range(28):
        use.raw(2, 3 if c == 5 else 1)
    yield raw_tables("use-above", use, "a class uses code 3 of 2")
    use = Bits().raw(5, 2)
    for _ in range(28):
        use.raw(2, 2)
    yield raw_tables("code-unused", use, "own code 1 has no class")
    use = Bits().raw(5, 1)
    for _ in range(28):
        use.raw(1, 1)
    use.gamma(339)
    yield raw_tables("code-339", use, "339 symbols of 338")


def refused_segments() -> Iterator[Vector]:
    lzw = gray_lzw()
    lzw.cache_bits = 0

    def bad(name: str, tokens: Tokens | bytes, clause: str, why: str) -> Vector:
        bits = tokens if isinstance(tokens, bytes) else tokens.bytes()
        data = file_of(lossless_group([bits], lzw), 3, 3, f.GRAY)
        twin = "lossless/phrase-twin" if clause == "lzw.phrase" else "lossless/twin"
        return refusal(f"lossless/{name}", data, clause, why, twin=twin, stage="segment")

    good = Tokens(lzw).residuals(2, 9).run(W, 4).run(N, 4)
    end = "lossless.segment"
    yield bad("bits-long", good.bytes() + b"\0", end, "a byte behind the last token")
    yield bad("bits-fill", good.bytes(255), end, "a fill bit is 1")
    yield bad("bits-cut", good.bytes()[:-1], "prefix.bits", "the last byte is missing")
    run = Tokens(lzw).residuals(2, 9).run(W, 4).run(N, 7)
    yield bad("run-over", run, "lzw.segment", "a run over the segment's end")
    tokens = Tokens(lzw).residuals(2, 9).run(CB, 4)
    yield bad("no-candidate", tokens, "lzw.token", "CB without a candidate")
    tokens = Tokens(lzw).residuals(2, 9).run(CS, 4)
    yield bad("no-small-candidate", tokens, "lzw.token", "CS without a candidate")
    yield bad("first-column", Tokens(lzw).run(DW, 1), "lzw.token", "DW in the first column")
    yield bad("no-other", Tokens(lzw).run(DE, 1), "lzw.token", "DE without another displacement")
    tokens = Tokens(lzw).residuals(2, 9).run(EX, 1, 0)
    yield bad("recent-0", tokens, "lzw.phrase", "a recent distance that is none yet")
    tokens = Tokens(lzw).residuals(2, 9).run(EX, 1, 5)
    yield bad("age-beyond", tokens, "lzw.phrase", "an age without an entry")
    tokens = Tokens(lzw)
    tokens.bits.symbol(tokens.codes["token"], CACHED)
    yield bad("no-cache", tokens, "lzw.token", "a cached colour without a cache")
    token = Lzw(1, predictor=4)
    token.own = {**lzw.own, "token": token_code(RESIDUALS + 3, INDEX, RESIDUALS + 2)}

    def other(name: str, symbol: int, clause: str, why: str) -> Vector:
        bits = Bits().symbol(token.code("token"), symbol).bytes() + b"\0"
        data = file_of(lossless_group([bits], token), 3, 3, f.GRAY)
        return refusal(f"lossless/{name}", data, clause, why, twin="lossless/twin", stage="segment")

    yield other("mask-alpha", RESIDUALS + 3, "lzw.residual", "a residual of alpha in a gray group")
    yield other("index-pixels", INDEX, "lzw.token", "an index literal in the pixel kind")
    palette = Lzw(1, palette=[(5,), (9,)])
    palette.own = {"token": token_code(INDEX, RESIDUALS), "index": even([0, 1], 2)}
    symbol = Bits().symbol(palette.code("token"), RESIDUALS).bytes()
    yield refusal(
        "lossless/residual-palette",
        file_of(lossless_group([symbol], palette), 3, 3, f.GRAY),
        "lzw.token",
        "a residual literal in the palette kind",
        twin="lossless/palette-1x1-2",
        stage="segment",
    )
    pixels, prediction = mixed_tables()
    mixed = lossless_group([], pixels, prediction)
    twin = "lossless/cells-none"

    def cell(name: str, stream: bytes, clause: str, why: str) -> Vector:
        mixed.streams = [[stream]]
        data = file_of(mixed, 66, 3, f.GRAY)
        return refusal(f"lossless/{name}", data, clause, why, twin=twin, stage="segment")

    tokens = Tokens(pixels)
    tokens.bits.raw(1, 0).raw(1, 0).gamma(3)
    bits = tokens.bytes()
    yield cell("cells-run", both(bits, b""), "lossless.cells", "a run of three cells of two")
    tokens = Tokens(pixels).cells(0)
    put_free(tokens, [0, 0], 66, 3, Draw(240))
    data = both(tokens.bytes(), b"\0")
    yield cell("cells-no-photo", data, "lossless.segment", "prediction bits without a photo cell")
    yield cell("part-size", b"\x7f" + data[1:], "lossless.segment", "lzw_size beyond the segment")
    tokens = Tokens(pixels).cells([0, 1]).run(W, 65)
    yield cell(
        "run-into-photo", both(tokens.bytes(), b""), "lzw.segment", "a run into a photo cell"
    )
