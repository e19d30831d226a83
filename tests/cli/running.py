"""Runs the commands in this process, and in one of their own for pipes."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from pil_dctz.cli import main


def dctz(*arguments: object) -> int:
    """The exit code; wrong arguments end argparse with 2."""
    try:
        return main([*map(str, arguments)])
    except SystemExit as stopped:
        return int(stopped.code or 0)


def piped(data: bytes, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """`python -m pil_dctz` with `data` on its standard input, away from the checkout."""
    command = [sys.executable, "-m", "pil_dctz", *map(str, arguments)]
    away = tempfile.gettempdir()
    return subprocess.run(command, input=data, capture_output=True, check=False, cwd=away)
