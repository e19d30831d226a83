"""Exact cells in lossy pictures. Clause `frame.overlay`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pil_dctz
from pil_dctz import DamagedError, EncodeOptions, Trace
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.frame import write_frame
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.syntax import EncodedGroup, FileHeader, GroupShape, Layout
from pil_dctz.lossy.encoder.group import encode_group
from pil_dctz.picture.decoder.scale import box_mean
from pil_dctz.picture.encoder.encode import encode_groups, take_picture
from pil_dctz.picture.encoder.overlay import candidate_cells, choose, encode_overlay, paint
from tests.picture.test_tolerant import broken_at, places
from tests.pictures import draw_graphic, draw_noise, draw_photo

MIXED = EncodeOptions(mode="mixed", effort=1)
LOSSY = EncodeOptions(mode="lossy", effort=1, compact=False)


def draw_text(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """Dark glyphs of 5x7 on white, of sixteen kinds, with gray edges."""
    rng = np.random.default_rng(seed)
    glyphs = rng.choice([0, 0, 90, 255], (16, 7, 5)).astype(np.uint8)
    page = np.full((height, width), 255, np.uint8)
    for y in range(3, height - 8, 10):
        for x in range(3, width - 6, 6):
            page[y : y + 7, x : x + 5] = glyphs[rng.integers(16)]
    return np.repeat(page[:, :, None], 3, axis=2)


def draw_page(width: int = 320, height: int = 256, seed: int = 0) -> NDArray[Any]:
    """Text, with a photograph in the middle."""
    page: NDArray[Any] = draw_text(width, height, seed)
    x, y = width // 3, height // 3
    page[y : 2 * y, x : 2 * x] = draw_photo(x, y, seed=seed)
    return page


def given_cells(data: bytes) -> tuple[int, int] | None:
    """Given cells of the first frame, and all; None without an overlay."""
    return pil_dctz.inspect(data).frames[0].groups[-1].cells


@functools.cache
def small_file(*taken: bool) -> tuple[bytes, NDArray[Any], NDArray[Any]]:
    """A file of 100x70 in segments of 64, its graphic, and what its lossy group shows alone.

    taken: of its 2x2 cells.
    """
    graphic, photo = draw_graphic(100, 70, seed=3), draw_photo(100, 70)
    shape = GroupShape(100, 70, 3, 8)
    overlay = encode_overlay(graphic, shape, np.reshape(taken, (2, 2)), 6, effort=0, threads=1)
    assert overlay is not None
    lossy = encode_group(photo, shape, quality=60, effort=1, segment_log2=0, threads=1)
    return file_of(lossy, overlay), graphic, pil_dctz.decode(file_of(lossy))


def file_of(*groups: EncodedGroup) -> bytes:
    header = write_header(FileHeader(100, 70, Layout.RGB, 8))
    return header + write_frame(groups) + write_chunk(b"DEND", b"")


TAKEN = (False, True, True, True)
GIVEN = np.reshape(TAKEN, (2, 2)).repeat(64, 0)[:70].repeat(64, 1)[:, :100]


@pytest.mark.small
@pytest.mark.parametrize("threads", [1, 3])
def test_given_cells_are_exact_and_left_ones_those_of_the_lossy_group(threads: int) -> None:
    data, graphic, beneath = small_file(*TAKEN)
    expected = np.where(GIVEN[:, :, None], graphic, beneath)
    assert (pil_dctz.decode(data, threads=threads) == expected).all()
    assert pil_dctz.verify(data).whole
    assert given_cells(data) == (3, 4)
    assert pil_dctz.read_header(data).modes == ("lossy", "lossless")


@pytest.mark.small
@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_regions_and_scales_put_the_means_of_given_cells_over_the_lossy_ones(scale: int) -> None:
    data, graphic, _ = small_file(*TAKEN)
    alone = small_file(False, False, False, True)[0]
    whole = pil_dctz.decode(data, scale=scale)
    given = GIVEN[::scale, ::scale]
    assert (whole[given] == box_mean(graphic, scale)[given]).all()
    assert (whole[~given] == pil_dctz.decode(alone, scale=scale)[~given]).all()
    part = pil_dctz.decode(data, scale=scale, region=(41, 50, 40, 20))
    assert (part == whole[50 // scale : -(-70 // scale), 41 // scale : -(-81 // scale)]).all()


@pytest.mark.small
def test_a_region_reads_the_segments_of_the_overlay_that_it_touches() -> None:
    data, _, _ = small_file(*TAKEN)
    trace = Trace()
    pil_dctz.decode(data, region=(70, 3, 10, 10), trace=trace)
    assert trace.streams == {(0, 0, 0, 0), (0, 0, 0, 1), (0, 1, 1, 0)}


@pytest.mark.small
def test_a_damaged_segment_of_the_overlay_gives_no_cell_and_is_named() -> None:
    data, graphic, beneath = small_file(*TAKEN)
    begin, _ = places(data)[1, 0, 1]
    broken = broken_at(data, begin + 2)
    with pytest.raises(DamagedError, match="overlay segment 1 of frame 0"):
        pil_dctz.decode(broken)
    trace = Trace()
    given = GIVEN.copy()
    given[:64, 64:] = False
    expected = np.where(given[:, :, None], graphic, beneath)
    assert (pil_dctz.decode(broken, strict=False, trace=trace) == expected).all()
    (lost,) = trace.lost
    assert (lost.frame, lost.group, lost.segment) == (0, 1, 1)
    assert not pil_dctz.verify(broken).whole


@pytest.mark.small
def test_a_file_cut_behind_the_overlay_has_its_cells_whole_on_a_blurred_picture() -> None:
    data, graphic, beneath = small_file(*TAKEN)
    cut = data[: places(data)[1, 0, 3][1]]
    got = pil_dctz.decode(cut, strict=False)
    blurred = pil_dctz.decode(data, scale=8).repeat(8, 0).repeat(8, 1)[:70, :100]
    assert (got[GIVEN] == graphic[GIVEN]).all()
    away = abs(got[~GIVEN].astype(int) - beneath[~GIVEN])
    assert 0 < away.mean() < abs(blurred[~GIVEN].astype(int) - beneath[~GIVEN]).mean()


def test_text_of_a_page_is_exact_and_the_file_smaller_than_without() -> None:
    page = draw_page()
    alone = pil_dctz.encode(page, options=LOSSY)
    data = pil_dctz.encode(page, options=MIXED)
    assert len(data) < 0.9 * len(alone)
    given, cells = given_cells(data) or (0, 0)
    assert 0 < given < cells
    exact = (pil_dctz.decode(data) == page).all(axis=2)
    assert exact[:64].all() and exact[:, :64].all()


@pytest.mark.parametrize("quality", [20, 60, 90, 97])
@pytest.mark.parametrize("kind", ["page", "graphic", "photo", "noise"])
def test_cells_never_make_a_file_larger(kind: str, quality: int) -> None:
    draw = {"page": draw_page, "graphic": draw_graphic, "photo": draw_photo, "noise": draw_noise}
    picture = draw[kind](320, 256)
    data = pil_dctz.encode(picture, quality=quality, options=MIXED)
    assert len(data) <= len(pil_dctz.encode(picture, quality=quality, options=LOSSY))


def test_photographs_have_no_candidates() -> None:
    assert not candidate_cells(draw_photo(300, 200)).any()
    assert given_cells(pil_dctz.encode(draw_photo(300, 300), options=MIXED)) is None


@pytest.mark.parametrize(("width", "height"), [(64, 1), (65, 64), (200, 129), (1, 300), (63, 64)])
def test_candidates_are_counted_in_cells_of_any_size(width: int, height: int) -> None:
    found = candidate_cells(draw_text(width, height))
    assert found.shape == (-(-height // 64), -(-width // 64))
    assert found[0, 0] == (height > 11 and width > 11)
    assert not candidate_cells(draw_noise(width, height, 3)).any()


def test_cells_are_taken_where_they_cost_fewer_bits_exactly() -> None:
    maybe = np.array([[True, True, False]])
    lossy = np.array([[9000.0, 100.0, 9000.0]])
    exact = np.array([[2000.0, 300.0, 0.0]])
    assert choose(maybe, exact, lossy).tolist() == [[True, False, False]]
    assert not choose(maybe, exact, lossy / 100).any()


def test_given_cells_are_painted_in_one_colour_each_and_others_left_alone() -> None:
    page = draw_page()
    taken = np.zeros((4, 5), bool)
    taken[:2, :3] = True
    out = paint(page, taken)
    assert (out[128:] == page[128:]).all() and (out[:, 192:] == page[:, 192:]).all()
    for y in (0, 64):
        for x in (0, 64, 128):
            assert (out[y : y + 64, x : x + 64] == out[y, x]).all()


def test_alpha_stays_apart_below_the_overlay() -> None:
    page = np.dstack([draw_page(), draw_photo(320, 256, 2)[:, :, 1]])
    data = pil_dctz.encode(page, options=MIXED)
    groups = pil_dctz.inspect(data).frames[0].groups
    assert [group.channels for group in groups] == [(0, 1, 2), (3,), (0, 1, 2)]
    decoded = pil_dctz.decode(data)
    assert (decoded[..., 3] == page[..., 3]).all()
    assert (decoded[:64] == page[:64]).all()


def test_frames_of_an_animation_have_their_own() -> None:
    frames = [draw_page(seed=seed) for seed in (1, 2)]
    data = pil_dctz.encode_frames(frames, [40, 40], options=MIXED)
    assert all(frame.groups[-1].cells for frame in pil_dctz.inspect(data).frames)
    for frame, (shown, _) in zip(frames, pil_dctz.decode_frames(data), strict=True):
        assert (shown == frame).all(axis=2).mean() > 0.5


def test_ten_bits_are_given_by_a_palette() -> None:
    page = draw_page().astype(np.uint16) * 4
    picture = take_picture(page, None, 10)
    groups, colours = encode_groups(picture, MIXED, 1, whole=False)
    assert len(groups) == 2 and colours is not None and colours.dtype == np.uint16
    data = pil_dctz.encode(page, depth=10, quality=75, options=MIXED)
    assert (pil_dctz.decode(data)[:64] == page[:64]).all()


def test_a_target_quality_is_met_with_cells() -> None:
    from pil_dctz.metrics import ssimulacra2

    page = draw_page(400, 320)
    for score, above in ((65, 1), (70, 4)):  # from 66 to 73 cells become exact: the far side
        options = EncodeOptions(mode="mixed", effort=1)
        data = pil_dctz.encode(page, target_quality=score, options=options)
        assert given_cells(data) is not None
        assert score - 1 <= ssimulacra2(page, pil_dctz.decode(data)) <= score + above
