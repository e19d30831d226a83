"""`dctz decode`."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from tests.cli.running import dctz
from tests.pictures import draw_photo


def test_png_beside_the_input(coded, samples):
    assert dctz("decode", coded) == 0
    with Image.open(coded.with_suffix(".png")) as im:
        assert im.format == "PNG"
        assert np.array_equal(np.asarray(im), samples)
        assert im.info["dpi"] == pytest.approx((72, 72), abs=0.02)
        assert im.info["note"] == "text"


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "dctz"])
def test_exif_and_profile_go_along(extension, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    icc = bytes(range(256)) * 300  # beyond what a header may read
    path, out = tmp_path / "a.dctz", tmp_path / f"b.{extension}"
    Image.new("RGB", (30, 20)).save(path, exif=exif, icc_profile=icc, lossless=True)
    assert dctz("decode", path, "-o", out) == 0
    with Image.open(out) as im:
        assert im.size == (30, 20)
        assert im.getexif()[0x0112] == 6
        assert im.info["icc_profile"] == icc


def test_strip(coded):
    assert dctz("decode", coded, "--strip") == 0
    with Image.open(coded.with_suffix(".png")) as im:
        assert im.info == {}


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".tif", ".bmp", ".ppm", ".dctz"])
def test_other_formats(coded, tmp_path, extension):
    out = tmp_path / f"c{extension}"
    assert dctz("decode", coded, "-o", out) == 0
    with Image.open(out) as im:
        assert im.size == (130, 90)


def test_format_of_a_folder_of_results(coded, tmp_path):
    assert dctz("decode", coded, "-d", tmp_path / "out", "--format", "webp") == 0
    assert (tmp_path / "out" / "b.webp").is_file()


def test_unknown_format(coded, tmp_path, capsys):
    assert dctz("decode", coded, "-o", tmp_path / "a.xyz") == 1
    assert "no writer for '.xyz'" in capsys.readouterr().err
    assert not (tmp_path / "a.xyz").exists()


def test_scale_and_region(coded, samples, tmp_path):
    out = tmp_path / "c.npy"
    assert dctz("decode", coded, "-o", out, "-s", 4) == 0
    assert np.array_equal(np.load(out), pil_dctz.read(coded, scale=4))
    assert dctz("decode", coded, "-o", out, "-f", "-r", "5,60,70,20") == 0
    assert np.array_equal(np.load(out), samples[60:80, 5:75])


@pytest.mark.parametrize("region", ["1,2,3", "a,b,c,d", "-1,0,5,5"])
def test_a_region_that_is_none(coded, region):
    assert dctz("decode", coded, "-r", region) == 2


def test_a_region_outside(coded, capsys):
    assert dctz("decode", coded, "-r", "100,0,50,5") == 1
    assert "region" in capsys.readouterr().err


def test_damage_and_tolerance(broken, samples, capsys):
    out = broken.with_suffix(".png")
    assert dctz("decode", broken) == 1
    assert "segment 5" in capsys.readouterr().err
    assert not out.exists()
    assert dctz("decode", broken, "--tolerant") == 0
    assert "filled: segment 5 of frame 0" in capsys.readouterr().err
    with Image.open(out) as im:
        assert np.array_equal(np.asarray(im)[:64], samples[:64])


def test_what_is_left_of_a_file_that_was_cut(coded, samples, capsys):
    coded.write_bytes(coded.read_bytes()[:-300])
    assert dctz("decode", coded) == 1
    mended = coded.with_name("mended.dctz")
    assert dctz("decode", coded, "--tolerant", "-o", mended) == 0
    assert "filled: file ends inside segment" in capsys.readouterr().err
    assert pil_dctz.verify(mended).whole
    assert pil_dctz.read_metadata(mended).xmp == b"<x/>"


def test_a_prefix_is_decoded_as_a_file_that_was_cut_there(tmp_path, capsys):
    picture = draw_photo(200, 130, 3)
    data = pil_dctz.encode(picture, quality=80, effort=1, progressive=True)
    path, out = tmp_path / "a.dctz", tmp_path / "a.npy"
    path.write_bytes(data)
    assert dctz("decode", path, "--prefix", "2k", "-o", out) == 0
    assert "filled: " in capsys.readouterr().err
    assert np.array_equal(np.load(out), pil_dctz.decode(data[:2000], strict=False))
    assert dctz("decode", path, "--prefix", "none") == 2


def test_what_is_no_dctz(png, capsys):
    assert dctz("decode", png, "-o", "c.bmp") == 1
    assert "not a DCTZ file" in capsys.readouterr().err


@pytest.mark.parametrize("depth", [9, 12, 16])
@pytest.mark.parametrize("channels", [2, 3, 4])
def test_deep_colour_goes_to_png_and_back(tmp_path, depth, channels):
    array = np.random.default_rng(1).integers(0, 1 << depth, (12, 17, channels), np.uint16)
    array[0, 0], array[0, 1] = 0, (1 << depth) - 1
    path = tmp_path / "a.dctz"
    pil_dctz.write(path, array, lossless=True, depth=depth)
    assert dctz("decode", path) == 0
    assert dctz("encode", tmp_path / "a.png", "-l", "-o", tmp_path / "b.dctz") == 0
    assert np.array_equal(pil_dctz.read(tmp_path / "b.dctz") >> (16 - depth), array)
    assert dctz("decode", path, "-o", tmp_path / "a.tif") == 1


def test_one_frame(tmp_path):
    frames = [np.full((8, 9), value, np.uint8) for value in (10, 20, 30)]
    path = tmp_path / "a.dctz"
    path.write_bytes(pil_dctz.encode_frames(frames, [1000] * 3, lossless=True))
    assert dctz("decode", path, "--frame", 1, "-o", tmp_path / "b.npy") == 0
    assert np.array_equal(np.load(tmp_path / "b.npy"), frames[1])
    assert dctz("decode", path, "--frame", 3, "-o", tmp_path / "c.npy") == 1
    assert dctz("decode", path, "--scale", 2) == 2
