"""The runner fails each wrong decoder, and passes the right one on the same vectors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.runner import CLAIMS, Limits, Selection, run_suite
from conformance.zoo.wrong import DECODERS

ZOO = Path(__file__).resolve().parents[2] / "conformance" / "zoo" / "wrong.py"
REFERENCE = ZOO.parents[1] / "reference" / "decode.py"
FEW = Selection(
    (
        "container/depth-9",
        "container/layout-rgba",
        "container/version-0-0",
        "container/blob-empty",
    )
)
#: What a runner has to fail, at the least.
SIXTEEN = {
    "prints-nothing",
    "old-output",
    "all-zero",
    "short-file",
    "last-sample",
    "swapped-planes",
    "big-endian",
    "without-alpha",
    "one-frame-more",
    "empty-meta",
    "wrong-status",
    "accepts-all",
    "refuses-all",
    "supports-nothing",
    "crashes",
    "hangs",
}


def test_the_zoo_has_all_sixteen() -> None:
    assert set(DECODERS) >= SIXTEEN


@pytest.mark.parametrize("name", sorted(DECODERS))
def test_each_wrong_decoder_fails(name: str) -> None:
    limits = Limits(3.0 if name == "hangs" else 60.0)
    command = [sys.executable, str(ZOO), name]
    report = run_suite(command, selection=FEW, claims=(), jobs=2, limits=limits)
    assert report.failed
    assert report.adds_up
    assert not report.ok


def test_the_reference_passes_where_they_fail() -> None:
    report = run_suite([sys.executable, str(REFERENCE)], selection=FEW, claims=CLAIMS)
    assert not report.failed
    assert report.ok
