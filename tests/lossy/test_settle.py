"""Pictures that were decoded keep their levels when they are encoded again."""

import numpy as np
import pytest

from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder import settle
from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.syntax import LossyTables, coding_grid
from tests.pictures import draw_photo

pytestmark = pytest.mark.checked

SEARCH = search_of_effort(5)


def decode(segment: SegmentLevels, tables: LossyTables, samples: np.ndarray) -> np.ndarray:
    height, width, _ = samples.shape
    grid = coding_grid(width, height, tables.factors)
    out = np.empty_like(samples)
    low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
    decode_segment(tables, low, [high], width, height, out)
    return out


def drawn(channels: int, quality: float = 75) -> tuple[np.ndarray, LossyTables]:
    samples = draw_photo(200, 136, channels, seed=4).reshape(136, 200, channels)
    return samples, xyb_tables(channels, base_of_quality(quality))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("quality", [40, 75])
def test_later_generations_hardly_change_a_sample(channels: int, quality: float) -> None:
    samples, tables = drawn(channels, quality)
    grid = coding_grid(200, 136, tables.factors)
    first = decode(settle.encode_segment(samples, tables, grid, SEARCH), tables, samples)
    before = now = first
    for _ in range(3):
        before = now
        now = decode(settle.encode_segment(now, tables, grid, SEARCH), tables, samples)
    loss = np.abs(first.astype(int) - samples).mean()
    assert np.abs(now.astype(int) - first).mean() < 0.1 * loss
    once = decode(quantize_segment(first, tables, grid, SEARCH), tables, samples)
    unsettled = np.abs(once.astype(int) - first).mean()
    assert np.abs(now.astype(int) - before).mean() < 0.2 * unsettled


def test_originals_and_other_steps_are_searched_as_ever() -> None:
    samples, tables = drawn(3)
    grid = coding_grid(200, 136, tables.factors)
    decoded = decode(settle.encode_segment(samples, tables, grid, SEARCH), tables, samples)
    others = xyb_tables(3, base_of_quality(64))
    for picture, given in ((samples, tables), (decoded, others), (decoded[3:, 5:], tables)):
        height, width, _ = picture.shape
        cut = np.ascontiguousarray(picture)
        there = coding_grid(width, height, given.factors)
        found = settle.encode_segment(cut, given, there, SEARCH)
        plain = quantize_segment(cut, given, there, SEARCH)
        assert (found.levels == plain.levels).all() and (found.cells == plain.cells).all()
