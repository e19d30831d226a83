"""Programs that know Pillow alone read and write `.dctz` once `pil_dctz` is imported."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import pil_dctz  # noqa: F401
from tests.pillow.drawn import drawn, samples_of


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "a.dctz"
    drawn("RGB").save(found, lossless=True)
    return found


@pytest.mark.filterwarnings("default")
def test_scikit_image_reads(path):
    io = pytest.importorskip("skimage.io")
    assert np.array_equal(io.imread(path), samples_of(drawn("RGB")))


@pytest.mark.filterwarnings("default")
def test_matplotlib_reads_and_writes(path, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import image

    found = image.imread(path)
    assert np.array_equal(found, samples_of(drawn("RGB")))
    written = tmp_path / "b.dctz"
    image.imsave(written, found, pil_kwargs={"lossless": True})
    with Image.open(written) as im:
        assert (im.format, im.mode) == ("DCTZ", "RGBA")
        assert np.array_equal(samples_of(im)[..., :3], found)


PROGRAM = """
import multiprocessing, sys
import pil_dctz
from PIL import Image

def pixels(path):
    with Image.open(path) as im:
        return im.tobytes()

if __name__ == "__main__":
    here = pixels(sys.argv[1])
    for kind in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(kind).Pool(2) as pool:
            assert pool.map(pixels, sys.argv[1:] * 4) == [here] * 4, kind
    print("equal")
"""


def test_worker_processes_of_every_kind(path, tmp_path):
    """As data loaders start them, after this process has decoded with threads of its own."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "equal\n"


def test_a_loader_that_opens_the_file_itself(path):
    with open(path, "rb") as file:  # as torchvision does
        im = Image.open(file).convert("RGB")
    assert np.array_equal(samples_of(im), samples_of(drawn("RGB")))
