"""Mutates the reference decoder and its tables, and asks whether the vectors notice.

    python -m conformance.mutate [--module NAME] [--every N] [--first K] [--seconds S] [--jobs N]
        [--state FILE]

A mutant changes one number by one, one comparison, one arithmetic operator, drops a `require`, a
`raise` or a clamp, or swaps two neighbours in a table. It meets the vectors that reach its line (or
read its table) until an answer is wrong: first those that noticed its neighbours or are refused at
its line, then the quickest. After a second or so of these a copy of the reference is watched with
all vectors, and those alone are asked in which what the mutant changes has another value
(`infection.py`). What no vector notices is printed, with the number of such vectors and the reason
that `conformance/survivors.txt` gives; one without a reason fails the run.

--state keeps what was found, a line for each mutant, and which vector reaches what: a run that was
stopped goes on where it was, one after a change judges the modules that are not as they were (it
asks first what noticed the mutant of the same name before), and one after new vectors asks these
what survived the others. Python 3.12 or newer is several times
quicker in the beginning.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import multiprocessing
import resource
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from . import infection
from .mutants import MODULES, TABLES, Mutant, changed_table, changed_tree, mutants_of, source_of
from .reach import PACKAGE, Reach, all_reached, clear_caches, is_right
from .reference import conventions
from .state import State, digest, entry_digest, read_reasons
from .suite import HERE, Entry, load

SURVIVORS = HERE / "survivors.txt"
SECONDS, TIMES = 1.0, 8  # of the processor for a vector, and so many times what it takes
QUICK = 0.8  # seconds of vectors for a mutant, before it is known which may notice it
MOST_BYTES = 20000  # of samples: larger vectors are left out
MOST_MEMORY = 4 << 30
LOADING = "(loading)"  # in place of a vector: the mutant cannot even be loaded

Asked = list[tuple[Entry, Reach]]
Task = tuple[Mutant, frozenset[str], str]
"""A mutant, what was asked before, and what noticed the one of its name in another state of its
module; "" for nothing."""


class TooSlow(Exception):  # noqa: N818 - no error, but a mutant that was noticed
    """A mutant that does not come to an end."""


def stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def noticed_by(mutant: Mutant, asked: Asked) -> str:
    """The id of the first of these vectors that gets a wrong answer; "" if the mutant survives."""
    signal.signal(signal.SIGPROF, stop)
    here = LOADING
    try:
        with _table(mutant) if mutant.module == TABLES else _module(mutant):
            for entry, reach in asked:
                here = str(entry["id"])
                signal.setitimer(signal.ITIMER_PROF, SECONDS + TIMES * reach.seconds)
                if not is_right(entry):
                    return here
            return ""
    except Exception:  # noqa: BLE001 - whatever a mutant raises, it was noticed
        return here
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _table(mutant: Mutant) -> Iterator[None]:
    """A folder of tables with the mutant's, its checksum right."""
    kept = conventions.TABLES
    with tempfile.TemporaryDirectory(prefix="dctz-tables-") as name:
        folder = Path(name)
        sums = []
        for path in kept.glob("*.txt"):
            text = path.read_text("ascii")
            if path.name == mutant.table:
                text = changed_table(mutant, text)
            (folder / path.name).write_text(text, "ascii")
            sums.append(f"{hashlib.sha256(text.encode('ascii')).hexdigest()}  {path.name}\n")
        (folder / "CHECKSUMS").write_text("".join(sums), "ascii")
        conventions.TABLES = folder
        clear_caches()
        try:
            yield
        finally:
            conventions.TABLES = kept
            clear_caches()


