"""What takes the place of a segment that is not whole. Clause `frame.tolerant`."""

from __future__ import annotations

from dataclasses import replace

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import GroupShape, Mode
from pil_dctz.errors import DamagedError
from pil_dctz.picture.decoder.segment import GroupDecoder
from pil_dctz.picture.decoder.trace import Damage
from pil_dctz.picture.segments import Segment

__all__ = ["decode_tolerant", "fill"]


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
        recovered = _from_low(decoder, segment, scale, out)
    if not recovered:
        fill(out, group.shape)
    return decoder.damage(error, segment)


def _from_low(decoder: GroupDecoder, segment: Segment, scale: int, out: Samples) -> bool:
    """The segment from its low stream alone, if that is whole."""
    try:
        low = decoder.read_stream(segment, 0)
        replace(decoder, layer=None).decode_lossy(segment, low, b"", scale, out)
    except DamagedError:
        return False
    return True


def fill(out: Samples, shape: GroupShape) -> None:
    """Middle gray, opaque."""
    out[...] = 0 if shape.depth == 1 else 1 << (shape.depth - 1)
    if shape.alpha:
        out[..., -1] = (1 << shape.depth) - 1
