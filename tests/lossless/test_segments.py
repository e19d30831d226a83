"""The size of segments that the encoder chooses for graphics."""

import numpy as np
import numpy.typing as npt
import pytest

from pil_dctz.container.syntax import GroupShape
from pil_dctz.lossless.encoder.group import encode_group


def log2_of(samples: npt.NDArray[np.uint8], effort: int) -> int:
    height, width, channels = samples.shape
    shape = GroupShape(width, height, channels, 8)
    return encode_group(samples, shape, effort=effort, segment_log2=None, threads=1).segment_log2


def eight_values(width: int, seed: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 8, (12, width, 1)).astype(np.uint8)


def test_a_phrase_from_far_away_keeps_one_segment() -> None:
    part = eight_values(1024, 1)
    assert log2_of(np.concatenate((part, part), axis=1), 4) == 0


def test_parts_that_have_nothing_in_common_become_segments() -> None:
    assert log2_of(eight_values(2048, 2), 4) == 10


@pytest.mark.parametrize("width", [1, 1024])
def test_a_picture_no_larger_than_a_segment_is_one(width: int) -> None:
    assert log2_of(eight_values(width, 3), 4) == 0


def test_low_efforts_do_not_try_sizes() -> None:
    assert log2_of(eight_values(2048, 2), 3) == 0
