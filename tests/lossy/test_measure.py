"""The search that is measured on the picture, lossy.encoder.measure."""

import numpy as np
import pytest

from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.measure import CANDIDATES, measured_search


def textures(side: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:side, :side]
    smooth = 120 + 60 * np.sin(x / 17) * np.cos(y / 23)
    noise = rng.normal(0, 24, (side, side)) * (x > side // 2)
    gray = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.stack([gray, gray[::-1], gray[:, ::-1]], 2))


def test_what_is_found_is_a_candidate_or_the_search_itself():
    search = search_of_effort(9)
    found = measured_search(textures(128), xyb_tables(3, 128 * 20), search, len(CANDIDATES))
    assert found == search or (found.map_slope, found.trade) in CANDIDATES


def test_without_tries_the_search_stays():
    search = search_of_effort(9)
    assert measured_search(textures(64), xyb_tables(3, 128 * 20), search, 0) == search


@pytest.mark.parametrize("shape", [(63, 200, 3), (1, 1, 3)])
def test_pictures_that_say_too_little_are_not_measured(shape):
    search = search_of_effort(9)
    samples = np.zeros(shape, np.uint8)
    assert measured_search(samples, xyb_tables(3, 128 * 20), search, 6) is search


def test_a_flat_picture_has_no_line_and_keeps_its_search():
    search = search_of_effort(9)
    samples = np.full((128, 128, 3), 77, np.uint8)
    assert measured_search(samples, xyb_tables(3, 128 * 20), search, 6) is search
