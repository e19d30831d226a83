"""Numbers and small pictures from seeds, the same on every machine and in every release."""

from __future__ import annotations

from collections.abc import Callable

Picture = list[list[tuple[int, ...]]]  # [y][x][channel]


class Draw:
    """A linear congruential generator of 64 bits (Knuth's MMIX constants), upper bits out."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 0x9E3779B97F4A7C15 % (1 << 64)

    def below(self, n: int) -> int:
        """0..n - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 32) * n >> 32

    def between(self, low: int, high: int) -> int:
        """low..high."""
        return low + self.below(high - low + 1)

    def bytes(self, n: int) -> bytes:
        return bytes(self.below(256) for _ in range(n))


def picture(width: int, height: int, at: Callable[[int, int], tuple[int, ...]]) -> Picture:
    """A picture from a function of x and y."""
    return [[at(x, y) for x in range(width)] for y in range(height)]


def noise(width: int, height: int, channels: int, depth: int, seed: int) -> Picture:
    """Samples drawn from all of 0..2^depth - 1."""
    draw = Draw(seed)
    return picture(
        width, height, lambda x, y: tuple(draw.below(1 << depth) for _ in range(channels))
    )
