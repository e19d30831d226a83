"""From a folder of pictures to a model file. What `dctz train` runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.encoder.model_file import write_model
from pil_dctz.learned.model import Model
from pil_dctz.training.checkpoint import checkpoint_path
from pil_dctz.training.held_out import gains
from pil_dctz.training.pairs import Pair, encode_pair, read_pictures

__all__ = ["KINDS", "Task", "train"]

KINDS = ("filters", "network", "pruning", "quantization")
#: Qualities that the pictures are encoded at; a network's picture is at every third one.
QUALITIES = (30.0, 45.0, 60.0, 72.0, 82.0, 90.0)
QUALITIES_OF_NETWORK = (28.0, 36.0, 44.0, 52.0, 60.0, 68.0, 76.0, 84.0, 91.0)
QUICK_QUALITIES = (40.0, 80.0)
#: Pictures that are used at most, and those kept apart where no folder of others is given.
MOST, MOST_HELD_OUT = 80, 16
MOST_OF_NETWORK = 160
MOST_MEASURED = 200
QUICK_MOST, QUICK_HELD_OUT = 4, 1
APART = 8


@dataclass(frozen=True, slots=True)
class Task:
    """folder: of pictures. out: the model file. held_out: a folder of others; None: every eighth
    picture of `folder` is kept apart. quick: a few steps on four pictures, to see that it runs.
    resume: go on at the checkpoint beside `out`, which otherwise must not be there.
    """

    folder: Path
    kind: str
    out: Path
    held_out: Path | None
    quick: bool
    seed: int
    resume: bool


def train(task: Task, show: Callable[[str], None]) -> None:
    """Train, judge on held-out pictures, write the file. show: is told each line of the report.

    Raises OSError, ValueError (no pictures), FileExistsError (a checkpoint and no `resume`),
    ImportError (a network without PyTorch).
    """
    if task.kind == "pruning":
        _train_pruning(task, show)
        return
    checkpoint = checkpoint_path(task.out)
    if checkpoint.exists() and not task.resume:
        raise FileExistsError(f"{checkpoint} is there: --resume goes on with it")
    if task.kind == "quantization":
        _train_quantization(task, checkpoint, show)
        return
    fit, recipe = _recipe(task)
    used, apart = _pictures(task)
    network = task.kind == "network"
    qualities: tuple[float, ...]
    qualities, turns = (QUALITIES_OF_NETWORK, 3) if network else (QUALITIES, 1)
    if task.quick:
        qualities, turns = QUICK_QUALITIES, 1
    pairs = _pairs(used, qualities, turns)
    model: Model = fit(pairs, recipe, task.seed, checkpoint, show)
    metrics = gains(model, apart, show)
    show("held out: " + ", ".join(f"{name} {value:g}" for name, value in metrics.items()))
    model.metadata.update(
        name=task.out.stem,
        description=f"{task.kind}, {model.products:g} products a sample",
        training={
            "kind": task.kind,
            "pictures": [name for name, _ in used],
            "recipe": repr(recipe),
            "seed": task.seed,
        },
        metrics=metrics,
        created_by="dctz train",
    )
    data = write_model(model)
    parse_model(data)  # judges it
    _write(task.out, data)
    checkpoint.unlink(missing_ok=True)


def _train_pruning(task: Task, show: Callable[[str], None]) -> None:
    from pil_dctz.training.pruning import fit_pruning, write_margins

    most = QUICK_MOST if task.quick else MOST
    margins = fit_pruning(list(read_pictures(task.folder, most)), show)
    _write(task.out, write_margins(margins).encode("ascii"))


def _train_quantization(task: Task, checkpoint: Path, show: Callable[[str], None]) -> None:
    from pil_dctz.training import quantization

    pictures = read_pictures(task.folder, QUICK_MOST if task.quick else MOST_MEASURED)
    qualities = QUICK_QUALITIES if task.quick else quantization.QUALITIES
    cells = quantization.measure(pictures, qualities, checkpoint)
    recipe = quantization.QUICK if task.quick else quantization.DEFAULT
    numbers = quantization.fit_field(cells, recipe, task.seed, show)
    _write(task.out, quantization.write_field(numbers).encode("ascii"))
    checkpoint.unlink(missing_ok=True)


def _recipe(task: Task) -> tuple[Callable[..., Model], Any]:
    if task.kind == "filters":
        from pil_dctz.training import filters_fit

        return filters_fit.fit_filters, filters_fit.QUICK if task.quick else filters_fit.DEFAULT
    if task.kind == "network":
        from pil_dctz.training import network_fit

        return network_fit.fit_network, network_fit.QUICK if task.quick else network_fit.DEFAULT
    raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {task.kind}")


Pictures = list[tuple[str, NDArray[np.uint8]]]


def _pictures(task: Task) -> tuple[Pictures, Pictures]:
    """Those to fit on, and those to judge by."""
    most = MOST_OF_NETWORK if task.kind == "network" else MOST
    most = QUICK_MOST if task.quick else most
    few = QUICK_HELD_OUT if task.quick else MOST_HELD_OUT
    found = list(read_pictures(task.folder, most))
    if task.held_out is not None:
        return found, list(read_pictures(task.held_out, few))
    if len(found) < 2:
        raise ValueError(f"{task.folder} has one picture: name others to judge by (--held-out)")
    apart = found[:: APART if len(found) >= APART else len(found)][:few]
    names = {name for name, _ in apart}
    return [picture for picture in found if picture[0] not in names], apart


def _pairs(pictures: Pictures, qualities: tuple[float, ...], turns: int) -> list[Pair]:
    """turns: that many pictures share the qualities."""
    jobs = [
        (samples, quality)
        for number, (_, samples) in enumerate(pictures)
        for quality in qualities[number % turns :: turns]
    ]
    bar = tqdm(jobs, "encoding", unit="picture", disable=None)
    return [encode_pair(samples, quality)[0] for samples, quality in bar]


def _write(path: Path, data: bytes) -> None:
    """The whole file, or the old one."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    os.replace(beside, path)
