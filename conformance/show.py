"""A vector taken apart: each field and bit that the reference decoder reads, with its line.

The reference reads with the same words as the specification's syntax, so its lines are the names
of the fields.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .reference import conventions, decode, prefix, rans
from .suite import HERE, Entry

__all__ = ["Recorder", "show"]

_FOLDER = str(HERE / "reference")


class Recorder:
    """What was read, one line each. limit: of bits and symbols, which are many.

    path: of the vector; fields of the file itself come with their offset, those of a blob inside
    it (tables, streams) with a + and the offset in it.
    """

    def __init__(self, data: bytes, limit: int) -> None:
        self.lines: list[str] = []
        self._data = data
        self._limit = limit
        self._fine = 0
        self._depth = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """All reads of the reference are noted meanwhile."""
        watched: list[tuple[type, str, Callable[..., str]]] = [
            (conventions.Cursor, "take", self._bytes),
            (conventions.Cursor, "u8", self._bytes),
            (conventions.Cursor, "u32", self._bytes),
            (conventions.Cursor, "leb", self._bytes),
            *((prefix.Bits, name, self._bits) for name in ("raw", "unary", "rice", "gamma")),
            (prefix.Code, "symbol", self._code),
            *((rans.Rans, name, self._rans) for name in ("symbol", "raw")),
        ]
        kept = [(kind, name, getattr(kind, name)) for kind, name, _ in watched]
        for kind, name, describe in watched:
            setattr(kind, name, self._watch(getattr(kind, name), describe))
        try:
            yield
        finally:
            for kind, name, function in kept:
                setattr(kind, name, function)

    def _watch(self, function: Callable[..., Any], describe: Callable[..., str]) -> Any:
        fine = describe != self._bytes

        def reading(reader: Any, *arguments: Any) -> Any:
            outer = self._depth == 0
            before = self._place(reader, arguments)
            self._depth += 1
            try:
                value = function(reader, *arguments)
            finally:
                self._depth -= 1
            if outer and (not fine or self._room()):
                where = describe(reader, before, value, arguments)
                self.lines.append(f"{where}  {_line_of_caller()}")
            return value

        return reading

    def _room(self) -> bool:
        self._fine += 1
        if self._fine == self._limit + 1:
            self.lines.append(f"... only the first {self._limit} bits and symbols are shown")
        return self._fine <= self._limit

    @staticmethod
    def _place(reader: Any, arguments: tuple[Any, ...]) -> int:
        bits = arguments[0] if isinstance(reader, prefix.Code) else reader
        return int(bits.left if isinstance(bits, prefix.Bits) else bits.at)

    def _bytes(self, cursor: Any, before: int, value: Any, _: tuple[Any, ...]) -> str:
        taken = cursor.data[before : cursor.at]
        place = f"{before:6d}" if cursor.data is self._data else f"+{before:5d}"
        told = f"= {value}"
        if isinstance(value, bytes):
            told = f"= {value.decode('ascii')}" if len(value) == 4 and value.isalpha() else ""
        return f"{place}  {_hex(taken):30} {told:14}"

    def _bits(self, bits: Any, before: int, value: int, _: tuple[Any, ...]) -> str:
        return f"{'':6}  {before - bits.left:3d} bits {'':21} = {value:<12}"

    def _code(self, code: Any, before: int, value: int, arguments: tuple[Any, ...]) -> str:
        return self._bits(arguments[0], before, value, ())

    def _rans(self, stream: Any, before: int, value: int, _: tuple[Any, ...]) -> str:
        return f"{'':6}  rANS, byte {stream.at:<6d} {'':12} = {value:<12}"


def _hex(data: bytes) -> str:
    return data.hex(" ") if len(data) <= 8 else f"{data[:6].hex(' ')} .. ({len(data)} bytes)"


def _line_of_caller() -> str:
    """File, line and text of the reference's line that reads."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_code.co_filename.startswith(_FOLDER):
        frame = frame.f_back
    path, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(path, number).strip()
    return f"{Path(path).name}:{number}: {text}"


def show(entry: Entry, folder: Path, limit: int = 200) -> list[str]:
    """Lines for people: what the manifest says, then each read, then how it ends."""
    data = (folder / entry["file"]).read_bytes()
    wanted = {
        "must": "decodes",
        "may": "decodes, or is over a limit",
        "salvage": "decodes, tolerantly",
    }
    lines = [
        f"{entry['id']}: {entry['why']}",
        f"kind {entry['kind']} ({wanted.get(entry['kind'], 'is refused')}), {len(data)} bytes, "
        f"clauses {', '.join(entry['clauses'])}",
    ]
    if entry["twin"]:
        lines.append(f"twin that decodes: {entry['twin']}")
    recorder = Recorder(data, limit)
    x, y, w, h = entry["region"] or (0, 0, 0, 0)
    region = (x, y, w, h) if entry["region"] else None
    try:
        with recorder.listening():
            result = decode.decode(data, region, entry["scale"], entry["tolerant"])
        meta = result.meta()
        size = f"{meta['width']} x {meta['height']} x {meta['channels']}, {meta['depth']} bits"
        end = f"decoded: {len(result.frames)} of {size}"
    except conventions.Refusal as error:
        end = f"{type(error).__name__}: {error}"
    return [*lines, "", *recorder.lines, "", end]
