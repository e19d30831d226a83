"""Inputs, outputs and messages of the commands: pipes, folders, files that appear whole."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TypeVar

__all__ = [
    "Input",
    "UsageError",
    "add_output_options",
    "each",
    "failure",
    "inputs_of",
    "output_of",
    "say",
    "tell",
    "write_file",
]

STDIO = "-"

_Item = TypeVar("_Item")


class UsageError(Exception):
    """The command was asked for something it does not do; exit code 2."""


class Input:
    """A file named on the command line, or standard input."""

    def __init__(self, name: str) -> None:
        self.is_pipe = name == STDIO
        self.name = "standard input" if self.is_pipe else name
        self.path = Path(name)
        self._data: bytes | None = None

    def open(self) -> IO[bytes]:
        """The bytes, from their beginning, seekable. Raises OSError."""
        if not self.is_pipe:
            return open(self.path, "rb")
        if self._data is None:
            self._data = sys.stdin.buffer.read()
        return io.BytesIO(self._data)

    def size_bytes(self) -> int:
        """Length of the file."""
        with self.open() as file:
            return file.seek(0, io.SEEK_END)


def say(line: str) -> None:
    """A line of the result on standard output, clear of a progress bar."""
    from tqdm import tqdm

    tqdm.write(line, file=sys.stdout)


def tell(message: str) -> None:
    """A line about the work on standard error, clear of a progress bar."""
    from tqdm import tqdm

    tqdm.write(f"dctz: {message}", file=sys.stderr)


def failure(source: Input, error: Exception) -> str:
    """What became of an input, which is named once."""
    if isinstance(error, OSError) and str(error.filename) == str(source.path):
        return f"{source.name}: {error.strerror}"
    return f"{source.name}: {error}"


def each(items: list[_Item], what: str, unit: str = "file") -> Iterable[_Item]:
    """The items, with a progress bar on a terminal where there is more than one."""
    from tqdm import tqdm

    hidden = len(items) < 2 or not sys.stderr.isatty()
    bar: Iterable[_Item] = tqdm(items, desc=what, unit=unit, disable=hidden, file=sys.stderr)
    return bar


def add_output_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Options that say where results go; `default` names the place without them."""
    group = parser.add_argument_group("output")
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "-o", "--output", metavar="FILE", help=f"result of the one input; - is a pipe ({default})"
    )
    where.add_argument(
        "-d", "--out-dir", metavar="DIR", type=Path, help="folder for the results, made if missing"
    )
    group.add_argument("-f", "--force", action="store_true", help="overwrite files that exist")


def inputs_of(args: argparse.Namespace, extension: str) -> list[tuple[Input, str]]:
    """Each input with the name of its output, `-` for standard output.

    extension: of outputs that are not named, with its dot. Raises UsageError for several inputs
    with one output, for two inputs with the same one, and for `.` or `/`.
    """
    inputs = [Input(name) for name in args.inputs]
    if args.output is not None and len(inputs) > 1:
        raise UsageError("--output is for one input; --out-dir takes the results of several")
    if sum(source.is_pipe for source in inputs) > 1:
        raise UsageError("standard input can be read once")
    outputs = [args.output or _output_name(source, args.out_dir, extension) for source in inputs]
    doubled = {name for name in outputs if outputs.count(name) > 1}
    if doubled:
        raise UsageError(f"two inputs would become {', '.join(sorted(doubled))}")
    return list(zip(inputs, outputs, strict=True))


def _output_name(source: Input, folder: Path | None, extension: str) -> str:
    if source.is_pipe:
        return STDIO if folder is None else str(folder / f"stdin{extension}")
    if not source.path.name:
        raise UsageError(f"{source.name} is a folder")
    beside = source.path.with_suffix(extension)
    return str(beside if folder is None else folder / beside.name)


def output_of(name: str, *, force: bool) -> str:
    """The name, once it may be written. Raises UsageError for a file that exists, or a terminal."""
    if name == STDIO:
        if sys.stdout.isatty():
            raise UsageError("a picture does not go to a terminal; name a file with --output")
        return name
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a folder; --out-dir takes folders")
    if path.is_file() and not force:
        raise UsageError(f"{name} exists; --force overwrites it")
    return name


def write_file(name: str, write: Callable[[IO[bytes]], None], *, force: bool) -> None:
    """Call `write` with a file that takes the place of `name` when all is in it.

    A failure leaves what was there before. Pipes and devices are written directly. Raises
    UsageError as `output_of` does, OSError.
    """
    output_of(name, force=force)
    path = Path(name)
    if name == STDIO or (path.exists() and not path.is_file()):
        buffer = io.BytesIO()
        write(buffer)
        with _stdout() if name == STDIO else open(path, "wb") as file:
            file.write(buffer.getbuffer())
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        output_of(name, force=force)  # it may have appeared meanwhile
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _stdout() -> IO[bytes]:
    return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
