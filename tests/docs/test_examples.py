"""The Python examples of the README and the quick start run as they stand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

import pil_dctz


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[0:300, 0:800]
    array = np.stack((x, y, x + y), axis=2).astype(np.uint8)
    Image.fromarray(array).save("photo.jpg")
    Image.fromarray(array[:64, :64]).save("screen.png")
    small = array[:20, :30]
    data = pil_dctz.encode_frames([small, small[::-1]], [40_000, 40_000], lossless=True)
    (tmp_path / "animation.dctz").write_bytes(data)
    return array


@pytest.mark.parametrize("name", ["README.md", "docs/quick-start.md"])
def test_examples_run(name, folder, root):
    scope = {"array": folder}
    found = blocks((root / name).read_text("utf-8"))
    assert found
    for block in found:
        exec(compile(block, name, "exec"), scope)


@pytest.mark.parametrize("name", ["README.md", "docs/quick-start.md", "docs/recipes.md"])
def test_links_lead_to_files(name, root):
    text = (root / name).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in link:
            assert ((root / name).parent / link).exists(), link
