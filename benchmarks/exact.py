"""Does every picture come back sample for sample, through the library and through Pillow?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.pictures import Picture, files_of, read
from benchmarks.store import Record

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
    import pil_dctz

    data = pil_dctz.encode(source.samples, lossless=True)
    decoded = np.asarray(pil_dctz.decode(data))
    same = decoded.dtype == source.samples.dtype and np.array_equal(decoded, source.samples)
    deep_colour = source.samples.dtype == np.uint16 and source.samples.ndim == 3
    return {
        "bytes": len(data),
        "library": bool(same),
        "pillow": None if deep_colour else _through_pillow(path),
    }


def _through_pillow(path: Path) -> bool:
    """Save the opened PNG as DCTZ and open that: same size and pixels.

    A mode that the format does not keep (P, 1) is compared as RGBA on both sides.
    """
    out = BytesIO()
    with Image.open(path) as picture:
        picture.load()
        picture.save(out, format="DCTZ", lossless=True)
        with Image.open(BytesIO(out.getvalue())) as again:
            again.load()
            if again.size != picture.size:
                return False
            if again.mode == picture.mode and "transparency" not in picture.info:
                return again.tobytes() == picture.tobytes()
            if picture.mode == "I;16":
                return bool(np.array_equal(np.asarray(again), np.asarray(picture)))
            return again.convert("RGBA").tobytes() == picture.convert("RGBA").tobytes()
