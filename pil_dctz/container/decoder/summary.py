"""What the first 64 KiB of a file tell: all that opening a picture needs."""

from __future__ import annotations

from typing import NamedTuple

from pil_dctz.container.decoder.chunks import Chunk, ChunkOrder, judge_crc_of, parse_chunk
from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.decoder.frame import group_shapes, parse_coding, parse_frame_fields
from pil_dctz.container.decoder.header import parse_header
from pil_dctz.container.decoder.metadata import (
    METADATA,
    MetadataReader,
    parse_index_count,
    parse_pairs,
)
from pil_dctz.container.decoder.source import Readable, read_piece
from pil_dctz.container.syntax import HEADER_LIMIT, HEADER_METADATA, Colour, FileHeader, Mode
from pil_dctz.errors import DamagedError, TruncatedError
from pil_dctz.limits import DEFAULT_LIMITS, Limits

__all__ = ["Header", "read_header"]

_FIRST_READ = 4096


class Header(NamedTuple):
    """What is known of a picture before its samples are decoded.

    layout: "gray", "gray+alpha", "rgb", "rgba" or "4 components". depth: bits a sample, 1..16.
    version: (major, minor). loop: how often an animation plays, 0 for ever. durations_us:
    microseconds of each frame, fewer than n_frames where the index reaches beyond 64 KiB.
    modes: of the first frame's plane groups, "raw", "lossless" or "lossy", as far as they were
    reached. icc, exif, xmp, dpi, text: metadata before the samples, whole is False if some of it
    lies beyond 64 KiB or would come to more than 128 KiB in all and is left out (`read_metadata`
    has all, also what stands behind the samples).
    header_size, size_bytes: bytes of the header, and of the file where that is known.
    """

    width: int
    height: int
    layout: str
    channels: int
    depth: int
    version: tuple[int, int]
    animated: bool
    loop: int
    n_frames: int
    durations_us: tuple[int, ...]
    profile: str
    compact: bool
    modes: tuple[str, ...]
    icc: bytes | None
    exif: bytes | None
    xmp: bytes | None
    dpi: tuple[float, float] | None
    text: dict[str, str]
    whole: bool
    header_size: int
    size_bytes: int | None
    colour: Colour | None

    @property
    def has_alpha(self) -> bool:
        return self.layout in ("gray+alpha", "rgba")


def read_header(source: Readable, *, strict: bool = True, limits: Limits | None = None) -> Header:
    """Read what the beginning of a DCTZ file says; at most 64 KiB are touched.

    source: bytes-like, a path, or a file object. A seekable file object is read from its position
    on and left there. strict: damaged metadata raise; else they are left out.

    Raises NotDctzError, TruncatedError if the file ends before its first samples (with more bytes
    it may be whole), DamagedError, UnsupportedError, LimitError. Clauses: container.header,
    container.order.
    """
    limits = limits or DEFAULT_LIMITS
    data, known = read_piece(source, 0, _FIRST_READ)
    try:
        return _parse(data, known, limits, strict, more=False)
    except TruncatedError:
        rest, known = read_piece(source, len(data), HEADER_LIMIT - len(data))
        if not rest:
            raise
        data += rest
        return _parse(data, known, limits, strict, more=len(data) == HEADER_LIMIT)


def _parse(data: bytes, known: int | None, limits: Limits, strict: bool, more: bool) -> Header:
    """more: the file goes on behind `data`, so running out of it is no error."""
    header = parse_header(data)
    limits.require_pixels(header.width, header.height)
    found = _Found(limits, strict)
    try:
        _parse_body(data, header, found)
    except TruncatedError:
        if not more:
            raise
        found.whole = False
    icc, exif, xmp, dpi, text = found.reader.fields()
    return Header(
        width=header.width,
        height=header.height,
        layout=header.layout.label,
        channels=header.layout.channels,
        depth=header.depth,
        version=(header.version >> 4, header.version & 15),
        animated=header.animated,
        loop=header.loop_count,
        n_frames=found.n_frames,
        durations_us=tuple(found.durations),
        profile="full" if header.full_profile else "base",
        compact=header.compact,
        modes=tuple(mode.name.lower() for mode in found.modes),
        icc=icc,
        exif=exif,
        xmp=xmp,
        dpi=dpi,
        text=text,
        whole=found.whole,
        header_size=header.size_bytes,
        size_bytes=known,
        colour=header.colour,
    )


class _Found:
    """What was read so far."""

    def __init__(self, limits: Limits, strict: bool) -> None:
        self.reader = MetadataReader(limits, HEADER_METADATA)
        self.strict = strict
        self.n_frames = 1
        self.durations: list[int] = []
        self.modes: list[Mode] = []
        self.whole = True


def _parse_body(data: bytes, header: FileHeader, found: _Found) -> None:
    cursor = Cursor(data)
    cursor.position = header.size_bytes
    if header.compact:
        ((shape, _),) = group_shapes(header, header.width, header.height, two_groups=False)
        found.modes.append(parse_coding(cursor, shape)[0])
        return
    order = ChunkOrder(header.animated)
    while True:
        chunk = parse_chunk(cursor)
        try:
            order.judge(chunk)
        except DamagedError:
            if found.strict or not chunk.ancillary:
                raise
            found.whole = False
        if chunk.type == b"FRAM":
            _parse_modes(cursor, header, found)
            return
        index = chunk.type == b"indx" and header.animated
        if index:
            _parse_index(cursor, chunk, found)
        payload = cursor.take(chunk.size_bytes + 4, f"chunk {chunk.name}", "container.chunk")
        try:
            judge_crc_of(chunk, data[chunk.offset : chunk.payload_offset], payload)
            if chunk.type in METADATA and not found.reader.add(
                chunk.type, payload[:-4], chunk.payload_offset
            ):
                found.whole = False
        except DamagedError:
            if found.strict or index:
                raise
            found.whole = False


def _parse_index(cursor: Cursor, chunk: Chunk, found: _Found) -> None:
    """As many durations as there are bytes; the index as a whole is judged when frames are read."""
    end = chunk.size_bytes
    look = Cursor(cursor.data[cursor.position : cursor.position + end], chunk.payload_offset)
    if look.left == end:
        look.part = "chunk indx"
    found.n_frames = parse_index_count(look)
    if look.part:
        found.durations = [time for _, time in parse_pairs(look, range(found.n_frames))]


def _parse_modes(cursor: Cursor, header: FileHeader, found: _Found) -> None:
    """Modes of the first frame; those behind tables that were not read stay unknown."""
    frame, kinds = parse_frame_fields(cursor, header)
    shapes = group_shapes(header, frame.width, frame.height, kinds.two_groups)
    if kinds.overlay:
        shapes.append(shapes[0])
    for number, (shape, _) in enumerate(shapes):
        try:
            found.modes.append(parse_coding(cursor, shape)[0])
            size = cursor.leb("tables_size", "frame.group")
            cursor.take(size, "tables", "frame.group")
        except TruncatedError:
            if number == 0 and not found.modes:
                raise
            return
