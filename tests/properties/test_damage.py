"""Any bytes give samples or one of our errors: mutants, with their checksums made right again."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Any

import numpy as np
import pytest

import pil_dctz
from pil_dctz import DctzError, EncodeOptions, Limits
from tests.mend import chunks_of, mend
from tests.pictures import draw_graphic, draw_noise, draw_photo

pytestmark = pytest.mark.checked

LIMITS = Limits(max_pixels=1 << 16, max_memory=1 << 24)
MUTANTS = 1200
METADATA = pil_dctz.Metadata(icc=b"profile" * 9, exif=b"II*\0", dpi=(72, 72), text={"k": "value"})


@cache
def seeds() -> dict[str, bytes]:
    """A small file of every kind."""
    small = EncodeOptions(compact=False, segment_size=64)
    raw = EncodeOptions(mode="raw", segment_size=64)
    lossy = EncodeOptions(mode="lossy", segment_size=64)
    exact = EncodeOptions(lossless=True, segment_size=64)
    palette = draw_graphic(60, 40, 1) // 64 * 64
    mixed = draw_graphic(130, 70)
    mixed[:, :64] = draw_photo(64, 70)
    return {
        "raw": pil_dctz.encode(draw_noise(70, 9, 4, depth=3), depth=3, options=raw),
        "raw-compact": pil_dctz.encode(draw_noise(9, 7), options=EncodeOptions(mode="raw")),
        "metadata": pil_dctz.encode(draw_noise(5, 4), options=small, metadata=METADATA),
        "lossy": pil_dctz.encode(draw_photo(80, 70), options=lossy),
        "lossy-alpha": pil_dctz.encode(draw_photo(40, 30, 4), options=lossy),
        "lossy-compact": pil_dctz.encode(draw_photo(40, 30), options=EncodeOptions(mode="lossy")),
        "lossy-gray": pil_dctz.encode(draw_photo(33, 31, 1), options=lossy),
        "photo": pil_dctz.encode(draw_photo(70, 65), options=exact),
        "photo-compact": pil_dctz.encode(draw_photo(33, 21), lossless=True),
        "deep": pil_dctz.encode(draw_photo(33, 21, 3, depth=16), lossless=True),
        "graphic": pil_dctz.encode(draw_graphic(70, 65), options=exact),
        "graphic-compact": pil_dctz.encode(draw_graphic(40, 40, 4), lossless=True),
        "palette": pil_dctz.encode(palette, lossless=True),
        "bilevel": pil_dctz.encode(draw_graphic(90, 40, 1, depth=1), depth=1, lossless=True),
        "mixed": pil_dctz.encode(mixed, options=exact),
        "animation": pil_dctz.encode_frames(
            [draw_graphic(20, 15, 4, seed=seed) for seed in range(3)], [1, 2, 300], options=raw
        ),
    }


NAMES = [
    *("raw", "raw-compact", "metadata", "lossy", "lossy-alpha", "lossy-compact", "lossy-gray"),
    *("photo", "photo-compact", "deep", "graphic", "graphic-compact", "palette", "bilevel"),
    *("mixed", "animation"),
]


def decode_all(data: bytes, *, strict: bool = True) -> list[Any]:
    """All frames, and all that else reads the file."""
    header = pil_dctz.read_header(data, limits=LIMITS)
    if header.animated:
        frames = pil_dctz.decode_frames(data, strict=strict, limits=LIMITS)
        return [picture for picture, _ in frames]
    return [pil_dctz.decode(data, strict=strict, limits=LIMITS, threads=1)]


def samples_or_our_error(data: bytes) -> bool:
    """True for samples; anything but a DctzError fails the test."""
    try:
        pictures = decode_all(data)
    except DctzError as error:
        assert error.clause or isinstance(error, pil_dctz.UnsupportedError), error
        pictures = []
    try:
        tolerant = decode_all(data, strict=False)
    except DctzError:
        assert not pictures
        return False
    if pictures:
        for exact, found in zip(pictures, tolerant, strict=True):
            assert (exact == found).all()
    return bool(pictures)


def test_the_seeds_are_whole() -> None:
    assert list(seeds()) == NAMES
    for data in seeds().values():
        assert mend(data) == data
        assert samples_or_our_error(data)
        assert pil_dctz.verify(data).whole


@pytest.mark.parametrize("name", NAMES)
def test_no_proper_prefix_gives_samples(name: str) -> None:
    data = seeds()[name]
    for size in range(len(data)):
        for prefix in {data[:size], mend(data[:size])}:
            with pytest.raises(DctzError):
                decode_all(prefix)
                if pil_dctz.read_header(prefix).compact:
                    # made right again, a shorter compact file may hold samples of its own
                    raise pil_dctz.DamagedError("not told from a whole file")


@pytest.mark.parametrize("name", NAMES)
def test_mutants_give_samples_or_our_errors(name: str) -> None:
    data = seeds()[name]
    rng = np.random.default_rng([7, len(name), NAMES.index(name)])
    for number in range(MUTANTS):
        mutant = mutate(data, rng)
        samples_or_our_error(mend(mutant) if number % 8 else mutant)
        if number % 10 == 0:
            for look in (pil_dctz.verify, pil_dctz.inspect, pil_dctz.read_metadata):
                with contextlib.suppress(DctzError):
                    look(mend(mutant), limits=LIMITS)  # type: ignore[operator]


@pytest.mark.parametrize("name", NAMES)
def test_a_flipped_bit_is_always_found_by_a_check(name: str) -> None:
    data = seeds()[name]
    rng = np.random.default_rng(5)
    for bit in rng.choice(8 * len(data), min(8 * len(data), 200), replace=False):
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DctzError):
            decode_all(bytes(broken))


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One or two changes of the kinds that files suffer, or that an attacker makes."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 3))):
        at = int(rng.integers(8, len(out)))
        kind = int(rng.integers(0, 8))
        if kind <= 1:
            out[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 2:
            out[at] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))
        elif kind == 3:
            out[at] = (out[at] + int(rng.choice([1, 255]))) & 255
        elif kind == 4:
            del out[at : at + int(rng.integers(1, 9))]
        elif kind == 5:
            out[at:at] = rng.bytes(int(rng.integers(1, 9)))
        elif kind == 6:
            out[at : at + 16] = bytes([int(rng.choice([0, 255]))]) * 16
        else:
            _shuffle_chunks(out, rng)
        if len(out) < 16:
            break
    return bytes(out)


def _shuffle_chunks(out: bytearray, rng: np.random.Generator) -> None:
    """Drop, double or move a chunk of a file that still has any."""
    try:
        chunks = chunks_of(bytes(out))
    except DctzError:
        return
    if not chunks:
        return
    _, begin, end = chunks[int(rng.integers(0, len(chunks)))]
    taken = bytes(out[begin:end])
    if rng.integers(0, 2):
        del out[begin:end]
    _, to, _ = chunks[int(rng.integers(0, len(chunks)))]
    if rng.integers(0, 3):
        out[to:to] = taken
