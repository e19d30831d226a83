"""What a preset means: colour transform, step curve, map, and how much a bit weighs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pil_dctz.colour.syntax import ColourTransform
from pil_dctz.lossy.encoder.quality import base_of_quality
from pil_dctz.lossy.encoder.quantize import Search
from pil_dctz.lossy.steps import flat_curve, half_curve, step_curve, step_gains
from pil_dctz.lossy.syntax import MAX_BASE, Curves, LossyTables

__all__ = ["PRESETS", "Preset", "search_of_preset", "tables_of_preset"]


@dataclass(frozen=True, slots=True)
class Preset:
    """colour: of three channels; gray has XYB's Y, or none.

    map_slope, trade: as in `Search`, None: its own. scale: (quality, factor of the base step of
    `visual`) at which the mean SSIMULACRA2 score over `train` is that of `visual`.
    """

    colour: ColourTransform
    curves: Curves
    map_slope: float | None = None
    trade: float | None = None
    scale: tuple[tuple[float, float], ...] = ((0.0, 1.0),)


PRESETS = {
    "visual": Preset(ColourTransform.XYB, Curves.TABLE),
    "balanced": Preset(
        ColourTransform.XYB,
        Curves.HALF,
        map_slope=0.06,
        trade=0.08,
        scale=((20.0, 0.725), (50.0, 0.795), (75.0, 0.901), (90.0, 0.992), (96.0, 1.019)),
    ),
    "psnr": Preset(
        ColourTransform.YCBCR,
        Curves.FLAT,
        map_slope=0.0,
        trade=0.1,
        scale=((20.0, 0.537), (50.0, 0.631), (75.0, 0.795), (90.0, 0.962), (96.0, 1.028)),
    ),
}


def tables_of_preset(preset: Preset, channels: int, depth: int, quality: float) -> LossyTables:
    """The tables of 1 or 3 channels of `depth` bits at a quality 0..100."""
    qualities, factors = np.array(preset.scale).T
    factor = float(np.exp(np.interp(quality, qualities, np.log(factors))))
    base = min(max(round(base_of_quality(quality) * factor), 1), MAX_BASE)
    colour = preset.colour
    if channels == 1 and colour is ColourTransform.YCBCR:
        colour = ColourTransform.NONE
    rows = (0, 1, 2)[:channels]
    if preset.curves is Curves.FLAT:
        curve = flat_curve(channels)
    else:
        curve = half_curve(rows) if preset.curves is Curves.HALF else step_curve(rows)
    return LossyTables(
        colour,
        ((1, 1),) * channels,
        base,
        curve,
        step_gains(base),
        partition=True,
        filtered=True,
        directions=True,
        curves=preset.curves,
        depth=depth,
    )


def search_of_preset(preset: Preset, search: Search) -> Search:
    """`search` as the preset wants it."""
    if preset.map_slope is not None:
        search = replace(search, map_slope=preset.map_slope)
    return search if preset.trade is None else replace(search, trade=preset.trade)
