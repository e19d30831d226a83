"""`dctz info`: what a file is, what it holds, and how small it is."""

from __future__ import annotations

import argparse
import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pil_dctz.cli.files import Input, UsageError, each, failure, say, tell

if TYPE_CHECKING:
    from pil_dctz import FileInfo, Header, Metadata

_DESCRIPTION = """\
Print size, layout, coding modes, metadata and chunks of .dctz files, their
size over raw size, bits a pixel, and the zero-order entropy of samples and of
residuals (clamped gradient), in bits a sample, of the first frame. Of a .dctm
file: what the model is, and what those who trained it say of it."""

_MODEL = b"\xc4CTM"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "info",
        help="what a file is and holds",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a .dctz file, or - for a pipe")
    parser.add_argument("--json", action="store_true", help="an object a line, with all segments")
    parser.add_argument(
        "--quick", action="store_true", help="without the entropies, for which samples are decoded"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.inputs.count("-") > 1:
        raise UsageError("standard input can be read once")
    failed = False
    for source in each([Input(name) for name in args.inputs], "info"):
        try:
            found = _look(source, quick=args.quick)
        except (OSError, ValueError) as error:
            tell(failure(source, error))
            failed = True
            continue
        say(json.dumps(found) if args.json else _report(found))
    return 1 if failed else 0


def _look(source: Input, *, quick: bool) -> dict[str, Any]:
    import pil_dctz
    from pil_dctz import metrics

    with source.open() as file:
        if file.read(4) == _MODEL:
            file.seek(0)
            data = file.read()
            return {
                "file": source.name,
                "size_bytes": len(data),
                "model": asdict(pil_dctz.inspect_model(data)),
            }
        file.seek(0)
        header = pil_dctz.read_header(file)
        structure = pil_dctz.inspect(file)
        found = {
            "file": source.name,
            **_header_fields(header),
            **_size_fields(header, structure),
            "metadata": _metadata_fields(pil_dctz.read_metadata(file)),
            "frames": [_frame_fields(frame) for frame in structure.frames],
            "chunks": [
                {"type": chunk.type, "offset": chunk.offset, "size_bytes": chunk.size_bytes}
                for chunk in structure.chunks
            ],
        }
        if not quick:
            samples = pil_dctz.decode(file)
            found["sample_entropy"] = metrics.sample_entropy(samples)
            found["residual_entropy"] = metrics.residual_entropy(samples)
    return found


def _header_fields(header: Header) -> dict[str, Any]:
    colour = header.colour
    return {
        "width": header.width,
        "height": header.height,
        "layout": header.layout,
        "depth": header.depth,
        "version": ".".join(map(str, header.version)),
        "profile": header.profile,
        "compact": header.compact,
        "colour": None
        if colour is None
        else [colour.primaries, colour.transfer, colour.matrix, int(colour.full_range)],
        "animated": header.animated,
        "loop": header.loop if header.animated else None,
    }


def _size_fields(header: Header, structure: FileInfo) -> dict[str, Any]:
    """raw_bytes: of all frames, whole bytes a sample, as `compare` counts them."""
    frames = len(structure.frames)
    pixels = header.width * header.height * frames
    raw_bytes = pixels * header.channels * (1 if header.depth <= 8 else 2)
    return {
        "size_bytes": structure.size_bytes,
        "raw_bytes": raw_bytes,
        "percent_of_raw": 100 * structure.size_bytes / raw_bytes,
        "bits_a_pixel": 8 * structure.size_bytes / pixels,
    }


def _metadata_fields(metadata: Metadata) -> dict[str, Any]:
    found: dict[str, Any] = {
        "icc_bytes": None if metadata.icc is None else len(metadata.icc),
        "exif_bytes": None if metadata.exif is None else len(metadata.exif),
        "xmp_bytes": None if metadata.xmp is None else len(metadata.xmp),
        "dpi": metadata.dpi,
        "text": metadata.text or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _frame_fields(frame: Any) -> dict[str, Any]:
    groups = [
        {
            "mode": group.mode,
            "channels": list(group.channels),
            "segment_size": group.segment_size,
            "columns": group.columns,
            "rows": group.rows,
            "tables_bytes": group.tables_bytes,
            "stream_bytes": list(group.stream_bytes),
            "segment_bytes": [list(stream) for stream in group.segment_bytes],
            "cells": group.cells,
        }
        for group in frame.groups
    ]
    return {
        "rectangle": list(frame.rectangle),
        "duration_us": frame.duration_us,
        "blend": frame.blend,
        "dispose": frame.dispose,
        "groups": groups,
        "layer": None if frame.layer is None else asdict(frame.layer),
    }


def _model_rows(model: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("model", f"{model['kind']} {model['identifier']}: {model['shape']}"),
        ("model", f"{model['weights']:,} weights, {model['products']:g} products a pixel"),
    ]
    for key, value in model["metadata"].items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        rows.append(("about", textwrap.shorten(f"{key}: {shown}", 200, placeholder=" ...")))
    return rows


def _layer_rows(layer: dict[str, Any]) -> list[tuple[str, str]]:
    luma, chroma = layer["strengths"]
    where = "in the file" if layer["embedded"] else "of the package"
    if layer["info"] is None:
        where = "not here: the base picture is shown"
    told = f"model {layer['model']}, {where}; strengths {luma:.2f} and {chroma:.2f}"
    rows = [("layer", f"{told} on the mean, {layer['size_bytes']:,} bytes")]
    return rows if layer["info"] is None else rows + _model_rows(layer["info"])


def _report(found: dict[str, Any]) -> str:
    if "model" in found:
        rows = [("size", f"{found['size_bytes']:,} bytes"), *_model_rows(found["model"])]
        return f"{found['file']}\n" + _aligned(rows)
    form = "compact form" if found["compact"] else f"profile {found['profile']}"
    rows = [
        (
            "picture",
            f"{found['width']} x {found['height']}, {found['layout']}, {found['depth']} bits a "
            f"sample, format {found['version']}, {form}",
        ),
        (
            "size",
            f"{found['size_bytes']:,} bytes, {found['percent_of_raw']:.2f} % of raw, "
            f"{found['bits_a_pixel']:.3f} bits a pixel",
        ),
    ]
    if "sample_entropy" in found:
        rows.append(
            (
                "entropy",
                f"{found['sample_entropy']:.3f} bits a sample, "
                f"{found['residual_entropy']:.3f} after prediction",
            )
        )
    if found["animated"]:
        times = sum(frame["duration_us"] for frame in found["frames"]) / 1e6
        loop = f"{found['loop']} times" if found["loop"] else "for ever"
        rows.append(("animation", f"{len(found['frames'])} frames, {times:g} s, {loop}"))
    if found["colour"]:
        rows.append(("colour", "code points " + " ".join(map(str, found["colour"]))))
    rows += [("coding", _group_line(group)) for group in found["frames"][0]["groups"]]
    if found["frames"][0]["layer"]:
        rows += _layer_rows(found["frames"][0]["layer"])
    rows += [("metadata", line) for line in _metadata_lines(found["metadata"])]
    if found["chunks"]:
        rows.append(("chunks", _chunk_line(found["chunks"])))
    return f"{found['file']}\n" + _aligned(rows)


def _group_line(group: dict[str, Any]) -> str:
    count = group["columns"] * group["rows"]
    channels = group["channels"]
    named = f"channel {channels[0]}" if len(channels) == 1 else f"channels 0..{channels[-1]}"
    cut = f"{count} segments of {group['segment_size']}" if count > 1 else "one segment"
    streams = " + ".join(f"{size:,}" for size in group["stream_bytes"])
    passes = len(group["stream_bytes"]) - 1
    names = " (low + high)" if passes == 1 else f" (low + {passes} passes)" if passes else ""
    if group["cells"] is not None:
        named += ", {} of {} cells given exactly".format(*group["cells"])
    return (
        f"{named}: {group['mode']}, {cut}, tables {group['tables_bytes']:,} bytes, "
        f"segments {streams} bytes{names}"
    )


def _metadata_lines(metadata: dict[str, Any]) -> list[str]:
    lines = [
        f"{name} {metadata[key]:,} bytes"
        for name, key in (("ICC", "icc_bytes"), ("Exif", "exif_bytes"), ("XMP", "xmp_bytes"))
        if key in metadata
    ]
    if "dpi" in metadata:
        lines.append("dpi {:g} x {:g}".format(*metadata["dpi"]))
    return lines + [f"{key}: {value}" for key, value in metadata.get("text", {}).items()]


def _chunk_line(chunks: list[dict[str, Any]], shown: int = 12) -> str:
    named = [f"{chunk['type']} {chunk['size_bytes']:,}" for chunk in chunks[:shown]]
    return ", ".join(named) + (f" and {len(chunks) - shown} more" if len(chunks) > shown else "")


def _aligned(rows: list[tuple[str, str]]) -> str:
    return "\n".join(
        f"  {name if number == 0 or rows[number - 1][0] != name else '':<10}{value}"
        for number, (name, value) in enumerate(rows)
    )
