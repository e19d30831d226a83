"""The whole decoder, and its command line (contract: chapter 11).

    python conformance/reference/decode.py [--region X,Y,W,H] [--scale S] [--tolerant]
        in.dctz out.raw meta.json

Exit status 0: decoded; 1: damaged, or not DCTZ; 2: unsupported, or over a limit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

if not __package__:  # as a script
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    __package__ = f"{Path(__file__).resolve().parents[1].name}.reference"

from . import container, frame
from .container import Header, Metadata
from .conventions import (
    Cursor,
    Damaged,
    Limit,
    NotDctz,
    Refusal,
    ceil_div,
    require,
    width_of,
)

MAX_SAMPLES = 1 << 24


@dataclass
class Frame:
    """A shown canvas: samples[y][x][channel]."""

    samples: list[list[list[int]]]
    duration_us: int


@dataclass
class Result:
    header: Header
    metadata: Metadata
    frames: list[Frame]

    def raw(self) -> bytes:
        """The contract's out.raw."""
        size = 1 if self.header.depth <= 8 else 2
        flat = (v for shown in self.frames for row in shown.samples for p in row for v in p)
        return b"".join(v.to_bytes(size, "little") for v in flat)

    def meta(self) -> dict[str, Any]:
        """The contract's meta.json."""
        first, *_ = (shown.samples for shown in self.frames)
        blobs = self.metadata.blobs

        def digest(name: str) -> str | None:
            return hashlib.sha256(blobs[name]).hexdigest() if name in blobs else None

        return {
            "width": width_of(first),
            "height": len(first),
            "channels": self.header.channels,
            "depth": self.header.depth,
            "layout": container.LAYOUTS[self.header.layout],
            "frames": len(self.frames),
            "durations_us": [shown.duration_us for shown in self.frames],
            "loop": self.header.loop,
            "icc": digest("iccp"),
            "exif": digest("exif"),
            "xmp": digest("xmpd"),
            "text": self.metadata.text,
            "dpi": list(self.metadata.dpi) if self.metadata.dpi else None,
        }


def decode(
    data: bytes,
    region: tuple[int, int, int, int] | None = None,
    scale: int = 1,
    tolerant: bool = False,
) -> Result:
    """All frames of a file, composed. Raises Refusal."""
    cursor = Cursor(data)
    header = container.parse_header(cursor)
    if header.width * header.height * header.channels > MAX_SAMPLES:
        raise Limit(f"more than {MAX_SAMPLES} samples", "conventions.refusals")
    if header.compact:
        head = frame.parse_compact(cursor, header, tolerant)
        return show(header, Metadata(), [head], region, scale, tolerant)
    if tolerant:
        head = first_frame(cursor, header)
        return show(header, Metadata(), [head], region, scale, tolerant)
    metadata, pairs = container.parse_chunks(cursor, header)
    heads = []
    for i, (fram, segs) in enumerate(pairs):
        head = frame.parse_head(Cursor(data, fram.begin, fram.end), header)
        require(head.last == (i == len(pairs) - 1), "flag `last`", "frame.head", fram.begin)
        if metadata.index is not None:
            told = metadata.index[i][1]
            require(told == head.duration, "duration", "container.index", fram.begin)
        fits = frame.streams_size(head) == segs.end - segs.begin
        require(fits, "size of SEGS", "frame.data", segs.begin)
        frame.take_streams(data, segs.begin, head, False)
        head.layer, head.model = metadata.layers.get(i), metadata.model
        heads.append(head)
    return show(header, metadata, heads, region, scale, tolerant)


def first_frame(cursor: Cursor, header: Header) -> frame.FrameHead:
    """Clause `frame.tolerant`: the first whole frame head, and what there is of its SEGS."""
    data = cursor.data
    head = layer = model = None
    while head is None:
        chunk = container.parse_chunk(cursor, tolerant=True)
        require(chunk.type not in (b"SEGS", b"DEND"), "no frame", "container.order", chunk.at)
        if chunk.type == b"lmdl" and model is None:
            model = data[chunk.begin : chunk.end]
        if chunk.type == b"FRAM":
            head = frame.parse_head(Cursor(data, chunk.begin, chunk.end), header)
            require(head.last, "flag `last`", "frame.head", chunk.begin)
    size = frame.streams_size(head)
    while (passed := passed_chunk(cursor, size)) is not None:
        if passed.type == b"lrnd" and layer is None:
            layer = data[passed.begin : passed.end]
    begin = cursor.at + 4 + ceil_div(size.bit_length(), 7)
    frame.take_streams(data, begin, head, True)
    head.layer, head.model, head.duration = layer, model, 0
    return head


def passed_chunk(cursor: Cursor, size: int) -> container.Chunk | None:
    """The next ancillary chunk behind FRAM; None at what is taken for SEGS, of `size` bytes."""
    at = cursor.at
    if cursor.data[at : at + 1].islower():
        try:
            chunk = container.parse_chunk(cursor, tolerant=True)
            if chunk.end > chunk.begin or cursor.at - 4 - chunk.begin != size:
                return chunk
        except Damaged:
            pass
    cursor.at = at
    return None


def show(
    header: Header,
    metadata: Metadata,
    heads: list[frame.FrameHead],
    region: tuple[int, int, int, int] | None,
    scale: int,
    tolerant: bool,
) -> Result:
    """Clauses `frame.compose`, `frame.region`, `frame.scale`."""
    rows, columns = ceil_div(header.height, scale), ceil_div(header.width, scale)
    canvas = [[[0] * header.channels for _ in range(columns)] for _ in range(rows)]
    shown = []
    for head in heads:
        picture = frame.decode_frame(head, header, scale, tolerant)
        before = [[list(pixel) for pixel in row] for row in canvas]
        frame.compose(canvas, head, picture, header)
        x, y, w, h = region or (0, 0, header.width, header.height)
        shown.append(
            Frame(
                [
                    [list(pixel) for pixel in row[x // scale : ceil_div(x + w, scale)]]
                    for row in canvas[y // scale : ceil_div(y + h, scale)]
                ],
                head.duration,
            )
        )
        if head.dispose:
            frame.dispose(canvas, head, before)
    return Result(header, metadata, shown)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="reference decoder")
    claims = '["region", "scale", "tolerant", "learned"]'
    parser.add_argument("--capabilities", action="version", version=claims)
    parser.add_argument("--region", metavar="X,Y,W,H")
    parser.add_argument("--scale", type=int, choices=(1, 2, 4, 8), default=1)
    parser.add_argument("--tolerant", action="store_true")
    parser.add_argument("input")
    parser.add_argument("raw")
    parser.add_argument("meta")
    given = parser.parse_args(arguments)
    region = None
    if given.region:
        x, y, w, h = map(int, given.region.split(","))
        region = (x, y, w, h)
    try:
        result = decode(Path(given.input).read_bytes(), region, given.scale, given.tolerant)
    except Refusal as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1 if isinstance(error, (NotDctz, Damaged)) else 2
    Path(given.raw).write_bytes(result.raw())
    Path(given.meta).write_text(json.dumps(result.meta(), ensure_ascii=True), "ascii")
    return 0


def end_with_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Python's own status after an uncaught exception, 1, would say *damaged*."""
    traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    os._exit(70)


if __name__ == "__main__":
    sys.excepthook = end_with_crash
    sys.exit(main())
