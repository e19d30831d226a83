"""`dctz decode`: `.dctz` files become PNG, or what else Pillow writes, or arrays."""

from __future__ import annotations

import argparse
import io
from contextlib import AbstractContextManager
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from pil_dctz.cli.arguments import bounded_int, rectangle, size_bytes
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
    from pil_dctz import Metadata

_DESCRIPTION = """\
Decode .dctz files to PNG or, by the output's extension, to any format that
Pillow writes, or to .npy for NumPy. Metadata go along. More than 8 bits of
colour go to .png and .npy. Animations stay animations in .gif, .png, .webp,
.avif and .tiff."""

_TAKE_METADATA = ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "DCTZ", "GIF")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "decode",
        help=".dctz to pictures",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a .dctz file, or - for a pipe")
    part = parser.add_argument_group("what to decode")
    part.add_argument(
        "-s", "--scale", type=int, choices=(1, 2, 4, 8), default=1, help="1/S of the size"
    )
    part.add_argument(
        "-r", "--region", type=rectangle, metavar="X,Y,W,H", help="a rectangle of the full size"
    )
    part.add_argument(
        "--frame", type=bounded_int(0, 1 << 20), metavar="N", help="one frame of an animation"
    )
    part.add_argument(
        "--tolerant",
        action="store_true",
        help="what is whole of a damaged or cut file, the rest filled",
    )
    part.add_argument(
        "--prefix",
        type=size_bytes,
        metavar="BYTES",
        help="--tolerant, of so many bytes of the file, as if it were cut there: 20000, 20k",
    )
    layer = part.add_mutually_exclusive_group()
    layer.add_argument(
        "--base", action="store_true", help="the base picture, without a learned layer"
    )
    layer.add_argument("--model", metavar="FILE", help="a .dctm file that a learned layer may need")
    part.add_argument(
        "-t", "--threads", type=bounded_int(1, 1024), metavar="N", help="(default: all processors)"
    )
    add_output_options(parser, "default: beside the input, named .png")
    group = parser.add_argument_group("format")
    group.add_argument(
        "--format", metavar="EXT", default="png", help="where no output is named (default png)"
    )
    group.add_argument("--strip", action="store_true", help="leave the metadata out")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    extension = "." + args.format.lstrip(".").lower()
    work = inputs_of(args, extension)
    for _, output in work:
        output_of(output, force=args.force)
    failed = False
    for source, output in each(work, "decode"):
        try:
            _decode(source, output, extension, args)
        except (OSError, ValueError) as error:
            tell(failure(source, error))
            failed = True
    return 1 if failed else 0


def _decode(source: Input, output: str, fallback: str, args: argparse.Namespace) -> None:
    import pil_dctz
    from pil_dctz.cli import pictures

    extension = pictures.extension_of(output, fallback)
    strict = not args.tolerant and args.prefix is None
    with _opened(source, args.prefix) as file:
        header = pil_dctz.read_header(file, strict=strict)
        if header.animated and args.frame is None:
            if args.region or args.scale != 1:
                raise UsageError("--region and --scale are for stills; --frame picks one frame")
            if extension != ".npy" and _animates(extension):
                write_file(output, partial(_save_all, file, extension, args), force=args.force)
                return
        metadata = (
            pil_dctz.Metadata() if args.strip else pil_dctz.read_metadata(file, strict=strict)
        )
        trace = pil_dctz.Trace()
        samples = pil_dctz.decode(
            file,
            frame=args.frame or 0,
            region=args.region,
            scale=args.scale,
            strict=strict,
            threads=args.threads,
            trace=trace,
            learned=False if args.base else args.model or True,
        )
    for damage in trace.lost:
        tell(f"{source.name}: filled: {damage.line()}")
    name = None if extension == ".npy" else pictures.format_of(extension)
    info = _options(metadata, name) if name in _TAKE_METADATA else {}
    write_file(
        output,
        partial(_save, extension=extension, samples=samples, depth=header.depth, info=info),
        force=args.force,
    )


def _opened(source: Input, prefix: int | None) -> AbstractContextManager[IO[bytes]]:
    if prefix is None:
        return source.open()
    with source.open() as file:
        return io.BytesIO(file.read(prefix))


def _save(file: IO[bytes], **what: Any) -> None:
    from pil_dctz.cli import pictures

    pictures.save_samples(file, what["extension"], what["samples"], what["depth"], what["info"])


def _animates(extension: str) -> bool:
    from PIL import Image

    from pil_dctz.cli import pictures

    return pictures.format_of(extension) in Image.SAVE_ALL


def _save_all(source: IO[bytes], extension: str, args: argparse.Namespace, file: IO[bytes]) -> None:
    from PIL import Image, ImageFile, ImageSequence

    from pil_dctz.cli import pictures

    source.seek(0)
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = args.tolerant or args.prefix is not None
    try:
        with Image.open(source, formats=["DCTZ"]) as im:
            durations = [frame.info["duration"] for frame in ImageSequence.Iterator(im)]
            loop = im.info["loop"]
            im.save(
                file, pictures.format_of(extension), save_all=True, duration=durations, loop=loop
            )
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _options(metadata: Metadata, name: str | None) -> dict[str, Any]:
    """What Pillow's writer of that format takes of the metadata."""
    from PIL import PngImagePlugin

    found: dict[str, Any] = {
        "icc_profile": metadata.icc,
        "exif": None if metadata.exif is None else b"Exif\0\0" + metadata.exif,
        "xmp": metadata.xmp,
        "dpi": metadata.dpi,
    }
    if metadata.text and name == "PNG":
        text = PngImagePlugin.PngInfo()
        for key, value in metadata.text.items():
            text.add_itxt(key, value)
        found["pnginfo"] = text
    elif metadata.text and name == "DCTZ":
        found["text"] = metadata.text
    return {key: value for key, value in found.items() if value is not None}
