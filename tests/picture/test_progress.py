"""Files in passes: from the front on they show more. Clauses `frame.tolerant`, `lossy.passes`."""

from itertools import pairwise

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DamagedError, EncodeOptions, NotDctzError
from pil_dctz.metrics import Reference
from tests.pictures import draw_flat, draw_noise, draw_photo

PHOTO = draw_photo(300, 200, 3)


def encoded(passes, picture=PHOTO, **more):
    return pil_dctz.encode(picture, quality=80, effort=3, progressive=passes, **more)


def pieces_of(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


def stages_of(data):
    """Bytes up to the end of each stream, by what `inspect` says: one segment, one group."""
    sizes = pil_dctz.inspect(data).frames[0].groups[0].stream_bytes
    ends = np.cumsum([size + 4 for size in sizes])
    return [int(end) for end in len(data) - (ends[-1] - ends) - DEND_AND_CRC]


DEND_AND_CRC = 4 + 9


@pytest.mark.parametrize("passes", [2, 3])
def test_the_samples_are_those_of_one_pass(passes):
    alone, cut = encoded(False), encoded(passes)
    assert (pil_dctz.decode(alone) == pil_dctz.decode(cut)).all()
    for scale in (2, 4, 8):
        there = pil_dctz.decode(alone, scale=scale)
        assert (there == pil_dctz.decode(cut, scale=scale)).all()
    (group,) = pil_dctz.inspect(cut).frames[0].groups
    assert len(group.stream_bytes) == 1 + passes
    assert pil_dctz.verify(cut).whole


def test_true_is_three_passes():
    assert encoded(True) == encoded(3)
    assert encoded(0) == encoded(False) == pil_dctz.encode(PHOTO, quality=80, effort=3)


def test_a_file_without_passes_gets_no_byte_more():
    (group,) = pil_dctz.inspect(encoded(False)).frames[0].groups
    assert len(group.stream_bytes) == 2


def test_scores_rise_with_every_pass_that_is_there():
    data = encoded(3)
    reference = Reference(PHOTO)
    scores = []
    for stage in stages_of(data):
        trace = pil_dctz.Trace()
        got = pil_dctz.decode(data[:stage], strict=False, trace=trace)
        scores.append(reference.score(got))
        less = pil_dctz.decode(data[: stage - 1], strict=False)
        assert (less != got).any()
    assert all(after > before + 2 for before, after in pairwise(scores))


def test_damage_in_a_pass_leaves_those_before_and_is_told_by_its_bytes():
    data = encoded(3)
    stages = stages_of(data)
    broken = bytearray(data)
    broken[stages[1] + 20] ^= 1
    trace = pil_dctz.Trace()
    got = pil_dctz.decode(bytes(broken), strict=False, trace=trace)
    assert (got == pil_dctz.decode(data[: stages[1]], strict=False)).all()
    (lost,) = trace.lost
    assert (lost.begin, lost.end) == (stages[1], stages[2])


@pytest.mark.parametrize("size", [1 << 20, 90, 31])
def test_pieces_give_a_picture_for_each_stage_and_then_the_whole(size):
    data = encoded(3)
    stages = stages_of(data)
    pictures = list(pil_dctz.decode_progressive(pieces_of(data, size)))
    assert (pictures[-1] == pil_dctz.decode(data)).all()
    if size > len(data):
        assert len(pictures) == 1
        return
    assert len(pictures) == 4
    for picture, stage in zip(pictures, stages, strict=True):
        assert (picture == pil_dctz.decode(data[:stage], strict=False)).all()


@pytest.mark.parametrize(
    "data",
    [
        pil_dctz.encode(draw_flat(20, 20, (7, 8, 9))),  # compact
        pil_dctz.encode(draw_noise(70, 70, 3), lossless=True, options=EncodeOptions(compact=False)),
        pil_dctz.encode_frames([draw_photo(40, 30, 3)] * 2, [1000, 1000]),
    ],
    ids=["compact", "lossless", "animation"],
)
def test_other_files_give_one_picture(data):
    (picture,) = pil_dctz.decode_progressive(pieces_of(data, 10))
    assert (picture == pil_dctz.decode(data)).all()


def test_pieces_that_end_early_are_an_error_after_the_pictures():
    data = encoded(3)
    found = []
    with pytest.raises(DamagedError):
        for picture in pil_dctz.decode_progressive(pieces_of(data[: len(data) - 20], 50)):
            found.append(picture)  # noqa: PERF402  the error comes behind them
    assert len(found) == 3
    with pytest.raises(NotDctzError):
        list(pil_dctz.decode_progressive([b"\x89PNG", b"\r\n\x1a\n"]))
    with pytest.raises(NotDctzError):
        list(pil_dctz.decode_progressive([]))


def test_a_small_picture_in_passes_is_not_compact_but_an_exact_one_is():
    options = EncodeOptions(mode="lossy", progressive=2)
    data = pil_dctz.encode(draw_photo(64, 48, 3), options=options)
    assert not pil_dctz.inspect(data).compact
    exact = pil_dctz.encode(draw_flat(64, 48, (7, 8, 9)), progressive=True)
    assert pil_dctz.inspect(exact).compact


def test_lossy_alpha_has_passes_too_and_exact_alpha_none():
    picture = draw_photo(300, 200, 4)
    for alpha_quality, streams in ((None, [4, 1]), (5, [4, 4])):
        options = EncodeOptions(mode="lossy", alpha_quality=alpha_quality, progressive=3)
        data = pil_dctz.encode(picture, options=options)
        groups = pil_dctz.inspect(data).frames[0].groups
        assert [len(group.stream_bytes) for group in groups] == streams
        alone = pil_dctz.encode(
            picture, options=EncodeOptions(mode="lossy", alpha_quality=alpha_quality)
        )
        assert (pil_dctz.decode(data) == pil_dctz.decode(alone)).all()


def test_target_size_counts_the_passes():
    size = len(encoded(False))
    data = pil_dctz.encode(PHOTO, target_size=size, effort=3, progressive=True)
    assert 0.98 * size <= len(data) <= size
    assert len(pil_dctz.inspect(data).frames[0].groups[0].stream_bytes) == 4


@pytest.mark.parametrize("wrong", [-1, 4, 2.5])
def test_other_numbers_of_passes_are_refused(wrong):
    with pytest.raises(ValueError, match=r"progressive must be True, False or .* 2\.\.3"):
        encoded(wrong)


def test_exact_pictures_and_animations_have_no_passes():
    with pytest.raises(ValueError, match="progressive is for the lossy mode"):
        pil_dctz.encode(PHOTO, lossless=True, progressive=True)
    with pytest.raises(ValueError, match="progressive is for still pictures"):
        pil_dctz.encode_frames([PHOTO], [1], options=EncodeOptions(progressive=True))
