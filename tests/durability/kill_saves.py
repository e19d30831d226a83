"""Kills a process that saves, at random moments: python -m tests.durability.kill_saves [--kills N]

The file must then be one of those that were saved, whole, whichever of the package's two ways to
a path wrote it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

import pil_dctz
from pil_dctz.cli.files import write_file

RAW = pil_dctz.EncodeOptions(mode="raw")


def pictures() -> list[np.ndarray]:
    """Two of different size; a megabyte each, so that writing takes a while."""
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, (500 + i, 700, 3), dtype=np.uint8) for i in range(2)]


def save_for_ever(path: Path, arrays: list[np.ndarray], files: list[bytes], started: int) -> None:
    """One after the other; `started`, a pipe, is told when the first is saved."""
    for number in count():
        if number == 1:
            os.write(started, b"!")
        which = number & 1
        if number & 2:
            write_file(str(path), lambda file, data=files[which]: file.write(data), force=True)
        else:
            pil_dctz.write(path, arrays[which], options=RAW)


def kill_saves(folder: Path, kills: int, seed: int) -> Iterator[tuple[bool, bool]]:
    """For each kill: whether the file is one of the two, and whether a save was under way."""
    arrays = pictures()
    files = [pil_dctz.encode(array, options=RAW) for array in arrays]
    path = folder / "a.dctz"
    path.write_bytes(files[0])
    moment = random.Random(seed)
    for _ in range(kills):
        begun, started = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                save_for_ever(path, arrays, files, started)
            finally:
                os._exit(1)
        os.close(started)
        os.read(begun, 1)
        os.close(begun)
        time.sleep(moment.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the saving process ended by itself"
        halves = list(folder.glob(".*.part"))
        yield path.read_bytes() in files, bool(halves)
        for half in halves:
            half.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(prog="kill_saves")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = list(kill_saves(Path(name), given.kills, given.seed))
    broken = sum(not whole for whole, _ in found)
    inside = sum(during for _, during in found)
    print(f"{len(found)} kills, {inside} of them during a save, {broken} files neither old nor new")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
