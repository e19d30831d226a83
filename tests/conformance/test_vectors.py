"""All vectors by our decoder, in this process. The reference's are the runner's, and coverage's."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import pil_dctz
from conformance import product_decoder
from conformance.in_process import outcome_of
from conformance.judge import judge
from conformance.suite import HERE, Entry, load

ENTRIES = load()
PARTS = 8  # a minute of a processor where kernels are interpreted: workers share it
ROOMS = sorted({entry["id"].split("/")[0] for entry in ENTRIES})


def of_room(room: str) -> list[Entry]:
    return [entry for entry in ENTRIES if entry["id"].startswith(f"{room}/")]


@pytest.mark.parametrize("room", ROOMS)
def test_ours_is_right(room: str) -> None:
    damaged = (pil_dctz.DamagedError, pil_dctz.NotDctzError)
    for entry in of_room(room):
        outcome = outcome_of(product_decoder.decode, entry, damaged, pil_dctz.DctzError)
        assert judge(entry, outcome) == "", entry["id"]


@pytest.mark.small
@pytest.mark.parametrize("part", range(PARTS))
def test_ours_is_right_on_small_vectors(part: int) -> None:
    damaged = (pil_dctz.DamagedError, pil_dctz.NotDctzError)
    for entry in ENTRIES[part::PARTS]:
        decoded = entry.get("frames", [{"bytes": 0}])
        if sum(frame["bytes"] for frame in decoded) <= 2000:
            outcome = outcome_of(product_decoder.decode, entry, damaged, pil_dctz.DctzError)
            assert judge(entry, outcome) == "", entry["id"]


@pytest.mark.parametrize("threads", [1, 7])
def test_threads_do_not_change_a_sample(threads: int) -> None:
    for entry in ENTRIES:
        if entry["kind"] == "must" and entry["scale"] == 1 and not entry["region"]:
            data = (HERE / entry["file"]).read_bytes()
            two = pil_dctz.decode(data, threads=2)
            assert np.array_equal(two, pil_dctz.decode(data, threads=threads)), entry["id"]


def test_the_author_imports_no_encoder_and_no_decoder() -> None:
    for path in (HERE / "author").glob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
        ours = {name for name in names if name.startswith(("pil_dctz", "conformance.reference"))}
        assert not ours or path.name == "make.py", f"{path.name} imports {sorted(ours)}"
