"""Threads: results and errors do not depend on their number."""

from __future__ import annotations

import os
import threading
import time

import pytest

from pil_dctz import schedule

pytestmark = pytest.mark.small


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_stand_in_the_order_of_the_tasks(threads: int) -> None:
    def work(task: int) -> int:
        time.sleep(0.001 * (task % 3))
        return task * task

    assert schedule.run(work, range(20), threads) == [k * k for k in range(20)]
    assert schedule.run(work, [], threads) == []


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_first_failing_task_in_order_raises(threads: int) -> None:
    def work(task: int) -> int:
        if task == 3:
            time.sleep(0.02)
        if task >= 3:
            raise ValueError(f"task {task}")
        return task

    with pytest.raises(ValueError, match="task 3"):
        schedule.run(work, range(20), threads)


def test_no_more_threads_work_than_were_asked_for() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1

    schedule.run(work, range(30), 3)
    assert 1 <= most <= 3


def test_work_inside_work_runs_where_it_is() -> None:
    def outer(task: int) -> list[str]:
        here = threading.current_thread().name
        names = schedule.run(lambda _: threading.current_thread().name, range(4), 4)
        assert names == [here] * 4
        return names

    assert len(schedule.run(outer, range(4), 4)) == 4


def test_counts_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        schedule.check_threads(0)
    assert schedule.check_threads(3) == 3
    assert schedule.check_threads(None) >= 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_makes_its_own_threads() -> None:
    assert schedule.run(lambda k: k, range(8), 3) == list(range(8))
    child = os.fork()
    if child == 0:
        done = schedule.run(lambda k: k + 1, range(8), 3) == list(range(1, 9))
        os._exit(0 if done else 1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            assert status == 0
            return
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    pytest.fail("the child waits for threads that it has not got")
