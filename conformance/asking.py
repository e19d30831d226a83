"""Puts a mutant in place of the reference decoder, and asks vectors whether they notice."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from .mutants import MODULES, TABLES, Mutant, changed_table, changed_tree, source_of
from .noticed import heading
from .reach import PACKAGE, Reach, clear_caches, is_right
from .reference import conventions
from .state import entry_digest
from .suite import Entry

__all__ = ["LOADING", "Asked", "Judge", "Task", "noticed_by", "still_noticed", "vectors_for"]

SECONDS, TIMES = 1.0, 8  # of the processor for a vector, and so many times what it takes
FIRST_SECONDS = 3.0  # of a vector that is asked before it is known how long it takes
LOADING = "(loading)"  # in place of a vector: the mutant cannot even be loaded

Asked = list[tuple[Entry, Reach]]
Task = tuple[Mutant, frozenset[str], str]
"""A mutant, what was asked before, and what noticed the one of its name in another state of its
module; "" for nothing."""


class TooSlow(Exception):  # noqa: N818 - no error, but a mutant that was noticed
    """A mutant that does not come to an end."""


def stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


class LeftBehindError(Exception):
    """The reference is not what it was before a mutant: what follows could not be believed."""


def noticed_by(mutant: Mutant, asked: Asked) -> str:
    """The id of the first of these vectors that gets a wrong answer; "" if the mutant survives."""
    signal.signal(signal.SIGPROF, stop)
    loaded = False
    try:
        with _table(mutant) if mutant.module == TABLES else _module(mutant):
            loaded = True
            here = _first_wrong(asked)
    except Exception as error:
        if loaded:  # what was wrong then is not the mutant, but putting the reference back
            raise LeftBehindError(mutant.key) from error
        return LOADING
    if here is None:
        return ""
    if not is_right(here):
        raise LeftBehindError(f"{mutant.key}, by {here['id']}")
    return str(here["id"])


def _first_wrong(asked: Asked) -> Entry | None:
    """The clock stops before the reference is put back, which nothing may interrupt."""
    for entry, reach in asked:
        try:
            signal.setitimer(signal.ITIMER_PROF, SECONDS + TIMES * reach.seconds)
            if not is_right(entry):
                return entry
        except Exception:  # noqa: BLE001 - whatever a mutant raises, it was noticed
            return entry
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return None


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


@functools.cache
def _places(module: str) -> list[tuple[ModuleType, str]]:
    """Where the names of a module are: there, and in modules that import them from it."""
    found = []
    for name in MODULES:
        each = importlib.import_module(f"{PACKAGE}.{name}")
        if name == module:
            found += [(each, own) for own in vars(each)]
        for node in ast.parse(source_of(name).read_text("utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module == module:
                found += [(each, alias.asname or alias.name) for alias in node.names]
    return found


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
    places = [(each, name) for each, name in _places(mutant.module) if name in names]

    def put(which: int) -> None:
        for each, name in places:
            setattr(each, name, names[name][which])
        clear_caches(tables=mutant.module == "conventions")

    put(1)
    try:
        yield
    finally:
        put(0)


def still_noticed(task: tuple[Mutant, Entry | None]) -> bool:
    """Whether the vector that noticed a mutant before does; None: it could not be loaded."""
    mutant, entry = task
    if entry is None:
        return noticed_by(mutant, []) == LOADING

    def within(seconds: float) -> bool:
        plain = (seconds - SECONDS) / TIMES
        return noticed_by(mutant, [(entry, Reach(plain, frozenset(), frozenset()))]) != ""

    begin = time.process_time()
    told = within(FIRST_SECONDS)
    if time.process_time() - begin < FIRST_SECONDS or not told:
        return told
    begin = time.process_time()
    is_right(entry)
    longer = SECONDS + TIMES * (time.process_time() - begin)
    return longer <= FIRST_SECONDS or within(longer)


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
        places = [heading(mutant), mutant.module]
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
