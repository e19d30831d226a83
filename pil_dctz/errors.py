"""The error tree. Every failure to read a file is one of these, and nothing else."""

from __future__ import annotations

__all__ = [
    "DamagedError",
    "DctzError",
    "LimitError",
    "NotDctzError",
    "TruncatedError",
    "UnsupportedError",
]


class DctzError(OSError):
    """Root of the tree: a DCTZ file cannot be read.

    what: what is wrong, without place.
    offset: byte position in the file (or in the bytes given), None if unknown.
    clause: identifier of the clause of the specification that is broken, or "".
    """

    def __init__(self, what: str, *, offset: int | None = None, clause: str = "") -> None:
        self.what = what
        self.offset = offset
        self.clause = clause
        super().__init__(self._message())

    def _message(self) -> str:
        place = [f"byte {self.offset}"] if self.offset is not None else []
        if self.clause:
            place.append(self.clause)
        return f"{self.what} ({', '.join(place)})" if place else self.what

    def within(self, where: str, base: int) -> DctzError:
        """The same error seen from outside: `where` is named, `base` bytes precede its bytes."""
        offset = base if self.offset is None else base + self.offset
        return type(self)(f"{where}: {self.what}", offset=offset, clause=self.clause)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.offset, self.clause)


class NotDctzError(DctzError):
    """The bytes do not begin with the signature."""


class DamagedError(DctzError):
    """The file breaks a rule of the specification, or is cut short."""


class TruncatedError(DamagedError):
    """The file ends where the specification asks for more bytes; with more it may be whole."""


class UnsupportedError(DctzError):
    """The file is well formed but needs something this decoder does not have."""


class LimitError(DctzError):
    """Decoding would exceed a limit on size, memory or metadata."""


def _rebuild(kind: type[DctzError], what: str, offset: int | None, clause: str) -> DctzError:
    return kind(what, offset=offset, clause=clause)
