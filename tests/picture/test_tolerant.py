"""Damaged files: whole segments are kept, the rest is filled. Clause `frame.tolerant`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DamagedError, Trace
from tests.mend import chunks_of, mend
from tests.pictures import draw_noise, draw_photo

pytestmark = pytest.mark.small

LOSSY = pil_dctz.EncodeOptions(mode="lossy", segment_size=64, effort=1)
RAW = pil_dctz.EncodeOptions(mode="raw", segment_size=64)


@functools.cache
def lossy_file(width: int, height: int) -> bytes:
    metadata = pil_dctz.Metadata(xmp=b"packet")
    return pil_dctz.encode(draw_photo(width, height), options=LOSSY, metadata=metadata)


def places(data: bytes) -> dict[tuple[int, int, int], tuple[int, int]]:
    """(group, stream, segment) -> first byte and byte behind its CRC, by clause `frame.data`."""
    offset = next(begin for kind, begin, _ in chunks_of(data) if kind == b"SEGS")
    groups = pil_dctz.inspect(data).frames[0].groups
    total = sum(sum(stream) + 4 * len(stream) for group in groups for stream in group.segment_bytes)
    offset += 4 + max(1, -(-total.bit_length() // 7))
    found = {}
    for stream in (0, 1):
        for number, group in enumerate(groups):
            if stream < len(group.segment_bytes):
                for segment, size in enumerate(group.segment_bytes[stream]):
                    found[number, stream, segment] = (offset, offset + size + 4)
                    offset += size + 4
    return found


def broken_at(data: bytes, offset: int) -> bytes:
    out = bytearray(data)
    out[offset] ^= 0x55
    return bytes(out)


def test_whole_segments_are_exact_and_others_gray() -> None:
    picture = draw_noise(150, 100, 4)
    data = pil_dctz.encode(picture, options=RAW)
    begin, _ = places(data)[0, 0, 1]
    broken = broken_at(data, begin + 5)
    with pytest.raises(DamagedError, match="segment 1 of frame 0"):
        pil_dctz.decode(broken)
    trace = Trace()
    got = pil_dctz.decode(broken, strict=False, trace=trace)
    expected = picture.copy()
    expected[:64, 64:128, :3] = 128
    expected[:64, 64:128, 3] = 255
    assert (got == expected).all()
    (lost,) = trace.lost
    assert (lost.frame, lost.group, lost.segment, lost.clause) == (0, 0, 1, "frame.data")
    assert lost.end is not None and lost.end <= len(data)
    small = pil_dctz.decode(broken, strict=False, scale=4, region=(70, 0, 20, 20))
    assert (small[..., :3] == 128).all() and (small[..., 3] == 255).all()


@pytest.mark.parametrize(("depth", "gray"), [(1, 0), (2, 2), (8, 128), (16, 32768)])
def test_the_fill_follows_the_depth(depth: int, gray: int) -> None:
    data = pil_dctz.encode(draw_noise(70, 9, 2, depth=depth), depth=depth, options=RAW)
    begin, _ = places(data)[0, 0, 0]
    got = pil_dctz.decode(broken_at(data, begin), strict=False)
    assert (got[:, :64, 0] == gray).all()
    assert (got[:, :64, 1] == (1 << depth) - 1).all()


def test_a_lossy_segment_falls_back_to_its_low_frequencies() -> None:
    data = lossy_file(150, 100)
    whole, eighth = pil_dctz.decode(data), pil_dctz.decode(data, scale=8)
    begin, _ = places(data)[0, 1, 1]
    broken = broken_at(data, begin)
    trace = Trace()
    got = pil_dctz.decode(broken, strict=False, trace=trace)
    assert len(trace.lost) == 1
    lost = np.s_[:64, 64:128]
    boxes = eighth[:8, 8:16].repeat(8, axis=0).repeat(8, axis=1)
    truth = whole[lost].astype(int)
    assert abs(got[lost] - truth).mean() < 0.8 * abs(boxes - truth).mean()  # smooth, not boxes
    half = pil_dctz.decode(broken, strict=False, scale=2)
    means = got[lost].reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert abs(half[:32, 32:64] - means).mean() < 1
    expected = whole.copy()
    expected[lost] = got[lost]
    assert (got == expected).all()
    assert (pil_dctz.decode(broken, scale=8) == eighth).all()  # strict: the high ones are not read
    begin, _ = places(data)[0, 0, 1]
    expected[:64, 64:128] = 128
    assert (pil_dctz.decode(broken_at(data, begin), strict=False) == expected).all()


def test_a_file_cut_anywhere_behind_its_head_gives_what_is_whole() -> None:
    picture = draw_noise(150, 100)
    data = pil_dctz.encode(picture, options=RAW)
    where = places(data)
    head = next(end for kind, _, end in chunks_of(data) if kind == b"FRAM")
    for size in (*range(head, len(data), 1009), head, len(data) - 1):
        got = pil_dctz.decode(data[:size], strict=False)
        for segment in range(6):
            row, column = divmod(segment, 3)
            area = np.s_[64 * row : 64 * row + 64, 64 * column : 64 * column + 64]
            whole = where[0, 0, segment][1] <= size
            assert (got[area] == (picture[area] if whole else 128)).all()
    for size in range(head):
        with pytest.raises(pil_dctz.DctzError):
            pil_dctz.decode(data[:size], strict=False)


@pytest.mark.parametrize("at", range(8))
def test_a_damaged_segs_head_does_not_matter(at: int) -> None:
    picture = draw_noise(150, 100)
    data = pil_dctz.encode(picture, options=RAW)
    begin = next(begin for kind, begin, _ in chunks_of(data) if kind == b"SEGS")
    for mask in (0x20, 0x80, 0xFF, 0x01):
        broken = bytearray(data)
        broken[begin + at if at < 7 else len(data) - 10] ^= mask
        with pytest.raises(pil_dctz.DctzError):
            pil_dctz.decode(bytes(broken))
        assert (pil_dctz.decode(bytes(broken), strict=False) == picture).all()


def test_an_error_behind_a_right_check_is_placed_in_its_stream() -> None:
    data = lossy_file(150, 100)
    for stream in (0, 1):
        begin, end = places(data)[0, stream, 3]
        out = bytearray(data)
        out[begin : end - 4] = bytes(end - 4 - begin)
        with pytest.raises(DamagedError, match="segment 3 of frame 0") as caught:
            pil_dctz.decode(mend(bytes(out)))
        assert caught.value.offset is not None
        assert begin <= caught.value.offset <= end
        assert caught.value.clause.startswith(("lossy", "rans"))


def test_a_compact_file_is_whole_or_filled() -> None:
    picture = draw_noise(20, 20)
    data = pil_dctz.encode(picture, options=pil_dctz.EncodeOptions(mode="raw"))
    assert (pil_dctz.decode(data, strict=False) == picture).all()
    for broken in (broken_at(data, 50), data[:-30]):
        trace = Trace()
        assert (pil_dctz.decode(broken, strict=False, trace=trace) == 128).all()
        assert [lost.clause for lost in trace.lost] == ["container.compact"]


def test_frames_of_an_animation_are_filled_too() -> None:
    frames: list[Any] = [draw_noise(70, 70, seed=seed) for seed in range(3)]
    data = pil_dctz.encode_frames(frames, [1, 2, 3], options=RAW)
    begins = [begin for kind, begin, _ in chunks_of(data) if kind == b"SEGS"]
    broken = broken_at(data, begins[1] + 20)
    shown = [picture for picture, _ in pil_dctz.decode_frames(broken, strict=False)]
    assert (shown[0] == frames[0]).all() and (shown[2] == frames[2]).all()
    assert (shown[1][:64, :64] == 128).all() and (shown[1][64:] == frames[1][64:]).all()


def test_damage_of_a_segment_is_named_with_the_bytes_of_its_stream() -> None:
    data = lossy_file(100, 70)
    found = places(data).items()
    assert len(found) == 8
    for n, ((_, stream, segment), (begin, end)) in enumerate(found):
        at = (begin, (begin + end) // 2, end - 1)[n % 3]  # its check too
        broken = broken_at(data, at)
        (damage,) = pil_dctz.verify(broken).damages
        assert (damage.segment, damage.begin, damage.end) == (segment, begin, end), stream
        assert damage.clause == "frame.data"
        trace = Trace()
        pil_dctz.decode(broken, strict=False, trace=trace)
        assert trace.lost == [damage]
        assert damage.line().endswith(f"(bytes {begin}..{end - 1}, frame.data)")


def test_every_segment_that_a_cut_took_is_named() -> None:
    data = pil_dctz.encode(draw_noise(150, 100), options=RAW)
    for size in (places(data)[0, 0, 2][0] + 5, places(data)[0, 0, 4][0], len(data) - 20):
        named = {
            d.segment: d for d in pil_dctz.verify(data[:size]).damages if d.segment is not None
        }
        lost = {k: place for (_, _, k), place in places(data).items() if place[1] > size}
        assert {k: (damage.begin, damage.end) for k, damage in named.items()} == lost


def test_metadata_that_is_whole_outlives_damage_elsewhere() -> None:
    metadata = pil_dctz.Metadata(icc=b"profile" * 9, xmp=b"packet")
    data = pil_dctz.encode(draw_noise(150, 100), options=RAW, metadata=metadata)
    assert pil_dctz.read_metadata(data, strict=False) == metadata
    with pytest.raises(DamagedError):
        pil_dctz.read_metadata(data[:-300])
    assert pil_dctz.read_metadata(data[:-300], strict=False) == metadata
    xmp = next(begin for kind, begin, _ in chunks_of(data) if kind == b"xmpd")
    found = pil_dctz.read_metadata(broken_at(data, xmp + 7), strict=False)
    assert found == pil_dctz.Metadata(icc=metadata.icc)


def test_verify_lists_every_damage_with_its_place() -> None:
    data = lossy_file(150, 100)
    report = pil_dctz.verify(data)
    assert (report.whole, report.frames, report.segments) == (True, 1, 6)
    report.raise_for_damage()
    where = places(data)
    broken = broken_at(broken_at(data, where[0, 0, 2][0]), where[0, 1, 4][0])
    xmp = next(begin for kind, begin, _ in chunks_of(data) if kind == b"xmpd")
    broken = broken_at(broken, xmp + 7)
    report = pil_dctz.verify(broken)
    assert [damage.segment for damage in report.damages if damage.segment is not None] == [2, 4]
    assert [damage.clause for damage in report.damages].count("container.chunk") == 1
    for damage in report.damages:
        assert damage.begin is not None and 0 < damage.begin < len(data)
    with pytest.raises(DamagedError):
        report.raise_for_damage()
    cut = pil_dctz.verify(data[:-100])
    assert not cut.whole
    with pytest.raises(pil_dctz.NotDctzError):
        pil_dctz.verify(b"no picture")
