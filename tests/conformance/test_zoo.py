"""The runner fails each wrong decoder, and passes the right one on the same vectors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.run import CLAIMS, run_suite
from conformance.zoo.wrong import DECODERS

ZOO = Path(__file__).resolve().parents[2] / "conformance" / "zoo" / "wrong.py"
REFERENCE = ZOO.parents[1] / "reference" / "decode.py"
FEW = (
    "container/depth-9",
    "container/layout-rgba",
    "container/version-0-0",
    "container/blob-empty",
)


@pytest.mark.parametrize("name", sorted(DECODERS))
def test_each_wrong_decoder_fails(name: str) -> None:
    seconds = 3.0 if name == "hangs" else 60.0
    command = [sys.executable, str(ZOO), name]
    report = run_suite(command, filters=FEW, claims=(), jobs=2, seconds=seconds)
    assert report.failed
    assert report.adds_up
    assert not report.ok


def test_the_reference_passes_where_they_fail() -> None:
    report = run_suite([sys.executable, str(REFERENCE)], filters=FEW, claims=CLAIMS)
    assert not report.failed
    assert report.ok
