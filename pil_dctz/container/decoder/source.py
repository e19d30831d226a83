"""Where a file's bytes come from: bytes in memory, a path, or a file object."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TypeAlias

from pil_dctz.errors import DamagedError, TruncatedError

__all__ = ["BytesSource", "FileSource", "Readable", "Source", "open_source", "read_piece"]

Readable: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes]


class Source:
    """Random access to a file's bytes, from any thread. size_bytes: its length.

    bytes_read: how many bytes were taken so far; `touched` lists them as (offset, size) if it is
    given a list.
    """

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.bytes_read = 0
        self.touched: list[tuple[int, int]] | None = None

    def read_at(self, offset: int, size: int, name: str, clause: str) -> bytes:
        """Exactly `size` bytes from `offset` on; TruncatedError if the file is shorter."""
        if offset + size > self.size_bytes:
            raise TruncatedError(f"file ends inside {name}", offset=self.size_bytes, clause=clause)
        data = self.read_up_to(offset, size)
        if len(data) < size:
            raise TruncatedError(
                f"file ends inside {name}", offset=offset + len(data), clause=clause
            )
        return data

    def read_up_to(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on, fewer only where the file ends."""
        # An offset beyond the end comes from the file itself; the system may refuse to go there.
        data = self._read(min(offset, self.size_bytes), min(size, max(0, self.size_bytes - offset)))
        self.bytes_read += len(data)
        if self.touched is not None:
            self.touched.append((offset, len(data)))
        return data

    def _read(self, offset: int, size: int) -> bytes:
        raise NotImplementedError


class BytesSource(Source):
    """Bytes in memory."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data).cast("B")
        super().__init__(len(self._view))

    def _read(self, offset: int, size: int) -> bytes:
        return bytes(self._view[offset : offset + size])


class FileSource(Source):
    """A seekable file object; the DCTZ file begins at `start` and goes to its end."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._start = start
        self._lock = threading.Lock()
        self._stamp = _stamp(file)
        super().__init__(max(0, file.seek(0, io.SEEK_END) - start))

    def require_unchanged(self) -> None:
        """Raise DamagedError if the file was written to since: what was read may be of two files.

        One that another took the place of (`os.replace`) is still the one that was opened.
        """
        if _stamp(self._file) != self._stamp:
            raise DamagedError("the file was changed while it was read")

    def _read(self, offset: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(self._start + offset)
            return _read_fully(self._file, size)


@contextmanager
def open_source(readable: Readable) -> Iterator[Source]:
    """A Source for what the public functions take; DamagedError where it changed meanwhile.

    A seekable file object is read from its position on, which is restored; others are read whole.
    A path is opened and closed.
    """
    if isinstance(readable, bytes | bytearray | memoryview):
        yield BytesSource(readable)
    elif isinstance(readable, str | os.PathLike):
        with open(readable, "rb") as file:
            if file.seekable():
                source = FileSource(file, 0)
                yield source
                source.require_unchanged()
            else:
                yield BytesSource(file.read())
    else:
        start = _position(readable)
        if start is None:
            yield BytesSource(readable.read())
            return
        try:
            source = FileSource(readable, start)
            yield source
            source.require_unchanged()
        finally:
            readable.seek(start)


def _stamp(file: IO[bytes]) -> tuple[int, int] | None:
    """Size and time of the last write, None of what is no file of the system's.

    Others are not asked: a SpooledTemporaryFile would go to the disk to answer.
    """
    if not isinstance(file, io.FileIO | io.BufferedReader | io.BufferedRandom):
        return None
    try:
        found = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def read_piece(readable: Readable, offset: int, size: int) -> tuple[bytes, int | None]:
    """`size` bytes (fewer at the end), and the length of the whole file where that is known.

    A seekable file object is left where it was. One that cannot seek gives its next bytes, which
    the caller asks for in order.
    """
    if isinstance(readable, bytes | bytearray | memoryview):
        view = memoryview(readable).cast("B")
        return bytes(view[offset : offset + size]), len(view)
    if isinstance(readable, str | os.PathLike):
        with open(readable, "rb", buffering=0) as file:
            if not file.seekable():
                raise OSError(f"{os.fspath(readable)} cannot be read in pieces")
            file.seek(offset)
            return _read_fully(file, size), os.fstat(file.fileno()).st_size
    start = _position(readable)
    if start is None:
        return _read_fully(readable, size), None
    try:
        readable.seek(start + offset)
        data = _read_fully(readable, size)
        return data, max(0, readable.seek(0, io.SEEK_END) - start)
    finally:
        readable.seek(start)


def _position(file: IO[bytes]) -> int | None:
    """Where a seekable file object stands, None if it cannot seek. Raises TypeError."""
    if not hasattr(file, "read"):
        raise TypeError(
            f"a DCTZ file is given as bytes, a path or a file object, got {type(file).__name__}"
        )
    seekable: Any = getattr(file, "seekable", None)
    if seekable is None:
        return file.tell() if hasattr(file, "seek") and hasattr(file, "tell") else None
    return file.tell() if seekable() else None


def _read_fully(file: Any, size: int) -> bytes:
    """`size` bytes, or all that are left: raw files and pipes may give them in pieces."""
    parts = []
    while size > 0:
        part = file.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
