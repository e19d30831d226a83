"""Calls a decoder written in Python without starting Python for each vector.

Started by the runner with the path of a script: loads it once, then makes a copy of itself (a fork)
for each vector it is told of, which is what a new process would be, without the second that loading
takes. A line of JSON comes in for each, with arguments, folder, file for stderr and limits; a line
goes out with exit status and peak of memory.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Launcher", "Limits", "wait"]


@dataclass(frozen=True)
class Limits:
    """Of each vector. memory: bytes of resident memory, 0 for none."""

    seconds: float = 60.0
    memory: int = 1 << 30


def wait(pid: int, limits: Limits) -> tuple[int | None, int]:
    """Exit status (None: it had to be stopped) and peak of resident memory. Needs `os.wait4`."""
    _cap_address_space(pid, limits)
    late = threading.Event()

    def stop() -> None:
        late.set()
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:  # a copy that has no group of its own yet
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(limits.seconds, stop)
    timer.start()
    try:
        _, status, usage = os.wait4(pid, 0)
    finally:
        timer.cancel()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return (None if late.is_set() else os.waitstatus_to_exitcode(status)), peak


def _cap_address_space(pid: int, limits: Limits) -> None:
    """So that a decoder gone wild ends itself: reserved addresses are no memory, hence the room."""
    if not limits.memory:
        return
    try:
        import resource

        most = limits.memory + (16 << 30)
        resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
    except (ImportError, AttributeError, OSError):
        pass  # not Linux, or it has ended already


class Launcher:
    """The runner's side."""

    def __init__(self, script: Path) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), str(script)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, arguments: Sequence[str], folder: Path, errors: Path, limits: Limits
    ) -> tuple[int | None, int]:
        """Exit status (None: it had to be stopped) and peak of resident memory."""
        assert self._process.stdin is not None and self._process.stdout is not None
        told = {
            "arguments": list(arguments),
            "folder": str(folder),
            "errors": str(errors),
            "seconds": limits.seconds,
            "memory": limits.memory,
        }
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        status, peak = json.loads(self._process.stdout.readline())
        return status, peak

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _be_the_decoder(module: Any, told: dict[str, Any]) -> None:
    """In the copy: the decoder's command line, and an end as its process has one."""
    status = 70  # a crash
    try:
        os.setsid()
        os.chdir(told["folder"])
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(os.open(told["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        status = module.main(told["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 70
    except BaseException:  # noqa: BLE001 - what a process says that nobody caught it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main(script: str) -> int:
    spec = importlib.util.spec_from_file_location("decoder", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["decoder"] = module
    spec.loader.exec_module(module)
    if hasattr(module, "get_ready"):
        module.get_ready()
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_the_decoder(module, told)
        print(json.dumps(wait(child, Limits(told["seconds"], told["memory"]))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
