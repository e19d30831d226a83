"""A fuzz target for each layer: python -m tests.hostile.layers [--count N] [--seed S] [--layer L]

Each takes any bytes and gives one of our errors or a result, and touches no byte outside an array.
With --atheris (which has to be installed) a layer is fuzzed by coverage of its Python code:

    python -m tests.hostile.layers --atheris container -- -runs=100000
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conformance.author import lossless as author
from conformance.author.bits import Bits, even
from conformance.author.draw import Draw
from conformance.author.learned import Filters, lrnd, ranks_of, some_taps
from conformance.author.learned_vectors import small_network
from conformance.author.lossless_files import gray_lzw
from conformance.author.lossy_block_vectors import blocks
from conformance.author.lossy_streams import Writer
from conformance.author.prediction_files import SMALL, plain
from pil_dctz.container.decoder.cursor import Cursor
from pil_dctz.container.syntax import GroupShape
from pil_dctz.entropy.decoder.prefix import build_decode_tables
from pil_dctz.errors import DamagedError, DctzError
from pil_dctz.learned.decoder.model_file import parse_model
from pil_dctz.learned.decoder.strengths import parse_layer
from pil_dctz.lossless.decoder import segment as lossless
from pil_dctz.lossy.decoder import segment as lossy
from tests.hostile.guards import GuardError, guards
from tests.hostile.many import decode
from tests.hostile.vector_mutants import mutate
from tests.hostile.vector_mutants import seeds as vectors
from tests.mend import mend

SIDE = 24
GRAY = GroupShape(SIDE, SIDE, 1, 8)
RGB = GroupShape(SIDE, SIDE, 3, 8)


@dataclass(frozen=True)
class Layer:
    """seeds: good bytes to begin with. run: what is asked; raises what is not to be raised."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], object]


def leb128(data: bytes) -> None:
    cursor = Cursor(data)
    while cursor.left:
        assert 0 <= cursor.leb("a number", "conventions.leb", 0, 1 << 62) <= 1 << 62


def huffman(data: bytes) -> None:
    lengths = np.frombuffer(data[:72].ljust(72, b"\0"), np.uint8) % 16
    build_decode_tables(np.ascontiguousarray(lengths[None], np.uint8), 12)


@functools.cache
def prediction_tables(rans: bool) -> author.Prediction:
    flat = [32] * 40 if rans else SMALL
    return author.Prediction(1, own=(4,), value=[flat], rans=rans)


def histogram(data: bytes) -> None:
    """Behind the fields of a table part that says `rans`."""
    start = Bits().raw(1, 0).gamma(1).raw(2, 0).raw(6, 0).raw(5, 1).raw(1, 1).raw(6, 0)  # no map
    start.bits += [byte >> i & 1 for byte in data for i in range(8)]
    lossless.parse_tables(b"\2" + start.bytes(), GRAY)


def histogram_bytes() -> bytes:
    """What follows the 22 bits that `histogram` begins with: 69 bits, so both end in one byte."""
    bits = Bits()
    prediction_tables(True).put_code(bits, [32] * 20, "value")
    return bits.bytes()


def residuals(rans: bool) -> bytes:
    bits = author.Residuals(prediction_tables(rans))
    plain(1, SIDE * SIDE)(bits)
    return bits.bytes()


def prediction(data: bytes) -> None:
    """Streams of both coders."""
    for rans in (False, True):
        tables = lossless.parse_tables(b"\2" + prediction_tables(rans).tables(), GRAY)
        out = np.empty((SIDE, SIDE, 1), np.uint8)
        attempt(lossless.decode_segment, tables, data, SIDE, SIDE, out)


def predictors(data: bytes) -> None:
    """Tables of the prediction part, and a stream for those that pass."""
    tables = lossless.parse_tables(b"\2" + data, GRAY)
    out = np.empty((SIDE, SIDE, 1), np.uint8)
    attempt(lossless.decode_segment, tables, residuals(False), SIDE, SIDE, out)


