"""The header: clauses `container.signature`, `container.header`, `container.version`."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pil_dctz.container.decoder.header import MAX_HEADER, parse_header
from pil_dctz.container.encoder.header import write_header
from pil_dctz.container.syntax import MAX_SIDE, Colour, FileHeader, Layout
from pil_dctz.errors import DamagedError, NotDctzError, TruncatedError, UnsupportedError

pytestmark = pytest.mark.small

HEADER = FileHeader(300, 200, Layout.RGB, 8)


def with_crc(head: bytes) -> bytes:
    return head + zlib.crc32(head).to_bytes(4, "little")


def changed(at: int, value: int) -> bytes:
    head = bytearray(write_header(HEADER)[:-4])
    head[at] = value
    return with_crc(bytes(head))


sides = st.integers(1, MAX_SIDE)
bytes_ = st.integers(0, 255)


def header_of(*fields: object, **more: object) -> FileHeader:
    """A function, for which hypothesis makes up no field that was not asked for."""
    return FileHeader(*fields, **more)  # type: ignore[arg-type]


headers = st.builds(
    header_of,
    sides,
    sides,
    st.sampled_from(Layout),
    st.integers(1, 16),
    colour=st.none() | st.builds(Colour, bytes_, bytes_, bytes_, st.booleans()),
    animated=st.just(False),
    full_profile=st.booleans(),
    compact=st.booleans(),
) | st.builds(
    header_of,
    sides,
    sides,
    st.sampled_from(Layout),
    st.integers(1, 16),
    animated=st.just(True),
    loop_count=st.integers(0, 65535),
)


@given(headers)
def test_what_was_written_comes_back(header: FileHeader) -> None:
    data = write_header(header)
    assert len(data) <= MAX_HEADER
    parsed = parse_header(data + b"more")
    assert parsed.size_bytes == len(data)
    for name in ("width", "height", "layout", "depth", "colour", "animated", "loop_count"):
        assert getattr(parsed, name) == getattr(header, name)
    assert (parsed.full_profile, parsed.compact) == (header.full_profile, header.compact)


def test_other_signatures_are_not_ours() -> None:
    good = write_header(HEADER)
    for data in (
        b"",
        good[:7],
        b"\x44" + good[1:],
        good.replace(b"\r\n", b"\n", 1),
        b"\x89PNG\r\n",
    ):
        with pytest.raises(NotDctzError):
            parse_header(data)


def test_another_version_is_named_before_anything_else_is_judged() -> None:
    for version in (0x00, 0x02, 0x10, 0xFF):
        data = write_header(HEADER)[:8] + bytes((version, 0xFF, 0xFF))
        with pytest.raises(UnsupportedError, match=r"this release reads 0\.1") as caught:
            parse_header(data)
        assert caught.value.clause == "container.version"


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (9, 5, "layout 5"),
        (9, 7, "layout 7"),
        (9, 0x82, "reserved bit 7"),
        (9, 0x52, "compact and animated"),
        (10, 16, "depth_field is 16"),
        (10, 0x17, "depth_field is 23"),
    ],
)
def test_bad_bits_are_damage(at: int, value: int, message: str) -> None:
    with pytest.raises(DamagedError, match=message) as caught:
        parse_header(changed(at, value))
    assert caught.value.clause == "container.header"
    assert caught.value.offset == at


@pytest.mark.parametrize("tail", [b"\0\x01", b"\x01\0", b"\x81\x80\x80\x80\x04\x01"])
def test_sides_outside_1_to_2_to_the_30_are_damage(tail: bytes) -> None:
    with pytest.raises(DamagedError, match="must be 1"):
        parse_header(with_crc(write_header(HEADER)[:11] + tail))


def test_bad_range_and_loop_count_are_damage() -> None:
    coloured = write_header(FileHeader(1, 1, Layout.RGB, 8, colour=Colour(1, 13)))[:-4]
    with pytest.raises(DamagedError, match="range is 2"):
        parse_header(with_crc(coloured[:-1] + b"\x02"))
    moving = write_header(FileHeader(1, 1, Layout.RGB, 8, animated=True))[:-4]
    with pytest.raises(DamagedError, match="loop_count is 65536"):
        parse_header(with_crc(moving[:-1] + b"\x80\x80\x04"))


def test_every_flipped_bit_is_found() -> None:
    data = write_header(HEADER)
    for bit in range(64, 8 * len(data)):
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises((DamagedError, UnsupportedError)):
            header = parse_header(bytes(broken))
            assert header.compact  # its CRC stands at the end of the file
            raise DamagedError("left to the body")


def test_a_cut_header_is_told_from_a_broken_one() -> None:
    data = write_header(HEADER)
    for size in range(8, len(data)):
        with pytest.raises(TruncatedError, match="file ends inside"):
            parse_header(data[:size])
