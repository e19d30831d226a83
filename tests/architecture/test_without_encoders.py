"""Deleting every encoder file leaves a working decoder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pil_dctz

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "conformance" / "vectors"

DECODE = """
import hashlib, sys
from pathlib import Path
import pil_dctz
print(pil_dctz.__path__[0])
for path in sorted(Path(sys.argv[1]).rglob("*.dctz")):
    try:
        array = pil_dctz.decode(path.read_bytes())
        answer = f"{array.shape} {array.dtype} {hashlib.sha256(array.tobytes()).hexdigest()}"
    except pil_dctz.DctzError as error:
        answer = f"{type(error).__name__}: {error}"
    print(path.relative_to(sys.argv[1]), answer)
"""


def decode_all(package_parent: Path) -> list[str]:
    """Where the package was found, then a line for each vector."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(package_parent), *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", DECODE, str(VECTORS)],
        cwd=package_parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_copy_without_encoders_decodes_every_vector(tmp_path: Path) -> None:
    assert list(VECTORS.rglob("*.dctz")), "conformance/vectors has no vectors"
    package = Path(pil_dctz.__path__[0])
    no_encoders = shutil.ignore_patterns("encoder", "__pycache__")
    shutil.copytree(package, tmp_path / "pil_dctz", ignore=no_encoders)
    shutil.copytree(ROOT / "spec" / "tables", tmp_path / "spec" / "tables")
    assert not list((tmp_path / "pil_dctz").rglob("encoder"))
    place, *answers = decode_all(tmp_path)
    assert place == str(tmp_path / "pil_dctz")
    assert answers == decode_all(package.parent)[1:]
    assert any("(" in answer and "Error" not in answer for answer in answers)
