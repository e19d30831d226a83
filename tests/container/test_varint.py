"""LEB128: clause `conventions.leb`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.decoder.varint import read_leb
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.errors import DamagedError, TruncatedError

pytestmark = pytest.mark.small


@given(st.integers(0, (1 << 63) - 1), st.binary(max_size=3))
def test_what_was_written_comes_back_and_no_byte_more_is_taken(value: int, rest: bytes) -> None:
    data = write_leb(value)
    assert read_leb(data + rest, 0) == (value, len(data))
    assert read_leb(b"xx" + data + rest, 2) == (value, len(data) + 2)


@pytest.mark.parametrize("value", [-1, 1 << 63])
def test_what_has_no_form_is_not_written(value: int) -> None:
    with pytest.raises(ValueError, match="LEB128"):
        write_leb(value)


@pytest.mark.parametrize("data", [b"\x80\x00", b"\xff\x80\x00", b"\xff" * 9 + b"\x01", b"\x80" * 9])
def test_longer_forms_are_damage(data: bytes) -> None:
    with pytest.raises(DamagedError, match="shortest") as caught:
        Cursor(data, 100, "x").leb("size", "container.chunk")
    assert caught.value.offset == 100


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 8])
def test_bytes_that_end_inside_a_number(data: bytes) -> None:
    with pytest.raises(TruncatedError, match="file ends inside size"):
        Cursor(data).leb("size", "container.chunk")
    with pytest.raises(DamagedError, match="chunk FRAM ends inside size") as caught:
        Cursor(data, 5, "chunk FRAM").leb("size", "frame.head")
    assert not isinstance(caught.value, TruncatedError)
    assert caught.value.offset == 5 + len(data)


def test_values_outside_the_stated_range_are_damage() -> None:
    with pytest.raises(DamagedError, match=r"width is 0, must be 1\.\.9"):
        Cursor(b"\0").leb("width", "container.header", 1, 9)
    with pytest.raises(DamagedError, match="width is 10"):
        Cursor(b"\n").leb("width", "container.header", 1, 9)
