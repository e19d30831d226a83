"""One segment of a plane group: its streams read and judged, its samples decoded."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pil_dctz.arrays import Samples, sample_dtype
from pil_dctz.container.decoder.chunks import judge_crc
from pil_dctz.container.decoder.source import Source
from pil_dctz.container.syntax import Mode, PlaneGroup
from pil_dctz.errors import DamagedError, DctzError
from pil_dctz.learned.syntax import FrameLayer
from pil_dctz.picture.decoder.scale import box_mean
from pil_dctz.picture.decoder.trace import Damage
from pil_dctz.picture.raw import decode_raw
from pil_dctz.picture.segments import Rectangle, Segment

__all__ = ["GroupDecoder"]

_WORK_BYTES = {Mode.RAW: 4, Mode.LOSSLESS: 17, Mode.LOSSY: 8}
"""Bytes that decoding takes a sample of the segments in work, as measured, rounded up."""


@dataclass(slots=True)
class GroupDecoder:
    """Decodes the segments of one plane group of a frame; safe in any number of threads.

    number: of the group. checked: streams have a CRC of their own (not in the compact form).
    whole: False if the streams are known to be damaged before they are read.
    note: is told (group, segment, stream) of each stream that is read.
    layer: what refines its lossy planes, None for the base picture.
    """

    source: Source
    group: PlaneGroup
    frame: int
    number: int
    checked: bool
    whole: bool
    note: Callable[[int, int, int], None]
    layer: FrameLayer | None = None
    _tables: Any = None

    def parse_tables(self) -> None:
        """Judge and build the group's tables, once for all segments."""
        group = self.group
        try:
            if group.overlay:
                from pil_dctz.picture.decoder.overlay import parse_overlay_tables

                self._tables = parse_overlay_tables(group.tables, group.shape)
            elif group.mode is Mode.LOSSLESS:
                from pil_dctz.lossless.decoder.segment import parse_tables as parse_lossless

                self._tables = parse_lossless(group.tables, group.shape)
            elif group.mode is Mode.LOSSY:
                from pil_dctz.lossy.decoder.segment import parse_tables as parse_lossy

                self._tables = parse_lossy(group.tables, group.shape)
        except DctzError as error:
            where = f"tables of group {self.number} of frame {self.frame}"
            raise error.within(where, group.tables_offset) from None

    def decode(self, segment: Segment, scale: int, out: Samples) -> None:
        """The samples of a segment at 1:scale into `out` (height, width, channels).

        Of an overlay, as `decode_overlay`.
        """
        if self.group.overlay:
            self.decode_overlay(segment, scale, out)
            return
        if self.group.mode is Mode.LOSSY:
            low = self.read_stream(segment, 0)
            passes = range(1, self.group.streams)
            high = [self.read_stream(segment, stream) for stream in passes] if scale < 8 else None
            self.decode_lossy(segment, low, high, scale, out)
            return
        data = self.read_stream(segment, 0)
        whole = out if scale == 1 else self.array(segment.area)
        try:
            if self.group.mode is Mode.RAW:
                decode_raw(data, self.group.shape.depth, whole)
            else:
                from pil_dctz.lossless.decoder.segment import decode_segment

                area = segment.area
                decode_segment(self._tables, data, area.width, area.height, whole)
        except DctzError as error:
            raise self.placed(error, segment) from None
        if scale > 1:
            out[...] = box_mean(whole, scale)

    def decode_overlay(self, segment: Segment, scale: int, out: Samples) -> NDArray[np.bool_]:
        """The samples in the cells that it gives, into `out`; (height, width), where those are."""
        from pil_dctz.picture.decoder.overlay import decode_cells, where_given

        data = self.read_stream(segment, 0)
        whole = out if scale == 1 else self.array(segment.area)
        try:
            left = decode_cells(self._tables, data, whole)
        except DctzError as error:
            raise self.placed(error, segment) from None
        if scale > 1:
            out[...] = box_mean(whole, scale)
        return where_given(left, scale, out.shape[0], out.shape[1])

    def decode_lossy(
        self,
        segment: Segment,
        low: bytes,
        high: Sequence[bytes] | None,
        scale: int,
        out: Samples,
    ) -> None:
        """As `decode`, from streams that were read; `high` is None exactly at scale 8."""
        try:
            self._decode_lossy(segment, low, high, scale, out)
        except DctzError as error:
            raise self.placed(error, segment, self._damaged_stream(segment, low, high)) from None

    def _decode_lossy(
        self,
        segment: Segment,
        low: bytes,
        high: Sequence[bytes] | None,
        scale: int,
        out: Samples,
    ) -> None:
        from pil_dctz.lossy.decoder.segment import decode_segment

        area = segment.area
        layer = self.layer.of_segment(segment.number) if self.layer is not None else None
        decode_segment(
            self._tables, low, high, area.width, area.height, out, scale=scale, layer=layer
        )

    def _damaged_stream(self, segment: Segment, low: bytes, high: Sequence[bytes] | None) -> int:
        """The first stream that cannot be decoded, of some that cannot."""
        count = 0 if high is None else len(high)
        for stream in range(count):
            assert high is not None
            shown = [*high[:stream], *[b""] * (count - stream)]
            try:
                self._decode_lossy(segment, low, shown, 1, self.array(segment.area))
            except DctzError:
                return stream
        return count

    def read_stream(self, segment: Segment, stream: int) -> bytes:
        """A stream's bytes, their CRC judged. Clause `frame.data`."""
        size = self.group.sizes[stream][segment.number]
        offset = self.group.offsets[stream][segment.number]
        self.note(self.number, segment.number, stream)
        where = self.where(segment)
        extra = 4 if self.checked else 0
        data = self.source.read_at(offset, size + extra, where, "frame.data")
        if not self.checked:
            return data
        judge_crc(where, zlib.crc32(data[:-4]), data[-4:], offset + size, "frame.data")
        return data[:-4]

    def placed(self, error: DctzError, segment: Segment, stream: int = 0) -> DctzError:
        """An error of a stream's bytes as one of the file."""
        return error.within(self.where(segment), self.group.offsets[stream][segment.number])

    def work_bytes(self, segments: Iterable[Segment]) -> int:
        """Memory that decoding one of these takes, an upper estimate."""
        largest = max(segment.area.width * segment.area.height for segment in segments)
        work = largest * self.group.shape.channels * _WORK_BYTES[self.group.mode]
        return work if self.layer is None else work + largest * self.layer.work_bytes

    def damage(self, error: DamagedError, segment: Segment) -> Damage:
        """An error of a segment as an entry of a list, with the bytes of the stream it lies in."""
        places = self._places(segment)
        begin, end = places[0][0], places[-1][1]
        if error.offset is not None:
            cut = error.offset >= self.source.size_bytes  # the first stream that is not all there
            for place in places:
                if place[0] <= error.offset < place[1] or (cut and place[1] > error.offset):
                    begin, end = place
                    break
        noted = Damage.of(error, begin, end)
        return replace(noted, frame=self.frame, group=self.number, segment=segment.number)

    def _places(self, segment: Segment) -> list[tuple[int, int]]:
        """First byte, and the one behind the CRC, of each of its streams."""
        extra = 4 if self.checked else 0
        streams = zip(self.group.offsets, self.group.sizes, strict=True)
        return [
            (offsets[segment.number], offsets[segment.number] + sizes[segment.number] + extra)
            for offsets, sizes in streams
        ]

    def where(self, segment: Segment) -> str:
        """The segment's name in messages."""
        kind = "overlay " if self.group.overlay else "alpha " if self.number else ""
        return f"{kind}segment {segment.number} of frame {self.frame}"

    def array(self, area: Rectangle) -> Samples:
        """Room for the group's samples of an area."""
        shape = self.group.shape
        return np.empty((area.height, area.width, shape.channels), sample_dtype(shape.depth))
