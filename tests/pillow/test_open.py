"""`Image.open` and `load`: modes, laziness, parsers, wrong and damaged files."""

from __future__ import annotations

import copy
import io
import pickle
import statistics
import time
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageFile, UnidentifiedImageError

import pil_dctz
from tests.pictures import draw_photo
from tests.pillow.drawn import MODES, SIZE, damaged, drawn, opened, samples_of, saved


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_comes_back_exactly(mode):
    im = drawn(mode)
    again = opened(saved(im))
    assert (again.mode, again.size, again.format) == (MODES[mode], SIZE, "DCTZ")
    expected = im if mode == "I;16B" else im.convert(MODES[mode])
    assert np.array_equal(samples_of(again), samples_of(expected))


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (70, 1), (257, 3)])
@pytest.mark.parametrize("mode", ["1", "L", "RGBA", "I;16"])
def test_thin_pictures_come_back_exactly(mode, size):
    im = drawn(mode, size)
    assert np.array_equal(samples_of(opened(saved(im))), samples_of(im))


def test_lossy_picture_is_near(tmp_path):
    im = drawn("RGB", (160, 120)).resize((320, 240), Image.Resampling.BICUBIC)
    path = tmp_path / "a.dctz"
    im.save(path, quality=90)
    with Image.open(path) as again:
        assert again.mode == "RGB"
        error = np.abs(samples_of(again).astype(int) - samples_of(im))
    assert error.mean() < 6


