"""A decoder that is loaded once and copied is judged as one that is started for each vector."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.launcher import Limits
from conformance.runner import BUILT_IN, Selection, run_suite
from tests.conformance.test_zoo import FEW

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="copies are made by fork")
ONE = Selection(("container/depth-9",))


def reason(tmp_path: Path, main: str, *, seconds: float = 30.0, memory: int = 1 << 30) -> str:
    """What is wrong with a decoder that does this."""
    script = tmp_path / "decoder.py"
    script.write_text(f"import os, sys, time\n\n\ndef main(arguments):\n    {main}\n")
    limits = Limits(seconds, memory)
    report = run_suite(["/no/such"], selection=ONE, jobs=1, limits=limits, script=script)
    ((_, why),) = report.failed
    return why


@pytest.mark.parametrize("name", ["ours", "reference"])
def test_right_decoders_pass(name: str) -> None:
    report = run_suite(["/no/such"], selection=FEW, script=BUILT_IN[name])
    assert report.ok
    assert len(report.passed) >= 4


@pytest.mark.parametrize(
    ("main", "wanted"),
    [
        ("return 1", "exit status 1, not 0"),
        ("return 2", "exit status 2, not 0"),
        ("return 0", "no samples"),
        ("sys.exit(1)", "exit status 1, not 0"),
        ("raise ValueError('broken')", "crash: exit status 70: Traceback"),
        ("os.abort()", "crash: exit status -6"),
        ("os._exit(9)", "crash: exit status 9"),
        ("open('other', 'w').close(); return 0", "files nobody asked for: other"),
        ("sys.stderr.write('x' * (2 << 20)); return 0", "crash: more than 1 MiB on stderr"),
    ],
)
def test_wrong_ends_are_told_as_they_are(tmp_path: Path, main: str, wanted: str) -> None:
    assert reason(tmp_path, main).startswith(wanted)


def test_one_that_hangs_is_stopped_and_the_next_vector_is_asked(tmp_path: Path) -> None:
    assert reason(tmp_path, "time.sleep(60)", seconds=0.5) == "time-out"
    few = Selection(("container/depth-9", "container/layout-rgba"))
    script = tmp_path / "decoder.py"
    report = run_suite(
        ["/no/such"], selection=few, jobs=1, limits=Limits(0.5, 1 << 30), script=script
    )
    assert {why for _, why in report.failed} == {"time-out"}
    assert len(report.failed) == 2


def test_nothing_is_left_from_the_vector_before(tmp_path: Path) -> None:
    script = tmp_path / "decoder.py"
    script.write_text(
        "seen = []\n\n\ndef main(arguments):\n    seen.append(1)\n    return len(seen) + 9\n"
    )
    few = Selection(("container/depth-9", "container/layout-rgba"))
    report = run_suite(["/no/such"], selection=few, jobs=1, script=script)
    assert [why.split(":")[1] for _, why in report.failed] == [" exit status 10"] * 2
