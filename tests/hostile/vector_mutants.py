"""Mutants of the conformance vectors, most with their checks made right again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformance.suite import HERE, load
from tests.mend import chunks_of, mend

MOST_BYTES = 3000


def seeds() -> list[tuple[str, bytes]]:
    """Small files that decode, one of each vector file."""
    files = {
        entry["file"]: entry["id"]
        for entry in load()
        if entry["kind"] == "must" and entry["scale"] == 1 and not entry["region"]
        if entry["bytes"] <= MOST_BYTES and entry["meta"]["width"] * entry["meta"]["height"] < 6000
    }
    return [(name, (HERE / file).read_bytes()) for file, name in files.items()]


def mutants(data: bytes, seed: int, number: int) -> Iterator[bytes]:
    """`number` mutants of a file; one in eight is left without right checks."""
    rng = np.random.default_rng([11, seed])
    for n in range(number):
        mutant = mutate(data, rng)
        yield mutant if n % 8 == 7 else mend(mutant)


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One change behind the signature: bits, bytes, a byte's neighbours, a cut, a run, a field."""
    out = bytearray(data)
    at = int(rng.integers(8, len(out)))
    kind = int(rng.integers(0, 9))
    if kind <= 2:
        out[at] ^= 1 << int(rng.integers(0, 8))
    elif kind == 3:
        out[at] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))
    elif kind == 4:
        out[at] = (out[at] + int(rng.choice([1, 255]))) & 255
    elif kind == 5:
        del out[at : at + int(rng.integers(1, 5))]
    elif kind == 6:
        out[at:at] = rng.bytes(int(rng.integers(1, 5)))
    elif kind == 7:
        size = int(rng.integers(1, 17))
        out[at : at + size] = bytes([int(rng.choice([0, 255]))]) * len(out[at : at + size])
    else:
        change_payload(out, rng)
    return bytes(out)


def change_payload(out: bytearray, rng: np.random.Generator) -> None:
    """Flip a bit in the payload of a chunk; nothing in the compact form, which has none."""
    if out[9] & 0x40:
        return
    end = out.rindex(b"DEND\0") + 9  # bytes may stand behind it
    chunks = [place for place in chunks_of(bytes(out[:end])) if place[2] - place[1] > 9]
    _, begin, end = chunks[int(rng.integers(0, len(chunks)))]
    out[int(rng.integers(begin + 5, end - 4))] ^= 1 << int(rng.integers(0, 8))
