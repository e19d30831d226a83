"""Looks at every byte of a file and lists what is not whole."""

from __future__ import annotations

from dataclasses import dataclass

from pil_dctz import schedule
from pil_dctz.container.decoder.chunks import read_payload
from pil_dctz.container.decoder.contents import Contents, read_contents, read_frame
from pil_dctz.container.decoder.metadata import METADATA, MetadataReader
from pil_dctz.container.decoder.source import Readable, Source, open_source
from pil_dctz.container.syntax import FrameHeader
from pil_dctz.errors import DamagedError
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from pil_dctz.picture.decoder.layer import embedded_model, read_layer
from pil_dctz.picture.decoder.segment import GroupDecoder
from pil_dctz.picture.decoder.trace import Damage
from pil_dctz.picture.segments import Segment, segments_of

__all__ = ["Report", "verify"]


@dataclass(frozen=True, slots=True)
class Report:
    """frames, segments: how many were looked at. damages: in file order, none if all is well."""

    frames: int
    segments: int
    damages: tuple[Damage, ...]

    @property
    def whole(self) -> bool:
        return not self.damages

    def raise_for_damage(self) -> None:
        """Raise the first damage as a DamagedError, if there is one."""
        if self.damages:
            first = self.damages[0]
            raise DamagedError(first.what, offset=first.begin, clause=first.clause)


def verify(source: Readable, *, threads: int | None = None, limits: Limits | None = None) -> Report:
    """Judge all of a file: chunks and their order, checks, metadata, every segment's samples.

    Arguments as in `decode`. Damages are listed, with bytes and clause; nothing is returned of the
    samples. Raises NotDctzError, UnsupportedError, LimitError.
    """
    count = schedule.check_threads(threads)
    with open_source(source) as opened:
        return _Verifier(opened, limits or DEFAULT_LIMITS, count).report()


class _Verifier:
    def __init__(self, source: Source, limits: Limits, threads: int) -> None:
        self._source = source
        self._limits = limits
        self._threads = threads
        self._damages: list[Damage] = []
        self._segments = 0
        self._frames = 0

    def report(self) -> Report:
        contents = self._read_contents()
        if contents is not None:
            self._look_at_metadata(contents)
            for number in range(contents.n_frames):
                self._look_at_frame(contents, number)
        distinct = {(damage.what, damage.clause): damage for damage in self._damages}
        found = sorted(distinct.values(), key=lambda damage: damage.begin or 0)
        return Report(self._frames, self._segments, tuple(found))

    def _read_contents(self) -> Contents | None:
        """The file's plan, as a strict decoder sees it; else as a tolerant one does."""
        for strict in (True, False):
            try:
                return read_contents(self._source, self._limits, strict=strict)
            except DamagedError as error:
                self._note(error)
        return None

    def _read_frame(self, contents: Contents, number: int) -> FrameHeader | None:
        for strict in (True, False):
            try:
                return read_frame(self._source, contents, number, strict=strict)
            except DamagedError as error:
                self._note(error)
        return None

    def _look_at_metadata(self, contents: Contents) -> None:
        reader = MetadataReader(self._limits)
        for chunk in contents.chunks:
            if chunk.type in METADATA:
                try:
                    reader.add(chunk.type, read_payload(self._source, chunk), chunk.payload_offset)
                except DamagedError as error:
                    self._note(error, chunk.offset, chunk.end)

    def _note(self, error: DamagedError, begin: int | None = None, end: int | None = None) -> None:
        self._damages.append(Damage.of(error, begin, end))

    def _look_at_frame(self, contents: Contents, number: int) -> None:
        frame = self._read_frame(contents, number)
        if frame is None:
            return
        self._frames += 1
        if frame.layer is not None:
            try:
                read_layer(self._source, frame, number)
                embedded_model(self._source, contents)
            except DamagedError as error:
                self._note(error)
        for index, group in enumerate(frame.groups):
            checked = not contents.header.compact
            decoder = GroupDecoder(
                self._source, group, number, index, checked, True, lambda *_: None
            )
            segments = list(segments_of(frame.width, frame.height, group.segment_log2))
            threads = self._limits.threads_within(0, decoder.work_bytes(segments), self._threads)
            try:
                decoder.parse_tables()
            except DamagedError as error:
                self._note(error, group.tables_offset, group.tables_offset + len(group.tables))
                continue
            self._look_at_segments(decoder, segments, threads)

    def _look_at_segments(
        self, decoder: GroupDecoder, segments: list[Segment], threads: int
    ) -> None:
        def work(segment: Segment) -> Damage | None:
            try:
                decoder.decode(segment, 1, decoder.array(segment.area))
            except DamagedError as error:
                return decoder.damage(error, segment)
            return None

        damages = schedule.run(work, segments, threads)
        self._damages += [damage for damage in damages if damage is not None]
        self._segments += len(segments)
