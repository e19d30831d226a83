"""What an encoder is asked for, judged before any work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pil_dctz.arrays import Samples
from pil_dctz.container.syntax import MAX_PASSES, Colour, Layout, Mode
from pil_dctz.learned.syntax import Learned

__all__ = [
    "EncodeOptions",
    "layout_of",
    "merge_options",
    "required_depth",
    "required_mode",
    "segment_log2_of",
]

_MODES = ("auto", "raw", "lossless", "lossy", "mixed")
_PRESETS = ("auto", "visual", "balanced", "psnr")
_DEFAULT_QUALITY = 75.0


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """How to encode.

    quality: 0..100 of the lossy mode, None: 75. lossless: exact samples. Pictures of more than 8
    bits are exact if quality is None; the lossy mode has 8 to 12 bits and no four components.
    target_size: bytes that the file may have, in place of a quality: the best quality within them
    is sought. target_quality: the SSIMULACRA2 score, 0..100, that is sought instead.
    preset: what lossy colours are made for: "visual" (SSIMULACRA2), "psnr" (squared error),
    "balanced" between them, "auto": visual, for graphics balanced. alpha_quality: 0..100 of the
    alpha beside lossy colours, None: exact. progressive: True: 3 passes over lossy samples, so that
    the first part of a file shows all of the picture, blurred; 2, 3: so many; stills alone.
    effort: 0..9, how much time may be spent. segment_size: 64..32768, a power of two, or 0 for one
    segment; None: chosen. mode: "auto", or the one mode to be used for the colours; "mixed": lossy,
    but for cells that are smaller exactly. compact: False forbids the compact form. near_lossless:
    N, more than 0: the lossless mode, but samples may be off by N at most, alpha's too. colour:
    code points to write, None for sRGB.
    learned: True: lossy colours get a layer of the package's model where that helps; a path: of the
    model file to use; stills alone. embed_model: the model goes into the file, for decoders that
    have not got it.

    Raises ValueError for values outside these.
    """

    quality: float | None = None
    lossless: bool = False
    near_lossless: int = 0
    effort: int = 5
    segment_size: int | None = None
    mode: str = "auto"
    compact: bool = True
    colour: Colour | None = None
    learned: Learned = False
    embed_model: bool = False
    target_size: int | None = None
    target_quality: float | None = None
    preset: str = "auto"
    alpha_quality: float | None = None
    progressive: bool | int = False

    def __post_init__(self) -> None:
        if self.quality is not None and not 0 <= self.quality <= 100:
            raise ValueError(f"quality must be 0..100, got {self.quality}")
        if self.progressive not in range(MAX_PASSES + 1):
            raise ValueError(
                f"progressive must be True, False or the number of passes, 2..{MAX_PASSES}, "
                f"got {self.progressive!r}"
            )
        self._check_targets()
        if self.effort not in range(10):
            raise ValueError(f"effort must be 0..9, got {self.effort}")
        if self.mode not in _MODES:
            raise ValueError(f"mode must be one of {', '.join(_MODES)}, got {self.mode!r}")
        if self.preset not in _PRESETS:
            raise ValueError(f"preset must be one of {', '.join(_PRESETS)}, got {self.preset!r}")
        if self.alpha_quality is not None and not 0 <= self.alpha_quality <= 100:
            raise ValueError(f"alpha_quality must be 0..100, got {self.alpha_quality}")
        if self.mode in ("lossy", "mixed") and self.lossless:
            raise ValueError(f"mode is {self.mode}, and lossless is asked for")
        if not 0 <= self.near_lossless <= 65535:
            raise ValueError(f"near_lossless must be 0..65535, got {self.near_lossless}")
        other = self.quality is not None or self.mode in ("raw", "lossy", "mixed")
        if self.near_lossless and other:
            raise ValueError("near_lossless is for the lossless mode, which has no quality")
        segment_log2_of(self.segment_size)

    def _check_targets(self) -> None:
        if self.target_size is not None and not self.target_size >= 1:
            raise ValueError(f"target_size must be 1 byte or more, got {self.target_size}")
        if self.target_quality is not None and not 0 <= self.target_quality <= 100:
            raise ValueError(f"target_quality must be 0..100, got {self.target_quality}")
        names = ("quality", "target_size", "target_quality")
        asked = [name for name in names if getattr(self, name) is not None]
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(asked)} exclude each other")
        targets = [name for name in asked if name != "quality"]
        exact = self.lossless or self.near_lossless or self.mode in ("raw", "lossless")
        if self.alpha_quality is not None:
            targets.append("alpha_quality")
        if self.progressive:
            targets.append("progressive")
        if targets and exact:
            raise ValueError(f"{targets[0]} is for the lossy mode, not the lossless one")

    @property
    def lossy_quality(self) -> float:
        return _DEFAULT_QUALITY if self.quality is None else float(self.quality)

    @property
    def passes(self) -> int:
        if not self.progressive:
            return 1
        return MAX_PASSES if self.progressive == 1 else int(self.progressive)


def merge_options(options: EncodeOptions | None, **given: Any) -> EncodeOptions:
    """`options` (None: the defaults) with the fields that are not None in `given`."""
    options = options or EncodeOptions()
    changed = {name: value for name, value in given.items() if value is not None}
    return replace(options, **changed) if changed else options


def segment_log2_of(size: int | None) -> int | None:
    """The field segment_log2 for a side in samples (0: one segment), None for None."""
    if size is None or size == 0:
        return size
    log2 = int(size).bit_length() - 1
    if size != 1 << log2 or not 6 <= log2 <= 15:
        raise ValueError(f"segment_size must be 0 or a power of two in 64..32768, got {size}")
    return log2


_LAYOUTS = {1: Layout.GRAY, 2: Layout.GRAY_ALPHA, 3: Layout.RGB, 4: Layout.RGBA}


def layout_of(samples: Samples, layout: str | None) -> Layout:
    """The layout of that name, or the usual one of that many channels. Raises ValueError."""
    channels = samples.shape[2]
    if layout is None:
        return _LAYOUTS[channels]
    for known in Layout:
        if known.label == layout:
            if known.channels != channels:
                raise ValueError(
                    f"layout {layout} has {known.channels} channels, the array has {channels}"
                )
            return known
    names = ", ".join(known.label for known in Layout)
    raise ValueError(f"layout must be one of {names}; got {layout!r}")


def required_depth(samples: Samples, depth: int | None) -> int:
    """Bits a sample, all samples fitting into them. Raises ValueError."""
    most = samples.dtype.itemsize * 8
    if depth is None:
        return most
    least = 1 if most == 8 else 9
    if not least <= depth <= most:
        raise ValueError(f"depth of {samples.dtype} samples must be {least}..{most}, got {depth}")
    highest = int(samples.max())
    if highest >> depth:
        raise ValueError(f"depth {depth} holds samples up to {(1 << depth) - 1}, got {highest}")
    return int(depth)


def required_mode(options: EncodeOptions, layout: Layout, depth: int) -> Mode | None:
    """The mode for the colours, None where raw, lossless and lossy are all allowed.

    Raises ValueError if lossy samples are asked for that the lossy mode has not got.
    """
    if options.mode == "raw":
        return Mode.RAW
    if options.lossless or options.near_lossless or options.mode == "lossless":
        return Mode.LOSSLESS
    lossy_asked = options.mode in ("lossy", "mixed") or options.quality is not None
    if layout is not Layout.FOUR and (depth == 8 or (lossy_asked and 8 < depth <= 12)):
        return Mode.LOSSY if options.mode in ("lossy", "mixed") else None
    if lossy_asked or options.target_quality is not None:
        raise ValueError(
            "lossy pictures are gray or RGB with 8 to 12 bits, alpha apart; "
            f"{layout.label} with {depth} bits can be written with lossless=True"
        )
    return Mode.LOSSLESS