@contextmanager
def _module(mutant: Mutant) -> Iterator[None]:
    """The mutant's functions in place of the module's, also where other modules imported them."""
    path = source_of(mutant.module)
    module: ModuleType = importlib.import_module(f"{PACKAGE}.{mutant.module}")
    kept = dict(vars(module))
    scratch: dict[str, Any] = {"__name__": module.__name__, "__package__": PACKAGE}
    scratch["__file__"] = str(path)
    exec(compile(changed_tree(mutant), str(path), "exec"), scratch)
    errors = {
        name: value
        for name, value in kept.items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    scratch.update(errors)  # one set of exceptions for all
    names = {
        name: (kept[name], value)
        for name, value in scratch.items()
        if name in kept and name not in errors and not name.startswith("__")
        if getattr(value, "__module__", module.__name__) == module.__name__
    }
    modules = [importlib.import_module(f"{PACKAGE}.{name}") for name in MODULES]

    def put(which: int) -> None:
        for each in modules:
            for name, pair in names.items():
                if name in vars(each) and vars(each)[name] is pair[1 - which]:
                    setattr(each, name, pair[which])
        clear_caches(tables=mutant.module == "conventions")

    put(1)
    try:
        yield
    finally:
        put(0)


def samples_of(entry: Entry) -> int:
    """Bytes of samples; refusals count as 100."""
    return sum(frame["bytes"] for frame in entry.get("frames", [{"bytes": 100}]))


def vectors_for(mutant: Mutant, reached: Asked) -> Asked:
    """Those that reach it: refused at its line, then a quick one and any in turn."""
    place = (TABLES, mutant.table) if mutant.table else (mutant.module, mutant.line)
    chosen = [pair for pair in reached if place in pair[1].places]
    if not chosen:  # lines of definitions, which run when a module is loaded
        chosen = [pair for pair in reached if mutant.module in {m for m, _ in pair[1].places}]
    refused = [pair for pair in chosen if place in pair[1].refused]
    others = [pair for pair in chosen if place not in pair[1].refused]
    quick = sorted(others, key=lambda pair: pair[1].seconds)
    mixed = sorted(others, key=lambda pair: str(pair[0]["sha256"]))
    order = {pair[0]["id"]: pair for both in zip(quick, mixed, strict=True) for pair in both}
    return [*refused, *order.values()]


class Judge:
    """Judges mutants in one process. Asks first what noticed others of the same function."""

    def __init__(self, reached: Asked, seconds: float | None) -> None:
        self._reached = reached
        self._seconds = seconds
        self._recent: dict[str, list[str]] = defaultdict(list)

    def __call__(self, task: Task) -> tuple[str, list[str]]:
        """The vector that noticed the mutant, or "" and all that were asked."""
        mutant, before, earlier = task
        places = [mutant.table or mutant.key.partition(": ")[0], mutant.module]
        recent = [name for place in places for name in self._recent[place][:8]]
        asked = vectors_for(mutant, self._reached)
        asked = [pair for pair in asked if entry_digest(pair[0]) not in before]
        asked.sort(key=lambda pair: pair[0]["id"] not in recent)  # the sort is stable
        asked.sort(key=lambda pair: pair[0]["id"] != earlier)
        asked = self._within(asked)
        killer = noticed_by(mutant, asked)
        for place in places if killer and killer != LOADING else ():
            own = self._recent[place]
            self._recent[place] = [killer, *(name for name in own if name != killer)]
        told = [] if killer else sorted({entry_digest(entry) for entry, _ in asked} | before)
        return killer, told

    def _within(self, asked: Asked) -> Asked:
        """As many of them as take the seconds that one mutant may have."""
        if self._seconds is None:
            return asked
        left, chosen = self._seconds, []
        for pair in asked:
            left -= pair[1].seconds
            if left < 0:
                break
            chosen.append(pair)
        return chosen


_judge: Judge | None = None


def _begin(reached: Asked, seconds: float | None) -> None:
    global _judge
    _judge = Judge(reached, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


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
    given = parser.parse_args(arguments)
    names = tuple(given.module or (*MODULES, TABLES))
    mutants = [
        mutant
        for name in names
        for mutant in mutants_of(name, conventions.TABLES)[given.first :: given.every]
    ]
    entries = sorted((e for e in load() if samples_of(e) <= MOST_BYTES), key=samples_of)
    state = State(given.state)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(given.jobs, fork) as pool:
        reached = all_reached(entries, names, state, pool.map)
    verdicts = Verdicts(mutants, reached, state)
    print(f"{len(mutants)} mutants, {verdicts.known()} judged before", flush=True)
    quick = QUICK if given.seconds is None else min(QUICK, given.seconds)
    for seconds in (quick, given.seconds):
        with ProcessPoolExecutor(given.jobs, fork, _begin, (reached, seconds)) as pool:
            verdicts.judge(pool)
        infection.begin(verdicts.unwatched())
        with ProcessPoolExecutor(given.jobs, fork) as pool:
            verdicts.watch(pool)
    whole = given.every == 1 and not given.module
    return _tell(mutants, verdicts, whole=whole)


class Verdicts:
    """What is known of mutants, in the state.

    One that was noticed stays so while its module, or table, and that vector are the same; one that
    survived is asked again by the vectors that did not see it, but for those in which nothing that
    it changes has another value.
    """

    def __init__(self, mutants: list[Mutant], reached: Asked, state: State) -> None:
        self._mutants = mutants
        self._reached = reached
        self._state = state
        paths = {
            m: conventions.TABLES / m.table if m.table else source_of(m.module) for m in mutants
        }
        digests = {path: digest(path) for path in set(paths.values())}
        self._ids = {m: f"{digests[paths[m]]} {m.key}" for m in mutants}
        self._now = {entry["id"]: entry_digest(entry) for entry, _ in reached} | {LOADING: ""}
        self._earlier = {
            name.split(" ", 2)[2]: found[0]
            for name, found in state.items()
            if name.startswith("mutant ")
        }

    def known(self) -> int:
        return sum(self._state.get(f"mutant {self._ids[m]}") is not None for m in self._mutants)

    def survives(self, mutant: Mutant) -> bool:
        return self._before(mutant) is not None

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
        asked = vectors_for(mutant, self._reached)
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
        entries = [entry for entry, reach in self._reached if reach.places & places]
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
