"""Files of a size, files of a score: what is promised, and what is said where it cannot be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import EncodeOptions, Metadata
from pil_dctz.metrics import ssimulacra2
from pil_dctz.picture.encoder import target
from tests.pictures import draw_flat, draw_graphic, draw_noise, draw_photo

METADATA = Metadata(icc=bytes(range(256)) * 8, text={"Title": "a" * 300})


def lossy_size(picture: Any, quality: float, **arguments: Any) -> int:
    return len(pil_dctz.encode(picture, quality=quality, **arguments))


@pytest.mark.parametrize("quality", [5, 80])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_file_of_a_size_is_never_above_and_at_most_2_percent_below(
    channels: int, quality: float
) -> None:
    picture = draw_photo(150, 120, channels, seed=channels)
    for arguments in ({}, {"metadata": METADATA}):
        size = lossy_size(picture, quality, **arguments) + 3
        data = pil_dctz.encode(picture, target_size=size, **arguments)
        steps = 10  # bytes that a file of few hundred cannot choose
        assert 0.98 * size - steps <= len(data) <= size
        assert pil_dctz.read_metadata(data).text == arguments.get("metadata", Metadata()).text


def test_a_size_that_cannot_be_reached_is_an_error_that_names_the_least() -> None:
    for picture, arguments in ((draw_photo(150, 120), {}), (draw_photo(40, 30), {"effort": 1})):
        least = lossy_size(picture, 0, **arguments)
        with pytest.raises(ValueError, match=f"target_size {least - 1} .* quality 0 .* {least} b"):
            pil_dctz.encode(picture, target_size=least - 1, **arguments)
        assert len(pil_dctz.encode(picture, target_size=least, **arguments)) <= least


def test_a_size_that_holds_every_sample_gets_every_sample() -> None:
    for picture in (draw_photo(150, 130), draw_graphic(200, 150), draw_flat(400, 300)):
        exact = pil_dctz.encode(picture, lossless=True)
        data = pil_dctz.encode(picture, target_size=2 * len(exact) + 100)
        assert (pil_dctz.decode(data) == picture).all()
        assert len(data) <= len(exact)


def test_pictures_that_are_always_exact_fit_or_name_their_size() -> None:
    for picture, arguments in (
        (draw_photo(40, 30, 3, depth=16), {}),
        (draw_photo(40, 30, 1, depth=1), {"depth": 1}),
    ):
        exact = pil_dctz.encode(picture, **arguments)
        assert pil_dctz.encode(picture, target_size=len(exact), **arguments) == exact
        with pytest.raises(ValueError, match=f"exact, .* has {len(exact)} bytes"):
            pil_dctz.encode(picture, target_size=len(exact) - 1, **arguments)
        with pytest.raises(ValueError, match="lossless=True"):
            pil_dctz.encode(picture, target_quality=80, **arguments)


def score_of(picture: Any, data: bytes) -> float:
    return ssimulacra2(picture, pil_dctz.decode(data))


@pytest.mark.parametrize("quality", [15, 80])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_file_of_a_score_is_within_a_point(channels: int, quality: float) -> None:
    picture = draw_photo(210, 190, channels, seed=channels)
    score = score_of(picture, pil_dctz.encode(picture, quality=quality))
    data = pil_dctz.encode(picture, target_quality=score)
    assert "lossy" in pil_dctz.read_header(data).modes
    assert abs(score_of(picture, data) - score) <= 1


def test_a_score_below_the_scale_gets_the_smallest_file() -> None:
    picture = draw_photo(210, 190, 1)
    least = pil_dctz.encode(picture, quality=0)
    score = score_of(picture, least) - 10
    assert score > 0
    assert pil_dctz.encode(picture, target_quality=score) == least


def test_graphics_that_are_smaller_exactly_are_exact_at_every_score() -> None:
    picture = draw_graphic(300, 200)
    data = pil_dctz.encode(picture, target_quality=60)
    assert (pil_dctz.decode(data) == picture).all()
    assert data == pil_dctz.encode(picture, lossless=True)


def test_a_score_above_the_scale_is_an_error_that_names_the_best() -> None:
    picture = draw_noise(40, 40)
    options = EncodeOptions(mode="lossy", target_quality=100)
    best = pil_dctz.encode(picture, options=EncodeOptions(mode="lossy", quality=100))
    assert score_of(picture, best) < 99, "noise that quality 100 does not meet"
    with pytest.raises(ValueError, match=r"quality 100 scores 9.*lossless=True"):
        pil_dctz.encode(picture, options=options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"quality": 70, "target_size": 900}, "quality and target_size exclude each other"),
        ({"quality": 70, "target_quality": 60}, "quality and target_quality exclude"),
        ({"target_size": 900, "target_quality": 60}, "target_size and target_quality exclude"),
        ({"lossless": True, "target_size": 900}, "target_size is for the lossy mode"),
        ({"lossless": True, "target_quality": 60}, "target_quality is for the lossy mode"),
        ({"near_lossless": 2, "target_size": 900}, "target_size is for the lossy mode"),
        ({"target_size": 0}, "target_size must be 1 byte or more, got 0"),
        ({"target_size": math.nan}, "target_size must be 1 byte or more"),
        ({"target_quality": -1}, r"target_quality must be 0\.\.100, got -1"),
        ({"target_quality": math.nan}, r"target_quality must be 0\.\.100"),
    ],
)
def test_bad_targets_are_refused_before_any_work(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pil_dctz.encode(draw_photo(9, 9), **arguments)
    with pytest.raises(ValueError, match=message):
        EncodeOptions(**arguments)


def test_an_animation_has_a_size_but_no_score() -> None:
    frames = [draw_photo(150, 120, seed=seed) for seed in range(3)]
    size = len(pil_dctz.encode_frames(frames, [1] * 3, quality=60)) + 2
    data = pil_dctz.encode_frames(iter(frames), iter([1] * 3), target_size=size)
    assert 0.98 * size <= len(data) <= size
    assert pil_dctz.read_header(data).n_frames == 3
    with pytest.raises(ValueError, match=r"target_size 99 .* quality 0 "):
        pil_dctz.encode_frames(frames, [1] * 3, target_size=99)
    with pytest.raises(ValueError, match="target_quality is for still pictures"):
        pil_dctz.encode_frames(frames, [1] * 3, target_quality=60)
    with pytest.raises(ValueError, match=r"1\.\.1048576 frames"):
        pil_dctz.encode_frames([], [], target_size=99)


def sizes(make: Callable[[float], float]) -> tuple[Callable[[float], bytes], list[float]]:
    """An encoder whose file at quality q has make(q) bytes, and the qualities it was asked for."""
    asked: list[float] = []

    def encode_at(quality: float) -> bytes:
        asked.append(quality)
        return bytes(round(make(quality)))

    return encode_at, asked


CURVES: dict[str, Callable[[float], float]] = {
    "typical": lambda q: 3000 * math.exp(q / 30),
    "mostly metadata": lambda q: 60_000 + 5 * math.exp(q / 9),
    "steep": lambda q: 100 * math.exp(q / 11),
    "uneven": lambda q: 3000 * math.exp(q / 30) * (1 + 0.006 * math.sin(40 * q)),
    "a mode ends it": lambda q: min(3000 * math.exp(q / 25), 70_000),
}


@pytest.mark.parametrize("name", CURVES)
def test_the_search_ends_within_8_files_on_every_curve(name: str) -> None:
    make = CURVES[name]
    for quality in np.linspace(0.5, 99.5, 34):
        size = round(make(quality)) + 1
        encode_at, asked = sizes(make)
        data = target._encode_to_size(encode_at, size, 400_000)
        assert len(asked) <= 8
        assert len(data) <= size
        assert len(data) >= 0.98 * size or len(data) == round(make(100))


def test_a_jump_leaves_the_file_below_it() -> None:
    encode_at, asked = sizes(lambda q: 10_000 if q < 50 else 20_000)
    assert len(target._encode_to_size(encode_at, 15_000, 50_000)) == 10_000
    assert len(asked) <= 8
    encode_at, _ = sizes(lambda q: 10_000)
    with pytest.raises(ValueError, match=re.escape("at quality 0 the file has 10000 bytes")):
        target._encode_to_size(encode_at, 9999, 50_000)


def test_what_does_not_depend_on_the_quality_is_encoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pil_dctz.lossless.encoder import group

    exact, calls = group.encode_group, []

    def counted(samples: Any, shape: Any, **arguments: Any) -> Any:
        calls.append(shape.alpha)
        return exact(samples, shape, **arguments)

    monkeypatch.setattr(group, "encode_group", counted)
    picture = draw_photo(330, 270, 4)
    pil_dctz.encode(picture, target_size=lossy_size(picture, 50) * 11 // 10)
    assert calls.count(True) == 2  # of lossy_size, and of all files of the search
