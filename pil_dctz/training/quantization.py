"""Deep quantization: the map of steps from slopes that were measured on pictures.

The teacher codes a picture five times and tells for each cell how much of SSIMULACRA2's error a bit
takes away (`pil_dctz.lossy.encoder.slopes`). The network learns to tell it from what the encoder
has before it codes: one hidden layer, and a linear way past it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.lossy.encoder.field import CENTRE, HIDDEN, SEEN, UNIT, describe_cells
from pil_dctz.lossy.encoder.group import xyb_tables
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import (
    MAP_CENTRE,
    MAP_SLOPE,
    Search,
    first_squares,
    planes_of,
)
from pil_dctz.lossy.encoder.slopes import measured_slopes
from pil_dctz.lossy.syntax import coding_grid
from pil_dctz.training.checkpoint import load_checkpoint, save_checkpoint

__all__ = ["DEFAULT", "QUICK", "Cells", "FieldRecipe", "fit_field", "measure", "write_field"]

QUALITIES = (35.0, 55.0, 72.0, 87.0)
#: Encodings that slopes are measured by, and their search, on the map of the activity.
RUNGS = 5
SEARCH = Search(1, 3, map_slope=MAP_SLOPE)
#: Of each picture its middle is measured.
SIDE = 512
#: Levels of the map for an octave of slope, and what keeps the mean score where it was.
STRENGTH, OFFSET = 0.7, 0.0
#: A cell counts as its bits, between these: slopes of cells without bits are noise.
LEAST_BITS, MOST_BITS = 20.0, 800.0
#: Ends of what is seen, in its spreads (`field_kernels.END`); steps over which the rate rises.
END, WARM = 4.0, 100
#: What a picture's mean counts, which keeps its score where its quality says.
LEVEL = 0.1
#: Pictures between checkpoints.
SAVED = 8

Floats = NDArray[np.float32]


class Cells(NamedTuple):
    """Cells of a picture at a quality: seen (cells, SEEN), slopes, bits."""

    seen: Floats
    slopes: Floats
    bits: Floats


@dataclass(frozen=True, slots=True)
class FieldRecipe:
    """steps: each over `batch` encodings. rate: the largest, of Adam. decay: of the weights."""

    steps: int
    batch: int = 8
    rate: float = 3e-3
    decay: float = 0.01


DEFAULT = FieldRecipe(4000)
QUICK = FieldRecipe(100)


def measure(
    pictures: Iterable[tuple[str, NDArray[np.uint8]]], qualities: Sequence[float], checkpoint: Path
) -> list[Cells]:
    """The cells of all pictures at all qualities; goes on at `checkpoint` if that is there."""
    state = load_checkpoint(checkpoint) or {}
    found = [Cells(state[f"x{n}"], state[f"y{n}"], state[f"w{n}"]) for n in range(len(state) // 3)]
    for number, (_, samples) in enumerate(tqdm(pictures, "slopes", unit="picture", disable=None)):
        if len(qualities) * number < len(found):
            continue
        found += [_measure(_middle(samples), quality) for quality in qualities]
        if (number + 1) % SAVED == 0:
            _keep(checkpoint, found)
    return found


def _keep(path: Path, found: Sequence[Cells]) -> None:
    state: dict[str, NDArray[Any]] = {}
    for n, cells in enumerate(found):
        state |= {f"x{n}": cells.seen, f"y{n}": cells.slopes, f"w{n}": cells.bits}
    save_checkpoint(path, state)


def _middle(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = samples.shape
    top, left = (max(side - SIDE, 0) // 32 * 16 for side in (height, width))
    return np.ascontiguousarray(samples[top : top + SIDE, left : left + SIDE])


def _measure(samples: NDArray[np.uint8], quality: float) -> Cells:
    tables = xyb_tables(3, base_of_quality(quality))
    grid = coding_grid(samples.shape[1], samples.shape[0], tables.factors)
    planes = planes_of(samples, tables, grid)
    seen = describe_cells(first_squares(planes, grid)[1], planes, tables)
    _, slopes, bits = measured_slopes(samples, tables, SEARCH, RUNGS)
    return Cells(
        seen.reshape(-1, SEEN), slopes.ravel().astype(np.float32), bits.ravel().astype(np.float32)
    )


class _Encoding(NamedTuple):
    """Cells ready to be learned from: slopes less their mean, weights of mean 1."""

    seen: Floats
    slopes: Floats
    weights: Floats


def fit_field(
    cells: Sequence[Cells], recipe: FieldRecipe, seed: int, show: Callable[[str], None]
) -> NDArray[np.int64]:
    """The numbers of `lossy-field.txt`."""
    every = np.concatenate([each.seen for each in cells])
    means, spreads = every.mean(0), every.std(0) + np.float32(1e-3)
    encodings = [_ready(each, means, spreads) for each in cells]
    rng = np.random.default_rng(seed)
    first = rng.normal(0, (2 / SEEN) ** 0.5, (HIDDEN, SEEN + 1))
    first[:, SEEN] = 0
    values: list[NDArray[Any]] = [first, rng.normal(0, 0.1, HIDDEN), np.zeros(SEEN)]
    moments = [(np.zeros_like(v), np.zeros_like(v)) for v in values]
    for step in tqdm(range(recipe.steps), "field", disable=None):
        chosen = rng.integers(len(encodings), size=recipe.batch)
        slopes = [np.zeros_like(v) for v in values]
        for n in chosen:
            for slope, part in zip(slopes, _gradient(encodings[n], values), strict=True):
                slope += part / recipe.batch
        rate = recipe.rate * min(1, (step + 1) / WARM) * (1 - step / recipe.steps)
        for value, slope, (m, v) in zip(values, slopes, moments, strict=True):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope**2 - v)
            unbiased = np.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8
            value -= rate * (m / (1 - 0.9 ** (step + 1)) / unbiased + recipe.decay * value)
    errors = np.mean([_told(encoding, values) for encoding in encodings], 0)
    show(f"of the slopes' variance {1 - errors[0] / errors[1]:.1%} is told")
    mean = float(np.mean([_sums(encoding.seen, values)[0].mean() for encoding in encodings]))
    return _numbers(values, means, spreads, mean)


def _ready(cells: Cells, means: Floats, spreads: Floats) -> _Encoding:
    seen = np.clip((cells.seen - means) / spreads, -END, END)
    weights = np.clip(cells.bits, 0, MOST_BITS) + np.float32(LEAST_BITS)
    weights = weights / weights.mean()
    return _Encoding(seen, cells.slopes - np.mean(weights * cells.slopes), weights)


def _sums(seen: Floats, values: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """(what the network says, its hidden sums)."""
    first, last, skip = values
    hidden = np.maximum(seen @ first[:, :SEEN].T + first[:, SEEN], 0)
    return hidden @ last + seen @ skip, hidden


def _misses(encoding: _Encoding, said: NDArray[Any], level: float = 0.0) -> NDArray[Any]:
    """With so much of their mean, which is not a map's but the quality's."""
    misses = said - encoding.slopes
    return np.asarray(misses - (1 - level) * np.mean(encoding.weights * misses))


def _gradient(encoding: _Encoding, values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    seen, _, weights = encoding
    first, last, _ = values
    said, hidden = _sums(seen, values)
    by_said = 2 * weights * _misses(encoding, said, LEVEL) / len(seen)
    by_hidden = np.outer(by_said, last) * (hidden > 0)
    by_first = np.empty_like(first)
    by_first[:, :SEEN] = by_hidden.T @ seen
    by_first[:, SEEN] = by_hidden.sum(0)
    return [by_first, by_said @ hidden, by_said @ seen]


def _told(encoding: _Encoding, values: Sequence[NDArray[Any]]) -> tuple[float, float]:
    """Squared misses with the network and without."""
    misses = _misses(encoding, _sums(encoding.seen, values)[0])
    weights = encoding.weights
    return float(np.mean(weights * misses**2)), float(np.mean(weights * encoding.slopes**2))


def _numbers(
    values: Sequence[NDArray[Any]], means: Floats, spreads: Floats, mean: float
) -> NDArray[np.int64]:
    """The level: that of the activity, which is seen first, less STRENGTH times the slope."""
    first, last, skip = values
    past = -STRENGTH * skip
    past[0] += 4 * MAP_SLOPE * spreads[0]
    level = CENTRE + 4 * MAP_SLOPE * (float(means[0]) - MAP_CENTRE) + STRENGTH * mean + OFFSET
    parts = (means, 1 / spreads, first, -STRENGTH * last, past, [level])
    joined = np.concatenate([np.ravel(part) for part in parts])
    numbers: NDArray[np.int64] = np.rint(UNIT * joined).astype(np.int64)
    return numbers


def write_field(numbers: NDArray[np.int64]) -> str:
    """The text of `lossy-field.txt`."""
    head = f"# for encoders: the network of pil_dctz/lossy/encoder/field.py, 1/{UNIT}"
    rows = [
        " ".join(map(str, numbers[n : n + SEEN].tolist())) for n in range(0, len(numbers), SEEN)
    ]
    return "\n".join([head, *rows]) + "\n"
