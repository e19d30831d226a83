"""`dctz verify`: whether files are whole, and what of them is not."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from pil_dctz.cli.arguments import bounded_int
from pil_dctz.cli.files import Input, UsageError, each, failure, say, tell

_DESCRIPTION = """\
Judge every byte of .dctz files: structure, checks, metadata, and the samples
of every segment. Each damage is a line with its bytes and the clause of the
specification that it breaks; the exit code is then 1. `dctz decode --tolerant`
gives what is whole."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "verify",
        help="is a file whole, and if not, where",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a .dctz file, or - for a pipe")
    parser.add_argument("--json", action="store_true", help="an object a line")
    parser.add_argument("--quiet", action="store_true", help="no line for a file that is whole")
    parser.add_argument(
        "-t", "--threads", type=bounded_int(1, 1024), metavar="N", help="(default: all processors)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import pil_dctz

    if args.inputs.count("-") > 1:
        raise UsageError("standard input can be read once")
    failed = False
    for source in each([Input(name) for name in args.inputs], "verify"):
        try:
            with source.open() as file:
                report = pil_dctz.verify(file, threads=args.threads)
        except OSError as error:
            tell(failure(source, error))
            failed = True
            continue
        failed |= not report.whole
        if args.json:
            fields: dict[str, Any] = {"file": source.name, "whole": report.whole, **asdict(report)}
            say(json.dumps(fields))
        elif not report.whole:
            for damage in report.damages:
                say(f"{source.name}: {damage.line()}")
        elif not args.quiet:
            say(f"{source.name}: whole, {_count(report.frames, report.segments)}")
    return 1 if failed else 0


def _count(frames: int, segments: int) -> str:
    named = f"{segments} segment{'s' if segments != 1 else ''}"
    return named if frames == 1 else f"{frames} frames, {named}"
