"""Bits and prefix codes: both directions agree, bad lengths are refused. Chapter 6a."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pil_dctz.entropy.bits import BitReader, BitWriter
from pil_dctz.entropy.decoder.prefix import build_decode_tables
from pil_dctz.entropy.encoder.prefix import (
    build_codes,
    build_lengths,
    code_bits,
    lengths_bits,
    write_lengths,
)
from pil_dctz.errors import DamagedError
from pil_dctz.kernels.load import load


def kernels() -> SimpleNamespace:
    found: SimpleNamespace = load("pil_dctz.lossless.decoder.prediction_tables_kernels")
    return found


@pytest.mark.small
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 32), st.integers(0, 2**32 - 1)), max_size=40))
def test_bits_come_back_from_python_and_from_kernels(fields: list[tuple[int, int]]) -> None:
    writer = BitWriter()
    for count, value in fields:
        writer.write(value & ((1 << count) - 1), count)
    written = writer.getvalue()
    out = np.zeros(len(written) + 3, np.uint8)
    counts = np.array([count for count, _ in fields], np.int64)
    values = np.array([value for _, value in fields], np.int64)
    end = load("pil_dctz.entropy.bits_kernels").pack(values, counts, out, 0)
    assert end == writer.position
    assert out.tobytes() == written + b"\0\0\0"
    reader = BitReader(written, clause="prefix.bits")
    for count, value in fields:
        assert reader.read(count) == value & ((1 << count) - 1)
    assert reader.byte == len(written)
    with pytest.raises(DamagedError):
        reader.read(8)


@pytest.mark.small
def test_what_does_not_fit_is_dropped_and_seen() -> None:
    out = np.zeros(2, np.uint8)
    values, counts = np.array([0x7F, 0x3FF], np.int64), np.array([7, 10], np.int64)
    end = load("pil_dctz.entropy.bits_kernels").pack(values, counts, out, 0)
    assert end == 17 > 8 * out.size
    assert out.tolist() == [0x7F, 0]


@pytest.mark.small
def test_the_example_of_the_specification() -> None:
    lengths = np.array([[2, 0, 1, 2]], np.uint8)
    codes = build_codes(lengths)[0]
    writer = BitWriter()
    for symbol in (3, 2, 0):
        writer.write(int(codes[symbol]) & 0xFFFF, int(codes[symbol]) >> 16)
    assert writer.getvalue() == b"\x0b"


@pytest.mark.small
@pytest.mark.parametrize(
    ("lengths", "what"),
    [
        ([0, 0, 0], "no symbol"),
        ([2, 0, 0], "not full"),
        ([2, 2, 2], "not full"),
        ([1, 1, 1], "overfull"),
        ([1, 2, 1], "overfull"),
        ([5, 1, 0], "above the maximum"),
    ],
)
def test_codes_that_are_not_exactly_full_are_refused(lengths: list[int], what: str) -> None:
    whole = np.array([[1, 1, 0], lengths], np.uint8)
    with pytest.raises(DamagedError, match=rf"{what} \(code 1\)"):
        build_decode_tables(whole, 4)


@pytest.mark.small
def test_a_lone_symbol_takes_no_bits() -> None:
    table = build_decode_tables(np.array([[0, 0, 1, 0]], np.uint8), 3)
    assert table.tolist() == [[2 << 4] * 8]
    assert build_codes(np.array([[0, 0, 1, 0]], np.uint8)).tolist() == [[0, 0, 0, 0]]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 2**40) | st.integers(0, 3), min_size=1, max_size=90),
    st.integers(7, 15),
)
def test_built_codes_are_full_optimal_and_come_back(counts: list[int], maximum: int) -> None:
    row = np.array([counts], np.int64)
    if not row.any():
        row[0, 0] = 1
    lengths = build_lengths(row, maximum)
    table = build_decode_tables(lengths, maximum)[0]
    codes = build_codes(lengths)[0]
    for symbol in np.flatnonzero(lengths[0]).tolist():
        entry = int(codes[symbol])
        assert int(table[entry & 0xFFFF]) == symbol << 4 | entry >> 16
    assert ((lengths[0] > 0) == (row[0] > 0)).all()
    if (row[0] > 0).sum() > 1 and maximum == 15 and row.sum() < 300:
        entropy_bound = -(row[row > 0] * np.log2(row[row > 0] / row.sum())).sum()
        assert (row * code_bits(lengths)).sum() <= entropy_bound + row.sum()


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=72).filter(any))
def test_lengths_come_back(counts: list[int]) -> None:
    lengths = build_lengths(np.array([counts], np.int64), 12)[0]
    writer = BitWriter()
    write_lengths(writer, lengths, 7)
    assert writer.position == lengths_bits(lengths, 7)
    read = np.zeros((1, len(counts)), np.uint8)
    state = np.zeros(2, np.int64)
    data = np.frombuffer(writer.getvalue(), np.uint8)
    used = kernels().read_code_lengths(data, state, read, 0, 7)
    assert used == (lengths > 0).sum()
    assert read[0].tolist() == lengths.tolist()
    assert state[0] == writer.position


@settings(deadline=None, max_examples=300)
@given(st.binary(min_size=1, max_size=40))
def test_random_lengths_never_pass_unless_full(data: bytes) -> None:
    read = np.zeros((1, 72), np.uint8)
    state = np.zeros(2, np.int64)
    used = kernels().read_code_lengths(np.frombuffer(data, np.uint8), state, read, 0, 7)
    if used > 0:
        build_decode_tables(read, 12)
