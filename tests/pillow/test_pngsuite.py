"""Every good file of PngSuite: all depths, palettes and transparencies that Pillow reads."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from tests.pictures import shared_data
from tests.pillow.drawn import opened, samples_of, saved


@pytest.mark.slow
def test_every_good_file_is_kept_exactly():
    paths = [path for path in shared_data("pngsuite").glob("*.png") if path.name[0] != "x"]
    assert len(paths) > 150
    for path in paths:
        with Image.open(path) as im:
            im.load()
            data = saved(im, effort=1)
            again = opened(data)
            expected = im if im.mode == again.mode else im.convert(again.mode)
            deep_alpha = im.mode == "I;16" and again.mode == "LA"
            if not deep_alpha:
                assert np.array_equal(samples_of(again), samples_of(expected)), path.name
            else:
                assert np.array_equal(pil_dctz.decode(data)[..., 0], samples_of(im)), path.name
            assert again.info.get("icc_profile") == im.info.get("icc_profile")
