"""The figures of one picture that `compare` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pil_dctz.cli.pictures import Loaded

__all__ = ["size_figures"]


def size_figures(loaded: Loaded) -> dict[str, float]:
    """Size and entropies of a picture, by name.

    raw_bytes: of the samples, one byte for depths up to 8, else two. percent_of_raw,
    bits_a_pixel: of the file. sample_entropy, residual_entropy: bits a sample, of order zero.
    """
    from pil_dctz import metrics

    return {
        "size_bytes": loaded.size_bytes,
        "raw_bytes": loaded.raw_bytes,
        "percent_of_raw": 100 * loaded.size_bytes / loaded.raw_bytes,
        "bits_a_pixel": 8 * loaded.size_bytes / loaded.pixels,
        "sample_entropy": metrics.sample_entropy(loaded.samples),
        "residual_entropy": metrics.residual_entropy(loaded.samples),
    }
