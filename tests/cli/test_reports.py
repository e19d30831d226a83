"""`dctz info`, `verify`, `compare`: what they print and how they end."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import pil_dctz
from pil_dctz import metrics
from tests.cli.running import dctz, piped


def test_info_tells_what_the_file_holds(coded, samples, capsys):
    assert dctz("info", coded) == 0
    told = capsys.readouterr().out
    size = coded.stat().st_size
    for part in (
        "130 x 90, rgb, 8 bits",
        f"{size:,} bytes, {100 * size / samples.size:.2f} % of raw",
        f"{8 * size / (130 * 90):.3f} bits a pixel",
        f"{metrics.sample_entropy(samples):.3f} bits a sample",
        f"{metrics.residual_entropy(samples):.3f} after prediction",
        "lossless, 6 segments of 64",
        "XMP 4 bytes",
        "dpi 72 x 72",
        "note: text",
        "FRAM",
    ):
        assert part in told


def test_info_as_json(coded, capsys):
    assert dctz("info", "--json", coded) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["width"], found["height"], found["layout"]) == (130, 90, "rgb")
    assert found["size_bytes"] == coded.stat().st_size
    group = found["frames"][0]["groups"][0]
    assert len(group["segment_bytes"][0]) == 6
    assert found["metadata"] == {"xmp_bytes": 4, "dpi": [72, 72], "text": {"note": "text"}}
    assert [chunk["type"] for chunk in found["chunks"]][-1] == "DEND"


def test_quick_info_decodes_nothing(broken, capsys):
    assert dctz("info", broken) == 1
    capsys.readouterr()
    assert dctz("info", "--quick", "--json", broken) == 0
    assert "sample_entropy" not in json.loads(capsys.readouterr().out)


def test_info_of_an_animation(tmp_path, capsys):
    path = tmp_path / "a.dctz"
    frames = [np.full((8, 9), value, np.uint8) for value in (10, 20, 30)]
    path.write_bytes(pil_dctz.encode_frames(frames, [500_000] * 3, loop=2, lossless=True))
    assert dctz("info", path) == 0
    assert "3 frames, 1.5 s, 2 times" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["info", "verify"])
def test_what_is_no_file_or_no_dctz(command, png, tmp_path, capsys):
    assert dctz(command, png, tmp_path / "absent.dctz") == 1
    told = capsys.readouterr().err
    assert "a.png: not a DCTZ file" in told
    assert "absent.dctz" in told
    assert dctz(command) == 2


@pytest.mark.parametrize("command", ["encode", "decode", "info", "verify", "compare", "repair"])
def test_what_cannot_be_read_is_named_once(command, tmp_path, capsys):
    for name, why in ((tmp_path / "none.png", "No such file or directory"), (tmp_path, "Is a ")):
        others = [name] if command == "compare" else []
        assert dctz(command, name, *others) == 1
        told = capsys.readouterr().err
        assert told.startswith(f"dctz: {name}: {why}")
        assert told.count(str(name)) == 1


@pytest.mark.parametrize("command", ["encode", "decode", "repair"])
@pytest.mark.parametrize("name", [".", "/"])
def test_a_folder_without_a_name_is_told(command, name, capsys):
    assert dctz(command, name) == 2
    assert capsys.readouterr().err == f"dctz: {name} is a folder\n"


def test_verify(coded, broken, capsys):
    assert dctz("verify", coded) == 0
    assert "whole, 6 segments" in capsys.readouterr().out
    assert dctz("verify", "--quiet", coded) == 0
    assert capsys.readouterr().out == ""
    assert dctz("verify", coded, broken) == 1
    line = capsys.readouterr().out.splitlines()[1]
    assert "segment 5" in line
    assert "bytes " in line
    assert "frame." in line


def test_verify_as_json(broken, capsys):
    assert dctz("verify", "--json", broken) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["whole"] is False
    assert found["damages"][0]["segment"] == 5


def test_verify_of_a_pipe(coded, broken):
    assert piped(coded.read_bytes(), "verify", "-").returncode == 0
    assert piped(broken.read_bytes(), "verify", "-").returncode == 1


def test_compare(png, coded, samples, tmp_path, capsys):
    lossy = tmp_path / "lossy.jpg"
    Image.open(png).save(lossy, quality=70)
    assert dctz("compare", png, coded, lossy) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[-5:] == ["PSNR", "MS-SSIM", "SSIMULACRA2", "entropy", "residuals"]
    assert "inf" in lines[2]
    with Image.open(lossy) as im:
        again = np.asarray(im)
    assert f"{metrics.psnr(samples, again):.2f}" in lines[3]
    assert f"{metrics.ssimulacra2(samples, again):.2f}" in lines[3]
    assert f"{metrics.ms_ssim(samples, again):.5f}" in lines[3]


def test_compare_as_json(png, coded, capsys):
    assert dctz("compare", "--json", png, coded) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["raw_bytes"] == second["raw_bytes"] == 130 * 90 * 3
    assert second["psnr"] is None
    assert second["ssimulacra2"] == 100


def test_compare_of_two_sizes(png, tmp_path, capsys):
    other = tmp_path / "c.png"
    Image.new("RGB", (5, 6)).save(other)
    assert dctz("compare", png, other) == 1
    assert "130 x 90 and 5 x 6" in capsys.readouterr().err


def test_compare_across_layouts_and_depths(tmp_path, capsys):
    gray = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    deep = np.repeat(gray.astype(np.uint16)[..., None] * 257, 3, axis=2)
    Image.fromarray(gray).save(tmp_path / "a.png")
    np.save(tmp_path / "b.npy", deep)
    assert dctz("compare", "--json", tmp_path / "a.png", tmp_path / "b.npy") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[1])["psnr"] is None


def test_no_command_is_wrong_usage_and_help_is_not(capsys):
    assert dctz() == 2
    assert dctz("--help") == 0
    assert dctz("--version") == 0
    assert "exit codes" in capsys.readouterr().out
    for command in ("encode", "decode", "info", "verify", "compare", "demo"):
        assert dctz(command, "--help") == 0


def test_a_reader_that_goes_away_is_no_traceback(coded):
    done = piped(b"", "info", "--json", *[coded] * 3)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_repair(coded, broken, capsys, tmp_path):
    assert dctz("repair", coded) == 0
    assert "whole; nothing is written" in capsys.readouterr().err
    assert not coded.with_suffix(".repaired.dctz").exists()
    assert dctz("repair", broken) == 0
    told = capsys.readouterr().err
    assert "lost: segment 5" in told
    assert "5 of 6 segments are as they were" in told
    assert dctz("verify", broken.with_suffix(".repaired.dctz")) == 0
    assert dctz("repair", broken) == 2  # it exists
    header = tmp_path / "c.dctz"
    header.write_bytes(coded.read_bytes()[:12] + b"\0" + coded.read_bytes()[13:])
    assert dctz("repair", header) == 1
