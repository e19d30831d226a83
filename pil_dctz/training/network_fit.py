"""The recipe of networks: down the slope of the metric with weights that are int8 all along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.model import NetworkModel
from pil_dctz.learned.syntax import cell_grid
from pil_dctz.training.checkpoint import load_checkpoint, save_checkpoint
from pil_dctz.training.crops import SQUARED_PER_RATE, THREADS, Crop, draw_crops, pair_shares, units
from pil_dctz.training.metric import Share
from pil_dctz.training.network import LayerPlan, Network, facts_inputs
from pil_dctz.training.pairs import Pair

__all__ = ["DEFAULT", "QUICK", "NetworkRecipe", "Wave", "fit_network"]


class Wave(NamedTuple):
    """steps; rate: the largest, of Adam; least: of `Target.share`."""

    steps: int
    rate: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """waves: the first is down the squared error of planes alone, whose steps are three times as
    fast. Each step is over `batch` crops of side x side.

    squared: what the squared error weighs beside SSIMULACRA2.
    """

    waves: tuple[Wave, ...]
    plans: tuple[LayerPlan, ...] = (LayerPlan(1, 48), LayerPlan(0, 32))
    side_log2: int = 1
    batch: int = 4
    side: int = 112
    squared: float = 0.6

    @property
    def steps(self) -> int:
        return sum(wave.steps for wave in self.waves)

    def wave(self, step: int) -> tuple[int, int]:
        """The number of its wave, the step in it."""
        number = 0
        while step >= self.waves[number].steps:
            step -= self.waves[number].steps
            number += 1
        return number, step


DEFAULT = NetworkRecipe((Wave(4000, 1e-2), Wave(90000, 2.5e-3), Wave(16000, 1e-3, 0.03)))
QUICK = NetworkRecipe((Wave(20, 4e-3), Wave(40, 2e-3)))
#: Steps over which the rate rises; steps between checkpoints.
WARM, SAVED = 100, 500
#: Of the last steps, over which the rate falls.
FALL = 0.4
#: Slopes longer than this are cut to it: a few crops weigh far more than others.
LARGEST = 1.0
#: What an error of Y, B-Y and X weighs in that of RGB; added to it: what is not worth a thought.
WEIGHTS = (1.0, 3.5, 5.7)
UNSEEN = 0.003


def fit_network(
    pairs: Sequence[Pair],
    recipe: NetworkRecipe,
    seed: int,
    checkpoint: Path,
    show: Callable[[str], None],
) -> NetworkModel:
    """A model fitted on pairs; goes on at `checkpoint` if that is there."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = Network(recipe.side_log2, recipe.plans)
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), betas=(0.9, 0.99))
    first = _restore(checkpoint, network, optimizer)
    number, shares, values = 0, [], []
    steps = range(first, recipe.steps)
    for step in tqdm(steps, "network", recipe.steps, initial=first, disable=None):
        for group in optimizer.param_groups:
            group["lr"] = _rate(recipe, step)
        if recipe.wave(step)[0] != number:
            number = recipe.wave(step)[0]
            shares = pair_shares(pairs, recipe.waves[number].least)
        crops = draw_crops(pairs, recipe.side, recipe.batch, seed, step)
        if number == 0:
            values.append(_descend_squares(network, optimizer, crops))
        else:
            values.append(_descend(network, optimizer, crops, shares, recipe))
        if (step + 1) % SAVED == 0:
            _keep(checkpoint, network, optimizer, step + 1)
            score, squares = (_mean(each) for each in zip(*values[-SAVED:], strict=True))
            show(f"step {step + 1}: SSIMULACRA2 {score:+.2f} %, squares {squares:+.2f} %")
    model = network.export({})
    judge_twin(network, model, pairs[0])
    return model


def _mean(values: Sequence[float]) -> float:
    """Of those that were measured, in per cent."""
    known = [value for value in values if not np.isnan(value)]
    return float(100 * np.mean(known)) if known else float("nan")


def _rate(recipe: NetworkRecipe, step: int) -> float:
    """Rises; in the first wave half a wave down to a quarter, in the others the same to the share
    FALL of their end, then a line to nothing."""
    number, at = recipe.wave(step)
    count, largest, _ = recipe.waves[number]
    if number:
        share = min(1.0, (count - at) / (FALL * count))
    else:
        share = 0.25 + 0.375 * (1 + np.cos(np.pi * at / count))
    return float(largest * min(1, (at + 1) / WARM) * share)


