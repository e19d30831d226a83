"""Whether what a decoder did is the right answer to a vector. Clause `conformance.contract`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

EXITS = {"must": (0,), "may": (0, 2), "salvage": (0,), "refuse": (1,), "unsupported": (2,)}
"""The exit statuses that are right, by kind."""


@dataclass
class Outcome:
    """exit: the exit status; None: it had to be stopped. raw, meta: its files, None if missing."""

    exit: int | None
    raw: bytes | None = None
    meta: bytes | None = None
    strange_files: tuple[str, ...] = ()
    stderr: str = ""
    stderr_bytes: int = 0


def judge(entry: dict[str, Any], outcome: Outcome) -> str:
    """What is wrong, or "" for a pass."""
    if outcome.exit is None:
        return "time-out"
    if outcome.exit not in (0, 1, 2):
        return f"crash: exit status {outcome.exit}: {outcome.stderr}"
    if outcome.stderr_bytes > 1 << 20:
        return "crash: more than 1 MiB on stderr"
    wanted = EXITS[entry["kind"]]
    if outcome.exit not in wanted:
        told = " or ".join(map(str, wanted))
        return f"exit status {outcome.exit}, not {told}: {outcome.stderr}"
    if outcome.strange_files:
        return f"files nobody asked for: {', '.join(outcome.strange_files)}"
    if outcome.exit:
        return "samples of a refused file" if outcome.raw else ""
    return _samples(entry, outcome.raw) or _meta(entry, outcome.meta)


def _samples(entry: dict[str, Any], raw: bytes | None) -> str:
    if raw is None:
        return "no samples"
    total = sum(frame["bytes"] for frame in entry["frames"])
    if len(raw) != total:
        return f"{len(raw)} bytes of samples, not {total}"
    at = 0
    for i, frame in enumerate(entry["frames"]):
        part = raw[at : at + frame["bytes"]]
        at += frame["bytes"]
        if hashlib.sha256(part).hexdigest() != frame["sha256"]:
            return f"wrong samples in frame {i}"
    return ""


def _meta(entry: dict[str, Any], text: bytes | None) -> str:
    if text is None:
        return "no meta.json"
    try:
        meta = json.loads(text)
    except ValueError as error:
        return f"meta.json: {error}"
    if not isinstance(meta, dict):
        return "meta.json is no object"
    for key in sorted(entry["meta"].keys() | meta.keys()):
        if key not in meta or key not in entry["meta"]:
            return f"meta.json: {key} is {'missing' if key not in meta else 'unknown'}"
        told, wanted = (
            json.dumps(value, sort_keys=True) for value in (meta[key], entry["meta"][key])
        )
        if told != wanted:
            return f"meta.json: {key} is {told}, not {wanted}"
    return ""
