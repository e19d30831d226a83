"""`dctz repair`: a whole file from what is whole of a damaged one."""

from __future__ import annotations

import argparse
from functools import partial
from typing import IO

from pil_dctz.cli.arguments import bounded_int
from pil_dctz.cli.files import (
    Input,
    add_output_options,
    each,
    failure,
    inputs_of,
    output_of,
    tell,
    write_file,
)

_DESCRIPTION = """\
Write a whole .dctz file with all that can be saved of a damaged one. What is
whole keeps its bytes; a lossy segment whose details are lost is shown from its
low frequencies, other lost ones are gray. What was lost is told, a line each
with its bytes and the clause of the specification. Of a file that is whole
nothing is written."""

_EXTENSION = ".repaired.dctz"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "repair",
        help="a whole file from a damaged one",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a .dctz file, or - for a pipe")
    parser.add_argument(
        "-t", "--threads", type=bounded_int(1, 1024), metavar="N", help="(default: all processors)"
    )
    add_output_options(parser, f"default: beside the input, named {_EXTENSION}")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    work = inputs_of(args, _EXTENSION)
    for _, output in work:
        output_of(output, force=args.force)
    failed = False
    for source, output in each(work, "repair"):
        try:
            _repair(source, output, args)
        except (OSError, ValueError) as error:
            tell(failure(source, error))
            failed = True
    return 1 if failed else 0


def _repair(source: Input, output: str, args: argparse.Namespace) -> None:
    import pil_dctz

    with source.open() as file:
        found = pil_dctz.repair(file, threads=args.threads)
    if not found.damages:
        tell(f"{source.name}: whole; nothing is written")
        return
    for damage in found.damages:
        tell(f"{source.name}: lost: {damage.line()}")
    write_file(output, partial(_write, data=found.data), force=args.force)
    tell(f"{source.name}: {found.kept} of {found.segments} segments are as they were")


def _write(file: IO[bytes], data: bytes) -> None:
    file.write(data)
