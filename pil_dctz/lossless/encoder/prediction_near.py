"""Near-lossless: samples off by a bound, in the loop of prediction. Clause `prediction.near`."""

from __future__ import annotations

import numpy as np

from pil_dctz.kernels.load import load
from pil_dctz.lossless.encoder.prediction_segments import Segment
from pil_dctz.lossless.prediction import PredictionHead, plane_channels

__all__ = ["quantize_segment"]

KERNELS = "pil_dctz.lossless.encoder.prediction_near_kernels"


def quantize_segment(head: PredictionHead, segment: Segment) -> None:
    """Make the segment's samples those that a decoder gives, by the head and the classes.

    No channel's sample is off by more than head.near. A plane that is a difference is taken to the
    base as decoded, so that the base's error does not add to its own: with G' for G and D' for
    R - G', at most `near` off, R' = G' + D' is off by what D' is. Clamping to a range that holds
    the sample brings a value no further from it.
    """
    channels = head.shape.channels
    grid = segment.grid
    inside = grid.inside(segment.samples)
    base = inside[0].copy()
    outer, offsets, counts, own = head.split_taps(grid)
    ranges = head.ranges()
    small = head.top <= 255
    kernels = load(KERNELS)
    quantize = kernels.quantize_plane_8 if small else kernels.quantize_plane_16
    sums = np.zeros((1 + outer.shape[2]) * grid.stride, np.int32 if small else np.int64)
    for plane, (_, below) in enumerate(plane_channels(channels, head.transform)):
        if below >= 0:
            inside[plane] += base - inside[0]
        quantize(
            plane,
            segment.samples,
            grid.geometry(),
            segment.blocks,
            outer[plane],
            offsets[plane],
            int(counts[plane]),
            own[plane],
            ranges[plane],
            sums,
        )
