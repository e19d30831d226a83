"""What takes the place of a segment that is not whole. Clause `frame.tolerant`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import GroupShape, Mode
from pil_dctz.errors import DamagedError
from pil_dctz.picture.decoder.segment import GroupDecoder
from pil_dctz.picture.decoder.trace import Damage
from pil_dctz.picture.segments import Segment

__all__ = ["decode_first_streams", "decode_tolerant", "fill"]


def decode_tolerant(
    decoder: GroupDecoder, segment: Segment, scale: int, out: Samples
) -> Damage | None:
    """Decode a segment, or what can be known of it, into `out`; the damage, if there is one."""
    try:
        if decoder.whole:
            decoder.decode(segment, scale, out)
            return None
        error = DamagedError("compact file: its CRC is wrong", clause="container.compact")
    except DamagedError as caught:
        error = caught
    group = decoder.group
    recovered = False
    if decoder.whole and group.mode is Mode.LOSSY and scale < 8:
        recovered = decode_first_streams(decoder, segment, scale, out) is not None
    if not recovered:
        fill(out, group.shape)
    return decoder.damage(error, segment)


def decode_first_streams(
    decoder: GroupDecoder, segment: Segment, scale: int, out: Samples
) -> list[bytes] | None:
    """A lossy segment from its streams before the first that is not whole, which are given back
    with empty ones in place of the others; None if there are none."""
    streams: list[bytes] = []
    with suppress(DamagedError):
        streams.extend(decoder.read_stream(segment, n) for n in range(decoder.group.streams))
    base = replace(decoder, layer=None)
    passes = decoder.group.passes
    for count in range(min(len(streams), passes), 0, -1):
        shown = [*streams[:count], *[b""] * (passes + 1 - count)]
        with suppress(DamagedError):
            base.decode_lossy(segment, shown[0], shown[1:], scale, out)
            return shown
    return None


def fill(out: Samples, shape: GroupShape) -> None:
    """Middle gray, opaque."""
    out[...] = 0 if shape.depth == 1 else 1 << (shape.depth - 1)
    if shape.alpha:
        out[..., -1] = (1 << shape.depth) - 1
