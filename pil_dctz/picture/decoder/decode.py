"""One frame of a file to samples: whole, a region, or smaller. Clauses of chapter 5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pil_dctz import schedule
from pil_dctz.arrays import Samples, sample_dtype
from pil_dctz.container.decoder.contents import Contents, compact_is_whole, read_frame
from pil_dctz.container.decoder.source import Source
from pil_dctz.container.syntax import FrameHeader
from pil_dctz.errors import DamagedError
from pil_dctz.learned.syntax import FrameLayer, Learned
from pil_dctz.limits import Limits
from pil_dctz.picture.decoder.segment import GroupDecoder
from pil_dctz.picture.decoder.tolerant import decode_tolerant
from pil_dctz.picture.decoder.trace import Damage, Trace
from pil_dctz.picture.segments import Rectangle, Segment, touched

__all__ = ["FrameDecoder"]


@dataclass(slots=True)
class FrameDecoder:
    """Decodes frames of an open file.

    strict: the first damage raises; else whole segments are given and `trace.lost` has the rest.
    trace: None: nobody asks. learned: as of `pil_dctz.decode`.
    """

    source: Source
    contents: Contents
    limits: Limits
    threads: int
    strict: bool
    trace: Trace | None
    learned: Learned = True

    def decode(
        self, number: int, region: Rectangle | None = None, scale: int = 1
    ) -> tuple[FrameHeader, Samples]:
        """Frame `number`: its head, and the samples of `region` at 1:scale.

        region: of the frame, inside it; None: all of it.
        """
        frame = read_frame(self.source, self.contents, number, strict=self.strict)
        if region is None:
            region = Rectangle(0, 0, frame.width, frame.height)
        return frame, self._decode(number, frame, region, scale)

    def _decode(self, number: int, frame: FrameHeader, region: Rectangle, scale: int) -> Samples:
        header = self.contents.header
        target = region.scaled(scale)
        dtype = sample_dtype(header.depth)
        channels = header.layout.channels
        size = target.width * target.height * channels * dtype.itemsize
        parts = [
            (decoder, list(touched(frame.width, frame.height, decoder.group.segment_log2, region)))
            for decoder in self._group_decoders(number, frame)
        ]
        if frame.layer is not None and self.learned is not False and scale == 1:
            parts[0][0].layer = self._layer(number, frame)
        work_bytes = max(decoder.work_bytes(segments) for decoder, segments in parts)
        threads = self.limits.threads_within(size, work_bytes, self.threads)
        for decoder, _ in parts:
            decoder.parse_tables()
        out = np.empty((target.height, target.width, channels), dtype)
        tasks = [(decoder, segment) for decoder, segments in parts for segment in segments]

        def work(task: tuple[GroupDecoder, Segment]) -> Damage | None:
            return self._decode_segment(*task, scale, target, out)

        # What lies over other samples comes after them.
        over = [task for task in tasks if task[0].group.overlay]
        under = [task for task in tasks if not task[0].group.overlay]
        damages = schedule.run(work, under, threads) + schedule.run(work, over, threads)
        if self.trace is not None:
            self.trace.lost += [damage for damage in damages if damage is not None]
        return out

    def _layer(self, number: int, frame: FrameHeader) -> FrameLayer | None:
        from pil_dctz.picture.decoder.layer import find_layer

        try:
            return find_layer(self.source, self.contents, frame, number, self.learned)
        except DamagedError:
            if self.strict:
                raise
            return None

    def _group_decoders(self, number: int, frame: FrameHeader) -> Iterator[GroupDecoder]:
        compact = self.contents.header.compact
        whole = self.strict or not compact or compact_is_whole(self.source)

        def note(group: int, segment: int, stream: int) -> None:
            if self.trace is not None:
                self.trace.streams.add((number, group, segment, stream))

        for index, group in enumerate(frame.groups):
            yield GroupDecoder(self.source, group, number, index, not compact, whole, note)

    def _decode_segment(
        self,
        decoder: GroupDecoder,
        segment: Segment,
        scale: int,
        target: Rectangle,
        out: Samples,
    ) -> Damage | None:
        """One segment, cut to what `out` (the rectangle `target` of the scaled frame) shows."""
        area = segment.area.scaled(scale)
        first = decoder.group.first_channel
        channels = slice(first, first + decoder.group.shape.channels)
        if decoder.group.overlay:
            return self._lay_over(decoder, segment, scale, target, out[..., channels])
        if area == target and out.shape[2] == decoder.group.shape.channels:
            return self._into(decoder, segment, scale, out)
        samples = np.empty((area.height, area.width, decoder.group.shape.channels), out.dtype)
        damage = self._into(decoder, segment, scale, samples)
        shown = area.intersect(target)
        if shown is not None:
            rows, columns = shown.moved(-target.x, -target.y).slices
            part = samples[shown.moved(-area.x, -area.y).slices]
            out[rows, columns, channels] = part
        return damage

    def _lay_over(
        self,
        decoder: GroupDecoder,
        segment: Segment,
        scale: int,
        target: Rectangle,
        out: Samples,
    ) -> Damage | None:
        """The cells that a segment of an overlay gives, over what `out` has. `frame.overlay`."""
        area = segment.area.scaled(scale)
        samples = np.empty((area.height, area.width, out.shape[2]), out.dtype)
        try:
            given = decoder.decode_overlay(segment, scale, samples)
        except DamagedError as error:
            if self.strict:
                raise
            return decoder.damage(error, segment)
        shown = area.intersect(target)
        if shown is not None:
            part = shown.moved(-area.x, -area.y).slices
            there = out[shown.moved(-target.x, -target.y).slices]
            np.copyto(there, samples[part], where=given[part][..., None])
        return None

    def _into(
        self, decoder: GroupDecoder, segment: Segment, scale: int, out: Samples
    ) -> Damage | None:
        if self.strict:
            decoder.decode(segment, scale, out)
            return None
        return decode_tolerant(decoder, segment, scale, out)
