"""What every metric accepts: two integer pictures of one shape, and how their channels are read."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Float32: TypeAlias = npt.NDArray[np.float32]
Samples: TypeAlias = npt.NDArray[np.integer]

_DTYPES = (np.dtype(np.uint8), np.dtype(np.uint16))


def check_picture(picture: Samples) -> None:
    """Raise ValueError unless `picture` is uint8 or uint16, (h, w) or (h, w, 1..4), not empty."""
    if picture.dtype not in _DTYPES:
        raise ValueError(f"samples must be uint8 or uint16, got {picture.dtype}")
    shape = picture.shape
    if len(shape) not in (2, 3) or 0 in shape or (len(shape) == 3 and shape[2] > 4):
        raise ValueError(f"a picture is (height, width) or (height, width, 1..4), got {shape}")


def same_pictures(reference: Samples, distorted: Samples) -> None:
    """Raise ValueError unless both are pictures of one shape and dtype."""
    check_picture(reference)
    check_picture(distorted)
    if reference.shape != distorted.shape or reference.dtype != distorted.dtype:
        raise ValueError(
            f"pictures differ in kind: {reference.shape} {reference.dtype} and "
            f"{distorted.shape} {distorted.dtype}"
        )


def peak_of(picture: Samples, peak: int | None) -> int:
    """The value of white: `peak`, or the dtype's largest. ValueError if a sample exceeds it."""
    largest = int(np.iinfo(picture.dtype).max)
    if peak is None:
        return largest
    if not 1 <= peak <= largest:
        raise ValueError(f"peak must be 1..{largest}, got {peak}")
    if int(picture.max()) > peak:
        raise ValueError(f"sample {int(picture.max())} is above the peak {peak}")
    return peak


def colour_and_alpha(picture: Samples, peak: int | None) -> tuple[Samples, Samples | None, int]:
    """Split into colour (h, w, 1 or 3), alpha (h, w) or None, and the value of white."""
    check_picture(picture)
    planes = picture[..., None] if picture.ndim == 2 else picture
    alpha = planes[..., -1] if planes.shape[2] in (2, 4) else None
    colour = planes if alpha is None else planes[..., :-1]
    return colour, alpha, peak_of(picture, peak)
