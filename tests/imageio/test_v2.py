"""The older names of imageio."""

from __future__ import annotations

import imageio.v2 as iio
import imageio_dctz  # noqa: F401
import numpy as np
import pytest

from tests.imageio.arrays import made


def test_imread_and_imwrite(tmp_path):
    picture = made("uint8", 3)
    path = tmp_path / "a.dctz"
    iio.imwrite(path, picture, lossless=True)
    assert np.array_equal(iio.imread(path), picture)
    data = iio.imwrite("<bytes>", picture, format="dctz", lossless=True)
    assert data == path.read_bytes()
    assert np.array_equal(iio.imread(data, format="dctz"), picture)


def test_mimread_and_mimwrite(tmp_path):
    frames = [made("uint8", 3, seed=seed) for seed in range(3)]
    path = tmp_path / "a.dctz"
    iio.mimwrite(path, frames, lossless=True, duration=40, loop=1)
    again = iio.mimread(path)
    assert len(again) == 3
    assert all(map(np.array_equal, again, frames))
    assert np.array_equal(iio.imread(path), frames[0])


def test_reader(tmp_path):
    frames = [made("uint8", 4, seed=seed) for seed in range(3)]
    path = tmp_path / "a.dctz"
    with iio.get_writer(path, lossless=True, duration=25) as writer:
        for frame in frames:
            writer.append_data(frame)
    with iio.get_reader(path) as reader:
        assert len(reader) == 3
        assert np.array_equal(reader.get_data(1), frames[1])
        assert np.array_equal(reader.get_next_data(), frames[2])
        assert reader.get_meta_data(1)["duration"] == 25
        assert [frame.meta["duration"] for frame in reader] == [25, 25, 25]
    with iio.get_reader(path) as reader, pytest.raises(ValueError, match="index"):
        reader.get_data(3)
