"""Mutants of all vectors: our errors alone, in bounded time and memory, and two decoders agree."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

import pil_dctz
from conformance.reference.conventions import Damaged, NotDctz, Refusal
from conformance.reference.decode import decode as reference_decode
from pil_dctz import DctzError, Limits
from tests.hostile.vector_mutants import mutants, seeds

LIMITS = Limits(max_pixels=1 << 16, max_memory=1 << 24)
MOST_SAMPLES = 1 << 12  # that the reference decoder is asked for


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Whole vectors first, so that no mutant is charged for kernels that are compiled meanwhile."""
    for _, data in seeds():
        ours(data)


def ours(data: bytes) -> list[np.ndarray] | str:
    """All frames, or the kind of refusal. Other exceptions fail the test."""
    try:
        header = pil_dctz.read_header(data, limits=LIMITS)
        if header.animated:
            return [np.array(a) for a, _ in pil_dctz.decode_frames(data, limits=LIMITS)]
        pil_dctz.read_metadata(data, limits=LIMITS)
        return [pil_dctz.decode(data, limits=LIMITS, threads=1)]
    except (pil_dctz.DamagedError, pil_dctz.NotDctzError):
        return "damaged"
    except pil_dctz.UnsupportedError:
        return "unsupported"
    except DctzError:
        return "limit"


def theirs(data: bytes) -> list[np.ndarray] | str:
    """The same by the reference decoder."""
    try:
        result = reference_decode(data)
    except (Damaged, NotDctz):
        return "damaged"
    except Refusal:
        return "unsupported"
    return [np.array(frame.samples) for frame in result.frames]


@pytest.mark.checked
@pytest.mark.parametrize("part", range(4))
def test_mutants_of_vectors_give_samples_or_our_errors(part: int) -> None:
    for seed, (name, data) in enumerate(seeds()):
        if seed % 4 != part:
            continue
        for mutant in mutants(data, seed, 12):
            begin = time.perf_counter()
            ours(mutant)
            assert time.perf_counter() - begin < 20, name


@pytest.mark.parametrize("part", range(4))
def test_both_decoders_say_the_same_of_mutants(part: int) -> None:
    for seed, (name, data) in enumerate(seeds()):
        if seed % 4 != part:
            continue
        for mutant in mutants(data, 1000 + seed, 2):
            assert agree(mutant), f"{name}: {mutant.hex()}"


def agree(data: bytes) -> bool:
    mine = ours(data)
    if mine == "limit" or (len(mine) and not isinstance(mine, str) and mine[0].size > MOST_SAMPLES):
        return True
    other = theirs(data)
    if isinstance(mine, str) or isinstance(other, str):
        # a mutant may break two rules, and the order of finding them is free
        return isinstance(mine, str) and isinstance(other, str)
    return len(mine) == len(other) and all(
        np.array_equal(a.reshape(b.shape), b) for a, b in zip(mine, other, strict=True)
    )


def test_mutants_stay_within_memory() -> None:
    for seed, (name, data) in enumerate(seeds()):
        if seed % 9:
            continue
        for mutant in mutants(data, 2000 + seed, 4):
            tracemalloc.start()
            ours(mutant)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak < LIMITS.max_memory + (8 << 20), name
