"""A small suite of its own, to be spoiled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conformance.suite import HERE, load

KEPT = ("container/plain", "container/nothing", "frame/views", "frame/views-scale-2")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The manifest of a small suite in a folder of its own."""
    entries = [entry for entry in load() if entry["id"] in KEPT]
    assert len(entries) == len(KEPT)
    for entry in entries:
        (tmp_path / entry["file"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / entry["file"], tmp_path / entry["file"])
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"format": "dctz 0.1", "vectors": entries}), "ascii")
    return manifest
