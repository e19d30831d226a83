"""A thread's hashes go from picture to picture; no picture may see what another left in them."""

from __future__ import annotations

import numpy as np
import pytest

from pil_dctz.errors import DamagedError
from pil_dctz.lossless.decoder.segment import decode_segment, parse_tables
from tests.lossless.lzw_round_trip import decode, encode, shape_of


def glyphs(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shapes = rng.integers(0, 4, (6, 5, 5, 3)) * 60
    rows = [np.concatenate(shapes[rng.integers(0, 6, 8)], axis=1) for _ in range(6)]
    return np.concatenate(rows).astype(np.uint8)


@pytest.mark.small
def test_pictures_decode_alike_after_others_and_after_damage():
    first, second = encode(glyphs(1), effort=1), encode(glyphs(2), effort=1)
    shape = shape_of(glyphs(1), 8)
    tables = parse_tables(first.tables, shape)
    payload = first.streams[0][0]
    out = np.zeros((30, 40, 3), np.uint8)
    for end in (1, len(payload) // 2, len(payload) - 1):
        with pytest.raises(DamagedError):
            decode_segment(tables, payload[:end], 40, 30, out)
        assert np.array_equal(decode(second, shape), glyphs(2))
        assert np.array_equal(decode(first, shape), glyphs(1))
