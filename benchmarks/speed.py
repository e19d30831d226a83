"""Encoding and decoding speed, ours beside its peers, best of a few runs in one warm process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.codecs import LOSSLESS, LOSSLESS_USUAL, LOSSY, Codec, Samples
from benchmarks.pictures import Picture, read_set
from benchmarks.store import Record

#: Settings of about equal SSIMULACRA2 (70 on photographs).
_AT_70 = {
    "dctz": 70.0,
    "dctz-learned": 70.0,
    "dctz-filters": 70.0,
    "jpeg": 68.0,
    "webp": 75.0,
    "avif": 60.0,
    "jxl": 2.4,
}
_LEARNED: dict[str, bool | str] = {"dctz-learned": True, "dctz-filters": "filters"}


def measure(
    set_name: str,
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    rows: str = "all",
    repeats: int = 3,
    codecs: list[str] | None = None,
    modes: Sequence[str] = ("lossy", "lossless"),
    effort: int | None = None,
) -> Iterator[Record]:
    """Records of bench "speed": seconds of encoding and decoding, of the clock and the processor.

    Peers run in one thread. Ours runs in one thread and, as a record of its own with "threads"
    null, in as many as the process may use. The first, unmeasured run of each warms it up.
    effort: another lossless effort for ours than its default.
    """
    for picture in read_set(set_name, only=only, limit=limit, rows=rows):
        for mode, table, settings in (("lossy", LOSSY, _AT_70), ("lossless", LOSSLESS, {})):
            if picture.samples.dtype != np.uint8 or mode not in modes:
                continue
            for name, codec in table.items():
                usual = _AT_70 if mode == "lossy" else LOSSLESS_USUAL
                if name not in (codecs or usual) or (mode == "lossy" and name not in _AT_70):
                    continue
                setting = settings.get(name, codec.settings[0])
                if codec.ours and mode == "lossless" and effort is not None:
                    setting = float(effort)
                for threads in (1, None) if codec.ours else (1,):
                    face = (
                        _ours(mode, setting, threads, _LEARNED.get(name, False))
                        if codec.ours
                        else _peer(codec, setting)
                    )
                    yield {
                        "bench": "speed",
                        "set": set_name,
                        "picture": picture.name,
                        "mode": mode,
                        "codec": name,
                        "label": codec.label,
                        "setting": setting,
                        "threads": threads,
                        **_times(face, picture, repeats),
                    }


Face = tuple[Callable[[Samples], bytes], Callable[[bytes], Samples]]


def _peer(codec: Codec, setting: float) -> Face:
    return (lambda samples: codec.encode(samples, setting)), codec.decode


def _ours(mode: str, setting: float, threads: int | None, learned: bool | str) -> Face:
    import pil_dctz

    options: dict[str, Any] = {"lossless": True, "effort": int(setting)}
    if mode == "lossy":
        options = {"quality": setting, "learned": learned}
    return (
        lambda samples: pil_dctz.encode(samples, threads=threads, **options),
        lambda data: pil_dctz.decode(data, threads=threads),
    )


def _times(face: Face, picture: Picture, repeats: int) -> Record:
    encode, decode = face
    data = encode(picture.samples)
    decode(data)
    encode_s, encode_cpu_s = _best(lambda: encode(picture.samples), repeats)
    decode_s, decode_cpu_s = _best(lambda: decode(data), repeats)
    return {
        "bytes": len(data),
        "pixels": picture.pixels,
        "encode_s": round(encode_s, 6),
        "decode_s": round(decode_s, 6),
        "encode_cpu_s": round(encode_cpu_s, 6),
        "decode_cpu_s": round(decode_cpu_s, 6),
    }


def _best(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The least seconds of the clock, and of the processor (all threads), of a few runs."""
    times, cpus = [], []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        times.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
    return min(times), min(cpus)
