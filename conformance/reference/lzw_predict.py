"""Chapter 9b, clause `lzw.predictor`: predictions of a channel of a pixel."""

from __future__ import annotations

from .conventions import clamp

SHIFTS = {"A": 24, "R": 16, "G": 8, "B": 0}


def wrap(v: int, depth: int) -> int:
    """The number of -2^(depth-1) .. 2^(depth-1) - 1 that equals v mod 2^depth."""
    half = 1 << (depth - 1)
    return (v + half) % (1 << depth) - half


def predict(
    number: int, p: int, width: int, near: dict[str, int], channel: str, names: str, depth: int
) -> int:
    """Prediction `number` of a channel at position p from the pixels W, N, NW, NE."""

    def sample(name: str, of: str) -> int:
        return near[name] >> SHIFTS[of] & 255

    w, n, nw, ne = (sample(name, channel) for name in ("W", "N", "NW", "NE"))
    if p < width:
        return w if p else 0
    if p % width == 0:
        return n
    m = (w + n) >> 1
    g = w + n - nw
    if number == 0:
        return clamp(g, min(w, n), max(w, n))
    if number == 3:
        left = sum(abs(sample("N", c) - sample("NW", c)) for c in names)
        above = sum(abs(sample("W", c) - sample("NW", c)) for c in names)
        return w if left < above else n
    if number == 6:
        return min((w, n, nw), key=lambda value: abs(g - value))
    if number == 7:
        return clamp(m + ((m - nw) >> 1), 0, (1 << depth) - 1)
    return {
        1: m,
        2: (2 * w + n + ne + 2) >> 2,
        4: n,
        5: w,
        8: ne,
        9: nw,
        10: (n + ne) >> 1,
        11: (n + nw) >> 1,
        12: (w + nw) >> 1,
        13: (w + n + nw + ne + 2) >> 2,
    }[number]
