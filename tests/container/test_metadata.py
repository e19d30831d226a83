"""Metadata chunks: clauses `container.metadata`, `container.order`."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DamagedError, LimitError, Metadata, UnsupportedError
from pil_dctz.container.decoder.metadata import MetadataReader, parse_index
from pil_dctz.container.encoder.chunks import write_chunk
from pil_dctz.container.encoder.varint import write_leb
from pil_dctz.limits import DEFAULT_LIMITS, Limits
from tests.mend import chunks_of

pytestmark = pytest.mark.small

PIXEL = np.full((3, 2, 3), 7, np.uint8)
FULL = Metadata(
    icc=b"profile" * 40,
    exif=b"II*\0tiff",
    xmp="<x:xmpmeta>é</x:xmpmeta>".encode(),
    dpi=(300.0, 72.009),
    text={"Title": "a picture", "λ": "", "k" * 79: "v" * 5000},
)


def encode(metadata: Metadata) -> bytes:
    options = pil_dctz.EncodeOptions(mode="raw", compact=False)
    return pil_dctz.encode(PIXEL, metadata=metadata, options=options)


def inserted(data: bytes, chunk: bytes, before: bytes) -> bytes:
    offset = next(begin for kind, begin, _ in chunks_of(data) if kind == before)
    return data[:offset] + chunk + data[offset:]


def add(kind: bytes, payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Metadata:
    reader = MetadataReader(limits)
    reader.add(kind, payload, 0)
    return Metadata(*reader.fields())


def test_all_of_it_comes_back() -> None:
    data = encode(FULL)
    assert pil_dctz.read_metadata(data) == FULL
    header = pil_dctz.read_header(data)
    found = Metadata(header.icc, header.exif, header.xmp, header.dpi, header.text)
    assert found == FULL and header.whole
    assert pil_dctz.verify(data).whole
    assert (pil_dctz.decode(data) == PIXEL).all()


def test_blobs_are_deflated_where_that_is_smaller() -> None:
    zeros, noise = bytes(1000), np.random.default_rng(0).bytes(1000)
    assert len(encode(Metadata(icc=zeros))) < len(encode(Metadata())) + 60
    assert len(encode(Metadata(icc=noise))) < len(encode(Metadata())) + 1050
    for icc in (b"", zeros, noise):
        assert pil_dctz.read_metadata(encode(Metadata(icc=icc))).icc == icc


def test_exif_is_written_without_its_six_bytes() -> None:
    assert pil_dctz.read_metadata(encode(Metadata(exif=b"Exif\0\0II*\0"))).exif == b"II*\0"


def test_exif_and_xmp_may_stand_behind_the_samples() -> None:
    late = write_chunk(b"exif", b"\0late")
    data = inserted(encode(Metadata(icc=b"i", text={"a": "b"})), late, b"DEND")
    assert pil_dctz.read_metadata(data) == Metadata(icc=b"i", exif=b"late", text={"a": "b"})
    assert pil_dctz.read_header(data).exif is None
    assert (pil_dctz.decode(data) == PIXEL).all()


@pytest.mark.parametrize(
    ("chunk", "before", "message"),
    [
        (write_chunk(b"iccp", b"\0x"), b"DEND", "wrong place"),
        (write_chunk(b"iccp", b"\0x"), b"SEGS", "wrong place"),
        (write_chunk(b"dpis", bytes(8)), b"DEND", "wrong place"),
        (write_chunk(b"exif", b"\0x"), b"FRAM", "stands twice"),
        (write_chunk(b"SEGS", b""), b"FRAM", "wrong place"),
        (write_chunk(b"DEND", b""), b"FRAM", "wrong place"),
        (write_chunk(b"SEGS", b""), b"DEND", "wrong place"),
        (write_chunk(b"indx", b"\x01\x01\x00"), b"FRAM", "not animated"),
    ],
)
def test_known_chunks_in_other_places_are_damage(chunk: bytes, before: bytes, message: str) -> None:
    data = inserted(encode(Metadata(exif=b"e")), chunk, before)
    with pytest.raises(DamagedError, match=message) as caught:
        pil_dctz.decode(data)
    assert caught.value.clause == "container.order"


@pytest.mark.parametrize("before", [b"FRAM", b"SEGS", b"DEND"])
def test_unknown_chunks_are_skipped_or_refused_by_their_case(before: bytes) -> None:
    data = encode(Metadata())
    skipped = inserted(data, write_chunk(b"laTE", b"anything"), before)
    assert (pil_dctz.decode(skipped) == PIXEL).all()
    assert pil_dctz.verify(skipped).whole
    with pytest.raises(UnsupportedError, match="LATE"):
        pil_dctz.decode(inserted(data, write_chunk(b"LATE", b""), before))
    with pytest.raises(DamagedError, match="no ASCII letters"):
        pil_dctz.decode(inserted(data, write_chunk(b"la\xc3E", b""), before))
    broken = skipped.replace(b"anything", b"anythinG")
    with pytest.raises(DamagedError, match="chunk laTE: CRC-32"):
        pil_dctz.decode(broken)
    assert (pil_dctz.decode(broken, strict=False) == PIXEL).all()


def blob(raw: bytes, size: int | None = None, tail: bytes = b"") -> bytes:
    return b"\1" + write_leb(len(raw) if size is None else size) + zlib.compress(raw) + tail


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\1",
        blob(b"abc", 2),
        blob(b"abc", 4),
        blob(b"abc", 0),
        blob(b"abc", 1 << 25),
        blob(b"abc", tail=b"x"),
        blob(b"abc")[:-1],
        b"\1\3nozlib",
    ],
)
def test_bad_blobs_are_damage(payload: bytes) -> None:
    with pytest.raises(DamagedError) as caught:
        add(b"iccp", payload)
    assert caught.value.clause == "container.metadata"


def test_other_methods_are_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="method 2"):
        add(b"exif", b"\2abc")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (b"dpis", bytes(7)),
        (b"dpis", bytes(8)),
        (b"dpis", b"\1" * 9),
        (b"text", b"\0no zero byte"),
        (b"text", b"\0\0no key"),
        (b"text", b"\0" + b"k" * 80 + b"\0long key"),
        (b"text", b"\0k\0\xff"),
        (b"text", b"\0\xff\0v"),
    ],
)
def test_bad_payloads_are_damage(kind: bytes, payload: bytes) -> None:
    with pytest.raises(DamagedError):
        add(kind, payload)


def test_a_text_key_twice_is_damage() -> None:
    reader = MetadataReader(DEFAULT_LIMITS)
    reader.add(b"text", b"\0k\0one", 0)
    with pytest.raises(DamagedError, match="twice"):
        reader.add(b"text", b"\0k\0two", 9)


def test_inflation_stops_at_the_limits() -> None:
    bomb = blob(bytes(5 << 20))
    with pytest.raises(LimitError, match="iccp"):
        add(b"iccp", bomb)
    assert add(b"exif", bomb).exif == bytes(5 << 20)
    with pytest.raises(LimitError):
        add(b"exif", bomb, Limits(max_chunk=1 << 20))
    reader = MetadataReader(Limits(max_metadata=6 << 20))
    reader.add(b"exif", bomb, 0)
    with pytest.raises(LimitError):
        reader.add(b"xmpd", bomb, 0)


@pytest.mark.parametrize(
    "value",
    [
        {"text": {"": "v"}},
        {"text": {"k" * 80: "v"}},
        {"text": {"a\0b": "v"}},
        {"dpi": (0, 1)},
        {"dpi": (1, 1e10)},
        {"exif": bytes((1 << 24) + 1)},
    ],
)
def test_what_cannot_be_written_is_a_value_error(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"can be written|must be|keys"):
        encode(Metadata(**value))


@pytest.mark.parametrize(
    "payload", [b"", b"\0", b"\1", b"\1\1", b"\1\0\0", b"\1\5\1x", b"\2\5\1", b"\xff\xff\x7f\1\1"]
)
def test_bad_indexes_are_damage(payload: bytes) -> None:
    with pytest.raises(DamagedError) as caught:
        parse_index(payload, 0)
    assert caught.value.clause == "container.index"
