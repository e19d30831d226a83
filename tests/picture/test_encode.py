"""What the encoder chooses and promises: sizes, modes, round trips, arguments."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import EncodeOptions
from pil_dctz.picture.encoder import save
from pil_dctz.picture.encoder.choose import preset_of
from tests.pictures import draw_flat, draw_graphic, draw_noise, draw_photo

LAYOUTS = {1: "gray", 2: "gray+alpha", 3: "rgb", 4: "rgba"}


def raw_bytes(shape: tuple[int, ...], depth: int) -> int:
    channels = shape[2] if len(shape) == 3 else 1
    return shape[0] * -(-shape[1] * channels * depth // 8)


@pytest.mark.parametrize("mode", ["raw", "lossless"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8, 9, 12, 16])
def test_exact_modes_give_the_samples_back(mode: str, channels: int, depth: int) -> None:
    for draw in (draw_photo, draw_graphic, draw_noise):
        picture = draw(67, 33, channels, depth=depth)
        data = pil_dctz.encode(picture, depth=depth, options=EncodeOptions(mode=mode))
        got = pil_dctz.decode(data)
        assert (got.dtype, got.shape) == (picture.dtype, picture.shape)
        assert (got == picture).all()
        header = pil_dctz.read_header(data)
        assert (header.layout, header.depth) == (LAYOUTS[channels], depth)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_lossy_colours_are_near_and_alpha_is_exact(channels: int) -> None:
    picture = draw_photo(300, 200, channels)
    data = pil_dctz.encode(picture, quality=90)
    assert "lossy" in pil_dctz.read_header(data).modes
    got = pil_dctz.decode(data)
    assert got.shape == picture.shape
    if channels in (2, 4):
        assert (got[..., -1] == picture[..., -1]).all()
    assert np.abs(got.astype(int) - picture).mean() < 4
    assert len(data) < picture.size / 3


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_alpha_quality_makes_alpha_smaller_and_near(depth: int) -> None:
    picture = draw_photo(300, 200, 4, depth=depth)
    exact = pil_dctz.encode(picture, quality=70, depth=depth)
    files = [pil_dctz.encode(picture, quality=70, alpha_quality=q, depth=depth) for q in (95, 60)]
    assert len(exact) > len(files[0]) > len(files[1])
    for data, limit in zip([exact, *files], (0, 1, 6), strict=True):
        got = pil_dctz.decode(data)
        assert got.dtype == picture.dtype
        away = np.abs(got[..., 3].astype(int) - picture[..., 3]).mean()
        assert away * 256 / (1 << depth) <= limit
        assert (got[..., :3] == pil_dctz.decode(exact)[..., :3]).all()


def test_flat_alpha_stays_exact_whatever_its_quality() -> None:
    picture = draw_photo(300, 200, 4)
    picture[:100, :, 3], picture[100:, :, 3] = 255, 0
    got = pil_dctz.decode(pil_dctz.encode(picture, alpha_quality=10))
    assert (got[..., 3] == picture[..., 3]).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 12])
def test_deep_pictures_are_lossy_where_a_quality_says_so(channels: int, depth: int) -> None:
    picture = draw_photo(90, 70, channels, depth=depth)
    exact = pil_dctz.encode(picture, depth=depth)
    assert (pil_dctz.decode(exact) == picture).all()
    data = pil_dctz.encode(picture, depth=depth, quality=80)
    header = pil_dctz.read_header(data)
    assert (header.depth, header.modes[0]) == (depth, "lossy")
    got = pil_dctz.decode(data)
    assert (got.dtype, got.shape) == (picture.dtype, picture.shape)
    assert np.abs(got.astype(int) - picture).mean() < 4 * (1 << (depth - 8))
    assert len(data) < len(exact) / 2
    for scale in (2, 8):
        small = pil_dctz.decode(data, scale=scale)
        assert small.shape[:2] == (-(-70 // scale), -(-90 // scale))


def test_auto_takes_balanced_for_graphics_and_visual_for_photographs() -> None:
    for picture, preset in ((draw_photo(200, 150), "visual"), (draw_graphic(200, 150), "balanced")):
        files = {
            name: pil_dctz.encode(picture, options=EncodeOptions(mode="lossy", preset=name))
            for name in ("auto", "visual", "balanced", "psnr")
        }
        assert files["auto"] == files[preset]
        assert len(set(files.values())) == 3


def test_a_photograph_before_a_plain_ground_is_none_of_the_graphics() -> None:
    ground = np.full((200, 300, 3), 250, np.uint8)
    ground[40:160, 60:240] = draw_photo(180, 120)
    assert preset_of(ground, 8) == "visual"
    page = draw_graphic(300, 200)
    assert preset_of(page, 8) == "balanced"
    assert preset_of(page.astype(np.uint16) << 4, 12) == "balanced"
    left = np.zeros((200, 300), bool)
    left[40:160, 60:240] = True
    page[left] = ground[left]
    assert preset_of(page, 8, left) == "visual"
    assert preset_of(page[:, :1], 8) == preset_of(np.zeros_like(page), 8) == "visual"


def test_one_colour_of_16_x_16_takes_at_most_32_bytes() -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (12, 200, 96), (7,), (1, 2, 3, 255), (9, 128)):
        for arguments in ({"lossless": True}, {}):
            if arguments or len(colour) in (1, 3):
                data = pil_dctz.encode(draw_flat(16, 16, colour), **arguments)
                assert len(data) <= 32
                assert (pil_dctz.decode(data) == draw_flat(16, 16, colour)).all()


def test_opaque_alpha_costs_little() -> None:
    picture = draw_photo(300, 200, 4)
    picture[..., 3] = 255
    with_alpha, without = pil_dctz.encode(picture), pil_dctz.encode(picture[..., :3].copy())
    assert len(with_alpha) <= len(without) + 64


@pytest.mark.parametrize(
    ("shape", "depth"),
    [
        ((1, 1, 3), 8),
        ((1, 1), 1),
        ((7, 5, 4), 16),
        ((700, 1), 1),
        ((1, 5000), 3),
        ((3000, 3, 2), 8),
        ((600, 531, 3), 8),
        ((513, 520), 1),
    ],
)
@pytest.mark.parametrize("lossless", [True, None])
def test_no_file_passes_its_raw_samples_by_more_than_1_percent_and_64_bytes(
    shape: tuple[int, ...], depth: int, lossless: bool | None
) -> None:
    picture = np.random.default_rng(1).integers(0, 1 << depth, shape)
    picture = picture.astype(np.uint8 if depth <= 8 else np.uint16)
    data = pil_dctz.encode(picture, depth=depth, lossless=lossless)
    assert len(data) <= raw_bytes(shape, depth) * 1.01 + 64
    if lossless:
        assert (pil_dctz.decode(data) == picture).all()


def test_graphics_become_exact_where_that_is_smaller() -> None:
    for picture in (draw_graphic(400, 300), draw_flat(640, 480)):
        data = pil_dctz.encode(picture, quality=75)
        assert pil_dctz.read_header(data).modes == ("lossless",)
        assert (pil_dctz.decode(data) == picture).all()
        lossy = pil_dctz.encode(picture, options=EncodeOptions(quality=75, mode="lossy"))
        assert pil_dctz.read_header(lossy).modes == ("lossy",)
        assert len(data) <= len(lossy)


@pytest.mark.parametrize("colours", [2, 16, 200])
@pytest.mark.parametrize("quality", [5, 40, 75])
def test_pictures_of_few_colours_are_never_larger_than_exact(colours: int, quality: int) -> None:
    rng = np.random.default_rng(colours)
    motif = rng.integers(0, 256, (colours, 3), np.uint8)[rng.integers(0, colours, (40, 40))]
    picture = np.tile(motif, (6, 6, 1))  # noise, and yet it repeats
    exact = pil_dctz.encode(picture, lossless=True)
    assert len(pil_dctz.encode(picture, quality=quality)) <= len(exact)


def test_the_bytes_depend_on_nothing_but_the_arguments() -> None:
    for picture, arguments in (
        (draw_photo(270, 130, 4), {"segment_size": 64}),
        (draw_photo(140, 100), {"lossless": True, "segment_size": 64}),
        (draw_graphic(300, 200), {"lossless": True, "segment_size": 128}),
    ):
        once = pil_dctz.encode(picture, threads=1, **arguments)
        assert pil_dctz.encode(picture, threads=3, **arguments) == once
        strided = np.asfortranarray(picture)
        assert pil_dctz.encode(strided, **arguments) == once
        swapped = picture[::-1][::-1]
        assert pil_dctz.encode(swapped, **arguments) == once


def test_arrays_of_other_memory_orders_and_bool_are_taken() -> None:
    picture = draw_noise(9, 8, 1, depth=16)
    big = picture.astype(">u2")
    assert (
        pil_dctz.decode(pil_dctz.encode(big, options=EncodeOptions(mode="raw"))) == picture
    ).all()
    mask = draw_noise(9, 8, 1, depth=1).astype(bool)
    got = pil_dctz.decode(pil_dctz.encode(mask, depth=1, lossless=True))
    assert got.dtype == np.uint8 and (got == mask).all()
    frozen = draw_noise(9, 8)
    frozen.flags.writeable = False
    assert (pil_dctz.decode(pil_dctz.encode(frozen, lossless=True)) == frozen).all()


def test_four_components_are_no_colour_and_alpha() -> None:
    picture = draw_photo(90, 80, 4)
    data = pil_dctz.encode(picture, layout="4 components")
    header = pil_dctz.read_header(data)
    assert (header.layout, header.has_alpha, header.modes) == ("4 components", False, ("lossless",))
    assert (pil_dctz.decode(data) == picture).all()


@pytest.mark.parametrize(
    ("picture", "arguments", "message"),
    [
        (np.zeros((3, 3), np.float32), {}, "uint8 or uint16.*can be written; got dtype float32"),
        (np.zeros((3, 3, 5), np.uint8), {}, "1 to 4 channels can be written"),
        (np.zeros(3, np.uint8), {}, "can be written"),
        (np.zeros((0, 3), np.uint8), {}, "1 to 2"),
        (np.zeros((3, 3), np.uint16), {"quality": 50}, "lossless=True"),
        (np.zeros((3, 3, 4), np.uint8), {"quality": 5, "layout": "4 components"}, "lossless=True"),
        (np.zeros((3, 3), np.uint8), {"quality": 101}, r"quality must be 0\.\.100, got 101"),
        (np.zeros((3, 3), np.uint8), {"quality": float("nan")}, r"quality must be 0\.\.100"),
        (np.zeros((3, 3), np.uint8), {"effort": 10}, r"effort must be 0\.\.9"),
        (np.zeros((3, 3), np.uint8), {"segment_size": 100}, "power of two"),
        (np.zeros((3, 3), np.uint8), {"segment_size": 32}, "power of two"),
        (np.zeros((3, 3), np.uint8), {"depth": 9}, r"must be 1\.\.8"),
        (np.zeros((3, 3), np.uint16), {"depth": 8}, r"must be 9\.\.16"),
        (np.full((3, 3), 4, np.uint8), {"depth": 2}, "holds samples up to 3, got 4"),
        (np.zeros((3, 3), np.uint8), {"layout": "rgb"}, "has 3 channels"),
        (np.zeros((3, 3), np.uint8), {"layout": "cmyk"}, "layout must be one of gray"),
        (np.zeros((3, 3), np.uint8), {"threads": 0}, "threads must be"),
    ],
)
def test_what_cannot_be_written_is_a_value_error_that_names_what_can(
    picture: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pil_dctz.encode(picture, **arguments)


def test_arguments_replace_fields_of_the_options() -> None:
    options = EncodeOptions(quality=10, lossless=True)
    picture = draw_photo(200, 200)
    assert pil_dctz.read_header(pil_dctz.encode(picture, options=options)).modes == ("lossless",)
    data = pil_dctz.encode(picture, options=options, lossless=False)
    assert pil_dctz.read_header(data).modes == ("lossy",)
    assert len(data) < len(pil_dctz.encode(picture, quality=90))
    with pytest.raises(ValueError, match="mode must be one of"):
        EncodeOptions(mode="best")
    with pytest.raises(ValueError, match="lossless is asked for"):
        EncodeOptions(mode="lossy", lossless=True)


def test_segment_sizes_are_as_asked_for() -> None:
    picture = draw_photo(300, 200)
    for size, columns in ((64, 5), (256, 2), (0, 1)):
        for mode in ("raw", "lossless", "lossy"):
            options = EncodeOptions(mode=mode, segment_size=size)
            data = pil_dctz.encode(picture, options=options, metadata=pil_dctz.Metadata(xmp=b"x"))
            (group,) = pil_dctz.inspect(data).frames[0].groups
            assert (group.segment_size, group.columns, group.mode) == (size, columns, mode)


def test_a_written_file_replaces_the_old_one_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.dctz"
    picture = draw_noise(9, 9)
    pil_dctz.write(path, picture, lossless=True)
    assert (pil_dctz.read(path) == picture).all()
    path.chmod(0o640)
    link = tmp_path / "link.dctz"
    link.symlink_to(path)
    pil_dctz.write(link, picture[::-1], lossless=True)
    assert link.is_symlink()
    assert (pil_dctz.read(path) == picture[::-1]).all()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["a.dctz", "link.dctz"]


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dctz"
    path.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise OSError("no space left")

    class Full:
        def __init__(self, handle: int, _mode: str) -> None:
            os.close(handle)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...

        write = fail

    monkeypatch.setattr(
        save.os, "fdopen" if step == "write" else step, Full if step == "write" else fail
    )
    with pytest.raises(OSError, match="no space"):
        pil_dctz.write(path, draw_noise(9, 9), lossless=True)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.dctz"]
    with pytest.raises(ValueError, match="quality"):
        pil_dctz.write(path, draw_noise(9, 9), quality=-1)
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_folder_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.dctz"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            pil_dctz.write(path, draw_noise(9, 9), lossless=True)
    finally:
        tmp_path.chmod(0o700)
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pil_dctz.write(tmp_path / "none" / "a.dctz", draw_noise(9, 9), lossless=True)


def test_metadata_beside_every_mode() -> None:
    metadata = pil_dctz.Metadata(icc=b"i" * 99, exif=b"II*\0", dpi=(72.0, 72.0), text={"k": "v"})
    for mode in ("raw", "lossless", "lossy"):
        data = pil_dctz.encode(
            draw_photo(60, 50, 4), metadata=metadata, options=EncodeOptions(mode=mode)
        )
        assert pil_dctz.read_metadata(data) == metadata
        assert pil_dctz.read_header(data).icc == metadata.icc
        assert pil_dctz.verify(data).whole
