"""rANS: what is written is read, and nothing else passes. Clauses `rans.*`."""

import numpy as np
import pytest

from pil_dctz.entropy.decoder import rans_kernels as reading
from pil_dctz.entropy.encoder import rans_kernels as packing
from pil_dctz.entropy.encoder.rans import write_stream
from pil_dctz.entropy.histogram import TOTAL, build_histograms

pytestmark = pytest.mark.small


def make_operations(seed: int, count: int) -> tuple[list[tuple[int, int]], np.ndarray, object]:
    """(kind, value) of each operation, -1 - n for raw(n), the packed operations, histograms."""
    rng = np.random.default_rng(seed)
    histograms = build_histograms(rng.multinomial(TOTAL - 9, rng.dirichlet(np.full(9, 0.3), 4)) + 1)
    plan, packed = [], []
    for _ in range(count):
        if rng.random() < 0.3:
            n = int(rng.integers(0, 17))
            value = int(rng.integers(0, 1 << n))
            plan.append((-1 - n, value))
            packed.append(packing.raw_operation(value, n))
        else:
            table, symbol = int(rng.integers(0, 4)), int(rng.integers(0, 9))
            plan.append((table, symbol))
            packed.append(packing.symbol_operation(histograms.cumulative, table, symbol))
    return plan, np.array(packed, np.uint32), histograms


def read(stream: bytes, plan: list[tuple[int, int]], histograms) -> tuple[list[int], bool]:
    data = np.frombuffer(stream, np.uint8)
    x, y, position = reading.begin(data)
    values = []
    for kind, _ in plan:
        if kind < 0:
            value, x, y, position = reading.decode_raw(data, x, y, position, -1 - kind)
        else:
            value, x, y, position = reading.decode_symbol(
                data, x, y, position, histograms.cumulative, histograms.coarse, kind
            )
        values.append(int(value))
    return values, bool(reading.ended(data, x, y, position))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000])
def test_operations_come_back_and_the_end_is_exact(count: int) -> None:
    plan, packed, histograms = make_operations(count, count)
    values, ended = read(write_stream(packed, count), plan, histograms)
    assert values == [value for _, value in plan]
    assert ended


def test_the_example_of_the_specification() -> None:
    packed = np.array([packing.raw_operation(1, 1), packing.raw_operation(0, 1)], np.uint32)
    assert write_stream(packed, 2).hex(" ") == "01 00 02 00 00 00 02 00"


def test_a_missing_or_an_additional_byte_is_seen_at_the_end() -> None:
    plan, packed, histograms = make_operations(7, 500)
    stream = write_stream(packed, 500)
    for wrong in (stream[:-1], stream[:-2], stream + b"\0", stream + b"\0\0"):
        assert not read(wrong, plan, histograms)[1]


def test_every_flipped_bit_is_seen_in_the_symbols_or_at_the_end() -> None:
    plan, packed, histograms = make_operations(8, 60)
    stream = write_stream(packed, 60)
    right = [value for _, value in plan]
    for bit in range(8 * len(stream)):
        wrong = bytearray(stream)
        wrong[bit >> 3] ^= 1 << (bit & 7)
        values, ended = read(bytes(wrong), plan, histograms)
        assert values != right or not ended


def test_size_is_near_the_information() -> None:
    rng = np.random.default_rng(2)
    histograms = build_histograms(np.array([[3900, 150, 40, 6]]))
    symbols = rng.choice(4, 50_000, p=np.array([3900, 150, 40, 6]) / 4096)
    packed = np.array(
        [packing.symbol_operation(histograms.cumulative, 0, int(s)) for s in range(4)], np.uint32
    )[symbols]
    ideal = histograms.bits()[0][symbols].sum() / 8
    assert len(write_stream(packed, len(symbols))) < ideal * 1.002 + 12
