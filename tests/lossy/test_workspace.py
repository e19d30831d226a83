"""Arrays that are used again: by the same thread alone, never with what was in them before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import pil_dctz
from pil_dctz.workspace import Workspace, of_this_thread
from tests.pictures import draw_photo


def test_an_array_that_is_asked_for_again_has_the_same_memory() -> None:
    workspace = Workspace()
    first = workspace.empty("a", (4, 6), np.int16)
    first[...] = 7
    assert np.shares_memory(first, workspace.empty("a", (3, 2), np.int32))
    assert not np.shares_memory(first, workspace.empty("b", (4, 6), np.int16))
    assert (workspace.zeros("a", (48,), np.uint8) == 0).all()
    assert (first == 0).all()


def test_it_grows_and_keeps_no_large_array() -> None:
    workspace = Workspace()
    workspace.empty("a", (10,), np.uint8)
    grown = workspace.empty("a", (1000,), np.int32)
    assert grown.shape == (1000,) and np.shares_memory(grown, workspace.empty("a", (1,), np.int8))
    large = workspace.empty("a", (2 << 20,), np.int32)
    assert not np.shares_memory(large, workspace.empty("a", (2 << 20,), np.int32))


def test_each_thread_has_its_own() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(of_this_thread).result() is not of_this_thread()


def test_samples_do_not_depend_on_what_was_decoded_before() -> None:
    files = [
        pil_dctz.encode(draw_photo(width, height), quality=quality, effort=1)
        for width, height, quality in ((200, 120, 90), (48, 40, 30), (121, 199, 60))
    ]
    alone = []
    for data in files:
        with ThreadPoolExecutor(1) as pool:  # a new thread, a new workspace
            alone.append(pool.submit(pil_dctz.decode, data, threads=1).result())
    for before, number in ((1, 0), (0, 1), (0, 2), (2, 1)):
        pil_dctz.decode(files[before], threads=1)
        assert np.array_equal(pil_dctz.decode(files[number], threads=1), alone[number])
