"""What becomes of a file with one bit wrong: whether it is noticed, and what is left of it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile

import pil_dctz
from benchmarks.codecs import LOSSLESS, LOSSY, Codec, Samples
from benchmarks.pictures import read_set
from benchmarks.store import Record

#: Not the first bytes: a size that was hit says nothing of the payload, and a decoder that
#: believes it may ask for all memory.
FIRST = 64

#: mode, codec, setting (lossy: about SSIMULACRA2 70)
_CODECS = (
    ("lossy", "dctz", 70.0),
    ("lossless", "dctz", 5.0),
    ("lossy", "jpeg", 68.0),
    ("lossless", "png", 6.0),
    ("lossy", "webp", 75.0),
    ("lossless", "webp", 80.0),
    ("lossy", "avif", 60.0),
    ("lossy", "jxl", 2.4),
)
_SIDE = 384
NEAR = 16


def measure(
    sets: list[str],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    codecs: Sequence[str] = (),
    flips: int = 40,
) -> Iterator[Record]:
    """Records of bench "damage": a file of each codec and picture, `flips` of its bits one by one.

    noticed: the decoder said that something is wrong. same: it did not, but gave the very samples
    of the whole file. Else wrong samples were given as if they were right. kept, near: how much
    of the picture (share of pixels, exact or at most 16 levels away) a decoder gives that was asked
    for what is left, in the mean. The middle of a picture is taken, at most 384 x 384.
    """
    for set_name in sets:
        for picture in read_set(set_name, only=only, limit=limit):
            if picture.samples.dtype != np.uint8:
                continue
            samples = _middle(picture.samples)
            for mode, name, setting in _CODECS:
                if codecs and name not in codecs:
                    continue
                codec = (LOSSY if mode == "lossy" else LOSSLESS)[name]
                head = {"bench": "damage", "set": set_name, "picture": picture.name}
                entry = {"mode": mode, "codec": name, "label": codec.label}
                yield {**head, **entry, **_flip(codec, samples, setting, flips)}


def _middle(samples: Samples) -> Samples:
    """RGB, without alpha."""
    if samples.ndim == 2 or samples.shape[2] < 3:
        samples = np.repeat(samples.reshape(*samples.shape[:2], -1)[:, :, :1], 3, axis=2)
    samples = samples[:, :, :3]
    height, width = samples.shape[:2]
    y, x = max(0, (height - _SIDE) // 2), max(0, (width - _SIDE) // 2)
    return np.ascontiguousarray(samples[y : y + _SIDE, x : x + _SIDE])


def _flip(codec: Codec, samples: Samples, setting: float, flips: int) -> Record:
    data = codec.encode(samples, setting)
    whole = codec.decode(data)
    rng = np.random.default_rng(zlib.crc32(data))
    room = 8 * (len(data) - FIRST)
    bits = rng.choice(room, size=min(flips, room), replace=False)
    noticed = same = 0
    kept = near = 0.0
    for bit in sorted(map(int, bits)):
        broken = bytearray(data)
        broken[FIRST + bit // 8] ^= 1 << bit % 8
        got = _try(codec, codec.decode, bytes(broken))
        noticed += got is None
        same += got is not None and np.array_equal(got, whole)
        left = _try(codec, _tolerant(codec), bytes(broken)) if got is None else got
        if left is not None and left.shape == whole.shape:
            far = np.abs(left.astype(int) - whole).max(axis=2)
            kept += float((far == 0).mean())
            near += float((far <= NEAR).mean())
    count = len(bits)
    return {
        "bytes": len(data),
        "flips": count,
        "noticed": noticed,
        "same": same,
        "silent": count - noticed - same,
        "kept": round(kept / count, 4),
        "near": round(near / count, 4),
    }


def _try(codec: Codec, decode: Callable[[bytes], Samples], data: bytes) -> Samples | None:
    """None: the damage was noticed. Of our own decoder, an exception of another type is a bug."""
    expected = pil_dctz.DctzError if codec.name.startswith("dctz") else Exception
    try:
        return decode(data)
    except expected:
        return None


def _tolerant(codec: Codec) -> Callable[[bytes], Samples]:
    """The decoder as somebody would call it who wants what is left."""
    if codec.name.startswith("dctz"):
        return lambda data: np.asarray(pil_dctz.decode(data, strict=False))
    if codec.name.startswith("jxl"):
        return codec.decode  # has no such way

    def through_pillow(data: bytes) -> Samples:
        with _truncated_images(), Image.open(io.BytesIO(data)) as picture:
            return np.array(picture)

    return through_pillow


@contextmanager
def _truncated_images() -> Iterator[None]:
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
