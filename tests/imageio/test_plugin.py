"""imageio v3 on `.dctz`: reading, writing, properties, metadata."""

from __future__ import annotations

import io
import zipfile
import zlib

import imageio.v3 as iio
import imageio_dctz  # noqa: F401
import numpy as np
import pytest

import pil_dctz
from tests.imageio.arrays import KINDS, made


def written(picture, **options) -> bytes:
    data = iio.imwrite("<bytes>", picture, extension=".dctz", **{"lossless": True, **options})
    assert isinstance(data, bytes)
    return data


def animation(count: int = 3, **options) -> tuple[list[np.ndarray], bytes]:
    frames = [made("uint8", 3, seed=seed) for seed in range(count)]
    return frames, written(frames, **options)


@pytest.mark.parametrize(("dtype", "channels"), KINDS)
def test_every_kind_comes_back_exactly(dtype, channels, tmp_path):
    picture = made(dtype, channels)
    path = tmp_path / "a.dctz"
    iio.imwrite(path, picture, lossless=True)
    for again in (iio.imread(path), iio.imread(path.read_bytes()), next(iter(iio.imiter(path)))):
        assert again.dtype == picture.dtype
        assert np.array_equal(again, picture)
    found = iio.improps(path)
    assert (found.shape, found.dtype) == (picture.shape, picture.dtype)
    assert (found.n_images, found.is_batch) == (None, False)


def test_paths_bytes_files_and_zips(tmp_path):
    picture = made("uint8", 3)
    path = tmp_path / "a.dctz"
    data = written(picture)
    iio.imwrite(str(path), picture, lossless=True)
    assert path.read_bytes() == data
    out = io.BytesIO()
    iio.imwrite(out, picture, extension=".dctz", lossless=True)
    assert out.getvalue() == data
    inside = tmp_path / "a.zip" / "b.dctz"
    iio.imwrite(str(inside), picture, lossless=True)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("b.dctz") == data
    with open(path, "rb") as file:
        for uri in (path, data, memoryview(data), file, io.BytesIO(data), str(inside)):
            assert np.array_equal(iio.imread(uri), picture)
        assert not file.closed


def test_single_channel_is_gray():
    picture = made("uint8", 0)
    assert np.array_equal(iio.imread(written(picture[..., None])), picture)


def test_lossy_by_default():
    picture = made("uint8", 3, 60, 80)
    again = iio.imread(written(picture, lossless=False, quality=85))
    assert again.shape == picture.shape
    assert iio.imread(iio.imwrite("<bytes>", picture, extension=".dctz")).shape == picture.shape


def test_passes():
    picture = made("uint8", 3, 160, 160)
    data = written(picture, lossless=False, quality=60, progressive=2)
    assert len(pil_dctz.inspect(data).frames[0].groups[0].stream_bytes) == 3


def test_region_and_scale():
    picture = made("uint8", 3, 60, 80)
    data = written(picture)
    assert np.array_equal(iio.imread(data, region=(10, 20, 30, 25)), picture[20:45, 10:40])
    assert np.array_equal(iio.imread(data, scale=4), pil_dctz.decode(data, scale=4))


def test_frames_of_an_animation():
    frames, data = animation(3, duration=[10, 20, 30], loop=2)
    assert np.array_equal(iio.imread(data), np.stack(frames))
    assert np.array_equal(iio.imread(data, index=...), np.stack(frames))
    for number in (0, 2, -1):
        assert np.array_equal(iio.imread(data, index=number), frames[number])
    assert all(map(np.array_equal, iio.imiter(data), frames))
    whole, one = iio.improps(data), iio.improps(data, index=1)
    assert (whole.shape, whole.n_images, whole.is_batch) == ((3, 21, 34, 3), 3, True)
    assert (one.shape, one.is_batch) == ((21, 34, 3), False)
    assert iio.immeta(data)["loop"] == 2
    assert [iio.immeta(data, index=number)["duration"] for number in range(3)] == [10, 20, 30]


def test_a_still_can_be_stacked():
    picture = made("uint8", 3)
    data = written(picture)
    assert np.array_equal(iio.imread(data, index=...), picture[None])
    assert iio.improps(data, index=...).shape == (1, *picture.shape)


@pytest.mark.parametrize("index", [1, -2, 7, "first"])
def test_frame_that_is_not_there(index):
    data = written(made("uint8", 3))
    for ask in (iio.imread, iio.improps, iio.immeta):
        with pytest.raises(ValueError, match=r"index must be a frame, 0\.\.0"):
            ask(data, index=index)


def test_region_of_an_animation_is_refused():
    with pytest.raises(ValueError, match="still"):
        iio.imread(animation()[1], index=0, scale=2)


