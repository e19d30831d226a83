"""Fits the preset predictors: `spec/tables/prediction-classes.txt`, clause `prediction.preset`.

    python -m training.fit_prediction_classes [--write]

Data: every fourth picture of `train/MANIFEST.tsv` in `../shared/data` beside the checkout or where
DCTZ_DATA says, a square of 256x256 of each, drawn by SEED. All squares are fitted as one picture
of that many segments by the encoder's own rounds. Prints the mean |residual| of each plane.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.encoder.prediction_fit import fit_classes
from pil_dctz.lossless.encoder.prediction_segments import Segment, analyse, cut_segments
from pil_dctz.lossless.prediction import PRESET_CLASSES, PRESET_CROSS, PRESET_OWN, PredictionHead
from training.checksums import TABLES, rewrite

SEED = 5
STEP = 4
SIDE = 256
ROUNDS = 10
HEADING = (
    "# 32 rows for plane 0, then 1, then 2: a class a row, the coefficients of the taps that are"
    " sent, then zeros: prediction.preset"
)


def squares(head: PredictionHead) -> list[Segment]:
    folder = Path(os.environ.get("DCTZ_DATA", "../shared/data")) / "train"
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file, delimiter="\t")][::STEP]
    rng = np.random.default_rng(SEED)
    found = []
    for name in names:
        with Image.open(folder / name) as image:
            samples = np.ascontiguousarray(image.convert("RGB"))
        y, x = (int(rng.integers(0, size - SIDE + 1)) for size in samples.shape[:2])
        part = np.ascontiguousarray(samples[y : y + SIDE, x : x + SIDE])
        found += cut_segments(part, head, np.ones((SIDE // 64, SIDE // 64), np.uint8), SIDE)
    return found


def main() -> None:
    shape = GroupShape(SIDE, SIDE, 3, 8)
    head = PredictionHead(
        shape, 1, None, 255, list(PRESET_OWN[:3]), list(PRESET_CROSS[:3]), PRESET_CLASSES
    )
    segments = squares(head)
    fit_classes(segments, head, ROUNDS, may_start_from_presets=False)
    if head.classes != PRESET_CLASSES:
        raise SystemExit(f"only {head.classes} classes were used")
    sizes = sum(
        segment.grid.inside(analyse(segment, head)).mean(axis=(1, 2)) for segment in segments
    )
    print(f"{len(segments)} squares, mean |residual| {np.round(sizes / len(segments), 3)}")
    rows = np.zeros((3 * PRESET_CLASSES, max(len(head.taps(p).sent) for p in range(3))), np.int64)
    for plane in range(3):
        sent = head.taps(plane).sent
        part = slice(plane * PRESET_CLASSES, (plane + 1) * PRESET_CLASSES)
        rows[part, : len(sent)] = head.coefficients[plane][:, sent]
    if "--write" in sys.argv:
        lines = [HEADING, *(" ".join(map(str, row.tolist())) for row in rows)]
        (TABLES / "prediction-classes.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
        rewrite()


if __name__ == "__main__":
    main()
