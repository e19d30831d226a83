"""What people ask of a quality: that it holds through generations, and is high where it says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.pictures import Picture, files_of, read
from benchmarks.store import Record
from pil_dctz.metrics import Reference


def measure_generations(
    sets: Sequence[str],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    quality: float = 75.0,
    count: int = 10,
) -> Iterator[Record]:
    """Records of bench "generations": the picture decoded is encoded again, `count` times.

    scores: SSIMULACRA2 of each generation against the original. loss: first less last.
    changed: the share of samples in which the last generation differs from the one before.
    """
    import pil_dctz

    for set_name, picture in _pictures(sets, only, limit):
        reference = Reference(picture.samples)
        now, scores, sizes, changed = picture.samples, [], [], 1.0
        for _ in range(count):
            data = pil_dctz.encode(now, quality=quality)
            before, now = now, pil_dctz.decode(data)
            scores.append(round(reference.score(now), 3))
            sizes.append(len(data))
            changed = float((now != before).mean())
        yield {
            "bench": "generations",
            "set": set_name,
            "picture": picture.name,
            "quality": quality,
            "scores": scores,
            "bytes": sizes,
            "loss": round(scores[0] - scores[-1], 3),
            "changed": round(changed, 5),
        }


def measure_floor(
    sets: Sequence[str],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    quality: float = 95.0,
    floor: float = 90.0,
) -> Iterator[Record]:
    """Records of bench "floor": SSIMULACRA2 at a quality; `held` is false where it is below."""
    import pil_dctz

    for set_name, picture in _pictures(sets, only, limit):
        data = pil_dctz.encode(picture.samples, quality=quality)
        score = Reference(picture.samples).score(pil_dctz.decode(data))
        yield {
            "bench": "floor",
            "set": set_name,
            "picture": picture.name,
            "quality": quality,
            "floor": floor,
            "bpp": round(8 * len(data) / picture.pixels, 4),
            "ssimulacra2": round(score, 3),
            "held": score >= floor,
        }


def _pictures(
    sets: Sequence[str], only: list[str] | None, limit: int | None
) -> Iterator[tuple[str, Picture]]:
    """8-bit gray and RGB pictures; limit: so many of each set, evenly spread over it."""
    for set_name in sets:
        files = files_of(set_name, only)
        if limit is not None and limit < len(files):
            files = [files[i] for i in np.linspace(0, len(files) - 1, limit).round().astype(int)]
        for path in files:
            picture = read(path)
            if picture.samples.dtype == np.uint8 and picture.samples.shape[2:] in ((), (3,)):
                yield set_name, picture
