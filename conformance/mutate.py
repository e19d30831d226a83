"""Mutates the reference decoder and its tables, and asks whether the vectors notice.

    python -m conformance.mutate [--module NAME] [--every N] [--jobs N] [--state FILE]

A mutant changes one number by one, one comparison, one arithmetic operator, drops a `require`, a
`raise` or a clamp, or swaps two neighbours in a table. It meets the vectors that reach its line (or
read its table), the smallest first, until an answer is wrong. What no vector notices is printed,
with the reason that `conformance/survivors.txt` gives; one without a reason fails the run.

--state keeps what was found, a line for each mutant, and which vector reaches what: a run that was
stopped goes on where it was, and one after a change judges what the change concerns.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from . import reference as reference_package
from .in_process import outcome_of, reference
from .judge import judge
from .mutants import MODULES, TABLES, Mutant, changed_table, changed_tree, mutants_of, source_of
from .reference import conventions
from .reference.conventions import Damaged, NotDctz, Refusal
from .suite import HERE, MANIFEST, Entry, load

PACKAGE = reference_package.__name__
SURVIVORS = HERE / "survivors.txt"
SECONDS = 20  # for a vector
FIRST_VECTORS = 60  # of those that decode; the others are asked by what survived these
MOST_BYTES = 20000  # of samples: larger vectors are left out
LOADING = "(loading)"  # in place of a vector: the mutant cannot even be loaded

Reached = set[tuple[str, int | str]]
"""(module, line) and (TABLES, file) that a vector reaches."""


def reached_by(entry: Entry) -> Reached:
    """What of the reference a vector reaches."""
    found: set[tuple[str, int]] = set()
    tables: set[str] = set()
    folder = str(HERE / "reference")

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(folder):
            return None
        if code.co_name == "table":
            tables.add(frame.f_locals["name"])
        found.add((code.co_filename, frame.f_lineno))
        return on_line

    clear_caches()
    sys.settrace(on_call)
    try:
        is_right(entry)
    finally:
        sys.settrace(None)
    lines: Reached = {(Path(name).stem, line) for name, line in found}
    return lines | {(TABLES, name) for name in tables}


def is_right(entry: Entry) -> bool:
    return judge(entry, outcome_of(reference, entry, (Damaged, NotDctz), Refusal)) == ""


class TooSlow(Exception):  # noqa: N818 - no error, but a mutant that was noticed
    """A mutant that does not come to an end."""


def stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def clear_caches() -> None:
    for name in MODULES:
        module = importlib.import_module(f"{PACKAGE}.{name}")
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def noticed_by(mutant: Mutant, entries: list[Entry]) -> str:
    """The id of the first of these vectors that gets a wrong answer; "" if the mutant survives."""
    signal.signal(signal.SIGALRM, stop)
    asked = LOADING
    try:
        with _table(mutant) if mutant.module == TABLES else _module(mutant):
            for entry in entries:
                asked = str(entry["id"])
                signal.alarm(SECONDS)
                if not is_right(entry):
                    return asked
            return ""
    except Exception:  # noqa: BLE001 - whatever a mutant raises, it was noticed
        return asked
    finally:
        signal.alarm(0)


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
    modules = [importlib.import_module(f"{PACKAGE}.{name}") for name in (*MODULES, "decode")]

    def put(which: int) -> None:
        for each in modules:
            for name, pair in names.items():
                if name in vars(each) and vars(each)[name] is pair[1 - which]:
                    setattr(each, name, pair[which])
        clear_caches()

    put(1)
    try:
        yield
    finally:
        put(0)


def samples_of(entry: Entry) -> int:
    """Bytes of samples; refusals count as 100."""
    return sum(frame["bytes"] for frame in entry.get("frames", [{"bytes": 100}]))


class State:
    """What was found before, in a file of JSON lines; None: nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Any] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                try:
                    key, value = json.loads(line)
                except ValueError:
                    continue  # the run was stopped inside this line
                self._known[key] = value

    def get(self, key: str) -> Any:
        return self._known.get(key)

    def put(self, key: str, value: Any) -> None:
        self._known[key] = value
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, value]) + "\n")


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _reference_digest() -> str:
    return digest(*map(source_of, (*MODULES, "decode")), conventions.TABLES / "CHECKSUMS")


def _reached_listed(entry: Entry) -> list[list[int | str]]:
    return sorted(([*each] for each in reached_by(entry)), key=str)


