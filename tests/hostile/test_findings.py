"""Files that once broke something: they give samples or one of our errors, and for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.hostile.many import FINDINGS, LIMITS, batches, run_batch, seconds, violation


@pytest.mark.checked
def test_findings_stay_mended(tmp_path: Path) -> None:
    found = sorted(FINDINGS.glob("*.dctz"))
    assert found
    for path in found:
        violation(path.read_bytes(), traced=False)  # compiles what it needs
        assert violation(path.read_bytes(), traced=True, beside=tmp_path)[1] == "", path.name


def test_numbers_of_no_bits_take_no_time() -> None:
    """16,394 of them in 65 bytes took 3.6 ms; an honest file of five pixels takes 1.2."""
    data = (FINDINGS / "slow-numbers-all-ones.dctz").read_bytes()
    assert seconds(data, 9) < 2e-3


def test_the_command_for_many_mutants_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(size for _, _, size in batches(1000, 3)) == 1000
    task = (0, 3, 40)
    answers, found, _ = run_batch(task)
    assert sum(answers.values()) == 40
    assert not found

    def broken(data: bytes) -> str:
        raise KeyError("not ours")

    with monkeypatch.context() as patch:
        patch.setattr("tests.hostile.many.allowed", lambda data: 1e-9)
        patch.setattr("tests.hostile.many.seconds", lambda data, least_of=1: 1e-9 * least_of)
        slow = run_batch(task)[1]
    assert slow
    assert all(wrong.endswith(" of the time allowed") for wrong, _ in slow)

    monkeypatch.setattr("tests.hostile.many.decode", broken)
    with pytest.raises(KeyError):
        run_batch(task)  # the vector itself
    assert violation(b"", traced=True) == ("exception", "KeyError: 'not ours'")


def test_a_byte_beside_an_array_and_too_much_memory_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def writes(data: bytes) -> str:
        np.lib.stride_tricks.as_strided(np.zeros(5, np.uint8), (6,), (1,))[5] = 0
        return "samples"

    monkeypatch.setattr("tests.hostile.many.decode", writes)
    answer, wrong = violation(b"", traced=False)
    assert answer == "exception"
    assert "beside an array of 5 bytes" in wrong

    size = LIMITS.max_memory // 2
    monkeypatch.setattr("tests.hostile.many.decode", lambda data: "held" * np.zeros(size)[:1].size)
    assert violation(b"", traced=False)[1].endswith(" bytes of memory")
