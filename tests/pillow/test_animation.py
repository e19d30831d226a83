"""Animations through Pillow: `save_all`, `seek`, durations."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
from PIL import Image, ImageSequence

import pil_dctz
from tests.pillow.drawn import drawn, opened, samples_of, saved


def frames_of(count: int, mode: str = "RGB") -> list[Image.Image]:
    return [drawn(mode, seed=seed) for seed in range(count)]


def animated(count: int = 4, mode: str = "RGB", **options: object) -> bytes:
    first, *rest = frames_of(count, mode)
    return saved(first, save_all=True, append_images=rest, **options)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "I;16"])
def test_frames_come_back_in_any_order(mode):
    im = opened(animated(4, mode, duration=[10, 20, 30, 40.5], loop=3))
    assert (im.n_frames, im.is_animated, im.info["loop"], im.mode) == (4, True, 3, mode)
    expected = frames_of(4, mode)
    for number in (0, 2, 1, 3, 3, 0):
        im.seek(number)
        assert im.tell() == number
        assert im.info["duration"] == [10, 20, 30, 40.5][number]  # known before the pixels are
        assert np.array_equal(samples_of(im), samples_of(expected[number]))


def test_frames_can_be_iterated():
    im = opened(animated(3))
    found = [samples_of(frame) for frame in ImageSequence.Iterator(im)]
    assert len(found) == 3
    assert np.array_equal(found[2], samples_of(frames_of(3)[2]))


def test_seek_past_the_end_keeps_the_position():
    im = opened(animated(3))
    im.seek(1)
    for number in (3, -1, 99):
        with pytest.raises(EOFError):
            im.seek(number)
        assert im.tell() == 1
    assert np.array_equal(samples_of(im), samples_of(frames_of(3)[1]))


def test_a_seek_undoes_a_thumbnail():
    im = opened(animated(3))
    im.thumbnail((8, 8))
    im.seek(2)
    assert im.size == drawn("RGB").size
    assert np.array_equal(samples_of(im), samples_of(frames_of(3)[2]))


def test_equal_frames_stay_apart():
    one = drawn("RGB")
    im = opened(saved(one, save_all=True, append_images=[one, one], duration=50))
    assert im.n_frames == 3


def test_appended_pictures_alone_make_an_animation():
    assert opened(saved(drawn("L"), append_images=[drawn("L", seed=2)])).n_frames == 2


def test_one_frame_makes_a_still():
    assert not pil_dctz.read_header(saved(drawn("L"), save_all=True)).animated


def test_durations_and_loop_survive_opening_and_saving():
    first = opened(animated(3, duration=[10, 20, 30], loop=2))
    again = opened(saved(first, save_all=True))
    assert pil_dctz.read_header(saved(first, save_all=True)).durations_us == (10000, 20000, 30000)
    assert again.info["loop"] == 2
    assert first.tell() == 0


def test_missing_duration_is_zero():
    assert opened(animated(2)).info["duration"] == 0


@pytest.mark.parametrize("duration", [[1], [1, 2, 3], -5, "slow", [1, None], float("inf")])
def test_bad_duration_is_named(duration):
    with pytest.raises(ValueError, match="duration"):
        animated(2, duration=duration)


@pytest.mark.parametrize("loop", [-1, 65536, 1.5])
def test_bad_loop_is_named(loop):
    with pytest.raises(ValueError, match="loop must be"):
        animated(2, loop=loop)


def test_frames_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="8 x 8 and 37 x 29"):
        saved(drawn("RGB"), append_images=[Image.new("RGB", (8, 8))])


def test_mixed_modes_get_one_that_holds_them():
    frames = [drawn(mode) for mode in ("1", "LA", "P")]
    im = opened(saved(frames[0], append_images=frames[1:]))
    assert im.mode == "RGBA"
    for number, frame in enumerate(frames):
        im.seek(number)
        assert np.array_equal(samples_of(im), samples_of(frame.convert("RGBA")))


def test_deep_and_shallow_frames_do_not_mix():
    with pytest.raises(ValueError, match="one depth"):
        saved(drawn("I;16"), append_images=[drawn("L")])


def test_gif_becomes_dctz(tmp_path):
    path = tmp_path / "a.gif"
    first, *rest = [frame.quantize(8) for frame in frames_of(3)]
    first.save(path, save_all=True, append_images=rest, duration=[50, 70, 90], loop=0)
    with Image.open(path) as gif:
        data = saved(gif, save_all=True)
        im = opened(data)
        assert im.n_frames == 3
        assert pil_dctz.read_header(data).durations_us == (50000, 70000, 90000)
        for number in range(3):
            gif.seek(number)
            im.seek(number)
            assert np.array_equal(samples_of(im.convert("RGBA")), samples_of(gif.convert("RGBA")))


def test_current_frame_can_be_pickled_and_copied():
    im = opened(animated(3))
    im.seek(2)
    expected = samples_of(frames_of(3)[2])
    assert np.array_equal(samples_of(pickle.loads(pickle.dumps(im))), expected)
    assert np.array_equal(samples_of(im.copy()), expected)
    im.seek(0)


def test_closed_animation_says_so(tmp_path):
    path = tmp_path / "a.dctz"
    path.write_bytes(animated(3))
    with Image.open(path) as im:
        im.seek(1)
        im.load()
    with pytest.raises(ValueError, match="closed"):
        im.seek(2)


def test_a_damaged_frame_is_an_oserror_and_the_others_are_not():
    data = animated(3)
    broken = io.BytesIO(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])
    im = Image.open(broken)
    for number in (0, 1):
        im.seek(number)
        im.load()
    im.seek(2)
    with pytest.raises(OSError, match="frame 2"):
        im.load()
    im.seek(1)
    assert np.array_equal(samples_of(im), samples_of(frames_of(3)[1]))


def test_passes_are_for_stills_and_true_is_no_more_than_a_wish():
    lossy = {"lossless": False, "quality": 60}
    assert animated(2, **lossy, progressive=True) == animated(2, **lossy)
    with pytest.raises(ValueError, match="progressive is for still pictures"):
        animated(2, **lossy, progressive=3)
