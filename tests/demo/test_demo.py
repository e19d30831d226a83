"""The demo's drawn pictures, its search for equal peers, and a whole run."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pil_dctz.demo import photo, trial
from pil_dctz.demo.screenshot import draw_screenshot


def test_without_a_package_that_ships_one_a_landscape_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    samples, words = photo.photograph()
    assert samples.shape == (400, 600, 3)
    assert "drawn" in words
    # A photograph, to a coder: every neighbour differs a little, few differ much.
    steps = np.abs(np.diff(samples.astype(int), axis=1))
    assert (steps > 0).mean() > 0.5
    assert (steps < 12).mean() > 0.8
    assert np.array_equal(samples, photo.draw_landscape())


def test_the_screenshot_has_few_colours_in_flat_runs() -> None:
    samples = draw_screenshot()
    assert samples.shape == (520, 800, 3)
    assert (np.diff(samples.astype(int), axis=1) == 0).mean() > 0.9


def test_a_photograph_of_the_users_own_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    Image.new("L", (9, 7), 50).save(path)
    samples, words = photo.photograph(path)
    assert samples.shape == (7, 9, 3)
    assert words == "mine.png"


def test_peers_are_the_smallest_that_reach_the_score_or_say_that_they_do_not() -> None:
    samples = draw_screenshot()[:120, :160]
    jpeg = trial.peers_at_score(samples, 60)[0]
    assert jpeg.score >= 60
    assert "of that score" in jpeg.label
    impossible = trial.peers_at_score(samples, 100)[0]
    assert "at its best (quality 100)" in impossible.label
    full = trial.peers_at_bytes(samples, jpeg.size_bytes)[0]
    assert full.size_bytes >= jpeg.size_bytes


def test_lossless_peers_are_lossless() -> None:
    samples = draw_screenshot()[:64, :64]
    assert all(row.exact and row.score == 100 for row in trial.lossless_peers(samples))


def test_a_run_holds_every_check_and_writes_a_page_that_needs_no_other_file(
    tmp_path: Path,
) -> None:
    pytest.importorskip("imageio_dctz")
    from pil_dctz.demo import run

    lines: list[str] = []
    assert run(tmp_path / "out", say=lines.append)
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"index.html", "photo.dctz", "photo-lossless.dctz", "screen-lossless.dctz"} <= files
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<img") == 2 * (2 + 4)
    assert "src='http" not in page and "src='/" not in page
    report = "\n".join(lines)
    assert "DCTZ quality 75" in report
    assert "CHECK FAILED" not in report