def all_reached(
    entries: list[Entry], state: State, pool: ProcessPoolExecutor
) -> list[tuple[Entry, Reached]]:
    """What each vector reaches; known ones from the state."""
    now = _reference_digest()
    keys = [f"reached {entry['id']} {entry['sha256'][:16]} {now}" for entry in entries]
    missing = [i for i, key in enumerate(keys) if state.get(key) is None]
    for i, found in zip(
        missing, pool.map(_reached_listed, [entries[i] for i in missing]), strict=True
    ):
        state.put(keys[i], found)
    return [
        (entry, {(name, line) for name, line in state.get(key)})
        for entry, key in zip(entries, keys, strict=True)
    ]


def vectors_for(mutant: Mutant, reached: list[tuple[Entry, Reached]]) -> list[Entry]:
    """Those that reach it: the smallest, some spread over the others, refusals, then the rest."""
    place = (TABLES, mutant.table) if mutant.table else (mutant.module, mutant.line)
    chosen = [entry for entry, lines in reached if place in lines]
    if not chosen:  # lines of definitions run when a module is loaded
        chosen = [entry for entry, _ in reached]
    decoded = [entry for entry in chosen if "frames" in entry]
    refused = [entry for entry in chosen if "frames" not in entry]
    half = FIRST_VECTORS // 2
    small, others = decoded[:half], decoded[half:]
    spread = others[:: -(-len(others) // half)] if others else []
    rest = [entry for entry in others if entry not in spread]
    return [*small, *spread, *refused, *rest]


def judge_mutant(task: tuple[Mutant, list[Entry]]) -> str:
    return noticed_by(*task)


def read_survivors(path: Path = SURVIVORS) -> dict[str, str]:
    """Reasons by key: lines `key => reason`; # begins a comment."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    pairs = [line.partition(" => ") for line in lines if line.strip() and line[0] != "#"]
    return {key.strip(): reason.strip() for key, _, reason in pairs}


def main(arguments: list[str] | None = None) -> int:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutate",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--module", action="append", choices=(*MODULES, TABLES))
    parser.add_argument("--every", type=int, default=1, help="only each N-th mutant")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--state", type=Path, help="file to go on from, made where there is none")
    given = parser.parse_args(arguments)
    names = given.module or (*MODULES, TABLES)
    mutants = [m for name in names for m in mutants_of(name, conventions.TABLES)][:: given.every]
    entries = sorted((e for e in load() if samples_of(e) <= MOST_BYTES), key=samples_of)
    state = State(given.state)
    with ProcessPoolExecutor(given.jobs) as pool:
        reached = all_reached(entries, state, pool)
        alive = _judge_all(mutants, reached, state, pool)
    return _tell(mutants, alive, whole=given.every == 1 and not given.module)


def _judge_all(
    mutants: list[Mutant],
    reached: list[tuple[Entry, Reached]],
    state: State,
    pool: ProcessPoolExecutor,
) -> dict[Mutant, bool]:
    """Whether each mutant survives.

    One that was noticed stays so while its module, or table, and that vector are the same; one that
    survived is asked again when the suite changes.
    """
    files = {m: conventions.TABLES / m.table if m.table else source_of(m.module) for m in mutants}
    digests = {path: digest(path) for path in set(files.values())}
    ids = {m: f"mutant {digests[files[m]]} {m.key}" for m in mutants}
    suite = digest(MANIFEST)
    now = {entry["id"]: entry_digest(entry) for entry, _ in reached} | {"": suite, LOADING: ""}

    def known(mutant: Mutant) -> bool:
        killer, then = state.get(ids[mutant]) or ("", "")
        return killer in now and now[killer] == then

    open_ones = [m for m in mutants if not known(m)]
    print(f"{len(mutants)} mutants, {len(mutants) - len(open_ones)} judged before", flush=True)
    tasks = ((m, vectors_for(m, reached)) for m in open_ones)
    for done, (mutant, killer) in enumerate(
        zip(open_ones, pool.map(judge_mutant, tasks), strict=True), start=1
    ):
        state.put(ids[mutant], [killer, now[killer]])
        if done % 200 == 0:
            print(f"... {done} of {len(open_ones)}", flush=True)
    return {m: state.get(ids[m])[0] == "" for m in mutants}


def entry_digest(entry: Entry) -> str:
    """Of what is asked and what is right: a vector that is changed is another."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode("ascii")).hexdigest()[:16]


def _tell(mutants: list[Mutant], alive: dict[Mutant, bool], *, whole: bool) -> int:
    reasons = read_survivors()
    unexplained = 0
    for mutant in mutants:
        if alive[mutant]:
            reason = reasons.get(mutant.key)
            unexplained += reason is None
            place = mutant.table or f"{mutant.module}.py:{mutant.line}"
            print(f"survived: {place}: {mutant.key} => {reason or 'NO REASON'}")
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
