"""The command `dctz`, also `python -m pil_dctz`: a file for each of its commands.

Exit codes: 0 all done; 1 a file could not be read or written, is damaged or unsupported; 2 wrong
usage, or an output that exists and `--force` was not given; 130 interrupted. With several inputs a
failure is told and the others go on.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import metadata

from pil_dctz.cli import compare, decode, demo, encode, info, repair, train, verify
from pil_dctz.cli.files import UsageError, tell

__all__ = ["main"]

_COMMANDS = (encode, decode, info, verify, repair, compare, train, demo)

_EPILOG = """\
exit codes:
  0    all done
  1    a file could not be read or written, is damaged or unsupported
  2    wrong usage, or an output exists and --force was not given
  130  interrupted

examples:
  dctz encode photo.png                    photo.dctz beside it, quality 75
  dctz encode *.png -d out -q 85           a folder of them
  dctz encode --lossless screen.png -o -   to a pipe
  dctz decode photo.dctz -o photo.png
  dctz compare photo.png photo.dctz        what it cost, and what it saved
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `dctz` with these arguments (None: those of the process); returns the exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except UsageError as error:
        tell(str(error))
        return 2
    except BrokenPipeError:  # the reader of our output has gone; so may the interpreter's flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dctz",
        description="Encode, decode and examine .dctz pictures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dctz {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _version() -> str:
    try:
        return metadata.version("pil-dctz")
    except metadata.PackageNotFoundError:
        return "(not installed)"
