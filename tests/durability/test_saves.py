"""A save leaves the old file or the new one, whenever its process ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pil_dctz


def test_a_killed_save_leaves_the_old_file_or_the_new_one(root: Path) -> None:
    # Of its own: a process with threads, as this one may be, is not to be forked.
    command = [sys.executable, "-m", "tests.durability.kill_saves", "--kills", "40"]
    package = Path(pil_dctz.__path__[0]).parent  # the installed one, where there is one
    paths = os.pathsep.join([str(package), str(root), *sys.path])
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.match(r"40 kills, (\d+) of them during a save, 0 files", done.stdout)
    assert found, done.stdout
    assert int(found[1]) >= 4, "hardly a kill met a save"


def test_a_save_that_cannot_end_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dctz"
    pil_dctz.write(path, np.zeros((4, 5), np.uint8))
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pil_dctz.write(path, np.ones((6, 7), np.uint8))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
