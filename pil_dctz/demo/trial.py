"""A picture of the demo and what became of it in each format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, features

from pil_dctz.metrics import Reference, psnr, ssimulacra2

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """One file: its bytes, the samples it opens to, and how near they are to the picture."""

    label: str
    data: bytes
    decoded: UInt8
    score: float
    psnr: float
    checks_hold: bool = True

    @classmethod
    def of(
        cls, label: str, data: bytes, samples: UInt8, decoded: UInt8, *, checks_hold: bool = True
    ) -> Row:
        score = ssimulacra2(samples, decoded)
        return cls(label, data, decoded, score, psnr(samples, decoded), checks_hold)

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    @property
    def exact(self) -> bool:
        return self.psnr == float("inf")


@dataclass(frozen=True)
class Trial:
    """A picture, the rows of its table, and the files that the page shows at equal bytes."""

    name: str
    words: str
    samples: UInt8
    rows: list[Row]
    shown: list[Row]


def peers_at_score(samples: UInt8, score: float) -> list[Row]:
    """JPEG and WebP at the lowest quality that reaches the score (or their best)."""
    reference = Reference(samples)

    def reaches(data: bytes) -> bool:
        return reference.score(_open(data)) >= score

    return _peers(samples, reaches, "of that score")


def peers_at_bytes(samples: UInt8, size_bytes: int) -> list[Row]:
    """JPEG and WebP at the lowest quality that takes so many bytes (or their largest)."""
    return _peers(samples, lambda data: len(data) >= size_bytes, "of that size")


def lossless_peers(samples: UInt8) -> list[Row]:
    """PNG, optimized by Pillow, and WebP at its densest."""
    rows = [("PNG, optimized", _save(samples, format="PNG", optimize=True))]
    if features.check("webp"):
        options = {"lossless": True, "quality": 100, "method": 6, "exact": True}
        rows.append(("WebP lossless, method 6", _save(samples, format="WEBP", **options)))
    return [Row.of(label, data, samples, _open(data)) for label, data in rows]


def _peers(samples: UInt8, enough: Callable[[bytes], bool], words: str) -> list[Row]:
    formats: list[tuple[str, dict[str, Any]]] = [("JPEG", {"format": "JPEG", "optimize": True})]
    if features.check("webp"):
        formats.append(("WebP", {"format": "WEBP", "method": 6}))
    rows = []
    for name, options in formats:
        quality, data = _lowest_quality(samples, enough, options)
        label = f"{name} {words if enough(data) else 'at its best'} (quality {quality})"
        rows.append(Row.of(label, data, samples, _open(data)))
    return rows


def _lowest_quality(
    samples: UInt8, enough: Callable[[bytes], bool], options: dict[str, Any]
) -> tuple[int, bytes]:
    """The lowest quality 1..100 whose file is enough, by halving; 100 if none is."""
    low, high = 1, 100
    best = _save(samples, quality=high, **options)
    while low < high:
        middle = (low + high) // 2
        data = _save(samples, quality=middle, **options)
        if enough(data):
            high, best = middle, data
        else:
            low = middle + 1
    return high, best


def _save(samples: UInt8, **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(samples).save(out, **options)
    return out.getvalue()


def _open(data: bytes) -> UInt8:
    with Image.open(BytesIO(data)) as picture:
        return np.array(picture.convert("RGB"))
