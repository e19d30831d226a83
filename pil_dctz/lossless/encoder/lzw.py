"""The LZW encoder of a plane group: passes, head, tables, bits. Chapter 9b."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pil_dctz import schedule
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.lossless import syntax
from pil_dctz.lossless.encoder.families import (
    FittedFamily,
    default_family,
    fit_family,
    write_family,
    write_gamma,
)
from pil_dctz.lossless.encoder.literals import choose_cache, choose_literals
from pil_dctz.lossless.encoder.lzw_segment import Costs, Counts, Segment, Tokens
from pil_dctz.lossless.encoder.palette import write_palette
from pil_dctz.lossless.syntax import LzwHead

__all__ = ["LzwCoder", "write_cells"]

#: First row of each family in the kernels' `rows` (ROWS_* of lzw_kernels).
_FIRST_ROW = {
    syntax.TOKEN: 0,
    syntax.RESIDUAL: 1026,
    syntax.INDEX: 1146,
    syntax.PHRASE: 1178,
    syntax.CACHE: 1179,
    syntax.PREDICTOR: 1180,
}
_ROWS = 1181


class Search(NamedTuple):
    """What an effort buys.

    passes: over the picture, at most; the third and later ones while each saves the part `gain`.
    depth: of the phrase chains. within: bits behind the best offer that others look ahead from.
    """

    passes: int
    gain: float
    depth: int
    within: int

    @classmethod
    def of(cls, effort: int) -> Search:
        """effort 0..9."""
        return _SEARCHES[effort]


_SEARCHES = (
    Search(1, 0, 4, 0),
    Search(1, 0, 8, 0),
    Search(2, 0, 4, 0),
    Search(2, 0, 8, 0),
    Search(3, 0, 8, 12),
    Search(8, 0.005, 8, 16),
    Search(8, 0.003, 8, 20),
    Search(8, 0.002, 16, 20),
    Search(10, 0.001, 32, 20),
    Search(12, 0.0005, 48, 20),
)
#: Up to this pass, depth and looking ahead are cut: it only leads to the codes of the next ones.
_FIRST = 2
_FIRST_DEPTH = 4
_SMALL = 1 << 17  # pictures of fewer pixels get all passes and the deepest search
_QUICK = 3  # but not up to this effort


class _Pass(NamedTuple):
    """What a pass left: bits, codes, tokens of each segment."""

    bits: float
    fitted: list[FittedFamily]
    tokens: list[Tokens]


class LzwCoder:
    """Parses all segments of a group together, as they share head and tables.

    parts: samples (h, w, channels) uint8 of each segment, or palette indices (h, w), or `packed`
    numbers of that many indices. cells: map of photo cells of each segment, or None for none.
    """

    def __init__(
        self,
        parts: list[npt.NDArray[Any]],
        shape: GroupShape,
        palette: npt.NDArray[np.uint16] | None,
        cells: list[npt.NDArray[np.uint8]] | None = None,
        packed: int = 1,
    ) -> None:
        self.shape = shape
        self.with_cells = cells is not None
        maps: list[npt.NDArray[np.uint8] | None] = (
            [None] * len(parts) if cells is None else list(cells)
        )
        self.segments = [Segment(part, shape, one) for part, one in zip(parts, maps, strict=True)]
        self.head = LzwHead(palette, self._default_set(palette), packed=packed)
        self.fitted: list[FittedFamily] = []
        self.bits = np.inf
        self.done = 0
        self._best: _Pass | None = None  # since head and literals are settled
        self._fit(None)

    def _default_set(self, palette: npt.NDArray[np.uint16] | None) -> int:
        if palette is not None:
            return 0
        return 2 if self.shape.channels in (2, 4) else 1

    def continue_from(self, other: LzwCoder) -> None:
        """Begin with head and codes of a coder of the same pixels that has run, without cells."""
        self.head = replace(other.head)
        self.fitted = list(other.fitted)
        self.done = _FIRST
        for segment, known in zip(self.segments, other.segments, strict=True):
            segment.tile_predictor = known.tile_predictor
            segment.prepare_literals(self.head)

    def run(self, effort: int, threads: int = 1, most: int = 100) -> float:
        """The passes that `effort` (0..9) buys, up to `most` in all; the best one is kept.

        Returns the bits of codes and segments.
        """
        search = Search.of(effort)
        if sum(segment.size for segment in self.segments) < _SMALL and effort > _QUICK:
            search = _SEARCHES[-1]._replace(passes=search.passes, gain=-1.0)
        while self.done < min(search.passes, most):
            before = self.bits
            self._pass(search, threads, thorough=effort > _QUICK)
            if self.done >= _FIRST and (self._best is None or self.bits < self._best.bits):
                found = [segment.tokens for segment in self.segments]
                self._best = _Pass(self.bits, self.fitted, found)
            if self.done > _FIRST + 1 and self.bits > (1 - search.gain) * before:
                break
        if self._best is not None:
            self.bits, self.fitted, kept = self._best
            for segment, tokens in zip(self.segments, kept, strict=True):
                segment.tokens = tokens
        return self.bits

    def _pass(self, search: Search, threads: int, *, thorough: bool) -> None:
        self._prepare(thorough=thorough)
        costs = Costs.of(self.head, self.fitted)
        first = self.done < min(_FIRST, search.passes - 1) and search.gain >= 0
        depth, within = (_FIRST_DEPTH, 0) if first else (search.depth, search.within)
        schedule.run(
            lambda segment: segment.parse(self.head, costs, depth, within), self.segments, threads
        )
        counts = Counts.zeros()
        for segment in self.segments:
            segment.count(self.head, counts)
        self._fit(counts)
        costs = Costs.of(self.head, self.fitted)
        for segment in self.segments:
            segment.map_values(self.head, costs)
        self.done += 1

    def _prepare(self, thorough: bool) -> None:
        """Before the first two passes: how literals are coded."""
        if self.done > 1 or (self.done == 1 and self.head.palette is not None):
            return
        if self.head.palette is None:
            choose_literals(self.segments, self.head, first=self.done == 0, thorough=thorough)
            if self.done == 1:
                choose_cache(self.segments, self.head)
                self._fit_after_head()
        for segment in self.segments:
            segment.prepare_literals(self.head)

    def _fit(self, counts: Counts | None) -> None:
        families = syntax.families_of(self.head)
        if counts is None:
            self.fitted = [default_family(family) for family in families]
            return
        self.fitted = [fit_family(family, counts.of_family(family)) for family in families]
        self.bits = sum(fitted.bits for fitted in self.fitted) + self._raw_bits(counts)

    def _fit_after_head(self) -> None:
        """The head has changed: families that are new begin with their defaults."""
        old = {f.family.number: f for f in self.fitted}
        self.fitted = [
            old.get(family.number, default_family(family))
            for family in syntax.families_of(self.head)
        ]

    def _raw_bits(self, counts: Counts) -> float:
        buckets = np.arange(320) & 31
        raw = np.where(buckets < 4, 0, 1 + ((buckets - 4) >> 1))
        total = float((counts.token[:, :320].sum(axis=0) * raw).sum())
        ages = np.arange(60)
        raw = np.where(ages < 8, 0, 2 + ((ages - 8) >> 1))
        total += float((counts.other[32, 4:64] * raw).sum())
        symbols = np.arange(38)
        raw = np.where(symbols < 32, 0, 4 + ((symbols - 32) >> 1))
        return total + float((counts.residual.sum(axis=0) * raw).sum())

    def cell_bits(self) -> list[npt.NDArray[np.float64]]:
        """Bits of each cell in the last pass, for each segment."""
        return [segment.cell_bits for segment in self.segments]

    def tables(self) -> bytes:
        """`lzw_tables`. Clause `lzw.tables`."""
        head = self.head
        writer = BitWriter()
        writer.write(0 if head.palette is not None else 1, 1)
        if head.palette is not None:
            write_palette(writer, head.palette, self.shape)
        if head.packed > 1:
            writer.write(syntax.SETS, 2)
        writer.write(head.table_set, 2)
        if head.palette is None:
            writer.write(head.cache_bits, 4)
            if self.shape.channels >= 3:
                own = head.colour != (8, 8, 0)
                writer.write(int(own), 1)
                if own:
                    for value in head.colour:
                        writer.write(value + 8, 5)
            writer.write(head.tile, 2)
            if head.tile == 0:
                writer.write(head.predictor, 4)
        for fitted in self.fitted:
            write_family(writer, fitted)
        return writer.getvalue()

    def streams(self) -> list[bytes]:
        """`lzw_bits` of each segment."""
        width = max(fitted.family.symbols for fitted in self.fitted)
        rows = np.zeros(_ROWS, np.int32)
        parts = []
        filled = 0
        for fitted in self.fitted:
            words, row_of_class = fitted.codes()
            padded = np.zeros((words.shape[0], width), np.uint32)
            padded[:, : words.shape[1]] = words
            parts.append(padded)
            spread = row_of_class + filled
            number = fitted.family.number
            if number == syntax.TOKEN:
                spread = spread[syntax.token_map(self.head.table_set)]
            elif number == syntax.RESIDUAL:
                spread = spread[syntax.residual_map(self.head.table_set)]
            first = _FIRST_ROW[number]
            rows[first : first + spread.size] = spread
            filled += words.shape[0]
        codes = np.ascontiguousarray(np.concatenate(parts))
        return [self._stream(segment, codes, rows) for segment in self.segments]

    def _stream(
        self, segment: Segment, codes: npt.NDArray[np.uint32], rows: npt.NDArray[np.int32]
    ) -> bytes:
        writer = BitWriter()
        if self.with_cells:
            write_cells(writer, segment.cells)
        begin = writer.getvalue()
        # A token takes at most 13 + 13 + 15 + 30 bits, a literal 13 + 13 + 4 * 19.
        room = len(begin) + 16 + 13 * segment.tokens.start.size
        out = np.zeros(room, np.uint8)
        out[: len(begin)] = np.frombuffer(begin, np.uint8)
        end = segment.write(self.head, codes, rows, out, writer.position)
        return out[: (end + 7) >> 3].tobytes()


def write_cells(writer: BitWriter, cells: npt.NDArray[np.uint8]) -> None:
    """The map of photo cells of a segment. Clause `lossless.cells`."""
    flat = cells.reshape(-1)
    if (flat == flat[0]).all():
        writer.write(1, 1)
        writer.write(int(flat[0]), 1)
        return
    writer.write(0, 1)
    writer.write(int(flat[0]), 1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    for run in np.diff(np.concatenate(([0], edges, [flat.size]))).tolist():
        write_gamma(writer, run)
