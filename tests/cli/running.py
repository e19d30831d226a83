"""Runs the commands in this process, and in one of their own for pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pil_dctz.cli import main

ROOT = Path(__file__).resolve().parents[2]


def dctz(*arguments: object) -> int:
    """The exit code; wrong arguments end argparse with 2."""
    try:
        return main([*map(str, arguments)])
    except SystemExit as stopped:
        return int(stopped.code or 0)


def piped(data: bytes, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """`python -m pil_dctz` with `data` on its standard input."""
    command = [sys.executable, "-m", "pil_dctz", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, input=data, capture_output=True, check=False, env=environment)
