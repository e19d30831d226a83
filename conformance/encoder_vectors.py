"""Vectors of our encoder: small drawn pictures in each mode, layout and depth.

A file that is there is kept, so that a better encoder changes no vector; `make --encoder` encodes
all of them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

import pil_dctz
from conformance.author.draw import Draw
from conformance.author.vector import Vector, view
from pil_dctz import EncodeOptions

FOLDER = Path(__file__).resolve().parent / "vectors" / "encoder"
Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def photo(width: int, height: int, channels: int, seed: int, depth: int = 8) -> Samples:
    """Slopes, an edge and a little noise, in integers alone."""
    draw = Draw(seed)
    top = (1 << depth) - 1
    out = np.zeros((height, width, channels), np.uint8 if depth <= 8 else np.uint16)
    a, b, edge = draw.between(1, 5), draw.between(1, 4), draw.between(0, width)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                v = 60 + a * x // 2 + b * y // 2 + 20 * c + (40 if x > edge else 0)
                v += (x * y // (9 + c)) % 17 + draw.below(4)
                out[y, x, c] = min(v % 511 if v % 511 < 256 else 511 - v % 511, 255) * top // 255
    return out


def graphic(width: int, height: int, channels: int, seed: int, depth: int = 8) -> Samples:
    """Flat areas, lines and a repeated motif in few colours."""
    draw = Draw(seed)
    out = np.zeros((height, width, channels), np.uint8 if depth <= 8 else np.uint16)
    colours = [[draw.below(1 << depth) for _ in range(channels)] for _ in range(6)]
    motif = [[draw.below(3) for _ in range(7)] for _ in range(5)]
    for y in range(height):
        for x in range(width):
            k = (
                3
                if y % 11 == 0 or x == width // 3
                else motif[y % 5][x % 7]
                if y > height // 2
                else 4
            )
            out[y, x] = colours[k if x + y < width else 5]
    return out


class Maker:
    """Makes the vectors; anew: also those whose file is there."""

    def __init__(self, anew: bool) -> None:
        self.anew = anew

    def __call__(
        self, name: str, encode: Callable[[], bytes], clauses: tuple[str, ...], why: str
    ) -> Vector:
        path = FOLDER / f"{name}.dctz"
        data = path.read_bytes() if path.exists() and not self.anew else encode()
        return Vector(f"encoder/{name}", data, clauses, why, origin="encoder")


def vectors(anew: bool) -> Iterator[Vector]:
    made = Maker(anew)
    yield from lossy(made)
    yield from lossless(made)
    yield from moving(made)


def lossy(made: Maker) -> Iterator[Vector]:
    clauses = ("lossy.segment", "lossy.level", "lossy.end", "lossy.dc", "lossy.map")
    for quality, (w, h), channels in (
        (5, (80, 61), 3),
        (40, (33, 47), 3),
        (75, (64, 40), 3),
        (98, (24, 31), 3),
        (60, (50, 29), 1),
        (80, (7, 3), 3),
    ):
        options = EncodeOptions(mode="lossy", quality=quality)
        picture = photo(w, h, channels, 500 + quality)
        yield made(
            f"lossy-{w}x{h}-{channels}-q{quality}",
            partial(pil_dctz.encode, picture, options=options),
            clauses,
            f"quality {quality}, {w} x {h}, {channels} channels",
        )
    options = EncodeOptions(mode="lossy", quality=55, segment_size=64)
    whole = made(
        "lossy-segments",
        partial(pil_dctz.encode, photo(100, 70, 3, 520), options=options),
        (*clauses, "frame.segments"),
        "four segments",
    )
    yield whole
    yield view(whole, "scale-8", "at 1:8", scale=8)
    yield view(whole, "scale-2", "at 1:2", scale=2)
    yield view(whole, "across", "over four segments", region=(58, 60, 9, 7))
    options = EncodeOptions(mode="lossy", quality=70, segment_size=64)
    yield made(
        "lossy-rgba",
        partial(pil_dctz.encode, photo(40, 26, 4, 521), options=options),
        (*clauses, "frame.group"),
        "lossy colour, exact alpha",
    )


def lossless(made: Maker) -> Iterator[Vector]:
    photo_clauses = ("prediction.segment", "prediction.context", "prediction.classes")
    clauses = ("lzw.segment", "lzw.context", "lzw.candidates", "lzw.hash", "lzw.token")
    for channels, depth, (w, h) in (
        (1, 8, (80, 45)),
        (2, 8, (31, 40)),
        (3, 8, (57, 43)),
        (4, 8, (29, 31)),
        (1, 16, (40, 30)),
        (3, 12, (33, 21)),
    ):
        yield made(
            f"photo-{channels}x{depth}",
            partial(
                pil_dctz.encode,
                photo(w, h, channels, 530 + depth, depth),
                lossless=True,
                depth=depth,
            ),
            photo_clauses,
            f"a drawn photo of {channels} channels of {depth} bits",
        )
    for channels, depth, (w, h) in (
        (1, 1, (80, 37)),
        (1, 8, (33, 80)),
        (2, 8, (40, 40)),
        (3, 8, (80, 80)),
        (4, 8, (61, 33)),
        (3, 16, (30, 20)),
        (1, 4, (17, 5)),
    ):
        yield made(
            f"graphic-{channels}x{depth}",
            partial(
                pil_dctz.encode,
                graphic(w, h, channels, 540 + depth, depth),
                lossless=True,
                depth=depth,
            ),
            clauses,
            f"a drawn graphic of {channels} channels of {depth} bits",
        )
    page = graphic(140, 80, 3, 550)
    for y in range(80):
        for x in range(140):
            page[y, x] = (page[y, x] // 3 + 5 * (x % 13) + 3 * (y % 7)) if x < 70 else page[y, x]
    page[:64, :64] = photo(64, 64, 3, 551)
    yield made(
        "mixed",
        partial(pil_dctz.encode, page, lossless=True),
        ("lossless.cells", *clauses, *photo_clauses),
        "a page with a photo in it",
    )
    flat = np.full((16, 16, 3), 77, np.uint8)
    yield made(
        "flat", partial(pil_dctz.encode, flat), ("container.compact",), "16 x 16 of one colour"
    )


def moving(made: Maker) -> Iterator[Vector]:
    first = graphic(40, 30, 4, 560)
    second, third = first.copy(), first.copy()
    second[5:9, 7:20] = 200
    third[20:24, 30:38, 3] = 99
    times = [40000, 50000, 60000]
    encode = partial(pil_dctz.encode_frames, [first, second, third], times, 3, lossless=True)
    yield made("animation", encode, ("frame.compose", "container.index"), "three frames")
