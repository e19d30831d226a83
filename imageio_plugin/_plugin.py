"""The imageio plugin: arrays in and out of `.dctz`, every depth exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import EllipsisType, TracebackType
from typing import Any

import numpy as np
from imageio.core.request import (
    URI_BYTES,
    URI_FILE,
    URI_FILENAME,
    InitializationError,
    IOMode,
    Request,
)
from imageio.core.v3_plugin_api import ImageProperties, PluginV3
from imageio_dctz._writing import WriteOptions, encode, frames_of
from numpy.typing import ArrayLike, NDArray

import pil_dctz

__all__ = ["DctzByContent", "DctzPlugin"]

_SIGNATURE = b"\xc4CTZ\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

Index = int | EllipsisType | None


class DctzPlugin(PluginV3):
    """imageio's view of one `.dctz` file, for reading or for writing.

    Arrays are (height, width) or (height, width, 2..4): uint8 for depths 1 to 8, uint16 for
    9 to 16, the file's own values; bool for bilevel pictures. Orientation is left to the caller.

    Raises InitializationError where the file is not ours, so that imageio asks the next plugin;
    DctzError, an OSError, for a damaged file once it is read.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._header: pil_dctz.Header | None = None
        self._metadata: pil_dctz.Metadata | None = None
        self._durations: tuple[int, ...] | None = None
        self._pending: list[NDArray[Any]] = []
        self._options = WriteOptions()
        if request.mode.io_mode == IOMode.read:
            _require_signature(request)
        elif (request.extension or ".dctz").lower() != ".dctz":
            raise InitializationError(f"dctz writes .dctz files, not {request.extension}")

    # Reading

    def read(
        self,
        *,
        index: Index = None,
        region: tuple[int, int, int, int] | None = None,
        scale: int = 1,
        strict: bool = True,
        threads: int | None = None,
    ) -> NDArray[Any]:
        """A frame as an array, or all of them, stacked.

        index: number of a frame; `...`: all, along a new first axis; None: the picture of a still
            file, all frames of an animation.
        region, scale: of still files, as in `pil_dctz.decode`.
        strict: False gives what is whole of a damaged file.

        Raises ValueError for an index, region or scale that the file does not have.
        """
        header = self._read_header()
        options: dict[str, Any] = {"strict": strict, "threads": threads}
        if header.animated and (region is not None or scale != 1):
            raise ValueError("region and scale are for still files, this one is animated")
        if self._resolve(index) is ...:
            frames = [*self.iter(strict=strict, threads=threads)] if header.animated else None
            if frames is None:
                frames = [self._still(region=region, scale=scale, **options)]
            return np.stack(frames)
        if header.animated:
            return self._frame(self._require_index(index), **options)
        self._require_index(index)
        return self._still(region=region, scale=scale, **options)

    def iter(self, *, strict: bool = True, threads: int | None = None) -> Iterator[NDArray[Any]]:
        """The frames in order, decoded one at a time."""
        if not self._read_header().animated:
            yield self._still(strict=strict, threads=threads)
            return
        for frame, _ in pil_dctz.decode_frames(
            self.request.get_file(), strict=strict, threads=threads
        ):
            yield self._typed(frame)

    def properties(self, index: Index = None) -> ImageProperties:
        """Shape and dtype of what `read(index=index)` gives, from the header alone."""
        header = self._read_header()
        shape: tuple[int, ...] = (header.height, header.width)
        if header.channels > 1:
            shape = (*shape, header.channels)
        dtype = np.dtype(np.uint8 if header.depth <= 8 else np.uint16)
        if header.depth == 1 and header.channels == 1:
            dtype = np.dtype(bool)
        if self._resolve(index) is ...:
            count = header.n_frames
            return ImageProperties((count, *shape), dtype, n_images=count, is_batch=True)
        self._require_index(index)
        return ImageProperties(shape, dtype)

    def metadata(self, index: Index = None, exclude_applied: bool = True) -> dict[str, Any]:
        """What the file tells beside the samples: nothing of it is applied by `read`.

        Keys: `layout`, `bits`, `icc_profile`, `exif`, `xmp` (bytes), `dpi`, `text`; of animations
        `loop` and, for one frame, `duration` in ms. An entry that the file lacks is absent.
        """
        header, told = self._read_header(), self._read_metadata()
        found = {
            "layout": header.layout,
            "bits": header.depth,
            "icc_profile": told.icc,
            "exif": told.exif,
            "xmp": told.xmp,
            "dpi": told.dpi,
            "text": dict(told.text) or None,
            "loop": header.loop if header.animated else None,
        }
        if self._resolve(index) is not ...:
            number = self._require_index(index)
            found["duration"] = self._durations_us()[number] / 1000 if header.animated else None
        return {key: value for key, value in found.items() if value is not None}

    def _read_metadata(self) -> pil_dctz.Metadata:
        """Also what stands behind the samples; the header has only what comes first."""
        if self._metadata is None:
            self._metadata = pil_dctz.read_metadata(self.request.get_file())
        return self._metadata

    def _durations_us(self) -> tuple[int, ...]:
        """Of all frames; the header lacks those of a very long animation."""
        if self._durations is None:
            self._durations = self._read_header().durations_us or tuple(
                frame.duration_us for frame in pil_dctz.inspect(self.request.get_file()).frames
            )
        return self._durations

    def _read_header(self) -> pil_dctz.Header:
        if self.request.mode.io_mode != IOMode.read:
            raise OSError("the file is open for writing")
        if self._header is None:
            self._header = pil_dctz.read_header(self.request.get_file())
        return self._header

    def _still(self, **options: Any) -> NDArray[Any]:
        return self._typed(pil_dctz.decode(self.request.get_file(), **options))

    def _frame(self, number: int, *, strict: bool, threads: int | None) -> NDArray[Any]:
        frame = pil_dctz.decode(
            self.request.get_file(), frame=number, strict=strict, threads=threads
        )
        return self._typed(frame)

    def _typed(self, samples: NDArray[Any]) -> NDArray[Any]:
        header = self._read_header()
        bilevel = header.depth == 1 and header.channels == 1
        return samples.astype(bool) if bilevel else samples

    def _resolve(self, index: Index) -> int | EllipsisType:
        if index is None:
            return ... if self._read_header().animated else 0
        return index

    def _require_index(self, index: Index) -> int:
        """A frame's number, counted from the end if negative. Raises ValueError."""
        count = self._read_header().n_frames
        number = self._resolve(index)
        if not isinstance(number, int | np.integer) or not -count <= number < count:
            raise ValueError(f"index must be a frame, 0..{count - 1}, got {index!r}")
        return int(number) % count

    # Writing

    def write(
        self,
        ndimage: ArrayLike | Sequence[ArrayLike],
        *,
        is_batch: bool | None = None,
        **given: Any,
    ) -> bytes | None:
        """Write a picture, or the frames of an animation.

        ndimage: (height, width[, 1..4]) of uint8, uint16 or bool, one picture; four dimensions, or
            a list, are frames. Three dimensions whose last is above 4 could be either: say
            is_batch=True for gray frames.
        given: `quality`, `target_size`, `target_quality`, `preset`, `alpha_quality`,
            `progressive`, `lossless`, `effort`, `depth`, `threads` as in `pil_dctz.encode`;
            `icc_profile`, `exif`, `xmp`, `dpi`, `text`; `duration` (ms, a number or one for each
            frame) and `loop` (0: for ever) of animations.

        More calls add frames; the file is written at the end, `"<bytes>"` at once and returned.
        Raises TypeError for other keywords, ValueError for what cannot be written; no file is left
        then.
        """
        if self.request.mode.io_mode != IOMode.write:
            raise OSError("the file is open for reading")
        self._options = self._options.updated(given)
        frames = frames_of(ndimage, is_batch)
        if self.request._uri_type == URI_BYTES:
            written: bytes = encode(frames, self._options)
            return written
        self._pending += [frame.copy() for frame in frames]
        return None

    def _flush(self) -> None:
        frames, self._pending = self._pending, []
        if frames:
            data = encode(frames, self._options)
            self.request.get_file().write(data)

    def close(self) -> None:
        """Write what is pending, give the file back. Any number of times."""
        try:
            self._flush()
        finally:
            self.request.finish()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._pending = []  # no half animation
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_pending"):
            self.close()


class DctzByContent(DctzPlugin):
    """For reading what has no extension, or a wrong one; asked before all other plugins.

    It looks at what can be looked at for nothing: bytes, files, file objects that can seek.
    """

    def __init__(self, request: Request) -> None:
        PluginV3.__init__(self, request)
        self._pending = []
        kind = request._uri_type
        free = kind in (URI_BYTES, URI_FILENAME) or (
            kind == URI_FILE and _can_seek(request.raw_uri)
        )
        if request.mode.io_mode != IOMode.read or not free:
            raise InitializationError("only for reading bytes and files")
        super().__init__(request)


def _can_seek(file: Any) -> bool:
    return hasattr(file, "seekable") and bool(file.seekable())


def _require_signature(request: Request) -> None:
    first = request.firstbytes
    if first.startswith(_SIGNATURE):
        return
    if request.extension == ".dctz" and first.startswith(_TIFF):
        raise InitializationError(
            "a TIFF under the name .dctz: imageio writes that where imageio_dctz is not imported"
        )
    raise InitializationError("not a DCTZ file: the signature is missing")
