"""What a model gains on pictures that it was not fitted on: BD-rates of real sizes and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.colour.decoder.colour import planes_to_samples
from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.learned.decoder.apply import refine_planes
from pil_dctz.learned.model import Model
from pil_dctz.learned.syntax import cell_grid
from pil_dctz.metrics import Reference, psnr
from pil_dctz.metrics.bdrate import bd_rate
from pil_dctz.training.pairs import encode_pair

__all__ = ["QUALITIES", "gains"]

QUALITIES = (30.0, 45.0, 60.0, 75.0, 88.0)
#: Bytes of the layer in a file: its chunk and two strengths. Those of cells pay for themselves.
LAYER_BYTES = 21
#: Strengths as trained.
STRENGTH = 4


def gains(
    model: Model, pictures: Sequence[tuple[str, NDArray[np.uint8]]], show: Callable[[str], None]
) -> dict[str, float]:
    """Mean and worst BD-rates, in per cent, of the model everywhere at the strength it has."""
    rows = []
    for name, samples in tqdm(pictures, desc="held out", unit="picture", disable=None):
        reference = Reference(samples)
        curves: list[list[tuple[float, float]]] = [[], [], [], []]
        for quality in QUALITIES:
            pair, _ = encode_pair(samples, quality)
            refined = pair.planes.copy()
            grid = cell_grid(refined.shape[2], refined.shape[1])
            refine_planes(model, refined, pair.facts, np.full((2, *grid), STRENGTH, np.uint8))
            for first, planes, size in (
                (0, pair.planes, pair.size),
                (1, refined, pair.size + LAYER_BYTES),
            ):
                out = np.empty_like(samples)
                planes_to_samples(ColourTransform.XYB, planes, out)
                curves[first].append((size, float(reference.score(out))))
                curves[2 + first].append((size, float(psnr(samples, out))))
        try:
            row = (bd_rate(curves[0], curves[1]), bd_rate(curves[2], curves[3]))
        except ValueError as error:  # a picture of one colour, say
            show(f"{name}: {error}")
            continue
        show(f"{name}: SSIMULACRA2 {row[0]:+.2f} %, PSNR {row[1]:+.2f} %")
        rows.append(row)
    if not rows:
        return {"pictures": 0.0}
    means, worst = np.mean(rows, 0), np.max(rows, 0)
    return {
        "pictures": float(len(rows)),
        "ssimulacra2_bd_rate": round(float(means[0]), 3),
        "psnr_bd_rate": round(float(means[1]), 3),
        "worst_ssimulacra2_bd_rate": round(float(worst[0]), 3),
        "worst_psnr_bd_rate": round(float(worst[1]), 3),
    }
