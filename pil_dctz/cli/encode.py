"""`dctz encode`: pictures become `.dctz` files."""

from __future__ import annotations

import argparse
import io
import time
from typing import IO, TYPE_CHECKING, Any

from pil_dctz.cli.arguments import bounded_float, bounded_int, size_bytes
from pil_dctz.cli.files import (
    Input,
    UsageError,
    add_output_options,
    each,
    failure,
    inputs_of,
    output_of,
    tell,
    write_file,
)

if TYPE_CHECKING:
    from PIL import Image

_METADATA = ("icc_profile", "exif", "xmp", "dpi", "text")

_DESCRIPTION = """\
Encode pictures that Pillow can open, arrays saved by NumPy (.npy) and 16-bit
PNG. ICC profile, Exif, XMP and resolution are kept. Animations stay
animations. Bilevel pictures and those of more than 12 bits are stored
losslessly, those of 9 to 12 bits unless a quality is given."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "encode",
        help="pictures to .dctz",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="PICTURE", help="a file, or - for a pipe")
    coding = parser.add_argument_group("coding")
    wanted = coding.add_mutually_exclusive_group()
    wanted.add_argument(
        "-q",
        "--quality",
        type=bounded_float(0, 100),
        default=None,
        metavar="Q",
        help="0..100, about the SSIMULACRA2 score of a photograph (default 75)",
    )
    wanted.add_argument(
        "--target-size",
        type=size_bytes,
        metavar="BYTES",
        help="the best quality in a file of at most so many bytes: 150000, 150k, 1.5M",
    )
    wanted.add_argument(
        "--target-quality",
        type=bounded_float(0, 100),
        metavar="S",
        help="the quality at which SSIMULACRA2 is within 1 point of S",
    )
    coding.add_argument(
        "--preset",
        choices=("auto", "visual", "balanced", "psnr"),
        default="auto",
        help="what lossy colours are made for (default: by the content)",
    )
    coding.add_argument(
        "--alpha-quality",
        type=bounded_float(0, 100),
        metavar="Q",
        help="0..100 of the alpha beside lossy colours (default: exact)",
    )
    coding.add_argument(
        "--progressive",
        nargs="?",
        const=3,
        default=0,
        type=bounded_int(2, 3),
        metavar="PASSES",
        help="lossy in 3 passes, or 2: the first part of the file shows all of the picture, "
        "blurred (1 to 3 %% more bytes)",
    )
    coding.add_argument(
        "--learned",
        nargs="?",
        const=True,
        default=False,
        metavar="MODEL",
        help="a learned layer where it helps, of the package's model or of this .dctm file",
    )
    coding.add_argument("-l", "--lossless", action="store_true", help="keep every sample")
    coding.add_argument(
        "--near-lossless",
        type=bounded_int(0, 65535),
        default=0,
        metavar="N",
        help="let no sample be off by more than N",
    )
    coding.add_argument(
        "-e",
        "--effort",
        type=bounded_int(0, 9),
        default=5,
        metavar="E",
        help="0..9, time for a smaller file (default 5)",
    )
    coding.add_argument(
        "-t", "--threads", type=bounded_int(1, 1024), metavar="N", help="(default: all processors)"
    )
    coding.add_argument("--strip", action="store_true", help="leave the metadata out")
    add_output_options(parser, "default: beside the input, named .dctz")
    parser.add_argument("--quiet", action="store_true", help="no line for each file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    exact = args.lossless or args.near_lossless
    lossy = (args.target_size, args.target_quality, args.alpha_quality, args.progressive or None)
    if exact and any(option is not None for option in lossy):
        raise UsageError(
            "--target-size, --target-quality, --alpha-quality and --progressive are for the lossy "
            "mode"
        )
    work = inputs_of(args, ".dctz")
    for _, output in work:
        output_of(output, force=args.force)  # before the first is encoded
    failed = False
    for source, output in each(work, "encode"):
        started = time.perf_counter()
        try:
            data, raw_bytes = _encode(source, args)
            write_file(output, _writer(data), force=args.force)
        except (OSError, ValueError) as error:
            tell(failure(source, error))
            failed = True
            continue
        if not args.quiet:
            seconds = time.perf_counter() - started
            tell(
                f"{source.name}: {len(data):,} bytes, {100 * len(data) / raw_bytes:.2f} % of raw, "
                f"{seconds:.2f} s"
            )
    return 1 if failed else 0


def _writer(data: bytes) -> Any:
    def write(file: IO[bytes]) -> None:
        file.write(data)

    return write


def _encode(source: Input, args: argparse.Namespace) -> tuple[bytes, int]:
    """The file, and how many bytes its samples take raw. Raises OSError, ValueError."""
    import pil_dctz
    from pil_dctz.cli import pictures, png16

    options: dict[str, Any] = {
        "quality": args.quality,
        "target_size": args.target_size,
        "target_quality": args.target_quality,
        "preset": args.preset,
        "alpha_quality": args.alpha_quality,
        "progressive": args.progressive,
        "lossless": args.lossless,
        "near_lossless": args.near_lossless,
        "effort": args.effort,
        "threads": args.threads,
        "learned": args.learned,
    }
    with source.open() as file:
        first = file.read(32)
        if not first.startswith(b"\x93NUMPY") and not png16.is_deep_colour(first):
            file.seek(0)
            return _encode_with_pillow(file, options, strip=args.strip)
    loaded = pictures.load(source)
    return pil_dctz.encode(loaded.samples, depth=loaded.depth, **options), loaded.raw_bytes


def _encode_with_pillow(
    file: IO[bytes], options: dict[str, Any], *, strip: bool
) -> tuple[bytes, int]:
    from PIL import Image, UnidentifiedImageError

    try:
        im = Image.open(file)
    except UnidentifiedImageError:
        raise OSError("no picture that Pillow knows") from None
    with im:
        frames = int(getattr(im, "n_frames", 1))
        out = io.BytesIO()
        dropped = dict.fromkeys(_METADATA) if strip else {}
        im.save(out, "DCTZ", save_all=frames > 1, **options, **dropped)
        return out.getvalue(), frames * _raw_bytes(im)


def _raw_bytes(im: Image.Image) -> int:
    """Bytes of the samples that are written for a picture in this mode."""
    channels = {"P": 3, "PA": 4}.get(im.mode, len(im.getbands()))
    if im.has_transparency_data and im.mode in ("1", "L", "P", "RGB", "I;16"):
        channels += 1
    return im.width * im.height * channels * (2 if im.mode.startswith("I;16") else 1)
