"""`Image.save`: options, metadata, transparency, and what a failure leaves behind."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

import pil_dctz
from pil_dctz.metrics import ssimulacra2
from tests.pictures import draw_photo
from tests.pillow.drawn import drawn, opened, samples_of, saved

EXIF = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"quality": 101}, r"quality must be 0\.\.100"),
        ({"quality": -1}, r"quality must be 0\.\.100"),
        ({"quality": "keep"}, r"quality must be 0\.\.100"),
        ({"quality": float("nan")}, r"quality must be 0\.\.100"),
        ({"quality": True}, r"quality must be 0\.\.100"),
        ({"target_size": 0}, r"target_size must be 1\.\."),
        ({"target_size": 2e5}, "target_size must be an integer"),
        ({"target_quality": 101}, r"target_quality must be 0\.\.100"),
        ({"target_quality": 70, "quality": 70}, "quality and target_quality exclude each other"),
        ({"target_size": 900, "lossless": True}, "target_size is for the lossy mode"),
        ({"progressive": 4}, r"progressive must be 0\.\.3"),
        ({"progressive": "yes"}, "progressive must be an integer"),
        ({"progressive": 2, "lossless": True}, "progressive is for the lossy mode"),
        ({"effort": -1}, r"effort must be 0\.\.9"),
        ({"effort": 10}, r"effort must be 0\.\.9"),
        ({"effort": 2.5}, r"effort must be an integer, 0\.\.9"),
        ({"lossless": "yes"}, "lossless must be True or False"),
        ({"threads": 0}, "threads must be 1"),
        ({"dpi": 72}, "dpi must be two numbers"),
        ({"dpi": (0, 72)}, "dpi must be two numbers"),
        ({"exif": 5}, "exif must be bytes"),
        ({"icc_profile": object()}, "icc_profile must be bytes"),
        ({"text": {"a": 1}}, "text must be a dictionary of strings"),
    ],
)
def test_bad_option_names_what_can_be_given(options, named):
    with pytest.raises(ValueError, match=named):
        saved(drawn("RGB"), **options)


def lossy(im: Image.Image, **options: Any) -> bytes:
    return saved(im, lossless=False, **options)


def test_a_target_is_of_the_whole_file():
    photo = Image.fromarray(draw_photo(150, 120))
    size = 1000 + len(lossy(photo, quality=60))
    profile = np.random.default_rng(1).bytes(1000)
    assert 0.98 * size <= len(lossy(photo, target_size=size, icc_profile=profile)) <= size
    frames = {"save_all": True, "append_images": [photo.rotate(180)]}
    size = len(lossy(photo, quality=60, **frames))
    assert 0.98 * size <= len(lossy(photo, target_size=size, **frames)) <= size
    again = opened(lossy(photo, target_quality=80))
    assert abs(ssimulacra2(samples_of(photo), samples_of(again)) - 80) <= 1


@pytest.mark.parametrize("mode", ["1", "I;16"])
def test_modes_that_are_exact_fit_a_target_size_or_say_their_own(mode):
    im = drawn(mode)
    exact = lossy(im)
    assert lossy(im, target_size=len(exact)) == lossy(im, target_quality=50) == exact
    with pytest.raises(ValueError, match=f"exact, .* has {len(exact)} bytes"):
        lossy(im, target_size=len(exact) - 1)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "I", "F", "La", "RGBa"])
def test_other_modes_are_refused_by_name(mode):
    with pytest.raises(OSError, match=f"cannot write mode {mode} as DCTZ, only 1, L, LA, P"):
        saved(Image.new(mode, (8, 8)))


def test_bits_must_hold_the_samples():
    deep = Image.fromarray(np.full((8, 8), 600, np.uint16))
    assert pil_dctz.read_header(saved(deep, bits=10)).depth == 10
    with pytest.raises(ValueError, match="hold the largest sample, 600; got 9"):
        saved(deep, bits=9)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_empty_picture_is_refused(size):
    with pytest.raises(ValueError, match="empty"):
        saved(Image.new("RGB", size))


def test_metadata_come_back():
    im = drawn("RGB")
    given = {
        "exif": EXIF,
        "icc_profile": b"profile" * 30,
        "xmp": b"<x:xmpmeta/>",
        "dpi": (300.0, 299.5),
        "text": {"Title": "Häuser", "note": ""},
    }
    info = opened(saved(im, **given)).info
    assert info == {**given, "exif": b"Exif\0\0" + EXIF}


def test_metadata_of_an_opened_picture_are_kept_until_dropped():
    first = opened(saved(drawn("RGB"), exif=EXIF, icc_profile=b"icc", xmp=b"xmp", dpi=(72, 72)))
    again = opened(saved(first))
    assert {"exif", "icc_profile", "xmp", "dpi"} <= set(again.info)
    for key in ("exif", "icc_profile", "xmp", "dpi"):
        assert key not in opened(saved(first, **{key: None})).info
    assert opened(saved(first, xmp="other")).info["xmp"] == b"other"


def test_metadata_of_other_formats_are_kept(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "description"
    path = tmp_path / "a.jpg"
    drawn("RGB").save(path, exif=exif, dpi=(150, 150), icc_profile=b"x" * 200)
    with Image.open(path) as im:
        again = opened(saved(im))
    assert again.getexif()[0x010E] == "description"
    assert again.info["dpi"] == (150, 150)
    assert again.info["icc_profile"] == b"x" * 200


@pytest.mark.parametrize("form", ["object", "with prefix", "without prefix"])
def test_exif_in_every_form(form):
    exif = Image.Exif()
    exif[0x0112] = 6
    raw = exif.tobytes()
    given = {"object": exif, "with prefix": raw, "without prefix": raw.removeprefix(b"Exif\0\0")}
    im = opened(saved(drawn("RGB"), exif=given[form]))
    assert im.getexif()[0x0112] == 6
    assert im.size == drawn("RGB").size  # the orientation is told, not applied


def test_exif_without_entries_is_not_stored():
    im = drawn("RGB")
    assert saved(im, exif=im.getexif()) == saved(im)


def test_orientation_can_be_applied_by_hand():
    exif = Image.Exif()
    exif[0x0112] = 6
    im = drawn("RGB")
    upright = ImageOps.exif_transpose(opened(saved(im, exif=exif)))
    assert upright.size == im.size[::-1]
    assert 0x0112 not in opened(saved(upright)).getexif()


def test_large_metadata_come_back_whole():
    noise = np.random.default_rng(3).bytes(200_000)
    im = opened(saved(drawn("RGB"), exif=EXIF + noise, icc_profile=noise, xmp=noise[::-1]))
    im.load()
    assert im.info["exif"] == b"Exif\0\0" + EXIF + noise
    assert im.info["icc_profile"] == noise
    assert im.info["xmp"] == noise[::-1]


@pytest.mark.parametrize(
    ("mode", "transparency", "opens"),
    [
        ("P", 3, "RGBA"),
        ("P", bytes(range(0, 256, 16)), "RGBA"),
        ("L", 40, "LA"),
        ("1", 255, "LA"),
        ("RGB", (9, 2, 3), "RGBA"),
    ],
)
def test_transparency_becomes_alpha(mode, transparency, opens):
    im = drawn(mode)
    if mode == "RGB":
        im.putpixel((0, 0), transparency)
    im.info["transparency"] = transparency
    again = opened(saved(im))
    assert again.mode == opens
    assert np.array_equal(samples_of(again), samples_of(im.convert(opens)))
    assert samples_of(again)[..., -1].min() < 255


def test_transparency_of_deep_gray_becomes_deep_alpha():
    im = Image.fromarray(np.array([[5, 60000], [7, 5]], np.uint16))
    im.info["transparency"] = 5
    samples = pil_dctz.decode(saved(im))
    assert samples.dtype == np.uint16
    assert samples[..., 1].tolist() == [[0, 65535], [65535, 0]]


class Recording(io.BytesIO):
    """Counts the writes, and cannot seek."""

    writes = 0

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        self.writes += 1
        return super().write(data)

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation("seek")

    tell = seek  # type: ignore[assignment]


def test_a_pipe_gets_one_write():
    pipe = Recording()
    drawn("RGB").save(pipe, "DCTZ", lossless=True)
    assert pipe.writes == 1
    assert opened(pipe.getvalue()).tobytes() == drawn("RGB").tobytes()


def test_a_failed_save_leaves_nothing(tmp_path):
    path = tmp_path / "a.dctz"
    with pytest.raises(OSError, match="cannot write mode CMYK"):
        Image.new("CMYK", (8, 8)).save(path)
    assert not path.exists()
    out = io.BytesIO()
    with pytest.raises(ValueError, match="quality"):
        drawn("RGB").save(out, "DCTZ", quality=400)
    assert out.getvalue() == b""


def test_a_picture_can_be_saved_over_its_own_file(tmp_path):
    path = tmp_path / "a.dctz"
    im = drawn("RGB")
    im.save(path, lossless=True)
    with Image.open(path) as again:
        again.save(path, lossless=True)
    with Image.open(path) as again:
        assert np.array_equal(samples_of(again), samples_of(im))


def test_file_object_with_a_name_needs_no_format(tmp_path):
    with open(tmp_path / "A.DCTZ", "wb") as file:
        drawn("L").save(file, lossless=True)
    with Image.open(tmp_path / "A.DCTZ") as im:
        assert im.format == "DCTZ"


def test_keywords_of_other_formats_are_ignored():
    data = saved(drawn("RGB"), optimize=True, progressive=True, subsampling=0)
    assert data == saved(drawn("RGB"))


def test_default_options_write_a_picture():
    out = io.BytesIO()
    drawn("RGB", (100, 80)).save(out, "DCTZ")
    assert opened(out.getvalue()).size == (100, 80)
