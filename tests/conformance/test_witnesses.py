"""Two witnesses: the reference decoder and the package's agree on what the encoder makes."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pil_dctz
from conformance.reference import conventions, lossless
from conformance.reference.decode import decode
from pil_dctz.lossless.encoder import group
from tests.pictures import draw_graphic, draw_photo

REFERENCE = Path(conventions.__file__).parent


def samples(data: bytes, **options: Any) -> NDArray[Any]:
    """The first frame by the reference, shaped as `pil_dctz.decode` gives it."""
    array = np.array(decode(data, **options).frames[0].samples)
    return array[..., 0] if array.shape[2] == 1 else array


def agree(data: bytes, *, region: tuple[int, int, int, int] | None = None, scale: int = 1) -> None:
    mine = pil_dctz.decode(data, region=region, scale=scale)
    theirs = samples(data, region=region, scale=scale)
    assert mine.shape == theirs.shape
    assert np.array_equal(mine, theirs)


def test_the_reference_imports_the_standard_library_alone() -> None:
    for path in REFERENCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                root = name.split(".")[0]
                known = root in sys.stdlib_module_names or name.startswith("conformance.reference")
                assert known, f"{path.name} imports {name}"


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize(
    ("width", "height", "channels", "quality"),
    [
        (40, 33, 3, 20),
        (33, 17, 1, 75),
        (7, 70, 3, 100),
        (1, 1, 3, 0),
        (17, 16, 4, 60),
        (9, 9, 2, 90),
        (136, 72, 1, 10),
    ],
)
def test_lossy(width: int, height: int, channels: int, quality: int, scale: int) -> None:
    picture = draw_photo(width, height, channels, seed=width)
    agree(pil_dctz.encode(picture, quality=quality), scale=scale)


@pytest.mark.parametrize("depth", [1, 2, 5, 8, 9, 12, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("draw", [draw_photo, draw_graphic])
def test_lossless(draw: Any, channels: int, depth: int) -> None:
    picture = draw(29 + channels, 20 + depth, channels, depth=depth, seed=depth)
    data = pil_dctz.encode(picture, lossless=True, depth=depth)
    assert np.array_equal(samples(data), picture)
    agree(data)
    agree(data, scale=4)


@pytest.mark.parametrize("segment_size", [64, 128])
def test_cells_of_both_methods(monkeypatch: pytest.MonkeyPatch, segment_size: int) -> None:
    """The encoder mixes only on larger pages; here it is told to."""
    cells = np.array([[0, 1, 0], [1, 0, 1]], np.uint8)
    monkeypatch.setattr(group, "choose_cells", lambda *bits: cells)
    monkeypatch.setattr(group, "_size", lambda coded: coded.tables[0] != 3)
    picture = draw_graphic(140, 80, 3, seed=8)
    picture[:, 64:] = draw_photo(76, 80, 3, seed=9)
    data = pil_dctz.encode(picture, lossless=True, segment_size=segment_size)
    seen: list[int] = []
    read_cells = lossless.read_cells

    def watch(*arguments: Any) -> list[list[int]]:
        found = read_cells(*arguments)
        seen.extend(cell for row in found for cell in row)
        return found

    monkeypatch.setattr(lossless, "read_cells", watch)
    assert np.array_equal(samples(data), picture)
    assert set(seen) == {0, 1}
    agree(data)


@pytest.mark.parametrize("exact", [False, True])
def test_regions(exact: bool) -> None:
    picture = draw_photo(110, 80, 3, seed=2)
    data = pil_dctz.encode(picture, lossless=exact, segment_size=64)
    for region in [(0, 0, 1, 1), (60, 60, 10, 9), (3, 70, 100, 10)]:
        agree(data, region=region)
        agree(data, region=region, scale=2)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("scale", [1, 4])
def test_tolerant_decoding_fills_alike(exact: bool, scale: int) -> None:
    picture = draw_photo(90, 70, 4, seed=3)
    data = bytearray(pil_dctz.encode(picture, lossless=exact, quality=50, segment_size=64))
    rng = np.random.default_rng(4)
    for place in rng.integers(len(data) // 2, len(data) - 20, 3):
        data[place] ^= 1 << int(rng.integers(8))
        mine = pil_dctz.decode(bytes(data), strict=False, scale=scale)
        theirs = samples(bytes(data), tolerant=True, scale=scale)
        assert np.array_equal(mine, theirs)
    for size in (len(data) // 3, len(data) // 2, len(data) - 1):
        mine = pil_dctz.decode(bytes(data[:size]), strict=False)
        assert np.array_equal(mine, samples(bytes(data[:size]), tolerant=True))


def test_animations() -> None:
    frames = [draw_graphic(24, 18, 4, seed=seed) for seed in range(4)]
    data = pil_dctz.encode_frames(frames, [40_000, 0, 1, 1_000_000], lossless=True, loop=3)
    theirs = decode(data)
    mine = list(pil_dctz.decode_frames(data))
    assert [shown.duration_us for shown in theirs.frames] == [duration for _, duration in mine]
    for shown, (array, _), frame in zip(theirs.frames, mine, frames, strict=True):
        assert np.array_equal(np.array(shown.samples), array)
        assert np.array_equal(array, frame)
