"""What the first lines of a program cost: no numba, few milliseconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pil_dctz


def fresh(code: str) -> str:
    """What `code` prints in a fresh process that finds this package."""
    path = os.pathsep.join([str(Path(pil_dctz.__path__[0]).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("start") / "a.dctz"
    path.write_bytes(pil_dctz.encode(np.arange(48, dtype=np.uint8).reshape(4, 4, 3), lossless=True))
    return path


def test_import_and_open_leave_numba_out(picture: Path) -> None:
    code = f"""
import sys
import pil_dctz
assert "numba" not in sys.modules, "import pil_dctz"
from PIL import Image
im = Image.open({str(picture)!r})
assert im.format == "DCTZ" and im.size == (4, 4), im
assert "numba" not in sys.modules, "Image.open"
print("kept out")
"""
    assert fresh(code) == "kept out"


def test_import_brings_neither_numpy_nor_an_encoder() -> None:
    code = """
import sys
import pil_dctz
print([name for name in sys.modules if name == "numpy" or ".encoder" in name])
"""
    assert fresh(code) == "[]"


def test_import_costs_less_than_30_ms_over_pillow() -> None:
    # Processor time, and the least of several: other work on the machine only ever adds.
    code = """
import time
import PIL.Image
begin = time.process_time()
import pil_dctz
print(time.process_time() - begin)
"""
    assert min(float(fresh(code)) for _ in range(5)) < 0.030
