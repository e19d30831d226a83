"""Small pictures for the tests of the plugins, one of every mode that can be written."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

SIZE = (37, 29)

#: Mode written, mode opened.
MODES = {
    "1": "1",
    "L": "L",
    "LA": "LA",
    "P": "RGB",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "RGBX": "RGB",
    "I;16": "I;16",
    "I;16B": "I;16",
}


def drawn(mode: str, size: tuple[int, int] = SIZE, seed: int = 1) -> Image.Image:
    """A smooth ramp with noise, in this mode."""
    width, height = size
    noise = np.random.default_rng(seed).integers(0, 12, (height, width, 4))
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack((x * 5, y * 7, x + y, 255 - x * 3), axis=2)
    samples = ((ramps + noise) % 256).astype(np.uint8)
    if mode.startswith("I;16"):
        deep = samples[..., 0].astype(np.uint16) * 257 + samples[..., 1]
        return Image.frombytes("I;16", size, deep.astype("<u2").tobytes()).convert(mode)
    if mode in ("P", "PA"):
        indexed = Image.fromarray(samples[..., :3]).quantize(16)
        if mode == "P":
            return indexed
        indexed.putalpha(Image.fromarray(samples[..., 3]))
        return indexed
    rgba = Image.fromarray(samples)
    return rgba if mode == "RGBA" else rgba.convert(mode)


def saved(im: Image.Image, **options: Any) -> bytes:
    """The bytes of `im.save`, lossless unless told otherwise."""
    out = io.BytesIO()
    im.save(out, "DCTZ", **{"lossless": True, **options})
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """A lazily opened picture of these bytes."""
    return Image.open(io.BytesIO(data))


def samples_of(im: Image.Image) -> np.ndarray[Any, Any]:
    """The samples as an array of their own."""
    return np.array(im)


def damaged(data: bytes, position: int = -20) -> bytes:
    """A copy with one byte changed; the default lies in the last segment or its check."""
    changed = bytearray(data)
    changed[position] ^= 0x5A
    return bytes(changed)
