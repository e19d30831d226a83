# ruff: noqa: N999  (the name is the one that users of Pillow look for)
"""The Pillow plugin: `import pil_dctz` registers it, then `Image.open` and `save` know `.dctz`.

`Image.open` reads the header alone; pixels are decoded by `load`, a reduced size by `draft` and
`thumbnail`, a frame of an animation by `seek`. Kept light: the library, and NumPy with it, are
imported by the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageFile
from PIL._util import DeferredError

if TYPE_CHECKING:
    from typing import IO

    from numpy.typing import NDArray

    from pil_dctz import Header, Metadata

__all__ = [
    "LEARNED",
    "MIME",
    "DctzDecoder",
    "DctzEncoder",
    "DctzImageFile",
    "register",
    "tell_pillow",
]

MIME = "image/x-dctz"

#: As `learned` of `pil_dctz.decode`, for pictures that are loaded from here on.
LEARNED: bool | str = True

_NAME = "DCTZ"
_SIGNATURE = b"\xc4CTZ\r\n\x1a\n"
_SCALES = (8, 4, 2)


def _accept(prefix: bytes) -> bool | str:
    """Whether a file begins as ours; a string becomes a warning if nobody else reads it."""
    if prefix.startswith(_SIGNATURE):
        return True
    if len(prefix) >= len(_SIGNATURE) and prefix[:4] in (b"\xc4CTZ", b"\x44CTZ"):
        return "begins like a DCTZ file whose signature was damaged, perhaps by a text-mode copy"
    return False


class DctzImageFile(ImageFile.ImageFile):
    """A `.dctz` file as Pillow opens it.

    mode: `1`, `L`, `LA`, `RGB`, `RGBA` or `I;16`; see `pil_dctz.pillow.modes` for other depths.
    info: `icc_profile`, `exif` (with the six bytes "Exif 00 00"), `xmp`, `dpi`, `text` (a
    dictionary) where the file has them; `bits`, the file's depth, where the mode does not tell it;
    of animations `loop` (0: for ever) and `duration` (ms, of the current frame).

    Opening raises DctzError, an OSError, for a file with our signature that cannot be read;
    loading too, unless `ImageFile.LOAD_TRUNCATED_IMAGES` asks for what is whole. One picture
    belongs to one thread, as with all of Pillow.
    """

    format = _NAME
    format_description = "DCTZ image"

    # Class-level, for pictures that come out of a pickle without having been opened.
    n_frames = 1
    is_animated = False
    _min_frame = 0
    _frame = 0
    _animation: _Animation | None = None
    _durations_us: tuple[int, ...] = ()
    _depth = 8
    _full_size = (0, 0)
    _metadata_complete = True  # False: there may be more than the header gave

    def _open(self) -> None:
        import pil_dctz

        assert self.fp is not None
        try:
            header = pil_dctz.read_header(self.fp, strict=not ImageFile.LOAD_TRUNCATED_IMAGES)
        except pil_dctz.NotDctzError as error:
            raise SyntaxError(str(error)) from None  # the next plugin is asked
        self._describe(header)
        self.info.update(_info(header))
        self._metadata_complete = header.compact
        if header.animated:
            self._open_animation(header)
        self._set_tile(scale=1)

    def _describe(self, header: Header) -> None:
        from pil_dctz.pillow import modes

        self._depth = header.depth
        self._mode = modes.mode_of(header.layout, header.depth)
        self._size = self._full_size = (header.width, header.height)
        if header.depth != modes.own_depth(self._mode):
            self.info["bits"] = header.depth

    def _open_animation(self, header: Header) -> None:
        assert self.fp is not None
        self.n_frames = header.n_frames
        self.is_animated = header.n_frames > 1
        self._durations_us = header.durations_us
        self._animation = _Animation()
        self._close_exclusive_fp_after_loading = False
        self._fp = self.fp
        self.info["loop"] = header.loop
        self._set_duration()

    def _set_duration(self) -> None:
        """Of the current frame; the header may lack those of a very long animation."""
        self.info.pop("duration", None)
        known = self._durations_us[self._frame : self._frame + 1]
        if not known and self._animation and self._animation.number == self._frame:
            known = (self._animation.duration_us,)
        if known:
            whole, rest = divmod(known[0], 1000)
            self.info["duration"] = whole + rest / 1000 if rest else whole

    def _complete_metadata(self) -> None:
        """Take what lies behind the samples, or beyond what the header may read."""
        import pil_dctz

        if self._metadata_complete or self.fp is None or getattr(self.fp, "closed", False):
            return
        self._metadata_complete = True
        self.fp.seek(0)
        try:
            self.info.update(_info(pil_dctz.read_metadata(self.fp)))
        except pil_dctz.DctzError:
            if not ImageFile.LOAD_TRUNCATED_IMAGES:
                raise

    def _set_tile(self, *, scale: int) -> None:
        args = (self._depth, scale, self._frame, self._animation)
        self.tile = [ImageFile._Tile(_NAME, (0, 0, *self.size), 0, args)]

    def load_seek(self, pos: int) -> None:
        """Its presence keeps Pillow from mapping the file, and its Parser from feeding pieces."""
        assert self.fp is not None
        self.fp.seek(pos)

    def draft(
        self, mode: str | None, size: tuple[int, int] | None
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Prepare to decode at 1/2, 1/4 or 1/8: the smallest not below `size` in both directions.

        The mode stays. None if nothing changes: the picture is loaded, drafted before, animated or
        bilevel, or no scale fits.
        """
        if not self.tile or not size or self._animation or self._depth == 1:
            return None
        if self.size != self._full_size:
            return None
        width, height = self.size
        room = min(width // max(1, size[0]), height // max(1, size[1]))
        scale = next((scale for scale in _SCALES if scale <= room), 1)
        if scale == 1:
            return None
        self._size = (-(-width // scale), -(-height // scale))
        self._set_tile(scale=scale)
        return self.mode, (0, 0, width / scale, height / scale)

    def thumbnail(
        self,
        size: tuple[float, float],
        resample: Image.Resampling = Image.Resampling.BICUBIC,
        reducing_gap: float | None = 2.0,
    ) -> None:
        """As for every picture; of `I;16` too, which Pillow's own first step cannot reduce."""
        if self.mode == "I;16" and reducing_gap is not None:
            self.draft(None, (int(size[0] * reducing_gap), int(size[1] * reducing_gap)))
            reducing_gap = None
        super().thumbnail(size, resample, reducing_gap)

    def seek(self, frame: int) -> None:
        """Go to a frame; EOFError past the end, and the position stays."""
        if not self._seek_check(frame) or self._animation is None:
            return
        if isinstance(self._fp, DeferredError):
            raise self._fp.ex
        self.fp = self._fp
        self._frame = frame
        self._size = self._full_size
        self._im = None
        self._set_duration()
        self._set_tile(scale=1)

    def tell(self) -> int:
        """Number of the current frame."""
        return self._frame

    def load_end(self) -> None:
        """Called by Pillow between decoding and closing the file."""
        self._complete_metadata()
        if self._animation is not None:
            self._set_duration()

    def getexif(self) -> Image.Exif:
        """The Exif data, also where the file keeps it behind the pixels."""
        self._complete_metadata()
        return super().getexif()

    def verify(self) -> None:
        """Check every segment; DamagedError names the first that is not whole.

        To be called right after `Image.open`; the file has to be opened again to be loaded.
        """
        import pil_dctz

        if self.fp is not None:
            self.fp.seek(0)
            pil_dctz.verify(self.fp).raise_for_damage()
        super().verify()


class _Animation:
    """The composed frames of one open file, decoded in order; going back starts again.

    number, duration_us: of the frame that was decoded last, -1 before the first.
    """

    def __init__(self) -> None:
        self._data = b""
        self._frames: Any = None
        self._strict = True
        self.number = -1
        self.duration_us = 0
        self._samples: NDArray[Any] | None = None

    def samples(self, fp: IO[bytes], frame: int, *, strict: bool) -> NDArray[Any]:
        """The canvas as frame number `frame` shows it."""
        import pil_dctz

        self._data = self._data or fp.read()  # so that it may be closed while the iterator lives
        if self._frames is None or frame < self.number or strict != self._strict:
            self._frames = pil_dctz.decode_frames(self._data, strict=strict, learned=LEARNED)
            self._strict, self.number = strict, -1
        while self.number < frame:
            self._samples, self.duration_us = next(self._frames)
            self.number += 1
        assert self._samples is not None
        return self._samples


class DctzDecoder(ImageFile.PyDecoder):
    """Decoder `DCTZ`: of `load`, and of `Image.frombytes(mode, size, data, "DCTZ", depth)`."""

    _pulls_fd = True

    def decode(self, buffer: Image.DecoderInput) -> tuple[int, int]:
        """Fill the picture from the file, or from `buffer` where there is none."""
        from pil_dctz.pillow.modes import raw_of

        arguments = dict(zip(("depth", "scale", "frame", "animation"), self.args, strict=False))
        depth = arguments.pop("depth", 8)
        samples = self._samples(buffer, **arguments)
        height, width = samples.shape[:2]
        if (width, height) != (self.state.xsize, self.state.ysize):
            raise OSError(
                f"the file holds {width} x {height} pixels, "
                f"not {self.state.xsize} x {self.state.ysize}"
            )
        rows, raw_mode = raw_of(samples, self.mode, depth)
        self.set_as_raw(cast(bytes, rows), raw_mode)  # any buffer will do
        return -1, 0

    def _samples(
        self,
        buffer: Image.DecoderInput,
        scale: int = 1,
        frame: int = 0,
        animation: _Animation | None = None,
    ) -> NDArray[Any]:
        import pil_dctz

        strict = not ImageFile.LOAD_TRUNCATED_IMAGES
        if animation is not None:
            assert self.fd is not None
            return animation.samples(self.fd, frame, strict=strict)
        source = cast(bytes, buffer) if self.fd is None else self.fd
        return pil_dctz.decode(source, scale=scale, strict=strict, learned=LEARNED)


class DctzEncoder(ImageFile.PyEncoder):
    """Encoder `DCTZ`: of `im.tobytes("DCTZ", {"lossless": True})`; the keywords of `save`."""

    _data: memoryview | None = None

    def encode(self, bufsize: int) -> tuple[int, int, bytes]:
        """The next `bufsize` bytes of the file; error code 1 with the last."""
        if self._data is None:
            from pil_dctz.pillow.options import parse_options
            from pil_dctz.pillow.save import encode_picture

            assert self.im is not None
            picture = Image.Image()._new(self.im)
            given = self.args[0] if self.args else {}
            self._data = memoryview(encode_picture(picture, parse_options(given, {})))
        part, self._data = self._data[:bufsize], self._data[bufsize:]
        return len(part), 0 if self._data else 1, bytes(part)


def _info(metadata: Header | Metadata) -> dict[str, Any]:
    """The entries of `Image.info` for what a file holds."""
    exif = None if metadata.exif is None else b"Exif\0\0" + metadata.exif
    found = {
        "icc_profile": metadata.icc,
        "exif": exif,
        "xmp": metadata.xmp,
        "dpi": metadata.dpi,
        "text": dict(metadata.text) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _save(im: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    from pil_dctz.pillow.save import save

    save(im, fp, filename)


def _save_all(im: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    from pil_dctz.pillow.save import save_all

    save_all(im, fp, filename)


def register() -> None:
    """Tell Pillow, and the module `mimetypes`, about `.dctz`. Any number of times.

    imageio too, where it was imported before: without its plugin it would write a TIFF under the
    name `a.dctz`. `import pil_dctz` calls this, but tells `mimetypes` only where that costs next
    to nothing: where it, or `urllib.parse` (by pathlib or NumPy), was imported before.
    """
    tell_pillow()
    _tell_mimetypes()


def tell_pillow() -> None:
    """What `import pil_dctz` does of `register`: 5 ms less, if nothing else was imported."""
    import sys

    Image.register_open(_NAME, DctzImageFile, _accept)
    Image.register_save(_NAME, _save)
    Image.register_save_all(_NAME, _save_all)
    Image.register_decoder(_NAME, DctzDecoder)
    Image.register_encoder(_NAME, DctzEncoder)
    Image.register_extension(_NAME, ".dctz")
    Image.register_mime(_NAME, MIME)
    if "mimetypes" in sys.modules or "urllib.parse" in sys.modules:
        _tell_mimetypes()
    if "imageio" in sys.modules:
        from importlib.util import find_spec

        if find_spec("imageio_dctz"):
            import imageio_dctz  # noqa: F401  (registers itself)


def _tell_mimetypes() -> None:
    import mimetypes

    if mimetypes.inited:
        mimetypes.add_type(MIME, ".dctz")
    else:  # what it will begin with: add_type would read the system's lists now, 7 ms
        mimetypes.types_map[".dctz"] = MIME
