"""What the public decoding functions do: stills, composed frames, regions, scales."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pil_dctz import schedule
from pil_dctz.arrays import Samples
from pil_dctz.container.decoder.contents import read_contents, read_frame_fields
from pil_dctz.container.decoder.source import Readable, open_source
from pil_dctz.container.syntax import Dispose
from pil_dctz.learned.syntax import Learned
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from pil_dctz.picture.decoder.compose import Canvas, stands_alone
from pil_dctz.picture.decoder.decode import FrameDecoder
from pil_dctz.picture.decoder.trace import Trace
from pil_dctz.picture.segments import check_region, check_scale

__all__ = ["decode_frames", "decode_picture"]


@contextmanager
def _open(
    readable: Readable,
    *,
    strict: bool,
    checks: bool,
    threads: int | None,
    limits: Limits | None,
    trace: Trace | None,
    learned: Learned,
) -> Iterator[FrameDecoder]:
    limits = limits or DEFAULT_LIMITS
    count = schedule.check_threads(threads)
    with open_source(readable) as source:
        if trace is not None:
            source.touched = trace.reads
        try:
            contents = read_contents(source, limits, strict=strict, checks=checks)
            yield FrameDecoder(source, contents, limits, count, strict, trace, learned)
        finally:
            if trace is not None:
                trace.bytes_read += source.bytes_read


def decode_picture(
    readable: Readable,
    *,
    frame: int,
    region: tuple[int, int, int, int] | None,
    scale: int,
    strict: bool,
    threads: int | None,
    limits: Limits | None,
    trace: Trace | None,
    learned: Learned,
) -> Samples:
    """See `pil_dctz.decode`."""
    check_scale(scale)
    checks = strict and region is None and scale == 1
    with _open(
        readable,
        strict=strict,
        checks=checks,
        threads=threads,
        limits=limits,
        trace=trace,
        learned=learned,
    ) as decoder:
        contents = decoder.contents
        header = contents.header
        if not 0 <= frame < contents.n_frames:
            raise ValueError(f"frame must be 0..{contents.n_frames - 1}, got {frame}")
        area = check_region(region, header.width, header.height)
        if not header.animated:
            return _public(decoder.decode(0, area, scale)[1])
        if scale != 1:
            raise ValueError("animations have no smaller scales")
        canvas = _canvas(decoder)
        for number in range(_first_needed(decoder, frame), frame + 1):
            canvas.put(*decoder.decode(number))
        return _public(canvas.samples[area.slices].copy())


def decode_frames(
    readable: Readable,
    *,
    strict: bool,
    threads: int | None,
    limits: Limits | None,
    trace: Trace | None,
    learned: Learned,
) -> Iterator[tuple[Samples, int]]:
    """See `pil_dctz.decode_frames`."""
    with _open(
        readable,
        strict=strict,
        checks=strict,
        threads=threads,
        limits=limits,
        trace=trace,
        learned=learned,
    ) as decoder:
        if not decoder.contents.header.animated:
            yield _public(decoder.decode(0)[1]), 0
            return
        canvas = _canvas(decoder)
        for number in range(decoder.contents.n_frames):
            frame, samples = decoder.decode(number)
            canvas.put(frame, samples)
            yield _public(canvas.samples.copy()), frame.duration_us


def _canvas(decoder: FrameDecoder) -> Canvas:
    header = decoder.contents.header
    size = header.width * header.height * header.layout.channels * (1 + (header.depth > 8))
    decoder.limits.require_memory(4 * size)  # canvas, frame, what is shown, what was before
    return Canvas(header)


def _first_needed(decoder: FrameDecoder, wanted: int) -> int:
    """The last frame from which `wanted` can be composed; found with the index alone."""
    contents = decoder.contents
    for number in range(wanted, 0, -1):
        frame = read_frame_fields(decoder.source, contents, number)
        shown_alone = number == wanted or frame.dispose is not Dispose.PREVIOUS
        if shown_alone and stands_alone(frame, contents.header):
            return number
    return 0


def _public(samples: Samples) -> Samples:
    """(height, width) for one channel."""
    return samples[:, :, 0] if samples.shape[2] == 1 else samples
