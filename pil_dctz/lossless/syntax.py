"""What both sides of the lossless mode share: heads, code families, defaults. Chapters 9, 9b."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from pil_dctz.tables.load import load_array

__all__ = [
    "CACHE",
    "CELL",
    "CELL_LOG2",
    "CHANNEL_ORDER",
    "DELTAS",
    "GAPS",
    "INDEX",
    "MAX_LENGTH",
    "PHRASE",
    "PREDICTOR",
    "RESIDUAL",
    "SETS",
    "TOKEN",
    "Family",
    "LzwHead",
    "channel_bits",
    "families_of",
    "flat_lengths",
    "index_class",
    "residual_map",
    "sending_lengths",
    "token_map",
    "trained_family",
]

CELL_LOG2 = 6
CELL = 1 << CELL_LOG2
MAX_LENGTH = 13
SETS = 3
TOKEN, PHRASE, INDEX, RESIDUAL, CACHE, PREDICTOR = range(6)
TOKEN_CONTEXTS, TOKEN_CLASSES, TOKEN_SYMBOLS = 1026, 28, 338
RESIDUAL_CONTEXTS, RESIDUAL_CLASSES, RESIDUAL_SYMBOLS = 120, 18, 38
PHRASE_SYMBOLS = 64
PREDICTOR_SYMBOLS = 15
GAPS, DELTAS = 23, 25

#: Array index of the channels A, G, R, B of a group with 1..4 channels; None where it has none.
CHANNEL_ORDER: dict[int, tuple[int | None, int | None, int | None, int | None]] = {
    1: (None, 0, None, None),
    2: (1, 0, None, None),
    3: (None, 1, 0, 2),
    4: (3, 1, 0, 2),
}

Lengths = npt.NDArray[np.uint8]


def channel_bits(channels: int) -> int:
    """Which of A, G, R, B (bits 0..3) a group of 1..4 channels has. Clause `lzw.pixels`."""
    return sum(1 << k for k, index in enumerate(CHANNEL_ORDER[channels]) if index is not None)


@dataclass(slots=True)
class LzwHead:
    """The fields of `lzw.tables` before the codes.

    palette: uint16 (1..256, channels) in the palette kind, else None. packed: pixels that a number
    holds there (`lzw.packed`), else 1.
    table_set: 0..2, which defaults. cache_bits: 0..11. colour: a, b, c, -8..23.
    tile: 0 one predictor (0..13), else squares of 4 << tile.
    """

    palette: npt.NDArray[np.uint16] | None = None
    table_set: int = 0
    cache_bits: int = 0
    colour: tuple[int, int, int] = (8, 8, 0)
    tile: int = 0
    predictor: int = 0
    packed: int = 1

    @property
    def count(self) -> int:
        """How many numbers the palette kind has, else 0."""
        return 0 if self.palette is None else int(self.palette.shape[0]) ** self.packed


@dataclass(frozen=True, slots=True)
class Family:
    """A family of prefix codes. defaults: uint8 (classes, symbols). Clause `lzw.family`."""

    number: int
    defaults: Lengths
    table_set: int = field(default=-1)

    @property
    def classes(self) -> int:
        return int(self.defaults.shape[0])

    @property
    def symbols(self) -> int:
        return int(self.defaults.shape[1])


def families_of(head: LzwHead) -> list[Family]:
    """The families that a group with this head has, in the order of its tables."""
    families = [trained_family(TOKEN, head.table_set), trained_family(PHRASE, head.table_set)]
    if head.palette is not None:
        count = head.count
        classes = count if count <= 32 else 32
        families.append(Family(INDEX, np.broadcast_to(flat_lengths(count), (classes, count))))
        return families
    families.append(trained_family(RESIDUAL, head.table_set))
    if head.cache_bits:
        families.append(Family(CACHE, flat_lengths(1 << head.cache_bits)[None, :]))
    if head.tile:
        families.append(trained_family(PREDICTOR, 0))
    return families


def packed_pixels(entries: int) -> int:
    """Pixels that a number holds with packed indices, 1: none. Clause `lzw.packed`."""
    return next((n for n in range(8, 1, -1) if entries > 1 and entries**n <= 256), 1)


@cache
def trained_family(number: int, table_set: int) -> Family:
    """The token, phrase, residual or predictor family with the defaults of a set."""
    if number == TOKEN:
        lengths = load_array(
            "lzw-token-lengths.txt", "uint8", (SETS, TOKEN_CLASSES, TOKEN_SYMBOLS)
        )[table_set]
    elif number == RESIDUAL:
        lengths = load_array(
            "lzw-residual-lengths.txt", "uint8", (SETS, RESIDUAL_CLASSES, RESIDUAL_SYMBOLS)
        )[table_set]
    elif number == PHRASE:
        lengths = load_array("lzw-phrase-lengths.txt", "uint8", (SETS, 1, PHRASE_SYMBOLS))[
            table_set
        ]
    else:
        lengths = load_array("lzw-predictor-lengths.txt", "uint8", (1, PREDICTOR_SYMBOLS))
    return Family(number, lengths, table_set)


@cache
def token_map(table_set: int) -> npt.NDArray[np.uint8]:
    """Class of each raw token context, (1026,). Clause `lzw.context`."""
    found: npt.NDArray[np.uint8] = load_array("lzw-token-map.txt", "uint8", (SETS, TOKEN_CONTEXTS))[
        table_set
    ]
    return found


@cache
def residual_map(table_set: int) -> npt.NDArray[np.uint8]:
    """Class of each raw residual context, (120,). Clause `lzw.residual`."""
    found: npt.NDArray[np.uint8] = load_array(
        "lzw-residual-map.txt", "uint8", (SETS, RESIDUAL_CONTEXTS)
    )[table_set]
    return found


@cache
def sending_lengths(family: int) -> tuple[Lengths, Lengths]:
    """Code lengths (gap, delta) by which own codes of a family are sent."""
    row = load_array("lzw-sending-lengths.txt", "uint8", (6, GAPS + DELTAS))[family]
    return row[:GAPS], row[GAPS:]


@cache
def flat_lengths(symbols: int) -> Lengths:
    """The default code of families without a trained one, 2 symbols or more."""
    bits = (symbols - 1).bit_length()
    lengths = np.full(symbols, bits, np.uint8)
    lengths[: (1 << bits) - symbols] = bits - 1
    return lengths


def index_class(west: int, north: int, count: int) -> int:
    """Class of an index literal. Clause `lzw.index`."""
    return west if count <= 32 else (west * 8 // count) * 4 + north * 4 // count
