"""Cells of a lossy picture that take fewer bytes exactly. Clause `frame.overlay`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.lossless.encoder.lzw import LzwCoder
from pil_dctz.lossless.encoder.palette import find_palette
from pil_dctz.lossless.syntax import CELL
from pil_dctz.lossy.encoder.tile_costs import tile_bits
from pil_dctz.picture.segments import segments_of

__all__ = ["Mixed", "candidate_cells", "choose", "encode_overlay", "mix", "paint"]

Cells = NDArray[np.uint8]
Bits = NDArray[np.float64]

_HAS_LZW = 1
#: A cell may be taken where so many of its pixels equal their left neighbour. Photographs have
#: such cells, too, but few in which so many others differ from it by so much.
_REPEATED, _JUMP, _JUMPS = 0.4, 32, 0.02
#: Of the cells, so many must be like that.
_SEEDS = 0.05
#: Colours of a cell of more than 8 bits.
_FEW = 32
#: Of the rows, one in so many is looked at.
_SAMPLED = 4
#: Pixels up to which the overlay has one segment, and log2 of the side of its segments beyond.
_WHOLE, _SQUARES = 1 << 21, 10
#: Of the passes that tell what cells cost.
_FIRST_EFFORT = 2
#: A cell is taken if it costs at most so many times its lossy bits exactly, more for each of the
#: four beside it that is taken: it looks better, its lossy bits are a guess, and cuts cost some.
_WORTH, _BESIDE, _ROUNDS = 0.9, 0.25, 2
#: So often cells are chosen, until all of them cost so much of their lossy bits.
_TURNS, _ENOUGH = 4, 0.7
#: Bits that the overlay must save: its tables.
_TABLES = 1000.0


class Mixed(NamedTuple):
    """A lossy group whose taken cells are painted over, and the overlay that gives them.

    colours: the samples that the lossy group was made from.
    """

    lossy: EncodedGroup
    overlay: EncodedGroup
    colours: Samples


def candidate_cells(samples: Samples, depth: int = 8) -> NDArray[np.bool_]:
    """(rows, columns): cells that drawings and text may fill; none in most photographs.

    samples: of at most 15 bits.
    """
    height, width, _ = samples.shape
    rows = samples[_SAMPLED // 2 :: _SAMPLED].astype(np.int16)
    none = np.zeros((-(-height // CELL), -(-width // CELL)), bool)
    if len(rows) == 0 or width < 2:
        return none
    steps = np.abs(np.diff(rows, axis=1)).max(axis=2)
    repeated = _share(steps == 0)
    seeds = (repeated >= _REPEATED) & (_share(steps >= _JUMP << (depth - 8)) >= _JUMPS)
    if seeds.mean() < _SEEDS:
        return none
    none[: len(repeated), : repeated.shape[1]] = repeated >= _REPEATED
    return none


def _few_colours(samples: Samples, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the cells have few colours: deep samples are given by a palette alone."""
    found = np.zeros_like(cells)
    for i, j in zip(*np.nonzero(cells), strict=True):
        part = samples[CELL * i : CELL * (i + 1), CELL * j : CELL * (j + 1)]
        found[i, j] = find_palette(part, _FEW) is not None
    return found


