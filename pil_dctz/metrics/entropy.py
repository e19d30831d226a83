"""Zero-order entropies: how many bits a sample needs when each is coded by itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.metrics.samples import Samples, check_picture


def sample_entropy(picture: Samples) -> float:
    """Bits a sample: the entropy of each channel's histogram, averaged over the channels.

    picture: (height, width[, 1..4]), uint8 or uint16 (else ValueError). 0 for one colour.
    """
    check_picture(picture)
    return _mean_entropy(picture[..., None] if picture.ndim == 2 else picture)


def residual_entropy(picture: Samples) -> float:
    """Bits a sample after prediction: the entropy of clamped-gradient residuals.

    The prediction of a sample is left + above - above left, clamped to between left and above
    (the median predictor of JPEG-LS); in the first row it is left, in the first column above, and
    0 for the very first. Each channel by itself, no colour transform; residuals modulo 256 or
    65536; the entropies of the channels are averaged.

    picture: as in `sample_entropy`.
    """
    check_picture(picture)
    planes = picture[..., None] if picture.ndim == 2 else picture
    residuals = planes.copy()
    residuals[0, 1:] -= planes[0, :-1]
    residuals[1:, 0] -= planes[:-1, 0]
    left, above, corner = planes[1:, :-1], planes[:-1, 1:], planes[:-1, :-1]
    low, high = np.minimum(left, above), np.maximum(left, above)
    # In modular arithmetic the gradient is exact once it lies between low and high, and it does
    # unless the corner is outside them: then the clamp picks the far end.
    gradient = left + above - corner
    gradient = np.where(corner >= high, low, np.where(corner <= low, high, gradient))
    residuals[1:, 1:] -= gradient
    return _mean_entropy(residuals)


def _mean_entropy(planes: Samples) -> float:
    return float(np.mean([_entropy(planes[..., k]) for k in range(planes.shape[2])]))


def _entropy(plane: npt.NDArray[np.integer]) -> float:
    counts = np.bincount(plane.reshape(-1))
    share = counts[counts > 0] / plane.size
    return max(float(-(share * np.log2(share)).sum()), 0.0)
