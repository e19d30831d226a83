"""The pictures measured: PNG files of a set, read to exact samples."""

from __future__ import annotations

import csv
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

SETS = ("kodak", "photos-small", "photos-large", "screen", "deep", "pngsuite", "train")


@dataclass(frozen=True)
class Picture:
    """A PNG file. `samples` is (height, width[, 2..4]) uint8, or uint16 for 16-bit files."""

    name: str
    path: Path
    data: bytes
    samples: npt.NDArray[Any]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def pixels(self) -> int:
        return int(self.samples.shape[0] * self.samples.shape[1])


def folder_of(name: str) -> Path:
    """A set's folder: `name` itself if it is a folder, else below DCTZ_DATA or ../shared/data."""
    if Path(name).is_dir():
        return Path(name)
    given = os.environ.get("DCTZ_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (root / name).is_dir():
        raise FileNotFoundError(f"no picture set {name} at {root}; set DCTZ_DATA")
    return root / name


def files_of(name: str, only: list[str] | None = None, rows: str = "all") -> list[Path]:
    """The PNG files of a set, by name, or in the order of its MANIFEST for `rows`.

    only: parts of file names to keep. rows: "all", "odd" (the rows that may be fitted on) or
    "even" (those to measure on) of MANIFEST.tsv.
    """
    folder = folder_of(name)
    files = sorted(folder.glob("*.png"))
    if rows != "all":
        with open(folder / "MANIFEST.tsv", newline="") as manifest:
            listed = [row["file"] for row in csv.DictReader(manifest, delimiter="\t")]
        files = [folder / file for file in listed[(0 if rows == "odd" else 1) :: 2]]
    if only:
        files = [file for file in files if any(part in file.stem for part in only)]
    return files


def read(path: Path) -> Picture:
    """Read one file. Palettes become RGB or RGBA, bilevel and 2- and 4-bit gray become 8-bit."""
    data = path.read_bytes()
    return Picture(path.stem, path, data, samples_of(data))


def read_set(
    name: str, *, only: list[str] | None = None, limit: int | None = None, rows: str = "all"
) -> Iterator[Picture]:
    """The pictures of a set, one at a time."""
    for path in files_of(name, only, rows)[:limit]:
        yield read(path)


def samples_of(data: bytes) -> npt.NDArray[Any]:
    """Exact samples of a PNG file. 16-bit files go through imagecodecs: Pillow cuts them to 8."""
    if struct.unpack_from(">B", data, 24)[0] == 16:
        import imagecodecs

        return np.ascontiguousarray(imagecodecs.png_decode(data))
    from io import BytesIO

    with Image.open(BytesIO(data)) as picture:
        transparent = "transparency" in picture.info
        plain = {"1": "L", "P": "RGBA" if transparent else "RGB"}.get(picture.mode, picture.mode)
        if transparent and plain in ("L", "RGB"):
            plain += "A"
        return np.array(picture if plain == picture.mode else picture.convert(plain))
