"""Pictures as arrays for the commands: `.dctz`, `.npy`, 16-bit colour PNG, and all Pillow opens.

Pillow reads 16-bit colour with 8 bits, without a word; such PNG files are read and written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

import pil_dctz
from pil_dctz.cli import png16
from pil_dctz.cli.files import Input
from pil_dctz.pillow.modes import mode_of, picture_of, raw_of, with_channels

__all__ = ["Loaded", "alike", "load", "save_samples"]

_LAYOUTS = ("gray", "gray+alpha", "rgb", "rgba")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Samples (height, width[, channels]), their depth, the file's size in bytes."""

    samples: NDArray[Any]
    depth: int
    size_bytes: int

    @property
    def raw_bytes(self) -> int:
        """What the samples take with whole bytes a sample."""
        return self.samples.size * (1 if self.depth <= 8 else 2)

    @property
    def pixels(self) -> int:
        height, width = self.samples.shape[:2]
        return int(height * width)


def load(source: Input) -> Loaded:
    """The samples of a picture file. Raises OSError that names what is wrong."""
    with source.open() as file:
        samples, depth = _load(file)
    return Loaded(samples, depth, source.size_bytes())


def _load(file: IO[bytes]) -> tuple[NDArray[Any], int]:
    first = file.read(32)
    file.seek(0)
    if first.startswith(b"\x93NUMPY"):
        return load_npy(file)
    if png16.is_deep_colour(first):
        return png16.read(file), 16
    try:
        im = Image.open(file)
    except UnidentifiedImageError as error:
        raise OSError(f"no picture that Pillow knows: {error}") from None
    with im:
        if im.format == "DCTZ":
            depth = pil_dctz.read_header(file).depth
            return pil_dctz.decode(file), depth
        im.load()
        return picture_of(im if im.mode != "CMYK" else im.convert("RGB"))


def load_npy(file: IO[bytes]) -> tuple[NDArray[Any], int]:
    """An array that NumPy has saved, and the depth of its dtype. Raises OSError."""
    try:
        array = np.load(file, allow_pickle=False)
    except ValueError as error:
        raise OSError(f"no array that NumPy can read: {error}") from None
    if array.dtype not in (np.bool_, np.uint8, np.uint16):
        raise OSError(f"an array of {array.dtype}; bool, uint8 and uint16 are pictures")
    return array, {np.dtype(np.bool_): 1, np.dtype(np.uint8): 8}.get(array.dtype, 16)


def save_samples(
    file: IO[bytes], extension: str, samples: NDArray[Any], depth: int, info: dict[str, Any]
) -> None:
    """Write samples as `.npy`, or in the format that Pillow has for the extension.

    info: options of Pillow's writer (metadata). 16-bit colour goes to `.npy` and `.png` alone.
    Raises OSError that names what can be written.
    """
    if extension == ".npy":
        np.save(file, samples, allow_pickle=False)
        return
    layout = _LAYOUTS[(1 if samples.ndim == 2 else samples.shape[2]) - 1]
    if depth > 8 and layout != "gray":
        if extension != ".png":
            raise OSError(f"{depth}-bit {layout} goes to .png or .npy, not {extension}")
        png16.write(file, samples, depth)
        return
    mode = mode_of(layout, depth)
    rows, raw_mode = raw_of(samples, mode, depth)
    size = (samples.shape[1], samples.shape[0])
    im = Image.frombytes(mode, size, rows.tobytes(), "raw", raw_mode)
    im.save(file, format_of(extension), **info)


def format_of(extension: str) -> str:
    """Pillow's name of the format. Raises OSError for an extension that it cannot write."""
    extensions = Image.registered_extensions()
    name = extensions.get(extension.lower())
    if name is None or name not in Image.SAVE:
        raise OSError(f"no writer for {extension!r} files; try .png")
    return name


def alike(a: Loaded, b: Loaded) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Two pictures in the one depth and layout that holds both, and the value of white.

    Gray is repeated for colour, an absent alpha is opaque, v of M becomes v * P // M. Raises
    ValueError for two sizes.
    """
    if a.samples.shape[:2] != b.samples.shape[:2]:
        (ah, aw), (bh, bw) = a.samples.shape[:2], b.samples.shape[:2]
        raise ValueError(f"the pictures have {aw} x {ah} and {bw} x {bh} pixels")
    depth = max(a.depth, b.depth, 8)
    peak = (1 << depth) - 1
    planes = [_rescaled(one.samples, one.depth, depth) for one in (a, b)]
    colour = any(one.shape[2] > 2 for one in planes)
    alpha = any(one.shape[2] in (2, 4) for one in planes)
    first, second = (
        np.ascontiguousarray(with_channels(one, colour=colour, alpha=alpha, peak=peak))
        for one in planes
    )
    return first, second, peak


def _rescaled(samples: NDArray[Any], own: int, depth: int) -> NDArray[Any]:
    planes = samples[:, :, None] if samples.ndim == 2 else samples
    dtype = np.uint8 if depth <= 8 else np.uint16
    if own == depth:
        return planes.astype(dtype, copy=False)
    wide = planes.astype(np.uint32) * ((1 << depth) - 1)
    return (wide // ((1 << own) - 1)).astype(dtype)


def extension_of(name: str, fallback: str) -> str:
    """The extension of an output's name, lower case; `fallback` for pipes and bare names."""
    return Path(name).suffix.lower() or fallback
