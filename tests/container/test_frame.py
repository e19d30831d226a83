"""The frame head, SEGS and the compact body: clauses of chapter 5, `container.compact`."""

from __future__ import annotations

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DamagedError, UnsupportedError
from pil_dctz.container.decoder.frame import parse_frame_head, place_segments, segs_size
from pil_dctz.container.encoder.frame import FramePlace, write_frame
from pil_dctz.container.syntax import (
    Blend,
    Dispose,
    EncodedGroup,
    FileHeader,
    Layout,
    Mode,
    segments_across,
)
from tests.mend import chunks_of, mend
from tests.pictures import draw_noise

pytestmark = pytest.mark.small

STILL = FileHeader(200, 130, Layout.RGBA, 8)
MOVING = FileHeader(200, 130, Layout.RGBA, 8, animated=True)


def payload_of(frame: bytes) -> bytes:
    size, shift = 0, 0
    for at in range(4, 14):
        size |= (frame[at] & 127) << shift
        shift += 7
        if frame[at] < 128:
            return frame[at + 1 : at + 1 + size]
    raise AssertionError


def test_segments_across_is_a_rounded_up_division() -> None:
    assert [segments_across(length, 6) for length in (1, 63, 64, 65, 128, 129)] == [
        1,
        1,
        1,
        2,
        2,
        3,
    ]
    assert segments_across(1 << 30, 0) == 1


def test_a_head_comes_back_with_the_places_of_all_streams() -> None:
    low, high = [bytes(k) for k in range(8)], [bytes(2 * k) for k in range(8)]
    groups = [
        EncodedGroup(Mode.LOSSY, 6, b"tables", [low, high]),
        EncodedGroup(Mode.LOSSLESS, 0, b"", [[b"alpha"]]),
    ]
    place = FramePlace(40_000, (1, 2, 199, 128), Blend.OVER, Dispose.PREVIOUS)
    data = write_frame(groups, place=place, last=False)
    frame = parse_frame_head(payload_of(data), 100, MOVING)
    assert (frame.x, frame.y, frame.width, frame.height) == (1, 2, 199, 128)
    assert (frame.duration_us, frame.blend, frame.dispose) == (40_000, Blend.OVER, Dispose.PREVIOUS)
    assert not frame.last
    colour, alpha = frame.groups
    assert (colour.mode, colour.columns, colour.rows) == (Mode.LOSSY, 4, 2)
    assert colour.tables == payload_of(data)[colour.tables_offset - 100 :][:6] == b"tables"
    assert (colour.shape.channels, colour.shape.alpha) == (3, False)
    assert (alpha.first_channel, alpha.shape.channels, alpha.shape.alpha) == (3, 1, True)
    place_segments(frame, 1000)
    # low frequencies of all segments, alpha, high frequencies of all segments
    assert colour.offsets[0][:3] == [1000, 1004, 1009]
    assert alpha.offsets == [[1000 + 28 + 8 * 4]]
    assert colour.offsets[1][0] == alpha.offsets[0][0] + 5 + 4
    assert colour.offsets[1][-1] + 14 + 4 == 1000 + segs_size(frame)


def test_an_overlay_comes_last_with_the_channels_of_the_first_group() -> None:
    groups = [
        EncodedGroup(Mode.LOSSY, 0, b"", [[b"low"], [b"high"]]),
        EncodedGroup(Mode.LOSSLESS, 0, b"", [[b"alpha"]]),
        EncodedGroup(Mode.LOSSLESS, 7, b"tables", [[b"a", b"b"] * 2], overlay=True),
    ]
    data = write_frame(groups)
    frame = parse_frame_head(payload_of(data), 0, STILL)
    colour, alpha, overlay = frame.groups
    assert (colour.overlay, alpha.overlay, overlay.overlay) == (False, False, True)
    assert overlay.shape == colour.shape and overlay.first_channel == 0
    place_segments(frame, 0)
    # low frequencies, alpha, overlay, high frequencies
    assert overlay.offsets[0][0] == 3 + 4 + 5 + 4
    assert colour.offsets[1][0] == overlay.offsets[0][3] + 1 + 4


def head(*fields: int, header: FileHeader = STILL) -> None:
    parse_frame_head(bytes(fields), 0, header)


LAST = 0x40
RAW = (0x00, 0x00)


@pytest.mark.parametrize(
    ("header", "fields", "message", "clause"),
    [
        (STILL, (LAST | 0x80, *RAW, 1), "over raw samples", "frame.overlay"),
        (STILL, (LAST | 0xA0, 2, 0, *RAW, *RAW, 1), "in raw mode", "frame.overlay"),
        (STILL, (LAST | 0x01, *RAW, 1), "still", "frame.head"),
        (STILL, (LAST | 0x02, *RAW, 1), "still", "frame.head"),
        (STILL, (LAST | 0x04, *RAW, 1), "still", "frame.head"),
        (STILL, (LAST | 0x08, *RAW, 1), "still", "frame.head"),
        (MOVING, (LAST, *RAW, 1), "moving", "frame.head"),
        (MOVING, (LAST | 0x1A, 1, *RAW, 1), "reserved", "frame.head"),
        (MOVING, (LAST | 3, 0, 0, 200, 1, 131, 1, 1, *RAW, 1), "leaves", "frame.head"),
        (MOVING, (LAST | 3, 1, 0, 200, 1, 130, 1, 1, *RAW, 1), "leaves", "frame.head"),
        (MOVING, (LAST | 3, 0, 0, 0, 130, 1, 1, *RAW, 1), "width is 0", "frame.head"),
        (STILL, (LAST, *RAW, 1, 9), "behind", "frame.head"),
        (STILL, (LAST, *RAW), "1 sizes of segments, 0 bytes", "frame.segments"),
        (STILL, (LAST, 0x60, 0, 1), "12 sizes of segments, 1 bytes", "frame.segments"),
        (STILL, (LAST, 0x10, 0, 1), "segment_log2 is 1", "frame.segments"),
        (STILL, (LAST, 0x50, 0, 1), "segment_log2 is 5", "frame.segments"),
        (STILL, (LAST, 0x04, 0, 1), "2 passes", "frame.group"),
        (STILL, (LAST, 0x0E, 0, 1), "4 passes", "frame.group"),
        (STILL, (LAST, 0x03, 0, 1), "mode 3", "frame.mode"),
        (STILL, (LAST, 0x00, 1, 1, 1), "tables in raw mode", "frame.raw"),
        (STILL, (LAST, 0x01, 9, 1), "tables_size is 9", "frame.group"),
        (STILL, (LAST, 0x02, 0, 1, 1), "lossy group with alpha", "frame.mode"),
        (STILL, (LAST, 0x01, 0x80), "ends inside tables_size", "frame.group"),
        (STILL, (), "ends inside flags", "frame.head"),
    ],
)
def test_bad_fields_are_damage(
    header: FileHeader, fields: tuple[int, ...], message: str, clause: str
) -> None:
    with pytest.raises(DamagedError, match=message) as caught:
        head(*fields, header=header)
    assert caught.value.clause == clause


