"""Top of the lossless encoder: a plane group as tables and segments. Chapter 9."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pil_dctz import arrays, schedule
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.lossless.encoder.choose import (
    MANY_LIKELY,
    all_are_photographs,
    cells_to_ask,
    choose_cells,
    is_photograph,
    likely_photo_cells,
)
from pil_dctz.lossless.encoder.lzw import LzwCoder
from pil_dctz.lossless.encoder.palette import find_palette, pack_indices, write_palette
from pil_dctz.lossless.encoder.prediction import (
    PredictionModel,
    encode_prediction,
    estimate_cell_bits,
    fit_prediction,
)
from pil_dctz.lossless.syntax import CELL, packed_pixels

__all__ = ["encode_group", "rectangles"]

HAS_LZW = 1
HAS_PREDICTION = 2
_PHOTO_SEGMENT = 8
_GRAPHICS_SEGMENT = 10
_WHOLE_PIXELS = 1 << 22
_MOST_WHOLE = 1 << 24  # pixels up to which one segment is tried beside squares of 1024
_TRIED = 4  # from this effort on
_WHOLE_SAVES = 0.0025  # and must save this part: squares give regions and threads their work
_QUICK = 3  # up to this effort, prediction is not tried
_FEW_LIKELY = 0.05  # where fewer of the cells look like photographs
_FEW_COLOURS = 8  # up to so many, nothing has been shorter than the palette,
_TINY = 4096  # except in pictures of so few pixels
_NOISE_PIXELS = 1 << 16  # from there on indices may be told to be noise
_STRIP_FIRST, _STRIP_EACH, _STRIPS = 1, 4, 3  # those rows; at least so many
_QUICK_PASS = 0.9  # what all passes of LZW take of a quick one's bits, at the least
_LOOK = 2  # passes of a first look
_LOOK_MARGIN = 1.15  # later passes have not changed their ratio by more, among screens
_PHOTO_MARGIN = 1.1  # prediction alone is tried where its estimate is not above LZW's bits by more

Samples = npt.NDArray[Any]
Palette = tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]
Cells = npt.NDArray[np.uint8]


class _Wish(NamedTuple):
    """The arguments of encode_group but for the picture."""

    effort: int
    segment_log2: int | None
    threads: int
    near: int


def encode_group(
    samples: Samples,
    shape: GroupShape,
    *,
    effort: int,
    segment_log2: int | None,
    threads: int,
    near: int = 0,
) -> EncodedGroup:
    """A plane group by whichever methods take the fewest bytes.

    samples: (height, width, channels) uint8 (depth 1..8) or uint16, values below 2^depth.
    effort: 0..9. segment_log2: 0 or 6..15; None: chosen here (the whole frame or 1024 for
    graphics, by bytes from effort 4 on; 256 for photographs). threads: 1 or more. near: most that
    a sample may be off; 0: exact. LZW is always exact.
    """
    wish = _Wish(effort, segment_log2, threads, min(near, (1 << shape.depth) - 1))
    arrays.require(
        "samples",
        samples,
        arrays.sample_dtype(shape.depth),
        (shape.height, shape.width, shape.channels),
    )
    found = find_palette(samples)
    if found is not None and found[0].shape[0] == 1:
        return _one_colour(found[0], shape, segment_log2)
    few = found is not None and found[0].shape[0] <= _FEW_COLOURS
    if found is not None and few and shape.width * shape.height > _TINY:
        return _Palette(found, shape, wish).encode()
    rival = None if found is None else _Palette(found, shape, wish)
    if shape.depth > 8:
        candidates = [_encode_photo(samples, shape, wish)]
    else:
        candidates = _encode_pixels(samples, shape, wish, rival)
    if rival is not None and rival.may_be_below(candidates):
        candidates.append(rival.encode())
    return min(candidates, key=_size)


def rectangles(shape: GroupShape, segment_log2: int) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) of all segments in raster order. Clause `frame.segments`."""
    side = 1 << segment_log2 if segment_log2 else max(shape.width, shape.height)
    return [
        (x, y, min(side, shape.width - x), min(side, shape.height - y))
        for y in range(0, shape.height, side)
        for x in range(0, shape.width, side)
    ]


def _size(group: EncodedGroup) -> int:
    return len(group.tables) + sum(map(len, group.streams[0]))


