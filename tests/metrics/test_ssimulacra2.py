"""SSIMULACRA2 against the tool's own scores, and on the pictures the tool refuses."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pil_dctz.metrics import Reference, ssimulacra2
from tests.pictures import shared_data

UINT8 = npt.NDArray[np.uint8]


def _noisy(height: int, width: int, seed: int = 1) -> tuple[UINT8, UINT8]:
    random = np.random.default_rng(seed)
    smooth = np.linspace(30, 220, height * width * 3).reshape(height, width, 3)
    reference = np.clip(smooth + random.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)
    distorted = np.clip(reference + random.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
    return reference, distorted


def test_scores_of_the_tool_are_met_within_five_hundredths() -> None:
    folder = shared_data("metrics")
    with open(folder / "MANIFEST.tsv", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    assert len(rows) == 12
    for row in rows:
        ours = ssimulacra2(_samples(folder / row["reference"]), _samples(folder / row["distorted"]))
        assert ours == pytest.approx(float(row["ssimulacra2"]), abs=0.05), row["distorted"]


def _samples(path: Path) -> UINT8:
    with Image.open(path) as picture:
        return np.array(picture)


@pytest.mark.parametrize("size", [(1, 1), (7, 30), (8, 8), (33, 9)])
def test_equal_pictures_score_100_and_worse_ones_less(size: tuple[int, int]) -> None:
    reference, distorted = _noisy(*size)
    assert ssimulacra2(reference, reference) == 100
    slightly = ((reference.astype(int) + distorted) // 2).astype(np.uint8)
    assert 100 > ssimulacra2(reference, slightly) > ssimulacra2(reference, distorted)


def test_gray_is_judged_as_equal_channels_and_16_bits_as_8() -> None:
    reference, distorted = _noisy(40, 50)
    gray, worse = reference[..., 1], distorted[..., 1]
    score = ssimulacra2(gray, worse)
    assert score == ssimulacra2(np.dstack([gray] * 3), np.dstack([worse] * 3))
    wide, wider = gray.astype(np.uint16) * 257, worse.astype(np.uint16) * 257
    assert ssimulacra2(wide, wider) == pytest.approx(score, abs=1e-3)
    narrow = ssimulacra2(gray.astype(np.uint16), worse.astype(np.uint16), peak=255)
    assert narrow == pytest.approx(score, abs=1e-3)


def test_alpha_counts_the_worse_of_a_dark_and_a_bright_ground() -> None:
    reference, distorted = _noisy(40, 50)
    opaque = np.full((40, 50, 1), 255, np.uint8)
    score = ssimulacra2(np.dstack([reference, opaque]), np.dstack([distorted, opaque]))
    assert score == pytest.approx(ssimulacra2(reference, distorted), abs=0.01)
    # A nearly white picture that turns transparent is hard to see on bright ground alone.
    white = np.full((40, 50, 4), 230, np.uint8)
    hidden = white.copy()
    hidden[10:30, 10:30, 3] = 0
    on_bright = np.where(hidden[..., 3:] == 0, np.uint8(229), white)
    assert ssimulacra2(white, hidden) < 60 < ssimulacra2(white[..., :3], on_bright[..., :3])
    # Colours under alpha 0 are not seen.
    clear, other = white.copy(), white.copy()
    clear[..., 3] = other[..., 3] = 0
    other[..., :3] = 9
    assert ssimulacra2(clear, other) == 100


def test_a_kept_reference_gives_the_same_score_and_refuses_other_shapes() -> None:
    reference, distorted = _noisy(40, 50)
    kept = Reference(reference)
    assert kept.score(distorted) == ssimulacra2(reference, distorted)
    with pytest.raises(ValueError, match="differ in kind"):
        kept.score(distorted[:, :40])


def test_losses_lie_where_the_error_is() -> None:
    reference, _ = _noisy(100, 270)
    distorted = reference.copy()
    distorted[32:48, 64:80] ^= 20
    score, losses = Reference(reference).score_and_losses(distorted)
    assert score == ssimulacra2(reference, distorted)
    assert losses.shape == (7, 17)
    assert np.unravel_index(losses.argmax(), losses.shape) == (2, 4)
    # The coarsest windows reach 5 * 32 samples.
    assert (losses[:, :15] > 0).any() and (losses[:, 16] == 0).all()
    assert (Reference(reference).score_and_losses(reference)[1] == 0).all()


def test_losses_add_up_to_what_a_worse_picture_loses() -> None:
    reference, distorted = _noisy(64, 96)
    kept = Reference(reference)
    worse = np.clip(distorted + (distorted.astype(int) - reference) // 4, 0, 255).astype(np.uint8)
    assert kept.score_and_losses(worse)[1].sum() > kept.score_and_losses(distorted)[1].sum()
    with pytest.raises(ValueError, match="at least 8"):
        Reference(reference[:7]).score_and_losses(distorted[:7])


def test_losses_around_a_picture_say_what_its_neighbours_score() -> None:
    reference, distorted = _noisy(96, 128)
    kept = Reference(reference)
    around = kept.around(distorted)
    assert around.score == kept.score(distorted)
    start = kept.losses_around(distorted, around)
    error = distorted.astype(int) - reference
    error[:, 64:] += np.sign(error[:, 64:]) * (np.abs(error[:, 64:]) > 4)
    worse = np.clip(reference + error, 0, 255).astype(np.uint8)
    more = kept.losses_around(worse, around) - start
    lost = around.score - kept.score(worse)
    assert lost > 0.3
    assert more.sum() == pytest.approx(lost, rel=0.2)
    assert np.abs(more[:, :2]).sum() < 0.1 * more[:, 4:].sum()
    with pytest.raises(ValueError, match="at least 8"):
        Reference(reference[:7]).around(distorted[:7])
    assert not kept.losses_around(distorted, kept.around(reference)).any()


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((8, 8), np.float32), "uint8 or uint16"),
        (np.zeros((8, 8, 5), np.uint8), "height, width"),
        (np.zeros((0, 8), np.uint8), "height, width"),
        (np.zeros((8,), np.uint8), "height, width"),
    ],
)
def test_other_arrays_are_refused_with_a_reason(
    picture: npt.NDArray[np.generic], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ssimulacra2(picture, picture)  # type: ignore[arg-type]


@pytest.mark.parametrize(("peak", "message"), [(0, r"1\.\.255"), (256, r"1\.\.255"), (3, "above")])
def test_a_wrong_peak_is_refused(peak: int, message: str) -> None:
    picture = np.full((8, 8), 4, np.uint8)
    with pytest.raises(ValueError, match=message):
        ssimulacra2(picture, picture, peak=peak)