def _share(found: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By cell, of sampled rows and all columns but the last."""
    tall, wide = CELL // _SAMPLED, CELL
    starts, firsts = np.arange(0, found.shape[0], tall), np.arange(0, found.shape[1], wide)
    counts = np.add.reduceat(found, firsts, axis=1, dtype=np.int64)
    counts = np.add.reduceat(counts, starts, axis=0)
    heights = np.diff(np.append(starts, found.shape[0]))
    widths = np.diff(np.append(firsts, found.shape[1]))
    shares: NDArray[np.float64] = counts / np.outer(heights, widths)
    return shares


def mix(
    samples: Samples,
    shape: GroupShape,
    lossy: EncodedGroup,
    encode_lossy: Callable[[Samples, NDArray[np.bool_]], EncodedGroup],
    *,
    effort: int,
    segment_log2: int | None,
    threads: int,
) -> Mixed | None:
    """The picture as a lossy group and an overlay; None where no cells promise to pay.

    lossy: the whole picture, encoded. encode_lossy: does the same with other samples,
    and says where those are still the picture's.
    """
    maybe = candidate_cells(samples, shape.depth)
    if shape.depth > 8:
        maybe &= _few_colours(samples, maybe)
    if not maybe.any():
        return None
    log2 = _segment_log2(shape) if segment_log2 is None else segment_log2
    taken = _worth_taking(samples, shape, maybe, tile_bits(lossy, shape), log2, effort, threads)
    if not taken.any():
        return None
    overlay = encode_overlay(samples, shape, taken, log2, effort=effort, threads=threads)
    if overlay is None:
        return None
    colours = paint(samples, taken)
    return Mixed(encode_lossy(colours, ~_pixels(taken, shape)), overlay, colours)


def _worth_taking(
    samples: Samples,
    shape: GroupShape,
    maybe: NDArray[np.bool_],
    lossy_bits: Bits,
    log2: int,
    effort: int,
    threads: int,
) -> NDArray[np.bool_]:
    """The cells that take fewer bits exactly, of those that may; none where all of them lose.

    Cells take phrases from others: what is left is asked again, until it saves enough together.
    """
    taken = maybe
    for turn in range(_TURNS):
        coder = _coder(samples, shape, taken, log2)
        if coder is None:
            return np.zeros_like(maybe)
        bits = coder.run(min(effort, _FIRST_EFFORT), threads)
        if turn and bits <= _ENOUGH * lossy_bits[taken].sum():
            return taken
        before = taken
        taken = choose(before, _spread(coder.cell_bits(), shape, log2), lossy_bits)
        if not taken.any() or (taken == before).all():
            break
    return taken


def encode_overlay(
    samples: Samples,
    shape: GroupShape,
    taken: NDArray[np.bool_],
    segment_log2: int,
    *,
    effort: int,
    threads: int,
) -> EncodedGroup | None:
    """The group that gives the taken cells; None where the method has no codes for them."""
    coder = _coder(samples, shape, taken, segment_log2)
    if coder is None:
        return None
    coder.run(effort, threads)
    tables = bytes([_HAS_LZW]) + coder.tables()
    return EncodedGroup(Mode.LOSSLESS, segment_log2, tables, [coder.streams()], overlay=True)


def choose(maybe: NDArray[np.bool_], exact: Bits, lossy: Bits) -> NDArray[np.bool_]:
    """The cells to be taken, by their bits; none where they save too little."""
    taken = maybe & (exact <= (_WORTH + 2 * _BESIDE) * lossy)
    for _ in range(_ROUNDS):
        beside = np.zeros(taken.shape)
        beside[1:] += taken[:-1]
        beside[:-1] += taken[1:]
        beside[:, 1:] += taken[:, :-1]
        beside[:, :-1] += taken[:, 1:]
        taken = maybe & (exact <= (_WORTH + _BESIDE * beside) * lossy)
    if float(((_WORTH + 2 * _BESIDE) * lossy - exact)[taken].sum()) < _TABLES:
        taken[:] = False
    return taken


def paint(samples: Samples, taken: NDArray[np.bool_]) -> Samples:
    """A copy whose taken cells have one colour each, that of what lies beside them."""
    out = samples.copy()
    known = ~taken
    colours = np.zeros((*taken.shape, samples.shape[2]))
    waiting = list(zip(*np.nonzero(taken), strict=True))
    beside = {cell: _edges(samples, taken, cell) for cell in waiting}
    for cell in waiting:
        if len(beside[cell]):
            colours[cell] = beside[cell].mean(axis=0)
            known[cell] = True
    for order in (waiting, waiting[::-1]):
        for i, j in order:
            for near in ((i, j - 1), (i - 1, j), (i, j + 1), (i + 1, j)):
                inside = 0 <= near[0] < taken.shape[0] and 0 <= near[1] < taken.shape[1]
                if not known[i, j] and inside and known[near] and taken[near]:
                    colours[i, j] = colours[near]
                    known[i, j] = True
    for i, j in waiting:
        out[CELL * i : CELL * (i + 1), CELL * j : CELL * (j + 1)] = np.rint(colours[i, j])
    return out


def _edges(samples: Samples, taken: NDArray[np.bool_], cell: tuple[int, int]) -> Samples:
    """The pixels around a cell that lie in cells that are not taken, (n, channels)."""
    i, j = cell
    rows, columns = slice(CELL * i, CELL * (i + 1)), slice(CELL * j, CELL * (j + 1))
    parts = [samples[:0, 0]]
    if i > 0 and not taken[i - 1, j]:
        parts.append(samples[CELL * i - 1, columns])
    if j > 0 and not taken[i, j - 1]:
        parts.append(samples[rows, CELL * j - 1])
    if i + 1 < taken.shape[0] and not taken[i + 1, j]:
        parts.append(samples[CELL * (i + 1), columns])
    if j + 1 < taken.shape[1] and not taken[i, j + 1]:
        parts.append(samples[rows, CELL * (j + 1)])
    found: Samples = np.concatenate(parts)
    return found


def _segment_log2(shape: GroupShape) -> int:
    return 0 if shape.width * shape.height <= _WHOLE else _SQUARES


def _coder(
    samples: Samples, shape: GroupShape, taken: NDArray[np.bool_], log2: int
) -> LzwCoder | None:
    """For the taken cells alone; None where the method has no codes for them."""
    height, width, _ = samples.shape
    inside = _pixels(taken, shape)
    palette = find_palette(np.ascontiguousarray(samples[inside][None]))
    areas = [segment.area for segment in segments_of(width, height, log2)]
    left = (~taken).astype(np.uint8)
    cells = [
        np.ascontiguousarray(
            left[area.y // CELL : -(-area.bottom // CELL), area.x // CELL : -(-area.right // CELL)]
        )
        for area in areas
    ]
    if palette is None:
        if shape.depth > 8:
            return None
        return LzwCoder([samples[area.slices] for area in areas], shape, None, cells)
    if len(palette[0]) == 1:
        return None
    indices = np.zeros((height, width), np.uint8)
    indices[inside] = palette[1][0]
    return LzwCoder([indices[area.slices] for area in areas], shape, palette[0], cells)


def _pixels(cells: NDArray[np.bool_], shape: GroupShape) -> NDArray[np.bool_]:
    """A map of cells as one of pixels."""
    wide: NDArray[np.bool_] = cells.repeat(CELL, 0)[: shape.height].repeat(CELL, 1)
    return wide[:, : shape.width]


def _spread(parts: list[Bits], shape: GroupShape, log2: int) -> Bits:
    """The bits of all cells, from those of each segment."""
    whole = np.zeros((-(-shape.height // CELL), -(-shape.width // CELL)))
    for segment, bits in zip(segments_of(shape.width, shape.height, log2), parts, strict=True):
        y, x = segment.area.y // CELL, segment.area.x // CELL
        whole[y : y + bits.shape[0], x : x + bits.shape[1]] = bits
    return whole
