"""The learned layer of a frame that was encoded: strengths by a trial reconstruction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz import schedule
from pil_dctz.colour.decoder.colour import planes_to_samples
from pil_dctz.colour.encoder.colour import samples_to_xyb
from pil_dctz.container.syntax import EncodedGroup, GroupShape, Mode
from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.decoder.known import FOLDER, read_model
from pil_dctz.learned.decoder.strengths import parse_layer
from pil_dctz.learned.encoder.strengths import Gains, choose_strengths, write_layer
from pil_dctz.learned.model import Model
from pil_dctz.learned.syntax import CELL, ID_BYTES, Learned, cell_grid
from pil_dctz.lossy.decoder.layer import allows_layer, square_facts
from pil_dctz.lossy.decoder.parse import parse_high, parse_low
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.decoder.tables import parse_tables
from pil_dctz.lossy.syntax import LossyTables, coding_grid
from pil_dctz.metrics.ssimulacra2 import CELL as METRIC_CELL
from pil_dctz.metrics.ssimulacra2 import Reference
from pil_dctz.picture.segments import Rectangle, Segment, segments_of

__all__ = ["encode_layer", "wanted_model"]

#: The shipped model that `learned=True` takes, and the lighter one.
DEFAULT, LIGHT = "network", "filters"
AS_TRAINED = 4
#: A correction helps the eye less than it helps the squared error: gains are taken as so much less.
#: From MEASURED_EFFORT on all of these are tried and measured, below it the first.
CAUTIONS = (0.6, 0.35, 1.0)
MEASURED_EFFORT = 5
#: What each cell gains by so much of the correction is measured too, luma and chroma apart, and a
#: parabola laid through it; it tells nothing of strengths beyond the last.
MEASURED = (2, 4)
MOST_OF_MEASURED = 5
#: Side of the part that is measured, from the middle of the picture; smaller ones say too little.
MEASURED_SIDE, LEAST_SIDE = 1536, 64
#: What a file e times as large gains: points of SSIMULACRA2, decibels.
POINTS, DECIBELS = 40.0, 6.0


def wanted_model(learned: Learned) -> Path:
    """The file of the model that is asked for. Raises ValueError where there is none."""
    name = DEFAULT if isinstance(learned, bool) else learned
    path = FOLDER / f"{name}.dctm" if name in (DEFAULT, LIGHT) else Path(name)
    if not path.is_file():
        raise ValueError(f"no model at {path}")
    return path


def encode_layer(
    samples: NDArray[np.uint8],
    group: EncodedGroup,
    shape: GroupShape,
    learned: Learned,
    effort: int,
    threads: int,
) -> bytes | None:
    """The payload of the layer of a group, None where it helps nowhere or is not allowed."""
    if group.mode is not Mode.LOSSY:
        return None
    tables = parse_tables(group.tables, shape)
    if not allows_layer(tables) or samples.dtype != np.uint8:
        return None
    model = read_model(wanted_model(learned))
    segments = list(segments_of(shape.width, shape.height, group.segment_log2))
    trials = schedule.run(
        lambda segment: _try(samples, group, tables, model, segment), segments, threads
    )
    payloads = [_payload(_squared_gains(trials, caution), model) for caution in CAUTIONS]
    if effort < MEASURED_EFFORT or min(shape.width, shape.height) < LEAST_SIDE:
        return payloads[0]
    size = sum(len(part) for stream in group.streams for part in stream)
    judge = _Judge(samples, tables, trials, threads)
    payloads.append(_payload(judge.gains(size), model))
    best, least = None, 0.0
    for payload in dict.fromkeys(payloads):
        if payload is not None:
            loss = judge.loss(payload, math.log1p((len(payload) + 9) / size))
            if loss < least:
                best, least = payload, loss
    return best


@dataclass(frozen=True, slots=True)
class _Trial:
    """A segment as it is decoded, the correction as trained, and by cell what that has in common
    with the segment's errors, and its squares: (cells,) of luma and chroma, in squared base steps.
    """

    segment: Segment
    planes: NDArray[np.int16]
    move: NDArray[np.int16]
    products: list[NDArray[np.float64]]
    squares: list[NDArray[np.float64]]


def _try(
    samples: NDArray[np.uint8],
    group: EncodedGroup,
    tables: LossyTables,
    model: Model,
    segment: Segment,
) -> _Trial:
    area = segment.area
    grid = coding_grid(area.width, area.height, tables.factors)
    levels = parse_low(group.streams[0][segment.number], tables, grid)
    parse_high(group.streams[1][segment.number], tables, grid, levels)
    planes = reconstruct_planes(levels, tables, grid, 1)
    original = np.empty(planes.shape, np.float32)
    samples_to_xyb(np.ascontiguousarray(samples[area.slices]), original)
    facts = square_facts(levels, tables)
    refined = planes.copy()
    cells = cell_grid(planes.shape[2], planes.shape[1])
    refine_planes(model, refined, facts, np.full((2, *cells), AS_TRAINED, np.uint8))
    products, squares = [], []
    for p in range(len(planes)):
        shown = (p, slice(area.height), slice(area.width))
        base = planes[shown].astype(np.float32)
        moved = refined[shown].astype(np.float32) - base
        step = tables.base / 8 * float(tables.curve[p, 9]) / 1024  # in sixteenths of a unit
        products.append(_by_cell((16 * original[shown] - base) * moved) / step**2)
        squares.append(_by_cell(moved * moved) / step**2)
    move = np.subtract(refined, planes, dtype=np.int16)
    return _Trial(segment, planes, move, _kinds(products), _kinds(squares))


def _by_cell(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums over cells, in raster order."""
    return _summed(values, CELL).reshape(-1)


