"""Files of LZW, and groups that several vectors begin with."""

from __future__ import annotations

from conformance.author import fields as f
from conformance.author.bits import even
from conformance.author.lossless import (
    CACHED,
    RESIDUALS,
    Lzw,
    Prediction,
)

LAYOUT = {1: f.GRAY, 2: f.GRAY_ALPHA, 3: f.RGB, 4: f.RGBA}
MASKS = {1: 2, 2: 3, 3: 14, 4: 15}  # all residuals of a group of so many channels
RUNS = range(320)


def token_code(*more: int) -> list[int]:
    """A code over runs of all sources and some literals."""
    return even(sorted({*RUNS, *more}), 338)


def file_of(group: f.Group, w: int, h: int, layout: int, depth: int = 8) -> bytes:
    return f.still(f.header(w, h, layout, depth), f.Frame([group]))


def gray_lzw(**more: object) -> Lzw:
    """A gray group whose literals cost a few bits."""
    given: dict[str, object] = {"predictor": 4, **more}
    lzw = Lzw(1, **given)  # type: ignore[arg-type]
    lzw.own = {
        "token": token_code(RESIDUALS + 2, RESIDUALS, CACHED),
        "phrase": even(list(range(20)), 64),
        "residual": even([*range(32), 32, 33, 36, 37], 38),
        **lzw.own,
    }
    return lzw


def mixed_tables() -> tuple[Lzw, Prediction]:
    prediction = Prediction(1, value=[even(list(range(16)), 72)])
    return gray_lzw(), prediction


def bucket_floor(k: int) -> int:
    """The least length of a bucket whose raw bits are 0."""
    if k < 4:
        return k + 1
    return 1 + ((2 + (k & 1)) << (1 + ((k - 4) >> 1)))
