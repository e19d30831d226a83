"""Which values of the reference are counted by name: what functions are given or give."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["WATCHED", "Watch"]

Given = tuple[Any, ...]


@dataclass(frozen=True)
class Watch:
    """A group of values.

    function: of the reference, by its module's name. met: from what it is given and what it gives,
    the numbers of the values that were met. labels: the values. never: numbers that cannot be.
    """

    group: str
    function: str
    labels: Sequence[str]
    met: Callable[[Given, Any], Iterable[int]]
    never: Collection[int] = ()


def _numbers(n: int, begin: int = 0) -> list[str]:
    return [str(begin + i) for i in range(n)]


SHAPES = ("8x8", "16x8", "8x16", "16x16", "32x16", "16x32", "32x32", "64x64")  # width x height


def _pairs(side: str) -> Callable[[Given, Any], Iterable[int]]:
    def met(given: Given, _: Any) -> Iterable[int]:
        first = given[0].components[0]
        for block in first.blocks:
            for at in getattr(block, side):
                yield 8 * block.shape + first.owner[at].shape

    return met


def _shape(w: int, h: int) -> int:
    return SHAPES.index(f"{8 * w}x{8 * h}")


def _flags(*names: str) -> Callable[[Given, Any], Iterable[int]]:
    return lambda _, found: [2 * i + bool(getattr(found, name)) for i, name in enumerate(names)]


def _yes_and_no(*names: str) -> list[str]:
    return [f"{name} {word}" for name in names for word in ("off", "on")]


def _inverse_at(scale: int) -> Callable[[Given, Any], Iterable[int]]:
    return lambda given, _: [_shape(given[1], given[2])] if given[3] == scale else []


def _told(name: str) -> Callable[[Given, Any], Iterable[int]]:
    """A field, where the file has it."""
    return lambda _, found: [vars(found)[name]] if name in vars(found) else []


def _context(given: Given, found: Any) -> Iterable[int]:
    """Of clause `prediction.context`: n, w, row, each by itself."""
    number = found[0]
    row = number // 20 % given[0].t.rows
    yield number % 5
    yield 5 + number // 5 % 4
    yield 9 + row


_PICTURE = ("animated", "full", "compact", "colour")
_LOSSY = ("filtered", "partition", "directions", "base", "explicit", "curves")
_PREDICTION = ("near", "rans", "above", "values", "numbers", "same")
_INVERSE = "transform_colour.inverse"
_PAIRS = [f"{this} beside {other}" for this in SHAPES for other in SHAPES]

WATCHED = (
    Watch("layout", "container.parse_header", _numbers(5), lambda _, r: [r.layout]),
    Watch("depth", "container.parse_header", _numbers(16, 1), lambda _, r: [r.depth - 1]),
    Watch("header", "container.parse_header", _yes_and_no(*_PICTURE), _flags(*_PICTURE)),
    Watch("mode", "frame.parse_group", _numbers(3), lambda _, r: [r.mode]),
    Watch(
        "segment_log2", "frame.parse_group", _numbers(16), lambda _, r: [r.log2], never=range(1, 6)
    ),
    Watch("blend", "frame.parse_head", _numbers(2), lambda _, r: [r.blend]),
    Watch("dispose", "frame.parse_head", _numbers(3), lambda _, r: [r.dispose]),
    Watch("groups", "frame.parse_head", _numbers(4), lambda _, r: [len(r.groups)], never=(0,)),
    Watch(
        "scale", "frame.decode_frame", ("1", "2", "4", "8"), lambda g, _: [g[2].bit_length() - 1]
    ),
    Watch("colour transform", "lossy_tables.parse_tables", _numbers(3), lambda _, r: [r.transform]),
    Watch("lossy tables", "lossy_tables.parse_tables", _yes_and_no(*_LOSSY), _flags(*_LOSSY)),
    Watch(
        "lossy channels",
        "lossy_tables.parse_tables",
        _numbers(5),
        lambda _, r: [r.components],
        never=(0, 2),
    ),
    Watch(
        "sampling of a component",
        "lossy_tables.parse_tables",
        ("1x1", "2x1", "1x2", "2x2"),
        lambda _, r: [h - 1 + 2 * (v - 1) for h, v in r.factors],
    ),
    Watch("lossy depth", "lossy_tables.parse_tables", _numbers(5, 8), lambda _, r: [r.depth - 8]),
    Watch("blocks left", "lossy_low.decode_low", _PAIRS, _pairs("left")),
    Watch("blocks above", "lossy_low.decode_low", _PAIRS, _pairs("above")),
    Watch(
        "direction of a block",
        "lossy_predict.predicted",
        [f"{shape} {n}" for shape in SHAPES for n in range(17)],
        lambda g, _: [17 * g[2].shape + g[2].direction],
        never=[*range(0, 136, 17), *range(17 * 7, 136)],
    ),
    Watch("end class", "lossy_high.decode_end", _numbers(34), lambda g, _: [g[3].end]),
    *(
        Watch(
            f"inverse DCT at 1:{scale}",
            _INVERSE,
            SHAPES,
            _inverse_at(scale),
        )
        for scale in (1, 2, 4)
    ),
    Watch("LZW set", "lzw_tables.parse_tables", _numbers(3), _told("set")),
    Watch("LZW cache", "lzw_tables.parse_tables", _numbers(12), _told("cache_bits")),
    Watch("LZW tile", "lzw_tables.parse_tables", _numbers(4), _told("tile")),
    Watch(
        "LZW palette",
        "lzw_tables.parse_tables",
        _numbers(257),
        lambda _, r: [len(r.palette)] if r.palette else [],
        never=[n for n in range(257) if n not in (1, 2, 256)],
    ),
    Watch(
        "LZW channels",
        "lzw_tables.parse_tables",
        [f"{kind} {n}" for kind in ("pixels", "palette") for n in range(1, 5)],
        lambda _, r: [r.channels - 1 + 4 * (r.palette is not None)],
    ),
    Watch("LZW source", "lzw.Segment.distance", _numbers(10), lambda g, _: [g[1]]),
    Watch("LZW bucket of a length", "lzw.run_length", _numbers(32), lambda g, _: [g[1]]),
    Watch("LZW kind before", "lzw.Segment.context", _numbers(9), lambda _, r: [r // 114]),
    Watch("LZW pattern", "lzw.Segment.context", _numbers(19), lambda _, r: [r // 6 % 19]),
    Watch("LZW candidate", "lzw.Segment.context", _numbers(3), lambda _, r: [r // 2 % 3]),
    Watch("LZW mask", "lzw.Segment.residual_literal", _numbers(16), lambda g, _: [g[3]]),
    Watch(
        "LZW predictor of a channel",
        "lzw_predict.predict",
        [f"{n} {channel}" for n in range(14) for channel in "AGRB"],
        lambda g, _: [4 * g[0] + "AGRB".index(g[4])],
    ),
    Watch(
        "prediction transform", "prediction.parse_tables", _numbers(7), lambda _, r: [r.transform]
    ),
    Watch(
        "prediction channels",
        "prediction.parse_tables",
        _numbers(4, 1),
        lambda _, r: [r.channels - 1],
    ),
    Watch(
        "prediction tables",
        "prediction.parse_tables",
        _yes_and_no(*_PREDICTION),
        _flags(*_PREDICTION),
    ),
    Watch(
        "prediction classes",
        "prediction.parse_tables",
        ("1", "2", "64"),
        lambda _, r: [(1, 2, 64).index(r.classes)] if r.classes in (1, 2, 64) else [],
    ),
    Watch(
        "prediction maps",
        "prediction.parse_tables",
        ("1", "2", "64"),
        lambda _, r: [(1, 2, 64).index(len(r.value))] if len(r.value) in (1, 2, 64) else [],
    ),
    Watch(
        "prediction context",
        "prediction.Segment.context",
        [
            *(f"n {i}" for i in range(5)),
            *(f"w {i}" for i in range(4)),
            *(f"row {i}" for i in range(42)),
        ],
        _context,
    ),
    Watch(
        "model kind",
        "learned_model.parse_model",
        ("filters", "network"),
        lambda _, r: [int(hasattr(r.body, "layers"))],
    ),
    Watch("network place", "learned_model.parse_network", ("2x2", "4x4"), lambda _, r: [r.n // 4]),
    Watch(
        "network flags",
        "learned_model.parse_layer",
        _numbers(4),
        lambda _, r: [r.positive + 2 * r.add],
    ),
    Watch("network kernel", "learned_model.parse_layer", ("1", "3"), lambda _, r: [r.k // 2]),
    Watch(
        "filter class",
        "learned_planes.class_of",
        [f"direction {n}" for n in range(5)],
        lambda _, r: [r[1] % 10 // 2],
    ),
    Watch("filter near an edge", "learned_planes.near", _numbers(2), lambda _, r: [r]),
    Watch("strength", "learned_planes.strength_at", _numbers(8), lambda _, r: [r]),
)
