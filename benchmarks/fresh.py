"""Measurements that need a fresh process each: cold starts, `Image.open`, peak memory."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.codecs import LOSSLESS, LOSSY
from benchmarks.pictures import Picture, read_set
from benchmarks.store import Record

Modes = Sequence[str]

#: mode, codec, setting (lossy: about SSIMULACRA2 70), file name ending
_CODECS = (
    ("lossy", "dctz", 70.0, "dctz"),
    ("lossless", "dctz", 5.0, "dctz"),
    ("lossy", "jpeg", 68.0, "jpg"),
    ("lossless", "png", 6.0, "png"),
    ("lossy", "webp", 75.0, "webp"),
    ("lossy", "avif", 60.0, "avif"),
    ("lossy", "jxl", 2.4, "jxl"),
)
_MODES = ("lossy", "lossless")
_ROOT = Path(__file__).resolve().parents[1]


def child(*arguments: str) -> Record:
    """Run `benchmarks.child` and take its answer. CalledProcessError if it fails."""
    command = [sys.executable, "-m", "benchmarks.child", *arguments]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    answer: Record = json.loads(done.stdout)
    return answer


def cold(
    set_name: str, *, only: list[str] | None = None, repeats: int = 7, modes: Modes = _MODES
) -> Iterator[Record]:
    """Records of bench "cold": imports, first picture opened, decoded, encoded; medians of repeats.

    modes, here and below: "lossy", "lossless" or both.
    """
    answers = [child("imports") for _ in range(repeats)]
    yield {"bench": "cold", "what": "import pil_dctz after PIL.Image", **_medians(answers)}
    picture = next(read_set(set_name, only=only))
    head = {"bench": "cold", "picture": picture.name, "pixels": picture.pixels}
    with tempfile.TemporaryDirectory() as folder:
        samples = _store_samples(picture.samples, folder)
        for mode, name, setting, path in _encoded(picture, folder, modes):
            label = (LOSSY if mode == "lossy" else LOSSLESS)[name].label
            for what, arguments in (
                ("first Image.open", ("first_open", path)),
                ("first decode", ("first_decode", path)),
                ("first encode", ("first_encode", f"{mode}:{name}", str(setting), samples)),
            ):
                if what == "first Image.open" and name == "jxl":
                    continue  # not through Pillow
                answers = [child(*arguments) for _ in range(repeats)]
                entry = {"what": what, "mode": mode, "codec": name, "label": label}
                yield {**head, **entry, **_medians(answers)}


def opening(set_name: str, *, megapixels: float = 20.0, modes: Modes = _MODES) -> Iterator[Record]:
    """Records of bench "open": `Image.open` of a large file made by tiling one picture."""
    picture = tiled(next(read_set(set_name)), megapixels)
    with tempfile.TemporaryDirectory() as folder:
        for mode, name, _, path in _encoded(picture, folder, modes):
            if name == "jxl":
                continue  # not through Pillow
            entry = {"mode": mode, "codec": name, "file_bytes": Path(path).stat().st_size}
            yield {"bench": "open", **entry, **child("opening", path)}


def memory(set_name: str, *, megapixels: float = 20.0, modes: Modes = _MODES) -> Iterator[Record]:
    """Records of bench "memory": what encoding and decoding add to the peak, over raw bytes."""
    picture = tiled(next(read_set(set_name)), megapixels)
    raw = picture.samples.nbytes
    with tempfile.TemporaryDirectory() as folder:
        samples = _store_samples(picture.samples, folder)
        for mode, name, setting, path in _encoded(picture, folder, modes):
            label = (LOSSY if mode == "lossy" else LOSSLESS)[name].label
            for what, arguments in (
                ("decode", ("memory_decode", f"{mode}:{name}", str(setting), path)),
                ("encode", ("memory_encode", f"{mode}:{name}", str(setting), samples)),
            ):
                added = child(*arguments)["added_bytes"]
                head = {"bench": "memory", "what": what, "mode": mode, "codec": name}
                size = {"pixels": picture.pixels, "added_bytes": added}
                yield {**head, "label": label, **size, "over_raw": round(added / raw, 3)}


def tiled(picture: Picture, megapixels: float) -> Picture:
    """The picture repeated in both directions, cut after the row that completes `megapixels`."""
    height, width = picture.samples.shape[:2]
    times = 1
    while times * times * height * width < megapixels * 1e6:
        times += 1
    repeats = (times, times) + (1,) * (picture.samples.ndim - 2)
    rows = math.ceil(megapixels * 1e6 / (times * width))
    samples = np.ascontiguousarray(np.tile(picture.samples, repeats)[:rows])
    return Picture(f"{picture.name}-tiled", picture.path, b"", samples)


def _store_samples(samples: np.ndarray[Any, Any], folder: str) -> str:
    path = str(Path(folder) / "samples.npy")
    np.save(path, samples)
    return path


def _encoded(picture: Picture, folder: str, modes: Modes) -> Iterator[tuple[str, str, float, str]]:
    for mode, name, setting, ending in _CODECS:
        if mode not in modes:
            continue
        codec = (LOSSY if mode == "lossy" else LOSSLESS)[name]
        path = Path(folder) / f"{mode}.{ending}"
        path.write_bytes(codec.encode(picture.samples, setting))
        yield mode, name, setting, str(path)


def _medians(answers: list[Record]) -> Record:
    middle: Record = {}
    for key in answers[0]:
        values = [answer[key] for answer in answers]
        number = not isinstance(values[0], bool)
        middle[key] = round(statistics.median(values), 6) if number else any(values)
    return middle
