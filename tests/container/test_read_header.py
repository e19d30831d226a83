"""What opening reads: at most 64 KiB, from anything, and it says when more bytes are needed."""

from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DctzError, LimitError, NotDctzError, TruncatedError
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.syntax import Colour, FileHeader, Layout
from tests.pictures import draw_noise

pytestmark = pytest.mark.small

RAW = pil_dctz.EncodeOptions(mode="raw")
CHUNKED = pil_dctz.EncodeOptions(mode="raw", compact=False)


class Counted(io.BytesIO):
    """Counts what is read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


class Pipe:
    """Gives a few bytes at a time and cannot seek."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 7) if size >= 0 else -1)

    def seekable(self) -> bool:
        return False


def test_the_fields_of_a_still() -> None:
    data = pil_dctz.encode(
        draw_noise(30, 20, 4, depth=12),
        depth=12,
        options=pil_dctz.EncodeOptions(mode="raw", colour=Colour(9, 16)),
    )
    header = pil_dctz.read_header(data)
    assert (header.width, header.height, header.layout, header.channels) == (30, 20, "rgba", 4)
    assert (header.depth, header.version, header.profile) == (12, (0, 1), "base")
    assert (header.animated, header.n_frames, header.durations_us) == (False, 1, ())
    assert (header.modes, header.has_alpha, header.compact) == (("raw",), True, True)
    assert header.colour == Colour(9, 16, 0, True)
    assert header.size_bytes == len(data)


def test_the_fields_of_an_animation() -> None:
    frames = [draw_noise(9, 9, 1, seed=seed) for seed in range(3)]
    data = pil_dctz.encode_frames(frames, [1, 2, 3_000_000], loop=5, options=RAW)
    header = pil_dctz.read_header(data)
    assert (header.animated, header.n_frames, header.loop) == (True, 3, 5)
    assert header.durations_us == (1, 2, 3_000_000)


def test_every_kind_of_source_gives_the_same(tmp_path: Path) -> None:
    data = pil_dctz.encode(draw_noise(90, 80), options=CHUNKED)
    path = tmp_path / "a.dctz"
    path.write_bytes(data)
    expected = pil_dctz.read_header(data)
    file = io.BytesIO(b"junk" + data)
    file.seek(4)
    for source in (bytearray(data), memoryview(data), path, str(path), file):
        assert pil_dctz.read_header(source) == expected
        assert (pil_dctz.decode(source) == pil_dctz.decode(data)).all()
    assert file.tell() == 4
    assert pil_dctz.read_header(Pipe(data)).modes == expected.modes  # type: ignore[arg-type]
    assert (pil_dctz.decode(Pipe(data)) == pil_dctz.decode(data)).all()  # type: ignore[arg-type]
    with path.open("rb") as opened:
        assert (pil_dctz.decode(opened) == pil_dctz.decode(data)).all()
        assert opened.tell() == 0
    with pytest.raises(TypeError, match="bytes, a path or a file object"):
        pil_dctz.read_header(7)  # type: ignore[arg-type]


def test_at_most_64_kib_are_touched_whatever_the_metadata() -> None:
    noise = np.random.default_rng(0).bytes(70_000)
    big = pil_dctz.encode(draw_noise(400, 300), options=CHUNKED)
    for metadata, whole in ((None, True), (pil_dctz.Metadata(icc=noise, text={"a": "b"}), False)):
        data = pil_dctz.encode(draw_noise(400, 300), options=CHUNKED, metadata=metadata)
        file = Counted(data)
        header = pil_dctz.read_header(file)
        assert file.taken <= (4096 if whole else 65536)
        assert header.whole is whole
    assert len(big) > 1 << 16
    late = pil_dctz.Metadata(icc=noise[:5000], text={"a": "b"})
    data = pil_dctz.encode(draw_noise(400, 300), options=CHUNKED, metadata=late)
    assert pil_dctz.read_header(data).icc == noise[:5000]
    assert pil_dctz.read_header(Pipe(data)).icc == noise[:5000]  # type: ignore[arg-type]