@pytest.mark.parametrize("depth", [2, 5, 7])
def test_shallow_gray_is_widened_by_the_stated_rounding(depth):
    peak = (1 << depth) - 1
    samples = (np.arange(24 * 20).reshape(20, 24) % (peak + 1)).astype(np.uint8)
    im = opened(pil_dctz.encode(samples, lossless=True, depth=depth))
    assert im.mode == "L"
    assert im.info["bits"] == depth
    assert np.array_equal(samples_of(im), (samples.astype(int) * 255 + peak // 2) // peak)


@pytest.mark.parametrize("depth", [9, 12, 16])
def test_deep_gray_keeps_its_values(depth):
    samples = (np.arange(24 * 20).reshape(20, 24) * 137 % (1 << depth)).astype(np.uint16)
    im = opened(pil_dctz.encode(samples, lossless=True, depth=depth))
    assert im.mode == "I;16"
    assert im.info.get("bits", 16) == depth
    assert np.array_equal(samples_of(im), samples)
    assert np.array_equal(pil_dctz.decode(saved(im)), samples)
    assert pil_dctz.read_header(saved(im)).depth == depth


@pytest.mark.parametrize(("channels", "mode"), [(2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_deep_colour_opens_with_eight_bits_and_says_so(channels, mode):
    samples = np.random.default_rng(2).integers(0, 65536, (20, 24, channels), np.uint16)
    samples[0, 0], samples[0, 1] = 0, 65535
    im = opened(pil_dctz.encode(samples, lossless=True))
    assert im.mode == mode
    assert im.info["bits"] == 16
    assert np.array_equal(samples_of(im), (samples.astype(int) * 255 + 32767) // 65535)


class Counting(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


@pytest.fixture(scope="module")
def big_file():
    """About 20 megapixels."""
    tile = samples_of(drawn("RGB", (512, 512)))
    samples = np.tile(tile, (8, 10, 1))
    return pil_dctz.encode(samples, options=pil_dctz.EncodeOptions(mode="raw"))


def test_open_reads_the_header_alone(big_file):
    file = Counting(big_file)
    im = Image.open(file)
    assert im.size == (5120, 4096)
    assert file.count < 1 << 16


def test_open_is_quick(big_file, tmp_path):
    path = tmp_path / "big.dctz"
    path.write_bytes(big_file)
    times = []
    for _ in range(21):
        started = time.perf_counter()
        Image.open(path).close()
        times.append(time.perf_counter() - started)
    assert statistics.median(times) < 0.005


def test_thumbnail_of_a_big_file_reads_and_decodes_little():
    im = drawn("RGB", (2048, 2048)).resize((1024, 1024))
    data = saved(im, lossless=False, quality=90)
    file = Counting(data)
    small = Image.open(file)
    small.thumbnail((64, 64))
    assert small.size == (64, 64)
    assert file.count < len(data) // 2


def test_wrong_names_do_not_matter(tmp_path):
    im = drawn("RGB")
    png_inside, dctz_inside = tmp_path / "a.dctz", tmp_path / "b.png"
    im.save(png_inside, "PNG")
    im.save(dctz_inside, "DCTZ", lossless=True)
    for path, kind in ((png_inside, "PNG"), (dctz_inside, "DCTZ")):
        with Image.open(path) as again:
            assert again.format == kind
            assert np.array_equal(samples_of(again), samples_of(im))


@pytest.mark.parametrize("data", [b"", b"\xc4", b"\xc4CTZ\r\n\x1a", b"nonsense" * 9])
def test_other_bytes_are_no_picture(data, tmp_path):
    path = tmp_path / "a.dctz"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UnidentifiedImageError):
            Image.open(path)


def test_text_mode_copy_is_named():
    data = saved(drawn("L")).replace(b"\r\n", b"\n")
    with (
        pytest.warns(UserWarning, match="text-mode copy"),
        pytest.raises(UnidentifiedImageError),
    ):
        opened(data)


def test_object_without_seek_opens():
    data = saved(drawn("RGB"))

    class Pipe:
        def read(self, size: int = -1) -> bytes:
            return data

    assert opened(data).tobytes() == Image.open(Pipe()).tobytes()  # type: ignore[arg-type]


def test_object_with_no_more_than_pillow_asks_for_opens():
    data = saved(drawn("RGB"), exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0")
    inner = io.BytesIO(data)

    class Least:
        read, seek, tell = inner.read, inner.seek, inner.tell

    im = Image.open(Least())  # type: ignore[arg-type]
    assert dict(im.getexif()) == {}
    assert im.tobytes() == opened(data).tobytes()


def test_file_object_that_stands_elsewhere_is_read_from_its_beginning():
    data = saved(drawn("RGB"))
    file = io.BytesIO(data)
    file.seek(17)
    assert Image.open(file).tobytes() == opened(data).tobytes()


def test_own_file_is_closed_and_another_is_not(tmp_path):
    path = tmp_path / "a.dctz"
    drawn("RGB").save(path, lossless=True)
    im = Image.open(path)
    file = im.fp
    im.load()
    assert file.closed
    with open(path, "rb") as ours:
        with Image.open(ours) as im:
            im.load()
        assert not ours.closed


@pytest.mark.parametrize("mode", ["1", "RGB", "I;16"])
def test_every_truncation_is_an_oserror(mode):
    data = saved(drawn(mode, (16, 9)), xmp=b"x" * 40, dpi=(72, 72))
    for size in range(len(data)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(OSError, match=r"."):
                opened(data[:size]).load()


def test_every_changed_byte_is_an_oserror_or_harmless():
    data = saved(drawn("RGB", (16, 9)), xmp=b"x" * 40)
    whole = opened(data).tobytes()
    for position in range(len(data)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert opened(damaged(data, position)).tobytes() == whole
            except OSError:
                continue


def test_damage_is_named_and_what_is_whole_can_be_had(monkeypatch):
    im = drawn("RGB", (200, 130))
    data = pil_dctz.encode(samples_of(im), lossless=True, segment_size=64)
    broken = damaged(data)
    with pytest.raises(pil_dctz.DamagedError, match=r"segment 11 .*byte \d+, frame\."):
        opened(broken).load()
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    again = samples_of(opened(broken))
    assert np.array_equal(again[:128], samples_of(im)[:128])
    assert (again[128:, 192:] == 128).all()
    cut = samples_of(opened(data[: len(data) * 3 // 4]))
    assert np.array_equal(cut[:64], samples_of(im)[:64])


def test_the_first_half_of_a_file_in_passes_shows_all_of_the_picture(monkeypatch):
    im = Image.fromarray(draw_photo(200, 130, 3))
    data = saved(im, lossless=False, quality=80, progressive=True, effort=1)
    half = data[: len(data) * 3 // 4]
    with pytest.raises(OSError, match="ends"):
        opened(half).load()
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    shown = samples_of(opened(half))
    assert np.array_equal(shown, pil_dctz.decode(half, strict=False))
    assert np.abs(shown.astype(int) - samples_of(im)).mean() < 8


def test_a_picture_with_a_damaged_profile_opens_without_it(monkeypatch):
    im = drawn("RGB", (20, 13))
    data = bytearray(saved(im, icc_profile=b"p" * 60, xmp=b"<x/>", lossless=True))
    data[data.index(b"iccp") + 20] ^= 1
    with pytest.raises(OSError, match="iccp"):
        opened(data)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    again = opened(data)
    assert np.array_equal(samples_of(again), samples_of(im))
    assert "icc_profile" not in again.info
    assert again.info["xmp"] == b"<x/>"


def test_verify_finds_damage():
    data = saved(drawn("RGB", (200, 130)))
    opened(data).verify()
    with pytest.raises(pil_dctz.DamagedError):
        opened(damaged(data)).verify()


def header_claiming(width: int, height: int) -> bytes:
    """A file whose header claims this size, with a right check; 4 KiB of zeros follow."""

    def leb(value: int) -> bytes:
        low, rest = value & 127, value >> 7
        return bytes([low | 128]) + leb(rest) if rest else bytes([low])

    header = b"\xc4CTZ\r\n\x1a\n\x01\x02\x07" + leb(width) + leb(height)
    return header + zlib.crc32(header).to_bytes(4, "little") + bytes(4096)


@pytest.mark.parametrize("size", [(1 << 30, 1 << 30), (20000, 20000), (1 << 30, 1)])
def test_a_bomb_is_refused_before_anything_is_allocated(size):
    tracemalloc.start()
    try:
        with pytest.raises((pil_dctz.LimitError, Image.DecompressionBombError, OSError)):
            opened(header_claiming(*size))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_pillows_own_limit_counts(monkeypatch):
    data = saved(Image.new("L", (100, 100)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4000)
    with pytest.raises(Image.DecompressionBombError):
        opened(data)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 6000)
    with pytest.warns(Image.DecompressionBombWarning):
        opened(data)


@pytest.mark.parametrize("pieces", [1, 7, 1024])
def test_parser_takes_pieces_of_any_size(pieces):
    im = drawn("RGB", (64, 48))
    data = saved(im, exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0")
    parser = ImageFile.Parser()
    for start in range(0, len(data), pieces):
        parser.feed(data[start : start + pieces])
    again = parser.close()
    assert np.array_equal(samples_of(again), samples_of(im))
    assert again.info["exif"] == b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"


def test_django_learns_the_size_from_the_first_kilobyte(big_file):
    parser = ImageFile.Parser()
    parser.feed(big_file[:1024])
    assert parser.image is not None
    assert parser.image.size == (5120, 4096)


def test_parser_reports_a_file_that_is_cut():
    data = saved(drawn("RGB", (64, 48)))
    parser = ImageFile.Parser()
    parser.feed(data[:-30])
    with pytest.raises(OSError, match=r"."):
        parser.close()


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("mode", ["1", "RGBA", "I;16"])
def test_copies_and_pickles(mode, loaded):
    data = saved(drawn(mode), dpi=(300, 300))
    for clone in (copy.copy, copy.deepcopy, lambda im: pickle.loads(pickle.dumps(im))):
        im = opened(data)
        if loaded:
            im.load()
        again = clone(im)
        assert np.array_equal(samples_of(again), samples_of(im))
        assert again.info["dpi"] == (300, 300)


def test_picture_from_a_pickle_can_be_asked_for_frames():
    again = pickle.loads(pickle.dumps(opened(saved(drawn("RGB")))))
    assert (again.n_frames, again.is_animated, again.tell()) == (1, False, 0)
    again.seek(0)
    with pytest.raises(EOFError):
        again.seek(1)


def test_threads_with_a_picture_each():
    files = [saved(drawn(mode, seed=seed)) for mode in ("RGB", "LA", "1") for seed in range(8)]
    expected = [opened(data).tobytes() for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(lambda data: opened(data).tobytes(), files)] == expected


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_draft_decodes_what_the_library_does(scale):
    data = saved(drawn("RGB", (203, 101)))
    im = opened(data)
    target = (-(-203 // scale) - 1, 101 // scale - 1)
    assert im.draft("L", target) == ("RGB", (0, 0, 203 / scale, 101 / scale))
    assert im.size == (-(-203 // scale), -(-101 // scale))
    assert im.draft("L", (1, 1)) is None
    assert np.array_equal(samples_of(im), pil_dctz.decode(data, scale=scale))
    assert im.draft("L", (1, 1)) is None


def test_draft_changes_nothing_where_it_cannot_help():
    assert opened(saved(drawn("RGB"))).draft(None, SIZE) is None
    assert opened(saved(drawn("RGB"))).draft("L", None) is None
    assert opened(saved(drawn("1"))).draft(None, (1, 1)) is None
    assert opened(saved(drawn("RGB"))).draft(None, (0, 0)) is not None


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_thumbnail_is_near_to_that_of_a_loaded_picture(mode):
    im = drawn("RGBA", (120, 90)).resize((240, 180)).convert(mode if mode != "I;16" else "L")
    if mode == "I;16":
        im = Image.fromarray(samples_of(im).astype(np.uint16) * 257)
    small = opened(saved(im))
    small.thumbnail((30, 30))
    gap = None if mode == "I;16" else 2.0
    im.thumbnail((30, 30), reducing_gap=gap)
    assert small.size == im.size == (30, 23)
    white = 65535 if mode == "I;16" else 255
    error = np.abs(samples_of(small).astype(int) - samples_of(im)).mean()
    assert error < 0.02 * white


def test_four_components_are_refused_by_name():
    samples = np.zeros((8, 8, 4), np.uint8)
    data = pil_dctz.encode(samples, lossless=True, layout="4 components")
    with pytest.raises(pil_dctz.UnsupportedError, match=r"pil_dctz\.read"):
        opened(data)


def test_frombytes_and_tobytes_know_the_codec():
    im = drawn("RGB")
    data = im.tobytes("DCTZ", {"lossless": True})
    assert data == saved(im)
    again = Image.frombytes("RGB", im.size, data, "DCTZ")
    assert np.array_equal(samples_of(again), samples_of(im))
    with pytest.raises(OSError, match="37 x 29 pixels, not 5 x 5"):
        Image.frombytes("RGB", (5, 5), data, "DCTZ")


def test_small_claim_costs_little_memory():
    data = saved(Image.new("L", (4000, 4000)))
    tracemalloc.start()
    try:
        opened(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
