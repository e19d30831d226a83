"""The table reader: what it checks before anybody uses a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pil_dctz.errors import DctzError
from pil_dctz.tables import load
from training.checksums import rewrite

pytestmark = pytest.mark.small


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of tables in place of the installed one."""

    def open_here(name: str) -> object:
        return open(tmp_path / name, "rb")

    monkeypatch.setattr(load, "_open", open_here)
    for cached in (load.load_table, load.load_array, load._checksums):
        cached.cache_clear()
    yield tmp_path
    for cached in (load.load_table, load.load_array, load._checksums):
        cached.cache_clear()


def test_text_and_binary_give_the_same_array(folder: Path) -> None:
    (folder / "a.txt").write_text("# two rows\n-1 2,3\n 4 5 -32768\n")
    (folder / "a.bin").write_bytes(np.array([-1, 2, 3, 4, 5, -32768], "<i2").tobytes())
    rewrite(folder)
    expected = [[-1, 2, 3], [4, 5, -32768]]
    for name in ("a.txt", "a.bin"):
        array = load.load_array(name, "int16", (2, -1))
        assert array.tolist() == expected
        assert array.dtype == np.int16
        assert not array.flags.writeable and array.flags.c_contiguous


def test_an_edited_table_is_refused(folder: Path) -> None:
    (folder / "a.txt").write_text("1 2 3\n")
    rewrite(folder)
    (folder / "a.txt").write_text("1 2 4\n")
    with pytest.raises(DctzError, match=r"table a\.txt: SHA-256 .* CHECKSUMS says"):
        load.load_table("a.txt")


def test_an_unlisted_table_is_refused(folder: Path) -> None:
    rewrite(folder)
    (folder / "a.txt").write_text("1\n")
    with pytest.raises(DctzError, match="not listed"):
        load.load_table("a.txt")


@pytest.mark.parametrize(("dtype", "shape"), [("uint8", (3,)), ("int16", (2,))])
def test_values_that_do_not_fit_are_refused(
    folder: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    (folder / "a.txt").write_text("1 2 256\n")
    rewrite(folder)
    with pytest.raises(DctzError):
        load.load_array("a.txt", dtype, shape)
