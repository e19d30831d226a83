"""Chapter 4: header, chunks, metadata, index, compact form."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from .conventions import LONG, SIDE, SPAN, Cursor, Damaged, NotDctz, Unsupported, crc, require

SIGNATURE = bytes.fromhex("C443545A0D0A1A0A")
CHANNELS = (1, 2, 3, 4, 4)
LAYOUTS = ("gray", "gray+alpha", "rgb", "rgba", "4 components")
KNOWN = (b"iccp", b"exif", b"xmpd", b"dpis", b"text", b"indx", b"FRAM", b"SEGS", b"DEND")
ONCE = (b"iccp", b"exif", b"xmpd", b"dpis", b"indx")


@dataclass
class Header:
    """Clause `container.header`."""

    width: int
    height: int
    layout: int
    depth: int
    animated: bool
    full: bool
    compact: bool
    colour: tuple[int, int, int, int] | None
    loop: int

    @property
    def channels(self) -> int:
        return CHANNELS[self.layout]

    @property
    def has_alpha(self) -> bool:
        return self.layout in (1, 3)

    @property
    def max(self) -> int:
        return (1 << self.depth) - 1


@dataclass
class Metadata:
    """Clauses `container.metadata`, `container.index`."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    dpi: tuple[int, int] | None = None
    index: list[tuple[int, int]] | None = None
    model: bytes | None = None  # of the first lmdl chunk before the frames
    layers: dict[int, bytes] = field(default_factory=dict)  # by number of the frame


@dataclass
class Chunk:
    """Clause `container.chunk`. payload is data[begin:end]."""

    type: bytes
    at: int
    begin: int
    end: int


def parse_header(cursor: Cursor) -> Header:
    """Clauses `container.signature`, `container.version`, `container.header`."""
    if cursor.data[:8] != SIGNATURE:
        raise NotDctz("no signature", "container.signature", 0)
    cursor.at = 8
    version = cursor.u8("container.version")
    if version != 1:
        raise Unsupported(f"version {version >> 4}.{version & 15}", "container.version", 8)
    here = "container.header"
    shape = cursor.u8(here)
    layout = shape & 7
    require(layout <= 4, f"layout {layout}", here, 9)
    require(shape < 128, "reserved bit of shape", here, 9)
    animated, compact = bool(shape & 16), bool(shape & 64)
    require(not (animated and compact), "compact and animated", here, 9)
    depth_field = cursor.u8(here)
    require(depth_field < 16, "reserved bits of the depth field", here, 10)
    width = cursor.leb(1, SIDE, here)
    height = cursor.leb(1, SIDE, here)
    colour = None
    if shape & 8:
        primaries, transfer, matrix, full_range = cursor.take(4, here)
        require(full_range <= 1, "range above 1", here, cursor.at - 1)
        colour = (primaries, transfer, matrix, full_range)
    loop = cursor.leb(0, 65535, here) if animated else 0
    if not compact:
        end = cursor.at
        require(cursor.u32(here) == crc(cursor.data[:end]), "CRC of the header", here, end)
    return Header(
        width, height, layout, depth_field + 1, animated, bool(shape & 32), compact, colour, loop
    )


def parse_chunk(cursor: Cursor, tolerant: bool = False) -> Chunk:
    """Clause `container.chunk`: one chunk, its CRC judged, unknown critical ones refused.

    Clause `frame.tolerant`: but for FRAM, one with a wrong CRC is there, with an empty payload.
    """
    here = "container.chunk"
    at = cursor.at
    kind = cursor.take(4, here)
    require(all(chr(b).isascii() and chr(b).isalpha() for b in kind), "chunk type", here, at)
    size = cursor.leb(0, SPAN, here)
    if not kind[0] & 32 and kind not in KNOWN:
        raise Unsupported(f"critical chunk {kind!r}", here, at)
    begin = cursor.at
    cursor.take(size, here)
    covered = cursor.data[at:begin] if kind == b"SEGS" else cursor.data[at : cursor.at]
    end = cursor.at
    whole = cursor.u32(here) == crc(covered)
    passed = tolerant and kind != b"FRAM"
    require(whole or passed, f"CRC of chunk {kind!r}", here, end)
    return Chunk(kind, at, begin, end if whole else begin)


