"""A still that arrives in pieces. Clause `frame.tolerant`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pil_dctz.arrays import Samples
from pil_dctz.container.decoder.contents import read_contents, read_frame
from pil_dctz.container.decoder.source import open_source
from pil_dctz.container.syntax import FrameHeader
from pil_dctz.errors import DamagedError, NotDctzError
from pil_dctz.learned.syntax import Learned
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from pil_dctz.picture.decoder.picture import decode_picture

__all__ = ["decode_pieces", "stages_of"]

_PATIENCE = 1.05
"""The frame's head is looked for again when so many times the bytes are there."""


def decode_pieces(
    pieces: Iterable[bytes], *, threads: int | None, limits: Limits | None, learned: Learned
) -> Iterator[Samples]:
    """See `pil_dctz.decode_progressive`."""
    limits = limits or DEFAULT_LIMITS
    data = bytearray()
    stages: tuple[int, ...] | None = None
    asked = 0.0

    def picture(strict: bool) -> Samples:
        return decode_picture(
            bytes(data),
            frame=0,
            region=None,
            scale=1,
            strict=strict,
            threads=threads,
            limits=limits,
            trace=None,
            learned=learned,
        )

    for piece in pieces:
        data += piece
        if stages is None and len(data) >= asked:
            stages = _stages(bytes(data), limits)
            asked = len(data) * _PATIENCE
        if stages and len(data) >= stages[0]:
            stages = tuple(stage for stage in stages if stage > len(data))
            if stages:
                yield picture(strict=False)
    yield picture(strict=True)


def _stages(data: bytes, limits: Limits) -> tuple[int, ...] | None:
    """`stages_of` the frame of a still; None while its head is not there, none if it has none."""
    with open_source(data) as source:
        try:
            contents = read_contents(source, limits, strict=False)
            if contents.header.animated or contents.header.compact:
                return ()
            return stages_of(read_frame(source, contents, 0, strict=False))
        except (DamagedError, NotDctzError):
            return None  # if it never is, decoding says so in the end


def stages_of(frame: FrameHeader) -> tuple[int, ...]:
    """Bytes of the file up to the end of stream 0, 1 .. of all segments."""
    most = max(group.streams for group in frame.groups)
    ends = []
    for stream in range(most):
        places = [
            (group.offsets[stream][-1] + group.sizes[stream][-1] + 4)
            for group in frame.groups
            if stream < group.streams
        ]
        ends.append(max(places))
    return tuple(ends)
