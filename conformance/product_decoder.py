"""This package's decoder behind the contract of chapter 11.

python conformance/product_decoder.py [--region X,Y,W,H] [--scale S] [--tolerant]
    in.dctz out.raw meta.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

import pil_dctz


def decode(
    data: bytes,
    region: tuple[int, int, int, int] | None = None,
    scale: int = 1,
    tolerant: bool = False,
) -> tuple[bytes, dict[str, Any]]:
    """The contract's out.raw and meta.json. Raises pil_dctz.DctzError."""
    header = pil_dctz.read_header(data, strict=not tolerant)
    if header.animated and not tolerant and region is None and scale == 1:
        frames = [(np.array(a), d) for a, d in pil_dctz.decode_frames(data)]
    else:
        picture = pil_dctz.decode(data, region=region, scale=scale, strict=not tolerant)
        frames = [(picture, 0)]
    first = frames[0][0]
    meta: dict[str, Any] = {
        "width": first.shape[1],
        "height": first.shape[0],
        "channels": header.channels,
        "depth": header.depth,
        "layout": header.layout,
        "frames": len(frames),
        "durations_us": [duration for _, duration in frames],
        "loop": header.loop,
        "icc": None,
        "exif": None,
        "xmp": None,
        "text": {},
        "dpi": None,
    }
    if not tolerant:
        metadata = pil_dctz.read_metadata(data)
        for name in ("icc", "exif", "xmp"):
            blob = getattr(metadata, name)
            meta[name] = None if blob is None else hashlib.sha256(blob).hexdigest()
        meta["text"] = dict(metadata.text)
        if metadata.dpi is not None:
            meta["dpi"] = [round(1000 * value) for value in metadata.dpi]
    raw = b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a, _ in frames)
    return raw, meta


def get_ready() -> None:
    """Loads what decoding needs, before this process is copied for each vector."""
    for name in ("lossy/size-9x1", "lossless/narrow-2x9", "prediction/size-2x3"):
        path = Path(__file__).resolve().parent / "vectors" / f"{name}.dctz"
        if path.exists():
            pil_dctz.decode(path.read_bytes(), threads=1)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="product decoder")
    parser.add_argument("--region", metavar="X,Y,W,H")
    parser.add_argument("--scale", type=int, choices=(1, 2, 4, 8), default=1)
    parser.add_argument("--tolerant", action="store_true")
    claims = '["region", "scale", "tolerant", "learned"]'
    parser.add_argument("--capabilities", action="version", version=claims)
    parser.add_argument("input")
    parser.add_argument("raw")
    parser.add_argument("meta")
    given = parser.parse_args(arguments)
    region = None
    if given.region:
        x, y, w, h = map(int, given.region.split(","))
        region = (x, y, w, h)
    data = Path(given.input).read_bytes()
    try:
        raw, meta = decode(data, region, given.scale, given.tolerant)
    except (pil_dctz.NotDctzError, pil_dctz.DamagedError) as error:
        print(error, file=sys.stderr)
        return 1
    except pil_dctz.DctzError as error:
        print(error, file=sys.stderr)
        return 2
    Path(given.raw).write_bytes(raw)
    Path(given.meta).write_text(json.dumps(meta, ensure_ascii=True), "ascii")
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
