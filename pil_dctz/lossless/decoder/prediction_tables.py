"""Reading the tables of prediction. Chapter 9a.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitReader
from pil_dctz.entropy.decoder.prefix import build_decode_tables
from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load
from pil_dctz.lossless.prediction import (
    MAX_LENGTH,
    NUMBER_BITS,
    PRESET_CLASSES,
    TOKENS,
    PredictionHead,
    SegmentGrid,
    SplitTaps,
    plane_taps,
    preset_coefficients,
    preset_taps,
)

__all__ = ["PredictionTables", "parse_prediction_tables"]

_BAD_CODE = {
    -1: "a code length is above the maximum",
    -2: "a prefix code has no symbol",
    -3: "a prefix code is not full",
    -4: "a prefix code is overfull",
    -5: "code lengths out of range",
}

_BAD_HISTOGRAM = {
    -1: "the number of symbols of a histogram is out of range",
    -2: "a Rice number is too long",
    -3: "an exponent is out of range",
    -4: "a histogram has no symbol",
}
_FAST = 9  # bits that look up a residual at once
_SLOTS = 4  # slots of a histogram that share an entry of `first`


@dataclass(slots=True)
class PredictionTables:
    """A group's tables of prediction, ready for the kernels.

    head: the fields, coefficients and context map.
    Prefix codes: class_codes: uint16 (2, 4096), look-up tables differ and same. values, zeros:
    uint16 (tables, 4096); fast: int16 (tables * 512,), see _fast_residuals; context_map: that of
    the head, doubled, plus 1 for a run table. class_first, first: None.
    rANS: class_codes, values: uint16 (n, symbols + 1), cumulative frequencies; class_first, first:
    uint8 (n, 1024), the symbol of slot 4 * i. zeros, fast are empty.
    """

    head: PredictionHead
    class_codes: npt.NDArray[np.uint16]
    values: npt.NDArray[np.uint16]
    zeros: npt.NDArray[np.uint16]
    fast: npt.NDArray[np.int16]
    context_map: npt.NDArray[np.uint8]
    class_first: npt.NDArray[np.uint8] | None = None
    first: npt.NDArray[np.uint8] | None = None
    _split: dict[SegmentGrid, SplitTaps] = field(default_factory=dict)

    def split_taps(self, grid: SegmentGrid) -> SplitTaps:
        """`head.split_taps(grid)`, kept: most segments have the same size."""
        found = self._split.get(grid)
        if found is None:
            found = self._split[grid] = self.head.split_taps(grid)
        return found


def parse_prediction_tables(blob: bytes, shape: GroupShape) -> PredictionTables:
    """The `prediction_tables` of a group. Clause `prediction.tables`.

    Raises DamagedError with an offset within blob.
    """
    return _Parser(bytes(blob), shape).parse()


class _Parser:
    """Walks the bit string, from Python for the head, with kernels for what is long."""

    def __init__(self, blob: bytes, shape: GroupShape) -> None:
        self.blob = blob
        self.shape = shape
        self.data = np.frombuffer(blob, np.uint8)
        self.reader = BitReader(blob, clause="prefix.bits")
        self.kernels: Any = load("pil_dctz.lossless.decoder.prediction_tables_kernels")

    def parse(self) -> PredictionTables:
        head = self._head()
        if self.reader.read(1):
            return self._rans(head)
        class_codes = np.zeros((2, 1 << MAX_LENGTH), np.uint16)
        if head.classes > 1:
            lengths = self._lengths(2, head.classes + 2, 7)
            class_codes = build_decode_tables(lengths, MAX_LENGTH)
        count = self._context_map(head)
        is_run, values, zeros = self._codes(count)
        self._end()
        fast = _fast_residuals(values, is_run)
        context_map = 2 * head.context_map + is_run[head.context_map]
        return PredictionTables(head, class_codes, values, zeros, fast, context_map)

    def _rans(self, head: PredictionHead) -> PredictionTables:
        class_codes = self._histograms(2 if head.classes > 1 else 0, head.classes + 2)
        count = self._context_map(head)
        values = self._histograms(count, TOKENS)
        self._end()
        nothing = np.zeros((0, 0), np.uint16)
        return PredictionTables(
            head,
            class_codes,
            values,
            nothing,
            np.zeros(0, np.int16),
            head.context_map,
            _first_symbols(class_codes),
            _first_symbols(values),
        )

    def _histograms(self, count: int, symbols: int) -> npt.NDArray[np.uint16]:
        """Clause prediction.histogram: cumulative frequencies (count, symbols + 1)."""
        cumulative = np.zeros((count, symbols + 1), np.uint16)
        work = np.zeros(symbols, np.int64)
        for row in range(count):
            state = self._state()
            status = self.kernels.read_histogram(self.data, state, cumulative, row, work)
            self._take(state)
            if status < 0:
                clause = "prefix.bits" if status == -2 else "prediction.histogram"
                raise self._damaged(_BAD_HISTOGRAM[status], clause)
        return cumulative

    def _head(self) -> PredictionHead:
        read = self.reader.read
        channels = self.shape.channels
        transform = read(3) if channels >= 3 else 0
        if transform > 6:
            raise self._damaged(f"colour transform {transform}", "prediction.tables")
        values = self._values() if read(1) else None
        numbers = self._numbers() if self.shape.depth > 8 and read(1) else None
        top = (1 << self.shape.depth) - 1 if values is None else values.size - 1
        near = self._near(top) if values is None and numbers is None else 0
        is_preset = read(1) == 1
        is_above = read(1) == 1
        classes = PRESET_CLASSES if is_preset else read(6) + 1
        head = PredictionHead(self.shape, transform, values, top, [], [], classes)
        head.near = near
        head.is_above = is_above
        if numbers is not None:
            head.numbers = numbers
        if is_preset:
            head.is_preset = True
            head.own, head.cross = preset_taps(channels)
            head.coefficients = preset_coefficients(channels)
            return head
        for plane in range(channels):
            own = read(5)
            cross = read(4) if plane else 0
            if not 1 <= own <= (16 if plane else 20) or cross == 1 or cross > 13:
                raise self._damaged(
                    f"{own} own and {cross} cross taps in plane {plane}", "prediction.tables"
                )
            head.own.append(own)
            head.cross.append(cross)
            head.coefficients.append(self._coefficients(plane, own, cross, classes))
        return head

    def _near(self, top: int) -> int:
        """Clause prediction.near."""
        k = self.reader.unary(16)
        near = (1 << k) + self.reader.read(k) - 1
        if near > top:
            raise self._damaged(f"samples off by {near}", "prediction.near")
        return near

    def _values(self) -> npt.NDArray[np.uint16]:
        """Clause prediction.values."""
        is_listed = np.zeros(1 << self.shape.depth, np.uint8)
        used = self.reader.read(1)
        state = self._state()
        told = self.kernels.read_values(self.data, state, used, is_listed)
        self._take(state)
        if told == -1:
            raise self._damaged("unary number above 16", "prefix.bits")
        if told < 0:
            raise self._damaged("a run leaves the values", "prediction.values")
        values = np.flatnonzero(is_listed).astype(np.uint16)
        if values.size == 0:
            raise self._damaged("no value is listed", "prediction.values")
        return values

    def _numbers(self) -> npt.NDArray[np.int32]:
        """Clause prediction.numbers."""
        count = self.reader.read(16) + 1
        bits = self.reader.read(5)
        if bits > NUMBER_BITS:
            raise self._damaged(f"residual numbers of {bits} bits", "prediction.numbers")
        if count * bits > 8 * len(self.blob) - self.reader.position:
            raise DamagedError("bits end too early", offset=len(self.blob), clause="prefix.bits")
        numbers = np.zeros(count, np.int32)
        state = self._state()
        self.kernels.read_numbers(self.data, state, bits, numbers)
        self._take(state)
        return numbers

    def _coefficients(
        self, plane: int, own: int, cross: int, classes: int
    ) -> npt.NDArray[np.int32]:
        """Clause prediction.coefficients, with the rest taps."""
        taps = plane_taps(plane, own, cross)
        is_sent = np.zeros(len(taps.places), np.uint8)
        is_sent[taps.sent] = 1
        out = np.zeros((classes, is_sent.size), np.int32)
        state = self._state()
        status = self.kernels.read_coefficients(self.data, state, classes, is_sent, out)
        self._take(state)
        if status < 0:
            what = "a Rice number is too long" if status == -1 else "a coefficient is out of range"
            raise self._damaged(f"{what} in plane {plane}", "prediction.coefficients")
        taps.complete(out)
        return out

    def _lengths(self, codes: int, symbols: int, count_bits: int) -> npt.NDArray[np.uint8]:
        lengths = np.zeros((codes, symbols), np.uint8)
        for row in range(codes):
            self._one_code(lengths, row, count_bits)
        return lengths

    def _one_code(self, lengths: npt.NDArray[np.uint8], row: int, count_bits: int) -> None:
        state = self._state()
        status = self.kernels.read_code_lengths(self.data, state, lengths, row, count_bits)
        self._take(state)
        if status < 0:
            clause = "prefix.lengths" if status == -5 else "prefix.code"
            raise self._damaged(_BAD_CODE[status], clause)

    def _context_map(self, head: PredictionHead) -> int:
        """The map, and the number of tables before it."""
        tables = self.reader.read(6) + 1
        head.context_map = np.zeros(head.contexts, np.uint8)
        if tables == 1:
            return 1
        lengths = self._lengths(1, tables + 1, 7)
        state = self._state()
        table = np.zeros((1, 1 << MAX_LENGTH), np.uint16)
        self.kernels.read_context_map(
            self.data, state, lengths, table, head.levels, head.context_map
        )
        self._take(state)
        return tables

    def _codes(
        self, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
        """run, value and zeros of `prediction.tables`; a table without runs has zeros unused."""
        is_run = np.zeros(count, np.uint8)
        value_lengths = np.zeros((count, TOKENS), np.uint8)
        zero_lengths = np.zeros((count, TOKENS), np.uint8)
        zero_lengths[:, 0] = 1
        for table in range(count):
            is_run[table] = self.reader.read(1)
            if is_run[table]:
                self._one_code(zero_lengths, table, 7)
            self._one_code(value_lengths, table, 7)
        values = build_decode_tables(value_lengths, MAX_LENGTH)
        return is_run, values, build_decode_tables(zero_lengths, MAX_LENGTH)

    def _end(self) -> None:
        used = self.reader.byte
        fill = self.reader.read(8 * used - self.reader.position)
        if fill or used != len(self.blob):
            raise self._damaged("the tables do not end in their last byte", "prediction.tables")

    def _state(self) -> npt.NDArray[np.int64]:
        return np.array([self.reader.position, 0], np.int64)

    def _take(self, state: npt.NDArray[np.int64]) -> None:
        self.reader.position = int(state[0])
        if self.reader.position > 8 * len(self.blob):
            raise DamagedError("bits end too early", offset=len(self.blob), clause="prefix.bits")

    def _damaged(self, what: str, clause: str) -> DamagedError:
        return DamagedError(what, offset=min(self.reader.byte, len(self.blob)), clause=clause)


def _fast_residuals(
    values: npt.NDArray[np.uint16], is_run: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int16]:
    """For each table and 9 bits the residual that they begin with, * 16 + its bits, word and raw.

    0: more bits than 9, a residual beyond -2048..2047, or no bits at all. In run tables, residuals
    are those that are not zero. Half of the decoder's time went where tables had 4096 entries and
    words and raw bits were read one after the other.
    """
    whole = values[:, : 1 << _FAST].astype(np.int32)
    bits = np.arange(1 << _FAST)
    length, token = whole & 15, whole >> 4
    n = np.maximum(token - 8, 0) >> 2
    n = np.where(token < 16, 0, n)
    raw = (bits >> length) & ((1 << n) - 1)
    number = np.where(token < 16, token, ((4 + (token & 3)) << n) | raw) + is_run[:, None]
    residual = np.where(number & 1, (number + 1) >> 1, -(number >> 1))
    length += n
    is_fast = (length <= _FAST) & (length > 0) & (residual >= -2048) & (residual < 2048)
    return np.where(is_fast, residual * 16 + length, 0).astype(np.int16).reshape(-1)


def _first_symbols(cumulative: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """For each histogram the symbol of every fourth slot, (n, 1024)."""
    starts = np.arange(0, 4096, _SLOTS)
    first = np.zeros((cumulative.shape[0], starts.size), np.uint8)
    for row, sums in enumerate(cumulative):
        first[row] = np.searchsorted(sums, starts, side="right") - 1
    return first
