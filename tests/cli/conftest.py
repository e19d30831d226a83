"""A few files for every command."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import pil_dctz


@pytest.fixture
def samples():
    """A small colour picture."""
    y, x = np.mgrid[0:90, 0:130]
    noise = np.random.default_rng(5).integers(0, 6, (90, 130, 3))
    return (np.stack((x, y * 2, x + y), axis=2) + noise).astype(np.uint8)


@pytest.fixture
def png(tmp_path, samples):
    path = tmp_path / "a.png"
    Image.fromarray(samples).save(path, dpi=(300, 300))
    return path


@pytest.fixture
def coded(tmp_path, samples):
    """The picture in segments of 64, exact."""
    path = tmp_path / "b.dctz"
    metadata = pil_dctz.Metadata(dpi=(72, 72), xmp=b"<x/>", text={"note": "text"})
    pil_dctz.write(path, samples, lossless=True, segment_size=64, metadata=metadata)
    return path


@pytest.fixture
def broken(coded, tmp_path):
    data = bytearray(coded.read_bytes())
    data[-24] ^= 1
    path = tmp_path / "broken.dctz"
    path.write_bytes(data)
    return path