def _graphics_segment(
    pixels: Samples, palette: npt.NDArray[np.uint16] | None, shape: GroupShape, wish: _Wish
) -> int:
    """log2 of the segments' side for LZW, 0: one segment; by the bytes of a quick pass of each."""
    if wish.segment_log2 is not None:
        return wish.segment_log2
    if max(shape.width, shape.height) <= 1 << _GRAPHICS_SEGMENT:
        return 0
    area = shape.width * shape.height
    if wish.effort < _TRIED or area > _MOST_WHOLE:
        return 0 if area <= _WHOLE_PIXELS else _GRAPHICS_SEGMENT
    sizes = []
    for log2 in (0, _GRAPHICS_SEGMENT):
        coder = LzwCoder(_cut(pixels, rectangles(shape, log2)), shape, palette)
        coder.run(0, wish.threads)
        sizes.append(_size(_lzw_alone(coder, log2)))
    return 0 if sizes[0] < (1 - _WHOLE_SAVES) * sizes[1] else _GRAPHICS_SEGMENT


def _photo_segment(shape: GroupShape) -> int:
    return 0 if max(shape.width, shape.height) <= 1 << _PHOTO_SEGMENT else _PHOTO_SEGMENT


def _cut(whole: Samples, places: list[tuple[int, int, int, int]]) -> list[Samples]:
    return [whole[y : y + h, x : x + w] for x, y, w, h in places]


