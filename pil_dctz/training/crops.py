"""Parts of pairs, drawn by seed and step alone: a run that was resumed sees what another would."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pil_dctz.learned.decoder.apply import SquareFacts
from pil_dctz.training.metric import Share, Target
from pil_dctz.training.pairs import Pair

__all__ = ["THREADS", "Crop", "draw_crops", "pair_shares"]

#: The log of the squared error falls so much faster with the rate than that of 100 - SSIMULACRA2.
SQUARED_PER_RATE = 1.54
#: For the crops of a step, whose losses do not depend on each other.
THREADS = ThreadPoolExecutor(2)


@dataclass(frozen=True, slots=True)
class Crop:
    """A square part of a pair. number: of the pair. top, left: multiples of 8."""

    number: int
    top: int
    left: int
    planes: NDArray[np.int16]
    original: NDArray[np.int16]
    facts: SquareFacts

    @property
    def base(self) -> float:
        """The base step in units."""
        return self.facts.base / 128

    def loss(
        self, planes: NDArray[np.float32], share: Share, squared: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """((log error by SSIMULACRA2, by squares) in logs of the rate, gradient by planes).

        planes: in units. share: of the whole pair. squared: what the squared error weighs beside
        SSIMULACRA2. Both logs are linear ones around those of the base: differences tell.
        """
        target = Target(units(self.original))
        values, gradient = target.parts(planes, share, squared / SQUARED_PER_RATE)
        values[1] /= SQUARED_PER_RATE
        return values, gradient


def pair_shares(pairs: Sequence[Pair], least: float) -> list[Share]:
    """What the samples of each pair weigh; `least` as in `Target.share`."""
    bar = tqdm(pairs, "weighing", unit="picture", disable=None)
    return [Target(units(pair.original)).share(units(pair.planes), least) for pair in bar]


def draw_crops(pairs: Sequence[Pair], side: int, count: int, seed: int, step: int) -> list[Crop]:
    """Crops of side x side samples (a multiple of 8), or as large as their pictures are."""
    rng = np.random.default_rng((seed, step))
    crops = []
    for _ in range(count):
        number = int(rng.integers(len(pairs)))
        pair = pairs[number]
        _, rows, columns = pair.planes.shape
        top = 8 * int(rng.integers(max(rows - side, 0) // 8 + 1))
        left = 8 * int(rng.integers(max(columns - side, 0) // 8 + 1))
        area = np.s_[:, top : top + side, left : left + side]
        squares = np.s_[top // 8 : (top + side) // 8, left // 8 : (left + side) // 8]
        facts = SquareFacts(
            pair.facts.base,
            np.ascontiguousarray(pair.facts.local[squares]),
            np.ascontiguousarray(pair.facts.levels[squares]),
            np.ascontiguousarray(pair.facts.owners[squares]),
        )
        planes, original = (
            np.ascontiguousarray(each[area]) for each in (pair.planes, pair.original)
        )
        crops.append(Crop(number, top, left, planes, original, facts))
    return crops


def units(planes: NDArray[np.int16]) -> NDArray[np.float32]:
    """Sixteenths of a unit to units."""
    return np.ascontiguousarray(planes.astype(np.float32) / np.float32(16))
