"""The matrix tells a way with other samples, or that is not there, from ways that are alike."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import pil_dctz
from conformance.matrix import THREADS, WORKER, jobs_of, run_row, table


def row(**more: Any) -> dict[str, Any]:
    whole = {"version": "3.11.7", "numba": "0.68.1", "way": "jit", "python": "p", "seconds": 1}
    whole |= {"vectors": 9, "wrong": [], "pictures": {"a.dctz": ["x", "x"], "b.dctz": ["y", "y"]}}
    return whole | more


def test_ways_that_are_alike_are_told_so() -> None:
    lines, good = table([row(), row(way="interpreted", pictures={"b.dctz": ["y", "y"]})])
    assert good
    assert "9 of    9    2 of   2  yes" in lines[1]
    assert "9 of    9    1 of   1  yes" in lines[2]


def test_other_samples_by_threads_or_by_way_or_of_a_vector_are_told() -> None:
    threads, good = table([row(pictures={"a.dctz": ["x", "z"]})])
    assert not good
    assert "0 of   1  NO: a.dctz" in threads[1]
    ways, good = table([row(), row(pictures={"a.dctz": ["x", "x"], "b.dctz": ["z", "z"]})])
    assert not good
    assert "1 of   2  NO: b.dctz" in ways[2]
    vectors, good = table([row(wrong=["lossy/twin"])])
    assert not good
    assert "8 of    9    2 of   2  NO: lossy/twin" in vectors[1]


def test_a_way_that_is_not_there_is_told_and_nothing_but_such_ways_fails(tmp_path: Path) -> None:
    absent = run_row(sys.executable, "aot", [], tmp_path) if not_built() else row(absent="why")
    lines, good = table([row(), absent])
    assert good
    assert absent["absent"] in lines[2]
    assert not table([absent])[1]


def not_built() -> bool:
    from pil_dctz.kernels import load

    return load._extension("_kernels") is None


def test_a_worker_decodes_with_each_number_of_threads_and_by_regions(tmp_path: Path) -> None:
    path = tmp_path / "a.dctz"
    array = np.arange(90 * 70, dtype=np.uint16).reshape(90, 70).astype(np.uint8)
    pil_dctz.write(path, array, options=pil_dctz.EncodeOptions(mode="raw", segment_size=64))
    jobs = [
        job for job in jobs_of([path], small=False) if job["id"] in ("container/plain", path.name)
    ]
    jobs += [{**job, "id": "wrong", "right": ["0"]} for job in jobs if "right" in job]
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = [sys.executable, str(WORKER), str(tmp_path / "jobs.json"), "1,2,7"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["vectors"], found["wrong"]) == (2, ["wrong"])
    (told,) = found["pictures"].values()
    assert len(told) == len(THREADS) + 1
    assert len(set(told)) == 1