def _cell_places(places: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """The rectangles of the segments in the map of all cells."""
    return [(x // CELL, y // CELL, -(-w // CELL), -(-h // CELL)) for x, y, w, h in places]


def _one_colour(
    palette: npt.NDArray[np.uint16], shape: GroupShape, segment_log2: int | None
) -> EncodedGroup:
    writer = BitWriter()
    writer.write(0, 1)
    write_palette(writer, palette, shape)
    log2 = segment_log2 or 0
    streams = [b"" for _ in rectangles(shape, log2)]
    return EncodedGroup(Mode.LOSSLESS, log2, bytes([HAS_LZW]) + writer.getvalue(), [streams])


class _Palette:
    """The group as palette indices, one by one or packed: a first look, then all passes if they may
    pay.
    """

    def __init__(self, found: Palette, shape: GroupShape, wish: _Wish) -> None:
        self._wish = wish
        pixels = shape.width * shape.height
        self._raw_bits = pixels * shape.channels * shape.depth
        # Of small pictures the tables alone may take more.
        self._index_bits = (
            pixels * float(np.log2(len(found[0]))) if pixels > _NOISE_PIXELS else None
        )
        self.log2 = _graphics_segment(found[1], found[0], shape, wish)
        parts = _cut(found[1], rectangles(shape, self.log2))
        self._coder = LzwCoder(parts, shape, found[0])
        entries = found[0].shape[0]
        packed = packed_pixels(entries)
        if packed > 1:
            parts = [pack_indices(part, entries) for part in parts]
            other = LzwCoder(parts, shape, found[0], packed=packed)
            bits = self._coder.run(wish.effort, wish.threads, _LOOK)
            if other.run(wish.effort, wish.threads, _LOOK) < bits:
                self._coder = other
        writer = BitWriter()
        write_palette(writer, found[0], shape)
        self._head = writer.position

    def look(self) -> float:
        """Bits after the first passes."""
        return self._head + self._coder.run(self._wish.effort, self._wish.threads, _LOOK)

    def may_be_below(self, others: list[EncodedGroup]) -> bool:
        """False where all passes cannot bring the palette below the least of `others`.

        What two passes do not bring below the raw samples is noise: no more passes do.
        """
        if not others:
            return True
        return self.look() < min(_LOOK_MARGIN * 8 * min(map(_size, others)), self._raw_bits)

    def encode(self) -> EncodedGroup:
        """By all passes; by the first look's alone where indices are noise, whose phrases no pass
        makes longer."""
        if self._index_bits is None or self.look() < self._index_bits:
            self._coder.run(self._wish.effort, self._wish.threads)
        return _lzw_alone(self._coder, self.log2)


def _lzw_alone(coder: LzwCoder, log2: int) -> EncodedGroup:
    return EncodedGroup(Mode.LOSSLESS, log2, bytes([HAS_LZW]) + coder.tables(), [coder.streams()])


def _encode_photo(samples: Samples, shape: GroupShape, wish: _Wish) -> EncodedGroup:
    log2 = _photo_segment(shape) if wish.segment_log2 is None else wish.segment_log2
    cells = np.ones((-(-shape.height // CELL), -(-shape.width // CELL)), np.uint8)
    model = _fit(samples, shape, cells, log2, wish)
    streams = _photo_streams(model, rectangles(shape, log2), wish.threads)
    return EncodedGroup(Mode.LOSSLESS, log2, bytes([HAS_PREDICTION]) + model.tables, [streams])


def _fit(
    samples: Samples, shape: GroupShape, cells: Cells, log2: int, wish: _Wish
) -> PredictionModel:
    return fit_prediction(
        samples,
        shape,
        cells,
        effort=wish.effort,
        segment_log2=log2,
        threads=wish.threads,
        near=wish.near,
    )


def _photo_streams(
    model: PredictionModel, places: list[tuple[int, int, int, int]], threads: int
) -> list[bytes]:
    return schedule.run(lambda place: encode_prediction(model, *place[:2]), places, threads)


def _encode_pixels(
    samples: Samples, shape: GroupShape, wish: _Wish, rival: _Palette | None
) -> list[EncodedGroup]:
    """The group as whole pixels, with and without photo cells, or as a photograph.

    Nothing where the palette is clearly shorter.
    """
    likely = likely_photo_cells(samples)
    if is_photograph(likely):
        return [_encode_photo(samples, shape, wish)]
    log2 = _graphics_segment(samples, None, shape, wish) if rival is None else rival.log2
    places = rectangles(shape, log2)
    coder = LzwCoder(_cut(samples, places), shape, None)
    few_likely = likely.mean() < _FEW_LIKELY and wish.near == 0
    if rival is not None:
        coder.run(wish.effort, wish.threads, _LOOK)
        if few_likely and rival.look() < coder.bits / _LOOK_MARGIN:
            return []
    if wish.effort <= _QUICK and few_likely:
        coder.run(wish.effort, wish.threads)
        return [_lzw_alone(coder, log2)]
    asked = cells_to_ask(likely) if wish.near == 0 else np.ones_like(likely)
    photo_bits = estimate_cell_bits(
        samples, shape, likely, asked, threads=wish.threads, near=wish.near
    )
    if likely.mean() >= MANY_LIKELY and _strips_are_photographs(samples, shape, photo_bits, wish):
        return [_encode_photo(samples, shape, wish)]
    candidates = []
    if rival is None or rival.look() >= coder.bits / _LOOK_MARGIN:
        coder.run(wish.effort, wish.threads)
        candidates.append(_lzw_alone(coder, log2))
    lzw_bits = _map_of(coder, places, photo_bits.shape)
    cells = choose_cells(lzw_bits, photo_bits)
    if photo_bits.sum() < _PHOTO_MARGIN * lzw_bits.sum():
        candidates.append(_encode_photo(samples, shape, wish))
    if cells is not None and not cells.all():
        candidates.append(_encode_mixed(samples, shape, cells, log2, wish, coder))
    return candidates


def _strips_are_photographs(
    samples: Samples, shape: GroupShape, photo_bits: npt.NDArray[np.float64], wish: _Wish
) -> bool:
    """True where every fourth row of cells tells that LZW has no cell to save.

    One quick pass of it, which takes more bits than all passes of an effort.
    """
    rows = range(_STRIP_FIRST, photo_bits.shape[0], _STRIP_EACH)
    if len(rows) < _STRIPS:
        return False
    strips = [samples[row * CELL : (row + 1) * CELL] for row in rows]
    coder = LzwCoder(strips, shape, None)
    coder.run(0, wish.threads)
    part = len(rows) / photo_bits.shape[0]
    lzw_bits = np.concatenate(coder.cell_bits()) * _QUICK_PASS
    return all_are_photographs(lzw_bits, photo_bits[rows.start :: rows.step], part)


def _map_of(
    coder: LzwCoder, places: list[tuple[int, int, int, int]], grid: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """The bits of all cells in the coder's last pass."""
    whole = np.zeros(grid)
    for (x, y, w, h), bits in zip(_cell_places(places), coder.cell_bits(), strict=True):
        whole[y : y + h, x : x + w] = bits
    return whole


def _encode_mixed(
    samples: Samples, shape: GroupShape, cells: Cells, log2: int, wish: _Wish, alone: LzwCoder
) -> EncodedGroup:
    places = rectangles(shape, log2)
    parts = [np.ascontiguousarray(part) for part in _cut(cells, _cell_places(places))]
    coder = LzwCoder(_cut(samples, places), shape, None, parts)
    if wish.effort >= _TRIED:
        coder.continue_from(alone)
    coder.run(wish.effort, wish.threads)
    model = _fit(samples, shape, cells, log2, wish)
    lzw_tables = coder.tables()
    blob = bytes([HAS_LZW | HAS_PREDICTION]) + write_leb(len(lzw_tables)) + lzw_tables
    photo = _photo_streams(model, places, wish.threads)
    streams = [
        write_leb(len(bits)) + bits + more
        for bits, more in zip(coder.streams(), photo, strict=True)
    ]
    return EncodedGroup(Mode.LOSSLESS, log2, blob + model.tables, [streams])
