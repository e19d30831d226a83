"""Pillow modes and sample arrays: which mode a file opens in, which array a mode is written from.

Pillow holds 16 bits in gray alone (`I;16`). Deeper colour, and gray with alpha, opens with 8 bits:
sample v of a file with M = 2^depth - 1 becomes (v * 255 + M // 2) // M, that is, v / M of white
rounded to the nearest. Depths 2 to 7 are widened by the same rule; `I;16` keeps the file's own
values 0..M. `info["bits"]` tells the file's depth wherever a mode cannot.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias

from pil_dctz.errors import UnsupportedError

if TYPE_CHECKING:
    import numpy as np  # imported by the functions that need it: opening a file does not
    from numpy.typing import NDArray
    from PIL import Image

__all__ = [
    "WRITABLE_MODES",
    "Picture",
    "mode_of",
    "own_depth",
    "picture_of",
    "raw_of",
    "with_channels",
]

WRITABLE_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "I;16", "I;16L", "I;16B")

Picture: TypeAlias = "tuple[NDArray[Any], int]"
"""Samples (height, width[, channels]), uint8 or uint16, and their depth."""

_COLOUR_MODES = {"gray+alpha": "LA", "rgb": "RGB", "rgba": "RGBA"}
_DIRECT = {"1", "L", "LA", "RGB", "RGBA"}


def mode_of(layout: str, depth: int) -> str:
    """The Pillow mode that a file of this layout and depth opens in.

    Raises UnsupportedError for four generic components, which no mode means.
    """
    if layout == "gray":
        return "1" if depth == 1 else "L" if depth <= 8 else "I;16"
    if layout not in _COLOUR_MODES:
        raise UnsupportedError(
            f"no Pillow mode means {layout}; pil_dctz.read gives them as an array",
            clause="container.header",
        )
    return _COLOUR_MODES[layout]


def own_depth(mode: str) -> int:
    """The depth that a mode tells by itself: 1, 8 or 16."""
    return {"1": 1, "I;16": 16}.get(mode, 8)


def raw_of(samples: NDArray[Any], mode: str, depth: int) -> tuple[NDArray[Any], str]:
    """What Pillow's raw decoder takes: a C-contiguous array and the name of its raw mode.

    samples: what `pil_dctz.decode` gave for a file of this depth; mode: of `mode_of`.
    """
    if mode == "1":
        return samples, "1;8"  # any value but 0 is white
    if mode == "I;16":
        return samples.astype("<u2", copy=False), "I;16"
    return (samples if depth == 8 else _to_eight_bits(depth)[samples]), mode


@functools.cache
def _to_eight_bits(depth: int) -> NDArray[np.uint8]:
    import numpy as np

    peak = (1 << depth) - 1
    table = ((np.arange(peak + 1) * 255 + peak // 2) // peak).astype(np.uint8)
    table.setflags(write=False)
    return table


def picture_of(im: Image.Image, bits: int | None = None) -> Picture:
    """The samples to write for a Pillow picture, and their depth.

    Palettes are resolved, a transparent colour becomes alpha. bits: of the samples of `I;16`,
    9 to 16, all of which must fit; None: `info["bits"]` where they fit, else 16.
    Raises OSError for a mode that cannot be written, ValueError for samples that do not fit bits
    and for an empty picture.
    """
    import numpy as np

    if im.mode not in WRITABLE_MODES:
        raise OSError(
            f"cannot write mode {im.mode} as DCTZ, only {', '.join(WRITABLE_MODES)}: "
            "convert the picture first"
        )
    if 0 in im.size:
        raise ValueError(f"cannot write an empty picture as DCTZ, size {im.size}")
    if im.mode.startswith("I;16"):
        return _deep_picture(im, bits)
    samples = np.asarray(_resolved(im))
    if samples.dtype == np.bool_:
        return samples.view(np.uint8) & np.uint8(1), 1  # Pillow's true is 255
    return samples, 8


def _resolved(im: Image.Image) -> Image.Image:
    """The picture in one of the modes that are written as they are."""
    if im.mode == "PA" or (im.mode in ("P", "RGB") and im.has_transparency_data):
        return im.convert("RGBA")
    if im.mode in ("1", "L") and im.has_transparency_data:
        return im.convert("LA")
    return im if im.mode in _DIRECT else im.convert("RGB")


def _deep_picture(im: Image.Image, bits: int | None) -> Picture:
    import numpy as np

    samples = np.asarray(im).astype(np.uint16, copy=False)
    depth = _deep_depth(int(samples.max()), bits, im.info.get("bits"))
    transparent = im.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(samples == transparent, 0, (1 << depth) - 1).astype(np.uint16)
        samples = np.stack((samples, alpha), axis=2)
    return samples, depth


def _deep_depth(largest: int, bits: int | None, inherited: object) -> int:
    if bits is None:
        fits = isinstance(inherited, int) and 8 < inherited <= 16 and largest >> inherited == 0
        return inherited if fits and isinstance(inherited, int) else 16
    if not 8 < bits <= 16 or largest >> bits:
        raise ValueError(
            f"bits of I;16 must be 9..16 and hold the largest sample, {largest}; got {bits}"
        )
    return bits


def with_channels(planes: NDArray[Any], *, colour: bool, alpha: bool, peak: int) -> NDArray[Any]:
    """Samples (height, width, channels) with the channels asked for, which are all of theirs.

    colour: gray is repeated. alpha: where there is none, it is peak, opaque.
    """
    import numpy as np

    has_alpha = planes.shape[2] in (2, 4)
    body = planes[:, :, :-1] if has_alpha else planes
    parts = [body] * (3 if colour and body.shape[2] == 1 else 1)
    if alpha:
        opaque = np.full((*planes.shape[:2], 1), peak, planes.dtype)
        parts.append(planes[:, :, -1:] if has_alpha else opaque)
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)