def _inputs(network: Network, crops: Sequence[Crop]) -> torch.Tensor:
    inputs = [facts_inputs(network.side_log2, crop.planes, crop.facts) for crop in crops]
    stacked = torch.from_numpy(np.stack(inputs))
    return stacked.contiguous(memory_format=torch.channels_last)


def _descend_squares(
    network: Network, optimizer: torch.optim.Optimizer, crops: Sequence[Crop]
) -> NDArray[np.float64]:
    """One step by the log of the squared error of planes; (nan, it beside that of the base)."""
    missing = torch.from_numpy(
        np.stack([(c.original - c.planes.astype(np.float32)) / (16 * c.base) for c in crops])
    )
    weights = torch.tensor(WEIGHTS)[None, :, None, None]
    before = (weights * missing**2).mean((1, 2, 3))
    after = (weights * (missing - network(_inputs(network, crops))) ** 2).mean((1, 2, 3))
    loss = torch.log((after + UNSEEN) / (before + UNSEEN)).mean()
    _step(network, optimizer, loss, None)
    return np.array((np.nan, float(loss.detach()) / SQUARED_PER_RATE))


def _descend(
    network: Network,
    optimizer: torch.optim.Optimizer,
    crops: Sequence[Crop],
    shares: Sequence[Share],
    recipe: NetworkRecipe,
) -> NDArray[np.float64]:
    """One step by the metrics; the two errors of the first crop beside those of its base."""
    bases = torch.tensor([crop.base for crop in crops])[:, None, None, None]
    moves = network(_inputs(network, crops)) * bases
    slopes = np.empty(tuple(moves.shape), np.float32)
    found = np.full(2, np.nan)

    def descend(n: int) -> None:
        crop, share, before = crops[n], shares[crops[n].number], units(crops[n].planes)
        values, gradient = crop.loss(before + given[n], share, recipe.squared)
        slopes[n] = gradient / len(crops)
        if n == 0 and crop.number % 4 == 0:  # not each time: it costs as much as a crop
            found[:] = values - crop.loss(before, share, recipe.squared)[0]

    given = moves.detach().numpy()
    list(THREADS.map(descend, range(len(crops))))
    _step(network, optimizer, moves, torch.from_numpy(slopes))
    return found


def _step(network: Network, optimizer: torch.optim.Optimizer, of: Any, slopes: Any) -> None:
    optimizer.zero_grad()
    of.backward(slopes)
    torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST)
    optimizer.step()


def _keep(path: Path, network: Network, optimizer: torch.optim.Optimizer, step: int) -> None:
    state: dict[str, NDArray[Any]] = {"step": np.array(step)}
    for n, parameter in enumerate(network.parameters()):
        moments = optimizer.state[parameter]
        state |= {
            f"p{n}": parameter.detach().numpy(),
            f"m{n}": moments["exp_avg"].numpy(),
            f"v{n}": moments["exp_avg_sq"].numpy(),
        }
    save_checkpoint(path, state)


def _restore(path: Path, network: Network, optimizer: torch.optim.Optimizer) -> int:
    """The step to go on with, 0 without a checkpoint."""
    state = load_checkpoint(path)
    if state is None:
        return 0
    step = int(state["step"])
    with torch.no_grad():
        for n, parameter in enumerate(network.parameters()):
            parameter.copy_(torch.from_numpy(state[f"p{n}"]))
            optimizer.state[parameter] = {
                "step": torch.tensor(float(step)),
                "exp_avg": torch.from_numpy(state[f"m{n}"]),
                "exp_avg_sq": torch.from_numpy(state[f"v{n}"]),
            }
    return step


def judge_twin(network: Network, model: NetworkModel, pair: Pair) -> None:
    """Raises AssertionError unless the decoder gives what the rounded weights say."""
    refined = pair.planes.copy()
    grid = cell_grid(refined.shape[2], refined.shape[1])
    refine_planes(model, refined, pair.facts, np.full((2, *grid), 4, np.uint8))
    n = 1 << network.side_log2
    out = network.exact_outputs(facts_inputs(network.side_log2, pair.planes, pair.facts))
    _, rows, columns = out.shape
    out = out.reshape(3, n, n, rows, columns).transpose(0, 3, 1, 4, 2).reshape(refined.shape)
    move = (np.clip(out, -2047, 2047) * pair.facts.base * 4 + 1024) >> 11
    if not np.array_equal(refined, np.clip(pair.planes + move, -32768, 32767)):
        raise AssertionError("the decoder's planes are not those of the rounded weights")
