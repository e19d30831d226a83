"""What a second thread gives: decoding by one thread and by two, by turns in one process.

A machine whose second core is a hyper-thread, or shared, cannot double anything: the ceiling is
what two whole decodes by one thread each, at the same time, gain over one after the other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.pictures import read_set
from benchmarks.store import Record

#: Lossy files of this quality.
_QUALITY = 70.0


def measure(
    set_name: str,
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    rows: str = "all",
    turns: int = 15,
    modes: Sequence[str] = ("lossy", "lossless"),
    effort: int | None = None,
) -> Iterator[Record]:
    """Records of bench "threads", for each file of two segments or more: median seconds of a
    decode by the clock, how many times faster two threads are, and the machine's ceiling.

    effort: another lossless effort than the default.
    """
    import pil_dctz

    for picture in read_set(set_name, only=only, limit=limit, rows=rows):
        for mode in modes:
            if picture.samples.dtype != np.uint8 and mode == "lossy":
                continue
            options: dict[str, Any] = {"quality": _QUALITY} if mode == "lossy" else {}
            if mode == "lossless":
                options = {"lossless": True} | ({} if effort is None else {"effort": effort})
            data = pil_dctz.encode(picture.samples, **options)
            segments = _segments(data)
            if segments < 2:
                continue
            one_s, two_s, pair_s = _by_turns(data, turns)
            yield {
                "bench": "threads",
                "set": set_name,
                "picture": picture.name,
                "mode": mode,
                "pixels": picture.pixels,
                "segments": segments,
                "one_s": round(one_s, 6),
                "two_s": round(two_s, 6),
                "gain": round(one_s / two_s, 3),
                "ceiling": round(2 * one_s / pair_s, 3),
            }


def _segments(data: bytes) -> int:
    """Segments of the plane group that has the most of them."""
    import pil_dctz

    frames = pil_dctz.inspect(data).frames
    return max(group.columns * group.rows for frame in frames for group in frame.groups)


def _by_turns(data: bytes, turns: int) -> tuple[float, float, float]:
    """Median seconds of a decode by one thread, by two, and of two decodes at the same time."""
    import pil_dctz

    def decode(threads: int) -> object:
        return pil_dctz.decode(data, threads=threads)

    with ThreadPoolExecutor(2) as pool:

        def pair() -> object:
            return list(pool.map(decode, (1, 1)))

        works: tuple[Callable[[], object], ...] = (lambda: decode(1), lambda: decode(2), pair)
        times: tuple[list[float], ...] = ([], [], [])
        for turn in range(turns + 1):
            for work, kept in zip(works, times, strict=True):
                start = time.perf_counter()
                work()
                if turn:  # the first warms up
                    kept.append(time.perf_counter() - start)
    one, two, both = (statistics.median(kept) for kept in times)
    return one, two, both
