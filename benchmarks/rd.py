"""Rate and distortion of every codec on every picture of a set, at each of its settings."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks import butteraugli
from benchmarks.codecs import LOSSY, Codec
from benchmarks.pictures import Picture, read_set
from benchmarks.store import Cache, Record
from pil_dctz.metrics import Reference, ms_ssim, psnr

_METRICS = "1"  # part of the cache's key: raise it when a metric changes


def measure(
    set_name: str,
    codecs: Sequence[str],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    with_butteraugli: bool = False,
) -> Iterator[Record]:
    """Records of bench "rd": bytes, bits per pixel, three scores and two times, in seconds.

    with_butteraugli: a fourth score, by an outside tool.

    8-bit gray and RGB pictures only; the others of a set are passed over. Peers come from the
    cache where picture, setting and version are known; their times are then those of that run.
    """
    cache = Cache("rd")
    for picture in read_set(set_name, only=only, limit=limit):
        if picture.samples.dtype != np.uint8 or picture.samples.shape[2:] not in ((), (3,)):
            continue
        kept: list[Reference] = []
        for name in codecs:
            codec = LOSSY[name]
            for setting in codec.settings:
                key: tuple[object, ...] = (
                    *(picture.sha256, name, codec.label, setting, codec.version(), _METRICS),
                    *(["butteraugli"] if with_butteraugli else []),
                )
                result = None if codec.ours else cache.get(*key)
                if result is None:
                    kept = kept or [Reference(picture.samples)]
                    result = point(codec, setting, picture, kept[0], with_butteraugli)
                    if not codec.ours:
                        cache.put(result, *key)
                head = {"bench": "rd", "set": set_name, "picture": picture.name, "codec": name}
                yield {**head, "label": codec.label, "setting": setting, **result}


def point(
    codec: Codec,
    setting: float,
    picture: Picture,
    reference: Reference,
    with_butteraugli: bool = False,
) -> Record:
    """Encode, decode and judge one picture."""
    start = time.perf_counter()
    data = codec.encode(picture.samples, setting)
    middle = time.perf_counter()
    decoded = codec.decode(data)
    end = time.perf_counter()
    more = {}
    if with_butteraugli:
        more["butteraugli"] = round(butteraugli.three_norm(picture.samples, decoded), 6)
    return {
        **more,
        "bytes": len(data),
        "bpp": round(len(data) * 8 / picture.pixels, 5),
        "ssimulacra2": round(reference.score(decoded), 4),
        "ms_ssim": round(ms_ssim(picture.samples, decoded), 7),
        "psnr": round(psnr(picture.samples, decoded), 4),
        "encode_s": round(middle - start, 5),
        "decode_s": round(end - middle, 5),
        "version": codec.version(),
    }
