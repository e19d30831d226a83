"""Files of prediction, from a group and what puts its residuals."""

from __future__ import annotations

from collections.abc import Callable

from conformance.author import fields as f
from conformance.author.bits import even
from conformance.author.draw import Draw
from conformance.author.lossless import Prediction, Residuals, lossless_group

LAYOUT = {1: f.GRAY, 2: f.GRAY_ALPHA, 3: f.RGB, 4: f.RGBA}
SMALL = even(list(range(16)), 72)


def made(
    p: Prediction, w: int, h: int, put: Callable[[Residuals], object], depth: int = 8
) -> bytes:
    p.depth = depth
    bits = Residuals(p)
    put(bits)
    group = lossless_group([bits.bytes()], prediction=p)
    return f.still(f.header(w, h, LAYOUT[p.channels], depth), f.Frame([group]))


def plain(seed: int, number: int, most: int = 4) -> Callable[[Residuals], object]:
    """So many residual values 0..most - 1."""

    def put(bits: Residuals) -> None:
        draw = Draw(seed)
        for _ in range(number):
            bits.value(draw.below(most))

    return put


def places(number: int, count: int) -> Callable[[Residuals], object]:
    """Places in a list whose entries 1 and 2 go up and down alike."""

    def put(bits: Residuals) -> None:
        for i in range(number):
            bits.value(0 if count == 1 else (0, 1, 0, 2)[i % 4])

    return put


def alternating(number: int, most: int) -> Callable[[Residuals], object]:
    """Residuals that stay near the middle: 0, and now and then down by one and up by one."""

    def put(bits: Residuals) -> None:
        for i in range(number):
            bits.value(0 if most == 1 or i % 6 > 2 else (0, 2, 1)[i % 6])

    return put
