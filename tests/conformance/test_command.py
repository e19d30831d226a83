"""The command `dctz-conformance`: reports, known failures, `show`, `export`, the suite's wheel."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.command import main
from conformance.runner import CLAIMS, claims_of
from conformance.show import show
from conformance.suite import HERE, SuiteError, load
from tests.conformance.conftest import KEPT

ROOT = HERE.parent
REFERENCE = f"{sys.executable} {HERE / 'reference' / 'decode.py'}"
ALL_ZERO = f"{sys.executable} {HERE / 'zoo' / 'wrong.py'} all-zero"


def run(suite: Path, *arguments: str) -> int:
    return main(["--manifest", str(suite), "run", "--jobs", "2", *arguments])


def test_reports_say_the_same_in_three_languages(suite: Path, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"report.{name}" for name in ("json", "junit", "html")}
    options = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    assert run(suite, "--decoder", ALL_ZERO, "--claims", "region", *options) == 1
    told = json.loads(paths["json"].read_text("ascii"))
    results = {each["id"]: each["result"] for each in told["results"]}
    assert not told["ok"]
    assert set(results) == set(KEPT)
    assert results["container/plain"] == "failed"
    assert results["frame/views-scale-2"] == "not claimed"
    root = ElementTree.fromstring(paths["junit"].read_text("utf-8"))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    for name, result in results.items():
        assert (cases[name].find("failure") is not None) == (result == "failed")
        assert (cases[name].find("skipped") is not None) == (result == "not claimed")
    page = paths["html"].read_text("utf-8")
    assert all(name in page for name in KEPT)
    assert told["line"] in page


def test_a_listed_failure_is_none_and_one_that_passes_is(suite: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    known.write_text("# ours\ncontainer/plain  bug 7\nframe/views\n")
    given = ["--decoder", ALL_ZERO, "--claims", "", "--known", str(known)]
    assert run(suite, *given, "--filter", "plain", "--filter", "nothing") == 0
    given[1] = REFERENCE
    assert run(suite, *given) == 1
    known.write_text("container/no-such\n")
    assert run(suite, *given) == 2


def test_a_decoder_is_asked_what_it_can_do(suite: Path) -> None:
    for script in ("reference/decode.py", "product_decoder.py"):
        assert claims_of([sys.executable, str(HERE / script)]) == CLAIMS
    with pytest.raises(SuiteError):
        claims_of([sys.executable, "-c", "print(['all'])"])
    assert run(suite, "--decoder", REFERENCE, "--claims", "ask") == 0


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import time; time.sleep(60)", "did not end in 2 s"),
        ("print([['all']])", "not a JSON list"),
        ("print('[]'); raise SystemExit(1)", "exit status 1"),
    ],
)
def test_a_wrong_answer_to_that_is_told(code: str, why: str) -> None:
    with pytest.raises(SuiteError, match=why):
        claims_of([sys.executable, "-c", code], seconds=2)


@pytest.mark.parametrize(
    ("decoder", "why"),
    [
        ("./no-such --quiet", "there is no such program"),
        ("", "there is no such program"),
        ("'open", "No closing quotation"),
    ],
)
def test_a_decoder_that_cannot_be_called_ends_the_run(
    decoder: str, why: str, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for claims in ("ask", ""):
        assert run(suite, "--decoder", decoder, "--claims", claims) == 2
        assert why in capsys.readouterr().err


def test_paths_of_a_command_are_meant_from_here(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    assert run(suite, "--decoder", f"{sys.executable} reference/decode.py") == 0
    script = tmp_path / "decoder"
    script.write_text(f'#!/bin/sh\nexec {REFERENCE} "$@"\n')
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert run(suite, "--decoder", "./decoder") == 0


def test_files_that_cannot_be_read_or_written_are_named(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--known", "--json", "--junit", "--html"):
        missing = str(tmp_path / "nowhere" / "file")
        assert run(suite, "--decoder", REFERENCE, option, missing) == 2
        assert missing in capsys.readouterr().err


def test_filters_choose_by_kind_and_clause(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = ["--manifest", str(suite), "list"]
    (plain,) = (entry for entry in load(suite) if entry["id"] == "container/plain")
    assert main([*listed, "--kind", "must", "--clause", plain["clauses"][0]]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("of 4 vectors")
    assert any(line.startswith("container/plain ") for line in lines)
    assert not any(line.startswith("container/nothing ") for line in lines)
    assert main([*listed, "--json", "--filter", "views-scale"]) == 0
    assert [entry["id"] for entry in json.loads(capsys.readouterr().out)] == ["frame/views-scale-2"]


def test_show_names_the_fields_of_a_vector_and_how_it_ends() -> None:
    by_id = {entry["id"]: entry for entry in load()}
    lines = show(by_id["container/two-frames"], HERE)
    assert any("width = cursor.leb" in line and "= 5 " in line for line in lines)
    assert "container.order" in lines[-1]
    lines = show(by_id["lossless/code-two"], HERE, limit=10)
    assert any("lzw_tables.py" in line and "bits" in line for line in lines)
    assert any("only the first 10" in line for line in lines)
    lines = show(by_id["container/plain"], HERE)
    assert lines[-1].startswith("decoded: 1 of ")


def test_show_leaves_the_reference_as_it_was(suite: Path) -> None:
    from conformance.reference import conventions

    before = conventions.Cursor.take
    show(load(suite)[0], suite.parent)
    assert conventions.Cursor.take is before


def test_a_shell_runs_the_exported_suite(suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    assert main(["--manifest", str(suite), "export", str(folder)]) == 0
    assert main(["--manifest", str(suite), "export", str(folder)]) == 2  # not empty
    command = ["sh", str(folder / "run.sh")]
    done = subprocess.run([*command, REFERENCE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout == "4 passed + 0 failed + 0 not claimed + 0 left out = 4\n"
    done = subprocess.run([*command, ALL_ZERO, "plain"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "FAILED container/plain: wrong samples in frame 0" in done.stdout
    here = f"{sys.executable} reference/decode.py"
    done = subprocess.run([*command, here], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([*command, "./no-such"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "run.sh: no program ./no-such\n")


def test_the_suite_is_a_wheel_of_its_own(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps"]
    if importlib.util.find_spec("setuptools") and (
        # Without `wheel` only setuptools from 70.1 on makes wheels: else pip fetches one that does.
        importlib.util.find_spec("setuptools.command.bdist_wheel")
        or importlib.util.find_spec("wheel")
    ):
        build.append("--no-build-isolation")
    copy = tmp_path / "project"
    for folder in ("conformance", "spec/tables"):  # away from the checkout, which stays clean
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not {"build", "__pycache__"} & set(path.parts):
                target = copy / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    done = subprocess.run(
        [*build, "-w", str(tmp_path), str(copy / "conformance")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("dctz_conformance-*.whl")
    assert wheel.stat().st_size < 10 << 20
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    program = (
        f"import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p];"
        f"sys.path.insert(0, {str(site)!r}); from dctz_conformance.command import main;"
        "sys.exit(main(['run', '--decoder', 'reference', '--filter', 'container/plain',"
        " '--filter', 'lossy/passes']) or main(['verify']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed)" in done.stdout
