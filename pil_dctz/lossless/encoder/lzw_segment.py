"""One segment in the LZW encoder: its pixels, literals and tokens. Clause `lzw.segment`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.kernels.load import load
from pil_dctz.lossless import syntax
from pil_dctz.lossless.decoder.lzw import cell_grid, lzw_setup
from pil_dctz.lossless.encoder.families import FittedFamily
from pil_dctz.lossless.syntax import LzwHead

__all__ = ["Costs", "Counts", "Segment", "Tokens"]

_PARSE = "pil_dctz.lossless.encoder.lzw_parse_kernels"
_TOKENS = "pil_dctz.lossless.encoder.lzw_tokens_kernels"
_LITERALS = "pil_dctz.lossless.encoder.literals_kernels"

#: Pixel comparisons a pixel that a parse may spend before it looks at short runs only.
_BUDGET = 96
#: In segments of fewer pixels each may be a literal, not only those unlike their neighbours.
_ALL_BELOW = 1 << 16
#: The symbol of an index literal; those of cached colours and residuals follow.
_INDEX = 320
#: Bits of a literal where a neighbour gives the pixel.
_NEVER = 1e9


@dataclass(slots=True)
class Costs:
    """Bits of every symbol by the codes of the last pass, raw bits included."""

    token_class: npt.NDArray[np.uint8]
    token: npt.NDArray[np.float32]
    phrase: npt.NDArray[np.float32]
    index: npt.NDArray[np.float32]
    residual: npt.NDArray[np.float32]
    cache: npt.NDArray[np.float32]

    @classmethod
    def of(cls, head: LzwHead, fitted: list[FittedFamily]) -> Costs:
        """From the families of a group, in the order of its tables."""
        by_number = {f.family.number: f.costs() for f in fitted}
        token = by_number[syntax.TOKEN].copy()
        buckets = np.arange(32)
        raw = np.where(buckets < 4, 0, 1 + ((buckets - 4) >> 1)).astype(np.float32)
        token[:, :320] += np.tile(raw, 10)
        phrase = by_number[syntax.PHRASE][0].copy()
        ages = np.arange(60)
        phrase[4:] += np.where(ages < 8, 0, 2 + ((ages - 8) >> 1)).astype(np.float32)
        index = np.zeros((32, 256), np.float32)
        if syntax.INDEX in by_number:
            found = by_number[syntax.INDEX]
            index[: found.shape[0], : found.shape[1]] = found
        residual = np.zeros((120, 38), np.float32)
        if syntax.RESIDUAL in by_number:
            residual = by_number[syntax.RESIDUAL][syntax.residual_map(head.table_set)]
            symbols = np.arange(38)
            residual = residual + np.where(symbols < 32, 0, 4 + ((symbols - 32) >> 1))
        cache = np.zeros(2048, np.float32)
        if syntax.CACHE in by_number:
            found = by_number[syntax.CACHE][0]
            cache[: found.size] = found
        return cls(
            syntax.token_map(head.table_set),
            np.ascontiguousarray(token, np.float32),
            np.ascontiguousarray(phrase, np.float32),
            index,
            np.ascontiguousarray(residual, np.float32),
            cache,
        )


@dataclass(slots=True)
class Counts:
    """Symbols by raw context: token (1026, 338), residual (120, 38), other (35, 2048)."""

    token: npt.NDArray[np.int64]
    residual: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]

    @classmethod
    def zeros(cls) -> Counts:
        return cls(
            np.zeros((1026, 338), np.int64),
            np.zeros((120, 38), np.int64),
            np.zeros((35, 2048), np.int64),
        )

    def of_family(self, family: syntax.Family) -> npt.NDArray[np.int64]:
        """Counts (classes, symbols) of one family."""
        number = family.number
        if number in (syntax.TOKEN, syntax.RESIDUAL):
            raw = self.token if number == syntax.TOKEN else self.residual
            classes = (
                syntax.token_map(family.table_set)
                if number == syntax.TOKEN
                else syntax.residual_map(family.table_set)
            )
            out = np.zeros((family.classes, family.symbols), np.int64)
            seen = np.flatnonzero(raw.any(axis=1))
            np.add.at(out, classes[seen], raw[seen])
            return out
        row = {syntax.PHRASE: 32, syntax.CACHE: 33, syntax.PREDICTOR: 34}.get(number)
        if row is None:
            return self.other[: family.classes, : family.symbols]
        return self.other[row : row + 1, : family.symbols]


class Tokens(NamedTuple):
    """What a parse gives, an element a token.

    start: int32. symbol: uint16. length: int32. extra: int32, phrase age << 8 | phrase symbol,
    index or cache slot. context: int16.
    """

    start: npt.NDArray[np.int32]
    symbol: npt.NDArray[np.uint16]
    length: npt.NDArray[np.int32]
    extra: npt.NDArray[np.int32]
    context: npt.NDArray[np.int16]

    @classmethod
    def room(cls, count: int) -> Tokens:
        """For `count` tokens."""
        return cls(
            np.empty(count, np.int32),
            np.empty(count, np.uint16),
            np.empty(count, np.int32),
            np.empty(count, np.int32),
            np.empty(count, np.int16),
        )

    def first(self, count: int) -> Tokens:
        """A copy of the first `count`."""
        return Tokens(
            self.start[:count].copy(),
            self.symbol[:count].copy(),
            self.length[:count].copy(),
            self.extra[:count].copy(),
            self.context[:count].copy(),
        )


class Segment:
    """Pixels of a segment and the tokens of the last parse.

    samples: (h, w, channels) uint8, or palette indices (h, w) uint8 in the palette kind.
    cells: uint8 map of photo cells of the segment, or None.
    """

    def __init__(
        self,
        samples: npt.NDArray[Any],
        shape: GroupShape,
        cells: npt.NDArray[np.uint8] | None,
    ) -> None:
        self.height, self.width = int(samples.shape[0]), int(samples.shape[1])
        self.shape = shape
        self.size = self.width * self.height
        self.pad = 2 * self.width + 2
        self.mixed = cells is not None and bool(cells.any())
        self.cells = (
            np.zeros(cell_grid(self.width, self.height), np.uint8) if cells is None else cells
        )
        self.pix = np.zeros(self.pad + self.size, np.uint32)
        if samples.ndim == 2:
            self.pix[self.pad :] = samples.reshape(-1)
        else:
            load(_LITERALS).pack_pixels(np.ascontiguousarray(samples), self.pad, self.pix)
        if self.mixed:
            self.pix[self.pad :][self._photo_pixels()] = 0
        self.tile_predictor = np.zeros(1, np.uint8)
        few = self.size < _ALL_BELOW
        self.candidates = np.arange(self.size) if few else np.flatnonzero(self.unlike())
        self.literal_z = np.zeros((0, 4), np.uint8)
        self.literal_context = np.zeros((0, 4), np.uint8)
        self.literal_cost = np.zeros(0, np.float32)
        self.value = np.zeros(1, np.float32)
        self.cell_bits = np.zeros(self.cells.shape, np.float64)
        self.tokens = Tokens.room(0)

    def _photo_pixels(self) -> npt.NDArray[np.bool_]:
        wide = np.repeat(np.repeat(self.cells, 64, 0), 64, 1)[: self.height, : self.width]
        photo: npt.NDArray[np.bool_] = wide.reshape(-1) != 0
        return photo

    def setup(self, head: LzwHead) -> npt.NDArray[np.int64]:
        return lzw_setup(head, self.shape, self.width, self.height, self.mixed)

    def prepare_literals(self, head: LzwHead) -> None:
        """Residuals of the candidates under the head's predictors and colour."""
        if head.palette is not None:
            self.literal_z = np.zeros((self.size, 4), np.uint8)
            self.literal_context = self.literal_z
            self.literal_cost = np.zeros(self.size, np.float32)
            return
        if self.literal_z.shape[0] == 0:
            self.literal_z = np.zeros((self.size, 4), np.uint8)
            self.literal_context = np.zeros((self.size, 4), np.uint8)
            self.literal_cost = np.full(self.size, _NEVER, np.float32)
        load(_LITERALS).literals(
            self.setup(head),
            self.pix,
            self.candidates,
            self.tile_predictor,
            self.literal_z,
            self.literal_context,
        )

    def unlike(self) -> npt.NDArray[np.bool_]:
        """True for pixels that none of their four neighbours gives: what literals may code."""
        w = self.width
        own = self.pix[self.pad :]
        out = np.ones(self.size, bool)
        for distance in (1, w, max(1, w - 1), w + 1):
            out &= own != self.pix[self.pad - distance : self.pix.size - distance]
        return out

    def _cost_literals(self, costs: Costs) -> None:
        load(_LITERALS).literal_costs(
            self.candidates,
            self.literal_z,
            self.literal_context,
            costs.residual,
            self.literal_cost,
        )

    def parse(self, head: LzwHead, costs: Costs, depth: int, within: int) -> None:
        """Tokens by `costs`; by the cost map of the last parse if there is one.

        depth: phrases of each chain tried for a token, 0..50. within: bits behind the best token at
        which others look one token ahead, 0 for none.
        """
        if head.palette is None:
            self._cost_literals(costs)
        chain_next = np.zeros((2, self.size), np.int32)
        room = Tokens.room(self.size)
        count = load(_PARSE).parse_tokens(
            self.setup(head),
            self.cells,
            self.pix,
            np.full(self.width, self.width, np.int32),
            room.start,
            np.full((2, 1 << 16), -1, np.int32),
            np.zeros(2048, np.uint32),
            costs.token_class,
            costs.token,
            costs.phrase,
            costs.index,
            costs.cache,
            self.literal_z,
            self.literal_cost,
            self.value,
            np.array([depth, _BUDGET * self.size + 4096, 0, 0, 0, 0, within], np.int64),
            np.full((2, 1 << 16), -1, np.int32),
            chain_next,
            np.zeros((128, 4), np.int64),
            np.zeros((2, 128), np.float32),
            room.symbol,
            room.length,
            room.extra,
            room.context,
        )
        self.tokens = room.first(int(count))

    def count(self, head: LzwHead, counts: Counts) -> None:
        """Adds the tokens' symbols to `counts`."""
        tokens = self.tokens
        load(_TOKENS).count_tokens(
            self.setup(head),
            tokens.start.size,
            tokens.start,
            tokens.symbol,
            tokens.extra,
            tokens.context,
            self.pix,
            self.literal_z,
            self.literal_context,
            self.tile_predictor,
            np.full(self.tile_predictor.size, 255, np.uint8),
            counts.token,
            counts.residual,
            counts.other,
        )

    def map_values(self, head: LzwHead, costs: Costs) -> float:
        """The cost map of the tokens for the next parse, and bits by cell. Returns all bits."""
        if head.palette is None:
            self._cost_literals(costs)
        if self.value.size != self.size + 1:
            self.value = np.zeros(self.size + 1, np.float32)
        self.cell_bits[:] = 0
        tokens = self.tokens
        total = load(_TOKENS).value_map(
            self.setup(head),
            tokens.start.size,
            tokens.start,
            tokens.symbol,
            tokens.length,
            tokens.extra,
            tokens.context,
            self.pix,
            costs.token_class,
            costs.token,
            costs.phrase,
            costs.index,
            costs.cache,
            self.literal_cost,
            self.value,
            self.cell_bits,
        )
        return float(total)

    def literal_pixels(self) -> npt.NDArray[np.int64]:
        """Positions of the residual and cached literals of the last parse."""
        return self.tokens.start[self.tokens.symbol > _INDEX].astype(np.int64)

    def write(
        self,
        head: LzwHead,
        codes: npt.NDArray[np.uint32],
        rows: npt.NDArray[np.int32],
        out: npt.NDArray[np.uint8],
        position: int,
    ) -> int:
        """The tokens' bits into zeroed `out` from `position` on. Returns the position after."""
        tokens = self.tokens
        found = load(_TOKENS).write_tokens(
            self.setup(head),
            tokens.start.size,
            tokens.start,
            tokens.symbol,
            tokens.length,
            tokens.extra,
            tokens.context,
            self.pix,
            self.literal_z,
            self.literal_context,
            self.tile_predictor,
            np.full(self.tile_predictor.size, 255, np.uint8),
            codes,
            rows,
            out,
            position,
        )
        return int(found)
