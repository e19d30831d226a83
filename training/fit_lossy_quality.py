"""Calibrates `quality`: the base step whose mean SSIMULACRA2 score over `train` is the quality.

Prints the line that `pil_dctz/lossy/encoder/quality.py` keeps, then the table of docs/quality.md
for the pictures of a second folder.

    python -m training.fit_lossy_quality ../shared/data/train [--pictures 30] [--check FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import pil_dctz
from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossy.decoder.segment import decode_segment, parse_tables
from pil_dctz.lossy.encoder import quality as scale
from pil_dctz.lossy.encoder.group import encode_group
from pil_dctz.metrics.ssimulacra2 import Reference

BASES = (0.5, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 13.0, 19.0, 27.0, 39.0, 56.0, 80.0, 110.0, 160.0)
QUALITIES = (5, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 92, 94, 95, 96)


def pictures(folder: Path, number: int) -> list[NDArray[Any]]:
    paths = sorted(folder.glob("*.png"))
    return [
        np.asarray(Image.open(path).convert("RGB"))
        for path in paths[:: max(len(paths) // number, 1)][:number]
    ]


def encode_and_score(samples: NDArray[Any], reference: Reference, quality: float) -> float:
    """The score of `samples` coded at this quality, as one segment."""
    height, width, _ = samples.shape
    shape = GroupShape(width, height, 3, 8)
    group = encode_group(samples, shape, quality=quality, effort=5, segment_log2=0, threads=1)
    out = np.empty_like(samples)
    tables = parse_tables(group.tables, shape)
    decode_segment(tables, group.streams[0][0], [group.streams[1][0]], width, height, out)
    return float(reference.score(out))


def calibrate(folder: Path, number: int) -> None:
    # While this runs, quality n means base BASES[n].
    scale.CALIBRATION = tuple((float(n), base) for n, base in enumerate(BASES))
    scores = []
    for samples in pictures(folder, number):
        reference = Reference(samples)
        scores.append([encode_and_score(samples, reference, n) for n in range(len(BASES))])
    means = np.mean(scores, 0)
    print("mean scores:", " ".join(f"{b}: {s:.2f}" for b, s in zip(BASES, means, strict=True)))
    for quality in QUALITIES:
        base = float(np.exp(np.interp(-quality, -means, np.log(BASES))))
        print(f"    ({quality:.1f}, {base:.3g}),")


def check(folder: Path, number: int) -> None:
    found = [(samples, Reference(samples)) for samples in pictures(folder, number)]
    print("| quality | mean score | least | greatest | spread | bits a pixel |")
    print("|---|---|---|---|---|---|")
    for quality in (10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100):
        scores, bits = [], []
        for samples, reference in found:
            data = pil_dctz.encode(samples, quality=quality)
            scores.append(reference.score(pil_dctz.decode(data)))
            bits.append(8 * len(data) / (samples.shape[0] * samples.shape[1]))
        print(
            f"| {quality} | {np.mean(scores):.1f} | {min(scores):.1f} | {max(scores):.1f} "
            f"| {np.std(scores):.1f} | {np.mean(bits):.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=30)
    parser.add_argument("--check", type=Path, help="only print the table of this folder")
    options = parser.parse_args()
    if options.check:
        check(options.check, options.pictures)
    else:
        calibrate(options.folder, options.pictures)


if __name__ == "__main__":
    main()
