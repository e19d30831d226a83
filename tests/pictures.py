"""Pictures for tests: where the shared data sets are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(*parts: str) -> Path:
    """The folder of picture sets, or `parts` below it; the test is skipped, named, without it.

    The environment variable DCTZ_DATA names the folder; else `shared/data` beside the project.
    """
    given = os.environ.get("DCTZ_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"picture set {'/'.join(parts) or 'root'} is not at {root}")
    return path
