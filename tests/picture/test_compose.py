"""Frames on the canvas: clause `frame.compose`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DamagedError
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.frame import FramePlace, write_frame
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.encoder.metadata import write_index
from pil_dctz.container.syntax import Blend, Dispose, FileHeader, GroupShape, Index, Layout
from pil_dctz.picture.encoder import raw
from tests.mend import chunks_of, mend
from tests.pictures import draw_noise

pytestmark = pytest.mark.small

RAW = pil_dctz.EncodeOptions(mode="raw")
W, H = 11, 7


def animation(frames: list[tuple[Any, FramePlace]], layout: Layout = Layout.RGBA) -> bytes:
    parts = []
    for number, (samples, place) in enumerate(frames):
        shape = GroupShape(samples.shape[1], samples.shape[0], samples.shape[2], 8, True)
        group = raw.encode_group(samples, shape, segment_log2=0)
        parts.append(write_frame([group], place=place, last=number == len(frames) - 1))
    index = Index(tuple(map(len, parts)), tuple(place.duration_us for _, place in frames))
    header = write_header(FileHeader(W, H, layout, 8, animated=True))
    return b"".join((header, write_index(index), *parts, write_chunk(b"DEND", b"")))


def over(s: list[int], d: list[int], full: int = 255) -> list[int]:
    """The clause, one pixel, in Python's integers."""
    a, b = s[-1], d[-1]
    if a == full or b == 0:
        return s
    if a == 0:
        return d
    t = a * full + b * (full - a)
    mixed = [
        (x * a * full + y * b * (full - a) + t // 2) // t
        for x, y in zip(s[:-1], d[:-1], strict=True)
    ]
    return [*mixed, (t + full // 2) // full]


def alphas(seed: int, width: int, height: int) -> Any:
    picture = draw_noise(width, height, 4, seed=seed)
    picture[..., 3] = np.random.default_rng(seed).choice([0, 1, 99, 254, 255], (height, width))
    return picture


def slowly(frames: list[tuple[Any, FramePlace]]) -> list[Any]:
    canvas, shown = np.zeros((H, W, 4), np.uint8), []
    for samples, place in frames:
        x, y, w, h = place.rectangle or (0, 0, W, H)
        before = canvas.copy()
        for v in range(h):
            for u in range(w):
                s, d = samples[v, u].tolist(), canvas[y + v, x + u].tolist()
                canvas[y + v, x + u] = over(s, d) if place.blend else s
        shown.append(canvas.copy())
        if place.dispose == Dispose.CLEAR:
            canvas[y : y + h, x : x + w] = 0
        elif place.dispose == Dispose.PREVIOUS:
            canvas = before
    return shown


def test_blending_and_disposal_are_the_stated_ones() -> None:
    frames = []
    rng = np.random.default_rng(4)
    for number in range(14):
        x, y = int(rng.integers(0, W)), int(rng.integers(0, H))
        rectangle = (x, y, int(rng.integers(1, W - x + 1)), int(rng.integers(1, H - y + 1)))
        whole = number in (0, 6)
        blend, dispose = Blend(int(rng.integers(0, 2))), Dispose(int(rng.integers(0, 3)))
        if number == 6:  # covers all, yet what comes after needs what came before
            blend, dispose = Blend.REPLACE, Dispose.PREVIOUS
        place = FramePlace(number, None if whole else rectangle, blend, dispose)
        size = (W, H) if whole else rectangle[2:]
        frames.append((alphas(number, *size), place))
    data = animation(frames)
    expected = slowly(frames)
    for number, (picture, duration) in enumerate(pil_dctz.decode_frames(data)):
        assert (picture == expected[number]).all()
        assert duration == number
        assert (pil_dctz.decode(data, frame=number) == expected[number]).all()
    crop = pil_dctz.decode(data, frame=9, region=(2, 1, 5, 4))
    assert (crop == expected[9][1:5, 2:7]).all()
    assert pil_dctz.verify(data).whole


@pytest.mark.parametrize("depth", [1, 8, 16])
def test_what_is_encoded_as_frames_comes_back(depth: int) -> None:
    first = draw_noise(40, 30, 2, depth=depth)
    second = first.copy()
    second[5:9, 30:] ^= 1
    frames = [first, second, second, draw_noise(40, 30, 2, depth=depth, seed=5)]
    options = pil_dctz.EncodeOptions(mode="raw")
    data = pil_dctz.encode_frames(frames, [5, 6, 0, 1 << 40], 3, depth=depth, options=options)
    shown = list(pil_dctz.decode_frames(data))
    assert [duration for _, duration in shown] == [5, 6, 0, 1 << 40]
    for (picture, _), frame in zip(shown, frames, strict=True):
        assert picture.dtype == frame.dtype
        assert (picture == frame).all()
    rectangles = [frame.rectangle for frame in pil_dctz.inspect(data).frames]
    assert rectangles == [(0, 0, 40, 30), (30, 5, 10, 4), (0, 0, 1, 1), (0, 0, 40, 30)]


def test_a_late_full_frame_is_found_without_reading_those_before_it() -> None:
    frames = [draw_noise(64, 64, seed=seed) for seed in range(20)]
    data = pil_dctz.encode_frames(frames, [1] * 20, options=RAW)
    trace = pil_dctz.Trace()
    assert (
        pil_dctz.decode(data, frame=17, region=(0, 0, 9, 9), trace=trace) == frames[17][:9, :9]
    ).all()
    assert {frame for frame, *_ in trace.streams} == {17}
    assert trace.bytes_read < len(data) / 10


def test_frames_that_the_index_misplaces_or_mistimes_are_damage() -> None:
    frames = [draw_noise(5, 5, seed=seed) for seed in range(3)]
    data = pil_dctz.encode_frames(frames, [1, 2, 3], options=RAW)
    (begin,) = (begin for kind, begin, _ in chunks_of(data) if kind == b"indx")
    size = begin + 4 + 1 + 1  # of the first frame, then its duration
    for at, step, message in ((size, 1, "index|frame|chunk"), (size + 1, 1, "lasts 1 us")):
        broken = bytearray(data)
        broken[at] += step
        with pytest.raises(DamagedError, match=message):
            list(pil_dctz.decode_frames(mend(bytes(broken))))


def test_the_flag_last_is_in_the_last_frame_alone() -> None:
    frames = [draw_noise(5, 5, seed=seed) for seed in range(2)]
    data = pil_dctz.encode_frames(frames, [1, 2], options=RAW)
    for begin in [begin for kind, begin, _ in chunks_of(data) if kind == b"FRAM"]:
        broken = bytearray(data)
        broken[begin + 5] ^= 0x40
        with pytest.raises(DamagedError, match="flag last"):
            list(pil_dctz.decode_frames(mend(bytes(broken))))


@pytest.mark.parametrize(
    ("frames", "durations", "loop", "message"),
    [
        (0, [], 0, "1..1048576 frames"),
        (2, [1], 0, "1 durations for more"),
        (1, [1, 2], 0, "2 durations for 1"),
        (1, [-1], 0, "durations must be"),
        (1, [1], 65536, "loop must be"),
    ],
)
def test_bad_arguments(frames: int, durations: list[int], loop: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pil_dctz.encode_frames([draw_noise(3, 3)] * frames, durations, loop, options=RAW)
    with pytest.raises(ValueError, match="one shape"):
        pil_dctz.encode_frames([draw_noise(3, 3), draw_noise(3, 4)], [1, 1], options=RAW)
    moving = pil_dctz.encode_frames([draw_noise(3, 3)], [1], options=RAW)
    with pytest.raises(ValueError, match="no smaller scales"):
        pil_dctz.decode(moving, scale=2)
    with pytest.raises(ValueError, match=r"frame must be 0\.\.0"):
        pil_dctz.decode(moving, frame=1)
