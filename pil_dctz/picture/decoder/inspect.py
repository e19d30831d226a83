"""The structure of a file, for people: chunks, frames, groups, segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pil_dctz.container.decoder.chunks import Chunk, read_chunk
from pil_dctz.container.decoder.contents import (
    Contents,
    read_contents,
    read_frame,
    read_metadata,
)
from pil_dctz.container.decoder.source import Readable, Source, open_source
from pil_dctz.container.metadata import Metadata
from pil_dctz.container.syntax import FrameHeader, PlaneGroup
from pil_dctz.errors import DamagedError
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from pil_dctz.picture.segments import segments_of

if TYPE_CHECKING:
    from pil_dctz.learned.decoder.describe import ModelInfo

__all__ = [
    "ChunkInfo",
    "FileInfo",
    "FrameInfo",
    "GroupInfo",
    "LayerInfo",
    "inspect",
    "metadata_of",
]


@dataclass(frozen=True, slots=True)
class ChunkInfo:
    """type: four letters. offset: of its first byte. size_bytes: with type, size and CRC."""

    type: str
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A plane group of a frame.

    channels: which of the picture's. segment_size: side in samples, 0: one segment. columns, rows:
    of segments. tables_bytes; stream_bytes: of each stream, all segments. segment_bytes[stream]
    [segment]. cells: of an overlay, how many of its 64x64 cells it gives exactly, and all of them.
    """

    mode: str
    channels: tuple[int, ...]
    segment_size: int
    columns: int
    rows: int
    tables_bytes: int
    stream_bytes: tuple[int, ...]
    segment_bytes: tuple[tuple[int, ...], ...]
    cells: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """The learned layer of a frame.

    model: its identifier, hexadecimal. size_bytes: of its chunk. strengths: the mean of luma and of
    chroma, 0..1.75. info: of the model, None if it is not here. embedded: whether the file has it.
    """

    model: str
    size_bytes: int
    strengths: tuple[float, float]
    info: ModelInfo | None
    embedded: bool


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """A frame: its rectangle (x, y, width, height), timing, groups, and layer."""

    rectangle: tuple[int, int, int, int]
    duration_us: int
    blend: str
    dispose: str
    groups: tuple[GroupInfo, ...]
    layer: LayerInfo | None = None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What `inspect` finds. size_bytes: of the file. raw_bytes: of its samples, one frame's.

    header_bytes: of the header. chunks: in file order, none in the compact form.
    """

    size_bytes: int
    raw_bytes: int
    header_bytes: int
    compact: bool
    chunks: tuple[ChunkInfo, ...]
    frames: tuple[FrameInfo, ...]


def inspect(source: Readable, *, limits: Limits | None = None) -> FileInfo:
    """The structure of a file, without decoding samples.

    Arguments and errors as in `decode`.
    """
    limits = limits or DEFAULT_LIMITS
    with open_source(source) as opened:
        contents = read_contents(opened, limits)
        header = contents.header
        frames = tuple(_frame_info(opened, contents, number) for number in range(contents.n_frames))
        bits = header.width * header.height * header.layout.channels * header.depth
        return FileInfo(
            size_bytes=opened.size_bytes,
            raw_bytes=-(-bits // 8),
            header_bytes=header.size_bytes,
            compact=header.compact,
            chunks=() if header.compact else tuple(_all_chunks(opened, contents)),
            frames=frames,
        )


def _all_chunks(source: Source, contents: Contents) -> list[ChunkInfo]:
    offset, chunks = contents.header.size_bytes, []
    chunk: Chunk | None = None
    while chunk is None or chunk.type != b"DEND":
        chunk = read_chunk(source, offset)
        chunks.append(ChunkInfo(chunk.name, offset, chunk.end - offset))
        offset = chunk.end
    return chunks


def _frame_info(source: Source, contents: Contents, number: int) -> FrameInfo:
    frame = read_frame(source, contents, number)
    groups = tuple(
        GroupInfo(
            mode=group.mode.name.lower(),
            channels=tuple(range(group.first_channel, group.first_channel + group.shape.channels)),
            segment_size=1 << group.segment_log2 if group.segment_log2 else 0,
            columns=group.columns,
            rows=group.rows,
            tables_bytes=len(group.tables),
            stream_bytes=tuple(sum(sizes) for sizes in group.sizes),
            segment_bytes=tuple(tuple(sizes) for sizes in group.sizes),
            cells=_given_cells(source, group) if group.overlay else None,
        )
        for group in frame.groups
    )
    return FrameInfo(
        (frame.x, frame.y, frame.width, frame.height),
        frame.duration_us,
        frame.blend.name.lower(),
        frame.dispose.name.lower(),
        groups,
        None if frame.layer is None else _layer_info(source, contents, frame, number),
    )


def _given_cells(source: Source, group: PlaneGroup) -> tuple[int, int]:
    """Given cells, and all. Raises DamagedError where their map is not one."""
    from pil_dctz.picture.decoder.overlay import read_left

    given = every = 0
    for segment in segments_of(group.shape.width, group.shape.height, group.segment_log2):
        offset, size = group.offsets[0][segment.number], group.sizes[0][segment.number]
        where = f"overlay segment {segment.number}"
        data = source.read_at(offset, size, where, "frame.data")
        try:
            left = read_left(data, segment.area.width, segment.area.height)
        except DamagedError as error:
            raise error.within(where, offset) from None
        given += int((left == 0).sum())
        every += left.size
    return given, every


def _layer_info(source: Source, contents: Contents, frame: FrameHeader, number: int) -> LayerInfo:
    from pil_dctz.learned.decoder.describe import describe_model
    from pil_dctz.learned.decoder.known import find_model
    from pil_dctz.picture.decoder.layer import embedded_model, read_layer

    assert frame.layer is not None
    chunk = read_chunk(source, frame.layer)
    identifier, strengths = read_layer(source, frame, number)
    model = inside = embedded_model(source, contents)
    if model is None or not model.digest.startswith(identifier):
        model, inside = find_model(identifier), None
    cells = sum(part[0].size for part in strengths)
    means = [sum(int(part[kind].sum()) for part in strengths) / cells / 4 for kind in (0, 1)]
    info = None if model is None else describe_model(model)
    size = chunk.end - chunk.offset
    return LayerInfo(identifier.hex(), size, (means[0], means[1]), info, inside is not None)


def metadata_of(source: Readable, *, strict: bool = True, limits: Limits | None = None) -> Metadata:
    """See `pil_dctz.read_metadata`."""
    limits = limits or DEFAULT_LIMITS
    with open_source(source) as opened:
        try:
            contents = read_contents(opened, limits, checks=False)
        except DamagedError:
            if strict:
                raise
            contents = read_contents(opened, limits, strict=False)
        return read_metadata(opened, contents, limits, strict=strict)