def parse_chunks(cursor: Cursor, header: Header) -> tuple[Metadata, list[tuple[Chunk, Chunk]]]:
    """Clauses `container.order`, `container.end`: all chunks; the FRAM, SEGS pairs."""
    here = "container.order"
    meta = Metadata()
    pairs: list[tuple[Chunk, Chunk]] = []
    fram: Chunk | None = None
    behind = False
    seen: set[bytes] = set()
    while True:
        chunk = parse_chunk(cursor)
        kind = chunk.type
        if kind not in KNOWN:
            payload = cursor.data[chunk.begin : chunk.end]
            if kind == b"lmdl" and fram is None and not pairs and meta.model is None:
                meta.model = payload
            elif kind == b"lrnd" and fram is not None:
                meta.layers.setdefault(len(pairs), payload)
            continue
        if kind in ONCE:
            require(kind not in seen, f"second chunk {kind!r}", here, chunk.at)
            seen.add(kind)
        if kind == b"SEGS":
            require(fram is not None, "SEGS without FRAM", here, chunk.at)
            assert fram is not None
            pairs.append((fram, chunk))
            fram = None
            continue
        require(fram is None, f"{kind!r} between FRAM and SEGS", here, chunk.at)
        if kind == b"DEND":
            require(chunk.begin == chunk.end, "DEND has a payload", "container.end", chunk.at)
            break
        if kind == b"FRAM":
            fram = chunk
            if not pairs:
                require((meta.index is not None) == header.animated, "index", here, chunk.at)
            require(header.animated or not pairs, "second frame", here, chunk.at)
            require(not behind, "FRAM behind metadata behind a frame", here, chunk.at)
            continue
        early = kind in (b"iccp", b"dpis", b"indx")
        require(not (early and pairs), f"{kind!r} behind a frame", here, chunk.at)
        behind = len(pairs) > 0
        parse_metadata(cursor.data, chunk, meta)
    require(len(pairs) > 0, "no frame", here, cursor.at)
    check_index(meta, pairs)
    return meta, pairs


def check_index(meta: Metadata, pairs: list[tuple[Chunk, Chunk]]) -> None:
    """Clause `container.index`: the frames stand where the index says."""
    if meta.index is None:
        return
    here = "container.index"
    require(len(meta.index) == len(pairs), "number of frames", here, pairs[0][0].at)
    for i, (size, _) in enumerate(meta.index):
        begin = pairs[i][0].at
        end = pairs[i + 1][0].at if i + 1 < len(pairs) else pairs[i][1].end + 4
        require(end - begin == size, f"size of frame {i}", here, begin)


def parse_metadata(data: bytes, chunk: Chunk, meta: Metadata) -> None:
    """Clauses `container.metadata`, `container.index`."""
    here = "container.metadata"
    cursor = Cursor(data, chunk.begin, chunk.end)
    if chunk.type == b"indx":
        here = "container.index"
        count = cursor.leb(1, 1 << 20, here)
        meta.index = [(cursor.leb(1, SPAN, here), cursor.leb(0, LONG, here)) for _ in range(count)]
        require(cursor.left == 0, "bytes behind the index", here, cursor.at)
    elif chunk.type == b"dpis":
        require(cursor.left == 8, "size of dpis", here, chunk.begin)
        meta.dpi = (cursor.u32(here), cursor.u32(here))
        require(min(meta.dpi) > 0, "0 dots per inch", here, chunk.begin)
    else:
        blob = parse_blob(cursor)
        if chunk.type == b"text":
            key, value = parse_text(blob, chunk.begin)
            require(key not in meta.text, f"second text {key!r}", here, chunk.begin)
            meta.text[key] = value
        else:
            meta.blobs[chunk.type.decode("ascii")] = blob


def parse_blob(cursor: Cursor) -> bytes:
    here = "container.metadata"
    method = cursor.u8(here)
    if method == 0:
        return cursor.take(cursor.left, here)
    if method != 1:
        raise Unsupported(f"metadata method {method}", here, cursor.at - 1)
    size = cursor.leb(1, 1 << 24, here)
    inflate = zlib.decompressobj()
    begin = cursor.at
    try:
        blob = inflate.decompress(cursor.take(cursor.left, here), size + 1)
    except zlib.error as error:
        raise Damaged(f"zlib stream: {error}", here, begin) from None
    require(len(blob) == size, "inflated size", here, begin)
    require(inflate.eof and not inflate.unused_data, "end of the zlib stream", here, begin)
    return blob


def parse_text(blob: bytes, at: int) -> tuple[str, str]:
    here = "container.metadata"
    key, zero, value = blob.partition(b"\0")
    require(zero == b"\0" and 1 <= len(key) <= 79, "key of a text", here, at)
    try:
        return key.decode("utf-8"), value.decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged("text is not UTF-8", here, at) from None
