"""Pictures that are hard on lossless coding: their size against the bound, their time against a
photograph's. Noise no method shortens; the others fill the chains and hashes of LZW with places
that match for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.store import Record

Samples = npt.NDArray[Any]


def hard_pictures(side: int, seed: int = 0) -> dict[str, Samples]:
    """Square pictures by name, `side` at least 8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side]

    def gray(values: Samples) -> Samples:
        return values.astype(np.uint8)

    def rgb(values: Samples) -> Samples:
        return np.repeat(gray(values)[..., None], 3, axis=2)

    size = side * side
    return {
        "noise rgb": rng.integers(0, 256, (side, side, 3)).astype(np.uint8),
        "noise rgba": rng.integers(0, 256, (side, side, 4)).astype(np.uint8),
        "noise gray": gray(rng.integers(0, 256, (side, side))),
        "noise of 2 values": (rng.integers(0, 2, (side, side, 3)) * 255).astype(np.uint8),
        "noise black and white": gray(rng.integers(0, 2, (side, side)) * 255),
        "noise of 300 colours": rng.integers(0, 256, (300, 3))[
            rng.integers(0, 300, (side, side))
        ].astype(np.uint8),
        "noise 16 bits": rng.integers(0, 1 << 16, (side, side)).astype(np.uint16),
        "noise 16 bits, rgb": rng.integers(0, 1 << 16, (side, side, 3)).astype(np.uint16),
        "one colour": rgb(np.full((side, side), 77)),
        "upright stripes": rgb(x % 2 * 200),
        "level stripes": rgb(y % 3 * 90),
        "checkerboard": rgb((x + y) % 2 * 255),
        "checkerboard of 7": rgb((x // 7 + y // 7) % 2 * 255),
        "ramps": np.stack([x, y, x + y], axis=2).astype(np.uint8),
        "de Bruijn, 2 values": gray(_de_bruijn(2, size).reshape(side, side) * 255),
        "de Bruijn, 4 values": rgb(_de_bruijn(4, size).reshape(side, side) * 50),
        "period of 37": np.resize(rng.integers(0, 256, (37, 3)), (side, side, 3)).astype(np.uint8),
        "rows of noise": np.repeat(rng.integers(0, 256, (side, 1, 3)), side, 1).astype(np.uint8),
        "columns of noise": np.repeat(rng.integers(0, 256, (1, side, 3)), side, 0).astype(np.uint8),
        "tiles with faults": _tiles(rng, side),
    }


def _tiles(rng: np.random.Generator, side: int) -> Samples:
    tile = np.resize(rng.integers(0, 2, (64, 64)) * 255, (64, 64))
    count = -(-side // 64)
    whole = np.tile(tile, (count, count))[:side, :side].copy()
    whole[::61, ::59] = 7
    return np.repeat(whole.astype(np.uint8)[..., None], 3, axis=2)


def _de_bruijn(values: int, size: int) -> Samples:
    """`size` digits in which each word as long as may be comes at most once, by "prefer high"."""
    length = 1
    while values**length < size:
        length += 1
    seen = np.zeros(values**length, bool)
    out = [0] * length
    state = 0
    seen[0] = True
    while len(out) < size + length:
        base = state * values % values**length
        for digit in range(values - 1, -1, -1):
            if not seen[base + digit]:
                break
        else:
            digit = 0
        state = base + digit
        seen[state] = True
        out.append(digit)
    return np.array(out[:size])


def bound(samples: Samples) -> float:
    """The most bytes that a file may have: its raw samples, 1 % and 64 bytes."""
    return samples.nbytes * 1.01 + 64


def measure(
    side: int, *, effort: int, repeats: int, only: list[str] | None = None
) -> Iterator[Record]:
    """A photograph, then each hard picture: bytes, the bound, processor times and their ratios to
    the photograph's (per pixel; one thread). only: parts of the hard pictures' names."""
    from pil_dctz.demo.photo import photograph

    photo = photograph(None)[0]
    times = tuple(np.ceil([side / photo.shape[0], side / photo.shape[1], 1]).astype(int))
    pictures = {"photograph": np.ascontiguousarray(np.tile(photo, times)[:side, :side])}
    pictures |= {
        name: samples
        for name, samples in hard_pictures(side).items()
        if only is None or any(part in name for part in only)
    }
    first: tuple[float, float] | None = None
    for name, samples in pictures.items():
        _timed(samples[:96, :96].copy(), effort, 1)  # kernels are compiled
        size, encode_s, decode_s, exact = _timed(samples, effort, repeats)
        first = first or (encode_s, decode_s)
        yield {
            "bench": "worst",
            "picture": name,
            "pixels": side * side,
            "bytes": size,
            "bound": int(bound(samples)),
            "within": size <= bound(samples),
            "encode_s": round(encode_s, 4),
            "decode_s": round(decode_s, 4),
            "encode_ratio": round(encode_s / first[0], 2),
            "decode_ratio": round(decode_s / first[1], 2),
            "exact": exact,
        }


def _timed(samples: Samples, effort: int, repeats: int) -> tuple[int, float, float, bool]:
    import pil_dctz

    encode_s = decode_s = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        data = pil_dctz.encode(samples, lossless=True, effort=effort, threads=1)
        middle = time.process_time()
        decoded = pil_dctz.decode(data, threads=1)
        end = time.process_time()
        encode_s, decode_s = min(encode_s, middle - start), min(decode_s, end - middle)
    same = decoded.dtype == samples.dtype and np.array_equal(decoded, samples)
    return len(data), encode_s, decode_s, bool(same)
