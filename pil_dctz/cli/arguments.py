"""Types of command line arguments: numbers in a range, rectangles."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

__all__ = ["bounded_float", "bounded_int", "rectangle", "size_bytes"]


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


_UNITS = {"": 1, "k": 1000, "m": 10**6, "ki": 1 << 10, "mi": 1 << 20}


def size_bytes(text: str) -> int:
    """A number of bytes, 1 or more: 150000, 150k, 1.5M (of 1000), 64Ki, 1Mi (of 1024)."""
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)((?:[km]i?)?)b?", text.lower())
    size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if size < 1:
        raise argparse.ArgumentTypeError(f"must be bytes, as 150000, 150k or 1.5M, got {text!r}")
    return size


def rectangle(text: str) -> tuple[int, int, int, int]:
    """X,Y,WIDTH,HEIGHT in samples."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"must be X,Y,WIDTH,HEIGHT, got {text!r}")
    x, y, width, height = map(int, parts)
    return x, y, width, height
