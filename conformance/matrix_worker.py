"""Decodes the files that `matrix` lists, in this Python, and prints what came out as JSON.

python conformance/matrix_worker.py jobs.json 1,2,7
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import pil_dctz

STRIPES = 3  # a picture by regions: so many across and down


def use_variant(name: str) -> None:
    """One extension module alone, or an error."""
    from pil_dctz.kernels import load, variants

    if name not in variants.variants_to_run():
        raise SystemExit(f"this processor does not run {name}")
    if load._extension(name) is None:
        raise SystemExit(f"{name} is not built for this Python")
    setattr(load, "variants_to_run", lambda: (name,))  # noqa: B010 - as a test does


def digest(array: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def frames_of(job: dict[str, Any], threads: int) -> list[str]:
    data = Path(job["file"]).read_bytes()
    strict = not job["tolerant"]
    header = pil_dctz.read_header(data, strict=strict)
    if header.animated and strict and not job["region"] and job["scale"] == 1:
        return [digest(array) for array, _ in pil_dctz.decode_frames(data, threads=threads)]
    region = tuple(job["region"]) if job["region"] else None
    found = pil_dctz.decode(data, region=region, scale=job["scale"], strict=strict, threads=threads)
    return [digest(found)]


def by_regions(path: str) -> str:
    header = pil_dctz.read_header(path)
    w, h = header.width, header.height
    columns = sorted({w * i // STRIPES for i in range(STRIPES + 1)})
    rows = sorted({h * i // STRIPES for i in range(STRIPES + 1)})
    out = None
    for y, below in pairwise(rows):
        for x, right in pairwise(columns):
            part = pil_dctz.decode(path, region=(x, y, right - x, below - y))
            if out is None:
                out = np.empty((h, w, *part.shape[2:]), part.dtype)
            out[y:below, x:right] = part
    return digest(out)


def main() -> None:
    warnings.simplefilter("ignore")
    variant = os.environ.get("DCTZ_MATRIX_VARIANT")
    if variant:
        use_variant(variant)
    jobs = json.loads(Path(sys.argv[1]).read_text("ascii"))
    threads = [int(n) for n in sys.argv[2].split(",")]
    begin = time.monotonic()
    wrong: list[str] = []
    pictures: dict[str, list[str]] = {}
    vectors = 0
    for job in jobs:
        try:
            if job.get("picture"):
                whole = [digest(pil_dctz.decode(job["file"], threads=n)) for n in threads]
                regions = [by_regions(job["file"])] if len(threads) > 1 else []
                pictures[job["id"]] = [*whole, *regions]
                continue
            vectors += 1
            if any(frames_of(job, n) != job["right"] for n in threads):
                wrong.append(job["id"])
        except pil_dctz.LimitError:
            if not job.get("may"):
                wrong.append(job["id"])
        except Exception as error:  # noqa: BLE001 - told in the matrix
            print(f"{job['id']}: {error!r}", file=sys.stderr)
            wrong.append(job["id"])
    try:
        from numba import __version__ as numba
    except ImportError:
        numba = "none"
    print(
        json.dumps(
            {
                "version": ".".join(map(str, sys.version_info[:3])),
                "numba": numba,
                "numpy": np.__version__,
                "vectors": vectors,
                "wrong": wrong,
                "pictures": pictures,
                "seconds": round(time.monotonic() - begin),
            }
        )
    )


if __name__ == "__main__":
    main()