@functools.cache
def tokens() -> bytes:
    made = author.Tokens(gray_lzw())
    draw = Draw(3)
    while made.pixels < SIDE * SIDE:
        made.residuals(2, draw.below(40))
        left = SIDE * SIDE - made.pixels
        if left:
            made.run((author.W, author.N)[made.pixels % 2], min(left, draw.between(1, 30)))
    return made.bytes()


def lzw(data: bytes) -> None:
    tables = lossless.parse_tables(b"\1" + gray_lzw().tables(), GRAY)
    out = np.empty((SIDE, SIDE, 1), np.uint8)
    lossless.decode_segment(tables, data, SIDE, SIDE, out)


def lzw_tables(data: bytes) -> None:
    tables = lossless.parse_tables(b"\1" + data, GRAY)
    out = np.empty((SIDE, SIDE, 1), np.uint8)
    attempt(lossless.decode_segment, tables, tokens(), SIDE, SIDE, out)


@functools.cache
def lossy_parts() -> tuple[bytes, bytes, bytes]:
    plan = blocks(7, base=700, end=24, filtered=True)
    writer = Writer(plan, SIDE, SIDE)
    return plan.tables(), writer.low().bytes(), writer.high().bytes()


def rans(data: bytes) -> None:
    """As the low stream of a segment, and as one or two high ones behind a good low one."""
    blob, low, _ = lossy_parts()
    tables = lossy.parse_tables(blob, RGB)
    half = len(data) // 2
    for given in ((data, [b""]), (low, [data]), (low, [data[:half], data[half:]])):
        out = np.empty((SIDE, SIDE, 3), np.uint8)
        attempt(lossy.decode_segment, tables, *given, SIDE, SIDE, out)


def transforms(data: bytes) -> None:
    """Any steps and curves, for levels that are given: whatever sums follow, they fit."""
    _, low, high = lossy_parts()
    tables = lossy.parse_tables(data, RGB)
    for scale in (1, 2, 4):
        side = SIDE // scale
        out = np.empty((side, side, 3), np.uint8)
        attempt(lossy.decode_segment, tables, low, [high], SIDE, SIDE, out, scale=scale)


def model_file(data: bytes) -> None:
    """With its hash made right."""
    parse_model(data + hashlib.sha256(data).digest())


def strengths(data: bytes) -> None:
    parse_layer(data, [(130, 70), (64, 64)], 3)


def container(data: bytes) -> None:
    decode(mend(data))


def attempt(function: Callable[..., object], *given: object, **more: object) -> None:
    """Our errors are answers, for this part of a target."""
    with contextlib.suppress(DamagedError):
        function(*given, **more)


def models() -> list[bytes]:
    found = Filters(taps=some_taps()).file(b'{"name": "x"}'), small_network().file()
    return [data[:-32] for data in found]


def layer_payload() -> list[bytes]:
    chunk = lrnd(bytes(32), 3, 1, ranks_of([(1, 2), (3, 0), (7, 7)] * 2 + [(0, 5)], (3, 1)))
    return [chunk[5:-4]]


LAYERS = {
    "leb128": Layer(lambda: [bytes([1, 128, 1, 255, 127])], leb128),
    "huffman": Layer(lambda: [bytes(even(list(range(20)), 72))], huffman),
    "histogram": Layer(lambda: [histogram_bytes()], histogram),
    "rans": Layer(lambda: list(lossy_parts()[1:]), rans),
    "lzw": Layer(lambda: [tokens()], lzw),
    "lzw-tables": Layer(lambda: [gray_lzw().tables()], lzw_tables),
    "prediction": Layer(lambda: [residuals(False), residuals(True)], prediction),
    "predictors": Layer(lambda: [prediction_tables(False).tables()], predictors),
    "transforms": Layer(lambda: [lossy_parts()[0]], transforms),
    "model": Layer(models, model_file),
    "strengths": Layer(layer_payload, strengths),
    "container": Layer(lambda: [data for _, data in vectors()], container),
}


TOO_LONG = " s of the processor"


