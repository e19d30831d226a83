"""Work over segments, with threads. Results never depend on their number.

Stands below the two modes, since their encoders spread over segments too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["check_threads", "run"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None
_pool_size = 0
_pool_process = 0
_inside = threading.local()


def check_threads(threads: int | None) -> int:
    """The number to use; None: the processors that this process may use. Raises ValueError."""
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, got {threads}")
    return int(threads)


def run(work: Callable[[_Task], _Result], tasks: Iterable[_Task], threads: int) -> list[_Result]:
    """`work` of each task, in order of the tasks; at most `threads` at a time.

    If some fail, the first of them in that order raises, as it would with one thread.
    """
    tasks = list(tasks)
    workers = min(threads, len(tasks))
    if workers <= 1 or getattr(_inside, "worker", False):
        return [work(task) for task in tasks]
    shared = _Shared(work, tasks)
    futures: list[Future[None]] = [
        _executor(workers).submit(shared.take_tasks) for _ in range(workers - 1)
    ]
    shared.take_tasks()
    for future in futures:
        future.cancel()  # one that never began finds nothing left to do
    for future in futures:
        if not future.cancelled():
            future.result()
    return shared.results()


class _Shared(Generic[_Task, _Result]):
    """Tasks that several threads take one after the other."""

    def __init__(self, work: Callable[[_Task], _Result], tasks: list[_Task]) -> None:
        self._work = work
        self._tasks = tasks
        self._lock = threading.Lock()
        self._next = 0
        self._done: dict[int, _Result] = {}
        self._failed: dict[int, BaseException] = {}

    def take_tasks(self) -> None:
        outer = getattr(_inside, "worker", False)
        _inside.worker = True
        try:
            while (number := self._take()) is not None:
                self._do(number)
        finally:
            _inside.worker = outer

    def _take(self) -> int | None:
        with self._lock:
            # Tasks are taken in order: all before a failed one were taken, and will be finished.
            if self._failed or self._next == len(self._tasks):
                return None
            self._next += 1
            return self._next - 1

    def _do(self, number: int) -> None:
        try:
            self._done[number] = self._work(self._tasks[number])
        except BaseException as error:  # noqa: BLE001 - raised again by results()
            self._failed[number] = error

    def results(self) -> list[_Result]:
        if self._failed:
            raise self._failed[min(self._failed)]
        return [self._done[number] for number in range(len(self._tasks))]


def _executor(workers: int) -> ThreadPoolExecutor:
    """The pool of this process, made when first needed; a fork has none of its parent's threads."""
    global _pool, _pool_size, _pool_process
    with _lock:
        if _pool is None or _pool_process != os.getpid() or _pool_size < workers:
            _pool = ThreadPoolExecutor(workers, thread_name_prefix="dctz")
            _pool_size, _pool_process = workers, os.getpid()
        return _pool


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
