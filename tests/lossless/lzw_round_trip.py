"""Encodes and decodes plane groups as the container does, with guard bytes around each output."""

from __future__ import annotations

import numpy as np

from pil_dctz.arrays import sample_dtype
from pil_dctz.container.syntax import EncodedGroup, GroupShape
from pil_dctz.lossless.decoder.segment import decode_segment, parse_tables
from pil_dctz.lossless.encoder.group import encode_group, rectangles

GUARD = 0xA5


def shape_of(samples: np.ndarray, depth: int) -> GroupShape:
    height, width, channels = samples.shape
    return GroupShape(width, height, channels, depth)


def encode(samples: np.ndarray, depth: int = 8, *, effort: int = 5, segment_log2=None):
    return encode_group(
        samples, shape_of(samples, depth), effort=effort, segment_log2=segment_log2, threads=1
    )


def decode(group: EncodedGroup, shape: GroupShape) -> np.ndarray:
    """The picture of `group`; asserts that nothing is written outside of any segment's output."""
    tables = parse_tables(group.tables, shape)
    dtype = sample_dtype(shape.depth)
    whole = np.zeros((shape.height, shape.width, shape.channels), dtype)
    places = rectangles(shape, group.segment_log2)
    for (x, y, w, h), payload in zip(places, group.streams[0], strict=True):
        whole[y : y + h, x : x + w] = decode_guarded(tables, payload, w, h, shape)
    return whole


def decode_guarded(tables, payload: bytes, w: int, h: int, shape: GroupShape) -> np.ndarray:
    dtype = sample_dtype(shape.depth)
    size = w * h * shape.channels * dtype.itemsize
    memory = np.full(64 + size + 64, GUARD, np.uint8)
    out = memory[64:-64].view(dtype).reshape(h, w, shape.channels)
    try:
        decode_segment(tables, payload, w, h, out)
    finally:
        assert (memory[:64] == GUARD).all()
        assert (memory[-64:] == GUARD).all()
    return out


def check(samples: np.ndarray, depth: int = 8, *, effort: int = 5, segment_log2=None):
    """Round trip; returns the group."""
    group = encode(samples, depth, effort=effort, segment_log2=segment_log2)
    assert np.array_equal(decode(group, shape_of(samples, depth)), samples)
    return group


def size_of(group: EncodedGroup) -> int:
    return len(group.tables) + sum(len(s) for stream in group.streams for s in stream)
