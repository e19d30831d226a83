"""Records as JSON lines, and a cache of what the peers gave, so that a repeat is quick."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

Record = dict[str, Any]


def read_lines(paths: Iterable[str | Path]) -> list[Record]:
    """All records of JSON-lines files; `-` is the standard input."""
    records: list[Record] = []
    for path in paths:
        text = sys.stdin.read() if str(path) == "-" else Path(path).read_text()
        records += [json.loads(line) for line in text.splitlines() if line.strip()]
    return records


def emit(records: Iterator[Record], out: TextIO) -> None:
    """Write records as they come, a line each, so that an interrupted run leaves what it has."""
    for record in records:
        out.write(json.dumps(record) + "\n")
        out.flush()


def cache_folder() -> Path:
    """DCTZ_BENCHMARK_CACHE, else `dctz-benchmarks` in the user's cache folder."""
    given = os.environ.get("DCTZ_BENCHMARK_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "dctz-benchmarks"


class Cache:
    """Results kept by key in one JSON-lines file. The key names all that the result depends on."""

    def __init__(self, name: str) -> None:
        self._path = cache_folder() / f"{name}.jsonl"
        self._known: dict[str, Record] = {}
        if self._path.exists():
            for line in self._path.read_text().splitlines():
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue  # the last line of a run that was cut off
                self._known[entry["key"]] = entry["value"]

    def get(self, *key: object) -> Record | None:
        return self._known.get(json.dumps(key))

    def put(self, value: Record, *key: object) -> None:
        name = json.dumps(key)
        self._known[name] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a") as file:
            file.write(json.dumps({"key": name, "value": value}) + "\n")
