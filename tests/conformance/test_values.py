"""The gate of values notices which way a clamp went, and which values were never met."""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

import pytest

from conformance import coverage
from conformance.coverage import tell, value_gaps
from conformance.suite import load
from conformance.values import ROUTE, Marks, Seen, Sites, route
from conformance.watched import WATCHED

MODULE = """
def clamp(v, low, high):
    return max(low, min(v, high))


class Cursor:
    def __init__(self, value):
        self.value = value

    def leb(self, low, high, clause):
        return self.value

    def raw(self, n):
        return self.value


def work(v, cursor):
    low = cursor.leb(0, 9, "tiny")
    bit = cursor.raw(2)
    wide = cursor.raw(12)
    return clamp(v, -5, 5) + min(v, 3)
"""


@pytest.fixture
def tiny() -> tuple[Any, Seen]:
    seen = Seen()
    tree = ast.parse(MODULE)
    Marks("tiny", seen).visit(tree)
    module = ModuleType("tiny")
    vars(module)[ROUTE] = route(seen)
    changed = ast.fix_missing_locations(Sites().visit(tree))
    exec(compile(changed, "tiny", "exec"), vars(module))
    return module, seen


def gaps_of(seen: Seen) -> list[str]:
    return value_gaps(seen.groups, [("0x0", None, "", seen.take())])[0]


def test_each_way_of_a_call_that_was_not_met_is_a_gap(tiny: tuple[Any, Seen]) -> None:
    module, seen = tiny
    assert module.work(0, module.Cursor(1)) == 0
    assert gaps_of(seen) == [
        "value tiny.work: cursor.leb(0, 9, 'tiny'): never the least",
        "value tiny.work: cursor.leb(0, 9, 'tiny'): never the greatest",
        "value tiny.work: cursor.raw(2): never 0",
        "value tiny.work: cursor.raw(2): never 2",
        "value tiny.work: cursor.raw(2): never 3",
        "value tiny.work: cursor.raw(12): never 0",
        "value tiny.work: cursor.raw(12): never all ones",
        "value tiny.work: clamp(v, -5, 5): never below",
        "value tiny.work: clamp(v, -5, 5): never above",
        "value tiny.work: min(v, 3): not the second",
    ]
    assert module.work(6, module.Cursor(0)) == 8
    assert module.work(-6, module.Cursor(9)) == -11
    assert module.work(-5, module.Cursor(4095)) == -10  # the bound itself is not cut
    assert gaps_of(seen) == [
        "value tiny.work: cursor.raw(2): never 2",
        "value tiny.work: cursor.raw(2): never 3",
    ]


def test_a_vector_meets_values_of_all_three_kinds() -> None:
    entry = next(e for e in load() if e["id"] == "lossy/twin")
    _, _, wrong, met = coverage.run(entry)
    assert wrong == ""
    seen = coverage._measured().seen
    assert met["layout"] == hex(1 << 2)
    assert int(met["blocks left"], 16)
    assert any(group.startswith("symbols of lossy-dc") for group in met)
    assert any("clamp(" in group for group in met)
    before = len(value_gaps(seen.groups, [])[0])
    assert 0 < len(value_gaps(seen.groups, [("0x0", None, "", met)])[0]) < before


def test_each_watched_group_has_a_name_of_its_own_and_values() -> None:
    names = [watch.group for watch in WATCHED]
    assert len(set(names)) == len(names)
    assert all(set(watch.never) < set(range(len(watch.labels))) for watch in WATCHED)


def test_of_a_table_a_reason_says_how_much_may_be_unused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    groups = {"entries of a.txt": range(9)}
    found = [("0x0", None, "", {"entries of a.txt": "0x1f"})]
    gaps, counts, _ = value_gaps(groups, found)  # type: ignore[arg-type]
    assert counts == {"value entries of a.txt: never used": 4}
    for reason, status in (("at most 4: why", 0), ("at most 3: why", 1), ("why", 1)):
        assert tell(gaps, {gaps[0]: reason}, whole=True, counts=counts) == status
    assert "value entries of a.txt: never used (4) => at most 4: why" in capsys.readouterr().out
