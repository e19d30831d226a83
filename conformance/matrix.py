"""Decodes all vectors and some pictures in many ways, and prints who got the same samples.

    python -m conformance.matrix [--python EXE] [--ways W,W] [--pictures DIR] [--count N] [--json F]

A row for each Python (--python, repeatable; each needs numba and NumPy) and way: `jit`, `aot` and
`aot-v3` (kernels compiled ahead of time, where they are built), `interpreted`. Columns: vectors
with the samples of the manifest, and pictures with those of the first row, on 1, 2 and 7 threads,
whole and by regions that are put together. Interpreted on vectors of few samples and on crops of
48 x 40, whole and on one thread: the interpreter is some thousand times slower. Exit status 0: all
are alike.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .suite import HERE, load

__all__ = ["main", "table"]

WAYS = {
    "jit": {"PIL_DCTZ_KERNELS": "jit"},
    "aot": {"PIL_DCTZ_KERNELS": "aot", "DCTZ_MATRIX_VARIANT": "_kernels"},
    "aot-v3": {"PIL_DCTZ_KERNELS": "aot", "DCTZ_MATRIX_VARIANT": "_kernels_v3"},
    "interpreted": {"NUMBA_DISABLE_JIT": "1"},
}
THREADS = (1, 2, 7)
CROP = (48, 40)
MOST_SAMPLES = 2000  # of a vector that is interpreted
WORKER = HERE / "matrix_worker.py"

Row = dict[str, Any]


def encode_pictures(source: Path | None, count: int, folder: Path) -> list[Path]:
    """Files of each mode in turn, those of both shipped models among them, whole and cropped;
    drawn pictures where there is no source."""
    import numpy as np
    from PIL import Image

    import pil_dctz

    options: list[dict[str, Any]] = [
        {"quality": 70},
        {"lossless": True},
        {"quality": 60, "learned": "network"},
        {"quality": 30, "learned": "filters"},
    ]
    paths = []
    found = sorted(source.rglob("*.png")) if source is not None else []
    for number in range(count):
        if found:
            with Image.open(found[number * len(found) // count]) as im:
                alpha = im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info
                array = np.asarray(im.convert("RGBA" if alpha else "RGB"))
        else:
            rng = np.random.default_rng(number)
            y, x = np.mgrid[0 : 200 + 7 * number, 0:300]
            noise = rng.integers(0, 9, (*y.shape, 3))
            array = (np.stack((x, y * 2, x * y // 50), axis=2) + noise).astype(np.uint8)
        top, left = (max(0, (side - 512) // 2) for side in array.shape[:2])
        for name, (w, h) in (("whole", (512, 512)), ("crop", CROP)):
            part = np.ascontiguousarray(array[top : top + h, left : left + w])
            path = folder / f"{name}-{number:03d}.dctz"
            size = 128 if name == "whole" else None
            given = {**options[number % len(options)], "segment_size": size, "threads": 1}
            pil_dctz.write(path, part, **given)
            paths.append(path)
    return paths


def jobs_of(pictures: list[Path], *, small: bool) -> list[Row]:
    """What a worker decodes: files with their options, and what the manifest says of them."""
    jobs = []
    for entry in load():
        if "frames" not in entry:
            continue
        samples = sum(frame["bytes"] for frame in entry["frames"])
        if small and (samples > MOST_SAMPLES or entry["region"] or entry["scale"] > 1):
            continue
        right = [frame["sha256"] for frame in entry["frames"]]
        jobs.append(
            {
                "id": entry["id"],
                "file": str(HERE / entry["file"]),
                "region": entry["region"],
                "scale": entry["scale"],
                "tolerant": entry["tolerant"],
                "right": right,
                "may": entry["kind"] == "may",
            }
        )
    wanted = "crop-" if small else ""
    jobs += [
        {"id": path.name, "file": str(path), "picture": True}
        for path in pictures
        if path.name.startswith(wanted)
    ]
    return jobs


def run_row(python: str, way: str, pictures: list[Path], folder: Path) -> Row:
    """What a worker found; `absent` says why there is no such way."""
    small = way == "interpreted"
    jobs = folder / f"jobs-{small}.json"
    jobs.write_text(json.dumps(jobs_of(pictures, small=small)), "ascii")
    environment = {**os.environ, **WAYS[way], "PYTHONPATH": str(HERE.parent)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    environment |= WAYS[way]
    cache = os.environ.get("NUMBA_CACHE_DIR")
    if cache and python != sys.executable:  # numba's index takes one version of it
        own = hashlib.sha256(python.encode()).hexdigest()[:8]
        environment["NUMBA_CACHE_DIR"] = str(Path(cache) / own)
    threads = THREADS[:1] if small else THREADS
    done = subprocess.run(
        [python, str(WORKER), str(jobs), ",".join(map(str, threads))],
        env=environment,
        capture_output=True,
        text=True,
    )
    try:
        row: Row = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        lines = done.stderr.strip().splitlines() or ["no output"]
        row = {"absent": lines[-1]}
    return {"python": python, "way": way, **row}


def table(rows: list[Row]) -> tuple[list[str], bool]:
    """Lines for people, and whether all are alike. The first row with a picture is right."""
    lines = [f"{'python':8} {'numba':8} {'kernels':12} {'vectors':>12} {'pictures':>11}  alike"]
    first: dict[str, str] = {}
    good = True
    for row in rows:
        if "absent" in row:
            lines.append(f"{'':8} {'':8} {row['way']:12} {row['python']}: {row['absent']}")
            continue
        wrong = list(row["wrong"])
        for name, told in row["pictures"].items():
            if len(set(told)) != 1 or first.setdefault(name, told[0]) != told[0]:
                wrong.append(name)
        good = good and not wrong
        vectors, pictures = row["vectors"], len(row["pictures"])
        bad = sum(name.endswith(".dctz") for name in wrong)
        right = vectors - len(wrong) + bad
        alike = "yes" if not wrong else "NO: " + ", ".join(wrong[:5])
        lines.append(
            f"{row['version']:8} {row['numba']:8} {row['way']:12} "
            f"{right:5d} of {vectors:4d} {pictures - bad:4d} of {pictures:3d}  "
            f"{alike} ({row['seconds']} s)"
        )
    return lines, good and any("absent" not in row for row in rows)


def main(arguments: list[str] | None = None) -> int:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m conformance.matrix",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--python", action="append", help="(default: this one)")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--pictures", type=Path, help="a folder of PNG (default: drawn ones)")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="dctz-matrix-") as name:
        folder = Path(name)
        pictures = encode_pictures(given.pictures, given.count, folder)
        for python in given.python or [sys.executable]:
            for way in given.ways.split(","):
                rows.append(run_row(python, way, pictures, folder))
                print(table(rows)[0][-1], flush=True)
    lines, good = table(rows)
    print("\n".join(lines))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), "ascii")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
