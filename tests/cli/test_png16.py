"""16-bit colour PNG: every filter, and files that are not whole."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest

from pil_dctz.cli import png16


def chunk(kind: bytes, payload: bytes) -> bytes:
    check = zlib.crc32(kind + payload).to_bytes(4)
    return len(payload).to_bytes(4) + kind + payload + check


def png_of(rows: list[bytes], width: int, colour_type: int = 2, interlaced: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(rows), 16, colour_type, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def filtered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    """One row as the PNG specification writes it, a byte at a time."""

    def guess(i: int) -> int:
        a = row[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        if kind < 4:
            return (0, a, b, (a + b) // 2)[kind]
        p = a + b - c
        return min((a, b, c), key=lambda value: abs(p - value))

    return bytes([kind]) + bytes((byte - guess(i)) % 256 for i, byte in enumerate(row))


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_every_filter(kind, colour_type, channels):
    samples = np.random.default_rng(kind).integers(0, 65536, (5, 7, channels), np.uint16)
    samples[2] = samples[1]  # ties of the nearest neighbour
    plain = [row.astype(">u2").tobytes() for row in samples]
    rows = [
        filtered(kind, row, above, 2 * channels)
        for row, above in zip(plain, [bytes(len(plain[0])), *plain], strict=False)
    ]
    data = png_of(rows, 7, colour_type)
    assert png16.is_deep_colour(data[:32])
    assert np.array_equal(png16.read(io.BytesIO(data)), samples)


GOOD = png_of([bytes(1 + 6 * 7)] * 5, 7)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (GOOD[:-12], "ends before IEND"),
        (GOOD[:60], "wrong check|ends before"),
        (GOOD.replace(b"IDAT", b"IdAT"), "wrong check"),
        (png_of([bytes(1 + 6 * 7)] * 5, 8), "bytes of samples"),
        (png_of([b"\5" + bytes(6 * 7)] * 5, 7), "filter 5 in row 0"),
        (png_of([bytes(1 + 6 * 7)] * 5, 7, interlaced=1), "interlaced"),
        (png_of([b""], 1 << 30), "pixels"),
    ],
)
def test_what_is_not_whole_is_named(data, named):
    with pytest.raises(OSError, match=named):
        png16.read(io.BytesIO(data))


def test_eight_bits_and_gray_are_left_to_pillow():
    assert not png16.is_deep_colour(GOOD[:24] + b"\x08\x02" + GOOD[26:32])
    assert not png16.is_deep_colour(GOOD[:24] + b"\x10\x00" + GOOD[26:32])
    assert not png16.is_deep_colour(b"")
