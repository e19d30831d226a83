"""Writing the tables of prediction. Chapter 9a.1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pil_dctz.entropy.bits import BitWriter
from pil_dctz.entropy.encoder.prefix import build_codes, build_lengths, write_lengths
from pil_dctz.lossless.encoder.prediction_codes import Codes
from pil_dctz.lossless.encoder.prediction_histograms import write_histogram
from pil_dctz.lossless.prediction import MAX_LENGTH, PredictionHead

__all__ = ["write_prediction_tables"]


def write_prediction_tables(head: PredictionHead, codes: Codes) -> bytes:
    """The bytes of `prediction_tables`. Clause `prediction.tables`."""
    writer = BitWriter()
    if head.shape.channels >= 3:
        writer.write(head.transform, 3)
    writer.write(0 if head.values is None else 1, 1)
    if head.values is not None:
        _write_values(writer, head.values, 1 << head.shape.depth)
    if head.shape.depth > 8:
        writer.write(int(head.numbers.size > 0), 1)
        if head.numbers.size:
            _write_numbers(writer, head.numbers)
    if head.values is None and not head.numbers.size:
        k = (head.near + 1).bit_length() - 1
        writer.unary(k)
        writer.write(head.near + 1 - (1 << k), k)
    writer.write(int(head.is_preset), 1)
    writer.write(int(head.is_above), 1)
    if not head.is_preset:
        _write_predictors(writer, head)
    writer.write(int(codes.is_rans), 1)
    if head.classes > 1:
        for code in codes.classes:
            if codes.is_rans:
                write_histogram(writer, code)
            else:
                write_lengths(writer, code, 7)
    writer.write(codes.tables - 1, 6)
    if codes.tables > 1:
        _write_map(writer, codes.map_symbols, codes.tables + 1)
    if codes.is_rans:
        for exponents in codes.values:
            write_histogram(writer, exponents)
        return writer.getvalue()
    for is_run, zeros, values in zip(codes.is_run, codes.zeros, codes.values, strict=True):
        writer.write(int(is_run), 1)
        if is_run:
            write_lengths(writer, zeros, 7)
        write_lengths(writer, values, 7)
    return writer.getvalue()


def _write_predictors(writer: BitWriter, head: PredictionHead) -> None:
    writer.write(head.classes - 1, 6)
    for plane in range(head.shape.channels):
        writer.write(head.own[plane], 5)
        if plane:
            writer.write(head.cross[plane], 4)
        for tap in head.taps(plane).sent:
            _write_coefficient(writer, head.coefficients[plane][:, tap])


def _write_values(writer: BitWriter, values: npt.NDArray[np.uint16], size: int) -> None:
    """Clause prediction.values."""
    is_listed = np.zeros(size, bool)
    is_listed[values] = True
    writer.write(int(is_listed[0]), 1)
    edges = np.flatnonzero(np.diff(is_listed)) + 1
    for run in np.diff(np.concatenate(([0], edges, [size]))).tolist():
        k = run.bit_length() - 1
        writer.unary(k)
        writer.write(run - (1 << k), k)


def _write_numbers(writer: BitWriter, numbers: npt.NDArray[np.int32]) -> None:
    """Clause prediction.numbers."""
    bits = int(numbers.max()).bit_length()
    writer.write(numbers.size - 1, 16)
    writer.write(bits, 5)
    for number in numbers.tolist():
        writer.write(number, bits)


def _write_coefficient(writer: BitWriter, values: npt.NDArray[np.int32]) -> None:
    """Clause prediction.coefficients, one tap of all classes."""
    if values.size == 1:
        writer.write(int(values[0]) + 512, 10)
        return
    mean = int(np.clip(np.rint(np.median(values)), -512, 511))
    deltas = values.astype(np.int64) - mean
    numbers = np.where(deltas > 0, 2 * deltas - 1, -2 * deltas)
    parameters = np.arange(16)
    unary = numbers >> parameters[:, None]
    sizes = unary.sum(axis=1) + numbers.size * (parameters + 1)
    k = int(np.where(unary.max(axis=1) <= 24, sizes, 1 << 40).argmin())
    writer.write(mean + 512, 10)
    writer.write(k, 4)
    for number in numbers.tolist():
        writer.unary(number >> k)
        writer.write(number & ((1 << k) - 1), k)


def _write_map(writer: BitWriter, symbols: npt.NDArray[np.int64], alphabet: int) -> None:
    """Clause prediction.map."""
    lengths = build_lengths(np.bincount(symbols, minlength=alphabet)[None, :], MAX_LENGTH)
    write_lengths(writer, lengths[0], 7)
    codes = build_codes(lengths)[0].tolist()
    word = count = 0
    for symbol in symbols.tolist():
        word |= (codes[symbol] & 0xFFFF) << count
        count += codes[symbol] >> 16
        if count >= 512:  # not symbol by symbol: there are thousands
            writer.write(word, count)
            word = count = 0
    writer.write(word, count)
