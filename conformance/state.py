"""What a long run found, kept in a file so that the next one goes on from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from .suite import Entry

__all__ = ["State", "digest", "entry_digest", "read_reasons"]


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

    def items(self) -> list[tuple[str, Any]]:
        return list(self._known.items())

    def get(self, key: str) -> Any:
        return self._known.get(key)

    def put(self, key: str, value: Any) -> None:
        self._known[key] = value
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, value]) + "\n")


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def entry_digest(entry: Entry) -> str:
    """Of what is asked and what is right: a vector that is changed is another."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode("ascii")).hexdigest()[:8]


def read_reasons(path: Path) -> dict[str, str]:
    """Reasons by key: lines `key => reason`; # begins a comment."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    pairs = [line.partition(" => ") for line in lines if line.strip() and line[0] != "#"]
    return {key.strip(): reason.strip() for key, _, reason in pairs}
