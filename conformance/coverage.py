"""Asks what of the text and of the reference decoder the vectors reach.

    python -m conformance.coverage [--clauses] [--filter TEXT] [--jobs N] [--state FILE]

Clauses: each has a vector; each that can be broken (its text says *damaged*, *unsupported* or must,
or the reference refuses by its name) has a refusal. Branches of the reference under the vectors
alone: each condition true and false, each loop entered and run to its end, each function and
handler reached. Twins: the twin of a refused file comes to the function of the reference that
refuses its fellow. Values: each clamp of the reference clamped both ways, each field had its least
and its greatest value, each entry, row and symbol of the tables was used, each value of
`watched.py` was met.

What is not reached is printed, with the reason that `conformance/uncovered.txt` gives; one without
a reason, or a reason without need, fails the run. Branches are judged when all vectors are known:
--state keeps what each reached, so that they may run in parts (--filter, repeatable).
"""

from __future__ import annotations

import argparse
import ast
import functools
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from .branches import Measured, Spot
from .in_process import Answer, outcome_of
from .judge import judge
from .state import State, digest, read_reasons
from .suite import HERE, Entry, load

__all__ = ["branch_gaps", "clause_gaps", "main", "tell", "twin_gaps", "value_gaps"]

REFERENCE = HERE / "reference"
SPEC = HERE.parent / "spec"
UNCOVERED = HERE / "uncovered.txt"
REFUSALS = ("refuse", "unsupported")

CLAUSE = re.compile(r"^clause: `([a-z]+\.[a-z-]+)`", re.MULTILINE)
TABLE = re.compile(r"entries of |rows of |symbols of ")
AT_MOST = re.compile(r"at most (\d+): ")
RULE = re.compile(r"\*damaged\*|\*unsupported\*|\bmust\b", re.IGNORECASE)

Found = tuple[str, int | None, str, dict[str, str]]
"""What a vector did: the spots taken, as bits; the block that refused; what is wrong; values."""


