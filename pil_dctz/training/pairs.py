"""Originals and what our own encoder makes of them, plane by plane: what models are fitted on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pil_dctz.colour.encoder.colour import samples_to_xyb
from pil_dctz.learned.decoder.apply import SquareFacts
from pil_dctz.lossy.decoder.layer import square_facts
from pil_dctz.lossy.decoder.parse import SegmentLevels
from pil_dctz.lossy.decoder.reconstruct import reconstruct_planes
from pil_dctz.lossy.encoder.group import search_of_effort, xyb_tables
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import Search, quantize_segment
from pil_dctz.lossy.encoder.tokens import write_high, write_low
from pil_dctz.lossy.syntax import coding_grid

__all__ = ["EFFORT", "Pair", "encode_pair", "original_planes", "read_pictures"]

#: Of the encoder, unless a kind has reason for another.
EFFORT = 5
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".ppm")


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture as one segment at one base step.

    planes: int16 (3, rows, columns), decoded and deblocked, in whole squares of 8x8.
    original: the same of the original, 1/16 unit. facts: steps and borders of its blocks.
    size: bytes of both streams.
    """

    planes: NDArray[np.int16]
    original: NDArray[np.int16]
    facts: SquareFacts
    size: int


def read_pictures(folder: Path, most: int = 0) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(name, RGB samples) of the pictures of a folder by name; `most`: spread evenly, 0 for all.

    Raises ValueError for a folder without pictures.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise ValueError(f"no pictures in {folder}")
    if 0 < most < len(paths):
        paths = [paths[len(paths) * n // most] for n in range(most)]
    for path in paths:
        with Image.open(path) as picture:
            yield path.stem, np.ascontiguousarray(picture.convert("RGB"))


def original_planes(samples: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 (3, rows, columns) in units, in whole squares."""
    height, width, _ = samples.shape
    planes = np.empty((3, -(-height // 8) * 8, -(-width // 8) * 8), np.float32)
    samples_to_xyb(samples, planes)
    return planes


def encode_pair(
    samples: NDArray[np.uint8], quality: float, search: Search | None = None
) -> tuple[Pair, SegmentLevels]:
    """The picture coded at this quality as one segment, its levels beside it."""
    height, width, _ = samples.shape
    tables = xyb_tables(3, base_of_quality(quality))
    grid = coding_grid(width, height, tables.factors)
    levels = quantize_segment(samples, tables, grid, search or search_of_effort(EFFORT))
    size = len(write_low(levels, tables, grid)) + len(write_high(levels, tables, grid))
    original: Any = np.clip(np.rint(16 * original_planes(samples)), -32768, 32767)
    pair = Pair(
        planes=reconstruct_planes(levels, tables, grid, 1),
        original=original.astype(np.int16),
        facts=square_facts(levels, tables),
        size=size,
    )
    return pair, levels
