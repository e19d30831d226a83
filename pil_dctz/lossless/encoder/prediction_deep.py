"""Samples of more than 8 bits: exact predictors, lists of residual numbers, packing. Chapter 9a.

Depth maps, labels, rendered and rescaled pictures repeat or continue their samples exactly, or
their differences fall on few values far apart. Predictors of least squares miss both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pil_dctz.lossless.encoder.prediction_codes import RAW_BITS
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import TOKENS, PredictionHead

__all__ = ["EXACT", "list_numbers", "packing_helps", "recurs"]

#: Own taps by number: 1 N, 2 NW, 3 NE, 4 WW, 5 NN, 7 NNE; the rest is W's.
EXACT: tuple[dict[int, int], ...] = (
    {1: 1, 2: -1},  # W + N - NW
    {},  # W
    {1: 1},  # N
    {3: 1},  # NE
    {2: 1},  # NW
    {4: -1},  # 2 W - WW
    {1: 2, 5: -1},  # 2 N - NN
    {3: 1, 1: -1},  # W + NE - N
    {1: 1, 3: 1, 7: -1},  # N + NE - NNE
)

_LISTED_SHARE = 0.97  # a list is sent where it leaves no more of the bits
_MOST_LISTED = 1 << 14
_RECURRING = 0.75

Counts = npt.NDArray[np.int64]


def list_numbers(segments: list[Segment], head: PredictionHead) -> None:
    """Make the segments' numbers places in a list of those that occur, where that is smaller.

    Sets head.numbers, the most frequent first.
    """
    numbers = np.concatenate([part.numbers[part.contexts != 65535] for part in segments])
    counts = np.bincount(numbers)
    used = np.flatnonzero(counts)
    if used.size > _MOST_LISTED or _listed_bits(counts) > _LISTED_SHARE * _token_bits(counts):
        return
    order = used[np.argsort(-counts[used], kind="stable")]
    place = np.zeros(counts.size, np.int32)
    place[order] = np.arange(order.size)
    for part in segments:
        part.numbers[part.contexts == 65535] = order[0]
        part.numbers[:] = place[part.numbers]
    head.numbers = order.astype(np.int32)


def recurs(segments: list[Segment]) -> bool:
    """True where differences to W + N - NW fall on few values: only exact predictors help."""
    counts = np.zeros(1, np.int64)
    for part in segments:
        more = _gradient_counts(part.grid.inside(part.samples)[0])
        counts, more = (more, counts) if more.size > counts.size else (counts, more)
        counts[: more.size] += more
    return _listed_bits(counts) < _RECURRING * _token_bits(counts)


def packing_helps(samples: npt.NDArray[Any], used: npt.NDArray[np.int64]) -> bool:
    """True where ranks in the list of used values have cheaper gradients than the values.

    Ranks break up differences that recur, as those of rescaled samples do; see list_numbers.
    samples: (h, w, channels).
    """
    ranks = np.zeros(int(used[-1]) + 1, np.int64)
    ranks[used] = np.arange(used.size)
    plane = samples[..., 0].astype(np.int64)
    return _gradient_bits(ranks[plane]) < _gradient_bits(plane)


def _gradient_bits(plane: npt.NDArray[np.int64]) -> float:
    """Bits of a plane's differences to W + N - NW, without contexts."""
    counts = _gradient_counts(plane)
    return min(_token_bits(counts), _listed_bits(counts))


def _gradient_counts(plane: npt.NDArray[Any]) -> Counts:
    """How often each residual number occurs if W + N - NW predicts."""
    residuals = np.diff(np.diff(plane.astype(np.int64), axis=0), axis=1).reshape(-1)
    return np.bincount(np.where(residuals > 0, 2 * residuals - 1, -2 * residuals), minlength=1)


def _token_bits(counts: Counts) -> float:
    """Ideal bits of numbers, each with its count, as tokens and raw bits."""
    numbers = np.flatnonzero(counts)
    exponents = np.frexp(np.maximum(numbers, 1))[1] - 1
    coarse = 16 + 4 * (exponents - 4) + ((numbers >> np.maximum(exponents - 2, 0)) & 3)
    tokens = np.bincount(np.where(numbers < 16, numbers, coarse), counts[numbers], TOKENS)
    some = tokens[tokens > 0]
    entropy = float((some * np.log2(some.sum() / some)).sum()) if some.size else 0.0
    return entropy + float((tokens * RAW_BITS).sum())


def _listed_bits(counts: Counts) -> float:
    """The same for places in the list, and the list."""
    used = np.sort(counts[counts > 0])[::-1]
    return _token_bits(used) + float(used.size * int(counts.size).bit_length())