def test_batches():
    gray = np.stack([made("uint8", 0, seed=seed) for seed in range(3)])
    with pytest.raises(ValueError, match="is_batch=True"):
        written(gray)
    assert np.array_equal(iio.imread(written(gray, is_batch=True)), gray)
    colour = np.stack([made("uint8", 3, seed=seed) for seed in range(2)])
    assert np.array_equal(iio.imread(written(colour)), colour)
    narrow = made("uint8", 0, 20, 3)
    assert iio.imread(written(np.stack([narrow] * 5), is_batch=True)).shape == (5, 20, 3)


def test_frames_may_come_one_by_one(tmp_path):
    frames, data = animation(3)
    path = tmp_path / "a.dctz"
    buffer = np.empty_like(frames[0])
    with iio.imopen(path, "w") as file:
        for frame in frames:
            buffer[:] = frame
            file.write(buffer, lossless=True)
    assert path.read_bytes() == data


def test_metadata_come_back():
    exif = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"
    given = {
        "icc_profile": b"profile",
        "exif": exif,
        "xmp": b"<x/>",
        "dpi": (72.0, 96.0),
        "text": {"a": "b"},
    }
    found = iio.immeta(written(made("uint16", 3), **given))
    assert found == {**given, "layout": "rgb", "bits": 16}


def test_metadata_come_back_from_behind_the_samples_and_from_beyond_the_header():
    data = written(made("uint8", 3), xmp=bytes(1 << 20), text={"a": "b"})
    found = iio.immeta(data)
    assert (found["xmp"], found["text"]) == (bytes(1 << 20), {"a": "b"})
    assert "xmp" not in iio.immeta(written(made("uint8", 3), text={"a": "b"}))
    chunk = b"text\x08\0late\0is"
    late = data[:-9] + chunk + zlib.crc32(chunk).to_bytes(4, "little") + data[-9:]
    assert iio.immeta(late)["text"] == {"a": "b", "late": "is"}


def test_a_long_animation_knows_the_durations_of_its_last_frames():
    count = 12000  # an index of more than 64 KiB
    durations = [1_000_000_000 + 1000 * n for n in range(count)]
    pixel = np.zeros((count, 1, 1), np.uint8)
    data = pil_dctz.encode_frames(pixel, durations_us=durations, lossless=True)
    assert not pil_dctz.read_header(data).durations_us
    assert iio.immeta(data, index=count - 1)["duration"] == durations[-1] / 1000


@pytest.mark.parametrize(
    ("picture", "options", "error"),
    [
        (np.zeros((4, 4), np.float32), {}, ValueError),
        (np.zeros((4, 4, 5, 2, 2), np.uint8), {}, ValueError),
        (np.zeros((0, 4), np.uint8), {}, ValueError),
        ([], {}, ValueError),
        (np.zeros((4, 4), np.uint8), {"quality": 101}, ValueError),
        (np.zeros((4, 4), np.uint8), {"target_size": 9}, ValueError),
        (np.zeros((4, 4), np.uint8), {"target_quality": 50, "quality": 50}, ValueError),
        (np.zeros((4, 4), np.uint8), {"effort": -1}, ValueError),
        (np.zeros((4, 4), np.uint8), {"fps": 10}, TypeError),
        (np.zeros((4, 4), np.uint8), {"qualty": 10}, TypeError),
    ],
)
def test_what_cannot_be_written_leaves_no_file(picture, options, error, tmp_path):
    path = tmp_path / "a.dctz"
    with pytest.raises(error):
        iio.imwrite(path, picture, **options)
    assert not path.exists()


def test_an_error_between_frames_leaves_no_file(tmp_path):
    path = tmp_path / "a.dctz"

    def fail() -> None:
        with iio.imopen(path, "w") as file:
            file.write(made("uint8", 3))
            raise RuntimeError("between")

    with pytest.raises(RuntimeError, match="between"):
        fail()
    assert not path.exists()


def test_damaged_file_is_an_oserror_that_names_the_place():
    data = bytearray(written(made("uint8", 3)))
    data[-9] ^= 1
    with pytest.raises(OSError, match=r"byte \d+"):
        iio.imread(bytes(data))
    assert iio.imread(bytes(data), strict=False).shape == (21, 34, 3)


def test_closing_twice(tmp_path):
    path = tmp_path / "a.dctz"
    file = iio.imopen(path, "w")
    file.write(made("uint8", 3), lossless=True)
    file.close()
    size = path.stat().st_size
    file.close()
    assert path.stat().st_size == size
    file = iio.imopen(path, "r")
    file.read()
    file.close()
    file.close()