def test_metadata_that_inflate_to_much_are_left_to_read_metadata() -> None:
    big = "\U0001f600" * (1 << 20)
    metadata = pil_dctz.Metadata(xmp=bytes(1 << 20), dpi=(72.0, 72.0), text={"a": "b", "c": big})
    data = pil_dctz.encode(draw_noise(40, 30), options=CHUNKED, metadata=metadata)
    pil_dctz.read_header(data)  # what is imported is no matter of the file
    tracemalloc.start()
    try:
        header = pil_dctz.read_header(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert (header.xmp, header.dpi, header.text) == (None, (72.0, 72.0), {"a": "b"})
    assert not header.whole
    assert pil_dctz.read_metadata(data) == metadata
    with pytest.raises(LimitError, match="xmpd holds 1048576 bytes, at most 1048575"):
        pil_dctz.read_header(data, limits=pil_dctz.Limits(max_chunk=(1 << 20) - 1))

    most = pil_dctz.Metadata(text={"a": "\U0001f600" * ((1 << 15) - 1)})  # key and 0 besides
    data = pil_dctz.encode(draw_noise(40, 30), options=CHUNKED, metadata=most)
    tracemalloc.start()
    try:
        assert pil_dctz.read_header(data).text == most.text
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("options", [RAW, CHUNKED])
def test_a_prefix_asks_for_more_until_it_answers(options: pil_dctz.EncodeOptions) -> None:
    metadata = pil_dctz.Metadata(xmp=b"x" * 500) if not options.compact else None
    data = pil_dctz.encode(draw_noise(40, 30), options=options, metadata=metadata)
    answered = False
    for size in range(len(data)):
        try:
            header = pil_dctz.read_header(data[:size])
        except NotDctzError:
            assert size < 8
        except TruncatedError as error:
            assert error.what.startswith("file ends")
            assert not answered
        else:
            assert (header.width, header.height, header.modes) == (40, 30, ("raw",))
            answered = True
    assert answered


def test_a_claim_of_2_to_the_60_pixels_is_refused_before_anything_is_allocated() -> None:
    claims = [
        write_header(FileHeader(1 << 30, 1 << 30, Layout.RGBA, 16)),
        write_header(FileHeader(1 << 30, 1 << 30, Layout.GRAY, 1, compact=True)) + bytes(9),
    ]
    for data in claims:
        for call in (pil_dctz.read_header, pil_dctz.decode, pil_dctz.verify, pil_dctz.inspect):
            tracemalloc.start()
            try:
                with pytest.raises(LimitError, match="1073741824 x 1073741824 pixels"):
                    call(data)
                assert tracemalloc.get_traced_memory()[1] < 1 << 20
            finally:
                tracemalloc.stop()


def test_limits_are_the_callers() -> None:
    data = pil_dctz.encode(draw_noise(40, 30), options=RAW)
    with pytest.raises(LimitError, match="at most 1199"):
        pil_dctz.decode(data, limits=pil_dctz.Limits(max_pixels=1199))
    with pytest.raises(LimitError, match="decoding needs"):
        pil_dctz.decode(data, limits=pil_dctz.Limits(max_memory=3600))
    threads = pil_dctz.Limits(max_memory=1000).threads_within
    assert [threads(100, 300, 9), threads(100, 300, 2), threads(100, 900, 9)] == [3, 2, 1]
    with pytest.raises(LimitError, match="decoding needs 1001"):
        threads(100, 901, 1)
    assert pil_dctz.decode(data, limits=pil_dctz.Limits(max_pixels=1200)).shape == (30, 40, 3)


def test_an_animation_of_more_frames_than_the_prefix_holds() -> None:
    frames = 12_000
    pixel = np.zeros((1, 1), np.uint8)
    data = pil_dctz.encode_frames([pixel] * frames, [1 << 35] * frames, options=RAW)
    header = pil_dctz.read_header(data)
    assert header.n_frames == frames
    assert not header.whole
    assert pil_dctz.decode(data, frame=frames - 1).shape == (1, 1)


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        pil_dctz.decode(tmp_path / "none.dctz")
    assert not isinstance(caught.value, DctzError)
    assert os.listdir(tmp_path) == []


def test_damaged_metadata_are_left_out_where_one_asks_for_what_is_whole() -> None:
    metadata = pil_dctz.Metadata(icc=b"i" * 40, exif=b"II*\0", text={"k": "v"})
    data = bytearray(pil_dctz.encode(draw_noise(9, 8), options=CHUNKED, metadata=metadata))
    data[data.index(b"iccp") + 10] ^= 1
    with pytest.raises(DctzError, match="chunk iccp: CRC-32"):
        pil_dctz.read_header(data)
    header = pil_dctz.read_header(data, strict=False)
    assert (header.icc, header.exif, header.text) == (None, b"II*\0", {"k": "v"})
    assert not header.whole
    assert np.array_equal(pil_dctz.decode(data, strict=False), draw_noise(9, 8))


def test_a_damaged_index_is_damage_for_all() -> None:
    data = bytearray(pil_dctz.encode_frames([draw_noise(9, 8)] * 2, [1, 2], options=RAW))
    data[data.index(b"indx") + 5] ^= 1
    with pytest.raises(DctzError):
        pil_dctz.read_header(data, strict=False)
