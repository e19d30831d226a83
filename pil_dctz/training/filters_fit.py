"""The recipe of filters: least squares, then down the slope of the metric, then int8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.model import FilterModel, Tap
from pil_dctz.learned.syntax import cell_grid
from pil_dctz.training.checkpoint import load_checkpoint, save_checkpoint
from pil_dctz.training.crops import THREADS, Crop, draw_crops, pair_shares, units
from pil_dctz.training.filters import (
    FilterPlan,
    NormalEquations,
    Weights,
    classes_of,
    export,
    filter_moves,
    filter_slopes,
    pair_sums,
)
from pil_dctz.training.metric import Share
from pil_dctz.training.pairs import Pair

__all__ = ["DEFAULT", "QUICK", "FilterRecipe", "fit_filters"]

#: In 1/16 of the base step. Luma takes each difference twice, so that weights may treat small ones
#: apart from large ones.
CLIP = 32
LUMA_CLIPS = (24, 3)
#: Of the least squares, before the metric has its say.
BEGIN = 0.7
#: Of `Target.share`.
LEAST = 0.03
#: Steps between checkpoints.
SAVED = 500
#: One pair in so many is in the least squares; no divisor of the number of qualities.
EVERY = 5


@dataclass(frozen=True, slots=True)
class FilterRecipe:
    """steps: of descent, each over `batch` crops of side x side. rate: of the first step.

    squared: what the squared error weighs beside SSIMULACRA2.
    """

    steps: int
    batch: int = 8
    side: int = 112
    rate: float = 1e-3
    squared: float = 0.6


DEFAULT = FilterRecipe(12000)
QUICK = FilterRecipe(12, batch=4)


def _diamond(reach: int) -> list[tuple[int, int]]:
    """One place of each pair within `reach`."""
    span = range(-reach, reach + 1)
    return [
        (dy, dx)
        for dy in range(reach + 1)
        for dx in span
        if (dy > 0 or dx > 0) and abs(dy) + abs(dx) <= reach
    ]


def default_plan() -> FilterPlan:
    """A 7x7 diamond of each plane, of Y with two ends; its inner one for the chroma planes."""
    luma = tuple(Tap(0, dy, dx, clip) for clip in LUMA_CLIPS for dy, dx in _diamond(3))
    inner = tuple(Tap(0, dy, dx, CLIP) for dy, dx in _diamond(2))
    own = [tuple(Tap(p, dy, dx, CLIP) for dy, dx in _diamond(3)) for p in (1, 2)]
    taps = (luma, own[0] + inner, own[1] + inner)
    return FilterPlan((45, 49, 53, 57, 61), (60, 130, 250, 450, 800), taps)


def fit_filters(
    pairs: Sequence[Pair],
    recipe: FilterRecipe,
    seed: int,
    checkpoint: Path,
    show: Callable[[str], None],
) -> FilterModel:
    """A model fitted on pairs; goes on at `checkpoint` if that is there."""
    plan = default_plan()
    state = load_checkpoint(checkpoint)
    if state is None:
        weights = _least_squares(plan, pairs)
        state = {"step": np.array(0)}
        for p, w in enumerate(weights):
            state |= {f"w{p}": w, f"m{p}": np.zeros_like(w), f"v{p}": np.zeros_like(w)}
    shares = pair_shares(pairs, LEAST)
    values = []
    steps = range(int(state["step"]), recipe.steps)
    for step in tqdm(steps, "filters", recipe.steps, initial=steps.start, disable=None):
        crops = draw_crops(pairs, recipe.side, recipe.batch, seed, step)
        weights = [state[f"w{p}"] for p in range(3)]
        slopes, value = _slopes(plan, weights, crops, shares, recipe.squared)
        rate = recipe.rate * (1 - step / recipe.steps) ** 0.7
        for p, slope in enumerate(slopes):
            _step(state, p, slope, step, rate)
        state["step"] = np.array(step + 1)
        values.append(value)
        if (step + 1) % SAVED == 0:
            save_checkpoint(checkpoint, state)
            mean = 100 * np.mean(values[-SAVED:], 0)
            show(f"step {step + 1}: SSIMULACRA2 {mean[0]:+.2f} %, squares {mean[1]:+.2f} %")
    model = export(plan, [state[f"w{p}"] for p in range(3)], {})
    judge_twin(plan, model, pairs[0])
    return model


def _least_squares(plan: FilterPlan, pairs: Sequence[Pair]) -> Weights:
    equations = [NormalEquations(plan.classes, len(taps)) for taps in plan.taps]
    for pair in tqdm(pairs[::EVERY], "least squares", disable=None):
        classes = classes_of(plan, pair.planes[0], pair.facts)
        for p, taps in enumerate(plan.taps):
            missing = pair.original[p].astype(np.int32) - pair.planes[p]
            equations[p].add(pair_sums(taps, pair.planes, pair.facts.base), missing, classes)
    return [BEGIN * e.solve() for e in equations]


def _slopes(
    plan: FilterPlan,
    weights: Weights,
    crops: Sequence[Crop],
    shares: Sequence[Share],
    squared: float,
) -> tuple[Weights, NDArray[np.float64]]:
    """The gradient by weights, and the two errors beside those without filters, all means."""

    def of_crop(crop: Crop) -> tuple[Weights, NDArray[np.float64]]:
        share = shares[crop.number]
        classes = classes_of(plan, crop.planes[0], crop.facts)
        pairs = [pair_sums(taps, crop.planes, crop.facts.base) for taps in plan.taps]
        before = units(crop.planes)
        moves = [filter_moves(w, sums, classes) for w, sums in zip(weights, pairs, strict=True)]
        values, gradient = crop.loss(before + np.stack(moves) / np.float32(16), share, squared)
        values -= crop.loss(before, share, squared)[0] if crop is crops[0] else values
        by_moves = gradient / np.float32(16 * len(crops))
        slopes = [
            filter_slopes(by_move, sums, classes, plan.classes)
            for by_move, sums in zip(by_moves, pairs, strict=True)
        ]
        return slopes, values

    found = list(THREADS.map(of_crop, crops))
    slopes = [sum(parts[1:], parts[0]) for parts in zip(*(s for s, _ in found), strict=True)]
    return slopes, found[0][1]


def _step(
    state: dict[str, NDArray[Any]], p: int, slope: NDArray[np.float64], step: int, rate: float
) -> None:
    """Adam's, but a class that is hardly met does not move as far as the others."""
    m = state[f"m{p}"] = 0.9 * state[f"m{p}"] + 0.1 * slope
    v = state[f"v{p}"] = 0.98 * state[f"v{p}"] + 0.02 * slope**2
    spread = np.sqrt(v / (1 - 0.98 ** (step + 1)))
    usual = 0.3 * np.sqrt(np.mean(spread**2)) + 1e-12
    state[f"w{p}"] = state[f"w{p}"] - rate * m / (1 - 0.9 ** (step + 1)) / (spread + usual)


def judge_twin(plan: FilterPlan, model: FilterModel, pair: Pair) -> None:
    """Raises AssertionError unless the decoder gives what the rounded weights say."""
    refined = pair.planes.copy()
    grid = cell_grid(refined.shape[2], refined.shape[1])
    refine_planes(model, refined, pair.facts, np.full((2, *grid), 4, np.uint8))
    classes = classes_of(plan, pair.planes[0], pair.facts)
    for p, taps in enumerate(plan.taps):
        table = model.weights[p].reshape(plan.classes, -1).astype(np.int64)
        sums = pair_sums(taps, pair.planes, pair.facts.base).astype(np.int64)
        total = 4 * np.einsum("kyx,yxk->yx", sums, table[classes])
        move = (total + (1 << (model.shifts[p] + 1))) >> (model.shifts[p] + 2)
        expected = np.clip(pair.planes[p] + move, -32768, 32767)
        if not np.array_equal(refined[p], expected):
            raise AssertionError(f"the decoder's plane {p} is not that of the rounded weights")
