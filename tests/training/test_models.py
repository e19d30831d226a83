"""Training ends in a model that is its rounded self, whether it was cut off or not."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.encoder.model_file import write_model
from pil_dctz.learned.model import NetworkModel, Tap
from pil_dctz.lossy.encoder.field import NUMBERS, SEEN
from pil_dctz.lossy.encoder.pruning import CLASSES
from pil_dctz.training import filters_fit, quantization
from pil_dctz.training.crops import draw_crops
from pil_dctz.training.filters import NormalEquations, pair_sums
from pil_dctz.training.pairs import Pair, encode_pair
from tests.cli.running import dctz
from tests.pictures import draw_photo

RECIPE = replace(filters_fit.QUICK, steps=4, batch=2, side=48)


def silent(line: str) -> None:
    """For what a run tells."""


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    pictures = [draw_photo(96, 64, seed=seed) for seed in range(2)]
    return [encode_pair(samples, quality)[0] for samples in pictures for quality in (40, 80)]


def test_crops_depend_on_seed_and_step_alone(pairs: list[Pair]) -> None:
    first, again = (draw_crops(pairs, 48, 3, 7, 5) for _ in range(2))
    other = draw_crops(pairs, 48, 3, 7, 6)
    places = [[(crop.number, crop.top, crop.left) for crop in c] for c in (first, again, other)]
    assert places[0] == places[1] != places[2]
    for crop in first:
        assert crop.planes.shape == (3, 48, 48)
        assert crop.facts.owners.shape == (6, 6)
        where = pairs[crop.number].planes[:, crop.top : crop.top + 48, crop.left : crop.left + 48]
        assert np.array_equal(crop.planes, where)


def test_least_squares_find_the_weights_that_made_the_data() -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(-800, 800, (3, 256, 256)).astype(np.int16)
    taps = (Tap(0, 0, 1, 255), Tap(0, 1, 0, 255))
    sums = pair_sums(taps, planes, 65535)
    classes = rng.integers(0, 2, (256, 256)).astype(np.uint16)
    made = np.array([[0.1, -0.05], [0.02, 0.08]])
    equations = NormalEquations(2, 2)
    equations.add(sums, np.einsum("kyx,yxk->yx", sums, made[classes]), classes)
    assert equations.solve(ridge=0) == pytest.approx(made, abs=0.01)  # each leans on both


def fit(kind: str, pairs: list[Pair], checkpoint: Path, show: Callable[[str], None]) -> bytes:
    """The file of a few steps, kept every second one."""
    if kind == "filters":
        filters_fit.SAVED = 2
        return write_model(filters_fit.fit_filters(pairs, RECIPE, 1, checkpoint, show))
    from pil_dctz.training import network_fit

    network_fit.SAVED, wave = 2, network_fit.Wave
    recipe = replace(
        network_fit.QUICK,
        waves=(wave(3, 4e-3), wave(2, 2e-3), wave(2, 1e-3, 0.03)),
        batch=2,
        side=32,
    )
    return write_model(network_fit.fit_network(pairs, recipe, 1, checkpoint, show))


def die(line: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("kind", ["filters", "network"])
def test_a_run_that_was_killed_becomes_that_of_one_run(
    kind: str, pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "network":
        pytest.importorskip("torch")
    for module in ("filters_fit", "network_fit")[: 1 + (kind == "network")]:
        monkeypatch.setattr(f"pil_dctz.training.{module}.SAVED", 2)
    # The process that is started imports the package that this one did, installed or not.
    monkeypatch.syspath_prepend(str(Path(pil_dctz.__path__[0]).parent))
    place = tmp_path / "killed.npz"
    run = multiprocessing.get_context("spawn").Process(target=fit, args=(kind, pairs, place, die))
    run.start()
    run.join()
    assert run.exitcode == -signal.SIGKILL
    with np.load(place) as state:
        assert int(state["step"]) == 2
    assert fit(kind, pairs, place, silent) == fit(kind, pairs, tmp_path / "whole.npz", silent)
    with np.load(place) as state:
        assert int(state["step"]) > 2


def test_a_network_does_not_see_how_bright_a_place_is(pairs: list[Pair], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = parse_model(fit("network", pairs, tmp_path / "own.npz", silent))
    assert isinstance(model, NetworkModel)
    weights = model.layers[0].weights.astype(int)
    assert weights.any()
    assert not weights[..., :12].reshape(weights.shape[0], 9, 3, 4).sum((1, 3)).any()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["filters", "network"])
def test_a_quick_run_writes_a_model_that_says_what_it_is(kind: str, tmp_path: Path) -> None:
    if kind == "network":
        pytest.importorskip("torch")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(3):
        Image.fromarray(draw_photo(128, 96, seed=seed)).save(folder / f"{seed}.png")
    out = tmp_path / "own.dctm"
    assert dctz("train", folder, "--kind", kind, "--quick", "-o", out) == 0
    model = parse_model(out.read_bytes())
    assert model.metadata["name"] == "own"
    assert model.metadata["training"]["pictures"] == ["1", "2"]
    assert "ssimulacra2_bd_rate" in model.metadata["metrics"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.dctm", "pictures"]


def drawn_cells(seed: int) -> quantization.Cells:
    """Slopes that a sum of what is seen tells, and one bend of it."""
    rng = np.random.default_rng(seed)
    seen = rng.normal(0, 2, (400, SEEN)).astype(np.float32)
    slopes = 0.3 * seen[:, 3] - 0.2 * np.abs(seen[:, 7])
    return quantization.Cells(seen, slopes.astype(np.float32), np.full(400, 100, np.float32))


def test_a_field_learns_what_is_seen_of_slopes() -> None:
    told: list[str] = []
    cells = [drawn_cells(seed) for seed in range(8)]
    recipe = replace(quantization.QUICK, steps=400, rate=0.01)
    numbers = quantization.fit_field(cells, recipe, 1, told.append)
    assert len(numbers) == NUMBERS
    share = float(told[0].split("variance ")[1].split("%")[0])
    assert share > 90
    again = quantization.fit_field(cells, recipe, 1, silent)
    assert np.array_equal(numbers, again)


def test_slopes_that_were_cut_off_become_those_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [(str(seed), draw_photo(80, 64, seed=seed)) for seed in range(3)]
    whole = quantization.measure(pictures, (50.0,), tmp_path / "whole.npz")
    assert len(whole) == 3 and whole[0].seen.shape == (20, SEEN)
    monkeypatch.setattr(quantization, "SAVED", 1)
    place = tmp_path / "cut.npz"
    quantization.measure(pictures[:2], (50.0,), place)
    measured = []
    measure = quantization._measure
    monkeypatch.setattr(
        quantization, "_measure", lambda *given: measured.append(1) or measure(*given)
    )
    resumed = quantization.measure(pictures, (50.0,), place)
    assert len(measured) == 1
    for a, b in zip(whole, resumed, strict=True):
        assert all(np.array_equal(*both) for both in zip(a, b, strict=True))


@pytest.mark.slow
def test_a_quick_run_writes_the_table_of_the_field(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(draw_photo(96, 80, seed=1)).save(folder / "1.png")
    out = tmp_path / "lossy-field.txt"
    assert dctz("train", folder, "--kind", "quantization", "--quick", "-o", out) == 0
    lines = out.read_text().splitlines()
    assert sum(len(line.split()) for line in lines[1:]) == NUMBERS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lossy-field.txt", "pictures"]


def test_a_field_that_was_cut_off_becomes_that_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(2):
        Image.fromarray(draw_photo(80, 64, seed=seed)).save(folder / f"{seed}.png")
    whole, cut = tmp_path / "whole.txt", tmp_path / "cut.txt"
    order = ("train", folder, "--kind", "quantization", "--quick", "-o")
    assert dctz(*order, whole) == 0
    monkeypatch.setattr(quantization, "SAVED", 1)
    measured: list[int] = []
    measure = quantization._measure

    def fail_at_the_third(*given: Any) -> quantization.Cells:
        if len(measured) == 2:
            raise OSError("the disk is full")
        measured.append(1)
        return measure(*given)

    monkeypatch.setattr(quantization, "_measure", fail_at_the_third)
    assert dctz(*order, cut) != 0
    assert not cut.exists()
    measured[:] = [1] * 3
    assert dctz(*order, cut, "--resume") == 0
    assert len(measured) == 3 + 2  # of four
    assert cut.read_bytes() == whole.read_bytes()


def test_a_quick_run_writes_the_margins_of_levels(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(draw_photo(96, 80, seed=1)).save(folder / "1.png")
    out = tmp_path / "lossy-pruning.txt"
    assert dctz("train", folder, "--kind", "pruning", "--quick", "-o", out) == 0
    margins = np.array([line.split() for line in out.read_text().splitlines()[1:]], int)
    assert margins.size == CLASSES
    assert margins.min() >= 0 and margins.max() <= 256
    # What the search met most is dropped below some size and kept above it.
    assert len(np.unique(margins)) > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lossy-pruning.txt", "pictures"]


def test_an_old_checkpoint_is_not_taken_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.dctm.checkpoint.npz").write_bytes(b"")
    assert dctz("train", tmp_path, "-o", tmp_path / "own.dctm") == 2
    assert "--resume goes on with it" in capsys.readouterr().err


def test_a_folder_without_pictures_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dctz("train", tmp_path, "-o", tmp_path / "own.dctm") == 2
    assert "no pictures in" in capsys.readouterr().err
