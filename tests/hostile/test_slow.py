"""Files of one pixel with the longest lists that may be told in few bits: all are read at the
speed of bytes, though mutants of the vectors never come to such lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

import pil_dctz
from conformance.author import fields as f
from conformance.author.bits import even
from conformance.author.container_vectors import small
from conformance.author.lossless import Lzw, Prediction, Tokens, flat, lossless_group
from conformance.author.lossless_files import file_of
from conformance.author.prediction_files import made, plain
from pil_dctz import DamagedError
from pil_dctz.lossless.prediction import SPLIT_LEVELS, energy_levels
from tests.hostile.many import allowed, seconds

SMALL = even(list(range(16)), 72)


def of_prediction(p: Prediction, depth: int = 8) -> bytes:
    p.depth = depth
    return made(p, 1, 1, plain(1, p.channels, 1), depth)


def tables(rans: bool) -> bytes:
    """All 64 classes and 64 tables, each with a code for runs where these are."""
    small_code = even(list(range(64)), 66)
    p = Prediction(4, 0, classes=64, own=(20, 16, 16, 16), cross=(0, 13, 13, 13), rice=0)
    p.rans = rans
    p.differ = p.same = small_code
    p.value = [SMALL] * 64
    p.zeros = [None if rans else SMALL] * 64
    p.map_lengths = even(list(range(65)), 65)
    contexts = 4 * 20 * (energy_levels(255) + SPLIT_LEVELS)
    p.map_symbols = [1 + n % 64 for n in range(contexts)]
    return of_prediction(p)


def palette() -> bytes:
    lzw = Lzw(4, palette=[(i & 1, i >> 1 & 1, i & 1, i >> 2 & 1) for i in range(256)], rice=0)
    return file_of(lossless_group([Tokens(lzw).bytes()], lzw), 1, 1, f.RGBA)


def codes() -> bytes:
    """A code for each class of all families, of all their symbols."""
    lzw = Lzw(4, cache_bits=11, tile=1, apart=True)
    lzw.own = {
        "token": flat(338),
        "phrase": flat(64),
        "residual": flat(38),
        "cache": flat(2048),
        "predictor": flat(15),
    }
    return file_of(lossless_group([Tokens(lzw).bytes()], lzw), 1, 1, f.RGBA)


def chunks(kind: str, payloads: Iterable[bytes]) -> bytes:
    return f.still(*small(), after=b"".join(f.chunk(kind, payload) for payload in payloads))


FILES: dict[str, Callable[[], bytes]] = {
    "values in runs of one": lambda: of_prediction(
        Prediction(1, value=[SMALL], values=[1] * 65536, values_begin=1), 16
    ),
    "values in runs of two": lambda: of_prediction(
        Prediction(1, value=[SMALL], values=[2] * 32768, values_begin=1), 16
    ),
    "numbers of one bit": lambda: of_prediction(
        Prediction(1, value=[SMALL], numbers=[0, 1] * 32768, number_bits=1), 12
    ),
    "classes and prefix codes": lambda: tables(False),
    "classes and histograms": lambda: tables(True),
    "palette": palette,
    "codes of all classes": codes,
    "unknown chunks": lambda: chunks("zzzz", [b""] * 20000),
    "texts": lambda: chunks("text", (f.stored(b"%d\0" % n) for n in range(1000))),
}


@pytest.mark.parametrize("name", FILES)
def test_a_list_takes_no_longer_than_its_bytes_allow(name: str) -> None:
    data = FILES[name]()
    try:
        pil_dctz.decode(data)  # compiles what it needs
        pil_dctz.read_metadata(data)
        answer = "samples"
    except DamagedError as error:
        answer = str(error)
    # Some have no samples, but the lists of all are read.
    assert answer == "samples" or answer.startswith("segment 0 of frame 0")
    assert seconds(data, 5) < allowed(data)
