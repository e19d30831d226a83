"""Reads `lzw_tables`: palette, head, codes. Clauses `lzw.tables`, `lzw.palette`, `lzw.family`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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

    head: the fields. codes: uint16 (rows, 8192) look-up tables. rows: int32 (1181,), the row of
    each raw context (order as ROWS_* of the kernels). Both empty for a palette of one entry.
    """

    head: LzwHead
    codes: npt.NDArray[np.uint16]
    rows: npt.NDArray[np.int32]


_WHAT = {
    -1: "bits end too early",
    -2: "more symbols than there are",
    -3: "a symbol beyond the alphabet",
    -4: "a code length out of range",
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
        return LzwTables(head, np.zeros((0, 1 << MAX_LENGTH), np.uint16), np.zeros(0, np.int32))
    head.table_set = _read_checked(reader, 2, syntax.SETS - 1, "default set")
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
def _default_tables(family: int, table_set: int) -> npt.NDArray[np.uint16]:
    # Only families of fixed alphabets come here, so the cache is small.
    lengths = syntax.families_of(_head_with(family, table_set))
    found = next(f for f in lengths if f.number == family)
    return build_decode_tables(found.defaults, MAX_LENGTH)


def _head_with(family: int, table_set: int) -> LzwHead:
    return LzwHead(table_set=table_set, tile=1 if family == syntax.PREDICTOR else 0)


def _read_codes(reader: BitReader, head: LzwHead, data: npt.NDArray[np.uint8]) -> LzwTables:
    rows = np.zeros(_ROWS, np.int32)
    parts: list[npt.NDArray[np.uint16]] = []
    filled = 0
    for family in syntax.families_of(head):
        use, own = _read_family(reader, family, data)
        tables = []
        if own.shape[0]:
            tables.append(build_decode_tables(own, MAX_LENGTH, clause="lzw.family"))
        row_of_class = np.zeros(family.classes, np.int32)
        row_of_class[use > 0] = use[use > 0] - 1
        plain = np.flatnonzero(use == 0)
        if plain.size:
            if family.table_set < 0:  # every class has the same flat code
                tables.append(build_decode_tables(family.defaults[:1], MAX_LENGTH))
                row_of_class[plain] = own.shape[0]
            else:
                defaults = _default_tables(family.number, family.table_set)
                tables.append(defaults[plain])
                row_of_class[plain] = own.shape[0] + np.arange(plain.size)
        row_of_class += filled
        for part in tables:
            parts.append(part)
            filled += part.shape[0]
        first = _FIRST_ROW[family.number]
        if family.number == syntax.TOKEN:
            spread = row_of_class[syntax.token_map(head.table_set)]
        elif family.number == syntax.RESIDUAL:
            spread = row_of_class[syntax.residual_map(head.table_set)]
        else:
            spread = row_of_class
        rows[first : first + spread.size] = spread
    return LzwTables(head, np.ascontiguousarray(np.concatenate(parts)), rows)


def _read_family(
    reader: BitReader, family: Family, data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """use (classes,) 0..T and the own codes' lengths (T, symbols), not yet validated."""
    count = reader.read(5)
    use = np.zeros(family.classes, np.int32)
    own = np.zeros((count, family.symbols), np.uint8)
    if count:
        width = count.bit_length()
        packed = reader.read(width * family.classes)
        for c in range(family.classes):
            use[c] = packed >> (c * width) & ((1 << width) - 1)
            if use[c] > count:
                raise DamagedError(
                    f"code {use[c]} of {count}", offset=reader.byte - 1, clause="lzw.family"
                )
        for t in range(count):
            users = np.flatnonzero(use == t + 1)
            if users.size == 0:
                raise DamagedError(
                    f"code {t + 1} has no user", offset=reader.byte, clause="lzw.family"
                )
            _read_own(reader, family, family.defaults[int(users[0])], data, own[t])
    return use, own


def _read_own(
    reader: BitReader,
    family: Family,
    base: npt.NDArray[np.uint8],
    data: npt.NDArray[np.uint8],
    lengths: npt.NDArray[np.uint8],
) -> None:
    gaps, deltas = _sending_tables(family.number)
    order = np.argsort(base, kind="stable").astype(np.int64)
    status = load("pil_dctz.lossless.decoder.lzw_tables_kernels").read_own_code(
        data, reader.position, gaps, deltas, base, order, lengths
    )
    if status < 0:
        raise DamagedError(f"an own code: {_WHAT[status]}", offset=reader.byte, clause="lzw.family")
    reader.position = int(status)
