"""The library's functions. Nothing heavy is imported before it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pil_dctz.container.decoder.source import Readable
from pil_dctz.container.decoder.summary import Header, read_header

if TYPE_CHECKING:
    import os

    from pil_dctz.arrays import Samples
    from pil_dctz.container.metadata import Metadata
    from pil_dctz.learned.syntax import Learned
    from pil_dctz.limits import Limits
    from pil_dctz.picture.decoder.inspect import FileInfo
    from pil_dctz.picture.decoder.trace import Trace
    from pil_dctz.picture.decoder.verify import Report
    from pil_dctz.picture.encoder.options import EncodeOptions
    from pil_dctz.picture.encoder.repair import Repair

__all__ = [
    "Header",
    "decode",
    "decode_frames",
    "decode_progressive",
    "encode",
    "encode_frames",
    "inspect",
    "read",
    "read_header",
    "read_metadata",
    "repair",
    "verify",
    "write",
]


def decode(
    source: Readable,
    *,
    frame: int = 0,
    region: tuple[int, int, int, int] | None = None,
    scale: int = 1,
    strict: bool = True,
    threads: int | None = None,
    limits: Limits | None = None,
    trace: Trace | None = None,
    learned: Learned = True,
) -> Samples:
    """Decode a picture, or one frame of an animation as it is shown.

    source: bytes-like, a path, or a file object (read from its position on).
    frame: 0 .. n_frames - 1, composed with those before it.
    region: (x, y, width, height) in samples, inside the picture; None: all. Only its segments are
        read and decoded.
    scale: 1, 2, 4 or 8: the picture at 1:scale (stills only), sides rounded up. Of lossy files,
        scale 8 reads the low frequencies alone. A region is then the part of the smaller picture
        that its samples belong to.
    strict: the first damage raises. False: segments that are not whole are filled, lossy ones from
        their low frequencies where these are whole; `trace.lost` lists them.
    threads: 1 or more; None: as many as this process may use. The samples do not depend on it.
    limits: what to refuse, None: `Limits()`. trace: is filled with what was read.
    learned: True: a learned layer is applied with the model that the file holds or the package has;
        without it a warning is given, once, and the base picture. False: the base picture. A path:
        of a model file to look at, too.

    Returns a C-contiguous array (height, width[, channels]): uint8 for depths 1..8, else uint16,
    values 0..2**depth - 1, alpha straight.

    Raises NotDctzError, DamagedError, UnsupportedError, LimitError; ValueError for arguments
    outside what is said here. Clauses: frame.region, frame.scale, frame.compose, frame.tolerant.
    """
    from pil_dctz.picture.decoder.picture import decode_picture

    return decode_picture(
        source,
        frame=frame,
        region=region,
        scale=scale,
        strict=strict,
        threads=threads,
        limits=limits,
        trace=trace,
        learned=learned,
    )


def decode_frames(
    source: Readable,
    *,
    strict: bool = True,
    threads: int | None = None,
    limits: Limits | None = None,
    trace: Trace | None = None,
    learned: Learned = True,
) -> Iterator[tuple[Samples, int]]:
    """All frames of a file, composed, each with its duration in microseconds (0 of a still).

    Arguments, arrays and errors as in `decode`. A file object must be left alone until the
    iterator ends.
    """
    from pil_dctz.picture.decoder.picture import decode_frames as frames

    return frames(
        source, strict=strict, threads=threads, limits=limits, trace=trace, learned=learned
    )


def decode_progressive(
    pieces: Iterable[bytes],
    *,
    threads: int | None = None,
    limits: Limits | None = None,
    learned: Learned = True,
) -> Iterator[Samples]:
    """The picture of a file that arrives in pieces, better from time to time.

    pieces: the bytes, in order, cut anywhere. A lossy still is first given when its low frequencies
    are there, a tenth to almost half of the file, then after each pass that it was encoded in
    (`encode`, progressive) but the last, blurred or partly blurred. The last one, and the only one
    of other files, is what `decode` gives of all bytes. What has not come in time is left out:
    after a piece there is at most one picture.

    Other arguments, arrays and errors as in `decode`; errors come where the pieces end. Each
    picture is decoded from the start. Clause: frame.tolerant.
    """
    from pil_dctz.picture.decoder.progress import decode_pieces

    return decode_pieces(pieces, threads=threads, limits=limits, learned=learned)


def encode(
    array: Any,
    *,
    quality: float | None = None,
    target_size: int | None = None,
    target_quality: float | None = None,
    lossless: bool | None = None,
    near_lossless: int | None = None,
    effort: int | None = None,
    depth: int | None = None,
    layout: str | None = None,
    metadata: Metadata | None = None,
    threads: int | None = None,
    segment_size: int | None = None,
    learned: Learned | None = None,
    preset: str | None = None,
    alpha_quality: float | None = None,
    progressive: bool | int | None = None,
    options: EncodeOptions | None = None,
) -> bytes:
    """Encode a picture.

    array: (height, width) or (height, width, 1..4 channels), uint8 or uint16, alpha last and
        straight.
    quality: 0..100, 75 if not given; lossy pictures are gray or RGB with 8 to 12 bits. Those of
        more than 8 are exact unless a quality is given. lossless: exact samples.
    preset: what lossy colours are made for: "visual", "psnr" (the least squared error), "balanced"
        between them, or "auto", by the content. alpha_quality: 0..100 of the alpha beside lossy
        colours; None: exact.
    near_lossless: N, for the lossless mode with samples that are off by N at most.
    target_size: bytes of the whole file, instead of a quality: it never has more, and at most 2 %
        fewer unless quality 100, or the exact picture, is smaller.
    target_quality: the file's SSIMULACRA2 score, 0..100, instead of a quality: met within 1 point,
        unless the exact picture is smaller, or quality 0 scores more. Both encode up to 9 times.
    effort: 0..9, 5 if not given. segment_size: 64..32768 (a power of two), 0 for one segment.
    depth: bits a sample, 1..8 (uint8) or 9..16 (uint16); None: 8 or 16.
    layout: "gray", "gray+alpha", "rgb", "rgba", "4 components"; None: by the channels.
    learned: True, or the path of a model file: lossy colours get a learned layer where that helps;
        readers with the model show it, others the picture without. False if not given.
    progressive: True: lossy samples in 3 passes, or in 2 or 3 of them, all of the picture in each:
        a part of the file shows it blurred, not its lower parts blurred more. 1 to 3 % more bytes.
    metadata: what to store beside the samples. threads: as in `decode`; the bytes do not depend
        on it.
    options: the same and more as one value; arguments given beside it replace its fields.

    Returns the file: at most the raw samples + 1 % + 64 bytes, without metadata.

    Raises ValueError that names what can be written, and for a target what can be reached.
    """
    from pil_dctz import schedule
    from pil_dctz.container.metadata import Metadata as Nothing
    from pil_dctz.picture.encoder.encode import take_picture
    from pil_dctz.picture.encoder.options import merge_options
    from pil_dctz.picture.encoder.target import encode_still_as_asked

    merged = merge_options(
        options,
        quality=quality,
        target_size=target_size,
        target_quality=target_quality,
        lossless=lossless,
        near_lossless=near_lossless,
        effort=effort,
        segment_size=segment_size,
        learned=learned,
        preset=preset,
        alpha_quality=alpha_quality,
        progressive=progressive,
    )
    count = schedule.check_threads(threads)
    picture = take_picture(array, layout, depth)
    return encode_still_as_asked(picture, merged, metadata or Nothing(), count)


def encode_frames(
    arrays: Iterable[Any],
    durations_us: Iterable[int],
    loop: int = 0,
    *,
    quality: float | None = None,
    target_size: int | None = None,
    target_quality: float | None = None,
    lossless: bool | None = None,
    near_lossless: int | None = None,
    effort: int | None = None,
    depth: int | None = None,
    layout: str | None = None,
    metadata: Metadata | None = None,
    threads: int | None = None,
    segment_size: int | None = None,
    preset: str | None = None,
    alpha_quality: float | None = None,
    progressive: bool | int | None = None,
    options: EncodeOptions | None = None,
) -> bytes:
    """Encode an animation.

    arrays: at least one, all of one shape and dtype, as in `encode`. durations_us: as many, 0..2^40
    microseconds. loop: how often it plays, 0..65535, 0 for ever. The rest as in `encode`, but
    target_quality and progressive, which animations have not got; for target_size all arrays are
    held.

    Raises ValueError.
    """
    from pil_dctz import schedule
    from pil_dctz.container.metadata import Metadata as Nothing
    from pil_dctz.picture.encoder.encode import take_picture
    from pil_dctz.picture.encoder.options import merge_options
    from pil_dctz.picture.encoder.target import encode_frames_as_asked

    merged = merge_options(
        options,
        quality=quality,
        target_size=target_size,
        target_quality=target_quality,
        lossless=lossless,
        near_lossless=near_lossless,
        effort=effort,
        segment_size=segment_size,
        preset=preset,
        alpha_quality=alpha_quality,
        progressive=progressive,
    )
    count = schedule.check_threads(threads)
    pictures = (take_picture(array, layout, depth) for array in arrays)
    return encode_frames_as_asked(
        pictures, list(durations_us), loop, merged, metadata or Nothing(), count
    )


def read(path: Readable, **arguments: Any) -> Samples:
    """`decode` by the name that goes with `write`."""
    return decode(path, **arguments)


def write(path: str | os.PathLike[str], array: Any, **arguments: Any) -> None:
    """Encode as `encode` does, into a file.

    The file is written beside and renamed, so that `path` holds the old or the new bytes, whatever
    happens. Raises as `encode`, and OSError.
    """
    from pil_dctz.picture.encoder.save import replace_file

    replace_file(path, encode(array, **arguments))


def read_metadata(
    source: Readable, *, strict: bool = True, limits: Limits | None = None
) -> Metadata:
    """All metadata of a file, also what stands behind the samples or beyond 64 KiB.

    strict: the first damage raises. False: chunks that are not whole are left out; those behind
    the samples too, if anything before them is damaged. Other arguments and errors as in `decode`.
    Clause: container.metadata.
    """
    from pil_dctz.picture.decoder.inspect import metadata_of

    return metadata_of(source, strict=strict, limits=limits)


def verify(source: Readable, *, threads: int | None = None, limits: Limits | None = None) -> Report:
    """Judge every byte of a file; the report lists what is damaged, with bytes and clause.

    Arguments as in `decode`. Raises NotDctzError, UnsupportedError, LimitError.
    """
    from pil_dctz.picture.decoder.verify import verify as judge

    return judge(source, threads=threads, limits=limits)


def repair(source: Readable, *, threads: int | None = None, limits: Limits | None = None) -> Repair:
    """A whole file from what is whole of a damaged one, and what was lost, by bytes and clause.

    What is whole keeps its bytes; a lossy segment whose details are lost its low frequencies; other
    lost segments become gray. An exact group with a lost segment is written anew, its other samples
    the same. Metadata that are damaged, and frames of an animation whose head is, are left out.

    Arguments as in `decode`. Raises DamagedError where nothing can be saved: the header, all frame
    heads or an animation's index are damaged, or a compact file is; NotDctzError, UnsupportedError,
    LimitError.
    """
    from pil_dctz.picture.encoder.repair import repair as mend

    return mend(source, threads=threads, limits=limits)


def inspect(source: Readable, *, limits: Limits | None = None) -> FileInfo:
    """The structure of a file: chunks, frames, plane groups, sizes of all segments.

    Arguments and errors as in `decode`.
    """
    from pil_dctz.picture.decoder.inspect import inspect as look

    return look(source, limits=limits)
