"""`dctz demo`: a photograph and a screen, both modes, beside JPEG, PNG and WebP."""

from __future__ import annotations

import argparse
from pathlib import Path

_DESCRIPTION = """\
Encode a photograph and a screen-like picture in both modes, open them again
through Pillow and imageio, print bytes and quality beside JPEG, PNG and WebP,
and write a page (index.html) with the pictures side by side."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="try it on two pictures, and look",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-d",
        "--out-dir",
        type=Path,
        default=Path("dctz-demo"),
        metavar="DIR",
        help="folder of the results (default ./dctz-demo)",
    )
    parser.add_argument(
        "--photo",
        type=Path,
        metavar="FILE",
        help="a photograph of your own",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from pil_dctz import demo

    return 0 if demo.run(args.out_dir, photo=args.photo) else 1