def _kinds(planes: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Luma, and both planes of chroma together (nothing, of gray)."""
    return [planes[0], planes[1] + planes[2] if len(planes) > 1 else np.zeros(0)]


def _squared_gains(trials: list[_Trial], caution: float) -> list[Gains]:
    """Of luma and of chroma: the squared error, which knows nothing of the eye."""
    strengths = np.arange(8) / AS_TRAINED
    gains: list[Gains] = []
    for kind in (0, 1):
        product = np.concatenate([trial.products[kind] for trial in trials])[:, None]
        square = np.concatenate([trial.squares[kind] for trial in trials])[:, None]
        gains.append(square * strengths**2 - 2 * caution * product * strengths)
    return gains


def _payload(gains: list[Gains], model: Model) -> bytes | None:
    varied, first, ranks = choose_strengths(*gains)
    if not varied and first == (0, 0):
        return None
    return write_layer(model.digest[:ID_BYTES], varied, first, ranks)


class _Judge:
    """Measures a layer on the middle of the picture."""

    def __init__(
        self,
        samples: NDArray[np.uint8],
        tables: LossyTables,
        trials: list[_Trial],
        threads: int,
    ) -> None:
        height, width, channels = samples.shape
        self._area = Rectangle(
            max(width - MEASURED_SIDE, 0) // 2 // CELL * CELL,
            max(height - MEASURED_SIDE, 0) // 2 // CELL * CELL,
            min(width, MEASURED_SIDE),
            min(height, MEASURED_SIDE),
        )
        self._tables, self._threads = tables, threads
        self._trials, self._shape = trials, (self._area.height, self._area.width, channels)
        self._original = np.ascontiguousarray(samples[self._area.slices])
        self._reference = Reference(self._original)
        self._base = self._show(None)
        self._around = self._reference.around(self._base)
        self._error = float(self._squares(self._base).mean())

    def loss(self, payload: bytes, growth: float) -> float:
        """What the layer costs less what it gains, in points; growth: log of the file's size."""
        areas = [trial.segment.area for trial in self._trials]
        _, strengths = parse_layer(
            payload, [(area.width, area.height) for area in areas], self._shape[2]
        )
        out = self._show(strengths)
        error = float(self._squares(out).mean())
        if 10 * math.log10(max(self._error, 1e-9) / max(error, 1e-9)) < DECIBELS * growth:
            return math.inf
        return POINTS * growth - (self._reference.score(out) - self._around.score)

    def gains(self, size: int) -> list[Gains]:
        """Of luma and of chroma, measured where that is done; in bits of a file of `size` bytes."""
        gains = _squared_gains(self._trials, CAUTIONS[0])
        before = self._costs(self._base)
        strengths = np.arange(8) / AS_TRAINED
        low, high = (strength / AS_TRAINED for strength in MEASURED)
        for kind in range(min(self._shape[2], 2)):
            part, whole = (
                self._costs(self._show(self._uniform(kind, strength))) - before
                for strength in MEASURED
            )
            bend = (whole / high - part / low) / (high - low)
            slope = part / low - bend * low
            found = slope[..., None] * strengths + bend[..., None] * strengths**2
            found[..., MOST_OF_MEASURED + 1 :] = math.inf
            # A bit counts twice, since both metrics are counted.
            self._place(found * (8 * size / 2), gains[kind])
        return gains

    def _costs(self, out: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(cell rows, cell columns) of the part: logs of a file's size, by both metrics."""
        losses = self._reference.losses_around(out, self._around)
        points = _summed(losses, CELL // METRIC_CELL)
        squares = _summed(self._squares(out), CELL) / max(self._error * self._original.size, 1e-9)
        costs: NDArray[np.float64] = points / POINTS + 10 / math.log(10) / DECIBELS * squares
        return costs

    def _place(self, measured: NDArray[np.float64], gains: Gains) -> None:
        """Cells of the part to the same ones of the list of all segments' cells."""
        first = 0
        for trial in self._trials:
            area = trial.segment.area
            rows, columns = cell_grid(area.width, area.height)
            grid = gains[first : first + rows * columns].reshape(rows, columns, 8)
            first += rows * columns
            shown = area.intersect(self._area)
            if shown is None:
                continue
            here, there = (
                shown.moved(-whole.x, -whole.y).scaled(CELL).slices for whole in (area, self._area)
            )
            grid[here] = measured[there]

    def _uniform(self, kind: int, strength: int) -> list[NDArray[np.uint8]]:
        found = []
        for trial in self._trials:
            area = trial.segment.area
            found.append(np.zeros((2, *cell_grid(area.width, area.height)), np.uint8))
            found[-1][kind] = strength
        return found

    def _squares(self, out: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Squared errors of samples, components together."""
        squares: NDArray[np.float32] = np.square(out.astype(np.float32) - self._original).sum(2)
        return squares

    def _show(self, strengths: Sequence[NDArray[np.uint8]] | None) -> NDArray[np.uint8]:
        """The part with the layer, as good as the decoder has it: the correction is rounded."""
        out = np.empty(self._shape, np.uint8)

        def show(trial: _Trial) -> None:
            area = trial.segment.area
            shown = area.intersect(self._area)
            if shown is None:
                return
            planes = trial.planes
            if strengths is not None:
                planes = _refined(trial, strengths[trial.segment.number])
            whole = np.empty((area.height, area.width, self._shape[2]), np.uint8)
            planes_to_samples(self._tables.colour, planes, whole, self._tables.depth)
            place = shown.moved(-self._area.x, -self._area.y)
            out[place.slices] = whole[shown.moved(-area.x, -area.y).slices]

        schedule.run(show, self._trials, self._threads)
        return out


def _refined(trial: _Trial, strengths: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The planes, with strengths (2, rows, columns) of cells."""
    planes = trial.planes.copy()
    for p, plane in enumerate(planes):
        by_cell = strengths[min(p, 1)].astype(np.int32)
        by_sample = np.repeat(np.repeat(by_cell, CELL, 0), CELL, 1)[: plane.shape[0]]
        move = trial.move[p] * by_sample[:, : plane.shape[1]]
        plane[:] = np.clip(plane + ((move + AS_TRAINED // 2) // AS_TRAINED), -32768, 32767)
    return planes


def _summed(values: NDArray[Any], side: int) -> NDArray[np.float64]:
    """Sums over squares of side x side, cut at the edges."""
    down = np.add.reduceat(values, range(0, values.shape[0], side), axis=0, dtype=np.float64)
    return np.add.reduceat(down, range(0, values.shape[1], side), axis=1)
