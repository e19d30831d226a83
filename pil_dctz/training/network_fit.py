"""The recipe of networks: down the slope of the metric with weights that are int8 all along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.model import NetworkModel
from pil_dctz.learned.syntax import cell_grid
from pil_dctz.training.checkpoint import load_checkpoint, save_checkpoint
from pil_dctz.training.crops import Crop, draw_crops, units
from pil_dctz.training.network import LayerPlan, Network, facts_inputs
from pil_dctz.training.pairs import Pair

__all__ = ["DEFAULT", "QUICK", "NetworkRecipe", "fit_network"]


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """steps: each over `batch` crops of side x side. rate: the largest, of Adam.

    squared: what the squared error weighs beside SSIMULACRA2.
    """

    steps: int
    plans: tuple[LayerPlan, ...] = (LayerPlan(1, 16), LayerPlan(0, 16))
    side_log2: int = 1
    batch: int = 4
    side: int = 96
    rate: float = 1.5e-3
    squared: float = 0.8


DEFAULT = NetworkRecipe(5000)
QUICK = NetworkRecipe(60)
#: Steps over which the rate rises; steps between checkpoints.
WARM, SAVED = 200, 500


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
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.rate, betas=(0.9, 0.99))
    first = _restore(checkpoint, network, optimizer)
    values = []
    steps = range(first, recipe.steps)
    for step in tqdm(steps, "network", recipe.steps, initial=first, disable=None):
        share = step / recipe.steps
        for group in optimizer.param_groups:
            wave = 0.5 * (1 + np.cos(np.pi * share)) + 0.003
            group["lr"] = recipe.rate * min(1, (step + 1) / WARM) * wave
        crops = draw_crops(pairs, recipe.side, recipe.batch, seed, step)
        value = _descend(network, optimizer, crops, recipe, measured=step % 4 == 0)
        values += [] if value is None else [value]
        if (step + 1) % SAVED == 0:
            _keep(checkpoint, network, optimizer, step + 1)
            mean = 100 * np.mean(values[-SAVED // 4 :], 0)
            show(f"step {step + 1}: SSIMULACRA2 {mean[0]:+.2f} %, squares {mean[1]:+.2f} %")
    model = network.export({})
    judge_twin(network, model, pairs[0])
    return model


def _descend(
    network: Network,
    optimizer: torch.optim.Optimizer,
    crops: Sequence[Crop],
    recipe: NetworkRecipe,
    measured: bool,
) -> NDArray[np.float64] | None:
    """One step; the two errors of the first crop beside those of its base, if measured."""
    inputs = [facts_inputs(network.side_log2, crop.planes, crop.facts) for crop in crops]
    bases = torch.tensor([crop.base for crop in crops])[:, None, None, None]
    moves = network(torch.from_numpy(np.stack(inputs))) * bases
    slopes = np.empty(tuple(moves.shape), np.float32)
    found = None
    for n, (crop, move) in enumerate(zip(crops, moves.detach().numpy(), strict=True)):
        before = units(crop.planes)
        values, gradient = crop.loss(before + move, recipe.squared)
        slopes[n] = gradient / len(crops)
        if measured and n == 0:
            found = values - crop.loss(before, recipe.squared)[0]
    optimizer.zero_grad()
    moves.backward(torch.from_numpy(slopes))
    torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
    optimizer.step()
    return found


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
