"""Lossless density of every codec on every picture of a set."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.codecs import LOSSLESS, Codec, oxipng
from benchmarks.pictures import Picture, read_set
from benchmarks.store import Cache, Record


def measure(
    set_name: str,
    codecs: Sequence[str],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    rows: str = "all",
    effort: int | None = None,
) -> Iterator[Record]:
    """Records of bench "lossless": bytes, bits per pixel, times, and whether ours came back exact.

    A codec that cannot hold a picture (WebP and 16 bits) has no record for it: the tables compare
    totals over the pictures that both hold. oxipng gets the PNG file as found, the others its
    samples. Peers come from the cache where picture, setting and version are known. effort:
    another effort for ours than its default.
    """
    cache = Cache("lossless")
    for picture in read_set(set_name, only=only, limit=limit, rows=rows):
        for name in codecs:
            codec = LOSSLESS[name]
            if name == "webp" and picture.samples.dtype != np.uint8:
                continue
            setting = codec.settings[0]
            if codec.ours and effort is not None:
                setting = float(effort)
            key = (picture.sha256, name, codec.label, setting, codec.version())
            result = None if codec.ours else cache.get(*key)
            if result is None:
                result = one(codec, setting, picture)
                if not codec.ours:
                    cache.put(result, *key)
            head = {"bench": "lossless", "set": set_name, "picture": picture.name, "codec": name}
            yield {**head, "label": codec.label, "setting": setting, **result}


def one(codec: Codec, setting: float, picture: Picture) -> Record:
    """Encode and decode one picture; ours must come back exact."""
    start = time.perf_counter()
    if codec.name == "oxipng":
        data = oxipng(picture.data, int(setting))
    else:
        data = codec.encode(picture.samples, setting)
    middle = time.perf_counter()
    decoded = codec.decode(data)
    end = time.perf_counter()
    record: Record = {
        "bytes": len(data),
        "raw_bytes": picture.samples.nbytes,
        "pixels": picture.pixels,
        "bpp": round(len(data) * 8 / picture.pixels, 5),
        "encode_s": round(middle - start, 5),
        "decode_s": round(end - middle, 5),
        "version": codec.version(),
    }
    if codec.ours:
        same = decoded.dtype == picture.samples.dtype and np.array_equal(decoded, picture.samples)
        record["exact"] = bool(same)
    return record
