"""Finds and writes palettes. Clause `lzw.palette`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.kernels.load import load
from pil_dctz.lossless.syntax import CHANNEL_ORDER, packed_pixels

__all__ = ["find_palette", "pack_indices", "write_palette"]


def find_palette(
    samples: npt.NDArray[Any], most: int = 256
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]] | None:
    """Palette and indices of a picture with at most `most` (..256) distinct pixels, else None.

    samples: (h, w, 1..4), uint8 or uint16. Returns uint16 (count, channels), sorted by A, G, R, B,
    and uint8 (h, w).
    """
    order = [index for index in CHANNEL_ORDER[samples.shape[2]] if index is not None]
    kernels = load("pil_dctz.lossless.encoder.palette_kernels")
    colours = np.zeros(256, np.uint64)
    found = np.empty(samples.shape[:2], np.uint8)
    number = kernels.number_colours_8 if samples.dtype == np.uint8 else kernels.number_colours_16
    count = number(
        np.ascontiguousarray(samples),
        np.array(order, np.int64),
        most,
        np.zeros(1024, np.uint64),
        np.full(1024, -1, np.int64),
        colours,
        found,
    )
    if count < 0:
        return None
    left, place = np.unique(colours[:count], return_inverse=True)
    palette = np.zeros((count, samples.shape[2]), np.uint16)
    for index in reversed(order):
        palette[:, index] = left & np.uint64(0xFFFF)
        left = left >> np.uint64(16)
    return palette, place.astype(np.uint8)[found]


def pack_indices(indices: npt.NDArray[np.uint8], entries: int) -> npt.NDArray[np.uint8]:
    """Numbers (h, ceil(w / n)) of n = packed_pixels(entries) indices each. Clause `lzw.packed`."""
    pixels = packed_pixels(entries)
    height, width = indices.shape
    full = np.zeros((height, -(-width // pixels) * pixels), np.int64)
    full[:, :width] = indices
    numbers = full.reshape(height, -1, pixels) @ entries ** np.arange(pixels)
    return numbers.astype(np.uint8)


def write_palette(writer: BitWriter, palette: npt.NDArray[np.uint16], shape: GroupShape) -> None:
    """`palette` (count, channels), sorted or not."""
    channels, depth = shape.channels, shape.depth
    high = (1 << depth) - 1
    writer.write(palette.shape[0] - 1, 8)
    opaque = channels in (2, 4) and bool((palette[:, -1] == high).all())
    if channels in (2, 4):
        writer.write(int(opaque), 1)
    gray = channels >= 3 and bool((palette[:, :3] == palette[:, 1:2]).all())
    if channels >= 3:
        writer.write(int(gray), 1)
    sent = [
        index
        for k, index in enumerate(CHANNEL_ORDER[channels])
        if index is not None and not (k == 0 and opaque) and not (k >= 2 and gray)
    ]
    for index in sent:
        writer.write(int(palette[0, index]), depth)
    if palette.shape[0] > 1:
        for place, index in enumerate(sent):
            _write_steps(writer, _steps(palette[:, index], depth, place > 0), depth)


def _steps(values: npt.NDArray[np.uint16], depth: int, signed: bool) -> list[int]:
    wide = values.astype(np.int64)
    steps = (wide[1:] - wide[:-1]) & ((1 << depth) - 1)
    if not signed:
        return [int(step) for step in steps]
    steps = np.where(steps >= 1 << (depth - 1), steps - (1 << depth), steps)
    return [int(step) for step in np.where(steps > 0, 2 * steps - 1, -2 * steps)]


def _write_steps(writer: BitWriter, steps: list[int], depth: int) -> None:
    def bits(k: int) -> int:
        return sum((s >> k) + 1 + k if s >> k <= 15 else 17 + depth for s in steps)

    k = min(range(16), key=bits)
    writer.write(k, 4)
    for step in steps:
        if step >> k <= 15:
            writer.unary(step >> k)
            writer.write(step & ((1 << k) - 1), k)
        else:
            writer.write(0xFFFF, 16)
            writer.write(step, depth + 1)
