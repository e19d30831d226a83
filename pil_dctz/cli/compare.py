"""`dctz compare`: how small a coded picture is, and how near to its original."""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

from pil_dctz.cli.files import Input, UsageError, each, failure, say, tell

_DESCRIPTION = """\
Compare pictures with their original: size over raw size, bits a pixel, PSNR,
MS-SSIM and SSIMULACRA2 (100 equal, 90 hard to tell, 70 high, 50 medium), and
the zero-order entropy of samples and of residuals (clamped gradient), in bits
a sample. Any format that Pillow opens, .npy and 16-bit PNG."""

_METRICS = ("psnr", "ms_ssim", "ssimulacra2")
_COLUMNS = (
    ("bytes", "size_bytes", ",.0f"),
    ("% of raw", "percent_of_raw", ".2f"),
    ("bpp", "bits_a_pixel", ".3f"),
    ("PSNR", "psnr", ".2f"),
    ("MS-SSIM", "ms_ssim", ".5f"),
    ("SSIMULACRA2", "ssimulacra2", ".2f"),
    ("entropy", "sample_entropy", ".3f"),
    ("residuals", "residual_entropy", ".3f"),
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "compare",
        help="size and quality against an original",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("original", metavar="ORIGINAL", help="the picture before coding, or -")
    parser.add_argument("others", nargs="+", metavar="CODED", help="pictures to judge, or -")
    parser.add_argument("--json", action="store_true", help="an object a line instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from pil_dctz.cli import pictures
    from pil_dctz.cli.figures import size_figures

    names = [args.original, *args.others]
    if names.count("-") > 1:
        raise UsageError("standard input can be read once")
    source = Input(args.original)
    try:
        original = pictures.load(source)
    except OSError as error:
        raise OSError(failure(source, error)) from None
    rows: list[dict[str, Any]] = [{"file": source.name, **size_figures(original)}]
    failed = False
    for name in each(list(args.others), "compare"):
        other = Input(name)
        try:
            coded = pictures.load(other)
            first, second, peak = pictures.alike(original, coded)
        except (OSError, ValueError) as error:
            tell(failure(other, error))
            failed = True
            continue
        rows.append({"file": other.name, **size_figures(coded), **_nearness(first, second, peak)})
    say("\n".join(map(_json_line, rows)) if args.json else _table(rows))
    return 1 if failed else 0


def _nearness(first: Any, second: Any, peak: int) -> dict[str, float]:
    from pil_dctz import metrics

    return {name: getattr(metrics, name)(first, second, peak=peak) for name in _METRICS}


def _json_line(row: dict[str, Any]) -> str:
    """Figures that are no finite numbers, as the PSNR of equal pictures, become null."""
    finite = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
    return json.dumps(finite)


def _table(rows: list[dict[str, Any]]) -> str:
    cells = [["", *(title for title, _, _ in _COLUMNS)]]
    for row in rows:
        figures = [f"{row[key]:{form}}" if key in row else "-" for _, key, form in _COLUMNS]
        cells.append([row["file"], *figures])
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([line[0].ljust(wide[0]), *map(str.rjust, line[1:], wide[1:])]) for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)
