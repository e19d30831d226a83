"""Mutants of the reference: each has a name of its own, is noticed, and leaves nothing behind."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance import asking, infection, mutate, noticed, reach
from conformance.mutants import MODULES, TABLES, Mutant, changed_tree, mutants_of, source_of
from conformance.reference import conventions
from conformance.state import State
from conformance.suite import Entry, load

RANS = ("--module", "rans", "--every", "20", "--jobs", "1")


def of(module: str) -> list[Mutant]:
    return mutants_of(module, conventions.TABLES)


def reached(entries: list[Entry]) -> asking.Asked:
    return [(entry, reach.reached_by(entry)) for entry in entries]


def small_vectors(room: str) -> list[Entry]:
    chosen = [entry for entry in load() if entry["id"].startswith(room)]
    return sorted(chosen, key=mutate.samples_of)[:40]


@pytest.mark.parametrize("module", [*MODULES, TABLES])
def test_each_mutant_has_a_name_of_its_own(module: str) -> None:
    keys = [mutant.key for mutant in of(module)]
    assert keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("module", ["rans", "learned", "prefix", "decode"])
def test_no_mutant_is_the_module_itself(module: str) -> None:
    whole = ast.dump(ast.parse(source_of(module).read_text("utf-8")))
    assert [m.key for m in of(module) if ast.dump(changed_tree(m)) == whole] == []


def test_statements_and_operators_of_all_kinds_are_changed() -> None:
    texts = {mutant.text for module in MODULES for mutant in of(module)}
    assert texts >= {"dropped", "arguments swapped", "indices swapped", "break", "continue"}
    assert texts >= {"And to Or", "Not dropped", "USub dropped", "not True", "min to max"}
    assert texts >= {"Add to Sub", "Mult to FloorDiv", "LtE to Lt", "clamp dropped"}
    keys = [mutant.key for mutant in of("learned")]
    assert not any("strict" in key and key.endswith("not True") for key in keys)
    assert not any(key.startswith("learned.: def ") for key in keys)  # a type, with |


def test_no_mutant_reads_a_number_below_0_that_has_no_sign() -> None:
    keys = [mutant.key for module in MODULES for mutant in of(module)]
    here = "frame.parse_head: duration = cursor.leb(0, LONG, here) if timed else 0: 0"
    assert f"{here} + 1" in keys
    assert f"{here} - 1" in keys  # the other 0 of the line
    assert f"{here} - 1 (2)" not in keys
    width = "lossy_tables.small_leb: value = cursor.leb(1, 65535, clause): 1 - 1"
    assert width in keys


def test_whole_vectors_pass_and_wrong_rules_do_not() -> None:
    entries = small_vectors("container/")
    mutants = [mutant for mutant in of("container") if "parse_header" in mutant.key]
    dropped = [mutant for mutant in mutants if mutant.text in ("raise dropped", "require dropped")]
    assert len(dropped) >= 6
    assert all(reach.is_right(entry) for entry in entries)
    quick = [e for e in load() if e["id"].startswith("container/") and e["id"] != "container/tall"]
    everything = reached(quick)
    assert [mutant.key for mutant in dropped if not asking.noticed_by(mutant, everything)] == []
    assert all(reach.is_right(entry) for entry in entries)


def test_a_table_with_two_entries_swapped_is_noticed_and_put_back() -> None:
    before = conventions.TABLES
    entries = small_vectors("lossy/")
    mutant = next(m for m in of(TABLES) if m.table == "lossy-dct.txt")
    assert asking.noticed_by(mutant, reached(entries[:12]))
    assert before == conventions.TABLES
    assert all(reach.is_right(entry) for entry in entries[:5])


def test_what_a_vector_reaches_is_lines_and_tables() -> None:
    lossy = reach.reached_by(small_vectors("lossy/")[0]).places
    plain = reach.reached_by(small_vectors("container/plain")[0]).places
    assert {module for module, _ in plain} >= {"container", "conventions", "frame"}
    assert (TABLES, "lossy-dct.txt") in lossy
    assert not {place for place in plain if place[0] in (TABLES, "lossy")}


@pytest.mark.skipif(reach.MONITORING is None, reason="there is one way to trace before 3.12")
def test_both_ways_to_trace_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = small_vectors("container/plain")[0]
    quick = reach.reached_by(entry).places
    monkeypatch.setattr(reach, "MONITORING", None)
    assert reach.reached_by(entry).places == quick


def test_a_refusal_is_asked_first_of_its_line() -> None:
    entries = small_vectors("container/")
    asked = reached(entries)
    mutant = next(m for m in of("container") if "no signature" in m.key and "raise" in m.text)
    first = asking.vectors_for(mutant, asked)[0][0]
    assert first["kind"] == "refuse"
    assert first["clauses"] == ["container.signature"]


def test_a_definition_is_asked_of_the_vectors_that_come_to_its_module() -> None:
    asked = reached([*small_vectors("container/")[:6], *small_vectors("lossless/narrow")])
    mutant = next(m for m in of("lzw") if "KINDS = " in m.key)
    chosen = [entry["id"] for entry, _ in asking.vectors_for(mutant, asked)]
    assert chosen
    assert all(name.startswith("lossless/") for name in chosen)


def test_what_noticed_a_neighbour_is_asked_first_and_time_is_kept_to() -> None:
    asked = reached(small_vectors("container/"))
    mutant, other = [m for m in of("container") if "parse_header: cursor.at = 8" in m.key][:2]
    judge = asking.Judge(asked, None)
    killer, told = judge((mutant, frozenset(), ""))
    assert killer
    assert told == []
    counted = []
    noticed_by = asking.noticed_by
    try:
        asking.noticed_by = lambda m, a: counted.append(a) or noticed_by(m, a)  # type: ignore[assignment,func-returns-value]
        judge((other, frozenset(), ""))
        assert counted[0][0][0]["id"] == killer
        asking.Judge(asked, 0.0)((other, frozenset(), ""))
        assert counted[1] == []
        last = asking.vectors_for(other, asked)[-1][0]["id"]
        judge((other, frozenset(), last))
        assert [pair[0]["id"] for pair in counted[2][:2]] == [last, killer]
    finally:
        asking.noticed_by = noticed_by


def test_a_run_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = small_vectors("lossy/")[:6]
    monkeypatch.setattr(mutate, "load", lambda: few)
    monkeypatch.setattr(mutate, "QUICK", 60.0)
    state = tmp_path / "state.jsonl"
    given = [*RANS, "--noticed", str(tmp_path / "none"), "--state", str(state)]
    mutate.main(given)
    first = capsys.readouterr().out.splitlines()
    assert ", 0 judged before" in first[0]
    lines = state.read_text().splitlines()
    state.write_text("\n".join(lines[:-2]) + '\n["mutant half')  # stopped while writing
    mutate.main(given)
    again = capsys.readouterr().out.splitlines()
    assert again[1:] == first[1:]
    assert f"{len(of('rans')[::20]) - 2} judged before" in again[0]
    assert json.loads(state.read_text().splitlines()[-1])[0].startswith("mutant ")


def test_a_new_vector_asks_survivors_alone_and_a_changed_one_what_it_had_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = small_vectors("lossy/")[:3]
    suite = [one, other]
    monkeypatch.setattr(mutate, "load", lambda: suite)
    monkeypatch.setattr(mutate, "QUICK", 60.0)
    state = tmp_path / "state.jsonl"

    def judged_before() -> int:
        """How many are known, survivors among them; the others are asked."""
        mutate.main([*RANS, "--noticed", str(tmp_path / "none"), "--state", str(state)])
        return int(capsys.readouterr().out.split()[2])

    assert judged_before() == 0
    verdicts = dict(map(json.loads, state.read_text().splitlines()))
    killers = [value[0] for key, value in verdicts.items() if key.startswith("mutant ")]
    killer = next(name for name in killers if name)
    assert judged_before() == len(killers)
    suite.append(third)
    lines = state.read_text().splitlines()
    assert judged_before() == len(killers)
    again = [json.loads(line)[0] for line in state.read_text().splitlines()[len(lines) :]]
    assert len([key for key in again if key.startswith("mutant ")]) == killers.count("")
    at = [entry["id"] for entry in suite].index(killer)
    suite[at] = {**suite[at], "why": "another"}
    lines = state.read_text().splitlines()
    judged_before()
    again = [json.loads(line)[0] for line in state.read_text().splitlines()[len(lines) :]]
    verdicts = dict(map(json.loads, lines))
    asked = [k for k, v in verdicts.items() if k.startswith("mutant ") and v[0] in ("", killer)]
    assert sorted(key for key in again if key.startswith("mutant ")) == sorted(asked)


def test_the_gate_asks_what_noticed_each_and_fails_where_it_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = small_vectors("lossy/")[:6]
    monkeypatch.setattr(mutate, "load", lambda: suite)
    path = tmp_path / "noticed.txt"
    few = ("--module", "rans", "--every", "9", "--jobs", "1")  # some of these pass
    gate = [*few, "--noticed", str(path), "--gate"]
    mutate.main([*few, "--noticed", str(path), "--keep"])
    whole = capsys.readouterr().out
    known = noticed.read(path)
    assert len(known) == len(of("rans")[::9])
    assert {"lossy/" in by or by == noticed.NONE for by in known.values()} == {True}
    with monkeypatch.context() as patch:
        patch.setattr(mutate, "all_reached", lambda *given: pytest.fail("asks all vectors"))
        assert mutate.main(gate) == 0
    told = capsys.readouterr().out
    count = sum(by != noticed.NONE for by in known.values())
    assert 0 < count < len(known)
    assert f"{count} mutants, {count} noticed" in told
    assert f"{count} noticed" in whole
    suite[:] = small_vectors("container/")[:6]
    assert mutate.main(gate) == 1
    assert f"0 noticed (0.0 %), 0 survive for a reason, {count} without" in capsys.readouterr().out


def test_what_is_known_of_other_mutants_is_kept_and_of_those_that_are_gone_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "noticed.txt"
    other = next(m for m in of("container") if "parse_header" in m.key)
    place = noticed.heading(other), noticed.name_of(other)
    before = {place: "container/plain", ("container.gone", "01234567"): "container/plain"}
    noticed.write(path, before, [of for of, _ in before])
    assert noticed.read(path) == before
    monkeypatch.setattr(mutate, "load", lambda: small_vectors("lossy/")[:2])
    mutate.main([*RANS, "--noticed", str(path), "--keep"])
    found = noticed.read(path)
    assert found.pop(place) == "container/plain"
    assert {of.partition(".")[0] for of, _ in found} == {"rans"}


def test_a_vector_that_takes_long_is_given_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = next(e for e in load() if e["id"] == "lossy/ycbcr")
    monkeypatch.setattr(asking, "FIRST_SECONDS", 0.01)  # it takes longer, whatever the decoder
    name = 'histograms: raise RuntimeError(f"a histogram of {name} does not sum to 4096")'
    alike = next(m for m in of("rans") if name in m.key)
    assert not asking.still_noticed((alike, entry))
    other = next(m for m in of("transform_colour") if "from_ycbcr: y = " in m.key)
    assert asking.still_noticed((other, entry))


def test_a_constant_is_changed_in_its_module_alone() -> None:
    from conformance.reference import lzw_tables, prediction

    before = lzw_tables.MAX_LENGTH
    mutant = next(m for m in of("prediction") if "MAX_LENGTH = " in m.key and "12 + 1" in m.key)
    with asking._module(mutant):
        assert before == prediction.MAX_LENGTH  # of another module, and no other module's
    assert (before - 1, before) == (prediction.MAX_LENGTH, lzw_tables.MAX_LENGTH)


def test_a_mutant_that_leaves_something_behind_ends_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = next(e for e in load() if e["id"] == "container/plain")
    mutant = next(m for m in of("container") if "no signature" in m.key and "raise" in m.text)
    monkeypatch.setattr(asking, "is_right", lambda entry: False)  # for ever, as it seems
    with pytest.raises(asking.LeftBehindError, match="container/plain"):
        asking.noticed_by(mutant, [(entry, reach.Reach(1.0, frozenset(), frozenset()))])


def test_a_reference_that_cannot_be_put_back_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def stuck(mutant: Mutant) -> Iterator[None]:
        yield
        raise OSError("not put back")

    monkeypatch.setattr(asking, "_module", stuck)
    mutant = of("container")[0]
    with pytest.raises(asking.LeftBehindError):  # of a survivor, too: it was not noticed
        asking.noticed_by(mutant, [])


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = tmp_path / "survivors.txt"
    monkeypatch.setattr(mutate, "SURVIVORS", reasons)
    one, other = of("rans")[:2]

    def told(*noticed: Mutant) -> int:
        verdicts = mutate.Verdicts([one, other], [], State(None))
        monkeypatch.setattr(verdicts, "survives", lambda mutant: mutant not in noticed)
        return mutate._tell([one, other], verdicts, whole=False)

    assert told(other) == 1
    assert "NO REASON" in capsys.readouterr().out
    reasons.write_text(f"# why\n{one.key} => the same in all cases\n")
    assert told(other) == 0
    assert "1 survive for a reason" in capsys.readouterr().out
    assert told(one, other) == 1
    assert "does not survive" in capsys.readouterr().out


def test_what_notices_a_mutant_has_another_value_in_it() -> None:
    asked = reached([*small_vectors("container/"), *small_vectors("prediction/")[:12]])
    mutants = [m for name in ("container", "prefix", "rans") for m in of(name)[::6]]
    mutants += [m for m in of("container") if "CHANNELS =" in m.key]
    infection.begin(mutants)
    met = {entry["id"]: infection.infected_by(entry) for entry, _ in asked}
    watched = infection.watched()
    assert len(watched) > len(mutants) / 2
    killed = 0
    for number, mutant in watched.items():
        killer = asking.noticed_by(mutant, asked)
        if killer not in ("", mutate.LOADING):
            assert number in met[killer], mutant.key
            killed += 1
        unmet = [pair for pair in asked if number not in met[pair[0]["id"]]]
        assert asking.noticed_by(mutant, unmet[:5]) == "", mutant.key
    assert killed > 25


def test_an_expression_that_may_change_something_is_not_evaluated_twice() -> None:
    (mutant,) = [m for m in of("container") if "loop = cursor.leb" in m.key and "0 + 1" in m.key][
        :1
    ]
    assert infection.places_of(mutant)  # the number alone
    infection.begin([m for m in of("container") if "cursor" in m.key])
    for entry in small_vectors("container/"):
        infection.infected_by(entry)
    assert all(reach.is_right(entry) for entry in small_vectors("container/"))
