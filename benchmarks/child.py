"""What a fresh process measures of itself: `python -m benchmarks.child ACTION ...`, JSON out.

Imports the least it can, so that an import is measured where the user would pay for it.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class CountingFile(io.FileIO):
    """A file that counts the bytes read from it."""

    read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(-1 if size is None else size)
        self.read_bytes += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.read_bytes += count
        return count


def imports() -> dict[str, float]:
    """Seconds for PIL.Image, then what `pil_dctz` adds, on the clock and of the processor."""
    start = time.perf_counter(), time.process_time()
    import PIL.Image  # noqa: F401

    middle = time.perf_counter(), time.process_time()
    import pil_dctz  # noqa: F401

    end = time.perf_counter(), time.process_time()
    return {
        "pil_s": middle[0] - start[0],
        "pil_cpu_s": middle[1] - start[1],
        "pil_dctz_s": end[0] - middle[0],
        "pil_dctz_cpu_s": end[1] - middle[1],
        "numba_loaded": "numba" in sys.modules,
    }


def opening(path: str) -> dict[str, float]:
    """`Image.open` of a file: seconds of the first call and of the best later one, bytes read."""
    import PIL.Image

    _register(path)
    PIL.Image.preinit()
    times = []
    cpus = []
    count = 0
    for _ in range(6):
        with CountingFile(path) as file:
            start, cpu = time.perf_counter(), time.process_time()
            with PIL.Image.open(file) as picture:
                times.append(time.perf_counter() - start)
                cpus.append(time.process_time() - cpu)
                count = file.read_bytes
                width, height = picture.size
    return {
        "first_s": times[0],
        "first_cpu_s": cpus[0],
        "best_s": min(times[1:]),
        "read_bytes": count,
        "pixels": width * height,
        "numba_loaded": "numba" in sys.modules,
    }


def first_open(path: str) -> dict[str, float]:
    """Seconds of the first `Image.open` of a process; what registers the format was imported."""
    import PIL.Image

    _register(path)
    start, cpu = time.perf_counter(), time.process_time()
    PIL.Image.open(path).close()
    return {"seconds": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}


def first_decode(path: str) -> dict[str, float]:
    """Seconds from before the imports to the samples of one file."""
    start, cpu = time.perf_counter(), time.process_time()
    _decode(path)()
    return {"seconds": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}


def first_encode(codec: str, setting: str, path: str) -> dict[str, float]:
    """Seconds from before the imports of the codec to the bytes of one picture in memory."""
    import numpy as np

    samples = np.load(path)
    start, cpu = time.perf_counter(), time.process_time()
    _encoder(codec, float(setting))(samples)
    return {"seconds": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}


def memory_decode(codec: str, setting: str, path: str) -> dict[str, float]:
    """Peak memory that decoding adds; the code is loaded and the file's bytes are read before."""
    import numpy as np

    _warm_up(codec, float(setting), np.zeros((64, 64, 3), np.uint8))
    decode = _decode(path)
    before = _peak_bytes()
    decode()
    return {"added_bytes": _peak_bytes() - before}


def memory_encode(codec: str, setting: str, path: str) -> dict[str, float]:
    """Peak memory that encoding adds; the code is loaded and the samples are there before."""
    import numpy as np

    samples = np.load(path)
    _warm_up(codec, float(setting), samples[:64, :64].copy())
    encode = _encoder(codec, float(setting))
    before = _peak_bytes()
    encode(samples)
    return {"added_bytes": _peak_bytes() - before, "raw_bytes": samples.nbytes}


def _peak_bytes() -> int:
    """The peak of this program. Linux's ru_maxrss would start from that of the parent process."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _warm_up(codec: str, setting: float, samples: Any) -> None:
    mode, name = codec.split(":")
    from benchmarks.codecs import LOSSLESS, LOSSY

    entry = (LOSSY if mode == "lossy" else LOSSLESS)[name]
    entry.decode(entry.encode(samples, setting))


def _register(path: str) -> None:
    if path.endswith(".dctz"):
        import pil_dctz  # noqa: F401


def _decode(path: str) -> Callable[[], object]:
    data = Path(path).read_bytes()
    if path.endswith(".jxl"):
        import imagecodecs

        return lambda: imagecodecs.jpegxl_decode(data, numthreads=1)
    import numpy as np
    import PIL.Image

    _register(path)
    return lambda: np.asarray(PIL.Image.open(io.BytesIO(data)))


def _encoder(codec: str, setting: float) -> Callable[[Any], bytes]:
    mode, name = codec.split(":")
    from benchmarks.codecs import LOSSLESS, LOSSY

    encode = (LOSSY if mode == "lossy" else LOSSLESS)[name].encode
    return lambda samples: encode(samples, setting)


_ACTIONS: dict[str, Callable[..., dict[str, float]]] = {
    "imports": imports,
    "opening": opening,
    "first_open": first_open,
    "first_decode": first_decode,
    "first_encode": first_encode,
    "memory_decode": memory_decode,
    "memory_encode": memory_encode,
}

if __name__ == "__main__":
    print(json.dumps(_ACTIONS[sys.argv[1]](*sys.argv[2:])))
