"""What a file holds and where: header, chunks around the frames, the frames themselves."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import accumulate

from pil_dctz.container.decoder.chunks import (
    KNOWN,
    Chunk,
    ChunkOrder,
    judge_crc,
    read_chunk,
    read_payload,
    walk_chunks,
)
from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.decoder.frame import (
    parse_compact,
    parse_frame_fields,
    parse_frame_head,
    place_segments,
    segs_size,
)
from pil_dctz.container.decoder.header import MAX_HEADER, parse_header
from pil_dctz.container.decoder.metadata import METADATA, MetadataReader, parse_index
from pil_dctz.container.decoder.source import Source
from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import FileHeader, FrameHeader, Index
from pil_dctz.errors import DamagedError, UnsupportedError
from pil_dctz.limits import Limits

__all__ = [
    "Contents",
    "compact_is_whole",
    "read_contents",
    "read_frame",
    "read_frame_fields",
    "read_metadata",
]

_MAX_FRAME_FIELDS = 1 + 4 * 5 + 6


@dataclass(frozen=True, slots=True)
class Contents:
    """A file's plan.

    frame_offsets: of each frame's FRAM chunk (of the compact body). end: the byte behind the last
    frame. chunks: those around the frames that were passed.
    """

    header: FileHeader
    index: Index | None
    frame_offsets: tuple[int, ...]
    end: int
    chunks: tuple[Chunk, ...]

    @property
    def n_frames(self) -> int:
        return len(self.frame_offsets)


def read_contents(
    source: Source, limits: Limits, *, strict: bool = True, checks: bool = True
) -> Contents:
    """Find the frames of a file; its canvas is held against the limits first.

    strict: chunks must stand in order up to DEND; else only those before the first frame are
    looked at. checks: the CRC of each chunk around the frames is judged, which needs its bytes.
    """
    header = parse_header(source.read_up_to(0, MAX_HEADER))
    limits.require_pixels(header.width, header.height)
    if header.compact:
        return Contents(header, None, (header.size_bytes,), source.size_bytes, ())
    if not strict:
        return _before_frames(source, header)
    order = ChunkOrder(header.animated)
    walk = walk_chunks(source, header.size_bytes, order)
    passed: list[Chunk] = []
    index = None
    for chunk in walk:
        if chunk.type == b"FRAM":
            break
        passed.append(chunk)
        if chunk.type == b"indx":
            index = parse_index(read_payload(source, chunk), chunk.payload_offset)
        elif checks:
            read_payload(source, chunk)
    starts, end = _frame_edges(chunk.offset, index)
    if index is not None:
        order.pass_frames(len(starts))
        walk = walk_chunks(source, end, order)
    for chunk in walk:
        if chunk.type == b"SEGS":
            end = chunk.end
            continue
        if chunk.type != b"DEND" or checks:
            passed.append(chunk)
        if checks:
            read_payload(source, chunk)
    return Contents(header, index, starts, end, tuple(passed))


def _before_frames(source: Source, header: FileHeader) -> Contents:
    """What a tolerant decoder needs. Clause `frame.tolerant`."""
    offset = header.size_bytes
    passed: list[Chunk] = []
    index = None
    while (chunk := read_chunk(source, offset)).type != b"FRAM":
        if chunk.type in (b"SEGS", b"DEND"):
            raise DamagedError(
                f"chunk {chunk.name} before a frame", offset=offset, clause="container.order"
            )
        passed.append(chunk)
        if chunk.type == b"indx" and header.animated:
            index = parse_index(read_payload(source, chunk), chunk.payload_offset)
        offset = chunk.end
    if header.animated and index is None:
        raise DamagedError("no index before the frames", offset=offset, clause="container.order")
    starts, end = _frame_edges(offset, index if header.animated else None)
    return Contents(header, index, starts, end, tuple(passed))


def _frame_edges(first: int, index: Index | None) -> tuple[tuple[int, ...], int]:
    """Where frames begin, and where the last one ends (0: not known without an index)."""
    if index is None:
        return (first,), 0
    edges = tuple(accumulate(index.frame_sizes, initial=first))
    return edges[:-1], edges[-1]


def read_metadata(
    source: Source, contents: Contents, limits: Limits, *, strict: bool = True
) -> Metadata:
    """The metadata among `contents.chunks`; not strict: without those that are damaged."""
    reader = MetadataReader(limits)
    for chunk in contents.chunks:
        if chunk.type in METADATA:
            try:
                reader.add(chunk.type, read_payload(source, chunk), chunk.payload_offset)
            except DamagedError:
                if strict:
                    raise
    return Metadata(*reader.fields())


def read_frame(
    source: Source, contents: Contents, number: int, *, strict: bool = True
) -> FrameHeader:
    """Frame `number`'s head, with the places of all its streams."""
    header, offset = contents.header, contents.frame_offsets[number]
    if header.compact:
        return _read_compact(source, header, strict)
    chunk = _frame_chunk(source, offset)
    frame = parse_frame_head(read_payload(source, chunk), chunk.payload_offset, header)
    if contents.index is not None and frame.duration_us != contents.index.durations_us[number]:
        raise DamagedError(
            f"frame {number} lasts {frame.duration_us} us, the index says "
            f"{contents.index.durations_us[number]}",
            offset=chunk.payload_offset,
            clause="container.index",
        )
    if frame.last != (number == contents.n_frames - 1):
        raise DamagedError(
            f"frame {number} of {contents.n_frames}: flag last is {int(frame.last)}",
            offset=chunk.payload_offset,
            clause="frame.head",
        )
    if strict:
        segs, layer = _find_segs(source, chunk.end)
        _judge_segs(source, contents, number, frame, segs)
        place_segments(frame, segs.payload_offset)
    else:
        place, layer = _guess_segs(source, chunk.end, segs_size(frame))
        place_segments(frame, place)
    return frame if layer is None else frame._replace(layer=layer.offset)


