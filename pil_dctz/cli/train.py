"""`dctz train`: a model for the learned layer from a folder of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from pil_dctz.cli.files import UsageError, say

_DESCRIPTION = """\
Train a model of the learned layer on the pictures of a folder: they are encoded
at several qualities, and the model learns what brings them nearer to the
originals, by SSIMULACRA2 and squared error. Its gain on pictures that it has
not seen is printed and kept in the file. Networks need PyTorch:
pip install "pil-dctz[train]"."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "train",
        help="train a model for the learned layer",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of pictures to learn from")
    parser.add_argument(
        "--kind",
        choices=("filters", "network", "pruning", "quantization"),
        default="filters",
        help="a model of either kind, or a table of the encoder (default filters)",
    )
    parser.add_argument("-o", "--out", metavar="FILE", type=Path, required=True, help="MODEL.dctm")
    parser.add_argument(
        "--held-out", metavar="DIR", type=Path, help="pictures to judge by (default: every eighth)"
    )
    parser.add_argument("--quick", action="store_true", help="a few steps, to see that it runs")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn (default 1)")
    parser.add_argument("--resume", action="store_true", help="go on with the run that was cut off")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        from pil_dctz.training.command import Task, train

        task = Task(
            folder=args.folder,
            kind=args.kind,
            out=args.out,
            held_out=args.held_out,
            quick=args.quick,
            seed=args.seed,
            resume=args.resume,
        )
        train(task, say)
    except (ValueError, FileExistsError) as error:
        raise UsageError(str(error)) from None
    except ImportError as error:
        raise UsageError(f'{error}: pip install "pil-dctz[train]"') from None
    return 0
