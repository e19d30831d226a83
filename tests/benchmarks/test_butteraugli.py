"""What libjxl's tool says, and BD-rates on its axis."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import butteraugli, report
from benchmarks.codecs import LOSSY, PEERS
from benchmarks.store import Record
from tests.pictures import draw_photo


def test_the_norm_is_the_named_line() -> None:
    assert butteraugli.parse_norm("5.21\n3-norm: 1.590573\n") == 1.590573
    with pytest.raises(ValueError, match="no 3-norm"):
        butteraugli.parse_norm("5.21\n")


@pytest.mark.skipif(not butteraugli.installed(), reason="butteraugli_main is not installed")
def test_more_noise_is_further_away() -> None:
    samples = draw_photo(64, 48)
    noise = np.random.default_rng(1).integers(-4, 5, samples.shape)
    norms = [
        butteraugli.three_norm(samples, np.clip(samples + k * noise, 0, 255).astype(np.uint8))
        for k in (0, 1, 4)
    ]
    assert norms[0] < norms[1] < norms[2]


def test_half_the_bytes_at_equal_norms_is_a_rate_of_minus_50() -> None:
    records: list[Record] = []
    for codec, factor in (("dctz-e9", 1), ("avif", 2)):
        for norm in (0.5, 1.0, 2.0, 4.0):
            head = {"bench": "rd", "set": "s", "picture": "p", "codec": codec, "label": codec}
            scores = {"ssimulacra2": 80 - 10 * norm, "ms_ssim": 1 - norm / 100, "psnr": 40 - norm}
            size = round(factor * 20000 / norm)
            records.append({**head, **scores, "butteraugli": norm, "bytes": size})
    table = report.bd_table(records)
    assert "Butteraugli, 3-norm" in table
    assert table.count("-50.0 %") == 4
    assert math.isclose(report.BUTTERAUGLI[2](1.0), 0.0, abs_tol=1e-12)
    del records[0]["butteraugli"]
    assert "Butteraugli" not in report.bd_table(records)


def test_groups_of_peers_are_codecs_and_ours_comes_first() -> None:
    for names in PEERS.values():
        ours = [LOSSY[name].ours for name in names]
        assert ours[0] and not ours[-1]
        assert ours == sorted(ours, reverse=True)
