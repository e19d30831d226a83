"""Mutates the reference decoder and its tables, and asks whether the vectors notice.

    python -m conformance.mutate [--module NAME] [--every N] [--first K] [--seconds S] [--jobs N]
        [--state FILE] [--keep] [--gate]

A mutant changes a number by one, a comparison, an operator (of numbers, of bits, `and`, `or`), True
and False, `min` and `max`; drops a statement (an assignment, a call, a `require`, a `raise`), a
`not`, a minus or a clamp; makes `break` and `continue` of each other; swaps the first arguments of
a call, two indices, or two neighbours in a table, or moves a threshold. It meets the vectors that
reach its line (or read its table) until an answer is wrong: first those that noticed its neighbours
or are refused at its line, then the quickest. After a second or so of these a copy of the reference
is watched with all vectors, and those alone are asked in which what the mutant changes has another
value (`infection.py`). What no vector notices is printed, with the number of such vectors and the
reason that `conformance/survivors.txt` gives; one without a reason fails the run.

What noticed a mutant of its name before (`conformance/noticed.txt`, which --keep writes) is asked
first of all, so that a complete look is repeated in minutes. With --gate those mutants are left out
of which a reason is written, or that all let pass when the file was written: what was noticed has
to be noticed still, and so has what is new.

--state keeps what was found, a line for each mutant, and which vector reaches what: a run that was
stopped goes on where it was, one after a change judges the modules that are not as they were (it
asks first what noticed the mutant of the same name before), and one after new vectors asks these
what survived the others. Python 3.12 or newer is several times
quicker in the beginning.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from . import infection
from . import noticed as kept_names
from .asking import LOADING, Asked, Judge, Task, still_noticed, vectors_for
from .mutants import MODULES, TABLES, Mutant, mutants_of, source_of
from .noticed import NONE, NOTICED, heading, name_of
from .reach import all_reached
from .reference import conventions
from .state import State, digest, entry_digest, read_reasons
from .suite import HERE, Entry, load

SURVIVORS = HERE / "survivors.txt"
QUICK = 0.8  # seconds of vectors for a mutant, before it is known which may notice it
MOST_BYTES = 66000  # of samples: larger vectors are left out
MOST_MEMORY = 4 << 30

_judge: Judge | None = None


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _begin(reached: Asked, seconds: float | None) -> None:
    global _judge
    _judge = Judge(reached, seconds)
    _limit_memory()


def _judge_in_pool(task: Task) -> tuple[str, list[str]]:
    assert _judge is not None
    return _judge(task)


def main(arguments: list[str] | None = None) -> int:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutate",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--module", action="append", choices=(*MODULES, TABLES))
    parser.add_argument("--every", type=int, default=1, help="each N-th mutant of a module")
    parser.add_argument("--first", type=int, default=0, help="the first of these, 0..N - 1")
    parser.add_argument(
        "--seconds", type=float, help="of vectors asked for each mutant (default: all of them)"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--state", type=Path, help="file to go on from, made where there is none")
    parser.add_argument("--noticed", type=Path, default=NOTICED, help="what noticed each before")
    parser.add_argument("--keep", action="store_true", help="write that file anew at the end")
    parser.add_argument("--gate", action="store_true", help="as continuous integration does")
    given = parser.parse_args(arguments)
    names = tuple(given.module or (*MODULES, TABLES))
    mutants = [
        mutant
        for name in names
        for mutant in mutants_of(name, conventions.TABLES)[given.first :: given.every]
    ]
    before = kept_names.read(given.noticed)
    if given.gate:
        let = {*read_reasons(SURVIVORS)}
        let |= {m.key for m in mutants if before.get((heading(m), name_of(m))) == NONE}
        mutants = [m for m in mutants if m.key not in let]
    entries = sorted((e for e in load() if samples_of(e) <= MOST_BYTES), key=samples_of)
    state = State(given.state)
    verdicts = Verdicts(mutants, entries, state)
    print(f"{len(mutants)} mutants, {verdicts.known()} judged before", flush=True)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(given.jobs, fork, _limit_memory) as pool:
        verdicts.confirm(before, pool)
    left = verdicts.alive()
    if given.gate and not left:
        return _tell(mutants, verdicts, whole=False)
    for mutant in left if given.gate else ():
        print(f"all are asked of: {mutant.key}", flush=True)
    with ProcessPoolExecutor(given.jobs, fork) as pool:
        verdicts.reached = all_reached(entries, names, state, pool.map)
    quick = QUICK if given.seconds is None else min(QUICK, given.seconds)
    for seconds in (quick, given.seconds):
        with ProcessPoolExecutor(given.jobs, fork, _begin, (verdicts.reached, seconds)) as pool:
            verdicts.judge(pool)
        infection.begin(verdicts.unwatched())
        with ProcessPoolExecutor(given.jobs, fork) as pool:
            verdicts.watch(pool)
    whole = given.every == 1 and not given.module
    if given.keep:
        _keep(given.noticed, names, mutants, verdicts)
    return _tell(mutants, verdicts, whole=whole)


def samples_of(entry: Entry) -> int:
    """Bytes of samples; refusals count as 100."""
    return sum(frame["bytes"] for frame in entry.get("frames", [{"bytes": 100}]))


def _keep(path: Path, names: tuple[str, ...], mutants: list[Mutant], verdicts: Verdicts) -> None:
    """What is known of other mutants that there are stays."""
    there = {
        (heading(m), name_of(m))
        for name in (*MODULES, TABLES)
        for m in mutants_of(name, conventions.TABLES)
    }
    known = {place: by for place, by in kept_names.read(path).items() if place in there}
    known |= {(heading(m), name_of(m)): verdicts.killer(m) or NONE for m in mutants}
    kept_names.write(path, known, [of for of, _ in known])


class Verdicts:
    """What is known of mutants, in the state.

    One that was noticed stays so while its module, or table, and that vector are the same; one that
    survived is asked again by the vectors that did not see it, but for those in which nothing that
    it changes has another value.
    """

    def __init__(self, mutants: list[Mutant], entries: list[Entry], state: State) -> None:
        self._mutants = mutants
        self._entries = {str(entry["id"]): entry for entry in entries}
        self.reached: Asked = []  # to be set before they are judged
        self._state = state
        paths = {
            m: conventions.TABLES / m.table if m.table else source_of(m.module) for m in mutants
        }
        digests = {path: digest(path) for path in set(paths.values())}
        self._ids = {m: f"{digests[paths[m]]} {m.key}" for m in mutants}
        self._now = {name: entry_digest(entry) for name, entry in self._entries.items()}
        self._now[LOADING] = ""
        self._earlier = {
            name.split(" ", 2)[2]: found[0]
            for name, found in state.items()
            if name.startswith("mutant ")
        }

    def known(self) -> int:
        return sum(self._state.get(f"mutant {self._ids[m]}") is not None for m in self._mutants)

    def survives(self, mutant: Mutant) -> bool:
        return self._before(mutant) is not None

    def alive(self) -> list[Mutant]:
        return [mutant for mutant in self._mutants if self.survives(mutant)]

    def killer(self, mutant: Mutant) -> str:
        """The vector that noticed it, or ""."""
        if self.survives(mutant):
            return ""
        return str(self._state.get(f"mutant {self._ids[mutant]}")[0])

    def confirm(self, before: dict[tuple[str, str], str], pool: ProcessPoolExecutor) -> None:
        """Ask of each what noticed it, if there is that vector still."""
        tasks = [
            (m, self._entries.get(name))
            for m in self.alive()
            if (name := before.get((heading(m), name_of(m)), "")) in self._now
        ]
        for (m, entry), told in zip(tasks, pool.map(still_noticed, tasks), strict=True):
            if told:
                by = LOADING if entry is None else str(entry["id"])
                self._state.put(f"mutant {self._ids[m]}", [by, self._now[by]])

    def about(self, mutant: Mutant) -> str:
        """How many vectors there are in which something has another value, and were not asked."""
        seen = self._before(mutant) or frozenset()
        left = self._open(mutant, seen)
        met = self._state.get(f"met {self._ids[mutant]}")
        told = "" if met is None else f" met by {len(met[1])}"
        return told + (f" ({left} not asked)" if left else "")

    def _before(self, mutant: Mutant) -> frozenset[str] | None:
        """The vectors that cannot notice it; None: it is known to be noticed."""
        killer, then = self._state.get(f"mutant {self._ids[mutant]}") or ("", [])
        if killer and self._now.get(killer) == then:
            return None
        suite, by = self._state.get(f"met {self._ids[mutant]}") or ("", [])
        seen = frozenset() if killer else frozenset(then)
        return seen | (frozenset(self._state.get(f"suite {suite}") or ()) - frozenset(by))

    def judge(self, pool: ProcessPoolExecutor) -> None:
        tasks = []
        for m in self._mutants:
            seen = self._before(m)
            fresh = self._state.get(f"mutant {self._ids[m]}") is None
            if seen is not None and (fresh or self._open(m, seen)):
                tasks.append((m, seen, self._earlier.get(m.key, "")))
        for done, ((m, *_), (killer, told)) in enumerate(
            zip(tasks, pool.map(_judge_in_pool, tasks), strict=True), start=1
        ):
            self._state.put(
                f"mutant {self._ids[m]}", [killer, self._now[killer] if killer else told]
            )
            if done % 200 == 0:
                print(f"... {done} of {len(tasks)}", flush=True)

    def _open(self, mutant: Mutant, seen: frozenset[str]) -> int:
        """How many vectors may still notice it."""
        asked = vectors_for(mutant, self.reached)
        return sum(self._now[entry["id"]] not in seen for entry, _ in asked)

    def unwatched(self) -> list[Mutant]:
        """Survivors that are left with something to ask, and of which it is not known what."""
        return [
            m
            for m in self._mutants
            if not m.table and (seen := self._before(m)) is not None
            if self._state.get(f"met {self._ids[m]}") is None and self._open(m, seen)
        ]

    def watch(self, pool: ProcessPoolExecutor) -> None:
        """Note which vectors may notice the mutants that `infection.begin` was given."""
        watched = infection.watched()
        if not watched:
            return
        met: dict[Mutant, list[str]] = {m: [] for m in watched.values()}
        places = {(mutant.module, mutant.line) for mutant in met}
        entries = [entry for entry, reach in self.reached if reach.places & places]
        for entry, numbers in zip(entries, pool.map(infection.infected_by, entries), strict=True):
            for number in numbers:
                met[watched[number]].append(self._now[entry["id"]])
        suite = [self._now[entry["id"]] for entry in entries]
        name = hashlib.sha256(" ".join(suite).encode("ascii")).hexdigest()[:16]
        self._state.put(f"suite {name}", suite)
        for mutant, by in met.items():
            self._state.put(f"met {self._ids[mutant]}", [name, by])


def _tell(mutants: list[Mutant], verdicts: Verdicts, *, whole: bool) -> int:
    alive = {mutant: verdicts.survives(mutant) for mutant in mutants}
    reasons = read_reasons(SURVIVORS)
    unexplained = 0
    for mutant in mutants:
        if alive[mutant]:
            reason = reasons.get(mutant.key)
            unexplained += reason is None
            place = mutant.table or f"{mutant.module}.py:{mutant.line}"
            told = f"{mutant.key}{verdicts.about(mutant)}"
            print(f"survived: {place}: {told} => {reason or 'NO REASON'}")
    keys = {mutant.key for mutant in mutants}
    killed = {mutant.key for mutant in mutants if not alive[mutant]}
    stale = [key for key in reasons if key in killed or (whole and key not in keys)]
    for key in stale:
        print(f"listed, but does not survive: {key}")
    for module in dict.fromkeys(mutant.module for mutant in mutants):
        own = [mutant for mutant in mutants if mutant.module == module]
        noticed = sum(not alive[mutant] for mutant in own)
        print(f"{module:18} {len(own):5d} mutants, {noticed:5d} noticed")
    noticed = sum(not each for each in alive.values())
    share = 100 * noticed / max(1, len(mutants))
    print(
        f"{len(mutants)} mutants, {noticed} noticed ({share:.1f} %), "
        f"{len(mutants) - noticed - unexplained} survive for a reason, {unexplained} without one"
    )
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())
