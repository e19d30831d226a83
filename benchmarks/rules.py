"""Trained rules of the encoder beside those that they replace: the map of steps, the pruning."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.pictures import read_set
from benchmarks.store import Record
from pil_dctz.arrays import Samples
from pil_dctz.colour.decoder.colour import planes_to_samples
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import (
    MAP_SLOPE,
    Search,
    first_squares,
    planes_of,
    quantize_segment,
    segment_map,
)
from pil_dctz.lossy.syntax import coding_grid
from pil_dctz.metrics import Reference, psnr
from pil_dctz.metrics.bdrate import Point, bd_rate
from pil_dctz.training.pairs import encode_pair

#: The map at the default effort; levels at the effort that prunes. The first of each is what the
#: others are held against.
_DEFAULT = search_of_effort(5)
_FAST = replace(search_of_effort(1), pruned=False)
RULES: dict[str, dict[str, Search]] = {
    "map": {
        "closed formula": replace(_DEFAULT, map_slope=MAP_SLOPE),
        "trained": _DEFAULT,
    },
    "levels": {
        "search, one pass": replace(_FAST, passes=1),
        "search, two passes": replace(_FAST, passes=2),
        "table of margins": replace(_FAST, pruned=True),
        "dead zone, 0.58": replace(_FAST, rounding=0.42),
        "dead zone, 0.65": replace(_FAST, rounding=0.35),
        "plain rounding": _FAST,
    },
}
#: A picture's middle.
SIDE = 512
QUALITIES = (30.0, 50.0, 68.0, 84.0)
TIMED = 50.0
TURNS = 7


def measure(
    set_name: str, kinds: Sequence[str], *, only: list[str] | None = None, limit: int | None = None
) -> Iterator[Record]:
    """Records of bench "rules", a line for each picture and rule of each kind.

    ssimulacra2, psnr: BD-rates against the first rule of the kind, per cent. ns: a pixel, from
    planes to the map (the transform of squares, that both rules begin with, in it), or from samples
    to levels; the least of TURNS, of this thread's time.

    Raises ValueError for a kind that is not known.
    """
    for kind in kinds:
        if kind not in RULES:
            raise ValueError(f"kinds must be of {', '.join(RULES)}, got {kind}")
    for picture in read_set(set_name, only=only, limit=limit):
        if picture.samples.dtype != np.uint8 or picture.samples.shape[2:] != (3,):
            continue
        samples = _middle(picture.samples)
        for kind in kinds:
            curves = {name: _curves(samples, search) for name, search in RULES[kind].items()}
            anchor = next(iter(curves.values()))
            for name, search in RULES[kind].items():
                yield {
                    "bench": "rules",
                    "kind": kind,
                    "rule": name,
                    "set": set_name,
                    "picture": picture.name,
                    "ssimulacra2": round(bd_rate(anchor[0], curves[name][0]), 3),
                    "psnr": round(bd_rate(anchor[1], curves[name][1]), 3),
                    "ns": round(_time(kind, samples, search), 2),
                }


def _middle(samples: Samples) -> Samples:
    height, width = samples.shape[:2]
    top, left = (max(side - SIDE, 0) // 2 for side in (height, width))
    return np.ascontiguousarray(samples[top : top + SIDE, left : left + SIDE])


def _curves(samples: Samples, search: Search) -> tuple[list[Point], list[Point]]:
    """Sizes with SSIMULACRA2, with PSNR."""
    reference = Reference(samples)
    scores, decibels = [], []
    for quality in QUALITIES:
        pair, _ = encode_pair(samples, quality, search)
        out = np.empty_like(samples)
        planes_to_samples(ColourTransform.XYB, pair.planes, out)
        scores.append((float(pair.size), float(reference.score(out))))
        decibels.append((float(pair.size), float(psnr(samples, out))))
    return scores, decibels


def _time(kind: str, samples: Samples, search: Search) -> float:
    tables = xyb_tables(3, base_of_quality(TIMED))
    grid = coding_grid(samples.shape[1], samples.shape[0], tables.factors)
    planes = planes_of(samples, tables, grid)

    def work() -> Any:
        if kind == "levels":
            return quantize_segment(samples, tables, grid, search)
        return segment_map(first_squares(planes, grid)[1], planes, tables, grid, search)

    work()
    times: list[int] = []
    for _ in range(TURNS):
        begin = time.thread_time_ns()
        work()
        times.append(time.thread_time_ns() - begin)
    return float(min(times) / (samples.shape[0] * samples.shape[1]))
