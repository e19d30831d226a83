"""Vectors of chapters 6a, 9 and 9b that a decoder must refuse."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.author import fields as f
from conformance.author.bits import Bits, even
from conformance.author.cell_vectors import put_free
from conformance.author.draw import Draw
from conformance.author.lossless import (
    CACHED,
    CB,
    CS,
    DE,
    DW,
    EX,
    INDEX,
    RESIDUALS,
    Lzw,
    N,
    Tokens,
    W,
    both,
    lossless_group,
)
from conformance.author.lossless_files import (
    file_of,
    gray_lzw,
    mixed_tables,
    token_code,
)
from conformance.author.vector import Vector, refusal


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
    single = b"\1" + Lzw(3, palette=[(7, 200, 31)]).tables() + b"\0"
    given = {"bits": b"", "layout": f.RGB, "twin": "lossless/palette-1"}
    yield bad("palette-1-behind", single, "lzw.tables", "a byte behind a palette of one", **given)
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
