"""The runner and the manifest's reader: what is not as it should be fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.command import main
from conformance.judge import Outcome, judge
from conformance.runner import Selection, needs, run_suite
from conformance.suite import HERE, MANIFEST, SuiteError, load
from tests.conformance.conftest import KEPT

REFERENCE = [sys.executable, str(HERE / "reference" / "decode.py")]


def change(manifest: Path, how: Callable[[dict[str, Any]], object]) -> None:
    whole = json.loads(manifest.read_text("ascii"))
    how(whole)
    manifest.write_text(json.dumps(whole), "ascii")


def test_the_suite_verifies_itself() -> None:
    entries = load()
    kinds = [entry["kind"] for entry in entries]
    assert kinds.count("must") >= 60
    assert kinds.count("refuse") + kinds.count("unsupported") >= 20
    assert sum(entry["origin"] == "author" for entry in entries) >= 15
    files = {entry["file"] for entry in entries}
    assert sum((HERE / name).stat().st_size for name in files) < 2 << 20
    assert all((HERE / name).stat().st_size <= 1 << 16 for name in files)


def test_a_small_suite_passes_and_adds_up(suite: Path) -> None:
    report = run_suite(REFERENCE, manifest=suite)
    assert report.ok
    assert len(report.passed) == len(KEPT)
    report = run_suite(REFERENCE, manifest=suite, claims=("region",))
    assert [each.id for each in report.of("not claimed")] == ["frame/views-scale-2"]
    report = run_suite(REFERENCE, manifest=suite, selection=Selection(["plain"]))
    assert (len(report.passed), len(report.of("left out"))) == (1, 3)
    assert report.adds_up


@pytest.mark.parametrize(
    "how",
    [
        lambda whole: whole["vectors"].clear(),
        lambda whole: whole.update(more=1),
        lambda whole: whole["vectors"][0].update(unknown=1),
        lambda whole: whole["vectors"][0].pop("why"),
        lambda whole: whole["vectors"][0].update(bytes=True),
        lambda whole: whole["vectors"][0].update(kind="maybe"),
        lambda whole: whole["vectors"][0].update(clauses=[]),
        lambda whole: whole["vectors"][0].update(sha256="0" * 64),
        lambda whole: whole["vectors"].append(whole["vectors"][0]),
        lambda whole: whole["vectors"][0]["meta"].update(more=1),
        lambda whole: whole["vectors"][0]["frames"].clear(),
        lambda whole: [e.update(twin=None) for e in whole["vectors"] if e["kind"] == "refuse"],
    ],
)
def test_a_manifest_that_breaks_a_rule_is_refused(
    suite: Path, how: Callable[[dict[str, Any]], object]
) -> None:
    load(suite)
    change(suite, how)
    with pytest.raises(SuiteError):
        load(suite)


def test_missing_changed_and_unlisted_files_are_found(suite: Path) -> None:
    path = suite.parent / "vectors" / "container" / "plain.dctz"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"\0")
    with pytest.raises(SuiteError, match="changed"):
        load(suite)
    path.unlink()
    with pytest.raises(SuiteError, match="missing"):
        load(suite)
    path.write_bytes(data)
    path.with_name("other.dctz").write_bytes(data)
    with pytest.raises(SuiteError, match="no entry names"):
        load(suite)


def test_the_command_tells_by_its_status(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "told.json"
    given = ["--manifest", str(suite), "--jobs", "2", "--json", str(told)]
    assert main(["run", "--decoder", "reference", *given]) == 0
    assert "4 run (4 passed" in capsys.readouterr().out
    assert len(json.loads(told.read_text("ascii"))["results"]) == 4
    assert main(["run", "--decoder", f"{sys.executable} -c 1", *given]) == 1
    for wrong in (["--filter", "no-such"], ["--clause", "no.such"], ["--claims", "all"]):
        assert main(["run", "--decoder", "reference", *given, *wrong]) == 2
    suite.write_text('{"format": "dctz 0.1", "vectors": []}', "ascii")
    assert main(["run", "--decoder", "reference", *given]) == 2
    assert main(["--manifest", str(suite), "verify"]) == 2


def test_a_decoder_that_is_not_there_is_an_error(suite: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_suite(["/no/such/decoder"], manifest=suite)


def test_equal_is_not_enough_for_metadata() -> None:
    entry = next(entry for entry in load() if entry["id"] == "container/plain")
    raw = bytes(entry["frames"][0]["bytes"])
    assert "wrong samples" in judge(entry, Outcome(0, raw, b"{}"))
    for meta in ({**entry["meta"], "loop": False}, {**entry["meta"], "more": 1}):
        answer = judge({**entry, "frames": []}, Outcome(0, b"", json.dumps(meta).encode()))
        assert answer.startswith("meta.json")


def test_what_entries_need_is_claimed_by_name() -> None:
    needed = set().union(*(needs(entry) for entry in load(MANIFEST)))
    assert needed == {"learned", "region", "scale", "tolerant"}


@pytest.mark.parametrize("script", ["reference/decode.py", "product_decoder.py"])
def test_an_exception_in_a_decoder_here_is_no_refusal(script: str, tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / script), "no-such-file", "out.raw", "meta.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 70
    assert "FileNotFoundError" in done.stderr


def test_what_a_decoder_may_do_is_exact_samples_or_a_limit_of_its_own() -> None:
    (entry,) = (e for e in load() if e["id"] == "container/metadata-5-mebibytes")
    meta = json.dumps(entry["meta"]).encode("ascii")
    raw = bytes(entry["frames"][0]["bytes"])
    assert judge(entry, Outcome(2)) == ""
    assert judge(entry, Outcome(2, raw)) == "samples of a refused file"
    assert judge(entry, Outcome(1)).startswith("exit status 1, not 0 or 2")
    assert judge(entry, Outcome(0, raw, meta)) == "wrong samples in frame 0"
    assert judge({**entry, "kind": "must"}, Outcome(2)).startswith("exit status 2, not 0")
