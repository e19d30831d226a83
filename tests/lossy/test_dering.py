"""The filter along edges: straight edges come closer to the picture, textures stay. Chapter 8."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pil_dctz.lossy.decoder import reconstruct
from pil_dctz.lossy.decoder.segment import decode_segment
from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.quantize import quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.syntax import coding_grid

SIZE = 64

pytestmark = pytest.mark.checked


def edge(angle: float) -> NDArray[np.uint8]:
    """Gray and white, a smooth step of about two samples between them."""
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE / 2
    away = x * np.sin(angle) - y * np.cos(angle)
    return (90 + 120 / (1 + np.exp(-2 * away))).astype(np.uint8)[..., None]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., NDArray[np.float64]]:
    """Samples of a picture at a low quality, with the filter or with the deblocking alone."""

    def decode(samples: NDArray[np.uint8], *, dering: bool) -> NDArray[np.float64]:
        tables = xyb_tables(1, 9000)
        grid = coding_grid(SIZE, SIZE, tables.factors)
        segment = quantize_segment(samples, tables, grid, search_of_effort(3))
        low, high = write_low(segment, tables, grid), write_high(segment, tables, grid)
        out = np.empty_like(samples)
        with monkeypatch.context() as patch:
            if not dering:  # taps that are the sample itself change nothing
                patch.setattr(reconstruct, "TAPS", np.zeros_like(reconstruct.TAPS))
            decode_segment(tables, low, [high], SIZE, SIZE, out)
        return out.astype(np.float64)

    return decode


@pytest.mark.parametrize("eighth", range(8))
def test_edges_of_any_slope_come_closer_to_the_picture(decoded, eighth: int) -> None:
    samples = edge(np.pi * (eighth + 0.2) / 8)
    before, after = (decoded(samples, dering=on) - samples for on in (False, True))
    assert (after**2).mean() < 0.98 * (before**2).mean()


def test_textures_without_a_direction_lose_little(decoded) -> None:
    noise = np.random.default_rng(1).integers(40, 216, (SIZE, SIZE, 1), np.uint8)
    before, after = (decoded(noise, dering=on) - noise for on in (False, True))
    assert (after**2).mean() < 1.01 * (before**2).mean()
