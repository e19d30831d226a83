"""Damaged tables and payloads raise DamagedError, in bounded time, and write nothing outside."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.bits import BitWriter
from pil_dctz.errors import DamagedError
from pil_dctz.lossless.decoder.segment import parse_tables
from tests.lossless.lzw_round_trip import decode_guarded, encode, shape_of
from tests.lossless.test_lzw_round_trip import paint

pytestmark = pytest.mark.checked

PIXELS = paint("blocks", 40, 50, 4, 8, 1)
FEW = paint("few", 40, 50, 3, 8, 1)


@cache
def _encoded(few: bool):
    return encode(FEW if few else PIXELS)


def _mutate(data: bytes, edits: list[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for place, value in edits:
        if out:
            out[place % len(out)] ^= value
    return bytes(out)


_EDITS = st.lists(st.tuples(st.integers(0, 10000), st.integers(1, 255)), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(edits=_EDITS, cut=st.integers(0, 30), few=st.booleans())
def test_mutated_tables_are_read_or_refused(edits, cut, few):
    samples = FEW if few else PIXELS
    shape = shape_of(samples, 8)
    group = _encoded(few)
    blob = _mutate(group.tables, edits)
    blob = blob[: len(blob) - cut]
    try:
        tables = parse_tables(blob, shape)
        decode_guarded(tables, group.streams[0][0], 50, 40, shape)
    except DamagedError as error:
        assert error.clause and error.offset is not None


@settings(max_examples=400, deadline=None)
@given(edits=_EDITS, cut=st.integers(0, 200), few=st.booleans())
def test_mutated_payloads_are_read_or_refused(edits, cut, few):
    samples = FEW if few else PIXELS
    shape = shape_of(samples, 8)
    group = _encoded(few)
    payload = _mutate(group.streams[0][0], edits)
    payload = payload[: max(0, len(payload) - cut)]
    try:
        decode_guarded(parse_tables(group.tables, shape), payload, 50, 40, shape)
    except DamagedError as error:
        assert error.clause
        assert error.offset is not None and 0 <= error.offset <= len(payload)


@settings(max_examples=200, deadline=None)
@given(payload=st.binary(max_size=400), w=st.integers(1, 30), h=st.integers(1, 30))
def test_random_bytes_are_read_or_refused(payload, w, h):
    for few in (False, True):
        shape = shape_of(FEW if few else PIXELS, 8)
        tables = parse_tables(_encoded(few).tables, shape)
        try:
            decode_guarded(tables, payload, w, h, shape)
        except DamagedError as error:
            assert error.clause


@pytest.mark.parametrize("samples", [FEW, PIXELS], ids=["palette", "pixels"])
def test_every_cut_is_noticed(samples):
    shape = shape_of(samples, 8)
    group = encode(samples)
    tables = parse_tables(group.tables, shape)
    payload = group.streams[0][0]
    for size in range(len(payload)):
        with pytest.raises(DamagedError):
            decode_guarded(tables, payload[:size], 50, 40, shape)
    with pytest.raises(DamagedError, match="bytes follow"):
        decode_guarded(tables, payload + b"\0", 50, 40, shape)


RGB = GroupShape(8, 8, 3, 8)


def test_parts_byte():
    for parts in (0, 4, 255):
        with pytest.raises(DamagedError) as caught:
            parse_tables(bytes([parts]), RGB)
        assert caught.value.clause == "lossless.tables" and caught.value.offset == 0
    with pytest.raises(DamagedError):
        parse_tables(b"", RGB)


def _tables(*fields: tuple[int, int]) -> bytes:
    writer = BitWriter()
    for value, width in fields:
        writer.write(value, width)
    return b"\1" + writer.getvalue()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ([(1, 1), (3, 2), (0, 40)], "default set 3"),
        ([(1, 1), (1, 2), (12, 4), (0, 40)], "cache size 12"),
        ([(1, 1), (1, 2), (0, 4), (0, 1), (0, 2), (14, 4), (0, 40)], "predictor 14"),
        ([(1, 1), (1, 2), (0, 4), (0, 1), (0, 2), (0, 4), (2, 5), (3, 2), (0, 60)], "code 3 of 2"),
        ([(1, 1), (1, 2), (0, 4), (0, 1), (0, 2), (0, 4), (1, 5), (0, 90)], "has no user"),
        ([(1, 1), (1, 2), (0, 4), (0, 1), (0, 2), (0, 4), (0, 15), (0, 16)], "bytes follow"),
    ],
)
def test_fields_out_of_range(fields, match):
    with pytest.raises(DamagedError, match=match) as caught:
        parse_tables(_tables(*fields), RGB)
    assert caught.value.clause in ("lzw.tables", "lzw.family")


def test_pixels_of_more_than_eight_bits():
    with pytest.raises(DamagedError) as caught:
        parse_tables(_tables((1, 1), (0, 31)), GroupShape(8, 8, 3, 12))
    assert caught.value.clause == "lossless.tables"


def test_one_colour_has_no_payload():
    samples = np.full((8, 8, 3), 9, np.uint8)
    tables = parse_tables(encode(samples).tables, RGB)
    assert np.array_equal(decode_guarded(tables, b"", 8, 8, RGB), samples)
    with pytest.raises(DamagedError):
        decode_guarded(tables, b"\0", 8, 8, RGB)