def clauses_of(spec: Path) -> dict[str, str]:
    """The text below each clause id, up to the next heading.

    Without those that are informative, and chapter 11, which is of the suite and not of files.
    """
    found = {}
    for path in sorted(spec.glob("*.md")):
        _, *parts = CLAUSE.split(path.read_text("utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            found[name] = re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0]
    return {
        name: text
        for name, text in found.items()
        if not (text.lstrip().startswith("Informative.") or name.startswith("conformance."))
    }


def breakable(clauses: dict[str, str], reference: Path) -> set[str]:
    """Those whose text has a rule for files, or that the reference names where it refuses."""
    named = {
        node.value
        for path in reference.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {name for name, text in clauses.items() if name in named or RULE.search(text)}


def clause_gaps(
    entries: list[Entry], spec: Path = SPEC, reference: Path = REFERENCE
) -> tuple[list[str], list[str]]:
    """What is missing, by name, and lines of figures."""
    clauses = clauses_of(spec)
    rules = breakable(clauses, reference)
    named = {clause for entry in entries for clause in entry["clauses"]}
    broken = {name for entry in entries if entry["kind"] in REFUSALS for name in entry["clauses"]}
    gaps = [f"clause {name}: not in the specification" for name in sorted(named - clauses.keys())]
    gaps += [f"clause {name}: no vector" for name in clauses if name not in named]
    gaps += [f"clause {name}: no refusal" for name in clauses if name in rules - broken]
    have, refused = len(named & clauses.keys()), len(rules & broken)
    return gaps, [
        f"{len(clauses)} clauses, {have} with a vector ({_percent(have, len(clauses))}); "
        f"{len(rules)} can be broken, {refused} with a refusal ({_percent(refused, len(rules))})"
    ]


@functools.cache
def _measured() -> Measured:
    return Measured(REFERENCE, f"{__package__}.measured", watched=True)


def run(entry: Entry) -> Found:
    """A vector through the measured copy of the reference."""
    measured = _measured()
    decoder, conventions = measured.modules["decode"], measured.modules["conventions"]
    refused_in = None

    def decode(*given: Any) -> Answer:
        nonlocal refused_in
        try:
            result = decoder.decode(*given)
        except conventions.Refusal as error:
            refused_in = measured.block_of(error.__traceback__, "conventions")
            raise
        return result.raw(), result.meta()

    measured.begin()
    damaged = (conventions.Damaged, conventions.NotDctz)
    wrong = judge(entry, outcome_of(decode, entry, damaged, conventions.Refusal))
    taken = sum(1 << i for i, hit in enumerate(measured.hits) if hit)
    return hex(taken), refused_in, wrong, measured.seen.take()


def branch_gaps(spots: list[Spot], found: Iterable[Found]) -> tuple[list[str], list[str]]:
    """Spots that no vector takes, and a line of figures for each module, then for all."""
    taken = 0
    for bits, *_ in found:
        taken |= int(bits, 16)
    gaps = [spot.key for i, spot in enumerate(spots) if not taken >> i & 1]
    lines = []
    for module in dict.fromkeys(spot.module for spot in spots):
        own = [i for i, spot in enumerate(spots) if spot.module == module]
        reached = sum(taken >> i & 1 for i in own)
        lines.append(f"{module:18} {len(own):5d} branches, {reached:5d} taken")
    reached = len(spots) - len(gaps)
    lines.append(f"{len(spots)} branches, {reached} taken ({_percent(reached, len(spots))})")
    return gaps, lines


def twin_gaps(
    entries: list[Entry], found: dict[str, Found], spots: list[Spot]
) -> tuple[list[str], list[str]]:
    """Refusals whose twin stays away from the function that refuses, and a line of figures."""
    refusals = [entry for entry in entries if entry["kind"] in REFUSALS and entry["id"] in found]
    gaps = []
    for entry in refusals:
        block, twin = found[entry["id"]][1], found.get(entry["twin"])
        if block is None or twin is None:
            continue
        function = _function_of(spots, block)
        if not int(twin[0], 16) >> function & 1:
            gaps.append(f"twin of {entry['id']}: {spots[function].key}")
    good = len(refusals) - len(gaps)
    return gaps, [f"{len(refusals)} refusals, {good} with a twin that comes to the same function"]


def _function_of(spots: list[Spot], block: int) -> int:
    """The innermost function around a block."""
    here = spots[block]
    around = [
        (spot.end - spot.begin, number)
        for number, spot in enumerate(spots)
        if spot.module == here.module and "never called" in spot.key
        if spot.begin <= here.begin <= spot.end
    ]
    return min(around)[1] if around else block


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"


def value_gaps(
    groups: dict[str, Sequence[str]], found: Iterable[Found]
) -> tuple[list[str], dict[str, int], list[str]]:
    """What was never met; of tables how much of each; lines of figures."""
    met: dict[str, int] = {}
    for *_, values in found:
        for group, taken in values.items():
            met[group] = met.get(group, 0) | int(taken, 16)
    gaps, counts = [], {}
    figures: dict[str, list[int]] = {"tables": [0, 0], "calls": [0, 0], "watched": [0, 0]}
    for group, labels in groups.items():
        bits = met.get(group, 0)
        missing = [label for i, label in enumerate(labels) if label != "" and not bits >> i & 1]
        kind = "tables" if TABLE.match(group) else "calls" if "(" in group else "watched"
        figures[kind][0] += sum(label != "" for label in labels)
        figures[kind][1] += len(missing)
        if kind == "tables" and missing:
            gaps.append(f"value {group}: never used")
            counts[gaps[-1]] = len(missing)
        elif missing:
            gaps += [f"value {group}: {label}" for label in missing]
    lines = [
        f"values, {kind}: {total}, {total - missed} met ({_percent(total - missed, total)})"
        for kind, (total, missed) in figures.items()
    ]
    return gaps, counts, lines


def tell(
    gaps: list[str], reasons: dict[str, str], *, whole: bool, counts: dict[str, int] | None = None
) -> int:
    """Prints the gaps; the exit status. whole: all were looked for, so each reason needs one.

    counts: of gaps that stand for several, how many; their reasons begin with `at most N: `.
    """
    unexplained = 0
    for gap in gaps:
        reason, count = reasons.get(gap), (counts or {}).get(gap)
        most = AT_MOST.match(reason or "")
        good = reason is not None and (
            count is None or (most is not None and count <= int(most[1]))
        )
        unexplained += not good
        number = "" if count is None else f" ({count})"
        print(f"uncovered: {gap}{number} => {reason if good else f'NO REASON ({reason})'}")
    stale = [key for key in reasons if whole and key not in gaps]
    for key in stale:
        print(f"listed, but covered: {key}")
    print(
        f"{len(gaps)} gaps, {len(gaps) - unexplained} for a reason, {unexplained} without one",
        flush=True,
    )
    return 1 if unexplained or stale else 0


def _is_clause(key: str) -> bool:
    return key.startswith("clause ")


def main(arguments: list[str] | None = None) -> int:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m conformance.coverage",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--clauses", action="store_true", help="only the clauses: a second")
    parser.add_argument("--filter", action="append", default=[], help="part of an id; repeatable")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--state", type=Path, help="file to go on from, made where there is none")
    given = parser.parse_args(arguments)
    entries = load()
    reasons = read_reasons(UNCOVERED)
    gaps, lines = clause_gaps(entries)
    print("\n".join(lines))
    status = tell(gaps, {k: v for k, v in reasons.items() if _is_clause(k)}, whole=True)
    if given.clauses:
        return status
    found = _run_all(entries, given.filter, State(given.state), given.jobs)
    for name, (_, _, wrong, _) in found.items():
        if wrong:
            print(f"FAILED {name}: {wrong}")
            status = 1
    branches, lines = branch_gaps(_measured().spots, found.values())
    twins, more = twin_gaps(entries, found, _measured().spots)
    seen = _measured().seen
    seen.ask_as({key for *_, values in found.values() for key in values})
    values, counts, last = value_gaps(seen.groups, found.values())
    print("\n".join([*lines, *more, *last]))
    whole = len(found) == len(entries)
    others = {k: v for k, v in reasons.items() if not _is_clause(k)}
    judged = tell([*branches, *twins, *values], others, whole=whole, counts=counts)
    if not whole:
        print(f"{len(found)} of {len(entries)} vectors are known: branches are not judged")
        return status
    return status or judged


def _run_all(entries: list[Entry], filters: list[str], state: State, jobs: int) -> dict[str, Found]:
    """What all vectors did that are chosen or known from the state."""
    now = digest(*sorted(REFERENCE.glob("*.py")), SPEC / "tables" / "CHECKSUMS")
    own = digest(*(HERE / f"{name}.py" for name in ("branches", "values", "watched")))
    keys = {e["id"]: f"branches {e['id']} {e['sha256'][:16]} {now} {own}" for e in entries}
    chosen = [e for e in entries if not filters or any(part in e["id"] for part in filters)]
    missing = [entry for entry in chosen if state.get(keys[entry["id"]]) is None]
    with ProcessPoolExecutor(jobs) as pool:
        results = map(run, missing) if jobs == 1 else pool.map(run, missing)
        for entry, result in zip(missing, results, strict=True):
            state.put(keys[entry["id"]], result)
    known = {name: state.get(key) for name, key in keys.items()}
    return {name: tuple(value) for name, value in known.items() if value is not None}


if __name__ == "__main__":
    sys.exit(main())
