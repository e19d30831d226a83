"""Threads, processes, and files that change: the same samples, or an error that says so."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import pil_dctz
from tests.durability.workers import digest

ROOT = Path(__file__).resolve().parents[2]
RAW = pil_dctz.EncodeOptions(mode="raw", segment_size=64)


def vector_files(most: int) -> list[str]:
    """Different files that decode, spread over the rooms of the suite."""
    manifest = ROOT / "conformance" / "manifest.json"
    entries = json.loads(manifest.read_text("ascii"))["vectors"]
    files = {entry["file"] for entry in entries if entry["kind"] == "must"}
    found = []
    for file in sorted(files):
        path = ROOT / "conformance" / file
        header = pil_dctz.read_header(path)
        if header.width * header.height <= 1 << 16 and not header.animated:
            found.append(str(path))
    step = max(1, len(found) // most)
    return found[::step][:most]


def test_64_threads_give_the_samples_of_one() -> None:
    paths = vector_files(64)
    assert len(paths) == 64
    alone = [digest(path, 1) for path in paths]
    start = threading.Barrier(64)

    def work(number: int) -> str:
        start.wait()
        found = ""
        for k in range(3):  # each thread another file each time
            found = digest(paths[(number + 21 * k) % 64])
            assert found == alone[(number + 21 * k) % 64]
        return found

    tracemalloc.start()
    try:
        with ThreadPoolExecutor(64) as pool:
            assert len(set(pool.map(work, range(64)))) > 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * (4 << 20)  # chapter 12: 4 MiB a thread; the pictures themselves are small


@pytest.fixture
def _same_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are spawned import the package that this one did, installed or not."""
    monkeypatch.syspath_prepend(str(Path(pil_dctz.__path__[0]).parent))


@pytest.mark.usefixtures("_same_package")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_give_the_same_samples(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    paths = vector_files(12)
    here = [digest(path) for path in paths]  # threads are running before the fork
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(digest, paths)) == here


@pytest.mark.usefixtures("_same_package")
def test_an_error_of_a_worker_keeps_its_place_and_clause(tmp_path: Path) -> None:
    data = bytearray(pil_dctz.encode(np.zeros((70, 9), np.uint8), options=RAW))
    data[-30] ^= 1
    path = tmp_path / "damaged.dctz"
    path.write_bytes(data)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        error = pool.submit(digest, str(path)).exception()
    assert isinstance(error, pil_dctz.DamagedError)
    with pytest.raises(pil_dctz.DamagedError) as here:
        digest(str(path))
    assert str(error) == str(here.value)
    assert (error.offset, error.clause) == (here.value.offset, here.value.clause)


@contextlib.contextmanager
def changing(path: Path, files: list[bytes], *, in_place: bool) -> Iterator[None]:
    """A thread that writes one after the other of `files` to `path`, over and over."""
    done = threading.Event()

    def write() -> None:
        beside = path.with_suffix(".new")
        number = 0
        while not done.is_set():
            number += 1
            target = path if in_place else beside
            target.write_bytes(files[number % len(files)])
            if not in_place:
                os.replace(beside, path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


@pytest.mark.parametrize("in_place", [False, True])
def test_a_file_replaced_while_it_is_decoded_gives_one_or_the_other(
    tmp_path: Path, in_place: bool
) -> None:
    # Alike in all but their samples, so that segments of both would fit together.
    pictures = [np.full((640, 640), value, np.uint8) for value in (3, 200)]
    files = [pil_dctz.encode(picture, options=RAW) for picture in pictures]
    path = tmp_path / "a.dctz"
    path.write_bytes(files[0])
    seen = 0
    with changing(path, files, in_place=in_place):
        for _ in range(60):
            try:
                array = pil_dctz.decode(path, threads=2)
            except pil_dctz.DctzError:
                assert in_place, "a file that was replaced whole was not read whole"
                continue
            assert array.min() == array.max(), "samples of two files"
            seen += 1
    assert seen == 60 or in_place


def test_a_file_in_memory_stays_there() -> None:
    with tempfile.SpooledTemporaryFile(1 << 20) as file:
        file.write(pil_dctz.encode(np.zeros((9, 9), np.uint8), options=RAW))
        file.seek(0)
        assert pil_dctz.decode(file).shape == (9, 9)
        assert not file._rolled


def test_a_file_written_to_while_it_is_decoded_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.dctz"
    data = pil_dctz.encode_frames([np.zeros((9, 9), np.uint8)] * 3, [1, 2, 3], options=RAW)
    path.write_bytes(data)
    frames = pil_dctz.decode_frames(path)
    next(frames)
    os.utime(path, ns=(1, 1))
    with pytest.raises(pil_dctz.DamagedError, match="changed while it was read"):
        list(frames)
