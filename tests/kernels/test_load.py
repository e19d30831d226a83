"""Kernels give the same whichever way they run, and never run code of another source.

Each test uses a toy package in a process of its own: two kernel modules, one calls the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pil_dctz

CALLEE = """
from pil_dctz.kernels.declare import inner

BIAS = 3

@inner
def add(a, b):
    return a + b + BIAS
"""

CALLER = """
import numpy as np
from pil_dctz.kernels.declare import kernel
from toy.callee_kernels import add

@kernel("int64(u8ro[::1], int32[:, ::1])")
def total(data, out):
    s = np.int64(0)
    for i in range(data.shape[0]):
        s = add(s, np.int64(data[i]))
    out[0, 0] = s
    return s

@kernel("int64(u8ro[::1], int64)")
def at(data, i):
    return np.int64(data[i])

@kernel("int64(int64, int64)")
def divide(a, b):
    return a // b

@kernel("int64(int64)")
def spin(n):
    s = np.int64(1)
    for i in range(n):
        s = (s * 6364136223846793005 + i) >> 1
    return s
"""

CALL = """
import sys
import numpy as np
from pil_dctz.kernels.load import load
k = load("toy.caller_kernels")
assert load("toy.caller_kernels") is k
out = np.zeros((1, 1), np.int32)
print(k.total(np.frombuffer(b"\\x01\\x02\\xff", np.uint8), out), out[0, 0])
"""


class Toy:
    """The toy package, and processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.package = folder / "toy"
        self.package.mkdir()
        (self.package / "__init__.py").touch()
        (self.package / "callee_kernels.py").write_text(CALLEE)
        (self.package / "caller_kernels.py").write_text(CALLER)

    def run(self, code: str, **settings: str) -> str:
        """What `code` prints, in a fresh process with these settings."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NUMBA_", "PIL_DCTZ_"))
        }
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(self.folder), str(Path(pil_dctz.__path__[0]).parent)]
        )
        environment["NUMBA_CACHE_DIR"] = str(self.cache)
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, **settings},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def cached(self) -> list[Path]:
        """The files of numba's cache."""
        return sorted(path for path in self.cache.rglob("*.nb?") if path.is_file())


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    return Toy(tmp_path)


def test_an_edit_to_a_called_module_is_not_answered_from_the_cache(toy: Toy) -> None:
    assert toy.run(CALL) == "267 267"
    assert toy.cached()
    (toy.package / "callee_kernels.py").write_text(CALLEE.replace("BIAS = 3", "BIAS = 4"))
    assert toy.run(CALL) == "270 270"


def test_the_second_process_compiles_nothing(toy: Toy) -> None:
    toy.run(CALL)
    hits = "print(sum(k.total.stats.cache_hits.values()), k.total.stats.cache_misses)"
    assert toy.run(CALL + hits).endswith("1 Counter()")


@pytest.mark.parametrize("keep", [0, 20, 400])
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_cut_cache_file_is_made_anew(toy: Toy, suffix: str, keep: int) -> None:
    toy.run(CALL)
    sizes = {}
    for path in toy.cached():
        if path.suffix == suffix:
            sizes[path] = path.stat().st_size
            path.write_bytes(path.read_bytes()[:keep])
    assert toy.run(CALL) == "267 267"
    assert all(path.stat().st_size > keep for path in sizes)


def test_no_writable_folder_means_no_cache(toy: Toy) -> None:
    toy.cache.write_text("a file where the folder should be")
    assert toy.run(CALL) == "267 267"


def test_numbas_settings_for_others_stay(toy: Toy) -> None:
    code = CALL + "import numba; print(numba.config.CACHE_DIR)"
    assert toy.run(code).splitlines()[-1] == str(toy.cache)


def test_checked_bounds_do_not_use_the_unchecked_cache(toy: Toy) -> None:
    toy.run(CALL)
    outside = (
        CALL
        + """
try:
    k.at(np.zeros(4, np.uint8), 100)
except IndexError:
    print("checked")
"""
    )
    assert toy.run(outside, NUMBA_BOUNDSCHECK="1").endswith("checked")


def test_interpreted_kernels_are_plain_functions(toy: Toy) -> None:
    code = CALL + "import types; print(isinstance(k.total, types.FunctionType))"
    assert toy.run(code, NUMBA_DISABLE_JIT="1").split() == ["267", "267", "True"]


def test_another_dtype_is_a_type_error_and_not_a_second_compilation(toy: Toy) -> None:
    code = (
        CALL
        + """
try:
    k.total(np.zeros(3, np.int8), out)
except TypeError:
    print("refused")
"""
    )
    assert toy.run(code).endswith("refused")


def test_a_wrong_choice_is_named(toy: Toy) -> None:
    code = """
from pil_dctz.kernels.load import load
try:
    load("toy.caller_kernels")
except RuntimeError as error:
    print(error)
"""
    assert "PIL_DCTZ_KERNELS must be" in toy.run(code, PIL_DCTZ_KERNELS="fast")
    assert "not compiled ahead of time" in toy.run(code, PIL_DCTZ_KERNELS="aot")


BUILD = """
import sys
from pil_dctz.kernels import build
if build._why_not():
    print(build._why_not())
else:
    build.build("_kernels", sys.argv[0] or ".", ["toy.caller_kernels"])
    print("built")
"""

USE_BUILT = """
import importlib, sys, threading, time
import numpy as np
from pil_dctz.kernels import load as loading
begin = time.perf_counter()
extension = importlib.import_module("_kernels")
took = time.perf_counter() - begin
loading._extension = lambda variant: extension
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    toy = Toy(tmp_path_factory.mktemp("built"))
    answer = toy.run(BUILD.replace('sys.argv[0] or "."', repr(str(toy.folder))))
    if answer != "built":
        pytest.skip(f"ahead of time: {answer}")
    return toy


def test_ahead_of_time_takes_read_only_arrays_and_needs_no_numba(built: Toy) -> None:
    code = USE_BUILT + CALL + "print('numba' in sys.modules, k.divide(7, 0))"
    assert built.run(code, PIL_DCTZ_KERNELS="aot").split() == ["267", "267", "False", "0"]


def test_ahead_of_time_loads_in_a_millisecond(built: Toy) -> None:
    seconds = [float(built.run(USE_BUILT + "print(took)")) for _ in range(5)]
    assert min(seconds) < 1e-3, seconds


def test_ahead_of_time_releases_the_interpreter_lock(built: Toy) -> None:
    # A thread counts while the kernel runs in the main thread: with the lock held it would stand
    # still until the kernel returned.
    code = (
        USE_BUILT
        + """
k = loading.load("toy.caller_kernels")
ticks = []
done = threading.Event()
def count():
    while not done.is_set():
        ticks.append(time.perf_counter())
        time.sleep(0.001)
thread = threading.Thread(target=count)
thread.start()
begin = time.perf_counter()
k.spin(300_000_000)
end = time.perf_counter()
done.set()
thread.join()
inside = [t for t in ticks if begin + 0.01 < t < end - 0.01]
print(end - begin > 0.05, len(inside) > 5)
"""
    )
    assert built.run(code, PIL_DCTZ_KERNELS="aot") == "True True"


def test_code_of_another_source_is_not_used(built: Toy) -> None:
    source = built.package / "callee_kernels.py"
    source.write_text(CALLEE.replace("BIAS = 3", "BIAS = 4"))
    try:
        assert built.run(USE_BUILT + CALL).split() == ["270", "270"]
    finally:
        source.write_text(CALLEE)