def read_frame_fields(source: Source, contents: Contents, number: int) -> FrameHeader:
    """Place, blend and dispose of a frame, without its groups; its CRC is not judged."""
    if contents.header.compact:
        return read_frame(source, contents, number)
    chunk = _frame_chunk(source, contents.frame_offsets[number])
    data = source.read_up_to(chunk.payload_offset, min(_MAX_FRAME_FIELDS, chunk.size_bytes))
    cursor = Cursor(data, chunk.payload_offset, "chunk FRAM")
    return parse_frame_fields(cursor, contents.header)[0]


def _frame_chunk(source: Source, offset: int) -> Chunk:
    chunk = read_chunk(source, offset)
    if chunk.type != b"FRAM":
        raise DamagedError("no frame begins here", offset=offset, clause="container.index")
    return chunk


def _find_segs(source: Source, offset: int) -> tuple[Chunk, Chunk | None]:
    """The SEGS chunk behind a frame head, and the layer's among the ancillary ones between them."""
    layer = None
    while (chunk := read_chunk(source, offset)).type != b"SEGS":
        if chunk.type in KNOWN:
            raise DamagedError(
                f"chunk {chunk.name} stands in a wrong place",
                offset=chunk.offset,
                clause="container.order",
            )
        read_payload(source, chunk)
        if chunk.type == b"lrnd" and layer is None:
            layer = chunk
        offset = chunk.end
    return chunk, layer


def _judge_segs(
    source: Source, contents: Contents, number: int, frame: FrameHeader, segs: Chunk
) -> None:
    size = segs_size(frame)
    if segs.size_bytes != size:
        raise DamagedError(
            f"frame {number}: SEGS has {segs.size_bytes} bytes, its segments {size}",
            offset=segs.offset,
            clause="frame.data",
        )
    read_payload(source, segs)
    if contents.index is None:
        return
    offset = segs.end
    if number + 1 < contents.n_frames:
        wanted = contents.frame_offsets[number + 1]
        while offset < wanted and (chunk := read_chunk(source, offset)).type not in KNOWN:
            read_payload(source, chunk)
            offset = chunk.end
    else:
        wanted = contents.end
    if offset != wanted:
        raise DamagedError(
            f"frame {number} ends at byte {offset}, the index says {wanted}",
            offset=contents.frame_offsets[number],
            clause="container.index",
        )


def _guess_segs(source: Source, offset: int, size: int) -> tuple[int, Chunk | None]:
    """Where the SEGS payload must begin, whatever became of its type, size and CRC; the layer.

    Its size is known from the frame head, and LEB128 has one form. Clause `frame.tolerant`.
    """
    leb_bytes = max(1, -(-size.bit_length() // 7))
    layer = None
    try:
        while (chunk := read_chunk(source, offset)).ancillary:
            if chunk.size_bytes == size:
                read_payload(source, chunk)  # SEGS with a damaged type has a wrong CRC
            if chunk.type == b"lrnd" and layer is None:
                layer = chunk
            offset = chunk.end
    except (DamagedError, UnsupportedError):
        pass  # the bytes of the chunk are damaged or missing: it is taken to be SEGS
    return offset + 4 + leb_bytes, layer


def _read_compact(source: Source, header: FileHeader, strict: bool) -> FrameHeader:
    data = source.read_at(0, source.size_bytes, "the compact body", "container.compact")
    if strict:
        _judge_compact(data)
    return parse_compact(data, header)


def compact_is_whole(source: Source) -> bool:
    """Whether the CRC of a compact file is right."""
    try:
        _judge_compact(source.read_up_to(0, source.size_bytes))
    except DamagedError:
        return False
    return True


def _judge_compact(data: bytes) -> None:
    place = max(0, len(data) - 4)
    judge_crc("compact file", zlib.crc32(data[:place]), data[place:], place, "container.compact")
