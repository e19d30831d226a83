"""What a decoding touched and what it lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from pil_dctz.errors import DamagedError

__all__ = ["Damage", "Trace"]


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that is not whole.

    what: the error's words. begin, end: its bytes in the file, as far as they are known.
    clause: of the specification. frame, group, segment: where it belongs, None if elsewhere.
    """

    what: str
    begin: int | None
    end: int | None
    clause: str
    frame: int | None = None
    group: int | None = None
    segment: int | None = None

    @classmethod
    def of(cls, error: DamagedError, begin: int | None = None, end: int | None = None) -> Damage:
        """From an error; without a range, from its offset on."""
        return cls(error.what, error.offset if begin is None else begin, end, error.clause)

    def line(self) -> str:
        """For people: what, the bytes, the clause."""
        place = []
        if self.begin is not None:
            end = "" if self.end is None else f"..{self.end - 1}"
            place.append(f"bytes {self.begin}{end}")
        if self.clause:
            place.append(self.clause)
        return f"{self.what} ({', '.join(place)})" if place else self.what


@dataclass(slots=True)
class Trace:
    """Filled by `decode(..., trace=Trace())`.

    bytes_read: of the file. reads: (offset, size) of each access. streams: (frame, group, segment,
    stream) of each stream that was read. lost: what a tolerant decoding could not give.
    """

    bytes_read: int = 0
    reads: list[tuple[int, int]] = field(default_factory=list)
    streams: set[tuple[int, int, int, int]] = field(default_factory=set)
    lost: list[Damage] = field(default_factory=list)
