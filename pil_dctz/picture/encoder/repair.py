"""A whole file from what is whole of a damaged one: its bytes where they can stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pil_dctz import schedule
from pil_dctz.arrays import Samples
from pil_dctz.container.decoder.chunks import KNOWN, Chunk, read_chunk, read_payload
from pil_dctz.container.decoder.contents import Contents, read_contents, read_frame
from pil_dctz.container.decoder.metadata import METADATA, MetadataReader
from pil_dctz.container.decoder.source import Readable, Source, open_source
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.frame import FramePlace, write_frame
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.encoder.metadata import write_index
from pil_dctz.container.syntax import EncodedGroup, FrameHeader, Index, Mode
from pil_dctz.errors import DamagedError, DctzError
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from pil_dctz.lossless.encoder.group import encode_group as encode_exact
from pil_dctz.picture.decoder.layer import read_layer
from pil_dctz.picture.decoder.segment import GroupDecoder
from pil_dctz.picture.decoder.tolerant import decode_first_streams, decode_tolerant, fill
from pil_dctz.picture.decoder.trace import Damage
from pil_dctz.picture.decoder.verify import verify
from pil_dctz.picture.raw import encode_raw
from pil_dctz.picture.segments import Rectangle, Segment, segments_of

__all__ = ["Repair", "repair"]

_NO_CELL = b"\3"  # clause `lossless.cells`: all are alike, and left
_EFFORT = 5


@dataclass(frozen=True, slots=True)
class Repair:
    """data: the file. damages: what was lost, in file order; none where the file was whole.

    segments: how many there are. kept: how many of them are as they were.
    """

    data: bytes
    damages: tuple[Damage, ...]
    segments: int
    kept: int


def repair(source: Readable, *, threads: int | None = None, limits: Limits | None = None) -> Repair:
    """See `pil_dctz.repair`."""
    count = schedule.check_threads(threads)
    bounds = limits or DEFAULT_LIMITS
    report = verify(source, threads=threads, limits=limits)
    with open_source(source) as opened:
        if report.whole:
            data = opened.read_at(0, opened.size_bytes, "the file", "container.header")
            return Repair(data, (), report.segments, report.segments)
        contents = read_contents(opened, bounds, strict=False)
        if contents.header.compact:
            report.raise_for_damage()
        mender = _Mender(opened, contents, bounds, count)
        return Repair(mender.file(), report.damages, mender.segments, mender.kept)


class _Mender:
    def __init__(self, source: Source, contents: Contents, limits: Limits, threads: int) -> None:
        self._source = source
        self._contents = contents
        self._limits = limits
        self._threads = threads
        self._reader = MetadataReader(limits)
        self.segments = 0
        self.kept = 0

    def file(self) -> bytes:
        header = self._contents.header
        frames = list(self._frames())
        heads = [
            FramePlace(
                frame.duration_us,
                None if _fills(frame, header.width, header.height) else _place(frame),
                frame.blend,
                frame.dispose,
            )
            for frame, _, _ in frames
        ]
        written = [
            write_frame(
                groups,
                place=head if header.animated else None,
                last=number == len(frames) - 1,
                layer=layer,
            )
            for number, ((_, groups, layer), head) in enumerate(zip(frames, heads, strict=True))
        ]
        parts = [write_header(header), *map(self._whole, self._contents.chunks)]
        if header.animated:
            durations = tuple(frame.duration_us for frame, _, _ in frames)
            parts.append(write_index(Index(tuple(map(len, written)), durations)))
        behind = map(self._whole, self._chunks_behind(frames[-1][0]))
        return b"".join((*parts, *written, *behind, write_chunk(b"DEND", b"")))

    def _whole(self, chunk: Chunk) -> bytes:
        """A chunk as it is; nothing of a damaged one, and of the index, which is made anew."""
        if chunk.type == b"indx" or (chunk.type in KNOWN and chunk.type not in METADATA):
            return b""
        try:
            payload = read_payload(self._source, chunk)
            if chunk.type in METADATA:
                self._reader.add(chunk.type, payload, chunk.payload_offset)
        except DamagedError:
            return b""
        return write_chunk(chunk.type, payload)

    def _chunks_behind(self, last: FrameHeader) -> Iterator[Chunk]:
        """Those behind the last frame, up to the first that is none."""
        ends = [
            offset + size + 4
            for group in last.groups
            for offsets, sizes in zip(group.offsets, group.sizes, strict=True)
            for offset, size in zip(offsets, sizes, strict=True)
        ]
        offset = max(ends) + 4  # the CRC of SEGS
        behind = (b"exif", b"xmpd", b"text")
        try:
            while (chunk := read_chunk(self._source, offset)).type != b"DEND":
                if chunk.type not in KNOWN or chunk.type in behind:
                    yield chunk
                offset = chunk.end
        except DctzError:
            return

    def _frames(self) -> Iterator[tuple[FrameHeader, list[EncodedGroup], bytes | None]]:
        """Each frame whose head is whole."""
        damage: DamagedError | None = None
        found = 0
        for number in range(self._contents.n_frames):
            try:
                frame = read_frame(self._source, self._contents, number, strict=False)
            except DamagedError as error:
                damage = damage or error
                continue
            found += 1
            groups = [self._group(frame, number, index) for index in range(len(frame.groups))]
            yield frame, groups, self._layer(frame, number)
        if found == 0 and damage is not None:
            raise damage

    def _layer(self, frame: FrameHeader, number: int) -> bytes | None:
        if frame.layer is None:
            return None
        try:
            read_layer(self._source, frame, number)
            return read_payload(self._source, read_chunk(self._source, frame.layer))
        except DamagedError:
            return None

    def _group(self, frame: FrameHeader, number: int, index: int) -> EncodedGroup:
        group = frame.groups[index]
        decoder = GroupDecoder(self._source, group, number, index, True, True, lambda *_: None)
        decoder.parse_tables()
        segments = list(segments_of(frame.width, frame.height, group.segment_log2))
        threads = self._limits.threads_within(0, decoder.work_bytes(segments), self._threads)

        def work(segment: Segment) -> tuple[bool, list[bytes] | None]:
            try:
                decoder.decode(segment, 1, decoder.array(segment.area))
            except DamagedError:
                return False, _in_its_place(decoder, segment)
            streams = range(len(group.sizes))
            return True, [decoder.read_stream(segment, stream) for stream in streams]

        found = schedule.run(work, segments, threads)
        self.segments += len(found)
        self.kept += sum(whole for whole, _ in found)
        if any(streams is None for _, streams in found):
            return _exact_group(decoder, segments, self._threads)
        by_stream = zip(*(streams for _, streams in found if streams is not None), strict=True)
        return EncodedGroup(
            group.mode,
            group.segment_log2,
            bytes(group.tables),
            [list(stream) for stream in by_stream],
            group.overlay,
        )


def _fills(frame: FrameHeader, width: int, height: int) -> bool:
    return _place(frame) == (0, 0, width, height)


def _place(frame: FrameHeader) -> tuple[int, int, int, int]:
    return frame.x, frame.y, frame.width, frame.height


def _in_its_place(decoder: GroupDecoder, segment: Segment) -> list[bytes] | None:
    """Streams that say what is left of a segment; None: the group has to be written anew."""
    group, area = decoder.group, segment.area
    if group.overlay:
        return [_NO_CELL]
    if group.mode is Mode.RAW:
        gray = decoder.array(area)
        fill(gray, group.shape)
        return [encode_raw(gray, group.shape.depth)]
    if group.mode is Mode.LOSSLESS:
        return None
    streams = decode_first_streams(decoder, segment, 1, decoder.array(area))
    if streams is None:
        from pil_dctz.lossy.decoder.segment import parse_tables
        from pil_dctz.lossy.encoder.flat import write_flat_low

        low = write_flat_low(parse_tables(group.tables, group.shape), area.width, area.height)
        streams = [low, *[b""] * group.passes]
    return streams


def _exact_group(decoder: GroupDecoder, segments: list[Segment], threads: int) -> EncodedGroup:
    """An exact group of all that is whole, written anew: codes may lack what gray needs."""
    shape = decoder.group.shape
    samples: Samples = decoder.array(Rectangle(0, 0, shape.width, shape.height))
    for segment in segments:
        part = decoder.array(segment.area)
        decode_tolerant(decoder, segment, 1, part)
        samples[segment.area.slices] = part
    return encode_exact(
        samples,
        shape,
        effort=_EFFORT,
        segment_log2=decoder.group.segment_log2,
        threads=threads,
    )
