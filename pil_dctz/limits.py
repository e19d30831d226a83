"""What a decoder refuses to spend on a stranger's file. Clauses of chapter 12."""

from __future__ import annotations

from typing import NamedTuple

from pil_dctz.errors import LimitError

__all__ = ["DEFAULT_LIMITS", "Limits"]


class Limits(NamedTuple):
    """Upper bounds of a decoder, judged before anything is allocated.

    max_pixels: width x height of the canvas.
    max_memory: bytes of the arrays that a call makes (result, canvas, work of the threads).
    max_chunk: bytes of one inflated metadata chunk (the format itself stops at 2^24).
    max_icc: bytes of an ICC profile. max_metadata: bytes of all metadata of a file together.
    """

    max_pixels: int = 1 << 28
    max_memory: int = 1 << 32
    max_chunk: int = 1 << 24
    max_icc: int = 1 << 22
    max_metadata: int = 1 << 26

    def require_pixels(self, width: int, height: int) -> None:
        """Raise LimitError if a canvas has more than max_pixels."""
        if width * height > self.max_pixels:
            raise LimitError(
                f"{width} x {height} pixels, at most {self.max_pixels} are allowed",
                clause="container.header",
            )

    def require_memory(self, size_bytes: int) -> None:
        """Raise LimitError if a call would make more than max_memory bytes of arrays."""
        if size_bytes > self.max_memory:
            raise LimitError(
                f"decoding needs {size_bytes} bytes, at most {self.max_memory} are allowed",
                clause="container.header",
            )

    def threads_within(self, size_bytes: int, work_bytes: int, threads: int) -> int:
        """How many of `threads` may work at a time, each with work_bytes, beside size_bytes.

        Raises LimitError if there is no room for one.
        """
        self.require_memory(size_bytes + work_bytes)
        return max(1, min(threads, (self.max_memory - size_bytes) // max(1, work_bytes)))


DEFAULT_LIMITS = Limits()
