"""Histograms of rANS. Clause `rans.histogram`."""

import numpy as np
import pytest

from pil_dctz.entropy.histogram import TOTAL, build_histograms

pytestmark = pytest.mark.small


def test_every_slot_is_found_from_its_coarse_entry() -> None:
    rng = np.random.default_rng(5)
    rows = rng.multinomial(TOTAL - 17, rng.dirichlet(np.full(17, 0.2), 6)) + 1
    histograms = build_histograms(rows)
    for row, coarse in zip(histograms.cumulative.astype(int), histograms.coarse, strict=True):
        for slot in range(TOTAL):
            symbol = int(coarse[slot >> 4])
            assert row[symbol] <= slot & ~15
            while row[symbol + 1] <= slot:
                symbol += 1
            assert row[symbol] <= slot < row[symbol + 1]


def test_code_lengths_are_those_of_the_frequencies() -> None:
    histograms = build_histograms(np.array([[2048, 1024, 1024]]))
    assert histograms.bits().tolist() == [[1.0, 2.0, 2.0]]


@pytest.mark.parametrize("row", [[4095, 2], [4096, 0], [4096], [-1, 4097]])
def test_rows_that_are_no_histogram_are_refused(row: list[int]) -> None:
    with pytest.raises(ValueError, match="histogram"):
        build_histograms(np.array([row]))