def test_two_groups_and_blending_need_alpha() -> None:
    for flags in (LAST | 0x22, LAST | 0x06):
        opaque = FileHeader(9, 9, Layout.RGB, 8, animated=True)
        with pytest.raises(DamagedError, match="need a layout with alpha"):
            head(flags, 1, *RAW, 1, header=opaque)


@pytest.mark.parametrize("layout", [Layout.GRAY_ALPHA, Layout.RGBA])
def test_a_lossy_group_has_no_alpha_beside_colour(layout: Layout) -> None:
    with pytest.raises(DamagedError, match="lossy group with alpha"):
        head(LAST, 0x02, 0, 1, 1, header=FileHeader(9, 9, layout, 8))


def test_lossy_modes_of_other_depths_are_unsupported() -> None:
    for depth in (1, 7, 13, 16):
        with pytest.raises(UnsupportedError, match=f"{depth} bits"):
            head(LAST, 0x02, 0, 1, 1, header=FileHeader(9, 9, Layout.RGB, depth))


def raw_file(width: int = 70, height: int = 65, *, compact: bool = False) -> bytes:
    options = pil_dctz.EncodeOptions(mode="raw", compact=compact, segment_size=64)
    if compact:
        options = pil_dctz.EncodeOptions(mode="raw")
    return pil_dctz.encode(draw_noise(width, height), options=options)


def test_a_segs_chunk_of_another_size_is_damage() -> None:
    data = raw_file()
    (begin,) = (begin for kind, begin, _ in chunks_of(data) if kind == b"SEGS")
    longer = bytearray(data)
    longer[begin + 4] += 1  # one byte more: the next chunk begins too late, too
    with pytest.raises(DamagedError):
        pil_dctz.decode(mend(bytes(longer)))
    end = next(end for kind, _, end in chunks_of(data) if kind == b"SEGS")
    longer = bytearray(data)
    longer[begin + 4] += 1
    longer[end - 4 : end - 4] = b"x"
    with pytest.raises(DamagedError, match="SEGS has") as caught:
        pil_dctz.decode(mend(bytes(longer)))
    assert caught.value.clause == "frame.data"


def test_a_segment_whose_crc_is_wrong_is_named() -> None:
    data = bytearray(raw_file())
    (begin,) = (begin for kind, begin, _ in chunks_of(data) if kind == b"SEGS")
    data[begin + 7 + 100] ^= 1
    with pytest.raises(DamagedError, match="segment 0 of frame 0: CRC-32") as caught:
        pil_dctz.decode(bytes(data))
    assert caught.value.clause == "frame.data"


def test_raw_segments_fit_exactly() -> None:
    one_bit = np.ones((3, 5), np.uint8)
    data = bytearray(pil_dctz.encode(one_bit, depth=1, options=pil_dctz.EncodeOptions(mode="raw")))
    data[-5] |= 0x80
    with pytest.raises(DamagedError, match="fill bits") as caught:
        pil_dctz.decode(mend(bytes(data)))
    assert caught.value.clause == "frame.raw"
    assert caught.value.offset == len(data) - 5
    for wrong in (bytes(data[:-5]) + bytes(4), bytes(data[:-5]) + bytes(6)):
        with pytest.raises(DamagedError, match="raw segment of"):
            pil_dctz.decode(mend(wrong))


def test_the_crc_of_a_compact_file_is_judged_first() -> None:
    data = raw_file(compact=True)
    for at in range(13, len(data), 97):
        broken = bytearray(data)
        broken[at] ^= 4
        with pytest.raises(DamagedError, match="compact file: CRC-32") as caught:
            pil_dctz.decode(bytes(broken))
        assert caught.value.clause == "container.compact"


def test_compact_bodies_have_one_segment() -> None:
    data = bytearray(raw_file(compact=True))
    body = pil_dctz.read_header(bytes(data)).header_size
    data[body] |= 0x60
    with pytest.raises(DamagedError, match="segment_log2 is not 0"):
        pil_dctz.decode(mend(bytes(data)))
    lossy = bytes(data[:body]) + bytes((2, 0, 99)) + bytes(8)
    with pytest.raises(DamagedError, match="low_size is 99"):
        pil_dctz.decode(mend(lossy))


def test_bytes_behind_the_end_are_ignored() -> None:
    data = raw_file()
    assert (pil_dctz.decode(data + b"more") == pil_dctz.decode(data)).all()
