"""Does every picture come back sample for sample, through the library and through Pillow?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.pictures import Picture, files_of, read
from benchmarks.store import Record

_KEPT = ("L", "LA", "RGB", "RGBA", "I;16")
_SOURCE_ERRORS = (OSError, SyntaxError, ValueError)  # what Pillow raises for a broken PNG file


def measure(
    sets: Sequence[str], *, only: list[str] | None = None, limit: int | None = None
) -> Iterator[Record]:
    """Records of bench "exact": `library` and `pillow` are true, false, or null if not asked.

    Pillow is not asked about 16-bit colour, for which it has no mode. A PNG file that Pillow
    refuses (the x files of pngsuite) gives `refused`, with Pillow's words. A picture that ours
    cannot encode or decode counts as not exact, with `error`.
    """
    for name in sets:
        for path in files_of(name, only)[:limit]:
            head: Record = {"bench": "exact", "set": name, "picture": path.stem}
            try:
                with Image.open(path) as picture:
                    picture.load()
                source = read(path)
            except _SOURCE_ERRORS as error:
                yield {**head, "refused": str(error)}
                continue
            try:
                yield {**head, **_round_trips(source, path)}
            except (OSError, ValueError) as error:  # ours: reported, and the other pictures go on
                yield {**head, "library": False, "pillow": None, "error": str(error)}


def _round_trips(source: Picture, path: Path) -> Record:
    """One file by Pillow serves both where Pillow's mode holds the samples as they are."""
    import pil_dctz

    samples = source.samples
    deep_colour = samples.dtype == np.uint16 and samples.ndim == 3
    saved, kept = (None, False) if deep_colour else _save(path)
    data = saved if saved is not None and kept else pil_dctz.encode(samples, lossless=True)
    decoded = np.asarray(pil_dctz.decode(data))
    same = decoded.dtype == samples.dtype and np.array_equal(decoded, samples)
    pillow = None if saved is None else _opens_alike(path, saved)
    return {"bytes": len(data), "library": bool(same), "pillow": pillow}


def _save(path: Path) -> tuple[bytes, bool]:
    """The PNG opened and saved as DCTZ by Pillow; whether its mode is one the format keeps."""
    out = BytesIO()
    with Image.open(path) as picture:
        picture.load()
        picture.save(out, format="DCTZ", lossless=True)
        kept = picture.mode in _KEPT and "transparency" not in picture.info
    return out.getvalue(), kept


def _opens_alike(path: Path, data: bytes) -> bool:
    """Pillow opens the file to the PNG's pixels: of a mode not kept (P, 1), those of RGBA."""
    with Image.open(path) as picture, Image.open(BytesIO(data)) as again:
        if again.size != picture.size:
            return False
        if picture.mode == "I;16":
            return bool(np.array_equal(np.asarray(again), np.asarray(picture)))
        if picture.mode in _KEPT and "transparency" not in picture.info:
            return again.mode == picture.mode and again.tobytes() == picture.tobytes()
        return again.convert("RGBA").tobytes() == picture.convert("RGBA").tobytes()