def violation(layer: Layer, data: bytes) -> str:
    """What is wrong with the layer's answer to these bytes, or ""."""
    begin = time.process_time()
    try:
        with guards():
            layer.run(data)
    except DctzError:
        pass
    except GuardError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - any other exception is what is looked for
        return f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begin
    return f"{seconds:.1f}{TOO_LONG}" if seconds > 2 else ""


def lasting_violation(layer: Layer, data: bytes) -> str:
    """As `violation`, but a long time is asked for again: kernels may have been compiled meanwhile.
    Anything else counts at once, whether it comes again or not."""
    wrong = violation(layer, data)
    return violation(layer, data) if wrong.endswith(TOO_LONG) else wrong


def run(name: str, count: int, seed: int) -> list[tuple[str, bytes]]:
    """Violations among `count` inputs: mutants of the seeds, one in eight of them drawn bytes."""
    layer = LAYERS[name]
    seeds = layer.seeds()
    for data in seeds[:1]:
        violation(layer, data)  # kernels are compiled before an input is charged for it
    rng = np.random.default_rng([seed, *name.encode()])
    found = []
    for number in range(count):
        data = seeds[number % len(seeds)]
        if number % 8 == 7:
            data = rng.bytes(int(rng.integers(1, 200)))
        else:
            for _ in range(1 if name == "container" else int(rng.integers(1, 4))):
                data = edited(data, rng, whole=name == "container")
        wrong = lasting_violation(layer, data)
        if wrong:
            found.append((f"{name}: {wrong}", data))
    return found


def edited(data: bytes, rng: np.random.Generator, *, whole: bool) -> bytes:
    if whole and len(data) > 16:
        return mutate(data, rng)
    out = bytearray(data)
    at = int(rng.integers(0, len(out) + 1))
    kind = int(rng.integers(0, 4))
    if kind == 0:
        del out[at : at + int(rng.integers(1, 5))]
    elif kind == 1:
        out[at:at] = rng.bytes(int(rng.integers(1, 5)))
    elif at < len(out):
        out[at] = int(rng.choice([0, 1, 127, 128, 255])) if kind == 2 else int(rng.integers(256))
    return bytes(out)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.hostile.layers")
    parser.add_argument("--count", type=int, default=20_000, help="inputs of each layer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layer", action="append", choices=LAYERS)
    parser.add_argument("--atheris", choices=LAYERS, help="its own options follow --")
    parser.add_argument("rest", nargs="*")
    given = parser.parse_args()
    if given.atheris:
        return fuzz(given.atheris, given.rest)
    total = 0
    for name in given.layer or LAYERS:
        begin = time.monotonic()
        found = run(name, given.count, given.seed)
        rate = given.count / max(1e-9, time.monotonic() - begin)
        print(f"{name:12} {given.count} inputs, {len(found)} violations, {rate:.0f}/s", flush=True)
        for wrong, data in found[:5]:
            print(f"  {wrong}: {data[:60].hex()}")
        total += len(found)
    return 1 if total else 0


def fuzz(name: str, options: list[str]) -> int:
    """Atheris in a process of its own, which it ends; the corpus begins with the seeds."""
    with tempfile.TemporaryDirectory(prefix="dctz-corpus-") as corpus:
        for number, data in enumerate(LAYERS[name].seeds()):
            (Path(corpus) / f"{number:04}").write_bytes(data)
        given = (name, [sys.argv[0], *options, corpus])
        process = multiprocessing.get_context("fork").Process(target=_fuzz, args=given)
        process.start()
        process.join()
    return process.exitcode or 0


def _fuzz(name: str, arguments: list[str]) -> None:
    """Guided by the coverage of the package's Python code."""
    import atheris

    warnings.simplefilter("ignore")  # of models that are not here
    layer = LAYERS[name]
    layer.run(layer.seeds()[0])
    atheris.instrument_all()

    def one(data: bytes) -> None:
        wrong = lasting_violation(layer, data)
        if wrong:
            raise AssertionError(wrong)

    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
