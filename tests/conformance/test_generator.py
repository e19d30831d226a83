"""Drawn files: both decoders agree on them, a seed gives one file, and a difference is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import product_decoder
from conformance.generator import __main__ as command
from conformance.generator.choose import Chooser
from conformance.generator.files import drawn_file


def test_both_decoders_agree_on_drawn_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--seed", "1", "--count", "24", "--keep", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "0 differ" in told
    for part in ("lossy", "lzw", "prediction", "both", "compact", "alpha apart"):
        assert f"{part} " in told, part
    assert list(tmp_path.iterdir()) == []


def test_a_seed_gives_one_file_and_another_seed_another_one() -> None:
    assert drawn_file(3) == drawn_file(3)
    assert drawn_file(3).data != drawn_file(4).data


@pytest.mark.parametrize("what", ["sample", "metadata", "refused"])
def test_a_decoder_that_differs_is_told_and_its_file_kept(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = product_decoder.decode

    def wrong(*given: Any) -> tuple[bytes, dict[str, Any]]:
        raw, meta = right(*given)
        if what == "refused":
            raise ValueError("no")
        if what == "sample":
            return bytes([raw[0] ^ 1]) + raw[1:], meta
        return raw, meta | {"loop": 77}

    monkeypatch.setattr(product_decoder, "decode", wrong)
    assert command.main(["--seed", "2", "--count", "1", "--keep", str(tmp_path)]) == 1
    assert "1 differ" in capsys.readouterr().out
    assert (tmp_path / "2.dctz").read_bytes() == drawn_file(2).data


@pytest.mark.parametrize("symbols", [1, 2, 3, 40, 338])
def test_drawn_code_lengths_are_full(symbols: int) -> None:
    for seed in range(20):
        lengths = Chooser(seed).lengths(range(symbols), 400, 13)
        used = [length for length in lengths if length]
        assert len(used) == symbols
        assert sum(2.0**-length for length in used) == (0.5 if symbols == 1 else 1.0)
        assert max(used) <= 13
