"""PNG with 16-bit colour or gray with alpha, which Pillow reads and writes with 8 bits only.

Non-interlaced files; filters of rows as in the PNG specification, clause 9.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_deep_colour", "read", "write"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 4: 2, 6: 4}  # by colour type; 16-bit gray is Pillow's
_COLOUR_TYPES = {channels: colour_type for colour_type, channels in _CHANNELS.items()}
_MAX_PIXELS = 1 << 28


def is_deep_colour(first: bytes) -> bool:
    """Whether a file that begins so (26 bytes or more) is for `read`."""
    return (
        first.startswith(_SIGNATURE)
        and len(first) >= 26
        and first[24] == 16
        and first[25] in _CHANNELS
    )


def read(file: IO[bytes]) -> NDArray[np.uint16]:
    """Samples (height, width, 2..4), 0..65535. Raises OSError for a file that is not whole."""
    width = height = channels = 0
    packed = []
    for kind, payload in _chunks(file):
        if kind == b"IHDR":
            width, height, channels = _parse_header(payload)
        elif kind == b"IDAT":
            packed.append(payload)
    row_bytes = 2 * channels * width
    size = height * (row_bytes + 1)
    try:
        data = zlib.decompressobj().decompress(b"".join(packed), size)
    except zlib.error as error:
        raise OSError(f"damaged PNG: {error}") from None
    if not size or len(data) < size:
        raise OSError(f"damaged PNG: {len(data)} bytes of samples, {size} expected")
    rows = np.frombuffer(data, np.uint8).reshape(height, row_bytes + 1)
    samples = _unfilter(rows[:, 0], rows[:, 1:].copy(), 2 * channels)
    return samples.view(">u2").astype(np.uint16).reshape(height, width, channels)


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    file.seek(len(_SIGNATURE))
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise OSError("damaged PNG: it ends before IEND")
        size, kind = struct.unpack(">I4s", head)
        payload, check = file.read(size), file.read(4)
        if len(check) < 4 or zlib.crc32(kind + payload) != int.from_bytes(check):
            raise OSError(f"damaged PNG: chunk {kind!r} has a wrong check")
        if kind == b"IEND":
            return
        yield kind, payload


def _parse_header(payload: bytes) -> tuple[int, int, int]:
    width, height, _, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", payload)
    if interlaced:
        raise OSError("interlaced PNG with 16-bit colour: only non-interlaced files can be read")
    if not 0 < width * height <= _MAX_PIXELS:
        raise OSError(f"PNG with {width} x {height} pixels, at most {_MAX_PIXELS} are read")
    return width, height, _CHANNELS[colour_type]


def _unfilter(kinds: NDArray[np.uint8], rows: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    above = np.zeros(rows.shape[1], np.uint8)
    for y, (kind, row) in enumerate(zip(kinds.tolist(), rows, strict=True)):
        if kind == 1:
            pixels = row.reshape(-1, step)
            np.cumsum(pixels, axis=0, dtype=np.uint8, out=pixels)
        elif kind == 2:
            row += above
        elif kind == 3:
            row[:] = _average(row.tobytes(), above.tobytes(), step)
        elif kind == 4:
            row[:] = _paeth(row.tobytes(), above.tobytes(), step)
        elif kind:
            raise OSError(f"damaged PNG: filter {kind} in row {y}, must be 0..4")
        above = row
    return rows


def _average(row: bytes, above: bytes, step: int) -> NDArray[np.uint8]:
    out = bytearray(step) + row
    for i, up in enumerate(above):
        out[i + step] = (out[i + step] + ((out[i] + up) >> 1)) & 255
    return np.frombuffer(out, np.uint8)[step:]


def _paeth(row: bytes, above: bytes, step: int) -> NDArray[np.uint8]:
    out = bytearray(step) + row
    corners = bytes(step) + above
    for i, up in enumerate(above):
        left, corner = out[i], corners[i]
        by_left, by_up = abs(up - corner), abs(left - corner)
        by_corner = abs(left + up - 2 * corner)
        if by_left <= by_up and by_left <= by_corner:
            nearest = left
        else:
            nearest = up if by_up <= by_corner else corner
        out[i + step] = (out[i + step] + nearest) & 255
    return np.frombuffer(out, np.uint8)[step:]


def write(file: IO[bytes], samples: NDArray[Any], depth: int) -> None:
    """Write samples (height, width, 2..4) of 9 to 16 bits; an `sBIT` chunk tells depths below 16.

    They are widened to 16 bits by repeating their upper bits, so that the shift by 16 - depth
    which `sBIT` stands for gives them back.
    """
    height, width, channels = samples.shape
    wide = samples.astype(np.uint32) << (16 - depth)
    wide |= wide >> depth
    rows = wide.astype(">u2").reshape(height, -1).view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # each row less the one above: no search, and good on smooth pictures
    filtered[:, 1:] = rows
    filtered[1:, 1:] -= rows[:-1]
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    file.write(_SIGNATURE)
    _write_chunk(file, b"IHDR", header)
    if depth < 16:
        _write_chunk(file, b"sBIT", bytes([depth]) * channels)
    _write_chunk(file, b"IDAT", zlib.compress(filtered.tobytes(), 6))
    _write_chunk(file, b"IEND", b"")


def _write_chunk(file: IO[bytes], kind: bytes, payload: bytes) -> None:
    check = zlib.crc32(kind + payload)
    file.write(struct.pack(">I4s", len(payload), kind) + payload + struct.pack(">I", check))
