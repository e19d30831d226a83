"""Files that once broke something: they give samples or one of our errors, and for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.many import FINDINGS, batches, run_batch, violation


@pytest.mark.checked
def test_findings_stay_mended(tmp_path: Path) -> None:
    found = sorted(FINDINGS.glob("*.dctz"))
    assert found
    for path in found:
        violation(path.read_bytes(), traced=False)  # compiles what it needs
        assert violation(path.read_bytes(), traced=True, beside=tmp_path)[1] == "", path.name


def test_the_command_for_many_mutants_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    task = next(iter(batches(40, 3)))
    answers, found, _ = run_batch(task)
    assert sum(answers.values()) == 40
    assert not found

    def broken(data: bytes) -> str:
        raise KeyError("not ours")

    monkeypatch.setattr("tests.hostile.many.decode", broken)
    with pytest.raises(KeyError):
        run_batch(task)  # the vector itself
    assert violation(b"", traced=True) == ("exception", "KeyError: 'not ours'")
