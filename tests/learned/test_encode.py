"""The encoder chooses strengths that pay, says so in few bytes, or leaves the layer out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from pil_dctz.learned.decoder.known import find_model, read_model
from pil_dctz.learned.decoder.strengths import parse_layer
from pil_dctz.learned.encoder.model_file import write_model
from pil_dctz.learned.encoder.strengths import TRADE, choose_strengths, write_layer
from pil_dctz.learned.model import FilterModel, Tap
from pil_dctz.metrics import psnr, ssimulacra2
from pil_dctz.picture.encoder import layer
from pil_dctz.picture.encoder.layer import wanted_model
from tests.cli.running import dctz
from tests.pictures import draw_photo


def smoothing(sign: int = 1) -> bytes:
    """A model that blurs a little, or sharpens: good or bad for decoded noise."""
    taps = tuple((Tap(p, 0, 1, 16), Tap(p, 1, 0, 16)) for p in range(3))
    weights = tuple(np.full((1, 10, 2), 12 * sign, np.int8) for _ in range(3))
    return write_model(FilterModel((), (), taps, (8, 8, 8), weights))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("models")
    paths = {sign: folder / f"{sign}.dctm" for sign in (1, -1)}
    for sign, path in paths.items():
        path.write_bytes(smoothing(sign))
    return paths


#: At effort 4 strengths are not measured: the drawn model is not worth it.
OPTIONS = pil_dctz.EncodeOptions(
    quality=30, mode="lossy", compact=False, segment_size=128, effort=4
)


@pytest.mark.small
@pytest.mark.parametrize("chroma", [True, False])
def test_what_is_chosen_reads_back(chroma: bool) -> None:
    rng = np.random.default_rng(0)
    sizes = [(130, 70), (64, 64), (1, 1)]
    luma = rng.normal(0, 30, (8, 8))
    other = rng.normal(0, 30, (8 if chroma else 0, 8))
    luma[:, 0] = other[:, 0] = 0
    varied, first, ranks = choose_strengths(luma, other)
    data = write_layer(b"12345678", varied, first, ranks)
    model, found = parse_layer(data, sizes, 3 if chroma else 1)
    assert model == b"12345678"
    assert varied
    for kind, gains in enumerate((luma, other)):
        got = np.concatenate([part[kind].reshape(-1) for part in found])[: len(gains)]
        costs = gains[np.arange(len(gains)), got]
        assert (costs <= gains.min(axis=1) + 7 * TRADE).all()


@pytest.mark.small
def test_one_strength_for_all_takes_one_byte() -> None:
    luma = np.tile(np.arange(8) - 9.0 * (np.arange(8) == 5), (100, 1))
    varied, first, ranks = choose_strengths(luma, np.zeros((100, 8)))
    assert (varied, first) == (0, (5, 0))
    assert write_layer(b"12345678", varied, first, ranks) == b"12345678\x05"


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_layer_that_helps_is_there_and_helps(models: dict[int, Path], channels: int) -> None:
    samples = draw_photo(200, 140, channels)
    base = pil_dctz.encode(samples, options=OPTIONS)
    data = pil_dctz.encode(samples, options=replace(OPTIONS, learned=models[1]))
    assert len(base) < len(data) <= len(base) + 40
    assert pil_dctz.read_header(data).profile == "full"
    assert pil_dctz.read_header(base).profile == "base"
    refined = pil_dctz.decode(data, learned=models[1])
    plain = pil_dctz.decode(data, learned=False)
    assert np.array_equal(plain, pil_dctz.decode(base))
    assert psnr(samples, refined) > psnr(samples, plain)


def test_a_layer_that_helps_nowhere_is_left_out(models: dict[int, Path]) -> None:
    samples = draw_photo(200, 140)
    base = pil_dctz.encode(samples, options=OPTIONS)
    assert pil_dctz.encode(samples, options=replace(OPTIONS, learned=models[-1])) == base


@pytest.mark.parametrize("quality", [20, 60])
def test_what_is_measured_never_loses(models: dict[int, Path], quality: int) -> None:
    samples = draw_photo(300, 200)
    options = replace(OPTIONS, quality=quality, effort=5)
    base = pil_dctz.encode(samples, options=options)
    for model in models.values():
        data = pil_dctz.encode(samples, options=replace(options, learned=model))
        before, after = pil_dctz.decode(base), pil_dctz.decode(data, learned=model)
        assert (data == base) == np.array_equal(before, after)
        if data != base:
            assert ssimulacra2(samples, after) > ssimulacra2(samples, before)
            assert psnr(samples, after) > psnr(samples, before)


def test_what_cells_gain_together_is_what_the_picture_gains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strong = tmp_path / "strong.dctm"
    strong.write_bytes(smoothing(-10))
    judges: list[layer._Judge] = []

    class Kept(layer._Judge):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            judges.append(self)

    monkeypatch.setattr(layer, "_Judge", Kept)
    monkeypatch.setattr(layer, "MEASURED_SIDE", 192)  # of 300: the rest goes by squared errors
    samples = draw_photo(300, 200)
    pil_dctz.encode(samples, options=replace(OPTIONS, effort=5, learned=strong))
    (judge,) = judges
    size = 3000
    luma, chroma = judge.gains(size)
    assert len(luma) == len(chroma) == 5 * 4
    measured = np.isinf(luma[:, 7])
    assert measured.sum() == 3 * 3
    guessed = layer._squared_gains(judge._trials, layer.CAUTIONS[0])[0]
    assert np.array_equal(luma[~measured], guessed[~measured])
    base, out = judge._show(None), judge._show(judge._uniform(0, 4))
    part = samples[judge._area.slices]
    points = ssimulacra2(part, out) - ssimulacra2(part, base)
    decibels = psnr(part, out) - psnr(part, base)
    gained = points / layer.POINTS + decibels / layer.DECIBELS
    assert abs(gained) > 0.01
    assert -luma[measured, 4].sum() / (4 * size) == pytest.approx(gained, rel=0.2)


def test_the_model_goes_into_the_file_if_asked(models: dict[int, Path]) -> None:
    samples = draw_photo(200, 140)
    data = pil_dctz.encode(samples, options=replace(OPTIONS, learned=models[1], embed_model=True))
    assert np.array_equal(pil_dctz.decode(data), pil_dctz.decode(data, learned=models[1]))
    assert pil_dctz.verify(data).whole


def test_threads_do_not_change_a_byte(models: dict[int, Path]) -> None:
    samples = draw_photo(200, 140)
    options = replace(OPTIONS, learned=models[1])
    one = pil_dctz.encode(samples, options=options, threads=1)
    assert one == pil_dctz.encode(samples, options=options, threads=3)


def test_no_model_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model at"):
        pil_dctz.encode(draw_photo(200, 140), options=replace(OPTIONS, learned=tmp_path / "none"))


def test_exact_pictures_have_no_layer(models: dict[int, Path]) -> None:
    samples = draw_photo(90, 70)
    data = pil_dctz.encode(samples, lossless=True, learned=models[1])
    assert np.array_equal(pil_dctz.decode(data), samples)
    assert pil_dctz.read_header(data).profile == "base"


def test_pillow_and_the_command_take_a_model(models: dict[int, Path], tmp_path: Path) -> None:
    samples = draw_photo(300, 260)  # too large for the compact form
    picture = Image.fromarray(samples)
    wanted = pil_dctz.encode(samples, quality=30, effort=4, learned=models[1])
    assert pil_dctz.read_header(wanted).profile == "full"
    picture.save(tmp_path / "a.dctz", quality=30, effort=4, learned=models[1])
    assert (tmp_path / "a.dctz").read_bytes() == wanted
    picture.save(tmp_path / "a.png")
    given = ("--quality", 30, "-e", 4, "--learned", models[1], tmp_path / "a.png")
    assert dctz("encode", *given, "-o", tmp_path / "b.dctz") == 0
    assert (tmp_path / "b.dctz").read_bytes() == wanted
    with pytest.raises(ValueError, match="learned must be"):
        picture.save(tmp_path / "c.dctz", learned=3)
    for option, learned in ((("--model", models[1]), models[1]), (("--base",), False)):
        out = tmp_path / "out.png"
        assert dctz("decode", *option, "--force", tmp_path / "a.dctz", "-o", out) == 0
        shown = np.asarray(Image.open(out))
        assert np.array_equal(shown, pil_dctz.decode(wanted, learned=learned))


@pytest.mark.small
@pytest.mark.parametrize(
    "asked, name", [(True, "network"), ("network", "network"), ("filters", "filters")]
)
def test_the_package_has_two_models(asked: bool | str, name: str) -> None:
    model = read_model(wanted_model(asked))
    assert model.metadata["name"] == name
    assert find_model(model.digest[:8]) is not None
