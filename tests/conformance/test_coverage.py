"""The gates of coverage: the clauses are covered; each gate notices what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import coverage
from conformance.branches import Measured
from conformance.coverage import Found, branch_gaps, clause_gaps, tell, twin_gaps
from conformance.suite import Entry, load

SPEC = """# 1
clause: `tiny.size`
A size of 0 is *damaged*.
# 2
clause: `tiny.order`
Rows from the top.
# 3
clause: `tiny.end`
Nothing behind it.
# 4
clause: `tiny.hint`

Informative. Rows from the top must not surprise.
# 5
clause: `conformance.tiny`
A decoder must be named.
"""
MODULE = '''
def require(holds, what):
    if not holds:
        raise ValueError(what)


def total(values, most):
    require(len(values) <= most, "tiny.end")
    out = 0
    for v in values:
        if v < 0:
            break
        out += v if v != 3 else 4
    try:
        return out // most
    except ZeroDivisionError:
        return -1


def unused():
    """Nobody calls it."""
'''


def entry(name: str, kind: str, clause: str, twin: str | None = None) -> Entry:
    return {"id": name, "kind": kind, "clauses": [clause], "twin": twin}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "1.md").write_text(SPEC)
    (tmp_path / "tiny.py").write_text(MODULE)
    return tmp_path


@pytest.fixture
def tiny(tmp_path: Path) -> Measured:
    (tmp_path / "tiny.py").write_text(MODULE)
    return Measured(tmp_path, "conformance_tiny")


def taken(measured: Measured) -> Found:
    return hex(sum(1 << i for i, hit in enumerate(measured.hits) if hit)), None, "", {}


def test_each_clause_has_a_vector_and_each_rule_a_refusal_or_a_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert coverage.main(["--clauses"]) == 0, capsys.readouterr().out
    assert ", 0 without one" in capsys.readouterr().out


def test_a_clause_without_a_vector_or_a_refusal_is_a_gap(spec: Path) -> None:
    whole = [
        entry("a", "must", "tiny.size"),
        entry("b", "must", "tiny.order"),
        entry("c", "refuse", "tiny.size", "a"),
        entry("d", "unsupported", "tiny.end", "a"),
    ]
    gaps, lines = clause_gaps(whole, spec, spec)
    assert gaps == []
    assert lines == [
        "3 clauses, 3 with a vector (100.0 %); 2 can be broken, 2 with a refusal (100.0 %)"
    ]
    assert clause_gaps(whole[::2], spec, spec)[0] == [
        "clause tiny.order: no vector",
        "clause tiny.end: no vector",
        "clause tiny.end: no refusal",  # its text has no rule, but the code refuses by its name
    ]
    assert clause_gaps([*whole[:2], whole[3]], spec, spec)[0] == ["clause tiny.size: no refusal"]
    unknown = [*whole, entry("e", "must", "tiny.other")]
    assert clause_gaps(unknown, spec, spec)[0] == ["clause tiny.other: not in the specification"]


def test_each_way_that_is_not_taken_is_a_gap(tiny: Measured) -> None:
    module: Any = tiny.modules["tiny"]
    assert module.total([1, 2], 2) == 1
    found = [taken(tiny)]
    assert branch_gaps(tiny.spots, found)[0] == [
        "tiny.require: holds never false",
        "tiny.total: len(values) <= most never false",
        "tiny.total: v < 0 never true",
        "tiny.total: v != 3 never false",
        "tiny.total: except ZeroDivisionError never reached",
        "tiny.unused: never called",
    ]
    tiny.begin()
    assert module.total([], 0) == -1
    found.append(taken(tiny))
    tiny.begin()
    assert module.total([3, -1, 9], 4) == 1
    found.append(taken(tiny))
    with pytest.raises(ValueError, match=r"tiny\.end"):
        module.total([1], 0)
    found.append(taken(tiny))
    gaps, lines = branch_gaps(tiny.spots, found)
    assert gaps == ["tiny.unused: never called"]
    assert lines[-1] == f"{len(tiny.spots)} branches, {len(tiny.spots) - 1} taken (92.9 %)"
    assert branch_gaps(tiny.spots, found[2:3])[0][:2] == [  # one vector does not count for another
        "tiny.require: holds never false",
        "tiny.total: len(values) <= most never false",
    ]


def test_a_twin_that_stays_away_from_the_refusing_function_is_a_gap(tiny: Measured) -> None:
    module: Any = tiny.modules["tiny"]
    entries = [entry("a", "must", "tiny.size"), entry("b", "refuse", "tiny.end", "a")]
    tiny.begin()
    away = taken(tiny)
    module.total([1], 1)
    near = taken(tiny)
    tiny.begin()
    with pytest.raises(ValueError, match=r"tiny\.end") as caught:
        module.total([1], 0)
    block = tiny.block_of(caught.tb, "")
    refused = (taken(tiny)[0], block, "", {})
    assert block is not None
    assert twin_gaps(entries, {"a": near, "b": refused}, tiny.spots)[0] == []
    gaps, _ = twin_gaps(entries, {"a": away, "b": refused}, tiny.spots)
    assert gaps == ["twin of b: tiny.require: never called"]


def test_a_gap_needs_a_reason_and_a_reason_a_gap(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(["x"], {}, whole=True) == 1
    assert "x => NO REASON" in capsys.readouterr().out
    assert tell(["x"], {"x": "so it is"}, whole=True) == 0
    assert "1 gaps, 1 for a reason, 0 without one" in capsys.readouterr().out
    assert tell([], {"x": "so it is"}, whole=True) == 1
    assert "listed, but covered: x" in capsys.readouterr().out
    assert tell([], {"x": "so it is"}, whole=False) == 0


def test_the_measured_copy_decodes_in_parts_and_a_wrong_answer_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [each for each in load() if each["id"].startswith("container/")][:12]
    assert len(entries) == 12
    monkeypatch.setattr(coverage, "load", lambda: entries)
    monkeypatch.setattr(coverage, "clause_gaps", lambda _: ([], []))
    monkeypatch.setattr(coverage, "read_reasons", lambda _: {})
    state = tmp_path / "state.jsonl"
    given = ["--jobs", "1", "--state", str(state)]
    part = entries[0]["id"]
    assert coverage.main([*given, "--filter", part]) == 0
    out = capsys.readouterr().out
    assert "of 12 vectors are known: branches are not judged" in out
    assert coverage.main(given) == 1  # twelve vectors do not take all branches
    assert "learned.parse_layer: never called => NO REASON" in capsys.readouterr().out
    lines = [json.loads(line) for line in state.read_text().splitlines()]
    assert len(lines) == 12
    assert all(value[2] == "" for _, value in lines)
    spoiled = {**entries[0], "kind": "refuse"}
    assert coverage.run(spoiled)[2].startswith("exit status 0, not 1")
