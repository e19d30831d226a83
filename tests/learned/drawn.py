"""Drawn models and segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pil_dctz.learned.decoder.apply import SquareFacts
from pil_dctz.learned.model import FilterModel, Layer, NetworkModel, Tap
from pil_dctz.lossy.steps import MAP_MULTIPLIERS


def draw_filters(seed: int = 0, *, most: int = 127, taps: int = 5) -> FilterModel:
    """Four sets, four activities, taps of all reaches, chroma from all planes."""
    rng = np.random.default_rng(seed)
    chosen = []
    for plane in range(3):
        places = [(dy, dx) for dy in range(-4, 5) for dx in range(-4, 5) if dy or dx]
        rng.shuffle(places)
        chosen.append(
            tuple(
                Tap(int(rng.integers(0, 3)) if plane else 0, *place, int(rng.integers(1, 256)))
                for place in places[:taps]
            )
        )
    weights = tuple(rng.integers(-most, most + 1, (4, 40, taps)).astype(np.int8) for _ in range(3))
    return FilterModel((30, 44, 56), (40, 300, 900), tuple(chosen), (8, 7, 9), weights)


def draw_layer(
    rng: np.random.Generator, inputs: int, outputs: int, k: int, *, positive: bool, add: bool
) -> Layer:
    return Layer(
        int(k == 3),
        positive,
        add,
        rng.integers(-127, 128, (outputs, k, k, inputs)).astype(np.int8),
        rng.integers(1, 32768, outputs).astype(np.int32),
        rng.integers(8, 14, outputs).astype(np.int32),
        rng.integers(-100000, 100000, outputs).astype(np.int32),
    )


def draw_network(seed: int = 0, *, side_log2: int = 1, width: int = 6) -> NetworkModel:
    """All forms and flags; widths that are no multiples of what the kernels like."""
    rng = np.random.default_rng(seed)
    inputs, last = (3 << (2 * side_log2)) + 4, 3 << (2 * side_log2)
    layers = (
        draw_layer(rng, inputs, width, 3, positive=True, add=False),
        draw_layer(rng, width, width, 3, positive=True, add=True),
        draw_layer(rng, width, width, 1, positive=False, add=True),
        draw_layer(rng, width, last, 1, positive=False, add=False),
    )
    return NetworkModel(side_log2, layers)


def draw_segment(
    seed: int, planes: int, rows: int, columns: int, *, base: int, most: int
) -> tuple[NDArray[np.int16], SquareFacts]:
    """Planes of rows x columns squares."""
    rng = np.random.default_rng(seed)
    samples = rng.integers(-most - 1, most + 1, (planes, 8 * rows, 8 * columns)).astype(np.int16)
    levels = rng.integers(0, 13, (rows, columns)).astype(np.uint8)
    owners = rng.integers(0, 3, (rows, columns)).astype(np.int32)
    local = base * np.array(MAP_MULTIPLIERS, np.int64)[levels]
    return samples, SquareFacts(base, local, levels, owners)
