"""`dctz encode`."""

from __future__ import annotations

import argparse
import io
import os

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from pil_dctz.cli.arguments import size_bytes
from pil_dctz.metrics import ssimulacra2
from tests.cli.running import dctz, piped
from tests.pictures import draw_photo


def test_result_lies_beside_the_input(png, samples, capsys):
    assert dctz("encode", png, "--lossless") == 0
    coded = png.with_suffix(".dctz")
    assert np.array_equal(pil_dctz.read(coded), samples)
    assert pil_dctz.read_header(coded).dpi == pytest.approx((300, 300), abs=0.02)
    assert "% of raw" in capsys.readouterr().err


def test_quality_effort_and_strip(png):
    for options in (["-q", 30], ["-q", 90, "-e", 1, "--strip", "--quiet", "-t", 1]):
        assert dctz("encode", png, "-f", *options) == 0
    header = pil_dctz.read_header(png.with_suffix(".dctz"))
    assert header.dpi is None


def test_target_size_and_target_quality(png, samples):
    coded = png.with_suffix(".dctz")
    assert dctz("encode", png, "-f", "--target-size", "2.5k") == 0
    assert 0.98 * 2500 <= coded.stat().st_size <= 2500
    assert pil_dctz.read_metadata(coded).dpi
    assert dctz("encode", png, "-f", "--target-quality", "85") == 0
    assert abs(ssimulacra2(samples, pil_dctz.read(coded)) - 85) <= 1


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("150000", 150_000),
        ("200k", 200_000),
        ("1.5MB", 1_500_000),
        ("64Ki", 65536),
        ("1mib", 2**20),
    ],
)
def test_sizes_are_read(text, size):
    assert size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "0", "-5", "k", "5g", "1e3", "0.2", "5 k"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be bytes"):
        size_bytes(text)


def test_a_target_out_of_reach_is_told_and_the_others_go_on(png, tmp_path, capsys):
    small = tmp_path / "small.png"
    Image.new("RGB", (8, 8)).save(small)
    assert dctz("encode", png, small, "-d", tmp_path / "out", "--target-size", "100") == 1
    assert "a.png: target_size 100 cannot be reached: at quality 0" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["small.dctz"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--target-size", "9k", "-l"],
        ["--target-size", "9k", "-q", "5"],
        ["--target-quality", "101"],
    ],
)
def test_targets_exclude_quality_and_lossless(png, wrong):
    assert dctz("encode", png, *wrong) == 2


@pytest.mark.parametrize(
    "wrong",
    [["-q", "101"], ["-q", "best"], ["-e", "10"], ["-t", "0"], ["--fast"], ["-o", "a", "-d", "b"]],
)
def test_wrong_usage_is_2(png, wrong):
    assert dctz("encode", png, *wrong) == 2
    assert not png.with_suffix(".dctz").exists()


@pytest.mark.parametrize(("given", "streams"), [([], 2), (["3"], 4), (["2"], 3)])
def test_passes(tmp_path, capsys, given, streams):
    path = tmp_path / "a.png"
    Image.fromarray(draw_photo(300, 260, 3)).save(path)
    option = ["--progressive", *given, "-e", "1"] if given else ["-e", "1"]
    assert dctz("encode", path, *option) == 0
    coded = path.with_suffix(".dctz")
    assert len(pil_dctz.inspect(coded).frames[0].groups[0].stream_bytes) == streams
    assert dctz("info", coded) == 0
    assert (f"(low + {streams - 1} passes)" in capsys.readouterr().out) == (streams > 2)
    assert dctz("encode", path, "--progressive", "4") == 2
    assert dctz("encode", path, "--progressive", "2", "-l", "--force") == 2


def test_no_file_is_overwritten_without_force(png, capsys):
    coded = png.with_suffix(".dctz")
    coded.write_bytes(b"precious")
    assert dctz("encode", png) == 2
    assert "--force" in capsys.readouterr().err
    assert coded.read_bytes() == b"precious"
    assert dctz("encode", png, "--force") == 0
    assert pil_dctz.read_header(coded).width == 130


def test_a_bad_file_is_1_and_the_others_go_on(png, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    out = tmp_path / "new" / "folder"
    assert dctz("encode", bad, tmp_path / "absent.png", png, "-d", out) == 1
    assert [path.name for path in out.iterdir()] == ["a.dctz"]
    told = capsys.readouterr().err
    assert "bad.png: no picture that Pillow knows" in told
    assert "absent.png" in told


def test_a_failure_leaves_what_was_there(tmp_path):
    cmyk, coded = tmp_path / "a.tif", tmp_path / "a.dctz"
    Image.new("CMYK", (8, 8)).save(cmyk)
    coded.write_bytes(b"precious")
    assert dctz("encode", cmyk, "-f") == 1
    assert coded.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.dctz", "a.tif"]


def test_two_inputs_with_one_output(png, tmp_path):
    other = tmp_path / "a.tif"
    Image.open(png).save(other)
    assert dctz("encode", png, other, "-d", tmp_path / "out") == 2
    assert dctz("encode", png, other, "-o", tmp_path / "b.dctz") == 2


def test_pipes(png, samples):
    done = piped(png.read_bytes(), "encode", "-", "--lossless")
    assert done.returncode == 0
    assert np.array_equal(pil_dctz.decode(done.stdout), samples)
    back = piped(done.stdout, "decode", "-")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(back.stdout))), samples)


@pytest.mark.parametrize(
    ("dtype", "channels"), [("bool", 0), ("uint8", 0), ("uint8", 3), ("uint16", 0), ("uint16", 3)]
)
def test_arrays_keep_every_sample(dtype, channels, tmp_path):
    shape = (20, 30, channels) if channels else (20, 30)
    array = (np.arange(np.prod(shape)).reshape(shape) * 31 % 65521).astype(dtype)
    np.save(tmp_path / "a.npy", array)
    assert dctz("encode", tmp_path / "a.npy", "--lossless") == 0
    assert dctz("decode", tmp_path / "a.dctz", "-o", tmp_path / "b.npy") == 0
    assert np.array_equal(np.load(tmp_path / "b.npy"), array)


def test_other_arrays_are_refused(tmp_path, capsys):
    np.save(tmp_path / "a.npy", np.zeros((4, 4)))
    assert dctz("encode", tmp_path / "a.npy") == 1
    assert "float64" in capsys.readouterr().err


def test_animation_stays_one(tmp_path):
    frames = [Image.new("RGB", (20, 10), (index * 60, 0, 9)) for index in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=70)
    assert dctz("encode", tmp_path / "a.gif", "--lossless") == 0
    header = pil_dctz.read_header(tmp_path / "a.dctz")
    assert (header.n_frames, header.durations_us) == (3, (70000,) * 3)
    assert dctz("decode", tmp_path / "a.dctz", "-o", tmp_path / "b.webp") == 0
    with Image.open(tmp_path / "b.webp") as im:
        assert im.n_frames == 3


def test_a_device_takes_the_result(png):
    assert dctz("encode", png, "-o", os.devnull) == 0


def test_new_file_has_the_usual_rights(png):
    dctz("encode", png)
    assert png.with_suffix(".dctz").stat().st_mode == png.stat().st_mode
