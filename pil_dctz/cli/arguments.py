"""Types of command line arguments: numbers in a range, rectangles."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["bounded_float", "bounded_int", "rectangle"]


def bounded_int(low: int, high: int) -> Callable[[str], int]:
    """A parser of integers in low..high."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be an integer, {low}..{high}, got {text!r}")
        return int(text)

    return parse


def bounded_float(low: float, high: float) -> Callable[[str], float]:
    """A parser of numbers in low..high."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be {low:g}..{high:g}, got {text!r}")
        return value

    return parse


def rectangle(text: str) -> tuple[int, int, int, int]:
    """X,Y,WIDTH,HEIGHT in samples."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"must be X,Y,WIDTH,HEIGHT, got {text!r}")
    x, y, width, height = map(int, parts)
    return x, y, width, height
