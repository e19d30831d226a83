"""The README's picture: one detail of a photograph in every format, at equal bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.codecs import LOSSY, Codec, Samples
from pil_dctz.metrics import Reference

_PEERS = ("jpeg", "webp-m6", "avif", "jxl")
_TITLES = {"jpeg": "JPEG", "webp-m6": "WebP", "avif": "AVIF", "jxl": "JPEG XL"}
_ZOOM = 2
_CAPTION = 40
_GAP = 8


def draw(
    samples: Samples, detail: tuple[int, int, int, int], path: Path, *, quality: float
) -> list[str]:
    """Write the picture and return its captions.

    samples: (height, width, 3) uint8. detail: (x, y, width, height), shown doubled. quality: that
    of ours; each peer gets the lowest setting that takes at least as many bytes for the whole
    photograph.
    """
    reference = Reference(samples)
    ours = LOSSY["dctz"]
    data = ours.encode(samples, quality)
    panels = [("Original", f"{samples.nbytes:,} bytes raw", samples)]
    shown = [("DCTZ", ours, data)]
    shown += [(_TITLES[name], LOSSY[name], _at_bytes(name, samples, len(data))) for name in _PEERS]
    for title, codec, file in shown:
        decoded = codec.decode(file)
        words = f"{len(file):,} bytes, SSIMULACRA2 {reference.score(decoded):.1f}"
        panels.append((title, words, decoded))
    _compose(panels, detail).save(path, optimize=True)
    return [f"{title}: {words}" for title, words, _ in panels]


def _at_bytes(name: str, samples: Samples, size_bytes: int) -> bytes:
    codec = LOSSY[name]
    low, high = 0, 100
    best = codec.encode(samples, _setting(codec, high))
    while low < high:
        middle = (low + high) // 2
        data = codec.encode(samples, _setting(codec, middle))
        if len(data) >= size_bytes:
            high, best = middle, data
        else:
            low = middle + 1
    return best


def _setting(codec: Codec, step: int) -> float:
    """0..100, rising in bytes: a quality, or for JPEG XL a distance from 15 down to 0.1."""
    return 15.0 * (0.1 / 15.0) ** (step / 100) if codec.name == "jxl" else float(step)


def _compose(
    panels: list[tuple[str, str, Samples]], detail: tuple[int, int, int, int]
) -> Image.Image:
    """Three panels a row: the detail doubled, its caption below."""
    x, y, width, height = detail
    across, down = width * _ZOOM, height * _ZOOM + _CAPTION
    rows = (len(panels) + 2) // 3
    size = (3 * across + 2 * _GAP, rows * down + (rows - 1) * _GAP)
    sheet = Image.new("RGB", size, "#ffffff")
    pen = ImageDraw.Draw(sheet)
    for place, (title, words, samples) in enumerate(panels):
        left, top = place % 3 * (across + _GAP), place // 3 * (down + _GAP)
        crop = np.ascontiguousarray(samples[y : y + height, x : x + width])
        doubled = Image.fromarray(crop).resize((across, height * _ZOOM), Image.Resampling.NEAREST)
        sheet.paste(doubled, (left, top))
        colour = "#d55e00" if title == "DCTZ" else "#1f2328"
        base = top + height * _ZOOM + _CAPTION // 2
        font = ImageFont.load_default(18)
        pen.text((left + 2, base), title, colour, font, anchor="lm")
        end = left + 12 + pen.textlength(title, font)
        pen.text((end, base), words, "#57606a", ImageFont.load_default(15), anchor="lm")
    return sheet
