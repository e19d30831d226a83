"""`dctz info` of model files and of pictures that use one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import pil_dctz
from conformance.author.learned import lrnd
from pil_dctz.learned.encoder.model_file import write_model
from tests.cli.running import dctz
from tests.learned.drawn import draw_filters, draw_network
from tests.learned.test_layer import with_layer

NAMED = {"name": "drawn", "metrics": {"psnr": -6.5}}


@pytest.mark.parametrize("kind", ["filters", "network"])
def test_info_of_a_model(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = draw_filters() if kind == "filters" else draw_network()
    data = write_model(replace(model, metadata=NAMED))
    path = tmp_path / "a.dctm"
    path.write_bytes(data)
    assert dctz("info", path) == 0
    told = capsys.readouterr().out
    for part in (kind, data[-32:-24].hex(), f"{len(data):,} bytes", "drawn", '{"psnr": -6.5}'):
        assert part in told
    assert dctz("info", "--json", path) == 0
    assert json.loads(capsys.readouterr().out)["model"]["sha256"] == data[-32:].hex()
    path.write_bytes(data[:-1])
    assert dctz("info", path) == 1


@pytest.mark.parametrize("inside", [True, False])
def test_info_of_a_picture_with_a_layer(
    inside: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_model(replace(draw_filters(), metadata=NAMED))
    data, base = with_layer(model if inside else None, lrnd(model, 4, 2))
    path = tmp_path / "a.dctz"
    path.write_bytes(data)
    assert dctz("info", "--quick", path) == 0
    told = capsys.readouterr().out
    assert f"model {model[-32:-24].hex()}" in told
    assert "strengths 1.00 and 0.50" in told
    assert ("drawn" in told) == inside
    assert ("not here" in told) == (not inside)
    assert pil_dctz.inspect(base).frames[0].layer is None
