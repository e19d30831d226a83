"""What of the reference decoder each vector reaches, where it refuses, and how long it takes."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from . import reference as reference_package
from .in_process import Answer, outcome_of, reference
from .judge import judge
from .mutants import MODULES, TABLES, source_of
from .reference import conventions
from .reference.conventions import Damaged, NotDctz, Refusal
from .state import State, digest
from .suite import HERE, Entry

__all__ = ["PACKAGE", "Reach", "all_reached", "clear_caches", "is_right", "reached_by"]

PACKAGE = reference_package.__name__
FOLDER = str(HERE / "reference")
MONITORING: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on: a line costs once


@dataclass(frozen=True)
class Reach:
    """seconds: of the processor. places: (module, line) and (TABLES, file). refused: the lines that
    were being run when the file was refused.
    """

    seconds: float
    places: frozenset[tuple[str, int | str]]
    refused: frozenset[tuple[str, int]]


class _Noted:
    """The folder of tables; notes which files are asked for."""

    def __init__(self, folder: Path, names: set[str]) -> None:
        self._folder = folder
        self._names = names

    def __truediv__(self, name: str) -> Path:
        self._names.add(name)
        return self._folder / name


def is_right(entry: Entry) -> bool:
    """Its answer; of a refusal also the clause that it names, to which `author.make` holds it."""
    told = outcome_of(reference, entry, (Damaged, NotDctz), Refusal)
    named = told.exit == 0 or told.stderr.endswith(f"{entry['clauses'][0]})")
    return judge(entry, told) == "" and named


def clear_caches(*, tables: bool = True) -> None:
    """tables: also the integers of the table files."""
    for name in (*MODULES, "conventions"):
        module = importlib.import_module(f"{PACKAGE}.{name}")
        for key, value in list(vars(module).items()):
            if hasattr(value, "cache_clear") and (tables or key not in ("table", "table_rows")):
                value.cache_clear()


def _lines_of(run: Callable[[], object]) -> set[tuple[str, int]]:
    """The lines of the reference that `run` comes to, by file."""
    found: set[tuple[str, int]] = set()

    def on_line(code: Any, line: int) -> Any:
        if code.co_filename.startswith(FOLDER):
            found.add((code.co_filename, line))
        return MONITORING.DISABLE

    def on_traced_line(frame: FrameType, event: str, argument: Any) -> Any:
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return on_traced_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        return on_traced_line(frame, event, argument)

    if MONITORING is None:
        sys.settrace(on_call)
        try:
            run()
        finally:
            sys.settrace(None)
        return found
    tool, events = MONITORING.COVERAGE_ID, MONITORING.events
    MONITORING.use_tool_id(tool, __name__)
    try:
        MONITORING.register_callback(tool, events.LINE, on_line)
        MONITORING.restart_events()
        MONITORING.set_events(tool, events.LINE)
        run()
    finally:
        MONITORING.set_events(tool, 0)
        MONITORING.free_tool_id(tool)
    return found


def reached_by(entry: Entry) -> Reach:
    refused: set[tuple[str, int]] = set()
    tables: set[str] = set()
    kept = conventions.TABLES

    def decode(*given: Any) -> Answer:
        try:
            return reference(*given)
        except Refusal as error:
            trace = error.__traceback__
            while trace is not None:
                path = Path(trace.tb_frame.f_code.co_filename)
                refused.add((path.stem, trace.tb_lineno))
                trace = trace.tb_next
            raise

    clear_caches()
    conventions.TABLES = _Noted(kept, tables)  # type: ignore[assignment]
    begin = time.process_time()
    try:
        lines = _lines_of(lambda: outcome_of(decode, entry, (Damaged, NotDctz), Refusal))
    finally:
        seconds = time.process_time() - begin
        conventions.TABLES = kept
        clear_caches()
    places: set[tuple[str, int | str]] = {(Path(name).stem, line) for name, line in lines}
    places |= {(TABLES, name) for name in tables}
    return Reach(seconds, frozenset(places), frozenset(refused))


def _digests() -> dict[str, str]:
    found = {name: digest(source_of(name)) for name in MODULES}
    return found | {TABLES: digest(conventions.TABLES / "CHECKSUMS")}


def all_reached(
    entries: list[Entry], modules: tuple[str, ...], state: State, run: Callable[..., Any] = map
) -> list[tuple[Entry, Reach]]:
    """What each vector reaches of these modules, from the state where they are as they were.

    A change of one module hardly moves what vectors reach of another, and which they are asked
    first is all that depends on it.
    """
    now = _digests()
    keys = [f"reach {entry['id']} {entry['sha256'][:16]}" for entry in entries]

    def fresh(key: str) -> bool:
        value = state.get(key)
        return value is not None and all(value["of"].get(m) == now[m] for m in modules)

    missing = [i for i, key in enumerate(keys) if not fresh(key)]
    for i, reach in zip(missing, run(reached_by, [entries[i] for i in missing]), strict=True):
        places: dict[str, list[int | str]] = {}
        for module, place in sorted(reach.places, key=str):
            places.setdefault(module, []).append(place)
        state.put(
            keys[i],
            {
                "of": now,
                "seconds": round(reach.seconds, 4),
                "places": places,
                "refused": sorted(reach.refused),
            },
        )
    return [(entry, _from(state.get(key))) for entry, key in zip(entries, keys, strict=True)]


def _from(value: dict[str, Any]) -> Reach:
    places = frozenset((m, place) for m, found in value["places"].items() for place in found)
    return Reach(value["seconds"], places, frozenset((m, line) for m, line in value["refused"]))
