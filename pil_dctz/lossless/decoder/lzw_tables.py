"""Reads `lzw_tables`: palette, head, codes. Clauses `lzw.tables`, `lzw.palette`, `lzw.family`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitReader
from pil_dctz.entropy.decoder.prefix import build_decode_tables
from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossless import syntax
from pil_dctz.lossless.syntax import CHANNEL_ORDER, MAX_LENGTH, Family, LzwHead

__all__ = ["LzwTables", "parse_lzw_tables", "read_gamma"]

Codes = npt.NDArray[np.uint16]

#: Offsets of the families in the kernel's `rows` (ROWS_* of lzw_kernels).
_FIRST_ROW = {
    syntax.TOKEN: 0,
    syntax.RESIDUAL: 1026,
    syntax.INDEX: 1146,
    syntax.PHRASE: 1178,
    syntax.CACHE: 1179,
    syntax.PREDICTOR: 1180,
}
_ROWS = 1181


@dataclass(slots=True)
class LzwTables:
    """A group's LZW tables, ready to decode.

    head: the fields. codes: what symbols are looked up in. rows: int32 (1181,), the row of each
    raw context (order as ROWS_* of the kernels). Both empty for a palette of one entry.
    """

    head: LzwHead
    codes: CodeTables
    rows: npt.NDArray[np.int32]


class CodeTables(NamedTuple):
    """Codes in two steps, so that all of a group stay in the cache of a core.

    first: uint16 (codes, 1024), symbol << 4 | length by the next 10 bits; length 15: the row of
    `rest`, counted from begin[code], that the next 3 bits look up. rest: uint16 (rows, 8).
    begin: int32 (codes,).
    """

    first: npt.NDArray[np.uint16]
    rest: npt.NDArray[np.uint16]
    begin: npt.NDArray[np.int32]


_KERNELS = "pil_dctz.lossless.decoder.lzw_tables_kernels"
_FIRST, _REST = 1 << 10, 1 << 3
_MOST_CODES = 31
_BAD_USE = -5
_WHAT = {
    -1: "bits end too early",
    -2: "more symbols than there are",
    -3: "a symbol beyond the alphabet",
    -4: "a code length out of range",
    -6: "a code has no user",
}
_BAD_CODE = {
    -1: "a code length is above the maximum",
    -2: "a prefix code has no symbol",
    -3: "a prefix code is not full",
    -4: "a prefix code is overfull",
}


def parse_lzw_tables(data: bytes, shape: GroupShape) -> LzwTables:
    """All of `data` as the LZW tables of a group. Raises DamagedError, offset within data."""
    reader = BitReader(data, clause="lzw.tables")
    head = LzwHead()
    if reader.read(1) == 0:
        head.palette = _read_palette(reader, shape)
    elif shape.depth > 8:
        raise DamagedError("pixels of more than 8 bits in LZW", offset=0, clause="lossless.tables")
    if head.palette is not None and head.palette.shape[0] == 1:
        _end(reader, data)
        return LzwTables(head, _no_codes(), np.zeros(0, np.int32))
    head.table_set = reader.read(2)
    if head.table_set == syntax.SETS and head.palette is not None:
        head.packed = syntax.packed_pixels(head.palette.shape[0])
        if head.packed > 1:
            head.table_set = reader.read(2)
    if head.table_set == syntax.SETS:
        raise DamagedError("default set 3", offset=reader.byte - 1, clause="lzw.tables")
    if head.palette is None:
        head.cache_bits = _read_checked(reader, 4, 11, "cache size")
        if shape.channels >= 3 and reader.read(1):
            head.colour = (reader.read(5) - 8, reader.read(5) - 8, reader.read(5) - 8)
        head.tile = reader.read(2)
        if head.tile == 0:
            head.predictor = _read_checked(reader, 4, 13, "predictor")
    tables = _read_codes(reader, head, np.frombuffer(data, np.uint8))
    _end(reader, data)
    return tables


def read_gamma(reader: BitReader) -> int:
    """A number of 1 or more. Clause `lossless.cells`."""
    k = reader.unary(30)
    return (1 << k) + reader.read(k)


def _read_checked(reader: BitReader, bits: int, highest: int, what: str) -> int:
    value = reader.read(bits)
    if value > highest:
        raise DamagedError(f"{what} {value}", offset=reader.byte - 1, clause="lzw.tables")
    return value


def _end(reader: BitReader, data: bytes) -> None:
    left = 8 * len(data) - reader.position
    if left >= 8 or reader.read(left) != 0:
        raise DamagedError("bytes follow the LZW tables", offset=reader.byte, clause="lzw.tables")


def _read_palette(reader: BitReader, shape: GroupShape) -> npt.NDArray[np.uint16]:
    channels, depth = shape.channels, shape.depth
    count = reader.read(8) + 1
    opaque = channels in (2, 4) and reader.read(1) == 1
    gray = channels >= 3 and reader.read(1) == 1
    palette = np.zeros((count, channels), np.uint16)
    order = CHANNEL_ORDER[channels]
    sent = [
        index
        for k, index in enumerate(order)
        if index is not None and not (k == 0 and opaque) and not (k >= 2 and gray)
    ]
    for index in sent:
        palette[0, index] = reader.read(depth)
    if count > 1:
        for place, index in enumerate(sent):
            palette[1:, index] = _read_steps(
                reader, int(palette[0, index]), count - 1, depth, place > 0
            )
    if opaque:
        palette[:, channels - 1] = (1 << depth) - 1
    if gray:
        palette[:, 0] = palette[:, 1]
        palette[:, 2] = palette[:, 1]
    return palette


def _read_steps(reader: BitReader, value: int, count: int, depth: int, signed: bool) -> list[int]:
    k = reader.read(4)
    values = []
    for _ in range(count):
        q = 0
        while q < 16 and reader.read(1):
            q += 1
        step = reader.read(depth + 1) if q == 16 else (q << k) + reader.read(k)
        if signed:
            step = (step + 1) >> 1 if step & 1 else -(step >> 1)
        value = (value + step) & ((1 << depth) - 1)
        values.append(value)
    return values


@cache
def _sending_tables(family: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    gaps, deltas = syntax.sending_lengths(family)
    return (
        build_decode_tables(gaps[None, :], MAX_LENGTH),
        build_decode_tables(deltas[None, :], MAX_LENGTH),
    )


@cache
def _default_codes(number: int, table_set: int) -> CodeTables:
    """Of a family with trained defaults, a code for each class."""
    return build_codes(syntax.trained_family(number, table_set).defaults)


@cache
def _flat_codes(symbols: int) -> CodeTables:
    return build_codes(syntax.flat_lengths(symbols)[None, :])


@cache
def _default_orders(number: int, table_set: int) -> npt.NDArray[np.int64]:
    return _orders(syntax.trained_family(number, table_set).defaults)


def _orders(defaults: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    return np.argsort(defaults, axis=1, kind="stable").astype(np.int64)


def _no_codes() -> CodeTables:
    return CodeTables(
        np.zeros((0, _FIRST), np.uint16), np.zeros((0, _REST), np.uint16), np.zeros(0, np.int32)
    )


def build_codes(lengths: npt.NDArray[np.uint8]) -> CodeTables:
    """Tables for codes given by their lengths, uint8 (codes, at most 2048).

    Raises DamagedError (no offset) for a code that is not exactly full.
    """
    if lengths.ndim != 2 or lengths.shape[1] > 2048:
        raise ValueError(f"prefix codes of shape {lengths.shape}")
    first = np.empty((lengths.shape[0], _FIRST), np.uint16)
    rest = np.zeros((int((lengths > 10).sum()) // 2, _REST), np.uint16)
    begin = np.zeros(lengths.shape[0], np.int32)
    bad_row = np.zeros(1, np.int64)
    status = load(_KERNELS).build_codes(
        np.ascontiguousarray(lengths, np.uint8), first, rest, begin, bad_row
    )
    if status < 0:
        raise DamagedError(f"{_BAD_CODE[status]} (code {bad_row[0]})", clause="lzw.family")
    return CodeTables(first, rest[: int(status)], begin)


def _joined(parts: list[CodeTables]) -> CodeTables:
    at = np.cumsum([0] + [part.rest.shape[0] for part in parts[:-1]])
    return CodeTables(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.rest for part in parts]),
        np.concatenate([part.begin + k for part, k in zip(parts, at, strict=True)], dtype=np.int32),
    )


def _read_codes(reader: BitReader, head: LzwHead, data: npt.NDArray[np.uint8]) -> LzwTables:
    families = syntax.families_of(head)
    rows = np.zeros(_ROWS, np.int32)
    own = np.zeros((_MOST_CODES * len(families), max(f.symbols for f in families)), np.uint8)
    parts: list[CodeTables] = []
    filled = sent = 0
    uses = []
    for family in families:
        use, count = _read_family(reader, family, data, own[sent : sent + _MOST_CODES])
        trained = family.table_set >= 0
        plain = (
            _default_codes(family.number, family.table_set)
            if trained
            else _flat_codes(family.symbols)
        )
        row_of_class = filled + (np.arange(family.classes) if trained else 0)
        parts.append(plain)
        uses.append((family, use, row_of_class, sent))
        filled += plain.first.shape[0]
        sent += count
    if sent:
        parts.append(build_codes(own[:sent]))
    for family, use, row_of_class, before in uses:
        found = np.where(use > 0, use + (filled + before - 1), row_of_class)
        if family.number == syntax.TOKEN:
            found = found[syntax.token_map(head.table_set)]
        elif family.number == syntax.RESIDUAL:
            found = found[syntax.residual_map(head.table_set)]
        first = _FIRST_ROW[family.number]
        rows[first : first + found.size] = found
    return LzwTables(head, _joined(parts), rows)


def _read_family(
    reader: BitReader, family: Family, data: npt.NDArray[np.uint8], own: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int32], int]:
    """use (classes,) 0..T and T; the own codes' lengths, not yet validated, into zeroed `own`."""
    gaps, deltas = _sending_tables(family.number)
    if family.table_set < 0:
        defaults = syntax.flat_lengths(family.symbols)[None, :]
        orders = _orders(defaults)
    else:
        defaults = family.defaults
        orders = _default_orders(family.number, family.table_set)
    use = np.zeros(family.classes, np.int32)
    state = np.zeros(3, np.int64)
    status = load(_KERNELS).read_family(
        data, reader.position, gaps, deltas, defaults, orders, use, own, state
    )
    if status < 0:
        at = min(int(state[1] + 7) >> 3, data.size)
        what = f"code {state[2]} of {state[0]}" if status == _BAD_USE else _WHAT[status]
        raise DamagedError(f"own codes: {what}", offset=at, clause="lzw.family")
    reader.position = int(status)
    return use, int(state[0])
